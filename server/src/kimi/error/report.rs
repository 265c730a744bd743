//! Reads what servers say about an error, whatever its shape, and finds the type for it. The only place that knows
//! their words.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{Clean, Error};

/// What servers say about an error, in one shape. Lenient: all of it is optional, and `code` is a number at
/// some, a word at others, and `null` at the rest.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub message: String,
    pub kind: String,
    pub status: Option<u16>,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    message: Option<Value>,
    #[serde(default, rename = "type")]
    kind: Option<Value>,
    #[serde(default)]
    code: Option<Value>,
}

impl Report {
    pub(super) fn parse(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        match body.get("error") {
            Some(error) => Self::from_value(error),
            // Older vLLM has the fields at the top level.
            None if body.get("message").is_some() => Self::from_value(&body),
            None => None,
        }
    }

    pub(super) fn from_value(error: &Value) -> Option<Self> {
        match error {
            Value::Null => None,
            Value::String(message) => Some(Self { message: message.clone(), ..Self::default() }),
            Value::Object(_) => {
                let fields = Fields::deserialize(error).ok()?;
                let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
                let code = text(&fields.code);
                let number = fields.code.as_ref().and_then(Value::as_u64);
                Some(Self {
                    message: text(&fields.message).unwrap_or_default(),
                    status: number.and_then(|code| u16::try_from(code).ok()),
                    kind: text(&fields.kind).or(code).unwrap_or_default(),
                })
            }
            other => Some(Self { message: other.to_string(), ..Self::default() }),
        }
    }

    /// The type decides where it is known, the words of the message where the type is too wide, and the status
    /// where there is neither.
    pub(super) fn classify(&self, status: u16, after: Option<Duration>, key: Option<&str>) -> Error {
        let status = if status == 200 { self.status.unwrap_or(200) } else { status };
        let detail = Clean::new(&format!("status {status}, {}: {}", self.kind, self.message), key);
        let message = self.message.to_lowercase();
        match self.kind.as_str() {
            "content_filter" => Error::ContentFiltered { detail },
            "rate_limit_reached_error" => Error::RateLimited { after, detail },
            "engine_overloaded_error" | "overloaded_error" => Error::Overloaded { after, detail },
            "exceeded_current_quota_error" | "insufficient_quota" => Error::QuotaExhausted { detail },
            "invalid_authentication_error" | "incorrect_api_key_error" | "authentication_error" => {
                Error::BadKey { detail }
            }
            "permission_denied_error" => Error::PermissionDenied { detail },
            "resource_not_found_error" | "not_found_error" => Error::ModelNotFound { detail },
            "client_closed_request" => Error::ClosedOnTheWay { detail },
            "server_error" | "unexpected_output" | "api_error" if status < 502 => {
                Error::Server { after, detail }
            }
            "server_unavailable" => Error::Unavailable { after, detail },
            "exceed_context_size_error" | "context_length_exceeded" => Error::ContextTooLong { detail },
            _ if is_context_limit(&message) => Error::ContextTooLong { detail },
            _ if message.contains("considered high risk") => Error::ContentFiltered { detail },
            _ if matches!(status, 429 | 503 | 529) && message.contains("overloaded") => {
                Error::Overloaded { after, detail }
            }
            _ => match status {
                401 => Error::BadKey { detail },
                402 => Error::QuotaExhausted { detail },
                403 => Error::PermissionDenied { detail },
                404 => Error::ModelNotFound { detail },
                408 => Error::GatewayTimeout { after, detail },
                413 => Error::ContextTooLong { detail },
                429 if is_about_money(&message) => Error::QuotaExhausted { detail },
                429 => Error::RateLimited { after, detail },
                499 => Error::ClosedOnTheWay { detail },
                502 | 503 | 529 => Error::Unavailable { after, detail },
                504 => Error::GatewayTimeout { after, detail },
                300..=399 => Error::WrongAddress { detail },
                400..=499 => Error::BadRequest { detail },
                // In a stream nobody says whose fault it is. The request was good enough to begin, so it is theirs,
                // unless it says otherwise.
                _ if self.kind == "invalid_request_error" => Error::BadRequest { detail },
                _ => Error::Server { after, detail },
            },
        }
    }
}

/// The wordings of Moonshot, Kimi Code, llama.cpp, vLLM and `OpenRouter` for one and the same thing.
fn is_context_limit(message: &str) -> bool {
    [
        "token limit",
        "token length too long",
        "total message size",
        "maximum context length",
        "available context size",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn is_about_money(message: &str) -> bool {
    ["quota", "balance", "suspended", "billing"].iter().any(|word| message.contains(word))
}
