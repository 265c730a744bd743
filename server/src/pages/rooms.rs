//! The pages about rooms: beginning one, its details, an invitation to it, and what a message of it said before.

use app::details::Offer;
use app::pages::{
    DetailsPage, Done, InvitationPage, KimiForm, NewRoomPage, Notice, Refused, details_document,
    history_document, invitation_document, kimi_form, new_room_document, notice_document, with_next,
};
use app::protocol::{CommandId, Failure, FailureCode, InviteId, MessageId, RoomId, User, UserId};
use app::texts;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use leptos::prelude::Owner;

use super::{draw_still, files};
use crate::clock;
use crate::http::caller::signed_in;
use crate::http::failure::HttpFailure;
use crate::http::rich::piece;
use crate::http::{AppState, address, flash};
use crate::hub::Rooms;

pub(super) fn add(router: Router<AppState>) -> Router<AppState> {
    router
        .route("/rooms/new", get(new_room))
        .route("/room/{room}/details", get(details))
        .route("/room/{room}/kimi", get(kimi))
        .route("/room/{room}/message/{message}/history", get(history))
        .route("/invite/{room}/{invite}", get(invitation))
}

/// Somebody who is signed in, and wants a page.
#[derive(Debug)]
pub struct Visit {
    pub state: AppState,
    pub user: User,
}

/// To the page for signing in, which leads on to `path`; or what else is wrong.
pub fn unless_signed_in(failure: HttpFailure, path: Option<&str>) -> Response {
    if failure.failure.code == FailureCode::SignedOut {
        Redirect::to(&with_next("/sign-in", path)).into_response()
    } else {
        failure.into_response()
    }
}

/// Who asks for a page of ours. Whoever is not signed in is sent to do so, and comes back to it.
async fn visit(state: AppState, cookies: &CookieJar, uri: &Uri) -> Result<Visit, Response> {
    match signed_in(&state, cookies).await {
        Ok(signed_in) => Ok(Visit { state, user: signed_in.user }),
        Err(failure) => Err(unless_signed_in(failure, uri.path_and_query().map(PathAndQuery::as_str))),
    }
}

async fn new_room(State(state): State<AppState>, cookies: CookieJar, uri: Uri) -> Result<Response, Response> {
    Ok(draw_new_room(&visit(state, &cookies, &uri).await?, None))
}

pub fn draw_new_room(visit: &Visit, refused: Option<Refused>) -> Response {
    let (options, title_characters) = (visit.state.leptos.clone(), visit.state.chat.title_characters());
    let page = NewRoomPage { room: RoomId(uuid::Uuid::new_v4()), title_characters, refused };
    draw_still(|| new_room_document(options, page))
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
    headers: HeaderMap,
    cookies: CookieJar,
    uri: Uri,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, &uri).await?;
    let Some(room) = RoomId::parse(&room) else { return Ok(nothing_here(&visit)) };
    let managed = query.member.as_deref().and_then(UserId::parse);
    let (cookies, done) = flash::take::<Done>(cookies, flash::DONE);
    let page = draw_details(&visit, &headers, room, Telling { managed, done, refused: None }).await;
    Ok((cookies, page).into_response())
}

/// What a form has done, or why it was refused.
#[derive(Debug, Default)]
pub struct Telling {
    pub managed: Option<UserId>,
    pub done: Option<Done>,
    pub refused: Option<Refused>,
}

pub async fn draw_details(visit: &Visit, headers: &HeaderMap, room: RoomId, telling: Telling) -> Response {
    let chat = &visit.state.chat;
    let (details, offers) = match chat.details(visit.user.id, room).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing_here(visit),
        Err(failure) => return HttpFailure::from(failure).into_response(),
    };
    let page = DetailsPage {
        details,
        offers,
        reader: visit.user.id,
        managed: telling.managed,
        models: chat.models().await,
        title_characters: chat.title_characters(),
        origin: address::of_site(visit.state.public_url.as_deref(), headers),
        new_invite: CommandId(uuid::Uuid::new_v4()),
        done: telling.done,
        refused: telling.refused,
        now: clock::now(),
    };
    let options = visit.state.leptos.clone();
    draw_still(|| details_document(options, page))
}

/// The form about who answers, for a page that is alive.
async fn kimi(
    State(state): State<AppState>,
    Path(room): Path<RoomId>,
    cookies: CookieJar,
) -> Result<Response, HttpFailure> {
    let user = signed_in(&state, &cookies).await?.user;
    let (details, offers) = state.chat.details(user.id, room).await?.ok_or_else(no_room)?;
    let form = KimiForm { details, models: state.chat.models().await, may_change: offers.has(Offer::Change) };
    let html = Owner::new().with(|| kimi_form(&form));
    Ok(piece(html))
}

fn no_room() -> Failure {
    Failure::new(FailureCode::RoomNotFound, texts::server::no_room())
}

async fn history(
    State(state): State<AppState>,
    Path((room, message)): Path<(String, String)>,
    cookies: CookieJar,
    uri: Uri,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, &uri).await?;
    let (Some(room), Some(message)) = (RoomId::parse(&room), MessageId::parse(&message)) else {
        return Ok(nothing_here(&visit));
    };
    match visit.state.chat.history(visit.user.id, room, message).await {
        Ok(Some(page)) => {
            let options = visit.state.leptos.clone();
            Ok(draw_still(|| history_document(options, page)))
        }
        Ok(None) => Ok(nothing_here(&visit)),
        Err(failure) => Err(HttpFailure::from(failure).into_response()),
    }
}

async fn invitation(
    State(state): State<AppState>,
    Path((room, invite)): Path<(String, String)>,
    cookies: CookieJar,
    uri: Uri,
) -> Result<Response, Response> {
    let visit = visit(state, &cookies, &uri).await?;
    match (RoomId::parse(&room), InviteId::parse(&invite)) {
        (Some(room), Some(invite)) => Ok(draw_invitation(&visit, room, invite, None).await),
        _ => Ok(nothing_here(&visit)),
    }
}

pub async fn draw_invitation(
    visit: &Visit,
    room: RoomId,
    invite: InviteId,
    refused: Option<Refused>,
) -> Response {
    let chat = &visit.state.chat;
    let found = async {
        if chat.may_read(visit.user.id, room).await? {
            return Ok(None);
        }
        chat.invitation(room, invite).await?.map(Some).ok_or_else(bad_invite)
    };
    match found.await {
        Ok(Some(invitation)) => {
            let page = InvitationPage { invitation, reader: visit.user.name.clone(), refused };
            let options = visit.state.leptos.clone();
            draw_still(|| invitation_document(options, page))
        }
        Ok(None) => Redirect::to(&app::pages::address(Some(room))).into_response(),
        Err(failure) => draw_notice(visit, texts::server::invite_unusable(), failure),
    }
}

/// Whether the room is there is not said to whoever has no invitation to it.
fn bad_invite() -> Failure {
    Failure::new(FailureCode::BadInvite, texts::server::bad_link())
}

/// A page that only says what is wrong, with the status for it.
pub fn draw_notice(visit: &Visit, title: &'static str, failure: Failure) -> Response {
    let HttpFailure { failure, status } = failure.into();
    let options = visit.state.leptos.clone();
    let notice = Notice { title, text: failure.message };
    let mut response = draw_still(|| notice_document(options, notice));
    *response.status_mut() = status;
    response
}

fn nothing_here(visit: &Visit) -> Response {
    files::not_found(&visit.state)
}

/// A page with the status of a refusal.
pub fn with_status(mut response: Response, status: StatusCode) -> Response {
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}
