//! The configuration: flags and environment variables, checked before anything starts. The table of the README is
//! this file in words.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use app::protocol::Limits;
use clap::{Args, Parser, Subcommand};

/// A self-hosted chat in which people and Kimi talk in the same rooms.
#[derive(Debug, Parser)]
#[command(name = "sitespark", version)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Option<Task>,
    #[command(flatten)]
    pub server: ServerConfig,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Serve only the practice model, with the wire format of Kimi's API.
    Simulator {
        /// Where it listens.
        #[arg(long, env = "SITESPARK_SIMULATOR_ADDR", default_value = "127.0.0.1:3210")]
        addr: SocketAddr,
    },
}

#[derive(Clone, Args)]
pub struct ServerConfig {
    /// Where the server listens.
    #[arg(long, env = "SITESPARK_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    /// Another port for the same address.
    #[arg(long, env = "PORT")]
    pub port: Option<u16>,
    /// The folder of the database; created if missing.
    #[arg(long, env = "SITESPARK_DATA", default_value = "data")]
    pub data: PathBuf,
    /// The address that browsers use, such as `https://chat.example.org`, when a proxy stands before the server.
    #[arg(long, env = "SITESPARK_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// The key of the model's API. Without it the practice model answers.
    #[arg(long, env = "KIMI_API_KEY", hide_env_values = true)]
    pub kimi_api_key: Option<String>,
    /// Any OpenAI-compatible server. One that needs no key gets an empty one.
    #[arg(long, env = "KIMI_BASE_URL")]
    pub kimi_base_url: Option<String>,
    /// The model that answers.
    #[arg(long, env = "KIMI_MODEL", default_value = "kimi-k3")]
    pub kimi_model: String,
    /// The models that rooms may choose besides that, separated by commas. Empty: all that the server lists.
    #[arg(long, env = "KIMI_MODELS", default_value = "", hide_default_value = true)]
    pub kimi_models: String,
    /// The server at `KIMI_BASE_URL` continues an answer that was cut, as Kimi's own is known to.
    #[arg(long, env = "KIMI_PARTIAL", value_parser = clap::builder::FalseyValueParser::new())]
    pub kimi_partial: bool,
    /// The model names new conversations after their first exchange; otherwise their first words stay their names.
    #[arg(long, env = "KIMI_TITLES", default_value_t = true, action = clap::ArgAction::Set,
        value_parser = clap::builder::FalseyValueParser::new())]
    pub kimi_titles: bool,
    /// The model may search the web with Moonshot's own tool, which costs extra. Other servers do not know it.
    #[arg(long, env = "KIMI_WEB_SEARCH", value_parser = clap::builder::FalseyValueParser::new())]
    pub kimi_web_search: bool,
    #[command(flatten)]
    pub limits: LimitConfig,
}

impl std::fmt::Debug for ServerConfig {
    /// Never shows the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ServerConfig")
            .field("addr", &self.address())
            .field("data", &self.data)
            .field("public_url", &self.public_url)
            .field("has_key", &self.kimi_api_key.is_some())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Args)]
pub struct LimitConfig {
    /// Messages that one user may send in a minute.
    #[arg(long, env = "SITESPARK_MESSAGES_PER_MINUTE", default_value_t = Limits::default().messages_per_minute,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub messages_per_minute: u32,
    /// Bytes of one message.
    #[arg(long, env = "SITESPARK_MESSAGE_BYTES", default_value_t = 32 * 1024,
        value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub message_bytes: u32,
    /// Bytes of one frame from a client; at least twice what a message may have.
    #[arg(long, env = "SITESPARK_FRAME_BYTES", default_value_t = 64 * 1024,
        value_parser = clap::value_parser!(u32).range(1_024..=4_194_304))]
    pub frame_bytes: u32,
    /// Connections of one user; the oldest makes room for a new one.
    #[arg(long, env = "SITESPARK_CONNECTIONS_PER_USER", default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub connections_per_user: u16,
    /// Connections from one address.
    #[arg(long, env = "SITESPARK_CONNECTIONS_PER_ADDRESS", default_value_t = 200,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub connections_per_address: u16,
    /// Runs that ask the model at the same time; others are queued.
    #[arg(long, env = "SITESPARK_RUNS_AT_ONCE", default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub runs_at_once: u16,
    /// Seconds over which connections are closed when the server stops, so that they do not all come back at once;
    /// 10 by default.
    #[arg(long, env = "SITESPARK_DRAIN_SECONDS", value_parser = clap::value_parser!(u16).range(..=3_600))]
    pub drain_seconds: Option<u16>,
}

impl ServerConfig {
    /// How long connections are closed when the server stops, if it was said.
    pub fn drain_window(&self) -> Option<Duration> {
        self.limits.drain_seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// The address with the port that was asked for apart.
    pub fn address(&self) -> SocketAddr {
        let mut address = self.addr;
        if let Some(port) = self.port {
            address.set_port(port);
        }
        address
    }

    /// The server that was given; a variable that is set to nothing gives none.
    pub fn base_url(&self) -> Option<&str> {
        self.kimi_base_url.as_deref().map(str::trim).filter(|url| !url.is_empty())
    }

    /// The models that rooms may choose; empty: all.
    pub fn models(&self) -> Vec<String> {
        let names = self.kimi_models.split(',').map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// What no value is wrong with alone; the error is one line.
    pub fn check(&self) -> Result<(), String> {
        let (frame, message) = (self.limits.frame_bytes, self.limits.message_bytes);
        if frame / 2 < message {
            return Err(format!(
                "a frame of {frame} bytes has no room for a message of {message}. Set SITESPARK_FRAME_BYTES to at \
                 least twice SITESPARK_MESSAGE_BYTES"
            ));
        }
        Ok(())
    }

    /// Whether the built-in simulator answers: neither a key nor another server was given.
    pub fn is_practice_model(&self) -> bool {
        self.base_url().is_none() && self.kimi_api_key.as_deref().is_none_or(|key| key.trim().is_empty())
    }

    pub fn limits(&self) -> Limits {
        Limits {
            messages_per_minute: self.limits.messages_per_minute,
            message_bytes: self.limits.message_bytes as usize,
            frame_bytes: self.limits.frame_bytes as usize,
            connections_per_user: self.limits.connections_per_user.into(),
            connections_per_address: self.limits.connections_per_address.into(),
            ..Limits::default()
        }
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ']) => Ok(url.to_lowercase()),
        _ => Err("expected an origin such as `https://chat.example.org`, without a path".to_owned()),
    }
}
