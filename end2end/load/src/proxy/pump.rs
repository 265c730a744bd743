//! One direction of one connection: bytes in, and out again as late and as small as the weather asks.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Direction, Fault, Weather};

/// Bytes read at once, and pieces that may wait: a direction holds a quarter of a megabyte at most.
const PIECE: usize = 16 * 1024;
const WAITING: usize = 16;
const SLICE: usize = 64;
/// Between two slices, so that they do not become one segment again.
const SLICE_PAUSE: Duration = Duration::from_micros(100);
/// Between two slices of a link with 8 KB/s.
const SLOW_PAUSE: Duration = Duration::from_micros(7_812);

/// Carries one direction to its end, and says when it broke. `life`: bytes that it carries before it is cut.
pub(super) async fn pump(
    direction: Direction,
    number: u64,
    life: Option<u64>,
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
) -> io::Result<()> {
    let (pieces, waiting) = channel(WAITING);
    let write = Writer { direction, number, life, weather }.write(to, waiting);
    tokio::try_join!(read(from, pieces), write)?;
    Ok(())
}

async fn read(from: &mut OwnedReadHalf, pieces: Sender<(Instant, Vec<u8>)>) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let piece = (Instant::now(), buffer[..length].to_vec());
        pieces.send(piece).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
    }
}

struct Writer {
    direction: Direction,
    number: u64,
    life: Option<u64>,
    weather: watch::Receiver<Weather>,
}

impl Writer {
    async fn write(
        mut self,
        to: &mut OwnedWriteHalf,
        mut pieces: Receiver<(Instant, Vec<u8>)>,
    ) -> io::Result<()> {
        while let Some((read_at, piece)) = pieces.recv().await {
            if let Fault::Delay(delay) = self.passable().await {
                tokio::time::sleep_until(read_at + delay).await;
            }
            let mut rest = &piece[..];
            while !rest.is_empty() {
                // The weather may change within a piece.
                let (size, pause) = match self.passable().await {
                    Fault::Slices => (SLICE, SLICE_PAUSE),
                    Fault::Slow => (SLICE, SLOW_PAUSE),
                    _ => (rest.len(), Duration::ZERO),
                };
                let (now, later) = rest.split_at(size.min(rest.len()));
                self.spend(now.len())?;
                to.write_all(now).await?;
                rest = later;
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
        }
        self.passable().await;
        to.shutdown().await
    }

    /// Waits until bytes may pass, and says under what.
    async fn passable(&mut self) -> Fault {
        let (direction, number) = (self.direction, self.number);
        let passes = |weather: &Weather| weather.forgotten < number && !weather.fault.stops(direction);
        let fault = self.weather.wait_for(passes).await.map(|weather| weather.fault);
        match fault {
            Ok(fault) => fault,
            // The proxy is gone, and cuts what it carried.
            Err(_) => std::future::pending().await,
        }
    }

    fn spend(&mut self, bytes: usize) -> io::Result<()> {
        if let Some(life) = &mut self.life {
            *life = life.checked_sub(bytes as u64).ok_or(io::ErrorKind::ConnectionReset)?;
        }
        Ok(())
    }
}
