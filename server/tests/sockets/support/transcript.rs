//! What one connection has brought, applied as strictly as the protocol promises it: stricter than the client, which
//! forgives. Whatever a server must never send panics here.

use std::collections::{BTreeMap, BTreeSet};

use app::protocol::{
    Cursor, Event, Failure, Handle, Held, Log, Message, MessageId, PresenceState, Resume, RoomCursor, RoomId,
    RoomPresence, RoomTyping, Run, ServerFrame, Stream, Subscribed, UserId,
};

#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// Every event in the order of arrival.
    pub(crate) events: Vec<(Log, u64, Event)>,
    /// Errors without an identifier.
    pub(crate) errors: Vec<Failure>,
    pub(crate) parts: BTreeMap<MessageId, usize>,
    /// What was told about people, in the order of arrival.
    pub(crate) presences: Vec<RoomPresence>,
    pub(crate) typings: Vec<RoomTyping>,
    states: BTreeMap<(RoomId, UserId), PresenceState>,
    /// Rooms of which the whole was told on this connection.
    wholes: BTreeSet<RoomId>,
    /// The last number of each log that is followed.
    places: BTreeMap<Log, u64>,
    /// Where each log was last followed from.
    begun: BTreeMap<Log, u64>,
    /// From where each log was asked for.
    asked: BTreeMap<Log, Option<Cursor>>,
    handles: BTreeMap<Handle, Place>,
    texts: BTreeMap<MessageId, Texts>,
    runs: BTreeMap<MessageId, Run>,
    /// How far it has got, also while there is no connection.
    cursors: BTreeMap<Log, Cursor>,
    rooms: BTreeMap<MessageId, RoomId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    attempt: u32,
    text: String,
    thinking: String,
}

#[derive(Debug)]
struct Place {
    message: MessageId,
    is_thinking: bool,
    next: u64,
}

impl Transcript {
    /// What a client knows already when it connects.
    pub(crate) fn hold(&mut self, message: MessageId, attempt: u32, text: &str, thinking: &str) {
        let texts = Texts { attempt, text: text.to_owned(), thinking: thinking.to_owned() };
        self.texts.insert(message, texts);
    }

    /// The next connection of the same client: what it has stays, what belonged to the last connection goes.
    pub(crate) fn reconnected(&mut self) {
        self.places.clear();
        self.begun.clear();
        self.asked.clear();
        self.handles.clear();
        self.wholes.clear();
    }

    /// How somebody is, as far as it was told.
    pub(crate) fn state(&self, room: RoomId, user: UserId) -> PresenceState {
        self.states.get(&(room, user)).copied().unwrap_or_default()
    }

    /// How far it has got in a log that it follows.
    pub(crate) fn cursor(&self, log: Log) -> Option<Cursor> {
        self.cursors.get(&log).copied()
    }

    /// Its text was announced on this connection.
    pub(crate) fn is_announced(&self, message: MessageId) -> bool {
        self.handles.values().any(|place| place.message == message)
    }

    /// What it holds of the messages of a room that may still grow.
    pub(crate) fn unfinished(&self, room: RoomId) -> Vec<Held> {
        let ours = self.texts.keys().filter(|message| self.rooms.get(message) == Some(&room));
        ours.filter(|message| !self.has_all_of(**message)).map(|message| self.held(*message)).collect()
    }

    /// The same, of a message in a room.
    pub(crate) fn hold_in(
        &mut self,
        room: RoomId,
        message: MessageId,
        attempt: u32,
        text: &str,
        thinking: &str,
    ) {
        self.rooms.insert(message, room);
        self.hold(message, attempt, text, thinking);
    }

    pub(crate) fn asks(&mut self, wanted: &RoomCursor) {
        self.asked.insert(Log::Room(wanted.room), wanted.cursor);
    }

    pub(crate) fn asks_inbox(&mut self, cursor: Option<Cursor>) {
        self.asked.insert(Log::Inbox, cursor);
    }

    pub(crate) fn text(&self, message: MessageId) -> &str {
        self.texts.get(&message).map_or("", |texts| &texts.text)
    }

    pub(crate) fn thinking(&self, message: MessageId) -> &str {
        self.texts.get(&message).map_or("", |texts| &texts.thinking)
    }

    pub(crate) fn run(&self, message: MessageId) -> Option<&Run> {
        self.runs.get(&message)
    }

    /// Everything of the message has come.
    pub(crate) fn has_all_of(&self, message: MessageId) -> bool {
        self.run(message).is_some_and(|run| {
            run.status.has_ended()
                && run.text_length == self.text(message).len() as u64
                && run.thinking_length == self.thinking(message).len() as u64
        })
    }

    pub(crate) fn held(&self, message: MessageId) -> Held {
        let texts = self.texts.get(&message).cloned().unwrap_or_default();
        Held {
            message,
            attempt: texts.attempt,
            text: texts.text.len() as u64,
            thinking: texts.thinking.len() as u64,
        }
    }

    pub(crate) fn messages(&self, room: RoomId) -> impl Iterator<Item = &Message> {
        self.events.iter().filter_map(move |(log, _, event)| match event {
            Event::Message(message) if *log == Log::Room(room) => Some(message),
            _ => None,
        })
    }

    /// The AI's answers to a message, in their order.
    pub(crate) fn replies(&self, message: MessageId) -> Vec<MessageId> {
        let events = self.events.iter().filter_map(|(_, _, event)| match event {
            Event::Message(reply) if reply.parent == Some(message) && reply.run.is_some() => Some(reply.id),
            _ => None,
        });
        events.collect()
    }

    pub(crate) fn seqs(&self, log: Log) -> Vec<u64> {
        self.events.iter().filter(|(of, ..)| *of == log).map(|(_, seq, _)| *seq).collect()
    }

    pub(crate) fn apply(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Welcome(welcome) => {
                for subscribed in &welcome.logs {
                    self.subscribed(subscribed);
                }
            }
            ServerFrame::Subscribed { subscribed, .. } => self.subscribed(subscribed),
            ServerFrame::Event { log, seq, event } => self.event(*log, *seq, event),
            ServerFrame::Stream(stream) => self.stream(stream),
            ServerFrame::Part(part) => self.part(part.handle, part.offset, &part.text),
            ServerFrame::Error { id: None, failure } => self.errors.push(failure.clone()),
            ServerFrame::Presence(presence) => self.presence(presence),
            ServerFrame::Typing(typing) => {
                assert!(self.places.contains_key(&Log::Room(typing.room)), "{typing:?}");
                self.typings.push(typing.clone());
            }
            ServerFrame::Beat(_)
            | ServerFrame::Bye(_)
            | ServerFrame::Ack { .. }
            | ServerFrame::Error { .. } => {}
        }
    }

    fn presence(&mut self, presence: &RoomPresence) {
        let room = presence.room;
        assert!(self.places.contains_key(&Log::Room(room)), "{presence:?}");
        if presence.is_full {
            self.wholes.insert(room);
            self.states.retain(|(of, _), _| *of != room);
        }
        assert!(self.wholes.contains(&room), "the whole comes first: {presence:?}");
        assert!(presence.is_full || !presence.people.is_empty() || presence.present > 0, "{presence:?}");
        self.states.extend(presence.people.iter().map(|person| ((room, person.user), person.state)));
        self.presences.push(presence.clone());
    }

    fn subscribed(&mut self, subscribed: &Subscribed) {
        match (subscribed.resume, self.asked.get(&subscribed.log).copied().flatten()) {
            (Resume::Current, Some(cursor)) => {
                assert_eq!(cursor, subscribed.cursor, "nothing was missed");
                self.follow(subscribed.log, cursor);
            }
            (Resume::Replay, Some(cursor)) => {
                assert_eq!(cursor.epoch, subscribed.cursor.epoch);
                assert!(cursor.seq < subscribed.cursor.seq);
                self.follow(subscribed.log, cursor);
            }
            (Resume::Current | Resume::Replay, None) => panic!("{subscribed:?} without a cursor"),
            // Events go on from the head; what was before it is in the snapshot.
            (Resume::Reset, _) => self.follow(subscribed.log, subscribed.cursor),
            (Resume::Gone, _) => {
                self.places.remove(&subscribed.log);
                self.cursors.remove(&subscribed.log);
            }
        }
    }

    fn follow(&mut self, log: Log, from: Cursor) {
        self.cursors.insert(log, from);
        self.places.insert(log, from.seq);
        self.begun.insert(log, from.seq);
    }

    fn event(&mut self, log: Log, seq: u64, event: &Event) {
        let place =
            self.places.get_mut(&log).unwrap_or_else(|| panic!("{log} is not followed, and sent {seq}"));
        assert_eq!(seq, *place + 1, "{log}: events come once and in order");
        *place = seq;
        if let Some(cursor) = self.cursors.get_mut(&log) {
            cursor.seq = seq;
        }
        match event {
            Event::Message(message) => {
                if let Log::Room(room) = log {
                    self.rooms.insert(message.id, room);
                }
                if let Some(run) = &message.run {
                    self.runs.insert(message.id, run.clone());
                    let texts = self.texts.entry(message.id).or_default();
                    texts.attempt = texts.attempt.max(run.attempt);
                }
            }
            Event::Run { message, run } => _ = self.runs.insert(*message, run.clone()),
            Event::MessageChanged(_)
            | Event::Branch { .. }
            | Event::Member(_)
            | Event::RoomJoined(_)
            | Event::RoomChanged(_)
            | Event::RoomLeft { .. }
            | Event::UserChanged(_) => {}
        }
        self.events.push((log, seq, event.clone()));
    }

    fn stream(&mut self, stream: &Stream) {
        let begun =
            self.begun.get(&Log::Room(stream.room)).expect("a stream belongs to a room that is followed");
        // Messages from before that place are known from elsewhere.
        let is_known = *begun > 0 || self.texts.contains_key(&stream.message);
        assert!(is_known, "a stream is announced after its message");
        let texts = self.texts.entry(stream.message).or_default();
        if stream.attempt > texts.attempt {
            texts.attempt = stream.attempt;
            texts.thinking.clear();
        }
        for (position, is_thinking, held) in
            [(stream.text, false, &texts.text), (stream.thinking, true, &texts.thinking)]
        {
            assert!(position.offset <= held.len() as u64, "a gap before {stream:?}, held {}", held.len());
            assert!(held.is_char_boundary(usize::try_from(position.offset).unwrap()));
            let place = Place { message: stream.message, is_thinking, next: position.offset };
            assert!(self.handles.insert(position.handle, place).is_none(), "a handle is used once");
        }
    }

    fn part(&mut self, handle: Handle, offset: u64, text: &str) {
        let place = self.handles.get_mut(&handle).expect("a part comes after its stream");
        assert_eq!(offset, place.next, "the parts of a handle are contiguous");
        assert!(!text.is_empty());
        *self.parts.entry(place.message).or_default() += 1;
        place.next += text.len() as u64;
        let texts = self.texts.get_mut(&place.message).unwrap();
        let held = if place.is_thinking { &mut texts.thinking } else { &mut texts.text };
        let overlap = (held.len() - usize::try_from(offset).unwrap()).min(text.len());
        assert_eq!(
            &held[usize::try_from(offset).unwrap()..][..overlap],
            &text[..overlap],
            "the same text again"
        );
        held.push_str(&text[overlap..]);
    }
}
