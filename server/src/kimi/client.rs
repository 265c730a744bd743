//! The client of the model's API over HTTP. One call sends one request: it never tries again by itself, keeps no
//! conversation, and never shows its key.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Clean, DeltaStream, Error, Model, ModelInfo, Request, Stage,
    error::MAX_RETRY_AFTER,
    models, partial, request,
    stream::{self, SeenKey},
};

/// The international host of §0.
pub const DEFAULT_BASE_URL: &str = "https://api.moonshot.ai/v1";

/// On every answer of Moonshot's platform (§5.3), also through a gateway that hides its address.
const MOONSHOT_HEADER: &str = "msh-request-id";

/// Bytes of an error's body that are read; the rest cannot say more.
const MAX_ERROR_BODY: usize = 64 * 1024;
/// Bytes of a list of models; the longest known, `OpenRouter`'s, has about one million.
const MAX_MODELS_BODY: usize = 8 * 1024 * 1024;

/// Where the model is, and how to be let in.
#[derive(Clone)]
pub struct Config {
    /// With or without `/v1` and a slash at the end.
    pub base_url: String,
    /// `None` for servers that want none, such as Ollama.
    pub key: Option<String>,
    /// This server continues a partial turn, although it does not look like Moonshot's.
    pub partial: bool,
    pub timeouts: Timeouts,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            key: None,
            partial: false,
            timeouts: Timeouts::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("partial", &self.partial)
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

/// How long to wait for what. There is no limit on a whole reply (§6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included. 10 s.
    pub connect: Duration,
    /// From sending the request to the first byte of the body. 120 s: K3 may be silent for tens of seconds.
    pub first_byte: Duration,
    /// Between two pieces of the body, comments included. 90 s.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(2),
            idle: Duration::from_secs(90),
        }
    }
}

/// Talks to one server. Cheap to clone; clones share connections and what was learned about the server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    key: Option<Arc<str>>,
    timeouts: Timeouts,
    /// Known to continue a partial turn, whatever its answers look like.
    continues: bool,
    /// Its last answer was none of Moonshot's.
    is_foreign: Arc<AtomicBool>,
    seen_key: Arc<SeenKey>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("host", &self.base_url.host_str())
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Checks the address and the key's form; connects to nothing yet.
    pub fn new(config: Config) -> Result<Self, Error> {
        // Somebody else may have installed a provider first, and any will do.
        _ = rustls::crypto::ring::default_provider().install_default();
        let base_url = base_url(&config.base_url)?;
        let mut headers = HeaderMap::new();
        let key = config.key.as_deref().map(str::trim).filter(|key| !key.is_empty());
        if let Some(key) = key {
            let value = HeaderValue::from_str(&format!("Bearer {key}"));
            let detail = || Clean::new("the key holds characters that no header can", None);
            let mut value = value.map_err(|_invalid| Error::BadKey { detail: detail() })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("SiteSpark/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(config.timeouts.connect)
            // A redirect would turn the POST into a GET, or carry the key elsewhere.
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .tcp_keepalive(Duration::from_secs(30));
        if is_loopback(&base_url) {
            // A proxy for the outside must not stand before the simulator or an Ollama next door.
            builder = builder.no_proxy();
        }
        Ok(Self {
            http: builder.build().map_err(|error| unreachable(error, key))?,
            continues: config.partial || is_moonshot(&base_url),
            is_foreign: Arc::default(),
            base_url,
            key: key.map(Arc::from),
            timeouts: config.timeouts,
            seen_key: Arc::default(),
        })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}/{path}", self.base_url.path().trim_end_matches('/')));
        url
    }

    fn secret(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Sends a request and waits for the head of a good response.
    async fn send(&self, request: reqwest::RequestBuilder, deadline: Instant) -> Result<Response, Error> {
        let response = timeout_at(deadline, request.send())
            .await
            .map_err(|_elapsed| Error::Timeout { stage: Stage::FirstByte })?
            .map_err(|error| unreachable(error, self.secret()))?;
        self.is_foreign.store(!response.headers().contains_key(MOONSHOT_HEADER), Ordering::Relaxed);
        let status = response.status();
        if status != StatusCode::OK {
            let after = retry_after(response.headers());
            let body = read(response, MAX_ERROR_BODY, self.timeouts.idle).await;
            let body = String::from_utf8_lossy(&body);
            return Err(Error::from_response(status.as_u16(), after, &body, self.secret()));
        }
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/html") {
            return Err(Error::WrongAddress { detail: Clean::new("a page instead of an answer", None) });
        }
        Ok(response)
    }

    async fn read_models(&self) -> Result<Vec<ModelInfo>, Error> {
        let deadline = Instant::now() + self.timeouts.first_byte;
        let response = self.send(self.http.get(self.url("models")), deadline).await?;
        let body = read(response, MAX_MODELS_BODY, self.timeouts.idle).await;
        let models = models::read(&body)
            .map_err(|error| Error::Garbled { detail: Clean::new(&error.to_string(), self.secret()) })?;
        if models.is_empty() {
            return Err(Error::Garbled { detail: Clean::new("an empty list of models", None) });
        }
        Ok(models)
    }
}

#[async_trait]
impl Model for Client {
    async fn stream(&self, request: Request) -> Result<DeltaStream, Error> {
        let is_foreign = self.is_foreign.load(Ordering::Relaxed) && !self.continues;
        let request = if is_foreign { request::alternating(request) } else { request };
        let body = request::body(&request, self.seen_key.get());
        let deadline = Instant::now() + self.timeouts.first_byte;
        let http_request =
            self.http.post(self.url("chat/completions")).header(ACCEPT, "text/event-stream").json(&body);
        let response = self.send(http_request, deadline).await?;
        let continues = self.continues || response.headers().contains_key(MOONSHOT_HEADER);
        let body = response.bytes_stream().map(|piece| piece.map_err(reqwest::Error::without_url));
        let deltas =
            stream::deltas(body, deadline, self.timeouts.idle, self.seen_key.clone(), self.key.clone());
        Ok(match partial::beginning(request) {
            Some(beginning) => partial::continuation(deltas, beginning, continues),
            None => deltas,
        })
    }

    async fn models(&self) -> Result<Vec<ModelInfo>, Error> {
        self.read_models().await
    }
}

fn base_url(text: &str) -> Result<Url, Error> {
    let wrong = |detail: &str| Error::WrongAddress { detail: Clean::new(detail, None) };
    let mut url = Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("neither http nor https"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').trim_end_matches("/chat/completions");
    let path = if path.ends_with("/v1") { path.to_owned() } else { format!("{path}/v1") };
    url.set_path(&path);
    Ok(url)
}

fn is_moonshot(url: &Url) -> bool {
    let hosts = ["moonshot.ai", "moonshot.cn", "kimi.com"];
    url.host_str().is_some_and(|name| {
        hosts.iter().any(|host| {
            name.strip_suffix(host).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    })
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// A request that got no answer. The address may hold a password, so it goes; the causes say what happened.
fn unreachable(error: reqwest::Error, key: Option<&str>) -> Error {
    if error.is_timeout() && error.is_connect() {
        return Error::Timeout { stage: Stage::Connect };
    }
    let error = error.without_url();
    let mut detail = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        detail = format!("{detail}: {error}");
        cause = error.source();
    }
    Error::Unreachable { detail: Clean::new(&detail, key) }
}

/// Whole seconds, in any of the headers of §5.3. Dates are not read: nobody was seen sending one.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    [RETRY_AFTER.as_str(), "x-retry-after", "msh-cooldown-seconds"].iter().find_map(|name| {
        let seconds = headers.get(*name)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
    })
}

/// As much of the body as comes, up to `limit` bytes and without a pause longer than `idle`.
async fn read(mut response: Response, limit: usize, idle: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Ok(Some(piece))) = timeout(idle, response.chunk()).await {
        let room = limit - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() >= room {
            break;
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_address_leads_to_the_same_paths() {
        let check = |text: &str, expected: &str| {
            let client = Client::new(Config { base_url: text.to_owned(), ..Config::default() }).unwrap();
            assert_eq!(client.url("models").as_str(), expected, "{text}");
        };
        for text in [
            "http://h:1",
            "http://h:1/",
            "http://h:1/v1",
            " http://h:1/v1/ ",
            "http://h:1/v1/chat/completions",
        ] {
            check(text, "http://h:1/v1/models");
        }
        check("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/models");
        check("https://api.kimi.com/coding/", "https://api.kimi.com/coding/v1/models");
    }

    #[test]
    fn moonshots_own_hosts_are_known() {
        for (url, expected) in [
            ("https://api.moonshot.ai/v1", true),
            ("https://api.moonshot.cn", true),
            ("https://api.kimi.com/coding/", true),
            ("https://notmoonshot.ai", false),
            ("https://moonshot.ai.example.org", false),
            ("http://localhost:11434", false),
        ] {
            assert_eq!(is_moonshot(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn impossible_settings_are_refused_at_once() {
        let new = |base_url: &str, key: &str| {
            let key = Some(key.to_owned());
            Client::new(Config { base_url: base_url.to_owned(), key, ..Config::default() })
        };
        assert_eq!(new("ftp://h", "k").unwrap_err().code(), "wrong_address");
        assert_eq!(new("not an address", "k").unwrap_err().code(), "wrong_address");
        assert_eq!(new("http://h", "k\n\u{7f}x").unwrap_err().code(), "bad_key");
    }

    #[test]
    fn the_key_is_never_shown() {
        let config = Config { key: Some("sk-very-secret".to_owned()), ..Config::default() };
        assert!(!format!("{config:?}").contains("very-secret"));
        assert!(!format!("{:?}", Client::new(config).unwrap()).contains("very-secret"));
    }

    #[test]
    fn waits_are_read_from_any_header_and_bounded() {
        let check = |name: &'static str, value: &'static str, expected: Option<u64>| {
            let headers = HeaderMap::from_iter([(
                reqwest::header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{name}: {value}");
        };
        check("retry-after", "1", Some(1));
        check("x-retry-after", " 7 ", Some(7));
        check("msh-cooldown-seconds", "2", Some(2));
        check("retry-after", "99999999999", Some(3_600));
        check("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", None);
        check("retry-after", "-1", None);
    }
}
