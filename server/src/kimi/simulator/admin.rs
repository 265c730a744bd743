//! The simulator's own endpoints, for tests and for the curious: scripts in, records out. The platform has nothing
//! like them, and nobody but a test should have a simulator within reach.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{gates::Gate, prompt_words::WORDS, records::Record, reply, state::State, tokens};

/// An answer in JSON, or what was wrong with the question.
type Answer<T = Value> = Result<Json<T>, (StatusCode, Json<Value>)>;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/simulator", get(help))
        .route("/simulator/scripts", post(queue))
        .route("/simulator/defaults", post(defaults))
        .route("/simulator/requests", get(requests))
        .route("/simulator/reply", get(reply_to))
        .route("/simulator/gates/{name}", get(gate).post(release))
        .route("/simulator/reset", post(reset))
}

async fn help() -> Json<Value> {
    let words: Vec<_> =
        WORDS.iter().map(|(form, meaning)| json!({"form": form, "meaning": meaning})).collect();
    Json(json!({"prompt_words": words}))
}

async fn queue(Shared(state): Shared<Arc<State>>, Json(scripts): Json<Value>) -> Answer {
    Ok(Json(json!({"queued": state.queue(scripts).map_err(refused)?})))
}

async fn defaults(Shared(state): Shared<Arc<State>>, Json(defaults): Json<Value>) -> Answer {
    state.set_defaults(defaults).map_err(refused)?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Filter {
    /// Only requests whose prompt holds this.
    #[serde(rename = "match")]
    matches: Option<String>,
    /// Only requests after the one with this id.
    since: Option<u64>,
}

async fn requests(Shared(state): Shared<Arc<State>>, Query(filter): Query<Filter>) -> Json<Vec<Record>> {
    let mut records = state.records.all();
    records.retain(|record| {
        filter.since.is_none_or(|since| record.id > since)
            && filter.matches.as_deref().is_none_or(|part| record.prompt.contains(part))
    });
    Json(records)
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

async fn reply_to(Shared(state): Shared<Arc<State>>, Query(Prompt { prompt }): Query<Prompt>) -> Json<Value> {
    let reply = reply::compose(&prompt, &state.preview(&prompt));
    Json(json!({
        "text_tokens": tokens::count(&reply.text),
        "thinking_tokens": tokens::count(&reply.thinking),
        "text": reply.text,
        "thinking": reply.thinking,
    }))
}

async fn gate(Shared(state): Shared<Arc<State>>, Path(name): Path<String>) -> Json<Gate> {
    Json(state.gates.get(&name))
}

async fn release(Shared(state): Shared<Arc<State>>, Path(name): Path<String>) -> Json<Gate> {
    state.gates.release(&name);
    Json(state.gates.get(&name))
}

async fn reset(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    state.reset();
    Json(json!({}))
}

fn refused(error: String) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error})))
}
