//! What the pages read from the server. The bodies only call [`Backend`], which the server implements and provides
//! through the context; nothing in `app` depends on the server.

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::account::FormState;
use crate::protocol::{MessageId, PageData, RoomId, RoomSnapshot};

/// The reads that pages need, on behalf of whoever's request is being answered.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Backend: Send + Sync {
    /// Everything a page needs; `room` is filled when the reader is a member of it.
    async fn page(&self, room: Option<RoomId>) -> Result<PageData, ReadError>;
    /// The newest messages of a room before `before`.
    async fn room(&self, room: RoomId, before: Option<MessageId>) -> Result<RoomSnapshot, ReadError>;
    /// What the last account form left behind.
    async fn form_state(&self) -> FormState;
}

/// Why something can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadError {
    SignedOut,
    NotFound,
    /// It broke on the server, or the server can't be reached.
    Failed,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::SignedOut => "signed out",
            Self::NotFound => "not found",
            Self::Failed => "failed",
        })
    }
}

impl std::error::Error for ReadError {}

impl FromServerFnError for ReadError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Failed
    }
}

#[cfg(feature = "ssr")]
fn backend() -> Result<std::sync::Arc<dyn Backend>, ReadError> {
    use_context().ok_or(ReadError::Failed)
}

#[server(endpoint = "page")]
pub async fn load_page(room: Option<RoomId>) -> Result<PageData, ReadError> {
    backend()?.page(room).await
}

#[server(endpoint = "room")]
pub async fn load_room(room: RoomId, before: Option<MessageId>) -> Result<RoomSnapshot, ReadError> {
    backend()?.room(room, before).await
}

#[server(endpoint = "form")]
pub async fn load_form_state() -> Result<FormState, ReadError> {
    Ok(backend()?.form_state().await)
}
