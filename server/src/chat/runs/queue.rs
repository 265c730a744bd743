//! The queue of a room: its runs have their turns one after the other, in the order in which they were queued, also when
//! they are runs of different processes. Waiting takes no place among those that ask the model.

use app::protocol::{MessageId, RoomId};

use super::{Halt, Shared};

impl Shared {
    /// Waits until no run of the room comes before this one. True: it had to.
    ///
    /// One of this process tells when it leaves. One of another process is looked for from time to time.
    pub(super) async fn turn(&self, room: RoomId, message: MessageId) -> Result<bool, Halt> {
        let mut has_waited = false;
        while let Some(before) = self.store.run_before(room, message).await? {
            has_waited = true;
            let gone = self.active().get(&before).map(|active| active.signals.gone.clone());
            let ended = async {
                match gone {
                    Some(gone) => gone.cancelled().await,
                    None => tokio::time::sleep(self.policy.turn_every).await,
                }
            };
            tokio::select! {
                biased;
                () = self.draining.cancelled() => return Err(Halt::Left),
                () = ended => {}
            }
        }
        Ok(has_waited)
    }
}
