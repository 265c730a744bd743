//! All keys of the page, in one table: what listens to them looks them up here, and the sheet of shortcuts shows them.

use leptos::ev::KeyboardEvent;

use crate::chat::Dialog;
use crate::texts::chat as texts;

/// A key, and what it does.
pub struct Key {
    /// What `KeyboardEvent.key` says of it, in lower case.
    name: &'static str,
    /// What it does, for whoever listens; empty: it is done where the key is heard.
    action: &'static str,
    /// The key as it is written for people.
    pub shown: &'static str,
    pub does: fn() -> &'static str,
}

const fn key(
    name: &'static str,
    action: &'static str,
    shown: &'static str,
    does: fn() -> &'static str,
) -> Key {
    Key { name, action, shown, does }
}

pub const EVERYWHERE: [Key; 3] = [
    key("k", "palette", "Ctrl K / ⌘ K", texts::key_palette),
    key("?", "shortcuts", "?", texts::key_keys),
    key("escape", "", "Escape", texts::key_close),
];

pub const WRITING: [Key; 6] = [
    key("enter", "", "Enter", texts::key_send),
    key("enter", "", "Shift Enter", texts::key_break),
    key("enter", "", "Ctrl Enter / ⌘ Enter", texts::key_send_instead),
    key("arrowup", "", "↑", texts::key_edit_last),
    key("@", "", "@", texts::key_names),
    key("/", "", "/", texts::key_commands),
];

pub const ON_MESSAGES: [Key; 15] = [
    key("arrowup", "", "↑", texts::key_before),
    key("arrowdown", "", "↓", texts::key_after),
    key("arrowleft", "", "←", texts::key_earlier_version),
    key("arrowright", "", "→", texts::key_later_version),
    key("enter", "", "Enter", texts::key_tools),
    key("r", "reply", "R", texts::key_reply),
    key("e", "edit", "E", texts::key_edit),
    key("g", "again", "G", texts::key_again),
    key("q", "quote", "Q", texts::key_quote),
    key("c", "copy", "C", texts::key_copy),
    key("p", "pin", "P", texts::key_pin),
    key("l", "link", "L", texts::key_link),
    key("u", "unread", "U", texts::key_unread),
    key("delete", "delete", "Delete", texts::key_delete),
    key("escape", "", "Escape", texts::key_back),
];

/// What a key does on a message that is focused, by the table.
pub fn on_message(name: &str) -> Option<&'static str> {
    ON_MESSAGES.iter().find(|key| key.name == name).map(|key| key.action)
}

/// What a key opens wherever the focus is; `is_writing` says that it is where letters are letters.
pub fn opens(event: &KeyboardEvent, is_writing: bool) -> Option<Dialog> {
    let has_command = event.ctrl_key() || event.meta_key();
    let has_other = event.alt_key() || has_command && event.shift_key();
    opened_by(&event.key().to_ascii_lowercase(), has_command, has_other, is_writing)
}

fn opened_by(name: &str, has_command: bool, has_other: bool, is_writing: bool) -> Option<Dialog> {
    let key = EVERYWHERE.iter().find(|key| key.name == name)?;
    match key.action {
        "palette" if has_command && !has_other => Some(Dialog::Palette),
        "shortcuts" if !has_command && !has_other && !is_writing => Some(Dialog::Shortcuts),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_chord_opens_something() {
        let (plain, command) = (false, true);
        for (name, has_command, has_other, is_writing, expected) in [
            ("k", command, false, false, Some(Dialog::Palette)),
            ("k", command, false, true, Some(Dialog::Palette)),
            ("k", command, true, true, None),
            ("k", plain, false, false, None),
            ("?", plain, false, false, Some(Dialog::Shortcuts)),
            ("?", plain, false, true, None),
            ("?", command, false, false, None),
            ("?", plain, true, false, None),
            ("escape", plain, false, false, None),
            ("x", command, false, false, None),
        ] {
            assert_eq!(opened_by(name, has_command, has_other, is_writing), expected, "{name}");
        }
    }

    #[test]
    fn no_key_of_a_message_does_two_things() {
        for (index, key) in ON_MESSAGES.iter().enumerate() {
            assert!(ON_MESSAGES[index + 1..].iter().all(|other| other.name != key.name), "{}", key.shown);
            assert!(!(key.does)().is_empty() && !key.shown.is_empty());
        }
        assert_eq!(on_message("r"), Some("reply"));
        assert_eq!(on_message("arrowup"), Some(""));
        assert_eq!(on_message("x"), None);
    }
}
