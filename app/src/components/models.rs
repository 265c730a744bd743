//! The models that the server offers, for whoever writes `/model`: read when they begin to, and not before.

use crate::chat::{Chat, Reactive, Value};
use crate::protocol::{MODELS_PATH, ModelList, from_json};

/// Copies are handles to the same list.
#[derive(Clone, Copy)]
pub struct Models {
    /// Empty: not known.
    pub names: Value<Vec<String>>,
    is_asked: Value<bool>,
}

impl Models {
    pub fn new() -> Self {
        Self { names: Value::new(Vec::new()), is_asked: Value::new(false) }
    }

    /// Asks for the list unless it is there or on its way; `then` is done once it is there. Where it does not come, it is
    /// asked for again with the next key.
    pub fn ask(self, chat: Chat, then: Box<dyn FnOnce()>) {
        if self.is_asked.get_untracked() {
            return;
        }
        self.is_asked.set(true);
        let read = move |body: Option<String>| match body.and_then(|body| from_json::<ModelList>(&body).ok())
        {
            Some(list) => {
                self.names.set(list.models.into_iter().map(|model| model.id).collect());
                then();
            }
            None => self.is_asked.set(false),
        };
        chat.read_html(MODELS_PATH, Box::new(read));
    }

    /// It is not among them. Where they are not known, nothing is ruled out: the server decides.
    pub fn lack(self, name: &str) -> bool {
        self.names.with_untracked(|names| !names.is_empty() && !names.iter().any(|known| known == name))
    }
}
