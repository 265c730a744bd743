//! The TCP connections beneath everything: whoever does not read costs little and is given up after a while, whatever
//! travels on them.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Bytes that the kernel takes in beyond what it can send at once. Left to itself it takes in 2.8 to 3.9 MB for a
    /// client that does not read (measured on Linux 6.18); with this, 12 KB, and up to 64 KB for one that announces a
    /// large window. Only what is unsent counts, so that a fast connection stays fast over any distance, which a
    /// small send buffer would not allow.
    pub unsent: u32,
    /// A connection is given up when the kernel has taken nothing of a write for this long. Readers with large windows
    /// make room for 64 to 112 KB at a time, which is when a server sees that they read: after less than this, one
    /// that reads 1 KB a second would be taken for one that stopped. `TCP_USER_TIMEOUT` does not do: with windows
    /// smaller than what waits it also ends connections that make progress.
    pub stall: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { unsent: 8 * 1024, stall: Duration::from_mins(2) }
    }
}

/// Whoever connected.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Accepts connections and sets them up.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    policy: Policy,
}

impl Listener {
    pub fn new(listener: TcpListener, policy: Policy) -> Self {
        Self { listener, policy }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The library's own waits when there are too many open files.
        let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
        prepare(&stream, &self.policy);
        (Connection { stream, stall: self.policy.stall, stalled: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Sets the options. What a platform lacks is left out: it costs memory there, and nothing else.
fn prepare(stream: &TcpStream, policy: &Policy) {
    // Tokens are small: each should leave when it is written.
    let mut result = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        result = result.and_then(|()| SockRef::from(stream).set_tcp_notsent_lowat(policy.unsent));
    }
    if let Err(error) = result {
        tracing::debug!(%error, "the options of a connection were not set");
    }
}

/// A connection that fails when a write stalls.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    stall: Duration,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stall = self.stall;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(stall))).as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
