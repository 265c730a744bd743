//! The list of models: how servers write it, and what is known without asking (§1.1, §4).

use serde::Deserialize;

use super::ModelInfo;

/// Models that are kept of a list.
const MAX_MODELS: usize = 1_000;

/// The models of a response of `/v1/models`.
pub(super) fn read(body: &[u8]) -> serde_json::Result<Vec<ModelInfo>> {
    let list: ModelList = serde_json::from_slice(body)?;
    Ok(list.data.into_iter().take(MAX_MODELS).map(ModelInfo::from).collect())
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<RawModel>,
}

#[derive(Deserialize)]
struct RawModel {
    id: String,
    /// `max_model_len` is vLLM's word.
    #[serde(default, alias = "max_model_len")]
    context_length: Option<u64>,
    #[serde(default)]
    supports_image_in: Option<bool>,
    #[serde(default)]
    supports_reasoning: Option<bool>,
}

impl From<RawModel> for ModelInfo {
    fn from(raw: RawModel) -> Self {
        Self {
            id: raw.id,
            context_tokens: raw.context_length,
            images: raw.supports_image_in.unwrap_or(false),
            thinks: raw.supports_reasoning.unwrap_or(false),
        }
    }
}

/// The current models of §1.1, for when the list cannot be read.
pub(super) fn known() -> Vec<ModelInfo> {
    [
        ("kimi-k3", 1_048_576),
        ("kimi-k2.7-code", 262_144),
        ("kimi-k2.7-code-highspeed", 262_144),
        ("kimi-k2.6", 262_144),
    ]
    .map(|(id, context)| ModelInfo {
        id: id.to_owned(),
        context_tokens: Some(context),
        images: true,
        thinks: true,
    })
    .to_vec()
}
