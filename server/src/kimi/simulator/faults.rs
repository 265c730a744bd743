//! Every error of §5.2, with the status, headers and body that the platform sends, and how the other servers would
//! say the same. It does not decide when to fail.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::script::Dialect;

/// Ids that errors and headers carry, and that must never be seen anywhere else.
pub const ORGANISATION_ID: &str = "org-5ca1ab1e0ddba11c0ffee";
/// The id of the key, inside `<…>` in messages.
pub const KEY_ID: &str = "ak-f0rb1dden2b5eenanywhere";

/// The page of a gateway that waited 900 s.
const GATEWAY_PAGE: &str = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n\
    <center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";

/// One way to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub name: String,
    pub status: u16,
    /// Empty for the page of a gateway.
    pub kind: String,
    pub message: String,
    /// Seconds of `Retry-After`, where it is sent.
    pub after: Option<u64>,
}

/// Name, status, type and message; `{org}` and `{ak}` are filled in. The first of a status is the one that its
/// number means. Only the requests-per-minute limits were seen with `Retry-After` (§5.3).
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, u16, &str, &str)] = &[
    ("invalid_request", 400, "invalid_request_error", "Invalid request: the simulator was told to refuse"),
    ("content_filter", 400, "content_filter", "The request was rejected because it was considered high risk"),
    ("input_too_long", 400, "invalid_request_error", "Input token length too long"),
    ("token_limit", 400, "invalid_request_error", "Your request exceeded model token limit : 1048576"),
    ("token_limit_code", 400, "invalid_request_error", "Your request exceeded model token limit: 262144"),
    ("message_size", 400, "invalid_request_error", "total message size 3000000 exceeds limit 2097152"),
    ("temperature", 400, "invalid_request_error", "invalid temperature: only 1 is allowed for this model"),
    ("top_p", 400, "invalid_request_error", "invalid top_p: only 0.95 is allowed for this model"),
    ("n", 400, "invalid_request_error", "invalid n: only 1 is allowed for this model"),
    ("thinking", 400, "invalid_request_error", "invalid thinking: only type=enabled is allowed for this model"),
    ("tool_choice", 400, "invalid_request_error", "tool_choice 'required' is incompatible with thinking enabled"),
    ("tool_choice_specified", 400, "invalid_request_error", "tool_choice 'specified' is incompatible with thinking enabled"),
    ("reasoning_missing", 400, "invalid_request_error", "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1"),
    ("empty_assistant", 400, "invalid_request_error", "Invalid request: the message at position 1 with role 'assistant' must not be empty"),
    ("tool_type", 400, "invalid_request_error", "Invalid request: unknown tool type: , currently only function and plugin are supported"),
    ("stop_array", 400, "invalid_request_error", "stop array too long. Expected an array with maximum length 5, but got 6"),
    ("both_thinking", 400, "invalid_request_error", "cannot specify both 'thinking' and 'reasoning_effort'"),
    ("purpose", 400, "invalid_request_error", "Invalid purpose: only 'file-extract' accepted"),
    ("file_size", 400, "invalid_request_error", "File size is too large, max file size is 100MB, please confirm and re-upload the file"),
    ("file_zero", 400, "invalid_request_error", "File size is zero, please confirm and re-upload the file"),
    ("file_count", 400, "invalid_request_error", "The number of files you have uploaded exceeded the max file count 1000, please delete previous uploaded files"),
    ("authentication", 401, "invalid_authentication_error", "Invalid Authentication"),
    ("no_key", 401, "incorrect_api_key_error", "Incorrect API key provided"),
    ("not_open", 403, "permission_denied_error", "The API you are accessing is not open"),
    ("other_user", 403, "permission_denied_error", "You are not allowed to get other user info"),
    ("ip", 403, "permission_denied_error", "Your IP is not allowed to access this organization"),
    ("model", 404, "resource_not_found_error", "Not found the model kimi-k2-0905-preview or Permission denied"),
    ("overloaded", 429, "engine_overloaded_error", "The engine is currently overloaded, please try again later"),
    ("quota", 429, "exceeded_current_quota_error", "Your account {org}<{ak}> is suspended, please check your plan and billing details"),
    ("quota_tokens", 429, "exceeded_current_quota_error", "You exceeded your current token quota: <{org}> -0.01, please check your account balance"),
    ("balance", 429, "exceeded_current_quota_error", "Your account {org} <{ak}> is suspended due to insufficient balance, please recharge your account or check your plan and billing details"),
    ("rate", 429, "rate_limit_reached_error", "Your account {org}<{ak}> request reached organization max RPM: 3, please try again after 1 seconds"),
    ("concurrency", 429, "rate_limit_reached_error", "Your account {org}<{ak}> request reached organization max concurrency: 1, please try again after 1 seconds"),
    ("tpm", 429, "rate_limit_reached_error", "Your account {org}<{ak}> request reached organization TPM rate limit, current:500010, limit:500000"),
    ("tpd", 429, "rate_limit_reached_error", "Your account {org}<{ak}> request reached organization TPD rate limit,current:1500010, limit:1500000"),
    ("organization", 429, "rate_limit_reached_error", "Organization Rate limit exceeded, please try again after 1 seconds"),
    ("closed", 499, "client_closed_request", "client closed request"),
    ("state", 500, "unexpected_output", "invalid state transition"),
    ("extract", 500, "server_error", "Failed to extract file: unexpected end of file"),
    ("unavailable", 503, "server_unavailable", "The server is temporarily unavailable, please try again later"),
    ("gateway", 504, "", ""),
];

/// The fault of a name or of a status. 429 alone means the limit of requests per minute.
pub(super) fn find(word: &str) -> Option<Fault> {
    let word = if word == "429" { "rate" } else { word };
    let status = word.parse::<u16>().ok();
    let (name, status, kind, message) =
        TABLE.iter().find(|(name, number, ..)| *name == word || Some(*number) == status)?;
    let after = matches!(*name, "rate" | "concurrency" | "organization").then_some(1);
    Some(Fault {
        name: (*name).to_owned(),
        status: *status,
        kind: (*kind).to_owned(),
        message: message.replace("{org}", ORGANISATION_ID).replace("{ak}", KEY_ID),
        after,
    })
}

impl Fault {
    /// A refusal of `checks`.
    pub(super) fn refusal(name: &str, status: u16, kind: &str, message: String) -> Self {
        Self { name: name.to_owned(), status, kind: kind.to_owned(), message, after: None }
    }

    pub(super) fn response(&self, dialect: Dialect) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = if dialect == Dialect::Moonshot { platform_headers() } else { HeaderMap::new() };
        if let Some(seconds) = self.after {
            for name in ["retry-after", "x-retry-after", "msh-cooldown-seconds"] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from(seconds));
            }
        }
        let (kind, body) = if self.kind.is_empty() {
            ("text/html", GATEWAY_PAGE.to_owned())
        } else {
            ("application/json; charset=utf-8", self.body(dialect))
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        (status, headers, Body::from(body)).into_response()
    }

    /// The whole body of an error response.
    pub(super) fn body(&self, dialect: Dialect) -> String {
        format!(r#"{{"error":{}}}"#, self.object(dialect))
    }

    /// What stands after `"error":`.
    pub(super) fn object(&self, dialect: Dialect) -> String {
        let (message, kind, status) = (json_string(&self.message), json_string(&self.kind), self.status);
        match dialect {
            Dialect::Moonshot => {
                format!(r#"{{"message":{},"type":{}}}"#, go_escape(&message), go_escape(&kind))
            }
            Dialect::Ollama => {
                format!(r#"{{"message":{message},"type":{kind},"param":null,"code":null}}"#)
            }
            Dialect::LlamaCpp => format!(r#"{{"code":{status},"message":{message},"type":{kind}}}"#),
            Dialect::Vllm => {
                format!(r#"{{"message":{message},"type":{kind},"param":null,"code":{status}}}"#)
            }
            Dialect::OpenRouter => format!(r#"{{"code":{status},"message":{message}}}"#),
        }
    }
}

/// The headers of every response of the platform (§5.3), with ids that nobody may pass on.
pub(super) fn platform_headers() -> HeaderMap {
    let request = Uuid::new_v4();
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("msh-request-id", &request.to_string());
    set("msh-trace-mode", "on");
    set("x-msh-trace-id", &request.simple().to_string());
    set("msh-org-id", ORGANISATION_ID);
    set("msh-uid", "user_f0rb1dden");
    set("msh-project-id", "proj-f0rb1dden");
    set("vary", "Origin");
    set("strict-transport-security", "max-age=31536000; includeSubDomains");
    set("server", "cloudflare");
    set("cf-cache-status", "DYNAMIC");
    set("cf-ray", &format!("{}-FRA", &request.simple().to_string()[..16]));
    set("server-timing", "cfExtPri");
    headers
}

pub(super) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The platform's errors come from Go's encoder, which escapes these too.
fn go_escape(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
