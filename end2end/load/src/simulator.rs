//! The simulator's admin side over HTTP: what it will say to a prompt, and what it was asked.

use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::Value;

use crate::Result;
use crate::account::encoded;

#[derive(Clone, Debug)]
pub struct SimulatorAdmin {
    address: SocketAddr,
    http: reqwest::Client,
}

/// Text and thinking that a prompt leads to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reply {
    pub text: String,
    pub thinking: String,
}

/// One request that the simulator got.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelCall {
    /// Counts from 1.
    pub id: u64,
    pub path: String,
    pub prompt: String,
    /// `finished`, `closed_by_client`, …
    pub outcome: String,
}

impl SimulatorAdmin {
    pub fn new(address: SocketAddr) -> Result<Self> {
        _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { address, http: reqwest::Client::builder().no_proxy().build()? })
    }

    /// Switches that hold for every request from now on.
    pub async fn defaults(&self, switches: &Value) -> Result<()> {
        let url = format!("http://{}/simulator/defaults", self.address);
        self.http.post(url).json(switches).send().await?.error_for_status()?;
        Ok(())
    }

    pub async fn reply(&self, prompt: &str) -> Result<Reply> {
        let query = encoded(&[("prompt", prompt)]);
        let url = format!("http://{}/simulator/reply?{query}", self.address);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// Completions that were asked for after the call `since`. The simulator remembers the last 1,000 requests.
    pub async fn calls_since(&self, since: u64) -> Result<Vec<ModelCall>> {
        let url = format!("http://{}/simulator/requests?since={since}", self.address);
        let mut calls: Vec<ModelCall> = self.http.get(url).send().await?.error_for_status()?.json().await?;
        calls.retain(|call| call.path.ends_with("/chat/completions"));
        Ok(calls)
    }
}
