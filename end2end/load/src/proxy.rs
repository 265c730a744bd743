//! A TCP proxy that breaks connections the way networks do. It knows nothing of HTTP; a tool puts it between a client
//! and the server, or between the server and the model, and tells it what the weather is.
//!
//! A fault holds for all connections of the proxy, so whoever should suffer alone gets a proxy of its own.

mod pump;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Random;
use pump::pump;

/// A way through the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From who connects to who listens.
    Up,
    Down,
}

/// What is wrong at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Nothing passes, in either direction, and nobody is told. What was held back arrives when it is over, as TCP
    /// sends again what was lost.
    Blackhole,
    /// Nothing passes in this direction.
    HalfOpen(Direction),
    /// Everything takes this much longer.
    Delay(Duration),
    /// Everything arrives in pieces of 64 bytes.
    Slices,
    /// 8 KB/s in each direction of each connection.
    Slow,
    /// New connections are reset at once; those that are open go on.
    Refuse,
}

impl Fault {
    fn stops(self, direction: Direction) -> bool {
        match self {
            Self::Blackhole => true,
            Self::HalfOpen(stopped) => stopped == direction,
            Self::None | Self::Delay(_) | Self::Slices | Self::Slow | Self::Refuse => false,
        }
    }
}

/// What every connection looks at.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    fault: Fault,
    /// Connections with a number up to this one are reset.
    cut: u64,
    /// Connections with a number up to this one never carry a byte again, and nobody is told: a router forgot them.
    forgotten: u64,
}

#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    weather: watch::Sender<Weather>,
    accepted: AtomicU64,
    open: AtomicUsize,
    mortality: Mutex<Option<Mortality>>,
}

/// Connections that die by themselves, for a link whose connections nobody can tell apart.
#[derive(Clone, Debug)]
pub struct Mortality {
    /// One in so many connections dies.
    pub one_in: u64,
    /// After at most this many bytes from the target.
    pub most_bytes: u64,
    pub random: Random,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

impl Proxy {
    /// A proxy on a free loopback port before `target`.
    pub async fn start(target: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            weather: watch::Sender::new(Weather::default()),
            accepted: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            mortality: Mutex::default(),
        });
        let task = tokio::spawn(shared.clone().accept(listener));
        Ok(Self { address, shared, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that were accepted so far, the refused ones included.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// The weather from now on.
    pub fn set(&self, fault: Fault) {
        self.shared.weather.send_modify(|weather| weather.fault = fault);
    }

    /// From now on, some new connections die by themselves, or none.
    pub fn set_mortality(&self, mortality: Option<Mortality>) {
        *self.shared.mortality() = mortality;
    }

    /// Resets every open connection at once; new ones are welcome.
    pub fn cut(&self) {
        let all = self.accepted();
        self.shared.weather.send_modify(|weather| weather.cut = all);
    }

    /// Silences every open connection for good; new ones are welcome.
    pub fn forget(&self) {
        let all = self.accepted();
        self.shared.weather.send_modify(|weather| weather.forgotten = all);
    }
}

impl Shared {
    fn mortality(&self) -> MutexGuard<'_, Option<Mortality>> {
        self.mortality.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            let Ok((client, _)) = listener.accept().await else {
                // Out of files, most likely; some will close.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let number = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
            if self.weather.borrow().fault == Fault::Refuse {
                _ = client.set_zero_linger();
                continue;
            }
            let shared = self.clone();
            tokio::spawn(async move {
                shared.open.fetch_add(1, Ordering::Relaxed);
                shared.carry(client, number).await;
                shared.open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    /// One connection, until it is cut or both sides have ended.
    async fn carry(&self, client: TcpStream, number: u64) {
        let Ok(server) = TcpStream::connect(self.target).await else {
            _ = client.set_zero_linger();
            return;
        };
        for stream in [&client, &server] {
            _ = stream.set_nodelay(true);
        }
        let life = self.mortality().as_ref().and_then(|mortality| {
            let mut random = mortality.random.part(number);
            random.once_in(mortality.one_in).then(|| random.below(mortality.most_bytes))
        });
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let weather = || self.weather.subscribe();
        let ends = async {
            let up = pump(Direction::Up, number, None, &mut from_client, &mut to_server, weather());
            let down = pump(Direction::Down, number, life, &mut from_server, &mut to_client, weather());
            tokio::try_join!(up, down)
        };
        let mut watched = weather();
        let is_broken = tokio::select! {
            ends = ends => ends.is_err(),
            _ = watched.wait_for(|weather| weather.cut >= number) => true,
        };
        if is_broken {
            for stream in [from_client.as_ref(), from_server.as_ref()] {
                _ = stream.set_zero_linger();
            }
            // Dropped, they would say goodbye before the reset.
            to_client.forget();
            to_server.forget();
        }
    }
}
