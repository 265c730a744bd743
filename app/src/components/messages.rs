//! The messages of the open conversation. Follows the end while the reader is there; elsewhere it holds what they look
//! at in its place, whatever comes, goes or grows around it, and loads more where they are near an end.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::{Element, HtmlElement, Node, NodeList};
use web_sys::ResizeObserver;

use super::actions::Actions;
use super::icons::{self, icon};
use super::message::{message, pending_message, unread_line};
use super::{Live, Row, effect, found};
use crate::chat::{Chat, END, Item, Reactive, UNREAD_LINE, Value};
use crate::pages::{address, message_address};
use crate::protocol::MessageId;
use crate::texts::chat as texts;

/// Pixels from the end within which a reader counts as being at it.
const AT_END: i32 = 48;
/// Pixels from an end of what is loaded at which more is.
const NEAR: i32 = 800;

/// What the reader looks at.
#[derive(Default)]
struct Held {
    /// The element of the first message that is seen, its first block that is, and where that begins in the list.
    id: String,
    block: u32,
    y: i32,
    /// How far was scrolled when this was looked at.
    top: i32,
}

#[derive(Clone, Copy)]
pub struct Scrolling {
    actions: Actions,
    held: Value<Held>,
    /// The heights of the list, and of what is seen of it, when its end was followed last.
    heights: Value<(i32, i32)>,
    is_at_end: Value<bool>,
    /// The newest message when the reader left the end.
    left: Value<Option<MessageId>>,
    is_unread_above: Value<bool>,
    was_line_seen: Value<bool>,
}

fn scroller() -> Option<HtmlElement> {
    found(".messages")
}

fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id).map(JsCast::unchecked_into)
}

/// The blocks of a text: formulas and pictures in them come later and have heights of their own.
fn blocks(row: &Element) -> Option<NodeList> {
    row.query_selector_all(".block,.code").ok()
}

/// Where a block of a row, or the row itself, begins in the list.
fn top_of(row: &HtmlElement, block: Option<Node>) -> i32 {
    // Each is measured from the next element around it that contains its layout.
    let above = |element: &Element| element.unchecked_ref::<HtmlElement>().offset_parent();
    let block = block.map(JsCast::unchecked_into::<Element>);
    let inside = std::iter::successors(block, above).take_while(|element| *element != **row);
    row.offset_top() + inside.map(|element| element.unchecked_ref::<HtmlElement>().offset_top()).sum::<i32>()
}

/// The next message in a direction.
fn message_beside(row: &Element, step: fn(&Element) -> Option<Element>) -> Option<HtmlElement> {
    std::iter::successors(step(row), step).find(|row| row.tag_name() == "ARTICLE").map(JsCast::unchecked_into)
}

/// The first of so many, in order, that is as wanted, as all after it are; otherwise their count.
fn first_of(count: u32, is_wanted: impl Fn(u32) -> bool) -> u32 {
    let (mut first, mut end) = (0, count);
    while first < end {
        let middle = first + (end - first) / 2;
        if is_wanted(middle) {
            end = middle;
        } else {
            first = middle + 1;
        }
    }
    first
}

/// What is looked at of a row, of whose list this is seen.
fn held(row: &HtmlElement, top: i32, height: i32) -> Held {
    let blocks = blocks(row);
    let count = blocks.as_ref().map_or(0, NodeList::length);
    let begins = |index| top_of(row, blocks.as_ref().and_then(|blocks| blocks.item(index)));
    // The first that begins in what is seen: one that began above may grow there.
    let mut first = first_of(count, |index| begins(index) >= top);
    if first > 0 && (first == count || begins(first) > top + height) {
        first -= 1;
    }
    Held { id: row.id(), block: first, y: begins(first), top }
}

/// Calls this whenever a watched element has another size, between layout and paint; for as long as there is the page.
fn on_resize(action: impl Fn() + 'static) -> Option<ResizeObserver> {
    let action = Closure::<dyn Fn()>::new(action);
    let observer = ResizeObserver::new(action.as_ref().unchecked_ref()).ok();
    action.forget();
    observer
}

impl Scrolling {
    pub fn new(actions: Actions) -> Self {
        let chat = actions.chat;
        let scrolling = Self {
            actions,
            held: Value::new(Held::default()),
            heights: Value::new((0, 0)),
            is_at_end: Value::new(true),
            left: Value::new(None),
            is_unread_above: Value::new(false),
            was_line_seen: Value::new(false),
        };
        // Whatever makes the list another size, or what is seen of it, is answered before the same frame is painted.
        let mut sizes = None;
        effect(move || {
            chat.items.track();
            chat.aim.track();
            chat.is_visible.track();
            let sizes = sizes.get_or_insert_with(|| on_resize(move || scrolling.settle())).clone();
            request_animation_frame(move || {
                scrolling.settle();
                // The list of another room is another element; what is watched already is not watched twice.
                if let Some(sizes) = sizes {
                    let watched = [".messages", ".column", ".toolbar"].into_iter().filter_map(found);
                    watched.for_each(|element| sizes.observe(&element));
                }
            });
        });
        // Who sends something wants to see it, and what comes of it.
        let sent_before = Value::new(chat.sent.get_untracked());
        effect(move || {
            let sent = chat.sent.get();
            if sent != sent_before.get_untracked() {
                sent_before.set(sent);
                chat.jump_to_end();
            }
        });
        effect(move || {
            chat.items.track();
            let is_at_end = scrolling.is_at_end.get() && !chat.room_state.get().has_later;
            if is_at_end && chat.is_visible.get() && scroller().is_some() {
                untrack(|| chat.seen());
            }
        });
        scrolling
    }

    /// A conversation comes to be on the page.
    fn begin(self) {
        self.held.set(Held::default());
        self.heights.set((0, 0));
        self.was_line_seen.set(false);
        self.is_at_end.set(!self.actions.chat.room_state.get_untracked().has_later);
        self.left.set(None);
        self.is_unread_above.set(false);
    }

    /// Called before the next paint, when all of this may be gone.
    fn settle(self) {
        let Some(scroller) = scroller() else { return };
        if !self.aim(&scroller) {
            if self.is_at_end.get_untracked() && !self.actions.chat.room_state.get_untracked().has_later {
                // A toolbar that comes changes nothing, and the reader may be a little above the end.
                let heights = (scroller.scroll_height(), scroller.client_height());
                if heights != self.heights.get_untracked() {
                    self.heights.set(heights);
                    scroller.set_scroll_top(heights.0);
                }
            } else {
                self.hold(&scroller);
            }
        }
        self.look(&scroller);
        self.actions.place();
    }

    /// Goes where somebody wants to go, once it is there.
    fn aim(self, scroller: &Element) -> bool {
        let aim = self.actions.chat.aim.get_untracked();
        if aim.is_empty() {
            return false;
        }
        if aim == END {
            if !self.actions.chat.room_state.get_untracked().has_later {
                self.actions.chat.aim.set(String::new());
                self.is_at_end.set(true);
                self.heights.set((0, 0));
            }
            return false;
        }
        let target = by_id(&aim);
        if target.is_some() || !self.actions.chat.is_loading() {
            self.actions.chat.aim.set(String::new());
        }
        let Some(target) = target else { return false };
        self.leave_end();
        scroller.set_scroll_top(target.offset_top() - scroller.client_height() / 3);
        if let Some(before) = found("[data-aimed]") {
            _ = before.remove_attribute("data-aimed");
        }
        _ = target.set_attribute("data-aimed", "");
        _ = target.focus();
        true
    }

    fn leave_end(self) {
        if self.is_at_end.get_untracked() {
            let last = |items: &Vec<Item>| items.iter().rev().find_map(Item::message);
            self.left.set(self.actions.chat.items.with_untracked(last));
            self.is_at_end.set(false);
        }
    }

    /// How many messages are below that the reader has not seen.
    fn newer(self) -> u64 {
        let chat = self.actions.chat;
        let unread = chat.summary().map_or(0, |room| room.unread);
        let left = self.left.get();
        let since = chat.items.with(|items| {
            let messages = || items.iter().rev().filter_map(Item::message);
            let is_known = messages().any(|message| Some(message) == left);
            if is_known { messages().take_while(|message| Some(*message) != left).count() as u64 } else { 0 }
        });
        // Replies to what one has read oneself are never unread.
        u64::from(unread).max(since + u64::from(chat.room_state.get().newer))
    }

    /// Puts what the reader looks at back where it was.
    fn hold(self, scroller: &Element) {
        self.held.update(|held| {
            if let Some(row) = by_id(&held.id) {
                let moved = top_of(&row, blocks(&row).and_then(|blocks| blocks.item(held.block))) - held.y;
                if moved != 0 {
                    held.y += moved;
                    scroller.set_scroll_top(scroller.scroll_top() + moved);
                }
            }
        });
    }

    fn scrolled(self) {
        if let Some(scroller) = scroller() {
            if !self.is_at_end.get_untracked() {
                self.hold(&scroller);
            }
            self.look(&scroller);
            self.actions.place();
        }
    }

    /// The first message that ends below this place. It is mostly near the one that is held.
    fn first_seen(self, top: i32) -> Option<HtmlElement> {
        let ends = |row: &HtmlElement| row.offset_top() + row.offset_height();
        let above = |row: &Element| message_beside(row, Element::previous_element_sibling);
        let held = self.held.with_untracked(|held| by_id(&held.id));
        let mut row = held.or_else(|| by_id(END).and_then(|end| above(&end)))?;
        while let Some(above) = above(&row).filter(|above| ends(above) > top) {
            row = above;
        }
        while ends(&row) <= top {
            row = message_beside(&row, Element::next_element_sibling)?;
        }
        Some(row)
    }

    fn look(self, scroller: &Element) {
        let (top, height) = (scroller.scroll_top(), scroller.client_height());
        let below = scroller.scroll_height() - top - height;
        let has_later = self.actions.chat.room_state.get_untracked().has_later;
        let is_near = below < AT_END && !has_later;
        let before = self.held.with_untracked(|held| held.top);
        // A reader leaves the end by going up. Being away from it proves nothing: the text may have grown since the
        // scrolling that this tells of.
        if (is_near || top < before) && self.is_at_end.get_untracked() != is_near {
            if is_near { self.is_at_end.set(true) } else { self.leave_end() }
        }
        // At the end nothing is held, and it would be looked for in each frame of a reply.
        let row = if is_near { None } else { self.first_seen(top) };
        self.held.set(row.map_or(Held { top, ..Held::default() }, |row| held(&row, top, height)));
        let line = by_id(UNREAD_LINE).map(|line| line.offset_top());
        // Once it was seen, the way to it is known.
        let was_seen = self.was_line_seen.get_untracked()
            || line.is_some_and(|line| (top..top + height).contains(&line));
        self.was_line_seen.set(was_seen);
        let is_above =
            !was_seen && (line.is_some_and(|line| line < top) || self.actions.chat.has_unread_before());
        if self.is_unread_above.get_untracked() != is_above {
            self.is_unread_above.set(is_above);
        }
        if top < NEAR {
            self.actions.chat.load_more(true);
        } else if below < NEAR {
            self.actions.chat.load_more(false);
        }
    }
}

/// The rows of the page that are the open conversation.
pub fn conversation(chat: Chat, scrolling: Scrolling) -> Vec<Row> {
    // Another conversation begins at its own end.
    let key = |name| format!("{name} {:?}", chat.room.get());
    vec![
        Row::new(key("messages"), move |html| {
            scrolling.begin();
            messages(chat, scrolling, html);
        }),
        Row::new(key("to-unread"), move |html| {
            html.tag(r#"<button class="to-unread button small" type="button" data-do="unread-line""#)
                .live_if("hidden", move || !scrolling.is_unread_above.get())
                .tag(">")
                .text(texts::to_unread())
                .tag("</button>");
        }),
        Row::new(key("to-end"), move |html| to_end(chat, scrolling, html)),
    ]
}

fn messages(chat: Chat, scrolling: Scrolling, html: &mut Live) {
    html.tag(r#"<div class="messages" role="group" aria-label=""#).text(texts::messages());
    html.tag(r#"" aria-describedby="message-keys" tabindex="0""#)
        .on("scroll", move |_| scrolling.scrolled())
        .tag(r#"><div class="column""#)
        .rows(move || column(chat, scrolling.actions))
        .tag("</div>");
    scrolling.actions.toolbar(html);
    html.tag("</div>");
}

fn column(chat: Chat, actions: Actions) -> Vec<Row> {
    // More is loaded by itself where there is a script.
    let mut rows = vec![Row::new("earlier", move |html| {
        let earlier = move || {
            let first = chat.items.with(|items| items.iter().find_map(Item::message));
            chat.room.get().zip(first).map(|(room, first)| message_address(room, first)).unwrap_or_default()
        };
        html.tag(r#"<a class="earlier""#)
            .live("href", earlier)
            .live_if("hidden", move || !chat.room_state.get().has_earlier)
            .tag(">")
            .text(texts::earlier())
            .tag("</a>");
    })];
    rows.extend(chat.items.get().into_iter().map(|item| {
        let key = item.key();
        Row::new(key, move |html| match item {
            Item::Message(view) => message(chat, view, html),
            Item::Unread => unread_line(html),
            Item::Pending(pending) => pending_message(chat, actions.offers, pending, html),
        })
    }));
    rows.push(Row::new("newest", move |html| {
        html.tag(r#"<a class="earlier""#)
            .live("href", move || address(chat.room.get()))
            .live_if("hidden", move || !chat.room_state.get().has_later)
            .tag(">")
            .text(texts::newest())
            .tag("</a>");
    }));
    rows.push(Row::new("beginning", move |html| {
        html.tag(r#"<p class="beginning""#)
            .live_if("hidden", move || !chat.items.with(Vec::is_empty))
            .tag(">")
            .text(texts::nothing_said())
            .tag("</p>");
    }));
    rows.push(Row::new("end", |html| _ = html.tag("<div id=\"").tag(END).tag("\" tabindex=\"-1\"></div>")));
    rows
}

fn to_end(chat: Chat, scrolling: Scrolling, html: &mut Live) {
    let label = move || match scrolling.newer() {
        0 => texts::to_latest().to_owned(),
        newer => texts::to_latest_new(newer),
    };
    let count = move || match scrolling.newer() {
        0 => String::new(),
        newer => newer.to_string(),
    };
    html.tag(r#"<button class="to-end" type="button""#)
        .live("aria-label", label)
        .live_if("hidden", move || scrolling.is_at_end.get())
        .on("click", move |_| chat.jump_to_end());
    icon(html.tag(">"), icons::DOWN);
    html.tag("<span class=\"count\"").live_text(count).tag("</span></button>");
}
