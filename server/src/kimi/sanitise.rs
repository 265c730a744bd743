//! Text from the model's server, made fit for a log: no organisation, account or key ids, no markup, one line,
//! bounded. It is not meant for users; they get `Error::user_message`, which holds nothing of the server's words.

use std::fmt;

/// The longest text that is kept, in characters.
pub(super) const MAX_CHARACTERS: usize = 200;

/// Beginnings of words that are ids or secrets at Moonshot and at the servers that imitate it.
const SECRET_PREFIXES: [&str; 12] =
    ["org-", "org_", "ak-", "ak_", "sk-", "sk_", "key-", "key_", "proj-", "proj_", "uid-", "user_"];

/// Sanitised text. There is no other way to make one, so an error that holds it cannot leak an id.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Clean(String);

impl Clean {
    /// Keeps of `text` what is safe to log. `secret` is the client's own key, wherever it may be echoed.
    pub fn new(text: &str, secret: Option<&str>) -> Self {
        let mut text = text.to_owned();
        if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "…");
        }
        let mut clean = String::new();
        let mut previous = "";
        for word in without_angles(&text).split_whitespace() {
            if !clean.is_empty() {
                clean.push(' ');
            }
            // "Your account {org} is suspended": whatever the id looks like, it stands here.
            let account = previous.eq_ignore_ascii_case("account") && looks_like_id(word);
            clean.push_str(if account || is_secret(word) { "…" } else { word });
            previous = word;
        }
        let printable = clean.chars().filter(|character| !character.is_control());
        Self(printable.take(MAX_CHARACTERS).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// Replaces every `<…>`, which holds key ids in messages and tags in a gateway's page. An angle that never closes
/// takes the rest with it: the end of the id cannot be known.
fn without_angles(text: &str) -> String {
    let mut kept = String::new();
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '<' => {
                depth += 1;
                kept.push_str(" … ");
            }
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(character),
            _ => {}
        }
    }
    kept
}

/// Whether the word holds an id or a key, also behind punctuation such as `"`, `(`, `=` or `:`.
fn is_secret(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '-' || character == '_'))
        .any(|piece| {
            SECRET_PREFIXES.iter().any(|prefix| {
                // A few letters after the prefix may still be a word, such as `key-value`.
                piece.strip_prefix(prefix).is_some_and(|rest| {
                    rest.len() >= 8 || rest.bytes().any(|byte| byte.is_ascii_digit()) || prefix.len() <= 3
                })
            })
        })
}

fn looks_like_id(word: &str) -> bool {
    word.contains('-') || word.contains('_') || word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Clean::new(text, Some("secret-of-ours")).as_str(), expected);
    }

    #[test]
    fn ids_go_and_words_stay() {
        check(
            "Your account org-1a2b3c<ak-9f8e7d> request reached organization max RPM: 3, please try again",
            "Your account … … request reached organization max RPM: 3, please try again",
        );
        check("Your account 5f3e9a <ak-1> is suspended", "Your account … … is suspended");
        check("token quota: <org-77aa> 12.5, please", "token quota: … 12.5, please");
        check("Incorrect API key provided: sk-abc***def.", "Incorrect API key provided: …");
        check("key=\"sk-kimi-0123\" (org-12345678)", "… …");
        check("echo secret-of-ours!", "echo …!");
        check("Your account is fine, a key-value pair too", "Your account is fine, a key-value pair too");
    }

    #[test]
    fn markup_control_characters_and_length_go() {
        check("<html><h1>504\r\nGateway</h1>\u{1b}[31m", "… … 504 Gateway … [31m");
        check("open <ak-never closed", "open …");
        assert_eq!(Clean::new(&"x".repeat(5_000), None).as_str().chars().count(), MAX_CHARACTERS);
    }
}
