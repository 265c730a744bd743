//! The sheet of all keys and commands.

use super::keys::{EVERYWHERE, Key, ON_MESSAGES, WRITING};
use super::{Live, slash};
use crate::chat::{Chat, Reactive};
use crate::texts::chat as texts;

pub fn shortcuts(chat: Chat, html: &mut Live) {
    html.tag(r#"<div class="shortcuts"><header><h2>"#).text(texts::keys());
    html.tag(r#"</h2><form method="dialog"><button class="button small" autofocus>"#);
    html.text(texts::close()).tag("</button></form></header>");
    for (heading, keys) in [
        (texts::everywhere(), &EVERYWHERE[..]),
        (texts::while_writing(), &WRITING[..]),
        (texts::on_a_message(), &ON_MESSAGES[..]),
    ] {
        html.tag("<h3>").text(heading).tag("</h3><dl>");
        for Key { shown, does, .. } in keys {
            html.tag("<div><dt><kbd>").tag(shown).tag("</kbd></dt><dd>").text(does()).tag("</dd></div>");
        }
        html.tag("</dl>");
    }
    html.tag(r#"<button class="chip" type="button""#)
        .live("aria-pressed", move || chat.has_letter_keys.get().to_string())
        .on("click", move |_| chat.want_letter_keys(!chat.has_letter_keys.get_untracked()))
        .tag(">")
        .text(texts::letter_keys())
        .tag("</button>");
    html.tag("<h2>").text(texts::commands_list()).tag("</h2><dl>");
    for (name, usage) in slash::usages() {
        html.tag("<div><dt><kbd>/").tag(name).tag("</kbd></dt><dd>").text(usage).tag("</dd></div>");
    }
    html.tag("</dl><p>").text(texts::commands_begin()).tag("</p></div>");
}

/// The keys of a message, for whoever hears what is focused.
pub fn message_keys(html: &mut Live) {
    html.tag(r#"<p id="message-keys" hidden>"#).text(texts::keys_of_messages());
    for Key { shown, does, .. } in &ON_MESSAGES {
        html.tag(" ").tag(shown).tag(": ").text(does()).tag(".");
    }
    html.tag("</p>");
}
