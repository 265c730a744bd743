//! The rooms that are held and followed, the streams that write in them, and the asks for what is missing of
//! a text. It knows of no socket and no outbox.

use super::context::Context;
use super::entry::{Entry, Which};
use super::kept_room::{Applied, Arrival, KeptRoom, Loaded, Stage, Subscription};
use super::repeat::Repeat;
use super::streams::Streams;
use super::{Change, Millis, Page, Policy, SnapshotFailure};
use crate::protocol::{
    Command, CommandId, Event, Failure, FailureCode, MessageId, Part, RoomCursor, RoomId, RoomKind,
    RoomPresence, RoomSnapshot, RoomTyping, Stream, Subscribed,
};

#[derive(Debug, Default)]
pub(super) struct Rooms {
    kept: Vec<KeptRoom>,
    /// What the page shows.
    open: Option<RoomId>,
    /// Counts openings.
    openings: u64,
    streams: Streams,
    /// The messages that are asked for by `chat:resume`.
    resumes: Vec<Resume>,
    /// More messages were behind than may be asked for at a time.
    has_more_behind: bool,
}

#[derive(Debug)]
struct Resume {
    room: RoomId,
    message: MessageId,
    repeat: Repeat,
}

impl Rooms {
    pub(super) fn get(&self, room: RoomId) -> Option<&KeptRoom> {
        self.kept.iter().find(|kept| kept.id == room)
    }

    pub(super) fn get_mut(&mut self, room: RoomId) -> Option<&mut KeptRoom> {
        self.kept.iter_mut().find(|kept| kept.id == room)
    }

    fn entry_mut(&mut self, room: RoomId, message: MessageId) -> Option<&mut Entry> {
        self.get_mut(room)?.messages.get_mut(message)
    }

    pub(super) fn is_caught_up(&self) -> bool {
        self.kept.iter().all(KeptRoom::is_caught_up)
    }

    /// The room to keep, made if there is none.
    fn keep(&mut self, room: RoomId, stage: Stage) -> &mut KeptRoom {
        self.openings += 1;
        let index = self.kept.iter().position(|kept| kept.id == room).unwrap_or_else(|| {
            self.kept.push(KeptRoom::new(room, stage));
            self.kept.len() - 1
        });
        let kept = &mut self.kept[index];
        kept.opened = self.openings;
        kept
    }

    pub(super) fn open(&mut self, context: &mut Context, room: RoomId) {
        self.open = Some(room);
        let kept = self.keep(room, Stage::Missing { failure: None });
        kept.reading.begin();
        if matches!(kept.stage, Stage::Missing { .. } | Stage::Gone) {
            kept.stage = Stage::Missing { failure: None };
            kept.fetch.want(context.now);
        }
        context.changed(Change::Room(room));
    }

    /// The user made this room; its `room:create` is in the outbox.
    pub(super) fn create(&mut self, context: &mut Context, room: RoomId, kind: RoomKind) {
        let kept = self.keep(room, Stage::Creating);
        kept.kind = kind;
        if matches!(kept.stage, Stage::Missing { .. } | Stage::Gone) {
            kept.stage = Stage::Creating;
            kept.fetch.done();
        }
        context.changed(Change::Room(room));
    }

    /// The server has the room.
    pub(super) fn created(&mut self, context: &mut Context, room: RoomId) {
        if let Some(kept) = self.get_mut(room).filter(|kept| matches!(kept.stage, Stage::Creating)) {
            kept.stage = Stage::Created;
            context.changed(Change::Room(room));
        }
    }

    /// The user is a member of the room, perhaps again.
    pub(super) fn joined(&mut self, context: &mut Context, room: RoomId) {
        self.created(context, room);
        if let Some(kept) = self.get_mut(room) {
            kept.come_back(context);
        }
    }

    /// The room was deleted or left, or never came to be.
    pub(super) fn lose(&mut self, context: &mut Context, room: RoomId) {
        if let Some(kept) = self.get_mut(room) {
            kept.lose();
            context.changed(Change::Room(room));
        }
    }

    /// Lets the least recently opened rooms go, except the open one and those that `is_needed`.
    pub(super) fn trim(&mut self, context: &mut Context, is_needed: impl Fn(RoomId) -> bool) {
        while self.kept.len() > context.policy.kept_rooms {
            let candidates = self.kept.iter().enumerate();
            let candidates = candidates.filter(|(_, kept)| Some(kept.id) != self.open && !is_needed(kept.id));
            let Some((index, _)) = candidates.min_by_key(|(_, kept)| kept.opened) else { return };
            let kept = self.kept.remove(index);
            if !matches!(kept.subscription, Subscription::Off) {
                let id = context.command_id();
                context.send(id, &Command::Unsubscribe { room: kept.id });
            }
            context.changed(Change::Room(kept.id));
        }
    }

    pub(super) fn load(
        &mut self,
        context: &mut Context,
        page: Page,
        snapshot: RoomSnapshot,
    ) -> Option<Loaded> {
        let room = snapshot.room.id;
        let kept = self.get_mut(room)?;
        let loaded = if kept.is_paging(page) {
            let is_another = kept.load_page(context, page, snapshot);
            context.changed(Change::Room(room));
            is_another.then_some(Loaded::SameLog)?
        } else {
            kept.load(context, page, snapshot)?
        };
        context.changed(Change::Room(room));
        self.announce_again(context, room);
        self.look_behind(room, context.now + context.policy.settle);
        Some(loaded)
    }

    /// As [`Self::load`], for a snapshot that came with the page.
    pub(super) fn load_with_page(&mut self, context: &mut Context, snapshot: RoomSnapshot) -> Option<Loaded> {
        let kept = self.keep(snapshot.room.id, Stage::Missing { failure: None });
        kept.base = Page::Newest;
        self.load(context, Page::Newest, snapshot)
    }

    pub(super) fn load_failed(
        &mut self,
        context: &mut Context,
        room: RoomId,
        page: Page,
        failure: SnapshotFailure,
    ) {
        if let Some(kept) = self.get_mut(room) {
            if kept.is_paging(page) {
                kept.page_failed(context, page, failure);
            } else {
                kept.load_failed(context, page, failure);
            }
            context.changed(Change::Room(room));
        }
    }

    /// The reader wants to see another stretch of a room.
    pub(super) fn turn_to(&mut self, context: &mut Context, room: RoomId, page: Page) {
        if let Some(kept) = self.get_mut(room) {
            kept.turn_to(context, page);
            context.changed(Change::Room(room));
        }
    }

    pub(super) fn presence(&mut self, context: &mut Context, presence: RoomPresence) {
        if let Some(kept) = self.get_mut(presence.room) {
            context.changed(Change::Members(presence.room));
            context.has_progressed |= kept.people.are(presence);
        }
    }

    pub(super) fn typing(&mut self, context: &mut Context, typing: RoomTyping) {
        if let Some(kept) = self.get_mut(typing.room) {
            context.changed(Change::Typing(typing.room));
            context.has_progressed |= kept.people.type_now(context.now, typing);
        }
    }

    /// The positions for `hello`. Handles of before mean nothing after it.
    pub(super) fn greet(&mut self, context: &Context) -> Vec<RoomCursor> {
        self.streams.clear();
        let named = self.kept.iter_mut().filter_map(|kept| kept.greet().then_some(kept));
        named.map(|kept| kept.position(context.policy.held_per_room)).collect()
    }

    /// All answers to `hello` are in; what was not answered is asked for again.
    pub(super) fn welcomed(&mut self) {
        for kept in &mut self.kept {
            if matches!(kept.subscription, Subscription::Greeted { .. }) {
                kept.subscription = Subscription::Off;
            }
        }
    }

    /// The message's run is held as ended.
    pub(super) fn has_ended(&self, room: RoomId, message: MessageId) -> bool {
        self.get(room).and_then(|kept| kept.messages.get(message)).is_some_and(Entry::has_ended)
    }

    /// An AI's message in one of the rooms is being written.
    pub(super) fn is_running(&self) -> bool {
        self.kept.iter().any(|kept| kept.messages.iter().rev().any(|entry| !entry.has_ended()))
    }

    pub(super) fn hasten(&mut self, context: &Context) {
        for kept in &mut self.kept {
            kept.hasten(context);
        }
    }

    /// What belonged to the connection is void.
    pub(super) fn disconnected(&mut self, context: &mut Context) {
        self.streams.clear();
        self.resumes.clear();
        self.has_more_behind = false;
        for kept in &mut self.kept {
            kept.disconnected(context);
        }
    }

    pub(super) fn answered(
        &mut self,
        context: &mut Context,
        room: RoomId,
        id: Option<CommandId>,
        answer: &Subscribed,
    ) {
        let Some(kept) = self.get_mut(room) else { return };
        kept.answered(context, id, answer);
        context.changed(Change::Room(room));
        self.announce_again(context, room);
        // The server knows from the lengths held what is missing and sends it; this is for the case that it doesn't.
        self.look_behind(room, context.now + context.policy.ask_again);
    }

    /// An event of a room's log, or the number of one that this version can't read. True when it was applied.
    pub(super) fn event(
        &mut self,
        context: &mut Context,
        room: RoomId,
        seq: u64,
        event: Option<Event>,
    ) -> bool {
        let Some(kept) = self.get_mut(room) else { return false };
        if kept.arrived(context, seq) == Arrival::Ignored {
            return false;
        }
        context.has_progressed = true;
        let applied = event.map_or(Applied::Nothing, |event| kept.apply(context, seq, event));
        let id = match applied {
            Applied::Nothing => return true,
            Applied::Shown => {
                context.changed(Change::Room(room));
                return true;
            }
            Applied::Message { id, is_held } => {
                context.changed(Change::Room(room));
                if is_held {
                    self.announce_again(context, room);
                }
                id
            }
            Applied::Change { id, is_replaced } => {
                context.changed(Change::Message { room, message: id });
                if is_replaced {
                    context.changed(Change::Text { room, message: id });
                }
                id
            }
        };
        self.ask_if_behind(room, id, context.now + context.policy.settle);
        true
    }

    pub(super) fn stream(&mut self, context: &mut Context, stream: &Stream) {
        self.streams.bind(&context.policy, stream);
        self.announce_again(context, stream.room);
        self.ask_if_behind(stream.room, stream.message, context.now);
    }

    /// Tells the messages what is known from `chat:stream` and from parts that came before their message.
    fn announce_again(&mut self, context: &mut Context, room: RoomId) {
        let Some(kept) = self.kept.iter_mut().find(|kept| kept.id == room && kept.is_on()) else { return };
        for binding in self.streams.of_room(room) {
            let message = binding.message;
            if let Some(entry) = kept.messages.get_mut(message) {
                if entry.raise_attempt(context, binding.attempt) {
                    context.changed(Change::Text { room, message });
                }
                entry.learn(binding.which, binding.attempt, binding.known);
            }
        }
    }

    pub(super) fn part(&mut self, context: &mut Context, part: &Part) {
        let Some(binding) = self.streams.find(&context.policy, context.now, part) else { return };
        let (room, message, which): (RoomId, MessageId, Which) =
            (binding.room, binding.message, binding.which);
        // A part is of the log that the connection follows. Before that is known to be the one held, it would be
        // appended to the text of another epoch; what is left out here is known to the binding.
        let kept = self.get_mut(room).filter(|kept| kept.is_on());
        let Some(entry) = kept.and_then(|kept| kept.messages.get_mut(message)) else { return };
        let has_grown = entry.add_part(which, binding.attempt, part.offset, &part.text);
        let is_behind = entry.is_behind();
        if has_grown {
            context.has_progressed = true;
            context.changed(Change::Text { room, message });
        }
        if is_behind {
            self.ask_if_behind(room, message, context.now);
        }
        if has_grown && let Some(index) = self.resumes.iter().position(|resume| resume.message == message) {
            if is_behind {
                self.resumes[index].repeat.progressed(context);
            } else {
                self.resumes.swap_remove(index);
            }
        }
    }

    fn ask_if_behind(&mut self, room: RoomId, message: MessageId, due: Millis) {
        if !self.entry_mut(room, message).is_some_and(|entry| entry.is_behind()) {
            return;
        }
        if let Some(resume) = self.resumes.iter_mut().find(|resume| resume.message == message) {
            // One that waits for the rest to come by itself needn't wait once it is clear that it won't.
            if resume.repeat.id.is_none() {
                resume.repeat.due = due.min(resume.repeat.due);
            }
            return;
        }
        self.resumes.push(Resume { room, message, repeat: Repeat::first_at(due) });
    }

    fn look_behind(&mut self, room: RoomId, due: Millis) {
        let Some(kept) = self.get(room) else { return };
        let behind = kept.messages.iter().filter(|entry| entry.is_behind());
        let behind: Vec<MessageId> = behind.map(|entry| entry.message.id).collect();
        for message in behind {
            self.ask_if_behind(room, message, due);
        }
    }

    /// Asks for what is due.
    pub(super) fn tick(&mut self, context: &mut Context) {
        if context.live.is_some() && self.streams.has_lost(&context.policy, context.now) {
            // Whose they are can't be known. A room that is subscribed to again has its streams announced again.
            for kept in self.kept.iter_mut().filter(|kept| kept.messages.iter().any(Entry::may_grow)) {
                kept.ask_anew(context.now);
            }
        }
        for kept in &mut self.kept {
            kept.tick(context);
        }
        if context.live.is_none() {
            return;
        }
        self.bound_resumes(context);
        let kept = &self.kept;
        self.resumes.retain_mut(|resume| {
            if !resume.repeat.is_due(context.now) {
                return true;
            }
            // Asking is of use only where the room is followed; `answered` looks again.
            let room = kept.iter().find(|kept| kept.id == resume.room).filter(|kept| kept.is_on());
            let entry =
                room.and_then(|room| room.messages.get(resume.message)).filter(|entry| entry.is_behind());
            let Some(entry) = entry else { return false };
            let id = resume.repeat.ask(context);
            context.send(id, &Command::Resume { room: resume.room, held: entry.held() });
            true
        });
    }

    /// Keeps the asks within their limit; what is left out is looked for again when there is place.
    fn bound_resumes(&mut self, context: &Context) {
        let limit = context.policy.resumes;
        if self.has_more_behind && self.resumes.len() < limit {
            self.has_more_behind = false;
            let followed: Vec<RoomId> =
                self.kept.iter().filter(|kept| kept.is_on()).map(|kept| kept.id).collect();
            for room in followed {
                self.look_behind(room, context.now);
            }
        }
        if self.resumes.len() > limit {
            self.resumes.truncate(limit);
            self.has_more_behind = true;
        }
    }

    /// An `error` for one of the asks made here. False when it is none of them.
    pub(super) fn refused(&mut self, context: &mut Context, id: CommandId, failure: &Failure) -> bool {
        if let Some(index) = self.resumes.iter().position(|resume| resume.repeat.id == Some(id)) {
            if matches!(failure.code, FailureCode::RoomNotFound | FailureCode::MessageNotFound) {
                let Resume { room, message, .. } = self.resumes.swap_remove(index);
                if let Some(entry) = self.entry_mut(room, message) {
                    entry.give_up();
                }
            } else {
                self.resumes[index].repeat.refused(context, failure.retry_after_ms);
            }
            return true;
        }
        for kept in &mut self.kept {
            if let Subscription::Asked(repeat) | Subscription::On { repeat: Some(repeat), .. } =
                &mut kept.subscription
                && repeat.id == Some(id)
            {
                if failure.code == FailureCode::RoomNotFound {
                    kept.lose();
                    context.changed(Change::Room(kept.id));
                } else {
                    repeat.refused(context, failure.retry_after_ms);
                }
                return true;
            }
        }
        false
    }

    /// Asks the server for a sign of life by the room that matters most. False when no room is followed.
    pub(super) fn probe(&mut self, now: Millis) -> bool {
        let followed = self.kept.iter_mut().filter(|kept| kept.is_on());
        followed.max_by_key(|kept| kept.opened).is_some_and(|kept| kept.ask_anew(now))
    }

    /// The list of rooms was loaded afresh. Of those that are not in it, the server is asked whether they are gone:
    /// the event that said so may be one of those that the list replaced.
    pub(super) fn listed(&mut self, context: &mut Context, is_listed: impl Fn(RoomId) -> bool) {
        for kept in &mut self.kept {
            if is_listed(kept.id) {
                kept.come_back(context);
            } else {
                kept.ask_anew(context.now);
            }
        }
    }

    pub(super) fn next_timeout(&self, policy: &Policy, is_live: bool) -> Option<Millis> {
        let rooms = self.kept.iter().filter_map(|kept| kept.next_timeout(is_live));
        let resumes = self.resumes.iter().filter(|_| is_live).map(|resume| resume.repeat.due);
        let streams = self.streams.lost_at(policy).filter(|_| is_live);
        rooms.chain(resumes).chain(streams).min()
    }
}
