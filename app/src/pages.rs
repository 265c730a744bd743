//! The pages and the documents around them. Every page is complete without JavaScript.
//!
//! Only the chat's page comes alive in a browser: it is drawn from a [`crate::protocol::PageData`] that is embedded in it, by the
//! server first and by the browser again. The other pages have no script at all and exist only on the server.

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod details;
#[cfg(feature = "ssr")]
mod documents;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod history;
mod home;
#[cfg(feature = "ssr")]
mod invitation;
#[cfg(feature = "ssr")]
mod new_room;
#[cfg(feature = "ssr")]
mod next;
mod theme;
#[cfg(feature = "ssr")]
mod times;

#[cfg(feature = "ssr")]
pub use account::AccountPage;
#[cfg(feature = "ssr")]
pub use details::{DetailsPage, KimiForm, kimi_form};
#[cfg(feature = "ssr")]
pub use documents::{
    Notice, account_document, chat_document, details_document, history_document, invitation_document,
    new_room_document, not_found_document, notice_document,
};
#[cfg(feature = "ssr")]
pub use forms::{Done, Refused};
pub use home::{App, AppProps, Browser, come_alive};
#[cfg(feature = "ssr")]
pub use invitation::{InvitationPage, JOIN_FORM};
#[cfg(feature = "ssr")]
pub use new_room::{NEW_ROOM_FORM, NewRoomPage};
#[cfg(feature = "ssr")]
pub use next::{own_path, with_next};
pub use theme::{THEME_COOKIE, THEME_FORM, THEME_SECONDS, Theme, ground_media};
#[cfg(feature = "ssr")]
pub use times::parse_date;

use crate::protocol::{MessageId, RoomId};

/// The element of the document that holds the page's data as JSON.
pub const PAGE_DATA_ELEMENT: &str = "page-data";

/// The element that holds all that the page says, in a language that the browser does not have.
pub const TEXTS_ELEMENT: &str = "texts";

/// The address of a room, or of the beginning of a new one.
pub fn address(room: Option<RoomId>) -> String {
    room.map_or_else(|| "/".to_owned(), |room| format!("/room/{room}"))
}

/// The address of a message in its room, as others can use it too.
pub fn message_address(room: RoomId, message: MessageId) -> String {
    format!("/room/{room}?message={message}#m-{message}")
}

/// The room that an address shows.
pub fn room_at(path: &str) -> Option<RoomId> {
    RoomId::parse(path.strip_prefix("/room/")?.trim_end_matches('/'))
}

/// Where the form is about who answers in a room, as HTML for a page that is alive.
pub fn kimi_form_address(room: RoomId) -> String {
    format!("/room/{room}/kimi")
}

/// The name of a page, as tabs and history show it.
fn document_title(title: &str) -> String {
    if title.is_empty() { "SiteSpark".to_owned() } else { format!("{title} · SiteSpark") }
}
