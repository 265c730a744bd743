//! What the server says: each frame goes to the part of the state that it is about.

use super::outbox::Seen;
use super::{Change, Client, Connection, Transport};
use crate::protocol::{Event, FrameError, Log, ServerFrame, Welcome};

impl Client {
    pub(super) fn received(&mut self, text: &str) {
        // What was posted has no answer.
        if text.is_empty() {
            return;
        }
        let frame = ServerFrame::decode(text);
        // The answer to a `POST` says nothing of the stream beside it.
        if !self.context.is_http || !frame.as_ref().is_ok_and(is_answer) {
            self.link.heard(self.context.now);
        }
        match frame {
            Ok(frame) => self.frame(frame),
            // A durable event of a newer server has its place in the log all the same; without it, the next event
            // would look like the one after a gap, for ever.
            Err(FrameError::UnknownType { place: Some((log, seq)), .. }) => self.event(log, seq, None),
            // Not for us to repair. If it was an event, the gap it leaves is asked for.
            Err(_) => {}
        }
    }

    pub(super) fn frame(&mut self, frame: ServerFrame) {
        let context = &mut self.context;
        match frame {
            ServerFrame::Part(part) => self.rooms.part(context, &part),
            ServerFrame::Event { log, seq, event } => self.event(log, seq, Some(*event)),
            ServerFrame::Stream(stream) => self.rooms.stream(context, &stream),
            ServerFrame::Ack { id, ack } => {
                let outcome = self.outbox.acknowledged(context, id, ack.seq);
                self.came_out(outcome);
            }
            ServerFrame::Error { id: Some(id), failure } => {
                if !self.rooms.refused(context, id, &failure) {
                    let outcome = self.outbox.refused(context, id, failure);
                    self.came_out(outcome);
                }
            }
            // Which command it was about can't be known; its answer will be missed.
            ServerFrame::Error { id: None, .. } => {}
            ServerFrame::Subscribed { id, subscribed } => match subscribed.log {
                Log::Inbox => {}
                Log::Room(room) => self.rooms.answered(context, room, Some(id), &subscribed),
            },
            ServerFrame::Presence(presence) => self.rooms.presence(context, presence),
            ServerFrame::Typing(typing) => self.rooms.typing(context, typing),
            ServerFrame::Beat(beat) => self.clock.server_repeated(beat.now),
            ServerFrame::Bye(bye) => self.link.said_goodbye(context, bye.code, bye.retry_after_ms),
            ServerFrame::Welcome(welcome) => self.welcomed(&welcome),
        }
    }

    fn welcomed(&mut self, welcome: &Welcome) {
        let context = &mut self.context;
        let is_first = self.connection != Connection::Live;
        if !self.link.welcomed(context, welcome.beat_ms) {
            return;
        }
        if self.link.transport() == Transport::EventStream {
            self.attention.reads_stream(context.now, welcome.connection);
        }
        self.clock.server_said(welcome.now);
        if self.limits != welcome.limits {
            self.limits = welcome.limits;
            context.changed(Change::Account);
        }
        for answer in &welcome.logs {
            match answer.log {
                Log::Inbox => self.inbox.answered(context, answer),
                Log::Room(room) => self.rooms.answered(context, room, None, answer),
            }
        }
        self.rooms.welcomed();
        if is_first {
            self.rooms.hasten(context);
        }
    }

    fn event(&mut self, log: Log, seq: u64, event: Option<Event>) {
        let context = &mut self.context;
        let rooms = &self.rooms;
        let seen = event.as_ref().and_then(|event| {
            Seen::of(event, |message| matches!(log, Log::Room(room) if rooms.has_ended(room, message)))
        });
        match log {
            Log::Room(room) => {
                if !self.rooms.event(context, room, seq, event) {
                    return;
                }
            }
            Log::Inbox => {
                for room in self.inbox.event(context, seq, event) {
                    self.rooms.lose(context, room);
                }
                if let Some(Seen::Joined(room)) = seen {
                    self.rooms.joined(context, room);
                }
            }
        }
        if let Some(seen) = seen {
            self.outbox.event_seen(context, seen);
        }
    }
}

/// The answer to a command.
pub(super) fn is_answer(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Ack { .. } | ServerFrame::Error { .. })
}
