//! What the pages ask of the server, answered for whoever's cookies came with the request.

use app::account::FormState;
use app::api::{Backend, ReadError};
use app::protocol::{MessageId, PageData, RoomId, RoomSnapshot, User};
use async_trait::async_trait;
use axum_extra::extract::CookieJar;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::auth::session;
use crate::http::{AppState, accounts};

#[derive(Debug)]
pub(super) struct ServerBackend {
    state: AppState,
}

impl ServerBackend {
    pub(super) fn new(state: AppState) -> Self {
        Self { state }
    }

    async fn user(&self, cookies: &CookieJar) -> Result<User, ReadError> {
        let session = session::from_cookies(cookies).ok_or(ReadError::SignedOut)?;
        let user = self.state.accounts.user(session).await.map_err(|error| {
            tracing::error!(%error, "a session could not be read");
            ReadError::Failed
        })?;
        user.ok_or(ReadError::SignedOut)
    }
}

/// Of the request that is being answered; none while the routes are listed at the start.
fn cookies() -> CookieJar {
    use_context::<Parts>().map(|parts| CookieJar::from_headers(&parts.headers)).unwrap_or_default()
}

#[async_trait]
impl Backend for ServerBackend {
    async fn page(&self, room: Option<RoomId>) -> Result<PageData, ReadError> {
        let response = use_context::<ResponseOptions>();
        let user = match self.user(&cookies()).await {
            Ok(user) => user,
            Err(error) => {
                if error == ReadError::SignedOut {
                    leptos_axum::redirect("/sign-in");
                }
                return Err(error);
            }
        };
        let page = self.state.chat.page(user, room).await.map_err(|_| ReadError::Failed)?;
        if room.is_some()
            && page.room.is_none()
            && let Some(response) = response
        {
            response.set_status(StatusCode::NOT_FOUND);
        }
        Ok(page)
    }

    async fn room(&self, room: RoomId, before: Option<MessageId>) -> Result<RoomSnapshot, ReadError> {
        let user = self.user(&cookies()).await?;
        let snapshot = self.state.chat.room(user.id, room, before).await.map_err(|_| ReadError::Failed)?;
        snapshot.ok_or(ReadError::NotFound)
    }

    async fn form_state(&self) -> FormState {
        let cookies = cookies();
        let state = accounts::form_state(&cookies);
        if state != FormState::default()
            && let Some(response) = use_context::<ResponseOptions>()
        {
            let over = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", accounts::FORM_COOKIE);
            if let Ok(over) = HeaderValue::from_str(&over) {
                response.append_header(header::SET_COOKIE, over);
            }
        }
        state
    }
}
