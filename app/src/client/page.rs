//! Which stretch of a room is to be fetched.

use crate::protocol::{MessageId, RoomId, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The end of the log.
    Newest,
    Before(MessageId),
    After(MessageId),
    Around(MessageId),
    /// Around the first message that lies beyond this place of the log: the first unread one.
    Beyond(u64),
    /// Around the first message from this time on.
    Date(Timestamp),
}

impl Page {
    /// Where the server has it.
    pub fn address(self, room: RoomId) -> String {
        let address = format!("/api/room?room={room}");
        match self {
            Self::Newest => address,
            Self::Before(message) => format!("{address}&before={message}"),
            Self::After(message) => format!("{address}&after={message}"),
            Self::Around(message) => format!("{address}&around={message}"),
            Self::Beyond(seq) => format!("{address}&seq={seq}"),
            Self::Date(date) => format!("{address}&date={date}"),
        }
    }
}
