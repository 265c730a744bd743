//! Requests to our own server: a status, the time to come back, and a text. Deliberately no more than that.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

pub struct Answer {
    pub status: u16,
    /// `Retry-After`, where it was in seconds.
    pub retry_after_ms: Option<u64>,
    pub body: String,
}

/// `None`: no answer, or none that can be read.
pub async fn send(method: &str, address: &str) -> Option<Answer> {
    let options = RequestInit::new();
    options.set_method(method);
    let request = leptos::prelude::window().fetch_with_str_and_init(address, &options);
    let response: Response = JsFuture::from(request).await.ok()?.dyn_into().ok()?;
    let retry_after = response.headers().get("retry-after").ok().flatten();
    let retry_after_ms = retry_after
        .and_then(|seconds| seconds.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    let body = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some(Answer { status: response.status(), retry_after_ms, body })
}
