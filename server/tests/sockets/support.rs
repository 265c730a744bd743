//! A server to test, and clients for it: plain HTTP, a raw socket, and the whole client of the browser.

#[path = "support/client.rs"]
mod client;
#[path = "support/http.rs"]
mod http;
#[path = "support/member.rs"]
mod member;
#[path = "support/person.rs"]
mod person;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/server.rs"]
mod server;
#[path = "support/socket.rs"]
mod socket;
#[path = "support/transcript.rs"]
mod transcript;

use std::future::Future;
use std::time::Duration;

use app::protocol::{CommandId, MessageId, RoomId};

pub(crate) use client::FullClient;
pub(crate) use http::{Account, Answer, Visitor, hello};
pub(crate) use member::{Ending, Member, Transport};
pub(crate) use person::Person;
pub(crate) use proxy::Proxy;
pub(crate) use server::{Setup, TestServer};
pub(crate) use socket::{End, Socket};
pub(crate) use transcript::Transcript;

/// The longest that any test waits for anything that should happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Waits for something that must happen, and says what did not.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}

/// Asks again and again until the answer is there.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    soon(what, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
}

pub(crate) fn new_command() -> CommandId {
    CommandId(uuid::Uuid::new_v4())
}

pub(crate) fn new_room() -> RoomId {
    RoomId(uuid::Uuid::new_v4())
}

/// The message that a `chat:message` makes has the identifier of its command.
pub(crate) fn message_of(command: CommandId) -> MessageId {
    MessageId(command.0)
}
