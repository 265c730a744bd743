//! The messages of the open conversation. Follows the end while the reader is there; elsewhere it holds what they look
//! at in its place, whatever comes, goes or grows around it, and loads more where they are near an end.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement};

use super::actions::Actions;
use super::icons::{self, Icon};
use super::message::{message_view, pending_view, unread_line};
use super::{ListRow, effect, flag, list, text};
use crate::chat::{Chat, END, Item, UNREAD_LINE, counted};
use crate::pages::{address, message_address};

/// Pixels from the end within which a reader counts as being at it.
const AT_END: i32 = 48;
/// Pixels from an end of what is loaded at which more is.
const NEAR: i32 = 800;

/// What the reader looks at.
#[derive(Default)]
struct Held {
    /// The element of the first message that is seen, and where it is in the list.
    id: String,
    y: i32,
    /// How far was scrolled when this was looked at.
    top: i32,
}

#[derive(Clone, Copy)]
struct Scrolling {
    chat: Chat,
    actions: Actions,
    scroller: NodeRef<html::Div>,
    held: StoredValue<Held>,
    is_at_end: RwSignal<bool>,
    is_unread_above: RwSignal<bool>,
    was_line_seen: StoredValue<bool>,
}

fn found(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id).map(JsCast::unchecked_into)
}

impl Scrolling {
    /// Called before the next paint, when all of this may be gone.
    fn settle(self) {
        let Some(scroller) = self.scroller.try_get_untracked().flatten() else { return };
        if !self.aim(&scroller) {
            if self.is_at_end.get_untracked() && !self.chat.room_state.get_untracked().has_later {
                scroller.set_scroll_top(scroller.scroll_height());
            } else {
                self.hold(&scroller);
            }
        }
        self.look(&scroller);
        self.actions.place();
        self.chat.draw_rich();
    }

    fn settle_soon(self) {
        request_animation_frame(move || self.settle());
    }

    /// Goes where somebody wants to go, once it is there.
    fn aim(self, scroller: &Element) -> bool {
        let aim = self.chat.aim.get_untracked();
        if aim.is_empty() {
            return false;
        }
        if aim == END {
            if !self.chat.room_state.get_untracked().has_later {
                self.chat.aim.set(String::new());
                self.is_at_end.set(true);
            }
            return false;
        }
        let target = found(&aim);
        if target.is_some() || !self.chat.is_loading() {
            self.chat.aim.set(String::new());
        }
        let Some(target) = target else { return false };
        self.is_at_end.set(false);
        scroller.set_scroll_top(target.offset_top() - scroller.client_height() / 3);
        if let Ok(Some(before)) = document().query_selector("[data-aimed]") {
            _ = before.remove_attribute("data-aimed");
        }
        _ = target.set_attribute("data-aimed", "");
        _ = target.focus();
        true
    }

    /// Puts what the reader looks at back where it was.
    fn hold(self, scroller: &Element) {
        self.held.update_value(|held| {
            if let Some(element) = found(&held.id) {
                let moved = element.offset_top() - held.y;
                if moved != 0 {
                    held.y += moved;
                    scroller.set_scroll_top(scroller.scroll_top() + moved);
                }
            }
        });
    }

    fn scrolled(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            if !self.is_at_end.get_untracked() {
                self.hold(&scroller);
            }
            self.look(&scroller);
            self.actions.place();
        }
    }

    fn look(self, scroller: &Element) {
        let (top, height) = (scroller.scroll_top(), scroller.client_height());
        let below = scroller.scroll_height() - top - height;
        let has_later = self.chat.room_state.get_untracked().has_later;
        let is_near = below < AT_END && !has_later;
        let before = self.held.with_value(|held| held.top);
        // A reader leaves the end by going up. Being away from it proves nothing: the text may have grown since the
        // scrolling that this tells of.
        if (is_near || top < before) && self.is_at_end.get_untracked() != is_near {
            self.is_at_end.set(is_near);
        }
        let mut row = scroller.query_selector("article").ok().flatten();
        while let Some(element) = row.as_ref().map(JsCast::unchecked_ref::<HtmlElement>) {
            if element.offset_top() + element.offset_height() > top {
                self.held.set_value(Held { id: element.id(), y: element.offset_top(), top });
                break;
            }
            row = element.next_element_sibling();
        }
        let line = found(UNREAD_LINE).map(|line| line.offset_top());
        // Once it was seen, the way to it is known.
        let was_seen =
            self.was_line_seen.get_value() || line.is_some_and(|line| (top..top + height).contains(&line));
        self.was_line_seen.set_value(was_seen);
        let is_above = !was_seen && (line.is_some_and(|line| line < top) || self.chat.has_unread_before());
        if self.is_unread_above.get_untracked() != is_above {
            self.is_unread_above.set(is_above);
        }
        if top < NEAR {
            self.chat.load_more(true);
        } else if below < NEAR {
            self.chat.load_more(false);
        }
    }
}

fn row(item: &Item) -> AnyView {
    match item {
        Item::Message(message) => message_view(message.clone()),
        Item::Unread => unread_line(),
        Item::Pending(pending) => pending_view(pending.clone()),
    }
}

#[component]
pub fn Conversation() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let actions = expect_context::<Actions>();
    let scroller = NodeRef::<html::Div>::new();
    let is_at_end = RwSignal::new(!chat.room_state.get_untracked().has_later);
    let is_unread_above = RwSignal::new(false);
    let held = StoredValue::new(Held::default());
    let was_line_seen = StoredValue::new(false);
    let scrolling = Scrolling { chat, actions, scroller, held, is_at_end, is_unread_above, was_line_seen };
    effect(move || {
        chat.growth.track();
        chat.items.track();
        chat.aim.track();
        chat.is_visible.track();
        scrolling.settle_soon();
    });
    // Who sends something wants to see it, and what comes of it.
    let sent_before = StoredValue::new(chat.sent.get_untracked());
    effect(move || {
        let sent = chat.sent.get();
        if sent != sent_before.get_value() {
            sent_before.set_value(sent);
            chat.jump_to_end();
        }
    });
    effect(move || {
        chat.items.track();
        if is_at_end.get() && chat.is_visible.get() && !chat.room_state.get().has_later {
            untrack(|| chat.seen());
        }
    });
    // More is loaded by itself where there is a script.
    let earlier = text(move || {
        let first = chat.items.with(|items| items.iter().find_map(Item::message));
        chat.room.get().zip(first).map(|(room, first)| message_address(room, first)).unwrap_or_default()
    });
    let newest = text(move || address(chat.room.get()));
    let newer = move || chat.summary().map_or(0, |room| room.unread);
    let newer_label = text(move || match newer() {
        0 => "Jump to the latest message".to_owned(),
        newer => format!("Jump to the latest message, {}", counted(newer.into(), "is new", "are new")),
    });
    let newer = text(move || match newer() {
        0 => String::new(),
        newer => newer.to_string(),
    });
    view! {
        <div
            class="messages"
            node_ref=scroller
            on:scroll=move |_| scrolling.scrolled()
            role="group"
            aria-label="Messages"
            aria-describedby="message-keys"
            tabindex="0"
        >
            <div class="column">
                <a class="earlier" href=earlier hidden=flag(move || !chat.room_state.get().has_earlier)>
                    "Earlier messages"
                </a>
                {list(move || {
                    let items = chat.items.get().into_iter();
                    items.map(|item| ListRow::new(item.key(), move || row(&item))).collect()
                })}
                <a class="earlier" href=newest hidden=flag(move || !chat.room_state.get().has_later)>
                    "The newest messages"
                </a>
                <p class="beginning" hidden=flag(move || !chat.items.with(Vec::is_empty))>
                    "Nothing has been said here yet."
                </p>
                <div id=END tabindex="-1"></div>
                {actions.toolbar()}
            </div>
        </div>
        <button
            class="to-unread button small"
            type="button"
            data-do="unread-line"
            hidden=flag(move || !is_unread_above.get())
        >
            "Jump to the first unread"
        </button>
        <button
            class="to-end"
            type="button"
            aria-label=newer_label
            hidden=flag(move || is_at_end.get())
            on:click=move |_| chat.jump_to_end()
        >
            <Icon path=icons::DOWN />
            <span class="count" inner_html=newer></span>
        </button>
    }
}
