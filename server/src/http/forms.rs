//! The chat without JavaScript: the same commands as on the socket, carried by plain forms.

mod fields;
mod new_room;
mod room;

use app::pages::address;
use app::protocol::{Command, CommandId, FailureCode, MessageId, RoomId};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

pub use new_room::create;
pub use room::change;

use super::caller::signed_in;
use super::failure::HttpFailure;
use super::{AppState, flash};
use crate::hub::Rooms;

#[derive(Debug, Deserialize)]
pub struct MessageForm {
    /// Absent: in a new room.
    room: Option<RoomId>,
    text: String,
}

#[derive(Debug, Deserialize)]
pub struct StopForm {
    room: RoomId,
    message: MessageId,
}

fn new_id() -> CommandId {
    CommandId(uuid::Uuid::new_v4())
}

pub async fn message(
    State(state): State<AppState>,
    cookies: CookieJar,
    Form(form): Form<MessageForm>,
) -> Response {
    let address = address(form.room);
    answer(cookies.clone(), address, send(&state, &cookies, form).await)
}

async fn send(state: &AppState, cookies: &CookieJar, form: MessageForm) -> Result<RoomId, HttpFailure> {
    let caller = signed_in(state, cookies).await?.caller();
    let room = form.room.unwrap_or_else(|| RoomId(uuid::Uuid::new_v4()));
    // Forms send line breaks as CR LF.
    let text = form.text.replace("\r\n", "\n");
    // Before the room, so that a message that is refused leaves no empty one behind.
    state.chat.check_text(&text)?;
    if form.room.is_none() {
        state.chat.execute(&caller, new_id(), Command::create_solo(room, "")).await?;
    }
    state.chat.execute(&caller, new_id(), Command::say(room, text)).await?;
    Ok(room)
}

pub async fn stop(State(state): State<AppState>, cookies: CookieJar, Form(form): Form<StopForm>) -> Response {
    let address = address(Some(form.room));
    answer(cookies.clone(), address, end(&state, &cookies, form).await)
}

async fn end(state: &AppState, cookies: &CookieJar, form: StopForm) -> Result<RoomId, HttpFailure> {
    let caller = signed_in(state, cookies).await?.caller();
    let command = Command::StopRun { room: form.room, message: form.message };
    state.chat.execute(&caller, new_id(), command).await?;
    Ok(form.room)
}

/// Back to the conversation; what was refused is told there, to whoever sent it and to nobody else.
fn answer(cookies: CookieJar, address: String, result: Result<RoomId, HttpFailure>) -> Response {
    match result {
        Ok(room) => Redirect::to(&format!("/room/{room}#end")).into_response(),
        Err(failure) if failure.failure.code == FailureCode::SignedOut => {
            Redirect::to("/sign-in").into_response()
        }
        Err(failure) => {
            (flash::leave(cookies, flash::REFUSAL, &failure.failure.message), Redirect::to(&address))
                .into_response()
        }
    }
}
