//! The page as the server draws it, and how many elements it costs.

use leptos::prelude::*;
use uuid::Uuid;

use crate::pages::{App, AppProps};
use crate::protocol::{
    Author, Cursor, KimiMode, Limits, Member, Message, MessageId, Notify, PageData, Reaction, Role, RoomId,
    RoomKind, RoomSnapshot, RoomSummary, Run, RunStatus, User, UserId, UserSettings,
};

const NOW: u64 = 1_795_176_000_000;

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn said(seq: u64, author: u128, name: &str, text: &str) -> Message {
    let author = Author::Member { id: user(author), name: name.to_owned() };
    let id = MessageId(Uuid::from_u128(u128::from(seq)));
    Message { seq, ..Message::new(id, author, NOW - 60_000 + seq, text) }
}

fn room(kind: RoomKind) -> RoomSummary {
    RoomSummary::new(RoomId(Uuid::from_u128(100)), kind, "Harvest", Role::Member, NOW)
}

fn page(room: RoomSummary, messages: Vec<Message>) -> PageData {
    let member = |id, name: &str, read| Member {
        id: user(id),
        name: name.to_owned(),
        role: Role::Member,
        read,
        seen_at: None,
    };
    let is_company = room.kind != RoomKind::Solo;
    let members = vec![member(1, "Ana", 0), member(2, "Budi", 2), member(3, "Citra", 0)];
    PageData {
        user: User {
            id: user(1),
            name: "Ana".to_owned(),
            email: "ana@example.org".to_owned(),
            is_admin: false,
            settings: UserSettings::default(),
        },
        inbox: Cursor { epoch: 1, seq: 1 },
        rooms: vec![room.clone()],
        room: Some(RoomSnapshot {
            room,
            cursor: Cursor { epoch: 1, seq: 9 },
            messages,
            has_earlier: false,
            has_later: false,
            members: if is_company { members } else { Vec::new() },
            versions: Vec::new(),
            chosen: None,
        }),
        message: None,
        is_practice_model: false,
        model: String::new(),
        limits: Limits::default(),
        refusal: None,
        now: NOW,
    }
}

fn drawn(page: PageData) -> String {
    let room = page.room.as_ref().map(|snapshot| snapshot.room.id);
    let owner = Owner::new();
    owner.with(|| App(AppProps { page, room }).to_html())
}

/// The markup of the message with this number.
fn row(html: &str, seq: u64) -> &str {
    let begin = format!("id=\"m-{}\"", Uuid::from_u128(u128::from(seq)));
    let from = html.find(&begin).unwrap_or_else(|| panic!("no message {seq} in {html}"));
    html[from..].split("</article>").next().unwrap_or_default()
}

fn elements(markup: &str) -> usize {
    // The closing tag of the row is cut off, and elements that have none are rare in here.
    markup.matches("</").count() + 1
}

#[test]
fn a_room_of_people_says_who_said_what_and_what_is_new() {
    let summary = RoomSummary {
        read: 2,
        unread: 2,
        mentions: 1,
        members: 3,
        topic: "Rain".to_owned(),
        ..room(RoomKind::Group)
    };
    let mut reply = said(4, 3, "Citra", "Yes, @Ana.");
    reply.reply_to = Some(said(1, 1, "Ana", "").id);
    reply.mentions = vec![user(1)];
    reply.marks.reactions = vec![Reaction { emoji: "👍".to_owned(), users: vec![user(2)] }];
    let messages = vec![
        said(1, 1, "Ana", "Will it rain?"),
        said(2, 3, "Citra", "Perhaps."),
        said(3, 3, "Citra", "Or not."),
        reply,
    ];
    let html =
        drawn(page(RoomSummary { kimi: KimiMode::Mentioned, notify: Notify::All, ..summary }, messages));
    assert!(html.contains("placeholder=\"Message #Harvest\""), "{html}");
    assert!(html.contains("@kimi asks Kimi, who can make mistakes."), "{html}");
    assert!(html.contains("aria-label=\"Harvest, 2 unread, 1 mention\""), "{html}");
    assert!(html.contains("3 people"), "{html}");
    let line = html.find("id=\"unread-line\"").unwrap_or(0);
    let place = |seq| html.find(&format!("id=\"m-{}\"", Uuid::from_u128(seq))).unwrap_or(0);
    assert!(place(2) < line && line < place(3), "{html}");
    assert!(
        row(&html, 2).contains("<b>Citra</b>") && row(&html, 2).contains("Seen by Budi"),
        "{}",
        row(&html, 2)
    );
    assert!(
        row(&html, 3).contains("<b>Citra</b>"),
        "below the line, the name stands again: {}",
        row(&html, 3)
    );
    assert!(row(&html, 4).contains("<b>Ana</b> <bdi>Will it rain?</bdi></a>"), "{}", row(&html, 4));
    assert!(row(&html, 4).contains("title=\"Budi\">👍 1</button>"), "{}", row(&html, 4));
    assert!(html.contains("message member other mentioned"), "{html}");
}

#[test]
fn a_row_costs_few_elements() {
    let mut reply = said(2, 1, "", "It will.");
    reply.author = Author::Assistant { name: "Kimi".to_owned() };
    reply.run = Some(Run { status: RunStatus::Done, ..Run::queued("kimi-k3".to_owned()) });
    let html = drawn(page(room(RoomKind::Group), vec![said(1, 2, "Budi", "Will it rain?"), reply]));
    for seq in [1, 2] {
        let row = row(&html, seq);
        let count = elements(row);
        assert!(count <= 10, "{count}: {row}");
    }
}

#[test]
fn alone_with_kimi_there_is_nothing_of_it() {
    let html = drawn(page(room(RoomKind::Solo), vec![said(1, 1, "Ana", "Will it rain?")]));
    assert!(html.contains("placeholder=\"Message Kimi\""), "{html}");
    assert!(!row(&html, 1).contains("<time>") && !html.contains("id=\"unread-line\""), "{html}");
}

#[test]
fn in_an_archived_room_nothing_can_be_said() {
    let summary = RoomSummary { is_archived: true, ..room(RoomKind::Group) };
    let html = drawn(page(summary, Vec::new()));
    let field = html.split("<textarea").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    assert!(field.contains("disabled"), "{field}");
    assert!(html.contains("This conversation is archived."), "{html}");
}
