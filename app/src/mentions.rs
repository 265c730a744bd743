//! Who is mentioned in a message: `@kimi`, and `@` with the name of a member. The server decides by it who is told, the
//! composer shows beforehand whom it will be; both have only this.

use crate::protocol::{Limits, UserId};

/// Whom a text mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub kimi: bool,
    /// Members, each once, in the order of the text; at most [`Limits::MENTIONS_PER_MESSAGE`].
    pub users: Vec<UserId>,
    /// Words after an `@` that are the name of nobody here.
    pub unknown: Vec<String>,
}

/// Looks for names, without regard to case. Of several names that fit, the longest counts; of several members with the
/// same name, all are mentioned. Code, in spans and in fences, mentions nobody, and neither does an `@` inside of a word.
pub fn mentions<'a>(text: &str, members: impl Iterator<Item = (UserId, &'a str)> + Clone) -> Mentions {
    let mut found = Mentions::default();
    let mut is_fenced = false;
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        is_fenced ^= is_fence;
        if !is_fenced && !is_fence {
            in_line(line, &members, &mut found);
        }
    }
    found
}

fn in_line<'a>(
    line: &str,
    members: &(impl Iterator<Item = (UserId, &'a str)> + Clone),
    found: &mut Mentions,
) {
    let mut is_code = false;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        if character == '`' {
            is_code = !is_code;
        }
        if character == '@' && !is_code && !before.is_alphanumeric() {
            name(&line[at + 1..], members, found);
        }
        before = character;
    }
}

/// The name that a text begins with.
fn name<'a>(text: &str, members: &(impl Iterator<Item = (UserId, &'a str)> + Clone), found: &mut Mentions) {
    let longest = members.clone().map(|(_, name)| name).chain([KIMI]).filter(|name| begins_with(text, name));
    let Some(longest) = longest.map(str::len).max() else {
        let word: String = text.chars().take_while(|character| character.is_alphanumeric()).collect();
        if !word.is_empty() && found.unknown.len() < Limits::MENTIONS_PER_MESSAGE {
            found.unknown.push(word);
        }
        return;
    };
    let fits = |name: &str| name.len() == longest && begins_with(text, name);
    found.kimi |= fits(KIMI);
    for (user, _) in members.clone().filter(|(_, name)| fits(name)) {
        if !found.users.contains(&user) && found.users.len() < Limits::MENTIONS_PER_MESSAGE {
            found.users.push(user);
        }
    }
}

/// The name by which the AI is mentioned.
const KIMI: &str = "kimi";

fn begins_with(text: &str, name: &str) -> bool {
    let rest = after(text, name).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_alphanumeric()))
}

/// What follows a beginning, which counts without regard to case.
pub fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    let is_same = beginning
        .chars()
        .all(|expected| rest.next().is_some_and(|found| found.to_lowercase().eq(expected.to_lowercase())));
    is_same.then_some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NAMES: [&str; 5] = ["Ana", "Ana Maria", "Budi", "Åsa", "Budi"];

    fn found(text: &str) -> (bool, Vec<u128>, Vec<String>) {
        let members =
            NAMES.iter().enumerate().map(|(index, name)| (UserId(Uuid::from_u128(index as u128)), *name));
        let Mentions { kimi, users, unknown } = mentions(text, members);
        (kimi, users.into_iter().map(|user| user.0.as_u128()).collect(), unknown)
    }

    #[test]
    fn names_are_found_where_they_are_meant() {
        for (text, kimi, users) in [
            ("hello", false, vec![]),
            ("@kimi, hello", true, vec![]),
            ("hey @KIMI!", true, vec![]),
            ("@kimiko", false, vec![]),
            ("mail@kimi.example", false, vec![]),
            ("@ana and @Ana Maria", false, vec![0, 1]),
            ("(@ana)", false, vec![0]),
            ("@Anastasia", false, vec![]),
            ("@åSA", false, vec![3]),
            ("@budi", false, vec![2, 4]),
            ("@ana @ana", false, vec![0]),
            ("`@ana` @kimi `x", true, vec![]),
            ("```\n@ana\n```\n@budi", false, vec![2, 4]),
            ("@", false, vec![]),
        ] {
            let (found_kimi, found_users, _) = found(text);
            assert_eq!((found_kimi, found_users), (kimi, users), "{text}");
        }
        assert_eq!(found("@zoe, @ana").2, ["zoe"]);
    }
}
