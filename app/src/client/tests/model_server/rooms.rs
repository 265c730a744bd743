//! What becomes of rooms, and of who is in them.

use super::*;

impl Server {
    pub(crate) fn touch(&mut self, room: RoomId, title: Option<String>) {
        let active_at = self.next_moment();
        let Some(room) = self.rooms.get_mut(&room).filter(|room| !room.is_gone) else { return };
        room.summary.active_at = active_at;
        if let Some(title) = title {
            room.summary.title = title;
        }
        let summary = room.summary.clone();
        self.inbox_event(Event::RoomChanged(summary));
    }

    pub(crate) fn join(&mut self, id: RoomId, title: String, kind: RoomKind) {
        let active_at = self.next_moment();
        let summary = RoomSummary::new(id, kind, title, Role::Owner, active_at);
        let room = Room {
            summary: summary.clone(),
            is_gone: false,
            epoch: 1,
            events: Vec::new(),
            trimmed: 0,
            records: Vec::new(),
            chosen: None,
            members: vec![member(1, Role::Owner)],
            states: BTreeMap::new(),
        };
        self.rooms.insert(id, room);
        self.inbox_event(Event::RoomJoined(summary));
    }

    pub(crate) fn leave(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id).filter(|room| !room.is_gone) else { return };
        room.is_gone = true;
        for connection in self.connections.values_mut() {
            connection.rooms.remove(&id);
        }
        self.inbox_event(Event::RoomLeft { room: id });
    }

    /// Somebody comes, goes, or gets another role.
    pub(crate) fn change_member(&mut self, id: RoomId, which: u8) {
        let role = [None, Some(Role::Guest), Some(Role::Admin)][usize::from(which % 3)];
        let Member { id: user, name, .. } = member(2 + which / 3 % 4, Role::Guest);
        let room = self.rooms.get_mut(&id).unwrap();
        let read = room.members.iter().find(|member| member.id == user).map_or(0, |member| member.read);
        room.members.retain(|member| member.id != user);
        match role {
            Some(role) => {
                room.members.push(Member { id: user, name: name.clone(), role, read, seen_at: None });
            }
            None => _ = room.states.remove(&user),
        }
        room.members.sort_by(|one, other| one.name.cmp(&other.name));
        self.room_event(id, Event::Member(Membership { id: user, name, role }));
    }

    /// Somebody comes online, goes away, or has read further, or back.
    pub(crate) fn change_presence(&mut self, id: RoomId, which: u8) {
        let room = self.rooms.get_mut(&id).unwrap();
        let count = room.members.len();
        let member = &mut room.members[usize::from(which) % count];
        let states = [PresenceState::Offline, PresenceState::Away, PresenceState::Online];
        member.read = u64::from(which) + 1;
        let user = member.id;
        room.states.insert(user, states[usize::from(which % 3)]);
        let frame = room.presence(id, false, Some(user));
        self.tell(id, frame);
    }

    pub(crate) fn type_in(&mut self, room: RoomId, which: u8) {
        let typist = Typist { user: UserId(Uuid::from_u128(which.into())), for_ms: 1_000 + u64::from(which) };
        let typing = RoomTyping { room, count: 2, people: vec![typist], for_ms: 3_000 };
        self.tell(room, ServerFrame::Typing(typing));
    }

    pub(super) fn tell(&mut self, room: RoomId, frame: ServerFrame) {
        for (attempt, connection) in &self.connections {
            if connection.rooms.contains(&room) {
                self.out.push((*attempt, frame.clone()));
            }
        }
    }

    pub(super) fn mark(&mut self, room: RoomId, seq: u64) {
        let room = self.rooms.get_mut(&room).unwrap();
        room.summary.read = seq;
        let summary = room.summary.clone();
        self.inbox_event(Event::RoomChanged(summary));
    }
}
