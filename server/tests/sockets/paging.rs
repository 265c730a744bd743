//! Long rooms are read page by page, both ways, from any message, place or day, without a gap or a double.

use app::protocol::{Limits, Message, MessageId, RoomId, RoomSnapshot};

use crate::support::{Person, Setup, new_room};

const MESSAGES: usize = 200;

async fn page(person: &Person, room: RoomId, wish: &str) -> RoomSnapshot {
    let path = format!("/api/room?room={room}{wish}");
    let answer = person.account.visitor.get(&path, &[("cookie", &person.account.cookie)]).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.json()
}

fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id).collect()
}

#[tokio::test]
async fn a_room_of_200_messages_is_read_both_ways_and_from_anywhere() {
    let server = Setup::default().argument("--messages-per-minute", "10000").start().await;
    let (mut ana, budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    let mut said = Vec::new();
    for number in 0..MESSAGES {
        said.push(ana.says(room, &format!("{number} @Budi")).await);
    }
    // One a day, so that dates tell them apart.
    server.change("update messages set created_at = seq * 86400000".to_owned()).await;
    let size = Limits::SNAPSHOT_MESSAGES;

    let newest = page(&ana, room, "").await;
    assert_eq!(ids(&newest.messages), said[MESSAGES - size..]);
    assert_eq!((newest.has_earlier, newest.has_later), (true, false));
    assert!(newest.messages.iter().all(|message| message.mentions == [budi.id]));

    let mut back = newest.messages.clone();
    loop {
        let before = page(&ana, room, &format!("&before={}", back[0].id)).await;
        assert!(before.has_later && before.messages.len() <= size);
        back.splice(0..0, before.messages);
        if !before.has_earlier {
            break;
        }
    }
    assert_eq!(ids(&back), said);

    let mut forth = vec![back[0].clone()];
    loop {
        let after = page(&ana, room, &format!("&after={}", forth.last().unwrap().id)).await;
        assert!(after.has_earlier && after.messages.len() <= size);
        forth.extend(after.messages);
        if !after.has_later {
            break;
        }
    }
    assert_eq!(forth, back, "the same messages whichever way");
    let nothing = page(&ana, room, &format!("&after={}", said[MESSAGES - 1])).await;
    assert!(nothing.messages.is_empty() && nothing.has_earlier && !nothing.has_later);

    let around = |place: usize| place.saturating_sub(size / 2)..(place + size / 2).min(MESSAGES);
    for place in [0, 10, 100, 150] {
        let message = &back[place];
        let (date, seq) = (message.created_at - 1, message.seq - 1);
        for wish in [format!("&around={}", message.id), format!("&seq={seq}"), format!("&date={date}")] {
            let found = page(&ana, room, &wish).await;
            assert_eq!(ids(&found.messages), said[around(place)], "{place} {wish}");
            assert_eq!(found.has_earlier, around(place).start > 0);
            assert!(found.has_later);
        }
    }
    // Near the end the page is as full as any, and what is nowhere is the end.
    let last = &back[MESSAGES - 1];
    for wish in [
        format!("&around={}", last.id),
        format!("&seq={}", last.seq),
        format!("&date={}", last.created_at + 1),
        format!("&around={}", new_room()),
        format!("&before={}", new_room()),
        format!("&after={}", new_room()),
        format!("&seq={}", u64::MAX),
        format!("&date={}", u64::MAX),
    ] {
        assert_eq!(page(&ana, room, &wish).await, newest, "{wish}");
    }

    // The page's own address means one message.
    let path = format!("/api/page?room={room}&around={}", said[100]);
    let answer = ana.account.visitor.get(&path, &[("cookie", &ana.account.cookie)]).await;
    let whole: app::protocol::PageData = answer.json();
    assert_eq!(whole.message, Some(said[100]));
    assert_eq!(ids(&whole.room.unwrap().messages), said[around(100)]);
}
