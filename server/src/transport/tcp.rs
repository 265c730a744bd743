//! What every accepted TCP connection is set to, so that whoever does not read costs little, whatever travels on it.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Bytes that the kernel takes in beyond what it can send at once. Left to itself it takes in 2.8 to 3.9 MB for a
    /// client that does not read (measured on Linux 6.18); with this, 12 KB, and up to 64 KB for one that announces a
    /// large window. Only what is unsent counts, so that a fast connection stays fast over any distance, which a
    /// small send buffer would not allow.
    pub unsent: u32,
    /// The kernel gives a connection up when its peer has taken nothing for this long, although there was something
    /// to take: the only sign of a dead peer on transports without a ping, and the end of a reader that stopped.
    pub stall: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        // Longer than a phone is between two networks; a client gives up after 35 s itself.
        Self { unsent: 8 * 1024, stall: Duration::from_secs(30) }
    }
}

/// Sets the options. What a platform lacks is left out: it costs memory there, and nothing else.
pub fn prepare(stream: &TcpStream, policy: &Policy) {
    // Tokens are small: each should leave when it is written.
    let mut result = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        let socket = SockRef::from(stream);
        result = result
            .and_then(|()| socket.set_tcp_notsent_lowat(policy.unsent))
            .and_then(|()| socket.set_tcp_user_timeout(Some(policy.stall)));
    }
    if let Err(error) = result {
        tracing::debug!(%error, "the options of a connection were not set");
    }
}
