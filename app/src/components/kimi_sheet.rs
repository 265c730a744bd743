//! Who answers in the conversation and how: a button with the model's name, and the sheet that it opens.
//!
//! The sheet's form is the server's, and comes when the sheet is opened: it has the list of models, and texts that most
//! never look at. What is changed in it is one command. The sheet stays open until that is done; where it is refused, the
//! sheet says why, with all that was typed, and so it does when it is closed and opened again.

use leptos::prelude::{queue_microtask, untrack};
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlTextAreaElement};

use super::{Live, effect, focus, focus_soon, found};
use crate::chat::{Chat, Html, Reactive, Value};
use crate::client::{Connection, Input};
use crate::pages::kimi_form_address;
use crate::protocol::{Command, CommandId, Limits, RoomId, Thinking};
use crate::texts::chat as texts;

pub fn kimi_sheet(chat: Chat, html: &mut Live) {
    let model = move || {
        let own = chat.summary().map(|room| room.model).unwrap_or_default();
        if own.is_empty() { chat.default_model.get() } else { own }
    };
    html.tag(r#"<button class="quiet model-button needs-script" type="button" popovertarget="kimi""#);
    html.tag(" title=\"").text(texts::model_and_instructions()).tag("\"");
    html.live_if("hidden", move || chat.summary().is_none());
    html.live_text(model);
    let sheet = Sheet {
        chat,
        form: Value::new(String::new()),
        words: Value::new(String::new()),
        saving: Value::new(None),
    };
    html.tag(r#"</button><div id="kimi" popover class="over" role="dialog" aria-label=""#)
        .text(texts::model_and_instructions())
        .tag("\"")
        .on("toggle", move |_| sheet.toggled())
        .on("input", move |_| count())
        .on("submit", move |event| {
            event.prevent_default();
            _ = sheet.save(event);
        });
    html.tag(r#"><p class="refusal" role="alert""#)
        .live_if("hidden", move || sheet.words.with(String::is_empty));
    html.live_text(move || sheet.words.get());
    html.tag("</p><div").live_html(move || sheet.form.get()).tag("</div></div>");
    effect(move || {
        if chat.awaited.get().is_none() {
            _ = untrack(|| sheet.ended());
        }
    });
}

#[derive(Clone, Copy)]
struct Sheet {
    chat: Chat,
    form: Value<String>,
    /// Why it is not saved.
    words: Value<String>,
    /// What was sent, and with which instructions.
    saving: Value<Option<(CommandId, String)>>,
}

impl Sheet {
    fn toggled(self) {
        let Some(room) = self.chat.room.get_untracked().filter(|_| is_open()) else { return };
        // What was typed for this room is still there.
        if is_typed()
            && found("#kimi [name=room]").and_then(|of| of.get_attribute("value")) == Some(room.to_string())
        {
            return;
        }
        self.words.set(String::new());
        self.saving.set(None);
        self.form.set(said("note", "status", texts::form_loading()));
        let shown = move |html: Option<String>| {
            self.form.set(html.unwrap_or_else(|| said("wrong", "alert", texts::form_failed())));
            queue_microtask(move || {
                if let (Some(text), Some(given)) = (instructions(), self.chat.unsaved_instructions(room)) {
                    text.set_value(&given);
                    count();
                }
            });
            focus_soon("#kimi [autofocus]");
        };
        self.chat.read_html(&kimi_form_address(room), Box::new(shown));
    }

    /// Sends what was changed, so that nothing of what others change meanwhile is undone.
    fn save(self, event: &Event) -> Option<()> {
        let form: Element = event.target()?.unchecked_into();
        let element = |selector| form.query_selector(selector).ok().flatten();
        let value = |element: &Element| element.get_attribute("value");
        // The attribute says what was chosen before.
        let is_new = |element: &Element| !element.has_attribute("checked");
        let room = RoomId::parse(&value(&element("[name=room]")?)?)?;
        let model = element("[name=model]:checked")?;
        let known = model.get_attribute("data-thinking")?;
        let thinking =
            element("[name=thinking]:checked").filter(is_new).and_then(|thinking| value(&thinking));
        let is_known = |name: &String| name == "default" || known.split(' ').any(|known| known == name);
        let thinking = thinking.filter(is_known).and_then(|name| Thinking::from_name(&name));
        let text = instructions()?;
        let before = text.default_value().unwrap_or_default();
        let instructions = Some(text.value()).filter(|now| *now != before);
        if instructions.as_ref().is_some_and(|text| text.len() > Limits::INSTRUCTIONS_BYTES) {
            focus("#kimi textarea");
            return None;
        }
        let model = Some(model).filter(is_new).and_then(|model| value(&model));
        let sent = text.value();
        if model.is_some() || thinking.is_some() || instructions.is_some() {
            let (topic, kimi, is_archived) = (None, None, None);
            let change =
                Command::ChangeRoom { room, topic, kimi, model, thinking, instructions, is_archived };
            self.words.set(String::new());
            self.saving.set(self.chat.command_awaited(change).map(|id| (id, sent)));
            if matches!(self.chat.connection.get_untracked(), Connection::Live) {
                return None;
            }
        }
        _ = found("#kimi")?.hide_popover();
        Some(())
    }

    /// What was sent is done or refused.
    fn ended(self) -> Option<()> {
        let (id, sent) = self.saving.get_untracked()?;
        self.saving.set(None);
        if let Some(why) = self.chat.refusal(id) {
            self.words.set(why);
            // Otherwise the page has said it.
            if is_open() {
                self.chat.input(Input::Discard(id));
            }
        } else if instructions()?.value() == sent {
            _ = found("#kimi")?.hide_popover();
            self.form.set(String::new());
        }
        Some(())
    }
}

fn is_open() -> bool {
    found("#kimi:popover-open").is_some()
}

fn is_typed() -> bool {
    instructions().is_some_and(|text| text.default_value().is_ok_and(|before| before != text.value()))
}

/// A sentence in the place of the form.
fn said(class: &'static str, role: &'static str, words: &str) -> String {
    let mut html = Html::default();
    html.tag("<p class=\"").tag(class).tag("\" role=\"").tag(role).tag("\">").text(words).tag("</p>");
    html.take()
}

fn instructions() -> Option<HtmlTextAreaElement> {
    found("#kimi textarea").map(JsCast::unchecked_into)
}

fn count() {
    if let (Some(text), Some(count)) = (instructions(), found("#kimi [data-count]")) {
        let bytes = text.value().len();
        count.set_text_content(Some(&texts::bytes_of(bytes as u64, Limits::INSTRUCTIONS_BYTES as u64)));
        count.set_class_name(if bytes > Limits::INSTRUCTIONS_BYTES { "wrong" } else { "" });
    }
}
