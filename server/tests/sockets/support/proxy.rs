//! A stretch of network between a client and the server that fails when it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to bytes on their way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Fine,
    /// They vanish, and nobody is told.
    Lost,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    weather: watch::Sender<Weather>,
    /// Bytes until everything breaks.
    left: watch::Sender<Option<usize>>,
    /// Raised to break every connection.
    cuts: watch::Sender<u64>,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            weather: watch::Sender::new(Weather::Fine),
            left: watch::Sender::new(None),
            cuts: watch::Sender::new(0),
        });
        let for_ever = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, for_ever.clone()));
            }
        });
        Self { address, shared, task }
    }

    /// Breaks every connection now.
    pub(crate) fn cut(&self) {
        self.shared.cuts.send_modify(|count| *count += 1);
    }

    /// Breaks every connection after so many more bytes to the client, wherever in a frame that is.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.shared.left.send_replace(Some(bytes));
    }

    /// Nothing reaches the client any more, while the server hears everything.
    pub(crate) fn lose_answers(&self) {
        self.shared.weather.send_replace(Weather::Lost);
    }

    /// For connections from now on.
    pub(crate) fn mend(&self) {
        self.shared.weather.send_replace(Weather::Fine);
        self.shared.left.send_replace(None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let up = tokio::io::copy(&mut from_client, &mut to_server);
        let down = async {
            let mut buffer = [0; 1024];
            loop {
                let Ok(read @ 1..) = from_server.read(&mut buffer).await else { return };
                if *shared.weather.borrow() == Weather::Lost {
                    continue;
                }
                let mut allowed = read;
                let mut is_over = false;
                shared.left.send_if_modified(|left| {
                    if let Some(left) = left {
                        allowed = read.min(*left);
                        *left -= allowed;
                        is_over = *left == 0;
                    }
                    false
                });
                if to_client.write_all(&buffer[..allowed]).await.is_err() {
                    return;
                }
                if is_over {
                    shared.cuts.send_modify(|count| *count += 1);
                }
            }
        };
        tokio::select! {
            _ = up => {}
            () = down => {}
            _ = cuts.changed() => {}
        }
    }
    // Breaks instead of ending politely.
    for stream in [&client, &server] {
        _ = stream.set_zero_linger();
    }
}
