//! The list of models: how servers write it, and what is known of a model by its name (§1.1, §4).

use serde::Deserialize;
use serde_json::Value;

use super::{ModelInfo, Thinking};

/// Models that are kept of a list.
pub const MAX_MODELS: usize = 1_000;
/// Bytes of a model's name; longer ones are left out of a list.
pub const MODEL_BYTES: usize = 200;

/// The models of a response of `/v1/models`, each once. Entries that can't be read are left out.
pub(super) fn read(body: &[u8]) -> serde_json::Result<Vec<ModelInfo>> {
    let list: ModelList = serde_json::from_slice(body)?;
    let mut models: Vec<ModelInfo> = Vec::new();
    for entry in list.data.into_iter().take(MAX_MODELS) {
        let Ok(raw) = serde_json::from_value::<RawModel>(entry) else { continue };
        if is_name(&raw.id) && models.iter().all(|model| model.id != raw.id) {
            models.push(raw.into());
        }
    }
    Ok(models)
}

/// Whether this can be the name of a model at all.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MODEL_BYTES
        && text.chars().all(|character| character.is_ascii_graphic())
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<Value>,
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
    /// `only`, `both` or `no`.
    #[serde(default)]
    supports_thinking_type: Option<String>,
    #[serde(default)]
    think_efforts: Option<RawEfforts>,
}

#[derive(Deserialize)]
struct RawEfforts {
    #[serde(default)]
    support: bool,
    #[serde(default)]
    valid_efforts: Vec<String>,
}

impl From<RawModel> for ModelInfo {
    fn from(raw: RawModel) -> Self {
        let known = named(&raw.id);
        let says_nothing = raw.supports_thinking_type.is_none() && raw.think_efforts.is_none();
        let efforts = if says_nothing { known.efforts } else { efforts(&raw) };
        Self {
            context_tokens: raw.context_length.or(known.context_tokens),
            images: raw.supports_image_in.unwrap_or(known.images),
            thinks: raw.supports_reasoning.unwrap_or(known.thinks),
            efforts,
            id: raw.id,
        }
    }
}

fn efforts(raw: &RawModel) -> Vec<Thinking> {
    let mut efforts = Vec::new();
    if raw.supports_thinking_type.as_deref() == Some("both") {
        efforts.push(Thinking::Off);
    }
    let Some(valid) = raw.think_efforts.as_ref().filter(|efforts| efforts.support) else { return efforts };
    for (name, effort) in [
        ("low", Thinking::Low),
        ("medium", Thinking::Medium),
        ("high", Thinking::High),
        ("max", Thinking::Max),
    ] {
        if valid.valid_efforts.iter().any(|valid| valid == name) {
            efforts.push(effort);
        }
    }
    efforts
}

/// What is known of a model of this name without asking.
pub(super) fn named(id: &str) -> ModelInfo {
    let is_k3 = id.starts_with("kimi-k3");
    let toggles = id.starts_with("kimi-k2.5") || id.starts_with("kimi-k2.6");
    let is_known = is_k3 || toggles || id.starts_with("kimi-k2.7");
    let efforts: &[Thinking] = match (is_k3, toggles) {
        (true, _) => &[Thinking::Low, Thinking::High, Thinking::Max],
        (_, true) => &[Thinking::Off],
        _ => &[],
    };
    ModelInfo {
        id: id.to_owned(),
        context_tokens: is_known.then_some(if is_k3 { 1_048_576 } else { 262_144 }),
        images: is_known,
        thinks: is_known,
        efforts: efforts.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_how_its_models_think() {
        let models = read(
            br#"{"data":[
                {"id":"a","supports_thinking_type":"both","think_efforts":{"support":true,"valid_efforts":["high","odd","medium"]}},
                {"id":"kimi-k2.6"}, {"id":"kimi-k3","supports_thinking_type":"no"}, {"id":"b","max_model_len":32768},
                {"id":"c","think_efforts":{"support":false,"valid_efforts":["low"]}}]}"#,
        )
        .unwrap();
        let efforts: Vec<_> = models.iter().map(|model| model.efforts.as_slice()).collect();
        assert_eq!(efforts[0], [Thinking::Off, Thinking::Medium, Thinking::High]);
        assert_eq!(efforts[1], [Thinking::Off], "by its name, where the list says nothing");
        assert!(efforts[2].is_empty() && efforts[3].is_empty() && efforts[4].is_empty());
        assert_eq!((models[1].context_tokens, models[3].context_tokens), (Some(262_144), Some(32_768)));
    }

    #[test]
    fn what_is_no_model_is_left_out_and_the_rest_is_bounded() {
        let long = "x".repeat(MODEL_BYTES + 1);
        let list = format!(
            r#"{{"data":[{{"no":"id"}},7,{{"id":"a b"}},{{"id":""}},{{"id":"{long}"}},{{"id":"ok"}},{{"id":"ok"}},{{"id":"l","context_length":"long"}}]}}"#
        );
        let ids: Vec<_> = read(list.as_bytes()).unwrap().into_iter().map(|model| model.id).collect();
        assert_eq!(ids, ["ok"]);
        let many: Vec<_> = (0..5_000).map(|number| format!(r#"{{"id":"m{number}"}}"#)).collect();
        let list = format!(r#"{{"data":[{}]}}"#, many.join(","));
        assert_eq!(read(list.as_bytes()).unwrap().len(), MAX_MODELS);
    }
}
