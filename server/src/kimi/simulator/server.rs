//! The routes of the platform's API. Each one records its request, asks for the switches, refuses what the platform
//! would refuse, and answers; what it answers is made elsewhere.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    admin,
    checks::{self, MODELS},
    faults::{Fault, json_string, platform_headers},
    plan::{self, Plan, Step},
    player,
    records::{Outcome, Record, Tracker},
    request::ChatRequest,
    script::{Dialect, Endpoint, Script},
    state::State,
    wire::Chunk,
};

/// Bytes of a request body; the platform takes 100 MB, with media that nobody needs here.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Everything that the simulator answers.
pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/v1/users/me/balance", get(balance))
        .route("/v1/tokenizers/estimate-token-count", post(estimate))
        .merge(admin::router())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

async fn chat(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Bytes) -> Response {
    let parsed = serde_json::from_slice::<Value>(&body);
    let request = ChatRequest { body: parsed.as_ref().map_or(Value::Null, Value::clone) };
    let mut tracker = begin(&state, Method::POST, "/v1/chat/completions", &request);
    let script = state.chat_script(&request);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let plan = plan::plan(&request, &script, now);
    player::wait(&plan.head, &state, &tracker).await;
    if let Err(error) = parsed {
        let message = format!("Invalid request: {error}");
        let fault = Fault::refusal("json", 400, "invalid_request_error", message);
        return refuse(&fault, &script, tracker);
    }
    let refusal = plan::fault(&request, &script).or_else(|| {
        // The others know neither keys nor these rules.
        let strict = script.dialect == Dialect::Moonshot;
        let check = || checks::key(&headers).or_else(|| checks::request(&request, &model_ids(&script)));
        strict.then(check).flatten()
    });
    if let Some(fault) = refusal {
        return refuse(&fault, &script, tracker);
    }
    let mut headers = success_headers(&script, &plan);
    if request.is_stream() {
        let kind = if script.charset { "text/event-stream; charset=utf-8" } else { "text/event-stream" };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        tracker.answered(200);
        return (headers, player::body(plan, &script, state.clone(), tracker)).into_response();
    }
    match player::wait(&plan.steps, &state, &tracker).await {
        None => {
            let text = plan.envelope.whole(&plan.text, plan.thinking.as_deref(), plan.tool_calls.as_deref());
            tracker.answered(200);
            tracker.end(Outcome::Finished);
            json_response(headers, text)
        }
        Some(Step::Chunk(Chunk::Error(fault))) => refuse(fault, &script, tracker),
        Some(_) => {
            tracker.answered(200);
            tracker.end(Outcome::Cut);
            (headers, player::broken_body()).into_response()
        }
    }
}

async fn models(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    let request = ChatRequest { body: Value::Null };
    answer(&state, Method::GET, "/v1/models", Endpoint::Models, &headers, &request, |script| {
        let entries: Vec<_> = model_ids(script).iter().map(|id| model_entry(id, script.dialect)).collect();
        format!(r#"{{"object":"list","data":[{}]}}"#, entries.join(","))
    })
    .await
}

async fn balance(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    let request = ChatRequest { body: Value::Null };
    let path = "/v1/users/me/balance";
    answer(&state, Method::GET, path, Endpoint::Balance, &headers, &request, |_| {
        r#"{"code":0,"data":{"available_balance":49.58894,"voucher_balance":46.58893,"cash_balance":3.00001},"scode":"0x0","status":true}"#
            .to_owned()
    })
    .await
}

async fn estimate(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Bytes) -> Response {
    let request = ChatRequest { body: serde_json::from_slice(&body).unwrap_or_default() };
    let path = "/v1/tokenizers/estimate-token-count";
    answer(&state, Method::POST, path, Endpoint::Estimate, &headers, &request, |_| {
        format!(r#"{{"data":{{"total_tokens":{}}}}}"#, request.prompt_tokens().0)
    })
    .await
}

/// One of the small endpoints: record, wait, refuse or answer.
async fn answer(
    state: &Arc<State>,
    method: Method,
    path: &'static str,
    endpoint: Endpoint,
    headers: &HeaderMap,
    request: &ChatRequest,
    text: impl FnOnce(&Script) -> String,
) -> Response {
    let mut tracker = begin(state, method, path, request);
    let script = state.script(endpoint);
    let plan = plan::plan(request, &script, 0);
    player::wait(&plan.head, state, &tracker).await;
    let strict = script.dialect == Dialect::Moonshot;
    if let Some(fault) =
        plan::fault(request, &script).or_else(|| strict.then(|| checks::key(headers)).flatten())
    {
        return refuse(&fault, &script, tracker);
    }
    tracker.answered(200);
    let headers = if strict { platform_headers() } else { HeaderMap::new() };
    // The switch that writes what no server should.
    let text = script.garbage_line.clone().unwrap_or_else(|| text(&script));
    tracker.end(Outcome::Finished);
    json_response(headers, text)
}

fn begin(state: &State, method: Method, path: &'static str, request: &ChatRequest) -> Tracker {
    state.records.begin(Record {
        id: 0,
        at_ms: 0,
        method: if method == Method::GET { "GET" } else { "POST" },
        path,
        model: request.model().to_owned(),
        stream: request.is_stream(),
        prompt: request.prompt(),
        partial: request.partial(),
        body: request.body.clone(),
        status: None,
        fault: None,
        outcome: Outcome::Waiting,
        thinking_tokens: 0,
        text_tokens: 0,
        first_chunk_ms: None,
        ended_ms: None,
    })
}

fn refuse(fault: &Fault, script: &Script, mut tracker: Tracker) -> Response {
    tracker.answered(fault.status);
    tracker.fault(&fault.name);
    tracker.end(Outcome::Refused);
    fault.response(script.dialect)
}

fn success_headers(script: &Script, plan: &Plan) -> HeaderMap {
    if script.dialect != Dialect::Moonshot {
        return HeaderMap::new();
    }
    let mut headers = platform_headers();
    if plan.envelope.counts.cached > 0 {
        let saved = HeaderName::from_static("msh-context-cache-token-saved");
        headers.insert(saved, HeaderValue::from(plan.envelope.counts.cached));
    }
    headers
}

fn json_response(mut headers: HeaderMap, text: String) -> Response {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    (StatusCode::OK, headers, Body::from(text)).into_response()
}

fn model_ids(script: &Script) -> Vec<String> {
    script.models.clone().unwrap_or_else(|| MODELS.map(str::to_owned).to_vec())
}

/// One entry of the list of models (§4), with the fields that the reference confirms.
fn model_entry(id: &str, dialect: Dialect) -> String {
    let name = json_string(id);
    match dialect {
        Dialect::Moonshot => {
            let is_k3 = id.starts_with("kimi-k3");
            let context = if is_k3 { 1_048_576 } else { 262_144 };
            let kind = if id.starts_with("kimi-k2.6") { "both" } else { "only" };
            let efforts = if is_k3 {
                r#","think_efforts":{"support":true,"valid_efforts":["low","high","max"],"default_effort":"max"}"#
            } else {
                ""
            };
            format!(
                r#"{{"id":{name},"object":"model","created":0,"owned_by":"moonshot","context_length":{context},"supports_image_in":true,"supports_video_in":true,"supports_reasoning":true,"supports_dynamic_tools":{is_k3},"supports_thinking_type":"{kind}"{efforts}}}"#
            )
        }
        Dialect::Vllm => {
            json!({"id": id, "object": "model", "created": 1, "owned_by": "vllm", "max_model_len": 32_768})
                .to_string()
        }
        Dialect::OpenRouter => json!({"id": id, "name": id, "context_length": 262_144}).to_string(),
        Dialect::Ollama | Dialect::LlamaCpp => {
            format!(r#"{{"id":{name},"object":"model","created":1,"owned_by":"library"}}"#)
        }
    }
}
