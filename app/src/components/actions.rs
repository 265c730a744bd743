//! What the reader can do with a message: one toolbar for the whole list, keys, and all that can be pressed in a row.
//!
//! The page is heard as a whole: an element with `data-do` says what it does, and the row around it with what. What a
//! focused message hears is in the table of [`keys`].

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement};

use super::draft::{Offers, Writing};
use super::facts::facts;
use super::{Live, code, effect, focus, focus_soon, keys, listen};
use crate::chat::{Chat, Html, Reactive, UNREAD_LINE, Value, history_address};
use crate::pages::message_address;
use crate::protocol::{Author, Command, Message, MessageId, Notify, Role, RoomKind, RoomSummary};
use crate::texts::chat as texts;

const EMOJIS: [&str; 6] = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

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

/// The element around what an event is about.
fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_ref::<Element>()?.closest(selector).ok().flatten()
}

fn message_of(element: &Element) -> Option<MessageId> {
    MessageId::parse(&element.get_attribute("data-message")?)
}

/// The message beside an element of the list, over the line of what is new.
fn beside(element: &Element, is_up: bool) -> Option<Element> {
    let next = |element: &Element| {
        if is_up { element.previous_element_sibling() } else { element.next_element_sibling() }
    };
    let mut beside = next(element)?;
    while message_of(&beside).is_none() {
        beside = next(&beside)?;
    }
    Some(beside)
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
        listen("keydown", move |event| self.key(event.unchecked_ref()));
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

    fn key(self, event: &KeyboardEvent) {
        let key = event.key().to_ascii_lowercase();
        if around(event, ".toolbar").is_some() {
            if key == "escape" {
                self.back();
            }
            return;
        }
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target.filter(|_| !has_modifier) else { return };
        if target.class_name() == "messages" && key == "enter" {
            event.prevent_default();
            return focus("article:last-of-type");
        }
        let message = message_of(&target);
        if message.is_none() && target.id() != UNREAD_LINE {
            return;
        }
        let Some(action) = keys::on_message(&key) else { return };
        // What the key would do next is for another element.
        event.prevent_default();
        match key.as_str() {
            "arrowup" | "arrowdown" => {
                if let Some(row) = beside(&target, key == "arrowup") {
                    _ = row.unchecked_into::<HtmlElement>().focus();
                }
            }
            "arrowleft" | "arrowright" => {
                let other = message.and_then(|id| self.chat.version_beside(id, key == "arrowright"));
                if let Some(other) = other {
                    self.chat.show_branch(other);
                }
            }
            "enter" => focus(".toolbar button"),
            "escape" => focus(".composer textarea"),
            _ => {
                // Only what the toolbar offers.
                let offered =
                    message.and_then(|id| self.chat.message(id)).map(|message| self.offered(&message));
                if offered.is_some_and(|offered| offered.contains(&action)) {
                    self.act(action, "", message);
                }
            }
        }
    }

    /// Says for a while that something is done.
    fn say(self, message: MessageId, what: &'static str) {
        let said = Some((message, Asking::Done(what)));
        self.ask(message, Asking::Done(what));
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

    /// What the reader may do with a message.
    fn offered(self, message: &Message) -> Vec<&'static str> {
        let chat = self.chat;
        // Of a room that is just being made, nothing is known yet.
        let Some(room) = untrack(|| chat.summary()) else { return Vec::new() };
        let may_steer = message.run.is_some() && chat.may_steer(message.id);
        offered(&room, message, chat.is_own(message), may_steer)
    }

    fn tools(self, message: MessageId, asking: Asking) -> String {
        let Some(message) = self.chat.message(message) else { return String::new() };
        let mut html = Html::default();
        match asking {
            Asking::WhichEmoji => EMOJIS.iter().for_each(|emoji| _ = html.button("react", emoji, emoji)),
            Asking::WhetherToDelete => {
                html.tag("<span>").text(texts::delete_for_all()).tag("</span>");
                // What was pressed last is where a finger may press once more.
                html.button("really-delete", "", texts::delete()).button("keep", "", texts::keep());
            }
            Asking::Done(what) => _ = html.tag("<span role=\"status\">").text(what).tag("</span>"),
            Asking::WhatToDo => {
                html.tag("<time>").text(&self.chat.time(message.created_at)).tag("</time>");
                if let Some(run) = &message.run {
                    facts(run, &mut html);
                }
                for action in self.offered(&message) {
                    html.button(action, "", words(action, &message));
                }
                if message.marks.edited_at.is_some() {
                    let room = self.chat.room.get_untracked();
                    let address = room.map(|room| history_address(room, &message)).unwrap_or_default();
                    html.tag("<a href=\"").text(&address).tag("\">").text(texts::history());
                    html.tag("</a>");
                }
            }
        }
        html.take()
    }
}

/// The server has the table of who may do what; this is what of it has a button.
fn offered(room: &RoomSummary, message: &Message, is_own: bool, may_steer: bool) -> Vec<&'static str> {
    let is_member = room.role >= Role::Member;
    // In a direct room both are admins, of nobody.
    let is_admin = room.role >= Role::Admin && room.kind != RoomKind::Direct;
    let is_said = matches!(message.author, Author::Member { .. });
    let is_running = message.run.as_ref().is_some_and(|run| !run.status.has_ended());
    let may_change = !room.is_archived && message.marks.deleted_at.is_none();
    let has_text = !message.text.is_empty();
    // Alone with Kimi nobody sees a reaction, and nothing is ever unread.
    let is_company = room.kind != RoomKind::Solo;
    let actions = [
        ("reply", may_change),
        ("emoji", may_change && is_company),
        ("edit", may_change && is_said && (is_own || is_admin)),
        ("again", may_change && !is_said && !is_running && may_steer),
        ("quote", may_change && has_text),
        ("copy", has_text),
        ("pin", may_change && is_member),
        ("link", true),
        ("unread", is_company),
        ("stop", may_change && is_running && may_steer),
        ("delete", may_change && !is_running && (is_own || is_admin || (!is_said && may_steer))),
    ];
    actions.into_iter().filter(|(_, is_offered)| *is_offered).map(|(action, _)| action).collect()
}

fn words(action: &str, message: &Message) -> &'static str {
    match action {
        "reply" => texts::reply(),
        "emoji" => texts::react(),
        "edit" => texts::edit(),
        "again" => texts::regenerate(),
        "quote" => texts::quote(),
        "copy" => texts::copy(),
        "pin" if message.marks.pinned_at.is_some() => texts::unpin(),
        "pin" => texts::pin(),
        "link" => texts::copy_link(),
        "unread" => texts::mark_unread(),
        "stop" => texts::stop_reply(),
        _ => texts::delete(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{RoomId, Run, RunStatus, UserId};

    #[test]
    fn only_what_may_be_done_is_offered() {
        let room = |kind, role| RoomSummary::new(RoomId(Uuid::nil()), kind, "", role, 0);
        let id = MessageId(Uuid::nil());
        let said = Message::new(id, Author::Member { id: UserId(Uuid::nil()), name: String::new() }, 0, "x");
        let mut reply = Message::new(id, Author::Assistant { name: String::new() }, 0, "");
        reply.run = Some(Run::queued(String::new()));
        let others = ["reply", "emoji", "quote", "copy", "link", "unread"];
        assert_eq!(offered(&room(RoomKind::Group, Role::Guest), &said, false, false), others);
        let own = ["reply", "emoji", "edit", "quote", "copy", "pin", "link", "unread", "delete"];
        assert_eq!(offered(&room(RoomKind::Group, Role::Member), &said, true, false), own);
        assert_eq!(offered(&room(RoomKind::Group, Role::Admin), &said, false, false), own);
        let direct = offered(&room(RoomKind::Direct, Role::Admin), &said, false, false);
        assert!(!direct.contains(&"edit") && !direct.contains(&"delete"), "{direct:?}");
        let running = offered(&room(RoomKind::Group, Role::Admin), &reply, false, true);
        assert!(running.contains(&"stop") && !running.contains(&"edit") && !running.contains(&"delete"));
        assert!(!running.contains(&"again"));
        if let Some(run) = &mut reply.run {
            run.status = RunStatus::Done;
        }
        assert!(offered(&room(RoomKind::Solo, Role::Owner), &reply, false, true).contains(&"again"));
        assert!(!offered(&room(RoomKind::Group, Role::Guest), &reply, false, false).contains(&"again"));
        let archived = RoomSummary { is_archived: true, ..room(RoomKind::Group, Role::Owner) };
        assert_eq!(offered(&archived, &said, true, false), ["copy", "link", "unread"]);
    }
}
