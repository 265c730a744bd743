//! Commands: each has its effect once, and the same answer ever after.

use super::*;

impl Server {
    /// A command that came by `POST`; its answer.
    pub(crate) fn post(&mut self, text: &str) -> String {
        let (id, command) = match ClientFrame::decode(text) {
            Ok(ClientFrame::Command { id, command }) => (id, command),
            Ok(ClientFrame::Typing { .. }) => return String::new(),
            Ok(ClientFrame::Presence(own)) => {
                let mut connections = self.connections.values_mut();
                if let Some(connection) = connections.find(|connection| connection.id == own.connection) {
                    connection.is_away = own.state == PresenceState::Away;
                }
                return String::new();
            }
            _ => panic!("{text}"),
        };
        let is_for_sockets =
            matches!(command, Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. });
        assert!(!is_for_sockets, "{text}");
        // What it does is told to the connections first; nobody has the number 0.
        self.command(0, id, command);
        let answer = self.out.iter().position(|(attempt, _)| *attempt == 0).unwrap();
        self.out.remove(answer).1.encode()
    }

    pub(super) fn command(&mut self, attempt: u64, id: CommandId, command: Command) {
        let room = command.room();
        let is_member = self.rooms.get(&room).is_some_and(|room| !room.is_gone);
        let failed = |code| ServerFrame::Error { id: Some(id), failure: Failure::new(code, "no") };
        let answer = match command {
            Command::Subscribe(position) => {
                let answer = self.subscribe(attempt, &position);
                self.out.push((attempt, ServerFrame::Subscribed { id, subscribed: answer.clone() }));
                self.replay(attempt, &position, &answer);
                self.flush();
                return self.tell_presence(attempt, position.room);
            }
            Command::Unsubscribe { room } => {
                self.connections.get_mut(&attempt).unwrap().rooms.remove(&room);
                ServerFrame::Ack { id, ack: Ack::default() }
            }
            Command::Resume { room, held } => {
                self.resumes_asked += 1;
                let known = is_member.then(|| {
                    self.rooms[&room].records.iter().find(|record| record.message.id == held.message)
                });
                let Some(record) = known.flatten().filter(|record| !record.is_deleted()) else {
                    return self.out.push((attempt, failed(FailureCode::MessageNotFound)));
                };
                let now = record.message.run.as_ref().map_or(0, |run| run.attempt);
                let connection = self.connections.get_mut(&attempt).unwrap();
                let mut sent = connection.announce(now, &held);
                sent.attempt = 0;
                connection.sent.insert(held.message, sent);
                self.out.push((attempt, ServerFrame::Ack { id, ack: Ack::default() }));
                return self.flush();
            }
            command => {
                if let Some(answer) = self.answers.get(&id) {
                    return self.out.push((attempt, answer.clone()));
                }
                if self.now < self.refuses_until {
                    let mut failure = Failure::new(FailureCode::RateLimited, "slow down");
                    failure.retry_after_ms = Some(self.refuses_until - self.now);
                    return self.out.push((attempt, ServerFrame::Error { id: Some(id), failure }));
                }
                let answer = if is_member || matches!(command, Command::CreateRoom { .. }) {
                    *self.effects.entry(id).or_default() += 1;
                    ServerFrame::Ack { id, ack: Ack { seq: self.perform(id, command) } }
                } else {
                    failed(FailureCode::RoomNotFound)
                };
                self.answers.insert(id, answer.clone());
                answer
            }
        };
        self.out.push((attempt, answer));
    }

    pub(super) fn perform(&mut self, id: CommandId, command: Command) -> Option<u64> {
        match command {
            Command::SendMessage { room, text, beside: Some(beside), .. } if self.has(room, beside) => {
                let seq = self.say_beside(room, MessageId(id.0), text, beside);
                self.begin_run(room, Some(MessageId(id.0)));
                return Some(seq);
            }
            Command::ShowBranch { room, message } if self.has(room, message) => {
                self.show_branch(room, message);
            }
            Command::SendMessage { room, text, parent, .. } => {
                let parent = parent.filter(|parent| self.has(room, *parent));
                let seq = self.say(room, MessageId(id.0), text, parent);
                self.begin_run(room, Some(MessageId(id.0)));
                return Some(seq);
            }
            Command::CreateRoom { room, title, .. } if !self.rooms.contains_key(&room) => {
                self.created.insert(room);
                self.join(room, title, RoomKind::Solo);
            }
            Command::RenameRoom { room, title } => self.touch(room, Some(title)),
            Command::DeleteRoom { room } => self.leave(room),
            Command::MarkRead { room, seq } if seq > self.rooms[&room].summary.read => self.mark(room, seq),
            Command::MarkUnread { room, seq } => self.mark(room, seq),
            Command::EditMessage { room, message, text } if self.has(room, message) => {
                self.edit(room, message, text);
            }
            Command::React { room, message, emoji, .. } if self.has(room, message) => {
                self.react(room, message, emoji);
            }
            Command::DeleteMessage { room, message } if self.has(room, message) => self.delete(room, message),
            Command::StopRun { room, message } if self.runs(false).contains(&(room, message)) => {
                self.set_status(room, message, RunStatus::Stopped);
            }
            Command::ContinueRun { room, message } if self.runs(true).contains(&(room, message)) => {
                self.let_go_on(room, message);
            }
            Command::RetryRun { room, message } if self.runs(true).contains(&(room, message)) => {
                let parent = self.record_mut(room, message).message.parent;
                self.begin_run(room, parent);
            }
            _ => {}
        }
        None
    }
}
