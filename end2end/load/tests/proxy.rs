//! Every fault of the proxy does what it says: seen from both ends of a connection through it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use load::{Direction, Fault, Mortality, Proxy, Random};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// Far longer than anything takes that should happen.
const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough for anything to show up that should not happen.
const QUIET: Duration = Duration::from_millis(100);

struct World {
    proxy: Proxy,
    listener: TcpListener,
}

/// Both ends of one connection through the proxy.
struct Pair {
    client: TcpStream,
    server: TcpStream,
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap()).await.unwrap();
        Self { proxy, listener }
    }

    async fn pair(&self) -> Pair {
        let client = TcpStream::connect(self.proxy.address()).await.unwrap();
        let (server, _) = timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap();
        let mut pair = Pair { client, server };
        pair.passes_both_ways().await;
        pair
    }
}

async fn arrives(from: &mut TcpStream, to: &mut TcpStream, bytes: &[u8]) {
    from.write_all(bytes).await.unwrap();
    let mut got = vec![0; bytes.len()];
    timeout(PATIENCE, to.read_exact(&mut got)).await.expect("it arrives").unwrap();
    assert_eq!(got, bytes);
}

async fn is_silent(stream: &mut TcpStream) {
    assert!(timeout(QUIET, stream.read(&mut [0; 1])).await.is_err(), "nothing may come");
}

async fn is_reset(stream: &mut TcpStream) {
    let end = timeout(PATIENCE, stream.read(&mut [0; 1])).await.expect("an end");
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

impl Pair {
    async fn passes_both_ways(&mut self) {
        arrives(&mut self.client, &mut self.server, b"up").await;
        arrives(&mut self.server, &mut self.client, b"down").await;
    }
}

#[tokio::test]
async fn it_carries_every_byte_and_the_end() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let send = async {
        pair.client.write_all(&bytes).await.unwrap();
        pair.client.shutdown().await.unwrap();
    };
    let mut got = Vec::new();
    let receive = async { timeout(PATIENCE, pair.server.read_to_end(&mut got)).await.unwrap().unwrap() };
    tokio::join!(send, receive);
    assert!(got == bytes);
    // The other direction goes on.
    arrives(&mut pair.server, &mut pair.client, b"answer").await;
}

#[tokio::test]
async fn a_cut_resets_both_ends_and_new_connections_are_welcome() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.cut();
    is_reset(&mut pair.client).await;
    is_reset(&mut pair.server).await;
    world.pair().await;
    assert_eq!(world.proxy.accepted(), 2);
}

#[tokio::test]
async fn a_blackhole_holds_everything_back_until_it_is_lifted() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.set(Fault::Blackhole);
    pair.client.write_all(b"up").await.unwrap();
    pair.server.write_all(b"down").await.unwrap();
    is_silent(&mut pair.server).await;
    is_silent(&mut pair.client).await;
    world.proxy.set(Fault::None);
    let mut got = [0; 2];
    timeout(PATIENCE, pair.server.read_exact(&mut got)).await.unwrap().unwrap();
    assert_eq!(&got, b"up");
}

#[tokio::test]
async fn a_half_open_connection_is_silent_in_one_direction_only() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.set(Fault::HalfOpen(Direction::Down));
    pair.server.write_all(b"down").await.unwrap();
    arrives(&mut pair.client, &mut pair.server, b"up").await;
    is_silent(&mut pair.client).await;
    world.proxy.set(Fault::HalfOpen(Direction::Up));
    let mut got = [0; 4];
    timeout(PATIENCE, pair.client.read_exact(&mut got)).await.unwrap().unwrap();
    pair.client.write_all(b"up").await.unwrap();
    is_silent(&mut pair.server).await;
}

#[tokio::test]
async fn a_forgotten_connection_is_silent_for_good_and_new_ones_are_not() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.forget();
    pair.client.write_all(b"up").await.unwrap();
    pair.server.write_all(b"down").await.unwrap();
    world.pair().await;
    world.proxy.set(Fault::None);
    is_silent(&mut pair.client).await;
    is_silent(&mut pair.server).await;
}

#[tokio::test]
async fn a_delay_makes_everything_late_and_nothing_slow() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    let delay = Duration::from_millis(150);
    world.proxy.set(Fault::Delay(delay));
    let began = Instant::now();
    // Ten pieces travel together: the delay is not paid for each.
    for _ in 0..10 {
        pair.client.write_all(b"piece").await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut got = [0; 50];
    timeout(PATIENCE, pair.server.read_exact(&mut got)).await.unwrap().unwrap();
    let took = began.elapsed();
    assert!(took >= delay && took < delay * 5, "{took:?}");
}

#[tokio::test]
async fn slices_are_small_and_complete() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.set(Fault::Slices);
    let bytes = vec![7; 6_400];
    pair.client.write_all(&bytes).await.unwrap();
    let (mut total, mut reads, mut first) = (0, 0, 0);
    let mut buffer = [0; 4096];
    while total < bytes.len() {
        let length = timeout(PATIENCE, pair.server.read(&mut buffer)).await.unwrap().unwrap();
        first = if reads == 0 { length } else { first };
        (total, reads) = (total + length, reads + 1);
    }
    // A reader that is late finds several at once; all of them never.
    assert!(total == bytes.len() && reads > 2 && first < bytes.len(), "{reads} reads, {first} bytes first");
}

#[tokio::test]
async fn a_slow_link_carries_8_kilobytes_a_second() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.set(Fault::Slow);
    let began = Instant::now();
    arrives(&mut pair.client, &mut pair.server, &[1; 4 * 1024]).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(450), "4 KB took {took:?}");
}

#[tokio::test]
async fn refused_connections_are_reset_and_open_ones_go_on() {
    let world = World::new().await;
    let mut pair = world.pair().await;
    world.proxy.set(Fault::Refuse);
    let mut refused = TcpStream::connect(world.proxy.address()).await.unwrap();
    is_reset(&mut refused).await;
    pair.passes_both_ways().await;
    world.proxy.set(Fault::None);
    world.pair().await;
}

#[tokio::test]
async fn mortal_connections_die_of_what_they_carry() {
    let world = World::new().await;
    world.proxy.set_mortality(Some(Mortality { one_in: 1, most_bytes: 1_000, random: Random::new(7) }));
    let client = TcpStream::connect(world.proxy.address()).await.unwrap();
    let (mut server, _) = timeout(PATIENCE, world.listener.accept()).await.unwrap().unwrap();
    server.write_all(&[1; 1_000]).await.unwrap();
    is_reset(&mut server).await;
    drop(client);
    world.proxy.set_mortality(None);
    world.pair().await;
}
