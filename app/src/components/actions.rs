//! What the reader can do with a message: one toolbar for the whole list, keys, and all that can be pressed in a row.
//!
//! The page is heard as a whole: an element with `data-do` says what it does, and the row around it with what.

mod keyboard;
mod tools;

use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement};

use super::draft::{Offers, Writing};
use super::{Live, around, code, effect, focus, focus_soon, listen};
use crate::chat::{Chat, Html, Reactive, Value};
use crate::pages::message_address;
use crate::protocol::{Command, MessageId, Notify};
use crate::texts::chat as texts;

/// How long the toolbar says that something is done.
const SAID_FOR: std::time::Duration = std::time::Duration::from_secs(2);
/// Pixels that the toolbar needs above itself.
const SEEN_BELOW: i32 = 40;

/// What the toolbar asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    WhatToDo,
    WhichEmoji,
    WhetherToDelete,
    /// Nothing: this was done.
    Done(&'static str),
}

#[derive(Clone, Copy)]
pub struct Actions {
    pub chat: Chat,
    pub offers: Offers,
    /// The message that the toolbar is for.
    pointed: Value<Option<(MessageId, Asking)>>,
    /// Where the toolbar is.
    style: Value<String>,
    /// A finger was put down, and whether it presses, scrolls or selects is not known yet.
    is_tapping: Value<bool>,
}

fn is_touch(event: &Event) -> bool {
    event.unchecked_ref::<PointerEvent>().pointer_type() == "touch"
}

fn message_of(element: &Element) -> Option<MessageId> {
    MessageId::parse(&element.get_attribute("data-message")?)
}

/// Loads the image that a link is to, in the place of its words; from then on it is a link like others. Nobody is told
/// where it is shown.
fn show_image(link: &Element) {
    let mut html = Html::default();
    html.tag("<img loading=\"lazy\" referrerpolicy=\"no-referrer\" alt=\"");
    html.text(&link.text_content().unwrap_or_default()).tag("\" src=\"");
    html.text(&link.get_attribute("href").unwrap_or_default()).tag("\">");
    _ = link.remove_attribute("data-do");
    link.set_inner_html(&html.take());
}

impl Actions {
    pub fn new(chat: Chat, offers: Offers) -> Self {
        let style = Value::new(String::new());
        Self { chat, offers, pointed: Value::new(None), style, is_tapping: Value::new(false) }
    }

    /// Begins to hear the page.
    pub fn listen(self) {
        listen("click", move |event| self.clicked(event));
        listen("keydown", move |event| {
            // A finger that was lifted without a click tells nobody.
            self.is_tapping.set(false);
            self.key(event.unchecked_ref());
        });
        // What is selected stays so, to be quoted.
        listen("mousedown", move |event| {
            if around(event, ".toolbar button").is_some() {
                event.prevent_default();
            }
        });
        listen("pointerover", move |event| {
            if !is_touch(event) {
                self.point(event);
            }
        });
        // What a finger presses must still be below it when it is pressed: the toolbar comes after that.
        listen("pointerdown", move |event| self.is_tapping.set(is_touch(event)));
        listen("pointercancel", move |_| self.is_tapping.set(false));
        listen("focusin", move |event| {
            if !self.is_tapping.get_untracked() {
                self.point(event);
            }
        });
        effect(move || {
            self.chat.room.track();
            self.pointed.set(None);
        });
    }

    pub fn toolbar(self, html: &mut Live) {
        let tools = move || {
            let pointed = self.pointed.get();
            pointed.map(|(message, asking)| self.tools(message, asking)).unwrap_or_default()
        };
        html.tag(r#"<div class="toolbar" role="toolbar" aria-label=""#)
            .text(texts::toolbar())
            .tag("\"")
            .live("style", move || self.style.get())
            .live_if("hidden", move || self.pointed.get().is_none())
            .live_html(tools)
            .tag("</div>");
    }

    /// Puts the toolbar where its message is now.
    pub fn place(self) {
        let Some((message, _)) = self.pointed.get_untracked() else { return };
        let Some(row) = document().get_element_by_id(&format!("m-{message}")) else {
            return self.pointed.set(None);
        };
        let row = row.unchecked_into::<HtmlElement>();
        let scrolled = row.closest(".messages").ok().flatten().map_or(0, |scroller| scroller.scroll_top());
        // Of a long message that begins above, at the top of what is seen of it.
        let top = row.offset_top().max((scrolled + SEEN_BELOW).min(row.offset_top() + row.offset_height()));
        let style = format!("top:{top}px");
        if self.style.with_untracked(|shown| *shown != style) {
            self.style.set(style);
        }
    }

    fn ask(self, message: MessageId, asking: Asking) {
        if self.pointed.get_untracked() != Some((message, asking)) {
            self.pointed.set(Some((message, asking)));
        }
        self.place();
    }

    fn point(self, event: &Event) {
        let pointed = self.pointed.get_untracked();
        // Nor when the toolbar says something, and so has another size below the pointer.
        let is_busy = pointed.is_some_and(|(_, asking)| asking != Asking::WhatToDo);
        if is_busy || around(event, ".toolbar").is_some() {
            return;
        }
        match around(event, "article[data-message]").and_then(|row| message_of(&row)) {
            Some(message) => self.ask(message, Asking::WhatToDo),
            None if pointed.is_some() => self.pointed.set(None),
            None => {}
        }
    }

    fn clicked(self, event: &Event) {
        self.is_tapping.set(false);
        // Not what has an effect of its own.
        if around(event, "article :is(a, button, summary)").is_none() {
            self.point(event);
        }
        // What lies over the page closes when something else is pressed.
        if around(event, ".about").is_none()
            && let Ok(Some(open)) = document().query_selector(".about[open]")
        {
            _ = open.remove_attribute("open");
        }
        // So does a question.
        if around(event, ".toolbar").is_none()
            && self.pointed.get_untracked().is_some_and(|(_, asking)| asking != Asking::WhatToDo)
        {
            self.pointed.set(None);
        }
        let Some(element) = around(event, "[data-do]") else { return };
        let mouse = event.unchecked_ref::<MouseEvent>();
        if element.has_attribute("href") && (mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key()) {
            return;
        }
        event.prevent_default();
        let action = element.get_attribute("data-do").unwrap_or_default();
        if action == "image" {
            return show_image(&element);
        }
        if let Ok(Some(figure)) = element.closest(".code") {
            return code::pressed(self.chat, &action, &element, &figure);
        }
        let row = element.closest("[data-message]").ok().flatten();
        let message = row.and_then(|row| message_of(&row));
        let message = message.or_else(|| self.pointed.get_untracked().map(|(message, _)| message));
        let value = element.get_attribute("data-value").unwrap_or_default();
        self.act(&action, &value, message);
    }

    /// Says for a while that something is done.
    fn say(self, message: MessageId, what: &'static str) {
        let said = Some((message, Asking::Done(what)));
        self.ask(message, Asking::Done(what));
        self.chat.hear(what.to_owned());
        set_timeout(
            move || {
                if self.pointed.get_untracked() == said {
                    self.back();
                }
            },
            SAID_FOR,
        );
    }

    /// The toolbar has done its work.
    fn back(self) {
        if let Some((message, _)) = self.pointed.get_untracked() {
            self.pointed.set(None);
            if document()
                .active_element()
                // What had the focus may be gone, which leaves it with the body.
                .is_none_or(|active| {
                    active.tag_name() == "BODY" || active.closest(".toolbar").is_ok_and(|it| it.is_some())
                })
            {
                focus(&format!("#m-{message}"));
            }
        }
    }

    fn act(self, action: &str, value: &str, message: Option<MessageId>) {
        let chat = self.chat;
        let Some(room) = chat.room.get_untracked() else { return };
        match action {
            "jump" => {
                if let Some(message) = MessageId::parse(value) {
                    chat.jump(message);
                }
                return;
            }
            "branch" => {
                if let Some(message) = MessageId::parse(value) {
                    chat.show_branch(message);
                }
                return;
            }
            "unread-line" => return chat.jump_to_unread(),
            "notify" => {
                let notify = match value {
                    "all" => Notify::All,
                    "none" => Notify::None,
                    _ => Notify::Mentions,
                };
                chat.command(Command::SetNotify { room, notify });
                return;
            }
            _ => {}
        }
        let Some(id) = message else { return };
        let Some(message) = chat.message(id) else { return };
        match action {
            "emoji" | "delete" => {
                let asking = if action == "emoji" { Asking::WhichEmoji } else { Asking::WhetherToDelete };
                self.ask(id, asking);
                let first = if action == "emoji" { ".toolbar button" } else { "[data-do=keep]" };
                return focus_soon(first);
            }
            "reply" => self.offers.writing.set(Writing::Reply(id)),
            "edit" => self.offers.writing.set(Writing::Edit(id)),
            "react" => {
                let reactions = &message.marks.reactions;
                let own = reactions.iter().find(|reaction| reaction.emoji == value);
                let is_on = !own.is_some_and(|own| chat.user().is_some_and(|user| own.users.contains(&user)));
                chat.command(Command::React { room, message: id, emoji: value.to_owned(), is_on });
            }
            "pin" => {
                let is_on = message.marks.pinned_at.is_none();
                chat.command(Command::Pin { room, message: id, is_on });
            }
            "link" => {
                chat.copy_address(&message_address(room, id));
                return self.say(id, texts::link_copied());
            }
            "copy" => {
                chat.copy(&message.text);
                return self.say(id, texts::copied());
            }
            "quote" => {
                let selected = chat.selection().filter(|(of, _)| *of == id);
                self.offers.quote.set(selected.map_or(message.text, |(_, text)| text));
                return self.pointed.set(None);
            }
            "again" => _ = chat.command(Command::RetryRun { room, message: id }),
            "unread" => chat.mark_unread(&message),
            "stop" => _ = chat.command(Command::StopRun { room, message: id }),
            "really-delete" => _ = chat.command(Command::DeleteMessage { room, message: id }),
            _ => {}
        }
        self.back();
    }
}
