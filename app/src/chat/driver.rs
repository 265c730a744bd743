//! What the chat asks of the browser.

use crate::client::{Millis, Output};
use crate::protocol::{Command, CommandId, MessageId, RoomId, Timestamp};

/// What somebody is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftOf {
    /// A message for a room; without one, for a new one.
    Message(Option<RoomId>),
    /// Another text for a message that is there.
    Edit(MessageId),
}

/// What the browser does for the client.
pub trait Driver {
    /// Milliseconds since 1970 by the browser's clock.
    fn now(&self) -> Millis;
    fn random(&self) -> u128;
    /// Does what the client asks for; answers come back through [`super::Chat::input`].
    fn perform(&self, output: Output);
    /// Calls [`super::Chat::input`] with a tick at this time, instead of any time set before.
    fn wake_at(&self, time: Option<Millis>);
    /// Calls [`super::Chat::flush_texts`] before the next frame is painted.
    fn before_next_frame(&self);
    /// Calls [`super::Chat::tick_second`] about once a second from now on, or no more.
    fn count_seconds(&self, is_on: bool);
    /// Lets the server draw what is marked on the page for it (see [`crate::markdown::rich`]).
    fn draw_rich(&self);
    /// Reads a piece of HTML of this site; nothing, when it does not come.
    fn read_html(&self, address: &str, then: Box<dyn FnOnce(Option<String>)>);
    fn copy(&self, text: &str);
    /// The text that is selected, if it is within one message, and the `data-message` of that.
    fn selection(&self) -> Option<(String, String)>;
    /// Copies an address of this site, as others can use it.
    fn copy_address(&self, address: &str);
    /// Puts an address into the history, as following a link does.
    fn push_address(&self, address: &str);
    /// What [`Self::keep_outbox`] kept before the page was loaded, oldest first.
    fn kept_outbox(&self) -> Vec<(CommandId, Command)>;
    /// Keeps exactly these over a reload, as far as the browser lets it.
    fn keep_outbox(&self, entries: &mut dyn Iterator<Item = (CommandId, &Command)>);
    /// The command of this page that is kept under this key of the browser's storage.
    fn kept_under(&self, key: &str) -> Option<CommandId>;
    /// What was written; empty if nothing was.
    fn draft(&self, of: DraftOf) -> String;
    fn keep_draft(&self, of: DraftOf, text: &str);
    /// The page may be gone in a moment.
    fn write_drafts(&self);
    /// Forgets all outboxes and drafts in this browser, and keeps none from now on.
    fn forget_all(&self);
    /// Minutes by which the reader's clocks are ahead of UTC at this time.
    fn minutes_ahead(&self, time: Timestamp) -> i64;
    /// The reader wants to be notified in this browser, and it lets us.
    fn may_notify(&self) -> bool;
    /// The theme that the page is drawn in; empty: the system's.
    fn theme(&self) -> String;
    /// Draws the page in a theme, and lets the server do so from now on.
    fn want_theme(&self, theme: &str);
    /// The reader has not turned them off in this browser.
    fn has_letter_keys(&self) -> bool;
    fn want_letter_keys(&self, is_on: bool);
    /// The reader wants it, or no more; [`super::Chat::notifies`] is set to what comes of it.
    fn want_notifications(&self, is_on: bool);
    /// Shows a notification, with a sound; a click on it leads to the room.
    fn notify(&self, room: RoomId, title: &str, words: &str);
    /// Marks the page's icon, or no more.
    fn mark_icon(&self, is_marked: bool);
}
