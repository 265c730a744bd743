//! Turns what has changed in the client into what the page is drawn from.

use super::attention::{News, news};
use super::company::user_of;
use super::view::{Item, MessageView, PendingView, RoomState};
use super::{Chat, Driver, Reactive};
use crate::client::{Change, PendingState, TimelineState};
use crate::protocol::{Author, Message, MessageId, RoomId, UserId};
use crate::texts::chat as texts;

/// The messages on the screen.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) messages: Vec<MessageView>,
    /// Those whose texts are longer than what is drawn of them.
    pub(super) grown: Vec<MessageId>,
    /// How far the room was read when it was opened, if anything was unread.
    pub(super) read: Option<u64>,
    /// The version of a message that the reader wants to see next.
    pub(super) wanted: Option<MessageId>,
}

impl Shown {
    pub(super) fn message(&self, id: MessageId) -> Option<&MessageView> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// The message that the line of what is new stands above.
    fn first_unread(&self, path: &[&Message], has_earlier: bool, user: Option<UserId>) -> Option<MessageId> {
        let read = self.read?;
        let is_own = |author: &Author| matches!(author, Author::Member { id, .. } if Some(*id) == user);
        let first = path.iter().position(|message| message.seq > read && !is_own(&message.author))?;
        (first > 0 || !has_earlier).then(|| path[first].id)
    }
}

impl Chat {
    pub(super) fn show(self, change: Change) {
        let shown = self.room.get_untracked();
        match change {
            Change::Connection => {
                self.connection.set(self.client.with_untracked(|client| client.connection().clone()));
            }
            Change::Rooms => self.show_rooms(),
            Change::Room(room) if Some(room) == shown => self.show_room(),
            Change::Message { room, message } if Some(room) == shown => self.show_message(room, message),
            Change::Text { room, message } if Some(room) == shown => {
                self.shown.update(|shown| {
                    if !shown.grown.contains(&message) {
                        shown.grown.push(message);
                    }
                });
                self.with_driver(Driver::before_next_frame);
            }
            Change::Account => self.show_account(),
            Change::Notices => self.show_notices(),
            Change::Outbox => self.keep_outbox(),
            Change::Everything => {
                self.show_account();
                self.show_rooms();
                self.show_room();
                self.show_notices();
                self.keep_outbox();
            }
            Change::Members(room) if Some(room) == shown => {
                self.draw_rows();
                self.show_company();
            }
            Change::Typing(room) if Some(room) == shown => self.show_typing(),
            // Of rooms that are not on the screen.
            Change::Room(_)
            | Change::Message { .. }
            | Change::Text { .. }
            | Change::Members(_)
            | Change::Typing(_) => {}
        }
    }

    pub(super) fn keep_outbox(self) {
        self.client
            .with_untracked(|client| self.with_driver(|driver| driver.keep_outbox(&mut client.outbox())));
        self.show_awaited();
    }

    fn show_awaited(self) {
        let Some(awaited) = self.awaited.get_untracked() else { return };
        if self.client.with_untracked(|client| client.outbox().all(|(id, _)| id != awaited)) {
            self.awaited.set(None);
        }
    }

    pub(super) fn show_account(self) {
        self.client.with_untracked(|client| {
            self.user_name.set(client.user().map_or_else(String::new, |user| user.name.clone()));
            self.is_practice_model.set(client.is_practice_model());
            self.fold.set(client.settings().thinking);
            self.default_model.set(client.model().to_owned());
        });
    }

    pub(super) fn show_rooms(self) {
        let rooms = self.client.with_untracked(|client| client.rooms().to_vec());
        if self.notifies.get_untracked() && !self.is_visible.get_untracked() {
            for News { room, title, words } in self.rooms.with_untracked(|before| news(before, &rooms)) {
                self.with_driver(|driver| driver.notify(room, &title, words));
            }
        }
        self.rooms.set(rooms);
        self.came_while_hidden();
        self.show_company();
    }

    pub(super) fn show_notices(self) {
        let notice = self.client.with_untracked(|client| {
            client.notices().last().map(|notice| (notice.id, notice.failure.message.clone()))
        });
        self.notice.set(notice);
        self.show_awaited();
    }

    /// The room from scratch: which messages there are, in which order. Views of messages are kept, and with them
    /// everything that is on the screen of them.
    pub(super) fn show_room(self) {
        let mut arrived = None;
        let (stage, window, items) = self.client.with_untracked(|client| {
            let Some(room) = self.room.get_untracked() else {
                self.shown.update(|shown| shown.messages.clear());
                return (TimelineState::Ready, RoomState::default(), Vec::new());
            };
            let Some(timeline) = client.room(room) else {
                return (TimelineState::Loading, RoomState::default(), Vec::new());
            };
            let window = RoomState {
                has_earlier: timeline.has_earlier(),
                has_later: timeline.has_later(),
                newer: timeline.newer(),
            };
            let mut items = Vec::new();
            self.shown.update(|shown| {
                let mut kept = std::mem::take(&mut shown.messages);
                let mut path = timeline.path();
                if shown.wanted.is_some_and(|wanted| path.iter().any(|message| message.id == wanted))
                    && let Some(wanted) = shown.wanted.take()
                {
                    let versions = timeline.versions(wanted);
                    let place = versions.iter().position(|id| *id == wanted).map_or(0, |place| place + 1);
                    arrived = Some((wanted, texts::version(&place.to_string(), &versions.len().to_string())));
                }
                // What is on its way will stand in the place of this one.
                let beside =
                    timeline.pending().filter(|pending| !matches!(pending.state, PendingState::Failed(_)));
                if let Some(beside) = beside.filter_map(|pending| pending.beside).last()
                    && let Some(place) = path.iter().position(|message| message.id == beside)
                {
                    path.truncate(place);
                }
                let first_unread = shown.first_unread(&path, window.has_earlier, user_of(client));
                for message in path {
                    if first_unread == Some(message.id) {
                        items.push(Item::Unread);
                    }
                    let view = kept
                        .iter()
                        .position(|view| view.id == message.id)
                        .map_or_else(|| MessageView::new(message), |place| kept.remove(place));
                    view.update(message, timeline.revision(message.id));
                    shown.messages.push(view.clone());
                    items.push(Item::Message(view));
                }
            });
            items.extend(timeline.pending().map(|pending| Item::Pending(PendingView::new(&pending))));
            (timeline.state(), window, items)
        });
        self.draw_rows();
        self.stage.put(stage);
        self.room_state.put(window);
        self.items.set(items);
        self.show_company();
        self.show_typing();
        match arrived {
            Some((message, version)) => {
                self.aim.set(format!("m-{message}"));
                self.announce_arrival(version);
            }
            None => self.announce(),
        }
        // Rows of views that are known may be drawn anew.
        self.came_undrawn(true);
    }

    pub(super) fn show_message(self, room: RoomId, id: MessageId) {
        let is_marked = self.client.with_untracked(|client| {
            let timeline = client.room(room)?;
            let view = self.shown.with_untracked(|shown| shown.message(id).cloned())?;
            Some(view.update(timeline.message(id)?, timeline.revision(id)))
        });
        // Others quote it, or wait for it.
        self.draw_rows();
        self.announce();
        self.came_undrawn(is_marked.unwrap_or(false));
    }
}
