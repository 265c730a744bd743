//! Requests to our own server, and what of their answers the drivers look at. Deliberately no more than that.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

pub struct Answer {
    pub status: u16,
    /// `Retry-After`, where it was in seconds.
    pub retry_after_ms: Option<u64>,
    pub body: String,
}

/// A request whose answer is small and read at once. `None`: no answer, or none that can be read.
pub async fn send(method: &str, address: &str) -> Option<Answer> {
    let options = RequestInit::new();
    options.set_method(method);
    answer(fetch(address, &options).await?).await
}

/// The same with a body of JSON, and within so many milliseconds.
pub async fn post(address: &str, body: &str, within: u32) -> Option<Answer> {
    let signal = AbortSignal::timeout_with_u32(within);
    answer(open(address, &[("content-type", "application/json")], body, &signal).await?).await
}

/// Sends a request and waits for the beginning of its answer.
pub async fn open(
    address: &str,
    headers: &[(&str, &str)],
    body: &str,
    signal: &AbortSignal,
) -> Option<Response> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_signal(Some(signal));
    options.set_body(&JsValue::from_str(body));
    let list = Headers::new().ok()?;
    for (name, value) in headers {
        list.set(name, value).ok()?;
    }
    options.set_headers(&list);
    fetch(address, &options).await
}

async fn fetch(address: &str, options: &RequestInit) -> Option<Response> {
    let request = leptos::prelude::window().fetch_with_str_and_init(address, options);
    JsFuture::from(request).await.ok()?.dyn_into().ok()
}

pub fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

async fn answer(response: Response) -> Option<Answer> {
    let retry_after_ms = header(&response, "retry-after")
        .and_then(|seconds| seconds.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    let body = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some(Answer { status: response.status(), retry_after_ms, body })
}
