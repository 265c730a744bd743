//! Who answers in the conversation and how: a button with the model's name, and the sheet that it opens.
//!
//! The sheet's form is the server's, and comes when the sheet is opened: it has the list of models, and texts that most
//! never look at. What is changed in it is one command.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlTextAreaElement};

use super::{Live, focus, focus_soon, found};
use crate::chat::{Chat, Html, Reactive, Value};
use crate::pages::kimi_form_address;
use crate::protocol::{Command, Limits, RoomId, Thinking};
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
    let form = Value::new(String::new());
    html.tag(r#"</button><div id="kimi" popover class="over" role="dialog" aria-label=""#)
        .text(texts::model_and_instructions())
        .tag("\"")
        .on("toggle", move |_| toggled(chat, form))
        .on("input", move |_| count())
        .on("submit", move |event| {
            event.prevent_default();
            _ = save(chat, event);
        })
        .live_html(move || form.get())
        .tag("</div>");
}

fn toggled(chat: Chat, form: Value<String>) {
    let room = chat.room.get_untracked();
    if let Some(room) = room.filter(|_| found("#kimi:popover-open").is_some()) {
        form.set(said("note", "status", texts::form_loading()));
        let shown = move |html: Option<String>| {
            form.set(html.unwrap_or_else(|| said("wrong", "alert", texts::form_failed())));
            focus_soon("#kimi [autofocus]");
        };
        chat.read_html(&kimi_form_address(room), Box::new(shown));
    }
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
    if let (Some(text), Some(count)) = (instructions(), found("#kimi output")) {
        let bytes = text.value().len();
        count.set_text_content(Some(&texts::bytes_of(bytes as u64, Limits::INSTRUCTIONS_BYTES as u64)));
        count.set_class_name(if bytes > Limits::INSTRUCTIONS_BYTES { "wrong" } else { "" });
    }
}

/// Sends what was changed, so that nothing of what others change meanwhile is undone.
fn save(chat: Chat, event: &Event) -> Option<()> {
    let form: Element = event.target()?.unchecked_into();
    let element = |selector| form.query_selector(selector).ok().flatten();
    let value = |element: &Element| element.get_attribute("value");
    // The attribute says what was chosen before.
    let is_new = |element: &Element| !element.has_attribute("checked");
    let room = RoomId::parse(&value(&element("[name=room]")?)?)?;
    let model = element("[name=model]:checked")?;
    let known = model.get_attribute("data-thinking")?;
    let thinking = element("[name=thinking]:checked").filter(is_new).and_then(|thinking| value(&thinking));
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
    if model.is_some() || thinking.is_some() || instructions.is_some() {
        let (topic, kimi, is_archived) = (None, None, None);
        chat.command(Command::ChangeRoom { room, topic, kimi, model, thinking, instructions, is_archived });
    }
    _ = found("#kimi")?.hide_popover();
    Some(())
}
