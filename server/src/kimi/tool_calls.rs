//! Joins the pieces of streamed tool calls into whole ones. It does not run them, and does not judge their JSON.

use super::{ToolCall, ToolCallDelta};

/// Calls that one turn may hold (§1.2: 128 tools); pieces of more are dropped.
pub const MAX_TOOL_CALLS: usize = 128;

/// The calls of one assistant turn while they arrive.
#[derive(Debug, Clone, Default)]
pub struct ToolCalls {
    calls: Vec<(usize, ToolCall)>,
}

impl ToolCalls {
    /// Adds one piece. The first id and name of an index win; arguments are appended.
    pub fn push(&mut self, piece: ToolCallDelta) {
        let known = self.calls.iter_mut().find(|(index, _)| *index == piece.index);
        let Some((_, call)) = known else {
            if self.calls.len() < MAX_TOOL_CALLS {
                let call = ToolCall {
                    id: piece.id.unwrap_or_default(),
                    name: piece.name.unwrap_or_default(),
                    arguments: piece.arguments,
                };
                self.calls.push((piece.index, call));
            }
            return;
        };
        if call.id.is_empty() {
            call.id = piece.id.unwrap_or_default();
        }
        if call.name.is_empty() {
            call.name = piece.name.unwrap_or_default();
        }
        call.arguments.push_str(&piece.arguments);
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The whole calls, in the order of their first pieces.
    pub fn finish(self) -> Vec<ToolCall> {
        self.calls.into_iter().map(|(_, call)| call).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(index: usize, id: Option<&str>, name: Option<&str>, arguments: &str) -> ToolCallDelta {
        ToolCallDelta {
            index,
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            arguments: arguments.to_owned(),
        }
    }

    #[test]
    fn interleaved_pieces_of_two_calls_are_joined() {
        let mut calls = ToolCalls::default();
        calls.push(piece(0, Some("functions.a:0"), Some("a"), ""));
        calls.push(piece(1, Some("b_1"), Some("b"), "{"));
        calls.push(piece(0, None, None, "{\"x\":"));
        calls.push(piece(1, None, None, "}"));
        calls.push(piece(0, Some("functions.a:0"), Some("a"), "1}"));
        let calls = calls.finish();
        assert_eq!(calls[0].arguments, "{\"x\":1}");
        assert_eq!((calls[0].id.as_str(), calls[0].name.as_str()), ("functions.a:0", "a"));
        assert_eq!(calls[1].arguments, "{}");
    }

    #[test]
    fn calls_are_bounded() {
        let mut calls = ToolCalls::default();
        for index in 0..10_000 {
            calls.push(piece(index, None, None, "x"));
        }
        assert_eq!(calls.finish().len(), MAX_TOOL_CALLS);
    }
}
