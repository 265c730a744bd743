//! Every limit a client can meet, with its default. The server can be configured to others and tells them in
//! `session:welcome`.

use super::wire::wire;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one frame from a client.
    pub frame_bytes: usize,
    /// Bytes of UTF-8 of one member's message.
    pub message_bytes: usize,
    /// Characters of a room's title.
    pub title_characters: usize,
    pub messages_per_minute: u32,
    pub connections_per_user: usize,
    pub connections_per_address: usize,
    pub rooms_per_connection: usize,
    /// Rooms that one user may own.
    pub rooms_per_user: usize,
    pub members_per_room: usize,
}

wire!(struct Limits { frame_bytes!, message_bytes!, title_characters!, messages_per_minute!, connections_per_user!, connections_per_address!, rooms_per_connection!, rooms_per_user!, members_per_room! });

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 64 * 1024,
            message_bytes: 32 * 1024,
            title_characters: 120,
            messages_per_minute: 100,
            connections_per_user: 10,
            connections_per_address: 200,
            rooms_per_connection: 500,
            rooms_per_user: 10_000,
            members_per_room: 500,
        }
    }
}

impl Limits {
    /// Events that one replay brings at most; a longer gap is a reset.
    pub const REPLAY_EVENTS: u64 = 300;
    /// Bytes that one replay brings at most; a larger gap is a reset.
    pub const REPLAY_BYTES: usize = 256 * 1024;
    /// Messages in one snapshot of a room.
    pub const SNAPSHOT_MESSAGES: usize = 60;
    /// In a room of more members, presence and typing are counts, and snapshots list no members.
    pub const LISTED_MEMBERS: usize = 200;
    /// In a room of more members, nobody is told how far others have read.
    pub const READ_MARKERS: usize = 50;
    /// Characters of a room's topic.
    pub const TOPIC_CHARACTERS: usize = 250;
    /// Bytes of what a room tells Kimi before every question.
    pub const INSTRUCTIONS_BYTES: usize = 8 * 1024;
    /// Bytes of one reaction: the longest emoji of families and flags have about half of it.
    pub const REACTION_BYTES: usize = 64;
    /// Different reactions to one message.
    pub const REACTIONS_PER_MESSAGE: usize = 20;
    pub const PINS_PER_ROOM: usize = 50;
    /// Invitations of one room that can be used.
    pub const INVITES_PER_ROOM: usize = 20;
    /// The longest that an invitation can be used, in milliseconds; without a wish it is 7 days.
    pub const INVITE_LIFETIME_MS: u64 = 90 * 24 * 3_600 * 1_000;
    /// Replies of Kimi that wait for their turn in one room.
    pub const QUEUED_RUNS_PER_ROOM: usize = 20;
    /// Messages of a solo room that follow the same one.
    pub const VERSIONS: usize = 100;
    /// People whom one message can mention.
    pub const MENTIONS_PER_MESSAGE: usize = 50;
    /// A count of unread messages stops here.
    pub const UNREAD: u32 = 1_000;
    /// Bytes of a text that is drawn as HTML on request; longer code is not highlighted.
    pub const RICH_BYTES: usize = 64 * 1024;
    /// `chat:typing` is sent at most this often, in milliseconds ...
    pub const TYPING_EVERY_MS: u64 = 3_000;
    /// ... and is over after this.
    pub const TYPING_FOR_MS: u64 = 6_000;
    /// People who are named as typing; more are a number.
    pub const TYPING_NAMED: usize = 5;
}
