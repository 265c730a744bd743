//! The pages about rooms: beginning one, its details, an invitation to it, and what a message of it said before.

use app::pages::{
    DetailsPage, Done, InvitationPage, NewRoomPage, Notice, Refused, details_document, history_document,
    invitation_document, new_room_document, notice_document, with_next,
};
use app::protocol::{CommandId, Failure, FailureCode, InviteId, MessageId, RoomId, User, UserId};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{draw, files};
use crate::clock;
use crate::http::caller::signed_in;
use crate::http::failure::HttpFailure;
use crate::http::{AppState, address, flash};

pub(super) fn add(router: Router<AppState>) -> Router<AppState> {
    router
        .route("/rooms/new", get(new_room))
        .route("/room/{room}/details", get(details))
        .route("/room/{room}/message/{message}/history", get(history))
        .route("/invite/{room}/{invite}", get(invitation))
}

/// A request for a page of somebody who is signed in.
#[derive(Debug)]
pub struct Visit {
    pub state: AppState,
    pub parts: Parts,
    pub user: User,
}

impl Visit {
    /// Whoever is not signed in is sent to do so, and comes back to `path`.
    pub async fn of(
        state: AppState,
        cookies: &CookieJar,
        parts: Parts,
        path: Option<&str>,
    ) -> Result<Self, Response> {
        match signed_in(&state, cookies).await {
            Ok(signed_in) => Ok(Self { state, parts, user: signed_in.user }),
            Err(failure) => Err(unless_signed_in(failure, path)),
        }
    }

    fn request(self) -> Request {
        Request::from_parts(self.parts, Body::empty())
    }
}

/// To the page for signing in, which leads on to `path`; or what else is wrong.
pub fn unless_signed_in(failure: HttpFailure, path: Option<&str>) -> Response {
    if failure.failure.code == FailureCode::SignedOut {
        Redirect::to(&with_next("/sign-in", path)).into_response()
    } else {
        failure.into_response()
    }
}

/// The path and query of a request, to come back to.
pub(super) fn path_of(parts: &Parts) -> Option<&str> {
    parts.uri.path_and_query().map(axum::http::uri::PathAndQuery::as_str)
}

/// A page of our own is asked for: who asks, or where they are sent first.
async fn visit(state: AppState, cookies: &CookieJar, request: Request) -> Result<Visit, Response> {
    let (parts, _) = request.into_parts();
    let path = path_of(&parts).map(str::to_owned);
    Visit::of(state, cookies, parts, path.as_deref()).await
}

async fn new_room(
    State(state): State<AppState>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, Response> {
    Ok(draw_new_room(visit(state, &cookies, request).await?, None).await)
}

pub async fn draw_new_room(visit: Visit, refused: Option<Refused>) -> Response {
    let (options, title_characters) = (visit.state.leptos.clone(), visit.state.chat.title_characters());
    let page = NewRoomPage { room: RoomId(uuid::Uuid::new_v4()), title_characters, refused };
    draw(visit.request(), move || new_room_document(options.clone(), page.clone())).await
}

#[derive(Debug, Deserialize)]
struct DetailsQuery {
    /// Whose role and place can be changed on the page.
    member: Option<String>,
}

async fn details(
    State(state): State<AppState>,
    Path(room): Path<String>,
    Query(query): Query<DetailsQuery>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, request).await?;
    let Some(room) = RoomId::parse(&room) else { return Ok(nothing_here(visit).await) };
    let managed = query.member.as_deref().and_then(UserId::parse);
    let (cookies, done) = flash::take::<Done>(cookies, flash::DONE);
    let page = draw_details(visit, room, Telling { managed, done, refused: None }).await;
    Ok((cookies, page).into_response())
}

/// What a form has done, or why it was refused.
#[derive(Debug, Default)]
pub struct Telling {
    pub managed: Option<UserId>,
    pub done: Option<Done>,
    pub refused: Option<Refused>,
}

pub async fn draw_details(visit: Visit, room: RoomId, telling: Telling) -> Response {
    let chat = &visit.state.chat;
    let (details, offers) = match chat.details(visit.user.id, room).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing_here(visit).await,
        Err(failure) => return HttpFailure::from(failure).into_response(),
    };
    let page = DetailsPage {
        details,
        offers,
        reader: visit.user.id,
        managed: telling.managed,
        model: chat.model().to_owned(),
        title_characters: chat.title_characters(),
        origin: address::of_site(visit.state.public_url.as_deref(), &visit.parts.headers),
        new_invite: CommandId(uuid::Uuid::new_v4()),
        done: telling.done,
        refused: telling.refused,
        now: clock::now(),
    };
    let options = visit.state.leptos.clone();
    draw(visit.request(), move || details_document(options.clone(), page.clone())).await
}

async fn history(
    State(state): State<AppState>,
    Path((room, message)): Path<(String, String)>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, request).await?;
    let (Some(room), Some(message)) = (RoomId::parse(&room), MessageId::parse(&message)) else {
        return Ok(nothing_here(visit).await);
    };
    match visit.state.chat.history(visit.user.id, room, message).await {
        Ok(Some(page)) => {
            let options = visit.state.leptos.clone();
            Ok(draw(visit.request(), move || history_document(options.clone(), page.clone())).await)
        }
        Ok(None) => Ok(nothing_here(visit).await),
        Err(failure) => Err(HttpFailure::from(failure).into_response()),
    }
}

async fn invitation(
    State(state): State<AppState>,
    Path((room, invite)): Path<(String, String)>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, request).await?;
    match (RoomId::parse(&room), InviteId::parse(&invite)) {
        (Some(room), Some(invite)) => Ok(draw_invitation(visit, room, invite, None).await),
        _ => Ok(nothing_here(visit).await),
    }
}

pub async fn draw_invitation(
    visit: Visit,
    room: RoomId,
    invite: InviteId,
    refused: Option<Refused>,
) -> Response {
    let chat = &visit.state.chat;
    let found = async {
        if chat.is_member(visit.user.id, room).await? {
            return Ok(None);
        }
        chat.invitation(room, invite).await?.map(Some).ok_or_else(bad_invite)
    };
    match found.await {
        Ok(Some(invitation)) => {
            let page = InvitationPage { invitation, reader: visit.user.name.clone(), refused };
            let options = visit.state.leptos.clone();
            draw(visit.request(), move || invitation_document(options.clone(), page.clone())).await
        }
        Ok(None) => Redirect::to(&app::pages::address(Some(room))).into_response(),
        Err(failure) => draw_notice(visit, "This invitation can't be used", failure).await,
    }
}

/// Whether the room is there is not said to whoever has no invitation to it.
fn bad_invite() -> Failure {
    Failure::new(
        FailureCode::BadInvite,
        "It was revoked, has expired, or was used by as many people as it was for. Ask whoever sent it for a new one.",
    )
}

/// A page that only says what is wrong, with the status for it.
pub async fn draw_notice(visit: Visit, title: &'static str, failure: Failure) -> Response {
    let HttpFailure { failure, status } = failure.into();
    let options = visit.state.leptos.clone();
    let notice = Notice { title, text: failure.message };
    let mut response = draw(visit.request(), move || notice_document(options.clone(), notice.clone())).await;
    *response.status_mut() = status;
    response
}

async fn nothing_here(visit: Visit) -> Response {
    let state = visit.state.clone();
    files::not_found(State(state), visit.request()).await
}

/// A page with the status of a refusal.
pub fn with_status(mut response: Response, status: StatusCode) -> Response {
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}
