//! The tools that a model may use while it answers, and what it is told after it has asked for some.
//!
//! So far there is one, and it is not run here: Moonshot's server searches the web itself, once its own arguments are
//! handed back to it as they came.

use serde_json::Value;

use crate::kimi::{Tool, ToolCallDelta, ToolCalls, Turn};

const WEB_SEARCH: &str = "$web_search";

/// Uses of tools that a run tells of. A model that asks for more still gets them.
pub(super) const MAX_STEPS: usize = 32;

/// What a model is offered.
pub(super) fn offered(searches_web: bool) -> Vec<Tool> {
    let search = Tool { name: WEB_SEARCH.to_owned(), description: String::new(), parameters: Value::Null };
    if searches_web { vec![search] } else { Vec::new() }
}

/// What came in one stream of the model, should it end with calls of tools.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) text: String,
    pub(super) thinking: String,
    calls: ToolCalls,
}

impl Round {
    pub(super) fn push(&mut self, call: ToolCallDelta) {
        self.calls.push(call);
    }

    pub(super) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// The tools that are used, in order, and the turns with which the model goes on.
    pub(super) fn used(self) -> (Vec<String>, Vec<Turn>) {
        let (mut names, mut results) = (Vec::new(), Vec::new());
        let calls = self.calls.finish();
        for call in &calls {
            // Each call needs its one result, or the API refuses the conversation.
            let result = if call.name == WEB_SEARCH {
                names.push(call.name.clone());
                &call.arguments
            } else {
                "There is no such tool."
            };
            results.push(Turn::tool(&call.id, result));
        }
        let thinking = Some(self.thinking).filter(|thinking| !thinking.is_empty());
        let asked = Turn { thinking, tool_calls: calls, ..Turn::assistant(self.text) };
        (names, [vec![asked], results].concat())
    }
}
