//! The commands that the user gave and that have not had their visible effect yet, and the one place that decides
//! what is sent when.
//!
//! Commands about one room go one after the other: each waits for the answer to the one before, so that a refused
//! or delayed one can't be overtaken. A stop overtakes everything. A repeated command is harmless, because the
//! server knows it by its identifier; this is not the place that makes it so.
//!
//! How far the reader has read goes the same way, but waits for nobody, is not kept, and nobody needs to hear that it
//! was refused: the next one says more.

use super::context::Context;
use super::{Change, Millis};
use crate::protocol::{Command, CommandId, Event, Failure, FailureCode, Limits, MessageId, RoomId};

#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// In the order they were given.
    entries: Vec<Entry>,
    /// Refused commands, for the user to read.
    notices: Vec<Notice>,
}

#[derive(Debug)]
struct Entry {
    id: CommandId,
    command: Command,
    state: State,
}

#[derive(Debug)]
enum State {
    /// To be sent, not before this.
    Waiting(Millis),
    /// Sent on this connection; without an answer until then it is sent again.
    Sent(Millis),
    /// The message is in the room's log at this place, and waits here for the log to be applied up to it.
    Acknowledged(u64),
    /// Refused; the user decides.
    Failed(Failure),
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending<'a> {
    /// Also the identifier of the message that it becomes.
    pub id: CommandId,
    pub text: &'a str,
    pub parent: Option<MessageId>,
    /// The message of which it is another version.
    pub beside: Option<MessageId>,
    pub state: PendingState<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingState<'a> {
    /// Not sent: there is no connection, or it isn't its turn.
    Waiting,
    /// On its way or at the server.
    Sent,
    /// Refused; kept for [`super::Input::Again`] or [`super::Input::Discard`].
    Failed(&'a Failure),
}

/// A command that was refused and is not kept. The whole command, so that nothing the user wrote is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: CommandId,
    pub command: Command,
    pub failure: Failure,
}

/// What a finished command leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Nothing,
    /// The server has this room now.
    Created(RoomId),
    /// This room will not come to be.
    NotCreated(RoomId),
}

/// What an event shows to have happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen {
    Message(MessageId),
    /// The message's run has ended.
    Ended(MessageId),
    /// The message's run, which had ended, goes on.
    Continued(MessageId),
    Joined(RoomId),
    Left(RoomId),
}

impl Seen {
    /// `had_ended`: whether the run of a message is held as ended.
    pub(super) fn of(event: &Event, had_ended: impl Fn(MessageId) -> bool) -> Option<Self> {
        match event {
            Event::Message(message) => Some(Self::Message(message.id)),
            Event::Run { message, run } if run.status.has_ended() => Some(Self::Ended(*message)),
            Event::Run { message, .. } => had_ended(*message).then_some(Self::Continued(*message)),
            Event::RoomJoined(room) => Some(Self::Joined(room.id)),
            Event::RoomLeft { room } => Some(Self::Left(*room)),
            Event::MessageChanged(_)
            | Event::Branch { .. }
            | Event::Member(_)
            | Event::RoomChanged(_)
            | Event::UserChanged(_) => None,
        }
    }
}

impl Entry {
    fn is_mark(&self) -> bool {
        matches!(self.command, Command::MarkRead { .. })
    }

    /// The page has to look again.
    fn changed(&self, context: &mut Context) {
        if !self.is_mark() {
            context.changed(Change::Room(self.command.room()));
        }
    }
}

impl Outbox {
    pub(super) fn has_room(&self, context: &Context) -> bool {
        let given = self.entries.iter().filter(|entry| !entry.is_mark());
        given.count() < context.policy.outbox
    }

    /// Takes a command in. False when it was not taken.
    pub(super) fn add(
        &mut self,
        context: &mut Context,
        limits: &Limits,
        id: CommandId,
        command: Command,
    ) -> bool {
        if self.entries.iter().any(|entry| entry.id == id) {
            return false;
        }
        if !self.has_room(context) {
            let why = "Too many things are waiting to be sent. Try again when the connection is back.";
            self.notice(context, id, command, Failure::new(FailureCode::LimitReached, why));
            return false;
        }
        let is_message = matches!(command, Command::SendMessage { .. });
        let state = match over_limit(limits, id, &command) {
            Some(failure) if is_message => State::Failed(failure),
            Some(failure) => {
                self.notice(context, id, command, failure);
                return false;
            }
            None => State::Waiting(0),
        };
        context.changed(Change::Outbox);
        context.changed(Change::Room(command.room()));
        // Writing into a room that could not be created is trying again.
        self.retry_create(command.room());
        self.entries.push(Entry { id, command, state });
        true
    }

    /// The reader has read up to there, which is to be told then, or no more when there is nothing to tell. It takes the
    /// place of what was to be told before, unless that was further on: of a room that was let go and opened again, only
    /// the outbox knows it.
    pub(super) fn mark_read(&mut self, room: RoomId, mark: Option<(CommandId, u64, Millis)>) {
        let mut furthest = 0;
        self.entries.retain(|entry| match entry.command {
            Command::MarkRead { room: of, seq } if of == room => {
                furthest = seq;
                false
            }
            _ => true,
        });
        if let Some((id, seq, due)) = mark {
            let command = Command::MarkRead { room, seq: seq.max(furthest) };
            self.entries.push(Entry { id, command, state: State::Waiting(due) });
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (CommandId, &Command)> {
        // What is acknowledged is as safe as it can be.
        let is_unsafe = |entry: &&Entry| !matches!(entry.state, State::Acknowledged(_)) && !entry.is_mark();
        self.entries.iter().filter(is_unsafe).map(|entry| (entry.id, &entry.command))
    }

    /// Nothing is on its way or waits for it.
    pub(super) fn is_idle(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.state, State::Failed(_)))
    }

    /// The rooms that are to be created.
    pub(super) fn creates(&self) -> impl Iterator<Item = RoomId> {
        self.entries.iter().filter_map(|entry| match entry.command {
            Command::CreateRoom { room, .. } => Some(room),
            _ => None,
        })
    }

    pub(super) fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(super) fn concerns(&self, room: RoomId) -> bool {
        self.entries.iter().any(|entry| entry.command.room() == room && !entry.is_mark())
    }

    pub(super) fn pending(&self, room: RoomId) -> impl Iterator<Item = Pending<'_>> {
        self.entries.iter().filter_map(move |entry| match &entry.command {
            Command::SendMessage { room: of, text, parent, beside, .. } if *of == room => {
                let state = match &entry.state {
                    State::Waiting(_) => PendingState::Waiting,
                    State::Sent(_) | State::Acknowledged(_) => PendingState::Sent,
                    State::Failed(failure) => PendingState::Failed(failure),
                };
                Some(Pending { id: entry.id, text, parent: *parent, beside: *beside, state })
            }
            _ => None,
        })
    }

    /// What was sent may not have arrived. What was acknowledged and isn't shown yet is sent again as well: its place
    /// was one in a log that may have been begun anew when the next connection sees it.
    pub(super) fn disconnected(&mut self, context: &mut Context) {
        for entry in &mut self.entries {
            if matches!(entry.state, State::Sent(_) | State::Acknowledged(_)) {
                entry.state = State::Waiting(0);
                entry.changed(context);
                context.changed(Change::Outbox);
            }
        }
    }

    /// Sends what may be sent. `is_applied`: the room's log is applied up to this place, or not held at all.
    pub(super) fn tick(&mut self, context: &mut Context, is_applied: impl Fn(RoomId, u64) -> bool) {
        self.remove_where(
            context,
            |entry| matches!(entry.state, State::Acknowledged(seq) if is_applied(entry.command.room(), seq)),
        );
        if context.live.is_none() || context.is_congested() {
            return;
        }
        for index in 0..self.entries.len() {
            let (before, rest) = self.entries.split_at_mut(index);
            let Some(entry) = rest.first_mut() else { return };
            let is_due = matches!(entry.state, State::Waiting(due) | State::Sent(due) if due <= context.now);
            if !is_due || before.iter().any(|other| must_precede(other, entry)) {
                continue;
            }
            context.send(entry.id, &entry.command);
            let was_sent = matches!(entry.state, State::Sent(_));
            entry.state = State::Sent(context.now + context.policy.answer_wait);
            if !was_sent {
                entry.changed(context);
            }
        }
    }

    pub(super) fn next_timeout(&self, may_send: bool) -> Option<Millis> {
        let entries = self.entries.iter().enumerate().filter(|_| may_send);
        let dues = entries.filter_map(|(index, entry)| match entry.state {
            State::Waiting(due) | State::Sent(due) => {
                let is_blocked = self.entries[..index].iter().any(|other| must_precede(other, entry));
                (!is_blocked).then_some(due)
            }
            State::Acknowledged(_) | State::Failed(_) => None,
        });
        dues.min()
    }

    /// `ack`: the command has had its effect. A message stays until its room shows it.
    pub(super) fn acknowledged(&mut self, context: &mut Context, id: CommandId, seq: Option<u64>) -> Outcome {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else {
            return Outcome::Nothing;
        };
        context.changed(Change::Outbox);
        match (&entry.command, seq) {
            (Command::SendMessage { .. }, Some(seq)) => {
                entry.state = State::Acknowledged(seq);
                Outcome::Nothing
            }
            // Says nothing of where the message is, so it is no answer to a message.
            (Command::SendMessage { .. }, None) => Outcome::Nothing,
            _ => self.done(context, id),
        }
    }

    /// The command has had its effect, for all to see.
    fn done(&mut self, context: &mut Context, id: CommandId) -> Outcome {
        let Some(index) = self.entries.iter().position(|entry| entry.id == id) else {
            return Outcome::Nothing;
        };
        let entry = self.entries.remove(index);
        context.changed(Change::Outbox);
        entry.changed(context);
        match entry.command {
            Command::CreateRoom { room, .. } => Outcome::Created(room),
            _ => Outcome::Nothing,
        }
    }

    /// An event of a log shows the effect of a command, also when its `ack` was lost.
    pub(super) fn event_seen(&mut self, context: &mut Context, seen: Seen) {
        let shown = self.entries.iter().find(|entry| match (seen, &entry.command) {
            (Seen::Message(message), _) => entry.id.0 == message.0,
            (Seen::Ended(seen), Command::StopRun { message, .. })
            | (Seen::Continued(seen), Command::ContinueRun { message, .. }) => *message == seen,
            (Seen::Joined(seen), Command::CreateRoom { room, .. } | Command::Join { room, .. })
            | (Seen::Left(seen), Command::DeleteRoom { room } | Command::LeaveRoom { room }) => *room == seen,
            _ => false,
        });
        if let Some(id) = shown.map(|entry| entry.id) {
            self.done(context, id);
        }
    }

    /// `error`: the command had no effect.
    pub(super) fn refused(&mut self, context: &mut Context, id: CommandId, failure: Failure) -> Outcome {
        let Some(index) = self.entries.iter().position(|entry| entry.id == id) else {
            return Outcome::Nothing;
        };
        self.entries[index].changed(context);
        let pause = match failure.code {
            FailureCode::RateLimited => failure.retry_after_ms.unwrap_or(context.policy.rate_limit_wait),
            // The connection is about to end for this reason, which is dealt with there. The command isn't to blame.
            FailureCode::SignedOut => context.policy.answer_wait,
            _ => return self.fail(context, index, failure),
        };
        let pause = pause.min(context.policy.hint_cap);
        self.entries[index].state = State::Waiting(context.now + pause);
        Outcome::Nothing
    }

    fn fail(&mut self, context: &mut Context, index: usize, failure: Failure) -> Outcome {
        context.changed(Change::Outbox);
        let room = self.entries[index].command.room();
        match self.entries[index].command {
            Command::MarkRead { .. } => {
                self.entries.remove(index);
                Outcome::Nothing
            }
            Command::SendMessage { .. } => {
                self.entries[index].state = State::Failed(failure);
                Outcome::Nothing
            }
            // The messages that wait for the room fail with the same words, and keep what creates it: sending any
            // of them again begins with that.
            Command::CreateRoom { .. } if self.pending(room).next().is_some() => {
                let entries = std::mem::take(&mut self.entries);
                for mut entry in entries {
                    let is_kept =
                        matches!(entry.command, Command::CreateRoom { .. } | Command::SendMessage { .. });
                    if entry.command.room() != room {
                        self.entries.push(entry);
                    } else if is_kept {
                        entry.state = State::Failed(failure.clone());
                        self.entries.push(entry);
                    } else {
                        self.notice(context, entry.id, entry.command, failure.clone());
                    }
                }
                Outcome::Nothing
            }
            _ => {
                let Entry { id, command, .. } = self.entries.remove(index);
                let is_create = matches!(command, Command::CreateRoom { .. });
                self.notice(context, id, command, failure);
                if is_create { Outcome::NotCreated(room) } else { Outcome::Nothing }
            }
        }
    }

    fn notice(&mut self, context: &mut Context, id: CommandId, command: Command, failure: Failure) {
        self.notices.retain(|notice| notice.id != id);
        if self.notices.len() >= context.policy.notices.max(1) {
            self.notices.remove(0);
        }
        self.notices.push(Notice { id, command, failure });
        context.changed(Change::Notices);
    }

    /// The user wants a failed command sent again.
    pub(super) fn again(&mut self, context: &mut Context, id: CommandId) {
        let failed =
            self.entries.iter().find(|entry| entry.id == id && matches!(entry.state, State::Failed(_)));
        let Some(room) = failed.map(|entry| entry.command.room()) else { return };
        self.retry_create(room);
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.state = State::Waiting(0);
        }
        context.changed(Change::Outbox);
        context.changed(Change::Room(room));
    }

    fn retry_create(&mut self, room: RoomId) {
        let entries = self.entries.iter_mut().filter(|entry| entry.command.room() == room);
        for entry in entries.filter(|entry| matches!(entry.command, Command::CreateRoom { .. })) {
            if matches!(entry.state, State::Failed(_)) {
                entry.state = State::Waiting(0);
            }
        }
    }

    /// The user has read a notice, or doesn't want a command: one that failed, or that waits and is not on its way. What
    /// was on its way when the connection was lost may have had its effect; then the log shows it.
    pub(super) fn discard(&mut self, context: &mut Context, id: CommandId) -> Outcome {
        let notices = self.notices.len();
        self.notices.retain(|notice| notice.id != id);
        if self.notices.len() != notices {
            context.changed(Change::Notices);
        }
        let unwanted =
            |entry: &Entry| entry.id == id && matches!(entry.state, State::Waiting(_) | State::Failed(_));
        let Some(index) = self.entries.iter().position(unwanted) else { return Outcome::Nothing };
        let command = self.entries.remove(index).command;
        let room = command.room();
        context.changed(Change::Outbox);
        context.changed(Change::Room(room));
        let is_create = |entry: &Entry| matches!(entry.command, Command::CreateRoom { .. });
        // A room that could not be created was kept for its messages only.
        let was_kept_for_this = self.pending(room).next().is_none()
            && self.entries.iter().any(|entry| {
                entry.command.room() == room && is_create(entry) && matches!(entry.state, State::Failed(_))
            });
        if !was_kept_for_this && !matches!(command, Command::CreateRoom { .. }) {
            return Outcome::Nothing;
        }
        // What waits for a room that will not be is not wanted either.
        self.entries.retain(|entry| entry.command.room() != room);
        Outcome::NotCreated(room)
    }

    /// The room's log may have begun anew: what was acknowledged or sent there may be lost, and is sent again.
    pub(super) fn send_again(&mut self, context: &mut Context, room: RoomId) {
        for entry in self.entries.iter_mut().filter(|entry| entry.command.room() == room) {
            if matches!(entry.state, State::Sent(_) | State::Acknowledged(_)) {
                entry.state = State::Waiting(0);
                context.changed(Change::Outbox);
            }
        }
    }

    fn remove_where(&mut self, context: &mut Context, is_done: impl Fn(&Entry) -> bool) {
        self.entries.retain(|entry| {
            let is_done = is_done(entry);
            if is_done {
                context.changed(Change::Room(entry.command.room()));
            }
            !is_done
        });
    }
}

/// True when `later` has to wait for the answer to `earlier`.
fn must_precede(earlier: &Entry, later: &Entry) -> bool {
    let is_unanswered = matches!(earlier.state, State::Waiting(_) | State::Sent(_));
    let is_stop = |entry: &Entry| matches!(entry.command, Command::StopRun { .. });
    if !is_unanswered || earlier.command.room() != later.command.room() {
        return false;
    }
    match (&earlier.command, &later.command) {
        // The later of the two is what the user wants.
        (Command::StopRun { message, .. }, Command::ContinueRun { message: other, .. })
        | (Command::ContinueRun { message, .. }, Command::StopRun { message: other, .. }) => message == other,
        _ => ![earlier, later].iter().any(|entry| is_stop(entry) || entry.is_mark()),
    }
}

/// What the server would refuse, or close the connection for, needn't be sent.
fn over_limit(limits: &Limits, id: CommandId, command: &Command) -> Option<Failure> {
    let text = match command {
        Command::SendMessage { text, .. } | Command::EditMessage { text, .. } => text.len(),
        _ => 0,
    };
    if text > limits.message_bytes || command.encode(id).len() > limits.frame_bytes {
        return Some(Failure::new(
            FailureCode::MessageTooLong,
            "The message is too long. Shorten or split it.",
        ));
    }
    None
}
