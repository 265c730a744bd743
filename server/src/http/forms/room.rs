//! The forms of a room's details, and of an invitation: each is one command, named by the last part of its address.
//!
//! What was done is told on the next page. What was refused is told by this answer, a page with everything that was typed,
//! because long texts have no room in a cookie.

use app::pages::{Done, JOIN_FORM, Refused, address};
use app::protocol::{Command, CommandId, Failure, FailureCode, Limits, Role, RoomId, UserId};
use app::texts;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;

use super::fields::Fields;
use super::new_id;
use crate::http::caller::signed_in;
use crate::http::failure::HttpFailure;
use crate::http::{AppState, flash};
use crate::hub::Rooms;
use crate::pages::rooms::{
    Telling, Visit, draw_details, draw_invitation, draw_notice, unless_signed_in, with_status,
};

/// `POST /forms/room/{form}`
pub async fn change(
    State(state): State<AppState>,
    Path(form): Path<String>,
    headers: HeaderMap,
    cookies: CookieJar,
    request: Request,
) -> Response {
    let fields = Fields::of(request).await;
    let wish = Wish::of(&form, &fields);
    let signed_in = match signed_in(&state, &cookies).await {
        Ok(signed_in) => signed_in,
        Err(failure) => return unless_signed_in(failure, wish.map(|wish| wish.page()).as_deref()),
    };
    let visit = Visit { state, user: signed_in.user.clone() };
    let Some(wish) = wish else {
        let failure = Failure::new(FailureCode::BadFrame, texts::server::form_unreadable_why());
        return draw_notice(&visit, texts::server::form_unreadable(), failure);
    };
    match visit.state.chat.execute(&signed_in.caller(), wish.id, wish.command.clone()).await {
        Ok(_) => wish.done(cookies),
        Err(failure) => wish.refused(&visit, &headers, form, fields, failure).await,
    }
}

/// What a form asks for.
struct Wish {
    room: RoomId,
    id: CommandId,
    command: Command,
    /// The part of the page in which the form stands.
    section: &'static str,
    /// What is told when it is done; nothing: it leads elsewhere.
    message: &'static str,
}

impl Wish {
    fn of(form: &str, fields: &Fields) -> Option<Self> {
        let room: RoomId = fields.value("room")?;
        let user = || fields.value::<UserId>("user");
        let change = |topic, kimi, model, thinking, instructions, is_archived| Command::ChangeRoom {
            room,
            topic,
            kimi,
            model,
            thinking,
            instructions,
            is_archived,
        };
        let mut id = new_id();
        let (command, section, message) = match form {
            "rename" => (
                Command::RenameRoom { room, title: fields.text("title")? },
                "settings",
                texts::server::renamed(),
            ),
            "change" => (
                change(
                    fields.text("topic"),
                    fields.value("kimi"),
                    fields.text("model").map(|model| model.trim().to_owned()),
                    fields.value("thinking"),
                    fields.text("instructions"),
                    None,
                ),
                "settings",
                texts::server::settings_saved(),
            ),
            "archive" => {
                (change(None, None, None, None, None, Some(true)), "end", texts::server::room_archived())
            }
            "restore" => {
                (change(None, None, None, None, None, Some(false)), "end", texts::server::room_back())
            }
            "notify" => (
                Command::SetNotify { room, notify: fields.value("notify")? },
                "notifications",
                texts::server::choice_saved(),
            ),
            "add" => {
                let (who, role) =
                    (fields.text("who")?.trim().to_owned(), fields.value("role").unwrap_or_default());
                (Command::AddMember { room, who, role }, "people", texts::server::added())
            }
            "remove" => (Command::RemoveMember { room, user: user()? }, "people", texts::server::removed()),
            "role" => {
                let role = fields.value("role")?;
                (Command::SetRole { room, user: user()?, role }, "people", texts::server::role_saved())
            }
            "hand-over" => (
                Command::SetRole { room, user: user()?, role: Role::Owner },
                "people",
                texts::server::handed_over(),
            ),
            "invite" => {
                // Sent twice, it makes one.
                id = fields.value("id").unwrap_or(id);
                let hours: Option<u64> = fields.number("hours").ok()?;
                let lifetime_ms = hours.map(|hours| hours.saturating_mul(3_600_000));
                let command = Command::Invite {
                    room,
                    role: fields.value("role").unwrap_or_default(),
                    lifetime_ms,
                    uses: fields.number("uses").unwrap_or(Some(0)),
                };
                (command, "invitations", texts::server::link_made())
            }
            "revoke" => (
                Command::RevokeInvite { room, invite: fields.value("invite")? },
                "invitations",
                texts::server::link_revoked(),
            ),
            "unpin" => (
                Command::Pin { room, message: fields.value("message")?, is_on: false },
                "pinned",
                texts::server::unpinned(),
            ),
            "leave" => (Command::LeaveRoom { room }, "", ""),
            "delete" => (Command::DeleteRoom { room }, "", ""),
            JOIN_FORM => (Command::Join { room, invite: fields.value("invite")? }, "", ""),
            _ => return None,
        };
        Some(Self { room, id, command, section, message })
    }

    /// The page on which the form stands.
    fn page(&self) -> String {
        match &self.command {
            Command::Join { invite, .. } => format!("/invite/{}/{invite}", self.room),
            _ => format!("/room/{}/details", self.room),
        }
    }

    fn done(self, cookies: CookieJar) -> Response {
        match self.command {
            Command::Join { .. } => Redirect::to(&address(Some(self.room))).into_response(),
            Command::LeaveRoom { .. } | Command::DeleteRoom { .. } => Redirect::to("/").into_response(),
            _ => {
                let done = Done { section: self.section.to_owned(), message: self.message.to_owned() };
                let to = format!("{}#{}", self.page(), self.section);
                (flash::leave(cookies, flash::DONE, &done), Redirect::to(&to)).into_response()
            }
        }
    }

    async fn refused(
        self,
        visit: &Visit,
        headers: &HeaderMap,
        form: String,
        fields: Fields,
        failure: Failure,
    ) -> Response {
        let room = self.room;
        let status = HttpFailure::from(failure.clone()).status;
        let field = self.field(failure.code);
        let managed = fields.value::<UserId>("user");
        let refused = Some(Refused::new(form, field, failure.message.clone(), fields.0));
        match self.command {
            Command::Join { invite, .. } => {
                with_status(draw_invitation(visit, room, invite, refused).await, status)
            }
            _ if failure.code == FailureCode::RoomNotFound => {
                draw_notice(visit, texts::server::room_gone(), failure)
            }
            _ => with_status(
                draw_details(visit, headers, room, Telling { managed, done: None, refused }).await,
                status,
            ),
        }
    }

    /// The field that a refusal is about.
    fn field(&self, code: FailureCode) -> Option<&'static str> {
        match (&self.command, code) {
            (Command::RenameRoom { .. }, FailureCode::BadTitle) => Some("title"),
            (Command::AddMember { .. }, FailureCode::PersonNotFound | FailureCode::BadInput) => Some("who"),
            (Command::Invite { .. }, FailureCode::BadInput) => Some("uses"),
            (Command::ChangeRoom { topic, instructions, .. }, FailureCode::BadInput) => {
                let is_long = |text: &String| text.len() > Limits::INSTRUCTIONS_BYTES;
                let is_bad = |topic: &String| {
                    topic.chars().count() > Limits::TOPIC_CHARACTERS || topic.chars().any(char::is_control)
                };
                Some(match (topic, instructions) {
                    (Some(topic), _) if is_bad(topic) => "topic",
                    (_, Some(instructions)) if is_long(instructions) => "instructions",
                    _ => "model",
                })
            }
            _ => None,
        }
    }
}
