//! What a screen reader is told of the open conversation: who begins to write, what is said in whole sentences, and that
//! it is done; never token by token. It reads what the client holds and knows nothing of the page.

use super::Chat;
use super::company::user_of;
use super::value::Reactive;
use super::words::doing;
use crate::client::TimelineState;
use crate::protocol::{Author, Message, MessageId, RoomId, Run, RunStatus, UserId};
use crate::texts::{chat as texts, of_run};

/// So many lines stay on the page: a reader that falls behind still finds them.
const LINES: usize = 12;

/// Characters of somebody's message that are told; the rest is on the page.
const MESSAGE_CHARACTERS: usize = 300;

#[derive(Default)]
pub(super) struct Announcer {
    room: Option<RoomId>,
    /// The place of the newest message that was there, or was told.
    seq: u64,
    /// The replies that are told as they are written, oldest first: others may wait for one.
    replies: Vec<Reply>,
    /// How many lines there were in all.
    count: u64,
    lines: Vec<Line>,
}

/// Something to be said, with a number of its own, and the message whose words it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub u64, pub String, Option<MessageId>);

struct Reply {
    message: MessageId,
    /// What it was last at, in words.
    doing: String,
    sentences: Sentences,
}

impl Announcer {
    /// Looks at the newest messages of a room, oldest first. True if what is said is another than before.
    fn look(&mut self, room: RoomId, path: &[&Message], user: Option<UserId>) -> bool {
        let count = self.count;
        let is_new_room = self.room != Some(room);
        if is_new_room {
            if self.room.is_some() {
                self.leave();
            }
            self.room = Some(room);
        }
        let before = self.lines.len();
        // What is deleted is not to be heard any more, either.
        self.lines.retain(|line| {
            line.2.is_none_or(|of| {
                !path.iter().any(|message| message.id == of && message.marks.deleted_at.is_some())
            })
        });
        let is_less = self.lines.len() < before;
        let seq = self.seq;
        for message in path {
            let is_new = message.seq > seq && !is_new_room;
            self.seq = self.seq.max(message.seq);
            if message.marks.deleted_at.is_some() {
                continue;
            }
            match &message.author {
                Author::Assistant { .. } => {
                    let is_running = message.run.as_ref().is_some_and(|run| !run.status.has_ended());
                    let is_told = self.replies.iter().any(|reply| reply.message == message.id);
                    // One that was there may go on.
                    if (is_running || is_new) && !is_told {
                        let told = if is_new { 0 } else { message.text.len() };
                        let sentences = Sentences { told, is_code: false };
                        self.replies.push(Reply { message: message.id, doing: String::new(), sentences });
                    }
                }
                Author::Member { id, name } if Some(*id) != user && is_new => {
                    let words = texts::says(name, &beginning(&plain(&message.text)));
                    self.say(Some(message.id), words);
                }
                Author::Member { .. } => {}
            }
        }
        for reply in std::mem::take(&mut self.replies) {
            let message = path.iter().find(|message| message.id == reply.message);
            if let Some((message, run)) = message.and_then(|message| Some((message, message.run.as_ref()?))) {
                let reply = self.tell(reply, message, run);
                self.replies.extend(reply);
            }
        }
        is_new_room || is_less || self.count != count
    }

    /// The reply, if it goes on.
    fn tell(&mut self, mut reply: Reply, message: &Message, run: &Run) -> Option<Reply> {
        let doing = doing(run);
        if reply.doing != doing && !run.status.has_ended() {
            // That it waits is nothing to hear.
            if run.status != RunStatus::Queued {
                self.say(None, doing.clone());
            }
            reply.doing = doing;
        }
        let is_complete = run.status.has_ended() && message.text.len() as u64 >= run.text_length;
        for sentence in reply.sentences.next(&message.text, is_complete) {
            self.say(Some(message.id), sentence);
        }
        if !is_complete {
            return Some(reply);
        }
        let why = |otherwise: &str| {
            run.failure
                .as_ref()
                .map_or(otherwise, |failure| of_run(&failure.code).unwrap_or(&failure.message))
                .to_owned()
        };
        let end = match run.status {
            RunStatus::Stopped => texts::stopped().to_owned(),
            RunStatus::Failed => why(texts::not_answered()),
            RunStatus::Interrupted => why(texts::cut_off()),
            _ => texts::is_done().to_owned(),
        };
        self.say(None, end);
        None
    }

    /// The reader goes elsewhere: what is there was said before.
    fn leave(&mut self) {
        *self = Self { count: self.count, ..Self::default() };
    }

    fn say(&mut self, of: Option<MessageId>, line: String) {
        self.count += 1;
        self.lines.push(Line(self.count, line, of));
        let surplus = self.lines.len().saturating_sub(LINES);
        self.lines.drain(..surplus);
    }
}

/// A growing text, sentence by sentence.
struct Sentences {
    /// Bytes.
    told: usize,
    /// Inside of a block of code, which is not read out.
    is_code: bool,
}

impl Sentences {
    /// Those that are whole by now and were not told, without markup.
    fn next(&mut self, text: &str, is_complete: bool) -> Vec<String> {
        let mut sentences = Vec::new();
        while let Some(rest) = text.get(self.told..).filter(|rest| !rest.is_empty()) {
            let end = if self.is_code { rest.find('\n').map(|at| at + 1) } else { sentence_end(rest) };
            let Some(end) = end.or(is_complete.then_some(rest.len())) else { break };
            let piece = rest[..end].trim();
            let begins_line = self.told == 0 || text[..self.told].ends_with('\n');
            self.told += end;
            if begins_line && (piece.starts_with("```") || piece.starts_with("~~~")) {
                self.is_code = !self.is_code;
                if self.is_code {
                    sentences.push(texts::code_in(piece.trim_start_matches(['`', '~'])).trim().to_owned());
                }
            } else if !self.is_code {
                sentences.push(plain(piece));
            }
        }
        sentences.retain(|sentence| !sentence.is_empty());
        sentences
    }
}

/// Where the first sentence or line ends, if it does.
fn sentence_end(text: &str) -> Option<usize> {
    let mut before = '\n';
    let mut is_after_mark = false;
    for (at, letter) in text.char_indices() {
        if letter == '\n' || (is_after_mark && letter.is_whitespace()) {
            return Some(at + letter.len_utf8());
        }
        if matches!(letter, '。' | '！' | '？') {
            return Some(at + letter.len_utf8());
        }
        // The number of a list's item is none.
        is_after_mark = matches!(letter, '.' | '!' | '?' | '…') && !before.is_ascii_digit()
            || is_after_mark && matches!(letter, '"' | '\'' | ')' | '*' | '_' | '”');
        before = letter;
    }
    None
}

/// A text as one reads it out: without the marks of Markdown.
fn plain(text: &str) -> String {
    let is_rule = text.chars().all(|letter| matches!(letter, '|' | '-' | ':' | ' ' | '*' | '_' | '='));
    if is_rule {
        return String::new();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches(['#', '>', ' ']);
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '*' | '`' | '[' => {}
            // Of a link, what is shown.
            ']' if rest.starts_with('(') => rest = rest.split_once(')').map_or("", |(_, rest)| rest),
            ']' => {}
            '|' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARACTERS) {
        Some((end, _)) => [&text[..end], "…"].concat(),
        None => text.to_owned(),
    }
}

impl Chat {
    /// Tells what is new in the room that is open, to whoever listens.
    pub(super) fn announce(self) {
        let Some(room) = self.room.get_untracked() else { return };
        let lines = self.client.with_untracked(|client| {
            let timeline = client.room(room)?;
            // Elsewhere than at the end, messages come because somebody scrolls.
            if timeline.has_later() || timeline.state() != TimelineState::Ready {
                return None;
            }
            let path = timeline.path();
            self.announcer.update(|announcer| {
                announcer.look(room, &path, user_of(client)).then(|| announcer.lines.clone())
            })
        });
        if let Some(lines) = lines {
            self.said.set(lines);
        }
    }

    /// Tells where the reader has come to, and of what is there only how it goes on.
    pub(super) fn announce_arrival(self, place: String) {
        self.announcer.update(Announcer::leave);
        self.hear(place);
        self.announce();
    }

    /// Tells something to whoever listens.
    pub fn hear(self, words: String) {
        self.said.set(self.announcer.update(|announcer| {
            announcer.say(None, words);
            announcer.lines.clone()
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(parts: &[&str]) -> Vec<String> {
        let mut sentences = Sentences { told: 0, is_code: false };
        let (mut text, mut told) = (String::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            text.push_str(part);
            told.extend(sentences.next(&text, index + 1 == parts.len()));
        }
        told
    }

    #[test]
    fn sentences_are_told_once_they_are_whole() {
        let mut reply = Sentences { told: 0, is_code: false };
        assert_eq!(reply.next("Rain fa", false), [""; 0]);
        assert_eq!(reply.next("Rain falls. It", false), ["Rain falls."]);
        assert_eq!(reply.next("Rain falls. It is 3.5 mm", false), [""; 0]);
        assert_eq!(reply.next("Rain falls. It is 3.5 mm", true), ["It is 3.5 mm"]);
        assert_eq!(reply.next("Rain falls. It is 3.5 mm", true), [""; 0]);
    }

    #[test]
    fn markup_and_code_are_not_read_out() {
        let text = "## Plan\n\n1. **First** see [the notes](https://a.example/b?c=1).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\
                    ```rust\nlet a = 1. ;\n```\nDone?\n";
        let expected = ["Plan", "1. First see the notes.", "a b", "1 2", "Code rust", "Done?"];
        assert_eq!(sentences(&[text]), expected);
        // In whatever parts it comes.
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(sentences(&letters.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn other_scripts_have_their_own_full_stops() {
        assert_eq!(sentences(&["雨が降る。", "風も"]), ["雨が降る。", "風も"]);
    }

    fn message(seq: u64, author: Author, text: &str) -> Message {
        let id = MessageId::from_random(seq.into());
        Message { seq, ..Message::new(id, author, 0, text) }
    }

    fn look(announcer: &mut Announcer, messages: &[Message], user: UserId) -> Vec<String> {
        let room = RoomId::from_random(9);
        let before = announcer.count;
        announcer.look(room, &messages.iter().collect::<Vec<_>>(), Some(user));
        announcer.lines.iter().filter(|line| line.0 > before).map(|line| line.1.clone()).collect()
    }

    #[test]
    fn a_reply_is_told_from_its_beginning_to_its_end_and_others_messages_whole() {
        let (ana, budi) = (UserId::from_random(1), UserId::from_random(2));
        let member = |id, name: &str| Author::Member { id, name: name.to_owned() };
        let mut announcer = Announcer::default();
        let mut messages = vec![message(1, member(budi, "Budi"), "Old")];
        assert_eq!(look(&mut announcer, &messages, ana), [""; 0], "what was there");
        messages.push(message(2, member(ana, "Ana"), "Mine"));
        messages.push(message(3, member(budi, "Budi"), "*New*"));
        let mut reply = message(4, Author::Assistant { name: "Kimi".to_owned() }, "");
        let mut run = Run::queued("kimi-k3".to_owned());
        reply.run = Some(run.clone());
        messages.push(reply);
        assert_eq!(look(&mut announcer, &messages, ana), ["Budi: New"]);
        run.status = RunStatus::Writing;
        messages[3].run = Some(run.clone());
        messages[3].text = "One. Tw".to_owned();
        assert_eq!(look(&mut announcer, &messages, ana), ["Kimi is writing", "One."]);
        messages[3].text = "One. Two".to_owned();
        run.status = RunStatus::Done;
        run.text_length = 8;
        messages[3].run = Some(run);
        assert_eq!(look(&mut announcer, &messages, ana), ["Two", "Kimi is done"]);
        assert_eq!(look(&mut announcer, &messages, ana), [""; 0]);
    }

    fn kimis(seq: u64, text: &str, status: RunStatus) -> Message {
        let mut reply = message(seq, Author::Assistant { name: "Kimi".to_owned() }, text);
        reply.run = Some(Run { status, text_length: text.len() as u64, ..Run::queued("kimi-k3".to_owned()) });
        reply
    }

    #[test]
    fn a_reply_is_told_to_its_end_while_others_wait_for_it() {
        let ana = UserId::from_random(1);
        let mut announcer = Announcer::default();
        look(&mut announcer, &[], ana);
        let mut messages = vec![kimis(1, "One. ", RunStatus::Writing)];
        assert_eq!(look(&mut announcer, &messages, ana), ["Kimi is writing", "One."]);
        messages.push(kimis(2, "", RunStatus::Queued));
        messages[0] = kimis(1, "One. Two.", RunStatus::Done);
        assert_eq!(look(&mut announcer, &messages, ana), ["Two.", "Kimi is done"]);
        messages[1] = kimis(2, "Three.", RunStatus::Done);
        assert_eq!(look(&mut announcer, &messages, ana), ["Three.", "Kimi is done"]);
    }

    #[test]
    fn a_reply_that_goes_on_is_told_from_there() {
        let ana = UserId::from_random(1);
        let mut announcer = Announcer::default();
        look(&mut announcer, &[], ana);
        let stopped = kimis(1, "One. Tw", RunStatus::Stopped);
        assert_eq!(look(&mut announcer, &[stopped], ana), ["One.", "Tw", texts::stopped()]);
        let queued = kimis(1, "One. Tw", RunStatus::Queued);
        assert_eq!(look(&mut announcer, &[queued], ana), [""; 0]);
        let mut used = kimis(1, "One. Tw", RunStatus::Tool);
        used.run.as_mut().unwrap().tool = Some("calculator".to_owned());
        assert_eq!(look(&mut announcer, &[used], ana), ["Kimi is using calculator"]);
        let done = kimis(1, "One. Two. Three.", RunStatus::Done);
        assert_eq!(look(&mut announcer, &[done], ana), ["o.", "Three.", "Kimi is done"]);
    }

    #[test]
    fn what_is_deleted_is_not_to_be_heard_any_more() {
        let (ana, budi) = (UserId::from_random(1), UserId::from_random(2));
        let budis =
            |seq, text: &str| message(seq, Author::Member { id: budi, name: "Budi".to_owned() }, text);
        let mut announcer = Announcer::default();
        let mut messages = vec![budis(1, "Old")];
        look(&mut announcer, &messages, ana);
        messages.extend([budis(2, "Secret"), budis(3, "Open")]);
        assert_eq!(look(&mut announcer, &messages, ana), ["Budi: Secret", "Budi: Open"]);
        messages[1].marks.deleted_at = Some(1);
        messages[1].text.clear();
        assert!(announcer.look(RoomId::from_random(9), &messages.iter().collect::<Vec<_>>(), Some(ana)));
        let said: Vec<&str> = announcer.lines.iter().map(|line| line.1.as_str()).collect();
        assert_eq!(said, ["Budi: Open"]);
    }

    #[test]
    fn of_another_branch_only_what_comes_is_told() {
        let ana = UserId::from_random(1);
        let kimi = || Author::Assistant { name: "Kimi".to_owned() };
        let mut announcer = Announcer::default();
        let mut ended = message(5, kimi(), "One.");
        ended.run = Some(Run { status: RunStatus::Done, text_length: 4, ..Run::queued(String::new()) });
        assert_eq!(look(&mut announcer, &[message(1, kimi(), "Old.")], ana), [""; 0]);
        announcer.leave();
        assert_eq!(look(&mut announcer, &[ended], ana), [""; 0]);
        let mut running = message(6, kimi(), "Two. Thr");
        running.run = Some(Run { status: RunStatus::Writing, ..Run::queued(String::new()) });
        announcer.leave();
        look(&mut announcer, std::slice::from_ref(&running), ana);
        running.text.push_str("ee. ");
        assert_eq!(look(&mut announcer, &[running], ana), ["ee."]);
    }
}
