//! A viewer in the chaos: a native client on a way of its own, and the checks that every phase makes of what it shows.

use app::client::Transport;
use app::protocol::{Message, RoomId};
use load::{Account, NativeClient, Options, Proxy, Random, Result, Visitor};

use super::Chaos;
use super::tally::Tally;
use crate::stage::patiently;

#[derive(Debug)]
pub(super) struct Viewer {
    pub(super) client: NativeClient,
    /// The same person, past the proxy.
    pub(super) account: Account,
    pub(super) proxy: Proxy,
}

impl Viewer {
    pub(super) async fn start(
        chaos: &Chaos,
        worker: usize,
        transport: Transport,
        random: &mut Random,
    ) -> Result<Self> {
        let account = chaos.stage.account(worker)?.clone();
        let proxy = Proxy::start(chaos.stage.server.address).await?;
        let by_proxy = account.by(&Visitor::new(proxy.address())?);
        let options = Options::hasty(random.bits()).transport(transport);
        let client = NativeClient::start(&by_proxy, options).await;
        Ok(Self { client, account, proxy })
    }

    /// Compares what the viewer shows of a room with what a newcomer would be shown, and every byte with what was
    /// shown before. Both must be at rest.
    pub(super) async fn check(&mut self, room: RoomId, place: &str, tally: &Tally) -> Result<()> {
        let fresh = patiently(|| self.account.room(room)).await;
        let fresh = fresh.map_err(|failure| format!("{place}: a snapshot could not be had: {failure:?}"))?;
        let mut shown: Vec<Message> = Vec::new();
        if let Some(timeline) = self.client.client.room(room) {
            // Also of branches that are not shown.
            timeline.messages().for_each(|message| self.client.ledger.compare(message));
            shown.extend(timeline.path().into_iter().cloned());
            let versions = shown.iter().map(|message| timeline.versions(message.id));
            let versions: Vec<_> = versions.filter(|versions| !versions.is_empty()).collect();
            if versions != fresh.versions {
                tally.lost(
                    place,
                    &format!("the versions {versions:?} are {:?} for a newcomer", fresh.versions),
                );
            }
        }
        tally.found(place, self.client.ledger.take_findings());
        if let Some(what) = difference(&shown, &fresh.messages) {
            tally.lost(place, &what);
        }
        Ok(())
    }
}

/// The first difference between what a viewer holds and what a newcomer gets.
fn difference(held: &[Message], fresh: &[Message]) -> Option<String> {
    if held.len() != fresh.len() {
        return Some(format!("the viewer has {} messages, a newcomer {}", held.len(), fresh.len()));
    }
    let (held, fresh) = held.iter().zip(fresh).find(|(held, fresh)| held != fresh)?;
    let field = if held.id != fresh.id {
        "identifier"
    } else if held.text != fresh.text {
        "text"
    } else if held.thinking != fresh.thinking {
        "thinking"
    } else if held.run != fresh.run {
        return Some(format!("message {}: run {:?}, of a newcomer {:?}", held.id, held.run, fresh.run));
    } else {
        "head"
    };
    Some(format!("message {} has another {field} than a newcomer's", held.id))
}
