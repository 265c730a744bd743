//! A room of several people: its rows, who is here, who types, and how far the reader has read.

use leptos::prelude::*;

use super::attention::waiting;
use super::row::Drawing;
use super::view::{END, Item, UNREAD_LINE};
use super::{Chat, Driver, Html, Reactive, words};
use crate::client::{Client, Input, Page, Timeline};
use crate::protocol::{
    Author, Command, Member, Message, MessageId, PresenceState, RoomKind, RoomSummary, Timestamp, UserId,
};
use crate::texts::chat as texts;

impl Chat {
    /// The room that is open, as the list has it; tracked. None before the server knows it.
    pub fn summary(self) -> Option<RoomSummary> {
        let open = self.room.get();
        self.rooms.with(|rooms| rooms.iter().find(|room| Some(room.id) == open).cloned())
    }

    pub fn kind(self) -> RoomKind {
        self.summary().map(|room| room.kind).unwrap_or_default()
    }

    /// Who is in the open room, as far as that is listed.
    pub fn members(self) -> Vec<Member> {
        self.with_timeline(|_, timeline| timeline.members().to_vec()).unwrap_or_default()
    }

    pub fn message(self, message: MessageId) -> Option<Message> {
        self.with_timeline(|_, timeline| timeline.message(message).cloned()).flatten()
    }

    /// Whether the reader asked for this reply, or may at least do with it what the one who did may.
    pub fn may_steer(self, reply: MessageId) -> bool {
        use crate::protocol::Role;
        let is_guest = untrack(|| self.summary()).is_some_and(|room| room.role < Role::Member);
        let has_asked = || {
            let question = self.message(reply).and_then(|reply| self.message(reply.parent?));
            question.is_some_and(|question| self.is_own(&question))
        };
        !is_guest || has_asked()
    }

    pub fn is_own(self, message: &Message) -> bool {
        matches!(message.author, Author::Member { id, .. } if Some(id) == self.user())
    }

    /// A time as the reader's clock would show it, with the date when it is not today's.
    pub fn time(self, time: Timestamp) -> String {
        words::time(self.local(time), self.local(self.server_now()))
    }

    /// Goes to a message of the open room.
    pub fn jump(self, message: MessageId) {
        self.aim.set(format!("m-{message}"));
        if self.shown.with_untracked(|shown| shown.message(message).is_none()) {
            // Of another branch.
            if self.message(message).is_some() {
                return self.show_branch(message);
            }
            self.load(Page::Around(message));
        }
    }

    /// Shows the branch that goes through a message, and goes to it as soon as it is there.
    pub fn show_branch(self, message: MessageId) {
        let Some(room) = self.room.get_untracked() else { return };
        self.shown.update(|shown| shown.wanted = Some(message));
        self.command(Command::ShowBranch { room, message });
    }

    /// The version of a message before this one, or after it.
    pub fn version_beside(self, message: MessageId, is_later: bool) -> Option<MessageId> {
        self.with_timeline(|_, timeline| {
            let versions = timeline.versions(message);
            let place = versions.iter().position(|id| *id == message)?;
            let beside = if is_later { place + 1 } else { place.checked_sub(1)? };
            versions.get(beside).copied()
        })
        .flatten()
    }

    /// What is selected within one message.
    pub fn selection(self) -> Option<(MessageId, String)> {
        let (message, text) = self.with_driver(Driver::selection).flatten()?;
        Some((MessageId::parse(&message)?, text))
    }

    pub fn jump_to_end(self) {
        self.aim.set(END.to_owned());
        if self.room_state.with_untracked(|state| state.has_later) {
            self.load(Page::Newest);
        }
    }

    /// Goes to the message of an anchor, `m-` and its identifier.
    pub fn aim_at(self, anchor: &str) {
        if let Some(message) = anchor.trim_start_matches('#').strip_prefix("m-").and_then(MessageId::parse) {
            self.jump(message);
        }
    }

    pub fn jump_to_unread(self) {
        self.aim.set(UNREAD_LINE.to_owned());
        let is_held =
            self.items.with_untracked(|items| items.iter().any(|item| matches!(item, Item::Unread)));
        if let Some(read) = self.shown.with_untracked(|shown| shown.read).filter(|_| !is_held) {
            self.load(Page::Beyond(read));
        }
    }

    /// Unread messages lie before the first that is shown.
    pub fn has_unread_before(self) -> bool {
        let first = self.with_timeline(|_, timeline| timeline.messages().next().map(|message| message.seq));
        let read = self.shown.with_untracked(|shown| shown.read);
        self.room_state.with_untracked(|state| state.has_earlier)
            && read.zip(first.flatten()).is_some_and(|(read, first)| first > read + 1)
    }

    /// Another stretch of the open room.
    pub fn load(self, page: Page) {
        if let Some(room) = self.room.get_untracked() {
            self.input(Input::LoadPage { room, page });
        }
    }

    /// A stretch of the open room is on its way.
    pub fn is_loading(self) -> bool {
        self.with_timeline(|_, timeline| timeline.is_loading(true) || timeline.is_loading(false))
            .unwrap_or(true)
    }

    /// The messages before the first that is held, or after the last, unless they are on their way.
    pub fn load_more(self, is_earlier: bool) {
        let page = self.with_timeline(|_, timeline| {
            let mut messages = timeline.messages();
            let (has_more, end) = if is_earlier {
                (timeline.has_earlier(), messages.next())
            } else {
                (timeline.has_later(), messages.next_back())
            };
            let end = end.filter(|_| has_more && !timeline.is_loading(is_earlier))?.id;
            Some(if is_earlier { Page::Before(end) } else { Page::After(end) })
        });
        if let Some(page) = page.flatten() {
            // A version that was wanted and is not there by now is not what will be looked at then.
            self.shown.update(|shown| shown.wanted = None);
            self.load(page);
        }
    }

    /// The reader is at the newest message and looks at it.
    pub fn seen(self) {
        let newest =
            self.with_timeline(|_, timeline| timeline.messages().next_back().map(|newest| newest.seq));
        if let (Some(room), Some(seq)) = (self.room.get_untracked(), newest.flatten()) {
            self.input(Input::Seen { room, seq });
        }
    }

    /// The reader wants this message, and all after it, to be new again.
    pub fn mark_unread(self, message: &Message) {
        let Some(room) = self.room.get_untracked() else { return };
        let seq = message.seq.saturating_sub(1);
        self.command(Command::MarkUnread { room, seq });
        self.shown.update(|shown| shown.read = Some(seq));
        self.show_room();
    }

    /// Unread mentions and direct messages elsewhere; tracked.
    pub fn waiting(self) -> u32 {
        let looked_at = if self.is_visible.get() { self.room.get() } else { None };
        self.rooms.with(|rooms| waiting(rooms, looked_at))
    }

    /// Shows in the tab that something waits, or no more.
    pub fn mark_icon(self, is_marked: bool) {
        self.with_driver(|driver| driver.mark_icon(is_marked));
    }

    pub fn want_notifications(self, is_on: bool) {
        self.with_driver(|driver| driver.want_notifications(is_on));
    }

    /// Another room is open: from where on it is new.
    pub(super) fn begin_room(self) {
        let unread = untrack(|| self.summary()).filter(|room| room.unread > 0);
        self.shown.update(|shown| shown.read = unread.map(|room| room.read));
    }

    pub(super) fn page_hidden(self) {
        self.is_visible.set(false);
        if untrack(|| self.summary()).is_some_and(|room| room.unread == 0) {
            self.shown.update(|shown| shown.read = None);
        }
    }

    /// What comes while nobody looks is new to whoever looks again.
    pub(super) fn came_while_hidden(self) {
        let has_line = self.shown.with_untracked(|shown| shown.read.is_some());
        let unread = untrack(|| self.summary()).filter(|room| room.unread > 0);
        if let (false, false, Some(room)) = (self.is_visible.get_untracked(), has_line, unread) {
            self.shown.update(|shown| shown.read = Some(room.read));
            self.show_room();
        }
    }

    /// Everything around the texts.
    pub(super) fn draw_rows(self) {
        let kind = untrack(|| self.kind());
        self.with_timeline(|client, timeline| {
            let user = user_of(client);
            let drawing = Drawing {
                room: timeline.id(),
                kind,
                user,
                members: timeline.members(),
                now: self.server_now(),
                local: &|time| self.local(time),
            };
            let path = timeline.path();
            self.shown.with_untracked(|shown| {
                for (index, message) in path.iter().enumerate() {
                    let Some(view) = shown.message(message.id) else { continue };
                    let before = index.checked_sub(1).map(|before| path[before]);
                    let before = before.filter(|before| {
                        shown.read.is_none_or(|read| before.seq > read || message.seq <= read)
                    });
                    let quoted = message.reply_to.and_then(|quoted| timeline.message(quoted));
                    let next = path.get(index + 1).map(|next| next.seq);
                    let end = next.unwrap_or(if timeline.has_later() { message.seq + 1 } else { u64::MAX });
                    let has_seen = |member: &&Member| {
                        let is_author =
                            matches!(message.author, Author::Member { id, .. } if id == member.id);
                        (message.seq..end).contains(&member.read) && !is_author && Some(member.id) != user
                    };
                    let seen = timeline.members().iter().filter(has_seen);
                    let seen: Vec<&str> = seen.map(|member| member.name.as_str()).collect();
                    let seen = if kind == RoomKind::Solo { &[] } else { &seen[..] };
                    let waits_for = match timeline.queue_place(message.id).unwrap_or(0) {
                        0 => String::new(),
                        place => texts::replies_before(place.into()),
                    };
                    let versions = timeline.versions(message.id);
                    view.surround(drawing.row(message, before, quoted, seen, versions), waits_for);
                }
            });
        });
    }

    /// Who is in the room, and who of them is here.
    pub(super) fn show_company(self) {
        let room = untrack(|| self.summary()).filter(|room| room.kind != RoomKind::Solo);
        let company = room.and_then(|room| {
            self.with_timeline(|_, timeline| {
                let here = match timeline.present() {
                    0 => texts::people(room.members.into()),
                    present => texts::here_of(present.into(), room.members.into()),
                };
                (here, self.people_of(timeline))
            })
        });
        let (here, people) = company.unwrap_or_default();
        self.here.put(here);
        self.people.put(people);
    }

    fn people_of(self, timeline: Timeline<'_>) -> String {
        let mut html = Html::default();
        for member in timeline.members() {
            let (state, seen_at) = timeline.presence(member.id);
            let seen = seen_at.or(member.seen_at).map(|seen_at| self.time(seen_at));
            html.tag(match state {
                PresenceState::Online => "<li class=\"online\">",
                PresenceState::Away => "<li class=\"away\">",
                PresenceState::Offline => "<li>",
            });
            html.text(&member.name).tag(" <small>").text(&words::presence(state, seen.as_deref()));
            html.tag("</small></li>");
        }
        html.take()
    }

    pub(super) fn show_typing(self) {
        let typing = self.with_timeline(|_, timeline| {
            let (typists, count) = timeline.typing();
            let name = |user: &UserId| timeline.members().iter().find(|member| member.id == *user);
            let names: Vec<&str> =
                typists.iter().filter_map(name).map(|member| member.name.as_str()).collect();
            words::typing(&names, count as usize)
        });
        self.typing.put(typing.unwrap_or_default());
    }

    fn with_timeline<T>(self, action: impl FnOnce(&Client, Timeline<'_>) -> T) -> Option<T> {
        let room = self.room.get_untracked()?;
        self.client.with_untracked(|client| client.room(room).map(|timeline| action(client, timeline)))
    }

    pub(super) fn server_now(self) -> Timestamp {
        match self.with_driver(Driver::now) {
            Some(now) => self.client.with_untracked(|client| client.server_now(now)),
            None => self.now.get_untracked(),
        }
    }

    pub(super) fn local(self, time: Timestamp) -> Timestamp {
        let minutes = self.with_driver(|driver| driver.minutes_ahead(time)).unwrap_or(0);
        time.saturating_add_signed(minutes * 60_000)
    }
}

pub(super) fn user_of(client: &Client) -> Option<UserId> {
    client.user().map(|user| user.id)
}
