//! Close codes that tell the client what to do: 4000-4399 reconnect with backoff, 4400-4499 get a new ticket and
//! reconnect once, 4500-4999 stop. Codes that a side does not know follow their range.

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseAction {
    /// Reconnect after the backoff's delay, or after the server's hint.
    Reconnect,
    /// Reconnect at once with a new ticket; if that fails the same way, ask to sign in.
    NewTicket,
    /// Do not reconnect by itself.
    Stop,
}

macro_rules! close_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $meaning:literal;)*) => {
        /// Why the server closes a connection.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CloseCode {
            $($(#[$doc])* $variant,)*
        }

        impl CloseCode {
            /// Every code, in the order of `PROTOCOL.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number on the wire (RFC 6455, section 7.4).
            pub fn code(self) -> u16 {
                match self { $(Self::$variant => $code,)* }
            }

            /// One sentence, below the 123 bytes that a close frame can carry; the table of `PROTOCOL.md`.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

close_codes! {
    /// Nothing fits better.
    Retry = 4000, "Something went wrong here; reconnect.";
    /// The connection's place in a log can't be served any more.
    PositionLost = 4003, "The place in a log was lost; reconnect and load a snapshot.";
    /// The network did not take what was written in time.
    TooSlow = 4008, "The connection is too slow; reconnect.";
    /// No pong within 10 s of a ping.
    NoPong = 4012, "The connection did not answer a ping; reconnect.";
    /// `hello` did not come in time.
    NoHello = 4013, "The first frame did not arrive in time; reconnect.";
    /// The limits were passed again and again.
    RateLimited = 4029, "Too many commands; reconnect later.";
    /// The server is going away; the hint says when to come back.
    Drain = 4100, "The server is restarting; reconnect when the hint says.";
    /// Unknown, used or expired.
    BadTicket = 4400, "The ticket is unknown, used or expired; get a new one.";
    /// A frame that no correct client sends.
    BadProtocol = 4500, "A frame broke the protocol.";
    /// More connections than one user may hold.
    TooManyConnections = 4509, "Too many connections of this account; close another tab.";
    /// The session behind the connection has ended: no new ticket would be given.
    SessionEnded = 4510, "The session has ended; sign in again.";
    /// The client speaks another version of the protocol.
    OldVersion = 4526, "This page is of another version; reload it.";
}

impl CloseCode {
    /// What a client does after `code`; `None` stands for a connection that ended without one.
    pub fn action(code: Option<u16>) -> CloseAction {
        match code {
            Some(4400..=4499) => CloseAction::NewTicket,
            Some(4500..=4999) => CloseAction::Stop,
            _ => CloseAction::Reconnect,
        }
    }

    /// The code with this number, if it is one of ours.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_fit_a_close_frame() {
        for (index, code) in CloseCode::ALL.iter().enumerate() {
            assert!(code.meaning().len() <= 123, "{code:?}");
            assert_eq!(CloseCode::from_code(code.code()), Some(*code));
            assert!(!CloseCode::ALL[..index].iter().any(|other| other.code() == code.code()), "{code:?}");
        }
    }

    #[test]
    fn unknown_codes_follow_their_range() {
        for (code, action) in [
            (None, CloseAction::Reconnect),
            (Some(1006), CloseAction::Reconnect),
            (Some(4399), CloseAction::Reconnect),
            (Some(4499), CloseAction::NewTicket),
            (Some(4999), CloseAction::Stop),
        ] {
            assert_eq!(CloseCode::action(code), action, "{code:?}");
        }
    }
}
