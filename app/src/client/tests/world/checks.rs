//! What must hold at every moment, and when all has settled.

use super::*;

impl World {
    /// What must hold at every moment.
    pub(super) fn check(&mut self) {
        let mut kept = BTreeSet::new();
        for (id, room) in &self.server.rooms {
            let Some(timeline) = self.client.room(*id) else { continue };
            let Some(cursor) = timeline.kept.cursor() else { continue };
            kept.insert(*id);
            if let Some(before) = self.cursors.insert(*id, cursor) {
                assert!(
                    before.epoch != cursor.epoch || before.seq <= cursor.seq,
                    "the cursor went back from {before:?} to {cursor:?}"
                );
            }
            let records = if cursor.epoch == room.epoch {
                &room.records
            } else {
                &self.server.past[&(*id, cursor.epoch)]
            };
            if room.summary.kind == RoomKind::Solo {
                check_branch(&timeline);
            } else {
                check_window(&timeline, cursor, records);
            }
            for entry in timeline.kept.messages.iter() {
                let found = records.iter().find(|record| record.message.id == entry.message.id);
                check_texts(entry, cursor, found.unwrap());
                let texts = (entry.message.text.clone(), entry.message.thinking.clone());
                let key = (entry.message.id, entry.revision);
                if let Some(shown) = self.shown.get(&key) {
                    let has_grown = texts.0.starts_with(&shown.0) && texts.1.starts_with(&shown.1);
                    assert!(has_grown, "{shown:?} was replaced by {texts:?} under the same revision");
                }
                self.shown.insert(key, texts);
                let held = entry.held();
                if entry.message.run.is_none() || entry.message.marks.deleted_at.is_some() {
                    continue;
                }
                let seen = self.seen.entry((*id, cursor.epoch, held.message, held.attempt)).or_default();
                assert!(
                    held.text >= seen.0 && held.thinking >= seen.1,
                    "a text shrank: {seen:?} to {held:?}"
                );
                *seen = (held.text, held.thinking);
            }
        }
        // What is dropped and loaded again may begin again.
        self.seen.retain(|(room, ..), _| kept.contains(room));
        self.cursors.retain(|room, _| kept.contains(room));
    }

    pub(super) fn check_end(&self) {
        let (client, server) = (&self.client, &self.server);
        assert_eq!(client.connection(), &Connection::Live);
        assert_eq!(client.rooms(), server.listed());
        if let Some((attempt, _)) = self.socket.filter(|(_, is_open)| *is_open && self.is_exact) {
            assert!(!server.connections[&attempt].is_away, "the server takes the reader for away");
        }
        for (id, room) in &server.rooms {
            let Some(timeline) = client.room(*id) else { continue };
            if room.is_gone {
                assert_eq!(timeline.state(), TimelineState::Gone);
                continue;
            }
            assert_eq!(timeline.state(), TimelineState::Ready, "{timeline:?}");
            assert_eq!(timeline.kept.cursor(), Some(room.head()));
            check_shown(&timeline, room);
            assert!(!timeline.is_loading(true) && !timeline.is_loading(false));
            assert_eq!(timeline.typing(), (Vec::new(), 0));
            if let Some(read) = self.read.get(id).filter(|_| !self.left.contains(id)) {
                assert!(room.summary.read >= *read, "{read} was not told");
            }
            let is_failed = |pending: &Pending| matches!(pending.state, PendingState::Failed(_));
            assert!(timeline.pending().all(|pending| is_failed(&pending)), "stuck: {timeline:?}");
            let mut members = room.members.clone();
            if !self.is_exact {
                // What is lost of reading, without a trace, is not told again.
                for (member, held) in members.iter_mut().zip(timeline.members()) {
                    member.read = held.read;
                }
            }
            // Nobody needs to be told who is in a room of one person that was made here.
            if timeline.members().is_empty() && server.created.contains(id) {
                continue;
            }
            assert_eq!(timeline.members(), members);
            for member in members.iter().filter(|_| self.is_exact) {
                assert_eq!(
                    timeline.presence(member.id).0,
                    *room.states.get(&member.id).unwrap_or(&PresenceState::Offline)
                );
            }
        }
        let waiting: Vec<CommandId> = client.outbox().map(|(id, _)| id).collect();
        let noticed: Vec<CommandId> = client.notices().iter().map(|notice| notice.id).collect();
        for (id, kind) in &self.given {
            let effects = server.effects.get(id).copied().unwrap_or(0);
            let is_told = waiting.contains(id)
                || noticed.contains(id)
                || noticed.len() == 8
                || self.told.contains(id)
                || self.cancelled.contains(id);
            // That somebody else has deleted or stopped it, or let it go on, is as good.
            let may_be_needless = matches!(*kind, "room:delete" | "chat:stop" | "chat:continue");
            let is_right = match effects {
                0 => is_told || may_be_needless || server.undone.contains(id),
                1 => !waiting.contains(id),
                _ => false,
            };
            assert!(is_right, "{id} had {effects} effects; {waiting:?} {noticed:?}");
        }
    }
}

/// Of a room that is held and at rest, what is shown is what the server has.
fn check_shown(timeline: &Timeline<'_>, room: &Room) {
    let (held, said) = (timeline.path(), room.shown());
    assert_eq!(held.is_empty(), said.is_empty());
    for message in timeline.messages() {
        let record = room.records.iter().find(|record| record.message.id == message.id);
        assert_eq!(message, &record.unwrap().message);
    }
    for message in &held {
        assert_eq!(timeline.versions(message.id), room.versions(message), "{message:?}");
    }
    let is_solo = room.summary.kind == RoomKind::Solo;
    if is_solo && timeline.has_later() {
        // Another branch may be shown by now, at whose end the reader is not.
        return;
    }
    let start = held.first().and_then(|first| said.iter().position(|said| said.id == first.id));
    let end = start.unwrap_or(0) + held.len();
    assert_eq!(held, said[start.unwrap_or(0)..end]);
    // Before the window may be messages of branches that are not shown.
    assert!(timeline.has_earlier() == (start.unwrap_or(0) > 0) || is_solo && timeline.has_earlier());
    assert_eq!(timeline.has_later(), end < said.len());
    assert!(timeline.newer() as usize <= said.len() - end);
}

/// What is held is in order, and each message that is shown follows the one before it.
fn check_branch(timeline: &Timeline<'_>) {
    let held: Vec<u64> = timeline.messages().map(|message| message.seq).collect();
    assert!(held.len() <= 20, "{} messages are held", held.len());
    assert!(held.is_sorted_by(|one, other| one < other), "out of order, or twice: {held:?}");
    let path = timeline.path();
    assert!(path.windows(2).all(|pair| pair[1].parent == Some(pair[0].id)), "a branch with a hole: {path:?}");
    assert_eq!(path.is_empty(), held.is_empty());
}

/// What is held is a stretch of the log without holes, and where it says that nothing follows, nothing does.
fn check_window(timeline: &Timeline<'_>, cursor: Cursor, records: &[Record]) {
    let held: Vec<MessageId> = timeline.messages().map(|message| message.id).collect();
    assert!(held.len() <= 20, "{} messages are held", held.len());
    let start = held.first().map_or(0, |first| {
        let found = records.iter().position(|record| record.message.id == *first);
        found.expect("a message that is not the server's")
    });
    let said: Vec<MessageId> = records[start..].iter().map(|record| record.message.id).collect();
    assert_eq!(held, said[..held.len()], "out of order, or twice, or with a hole");
    if !held.is_empty() {
        assert_eq!(timeline.has_earlier(), start > 0);
    }
    let applied = records.iter().filter(|record| record.message.seq <= cursor.seq).count();
    assert!(timeline.has_later() || start + held.len() >= applied, "it lacks its end");
    let beyond = applied.saturating_sub(start + held.len());
    assert!(timeline.newer() as usize <= beyond, "{} are newer, of {beyond}", timeline.newer());
}

/// What is held of a message is as new as the cursor at least.
fn check_texts(entry: &Entry, cursor: Cursor, record: &Record) {
    let (held, message) = (entry.held(), &entry.message);
    let before = record.versions.partition_point(|(seq, _)| *seq <= cursor.seq);
    let versions: Vec<&Message> =
        record.versions[before.saturating_sub(1)..].iter().map(|(_, version)| version).collect();
    assert!(
        versions.iter().any(|version| version.marks == message.marks),
        "at {cursor:?} {:?} is none of {versions:?}",
        message.marks
    );
    assert!(
        versions.iter().any(|version| version.run == message.run),
        "at {cursor:?} {:?} is none of {versions:?}",
        message.run
    );
    if message.run.is_none() {
        assert!(
            versions
                .iter()
                .any(|version| (&version.text, &version.mentions) == (&message.text, &message.mentions)),
            "at {cursor:?} {:?} is none of {versions:?}",
            message.text
        );
        return;
    }
    let text = if record.whole.is_empty() { &record.message.text } else { &record.whole };
    assert!(text.starts_with(&message.text), "{:?} is no beginning of {text:?}", message.text);
    let thinking = record.thinkings.get(&held.attempt).map_or("", String::as_str);
    assert!(
        thinking.starts_with(&message.thinking),
        "attempt {}: {:?} is no beginning of {thinking:?}",
        held.attempt,
        message.thinking
    );
    let is_deleted = message.marks.deleted_at.is_some();
    assert!(!is_deleted || (message.text.is_empty() && message.thinking.is_empty() && !entry.is_behind()));
}
