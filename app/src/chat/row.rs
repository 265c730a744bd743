//! What stands around the text of a message: who said it and when, what it answers, and what became of it.
//!
//! Strings, so that a row of a long room has few elements, and drawing it costs the browser little code.

use super::html::Html;
use super::words;
use crate::pages::message_address;
use crate::protocol::{Author, Member, Message, MessageId, RoomId, RoomKind, Timestamp, UserId};
use crate::texts::chat as texts;

/// Messages of one author within this time stand under one name.
const TOGETHER: u64 = 5 * 60_000;
/// Characters of what a message answers.
const QUOTED: usize = 80;
/// People who are named; more are a number.
const NAMED: usize = 5;

/// What all rows of a room are drawn with.
pub struct Drawing<'a> {
    pub room: RoomId,
    pub kind: RoomKind,
    pub user: Option<UserId>,
    pub members: &'a [Member],
    pub now: Timestamp,
    /// A time by the clocks of the reader's place.
    pub local: &'a dyn Fn(Timestamp) -> Timestamp,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub class: String,
    /// HTML above the text, and below it.
    pub head: String,
    pub foot: String,
}

impl Drawing<'_> {
    pub fn time(&self, time: Timestamp) -> String {
        words::time((self.local)(time), (self.local)(self.now))
    }

    fn name(&self, user: UserId) -> &str {
        if Some(user) == self.user {
            return texts::you();
        }
        let member = self.members.iter().find(|member| member.id == user);
        member.map_or(texts::somebody(), |member| &member.name)
    }

    fn is_own(&self, message: &Message) -> bool {
        matches!(message.author, Author::Member { id, .. } if Some(id) == self.user)
    }

    /// `before` is the row above, if this one may go on under its name. `quoted` is what it answers, if that is held.
    /// `seen` are those who have read up to here and no further, and `versions` all that it is a version of.
    pub fn row(
        &self,
        message: &Message,
        before: Option<&Message>,
        quoted: Option<&Message>,
        seen: &[&str],
        versions: &[MessageId],
    ) -> Row {
        let is_company = self.kind != RoomKind::Solo;
        let is_own = self.is_own(message);
        let follows = is_company
            && message.reply_to.is_none()
            && before.is_some_and(|before| {
                before.author == message.author
                    && matches!(message.author, Author::Member { .. })
                    && message.created_at.saturating_sub(before.created_at) < TOGETHER
            });
        let is_said = matches!(message.author, Author::Member { .. });
        let is_deleted = message.marks.deleted_at.is_some();
        let mut class = "message".to_owned();
        for (name, is_on) in [
            (" member", is_said),
            (" assistant", !is_said),
            (" other", is_company && is_said && !is_own),
            (" follows", follows),
            (" deleted", is_deleted),
            (" mentioned", !is_own && self.user.is_some_and(|user| message.mentions.contains(&user))),
        ] {
            class.push_str(if is_on { name } else { "" });
        }
        Row { class, head: self.head(message, follows, quoted), foot: self.foot(message, seen, versions) }
    }

    fn head(&self, message: &Message, follows: bool, quoted: Option<&Message>) -> String {
        let is_company = self.kind != RoomKind::Solo;
        let mut html = Html::default();
        match &message.author {
            Author::Assistant { name } => _ = html.tag("<b>").text(name).tag("</b>"),
            Author::Member { name, .. } if is_company && !follows && !self.is_own(message) => {
                html.tag("<b>").text(name).tag("</b>");
            }
            Author::Member { .. } => {}
        }
        if is_company && !follows {
            html.tag(" <time>").text(&self.time(message.created_at)).tag("</time>");
        }
        if let Some(id) = message.reply_to {
            html.tag("<a class=\"quote\" data-do=\"jump\" data-value=\"").text(&id.to_string());
            html.tag("\" href=\"").text(&message_address(self.room, id)).tag("\">");
            match quoted {
                Some(quoted) => {
                    html.tag("<b>").text(author_name(quoted)).tag("</b> <bdi>").text(&first_words(quoted));
                    html.tag("</bdi>")
                }
                None => html.text(texts::further_up()),
            };
            html.tag("</a>");
        }
        if message.marks.deleted_at.is_some() {
            html.tag("<i>").text(texts::was_deleted()).tag("</i>");
        }
        html.take()
    }

    fn foot(&self, message: &Message, seen: &[&str], versions: &[MessageId]) -> String {
        let marks = &message.marks;
        let mut html = Html::default();
        if let Some(place) = versions.iter().position(|id| *id == message.id) {
            switcher(&mut html, versions, place);
        }
        if marks.pinned_at.is_some() {
            html.tag("<span>").text(texts::pinned()).tag("</span>");
        }
        if let Some(at) = marks.edited_at.filter(|_| marks.deleted_at.is_none()) {
            html.tag("<a href=\"").text(&history_address(self.room, message));
            html.tag("\" title=\"").text(&self.time(at)).tag("\">");
            match &marks.edited_by {
                Some(name) => html.text(&texts::edited_by(name)),
                None => html.text(texts::edited()),
            };
            html.tag("</a>");
        }
        for reaction in &marks.reactions {
            let names: Vec<&str> = reaction.users.iter().map(|user| self.name(*user)).collect();
            let is_pressed = self.user.is_some_and(|user| reaction.users.contains(&user));
            html.tag("<button type=\"button\" class=\"chip\" data-do=\"react\" data-value=\"");
            html.text(&reaction.emoji).tag("\" aria-pressed=\"");
            html.tag(if is_pressed { "true" } else { "false" }).tag("\" title=\"");
            html.text(&words::names(&names, names.len(), NAMED)).tag("\">").text(&reaction.emoji);
            html.text(&format!(" {}", reaction.users.len())).tag("</button>");
        }
        if !seen.is_empty() {
            let names = words::names(seen, seen.len(), NAMED);
            html.tag("<span class=\"seen\">").text(&texts::seen_by(&names)).tag("</span>");
        }
        html.take()
    }
}

/// Leads to the versions before and after the one at this place.
fn switcher(html: &mut Html, versions: &[MessageId], place: usize) {
    let (number, count) = ((place + 1).to_string(), versions.len().to_string());
    html.tag("<span class=\"versions needs-script\" role=\"group\" aria-label=\"");
    html.text(&texts::version(&number, &count)).tag("\">");
    turn(html, texts::earlier_version(), "‹", place.checked_sub(1).map(|place| versions[place]));
    html.tag("<span>").text(&number).tag(" / ").text(&count).tag("</span>");
    turn(html, texts::later_version(), "›", versions.get(place + 1).copied());
    html.tag("</span>");
}

fn turn(html: &mut Html, name: &'static str, sign: &'static str, to: Option<MessageId>) {
    html.tag("<button type=\"button\" data-do=\"branch\" aria-label=\"").text(name).tag("\" data-value=\"");
    match to {
        Some(to) => html.text(&to.to_string()).tag("\">"),
        None => html.tag("\" disabled>"),
    };
    html.tag(sign).tag("</button>");
}

pub fn author_name(message: &Message) -> &str {
    match &message.author {
        Author::Member { name, .. } | Author::Assistant { name } => name,
    }
}

/// Where the earlier texts of a message are.
pub fn history_address(room: RoomId, message: &Message) -> String {
    format!("/room/{room}/message/{}/history", message.id)
}

/// How a message begins, in one line.
pub fn first_words(message: &Message) -> String {
    if message.marks.deleted_at.is_some() {
        return texts::deleted().to_owned();
    }
    let mut words: String = message.text.chars().take(4 * QUOTED).collect();
    words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{Reaction, Role};

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn said(author: u128, name: &str, text: &str) -> Message {
        let author = Author::Member { id: user(author), name: name.to_owned() };
        Message::new(MessageId(Uuid::from_u128(7)), author, 1_000, text)
    }

    fn row(kind: RoomKind, message: &Message, before: Option<&Message>, quoted: Option<&Message>) -> Row {
        let members =
            [Member { id: user(2), name: "<Budi>".to_owned(), role: Role::Member, read: 0, seen_at: None }];
        let drawing = Drawing {
            room: RoomId(Uuid::from_u128(9)),
            kind,
            user: Some(user(1)),
            members: &members,
            now: 2_000,
            local: &|time| time,
        };
        let versions: Vec<MessageId> = [6, 7, 8].map(|number| MessageId(Uuid::from_u128(number))).to_vec();
        let versions = if kind == RoomKind::Solo { &versions[..] } else { &[] };
        drawing.row(message, before, quoted, &["<Budi>"], versions)
    }

    #[test]
    fn versions_lead_to_those_beside_them() {
        let Row { foot, .. } = row(RoomKind::Solo, &said(1, "Ana", "hello"), None, None);
        let [earlier, later] = [6, 8].map(|number| Uuid::from_u128(number).to_string());
        assert!(foot.contains("role=\"group\" aria-label=\"Version 2 of 3\">"), "{foot}");
        assert!(
            foot.contains(&format!("aria-label=\"Earlier version\" data-value=\"{earlier}\">‹<")),
            "{foot}"
        );
        assert!(foot.contains("<span>2 / 3</span>"), "{foot}");
        assert!(foot.contains(&format!("aria-label=\"Later version\" data-value=\"{later}\">›<")), "{foot}");
        let mut first = Html::default();
        switcher(&mut first, &[MessageId(Uuid::nil()), MessageId(Uuid::max())], 0);
        assert_eq!(first.take().matches("disabled").count(), 1);
    }

    #[test]
    fn one_alone_with_kimi_sees_no_names() {
        let Row { class, head, .. } = row(RoomKind::Solo, &said(1, "Ana", "hello"), None, None);
        assert_eq!((class.as_str(), head.as_str()), ("message member", ""));
    }

    #[test]
    fn names_stand_over_what_others_say_once() {
        let budi = said(2, "<Budi>", "hello");
        let first = row(RoomKind::Group, &budi, None, None);
        assert_eq!(first.class, "message member other");
        assert_eq!(first.head, "<b>&lt;Budi&gt;</b> <time>00:00</time>");
        let next = row(RoomKind::Group, &budi, Some(&budi), None);
        assert_eq!((next.class.as_str(), next.head.as_str()), ("message member other follows", ""));
        let mut late = budi.clone();
        late.created_at += TOGETHER;
        assert_eq!(row(RoomKind::Group, &late, Some(&budi), None).class, "message member other");
        assert_eq!(row(RoomKind::Group, &said(1, "Ana", "hi"), Some(&budi), None).class, "message member");
    }

    #[test]
    fn nothing_that_people_write_becomes_markup() {
        let mut message = said(2, "<Budi>", "hello");
        message.reply_to = Some(MessageId(Uuid::from_u128(8)));
        message.mentions = vec![user(1)];
        message.marks.edited_at = Some(1_500);
        message.marks.edited_by = Some("<Eve>".to_owned());
        message.marks.reactions =
            vec![Reaction { emoji: "<x>".to_owned(), users: vec![user(1), user(2), user(3)] }];
        let quoted = said(3, "<Citra>", "<script>\n\n&");
        let Row { class, head, foot } = row(RoomKind::Group, &message, None, Some(&quoted));
        assert_eq!(class, "message member other mentioned");
        assert!(head.contains("<b>&lt;Citra&gt;</b> <bdi>&lt;script&gt; &amp;</bdi></a>"), "{head}");
        assert!(foot.contains(">edited by &lt;Eve&gt;</a>"), "{foot}");
        assert!(
            foot.contains("aria-pressed=\"true\" title=\"You, &lt;Budi&gt; and Somebody\">&lt;x&gt; 3<"),
            "{foot}"
        );
        assert!(foot.ends_with("Seen by &lt;Budi&gt;</span>"), "{foot}");
        for name in ["Budi", "Citra", "Eve", "x", "script"] {
            assert!(!format!("{head}{foot}").contains(&format!("<{name}>")), "{name}");
        }
    }

    #[test]
    fn a_deleted_message_keeps_its_place_only() {
        let mut message = said(2, "Budi", "");
        message.marks.edited_at = Some(1_500);
        message.marks.deleted_at = Some(1_600);
        let Row { class, head, foot } = row(RoomKind::Group, &message, None, None);
        assert!(class.ends_with(" deleted") && head.contains("This message was deleted."), "{class}: {head}");
        assert!(!foot.contains("edited"), "{foot}");
    }

    #[test]
    fn quotes_are_short_and_of_one_line() {
        assert_eq!(first_words(&said(1, "Ana", "one\n\n two  three")), "one two three");
        let long = first_words(&said(1, "Ana", &"word ".repeat(100)));
        assert!(long.chars().count() <= QUOTED + 1 && long.ends_with('…'), "{long}");
    }
}
