//! Beginning a room with others: the form of `/rooms/new`.

use app::pages::{NEW_ROOM_FORM, Refused, address};
use app::protocol::{Command, Failure, FailureCode, KimiMode, RoomId, RoomKind};
use app::texts;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;

use super::fields::Fields;
use super::new_id;
use crate::http::caller::signed_in;
use crate::http::failure::HttpFailure;
use crate::http::{AppState, flash};
use crate::hub::{Caller, Rooms};
use crate::pages::rooms::{Visit, draw_new_room, unless_signed_in, with_status};

pub async fn create(State(state): State<AppState>, cookies: CookieJar, request: Request) -> Response {
    let fields = Fields::of(request).await;
    let signed_in = match signed_in(&state, &cookies).await {
        Ok(signed_in) => signed_in,
        Err(failure) => return unless_signed_in(failure, Some("/rooms/new")),
    };
    let user = signed_in.user.clone();
    match begin(&state, &signed_in.caller(), &fields).await {
        Ok(Begun { room, later }) => {
            let cookies = match later {
                None => cookies,
                Some(failure) => flash::leave(cookies, flash::REFUSAL, &failure.message),
            };
            (cookies, Redirect::to(&address(Some(room)))).into_response()
        }
        Err(failure) => {
            let HttpFailure { failure, status } = failure.into();
            let field = match failure.code {
                FailureCode::BadTitle => Some("title"),
                FailureCode::PersonNotFound | FailureCode::BadInput => Some("people"),
                _ => None,
            };
            let refused = Refused::new(NEW_ROOM_FORM, field, failure.message, fields.0);
            with_status(draw_new_room(&Visit { state, user }, Some(refused)), status)
        }
    }
}

/// The room to go to, and what went wrong once it was there.
struct Begun {
    room: RoomId,
    later: Option<Failure>,
}

async fn begin(state: &AppState, caller: &Caller, fields: &Fields) -> Result<Begun, Failure> {
    let unreadable = || Failure::new(FailureCode::BadFrame, texts::server::choose_kind());
    let room = fields.value("room").unwrap_or_else(|| RoomId(uuid::Uuid::new_v4()));
    let kind: RoomKind =
        fields.value("kind").filter(|kind| *kind != RoomKind::Solo).ok_or_else(unreadable)?;
    let with = people(&fields.text("people").unwrap_or_default());
    let is_direct = kind == RoomKind::Direct;
    if is_direct && with.len() != 1 {
        return Err(Failure::new(FailureCode::BadInput, texts::server::direct_names_one()));
    }
    // A direct room is called by the other's name.
    let title =
        if is_direct { String::new() } else { fields.text("title").unwrap_or_default().trim().to_owned() };
    let create = Command::CreateRoom { room, title, kind, with, like: None };
    if let Err(failure) = state.chat.execute(caller, new_id(), create).await {
        // Two people have one direct room: to that one.
        return match failure.room.filter(|existing| is_direct && *existing != room) {
            Some(room) => Ok(Begun { room, later: None }),
            None => Err(failure),
        };
    }
    let kimi = fields.value("kimi").unwrap_or(KimiMode::Mentioned);
    if kimi == KimiMode::Mentioned {
        // As it is in rooms of people in any case.
        return Ok(Begun { room, later: None });
    }
    let change = Command::ChangeRoom {
        room,
        topic: None,
        kimi: Some(kimi),
        model: None,
        thinking: None,
        instructions: None,
        is_archived: None,
    };
    // The room is there: whoever made it should see it in any case.
    let later = state.chat.execute(caller, new_id(), change).await.err();
    Ok(Begun { room, later })
}

/// Names and addresses, each once.
fn people(text: &str) -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    for person in text.split([',', ';', '\n']).map(str::trim).filter(|person| !person.is_empty()) {
        if !people.iter().any(|known| known.to_lowercase() == person.to_lowercase()) {
            people.push(person.to_owned());
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_stand_in_lines_or_between_commas() {
        assert_eq!(people(" Ana, ben@example.org\n\nCy D ;ANA,, "), ["Ana", "ben@example.org", "Cy D"]);
        assert!(people(" , \n").is_empty());
    }
}
