//! Commands that are written instead of a message: `/model`, `/system`, `/clear` and `/help`. What a text means, and
//! what is offered while one is written; what they do is in `obey`.
//!
//! Only the beginning of a message can be one, and only these: any other `/word` is a message. Two slashes before a
//! command's word make it a message of one slash. What is told to all can't be taken back, so whatever looks like a
//! command with something missing is asked about and not sent.

use super::completion::{Completion, Offered};
use crate::texts::chat as texts;

/// A command, and what was written behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slash {
    Model(String),
    System(String),
    Clear,
    Help,
}

/// What stands for the server's own choice of a model, and for no instructions.
pub const DEFAULT: &str = "default";

/// Bytes of a beginning beyond which no model is meant.
const LONGEST: usize = 200;

/// Models that are offered at a time.
const MODELS: usize = 8;

struct Known {
    name: &'static str,
    /// What to write behind it, and what it does.
    usage: fn() -> &'static str,
    read: fn(&str) -> Option<Slash>,
}

const KNOWN: [Known; 4] = [
    Known { name: "model", usage: texts::command_model, read: |rest| Some(Slash::Model(rest.to_owned())) },
    Known { name: "system", usage: texts::command_system, read: |rest| Some(Slash::System(rest.to_owned())) },
    Known {
        name: "clear",
        usage: texts::command_clear,
        read: |rest| rest.is_empty().then_some(Slash::Clear),
    },
    Known { name: "help", usage: texts::command_help, read: |rest| rest.is_empty().then_some(Slash::Help) },
];

/// The command that a text begins with, and what is behind its word.
fn known(text: &str) -> Option<(&'static Known, &str)> {
    let text = text.strip_prefix('/')?;
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(word)).map(|known| (known, rest.trim()))
}

/// The command that this text is; `None`: it is a message, see [`message`].
pub fn command(text: &str) -> Option<Slash> {
    let (known, rest) = known(text.trim_end())?;
    (known.read)(rest)
}

/// The message that this text is, if it is one.
pub fn message(text: &str) -> &str {
    match text.strip_prefix('/') {
        Some(escaped) if known(escaped).is_some() => escaped,
        _ => text,
    }
}

/// Names of models matter to this text.
pub fn is_for_model(text: &str) -> bool {
    known(text).is_some_and(|(known, _)| known.name == "model")
}

/// All commands and what they do, for people.
pub fn usages() -> impl Iterator<Item = (&'static str, &'static str)> {
    KNOWN.iter().map(|known| (known.name, (known.usage)()))
}

/// What is offered at the cursor, which is at this byte of the text.
pub fn complete(text: &str, cursor: usize, models: &[String]) -> Completion {
    let begun = text.get(..cursor).unwrap_or_default();
    let Some(word) = begun.strip_prefix('/') else { return Completion::default() };
    if !word.contains(char::is_whitespace) {
        let fits = |known: &&Known| {
            known.name.len() > word.len()
                && known.name.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word))
        };
        let names = KNOWN.iter().filter(fits).map(|known| known.name.to_owned()).collect();
        return Completion { at: 0, cursor, names, offered: Offered::Commands };
    }
    let Some((Known { name: "model", .. }, _)) = known(begun) else { return Completion::default() };
    let at = begun.find(char::is_whitespace).map_or(cursor, |space| space + 1);
    let begun = begun.get(at..).unwrap_or_default().to_ascii_lowercase();
    // Whoever has written a whole name wants that one, also where others begin with it.
    let is_there = models.iter().map(String::as_str).chain([DEFAULT]).any(|model| model == begun);
    if is_there || begun.len() > LONGEST || models.is_empty() {
        return Completion::default();
    }
    let names = models.iter().filter(|model| model.to_ascii_lowercase().contains(&begun));
    Completion { at, cursor, names: names.take(MODELS).cloned().collect(), offered: Offered::Models }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_command_at_the_beginning_is_one() {
        let model = |name: &str| Some(Slash::Model(name.to_owned()));
        let system = |text: &str| Some(Slash::System(text.to_owned()));
        for (text, expected) in [
            ("/model kimi-k3", model("kimi-k3")),
            ("/MODEL  kimi-k3 \n", model("kimi-k3")),
            ("/model", model("")),
            ("/system Be brief.\nSay why.", system("Be brief.\nSay why.")),
            ("/system\nBe brief.", system("Be brief.")),
            ("/clear", Some(Slash::Clear)),
            ("/clear ", Some(Slash::Clear)),
            ("/help\n", Some(Slash::Help)),
            // Somebody says something.
            ("/clear the table, please", None),
            ("/help me", None),
            ("/helpful", None),
            ("/sim rate=0", None),
            ("/", None),
            ("", None),
            (" /help", None),
            ("Try /help", None),
            ("//help", None),
            ("\n/help", None),
        ] {
            assert_eq!(command(text), expected, "{text:?}");
            if expected.is_none() && !text.starts_with("//") {
                assert_eq!(message(text), text, "as it was written");
            }
        }
    }

    #[test]
    fn two_slashes_say_what_would_be_done() {
        for (text, expected) in [
            ("//help", "/help"),
            ("//model kimi-k3", "/model kimi-k3"),
            ("//clear the table", "/clear the table"),
            // Nothing is escaped where nothing needs to be.
            ("// a comment", "// a comment"),
            ("//sim", "//sim"),
            ("///help", "///help"),
        ] {
            assert_eq!(command(text), None, "{text}");
            assert_eq!(message(text), expected);
        }
    }

    fn offered(text: &str, cursor: usize) -> Vec<String> {
        let models = ["kimi-k3", "kimi-k3-turbo", "qwen3"].map(str::to_owned);
        complete(text, cursor, &models).names
    }

    #[test]
    fn commands_and_models_are_offered_while_they_are_written() {
        for (text, cursor, expected) in [
            ("/", 1, &["model", "system", "clear", "help"][..]),
            ("/mo", 3, &["model"]),
            ("/S", 2, &["system"]),
            ("/model", 6, &[]),
            ("/modelx", 7, &[]),
            ("/é", 3, &[]),
            ("say /mo", 7, &[]),
            ("//", 2, &[]),
            ("/model ", 7, &["kimi-k3", "kimi-k3-turbo", "qwen3"]),
            ("/model K3", 9, &["kimi-k3", "kimi-k3-turbo"]),
            ("/model kimi-k3", 14, &[]),
            ("/model default", 14, &[]),
            ("/model zzz", 10, &[]),
            ("/system k", 9, &[]),
            ("", 0, &[]),
        ] {
            assert_eq!(offered(text, cursor), expected, "{text} at {cursor}");
        }
        assert!(complete("/model ", 7, &[]).names.is_empty(), "what is not known is typed");
    }

    #[test]
    fn what_is_chosen_takes_the_place_of_its_beginning() {
        let models = ["kimi-k3".to_owned()];
        assert_eq!(complete("/mo", 3, &models).complete("/mo", 0), Some(("/model ".to_owned(), 7)));
        let text = "/model ki";
        assert_eq!(complete(text, 9, &models).complete(text, 0), Some(("/model kimi-k3 ".to_owned(), 15)));
    }
}
