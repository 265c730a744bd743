//! What the model is told: the instructions, and the branch that leads to the question.

use app::protocol::{Author, Message};

use crate::kimi::Turn;

/// Messages of a branch that are read at most.
pub(super) const MESSAGES: usize = 400;
/// Bytes of conversation sent at most; the oldest messages stay behind.
const BYTES: usize = 512 * 1024;

const INSTRUCTIONS: &str = "You are Kimi, an AI made by Moonshot AI, talking with people in a SiteSpark room. \
    Answer in the language of the question, in Markdown where it helps.";

/// The turns of a branch, oldest first, from the newest message back as far as the bound allows.
pub(super) fn turns(branch: &[Message]) -> Vec<Turn> {
    let mut bytes = 0;
    let fitting = branch.iter().rev().take_while(|message| {
        bytes += message.text.len() + message.thinking.len();
        bytes <= BYTES
    });
    // The question itself is sent however long it is.
    let count = fitting.count().max(1).min(branch.len());
    let newest = &branch[branch.len() - count..];
    std::iter::once(Turn::system(INSTRUCTIONS)).chain(newest.iter().filter_map(turn)).collect()
}

fn turn(message: &Message) -> Option<Turn> {
    match &message.author {
        Author::Member { .. } => Some(Turn::user(&message.text)),
        // The API refuses an assistant's turn without text, and then every later question of the room.
        Author::Assistant { .. } if message.text.is_empty() => None,
        Author::Assistant { .. } => {
            let thinking = Some(message.thinking.clone()).filter(|thinking| !thinking.is_empty());
            Some(Turn { thinking, ..Turn::assistant(&message.text) })
        }
    }
}
