//! Which model answers in a room, how much it thinks, and what may be chosen of both.

use app::protocol::{Failure, ModelList, ModelOffer, Thinking};
use app::texts;

use super::Chat;
use super::refusals::bad_input;
use crate::kimi::{self, Offered};
use crate::store::{Settings, Standing};

/// What a run is to be written by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) model: String,
    pub(super) thinking: Thinking,
    /// What the room had chosen, where that is not there.
    pub(super) instead_of: Option<String>,
}

impl Chat {
    /// What rooms can choose, as far as it is known within a moment.
    pub async fn models(&self) -> ModelList {
        let offered = self.models.offered().await;
        let models = offered.models.iter().map(|model| ModelOffer {
            id: model.id.clone(),
            context_tokens: model.context_tokens,
            images: model.images,
            thinks: model.thinks,
            thinking: model.efforts.iter().copied().filter_map(from_model).collect(),
        });
        ModelList { default: offered.default, models: models.collect(), is_listed: offered.is_listed }
    }

    /// What answers in a room now. Where nothing was chosen, nobody has to be asked.
    pub(super) async fn choice(&self, standing: &Standing) -> Choice {
        if standing.model.is_empty() && standing.thinking == Thinking::Default {
            return Choice { model: self.settings.model.clone(), ..Choice::default() };
        }
        let offered = self.models.offered().await;
        let model = offered.answering(&standing.model).to_owned();
        let is_other = !standing.model.is_empty() && standing.model != model;
        let knows = knows(&offered, &model, standing.thinking);
        Choice {
            instead_of: is_other.then(|| standing.model.clone()),
            thinking: if knows { standing.thinking } else { Thinking::Default },
            model,
        }
    }

    /// Checks what a room is to have of it. A model that does not know the room's effort begins with its own.
    pub(super) async fn check_choice(&self, now: &Standing, wanted: &mut Settings) -> Result<(), Failure> {
        // What is so already is not judged: a form sends all of its fields.
        wanted.model.take_if(|model| *model == now.model);
        wanted.thinking.take_if(|thinking| *thinking == now.thinking);
        if wanted.model.is_none() && wanted.thinking.is_none() {
            return Ok(());
        }
        let offered = self.models.offered().await;
        if let Some(model) = wanted.model.as_deref().filter(|model| !model.is_empty())
            && offered.get(model).is_none()
        {
            return Err(bad_input(if offered.is_listed {
                texts::server::not_on_offer()
            } else {
                texts::server::models_unread()
            }));
        }
        let chosen = wanted.model.as_deref().unwrap_or(&now.model);
        let model = offered.answering(chosen);
        if let Some(thinking) = wanted.thinking
            && !knows(&offered, model, thinking)
        {
            return Err(bad_input(texts::server::not_such_thinking(model)));
        }
        if wanted.thinking.is_none() && !knows(&offered, model, now.thinking) {
            wanted.thinking = Some(Thinking::Default);
        }
        Ok(())
    }
}

fn knows(offered: &Offered, model: &str, thinking: Thinking) -> bool {
    thinking == Thinking::Default || offered.efforts(model).contains(&to_model(thinking))
}

/// As it is asked of the model.
pub(super) fn to_model(thinking: Thinking) -> kimi::Thinking {
    match thinking {
        Thinking::Default => kimi::Thinking::Default,
        Thinking::Off => kimi::Thinking::Off,
        Thinking::Low => kimi::Thinking::Low,
        Thinking::Medium => kimi::Thinking::Medium,
        Thinking::High => kimi::Thinking::High,
        Thinking::Max => kimi::Thinking::Max,
    }
}

fn from_model(thinking: kimi::Thinking) -> Option<Thinking> {
    Some(match thinking {
        kimi::Thinking::Default | kimi::Thinking::Least => return None,
        kimi::Thinking::Off => Thinking::Off,
        kimi::Thinking::Low => Thinking::Low,
        kimi::Thinking::Medium => Thinking::Medium,
        kimi::Thinking::High => Thinking::High,
        kimi::Thinking::Max => Thinking::Max,
    })
}
