//! The sheet of all keys and commands.

use super::keys::{EVERYWHERE, Key, ON_MESSAGES, WRITING};
use super::{Live, slash};

pub fn shortcuts(html: &mut Live) {
    html.tag(r#"<div class="shortcuts"><h2>Keys</h2>"#);
    for (heading, keys) in [
        ("Everywhere", &EVERYWHERE[..]),
        ("While you write", &WRITING[..]),
        ("On a message", &ON_MESSAGES[..]),
    ] {
        html.tag("<h3>").tag(heading).tag("</h3><dl>");
        for Key { shown, does, .. } in keys {
            html.tag("<div><dt><kbd>").tag(shown).tag("</kbd></dt><dd>").tag(does).tag("</dd></div>");
        }
        html.tag("</dl>");
    }
    html.tag("<h2>Commands</h2><dl>");
    for (name, usage) in slash::usages() {
        html.tag("<div><dt><kbd>/").tag(name).tag("</kbd></dt><dd>").tag(usage).tag("</dd></div>");
    }
    html.tag("</dl><p>A command stands where a message would begin. With two slashes it is a message.</p>");
    html.tag(r#"<form method="dialog"><button class="button" autofocus>Close</button></form></div>"#);
}

/// The keys of a message, for whoever hears what is focused.
pub fn message_keys(html: &mut Live) {
    html.tag(r#"<p id="message-keys" hidden>Enter goes to the newest message. On a message: "#);
    for Key { shown, does, .. } in &ON_MESSAGES {
        html.tag(shown).tag(" ").tag(does).tag(". ");
    }
    html.tag("</p>");
}
