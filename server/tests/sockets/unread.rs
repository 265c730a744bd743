//! How far members have read: counted in the transaction of the message, and the same on every device.

use app::protocol::{Command, Limits, Log, Notify};

use crate::support::{Person, TestServer};

#[tokio::test]
async fn what_others_say_is_unread_on_every_device_until_one_has_read_it() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let mut phone = Person {
        name: "Budi's phone".to_owned(),
        id: budi.id,
        account: budi.account.clone(),
        socket: budi.account.connect().await,
    };
    let room = ana.group(&["Budi", "Citra"]).await;
    ana.says(room, "Hello").await;
    // Of those who are mentioned: one as such, one in code, and one who is not in the room.
    server.account("Dewi").await;
    let message = ana.says(room, "@budi, `@citra` and @dewi").await;
    assert_eq!(ana.message(room, message).await.mentions, [budi.id]);
    for device in [&mut budi, &mut phone] {
        let heard = device.hears(room, |room| room.unread == 2).await;
        assert_eq!((heard.mentions, heard.read), (1, 0));
    }
    assert_eq!(citra.hears(room, |room| room.unread == 2).await.mentions, 0);
    // What somebody says themselves, they have read, and all before it.
    let own = budi.says(room, "Yes?").await;
    let read = budi.message(room, own).await.seq;
    for device in [&mut budi, &mut phone] {
        let heard = device.hears(room, |room| room.unread == 0).await;
        assert_eq!((heard.mentions, heard.read), (0, read));
    }
    let before = citra.hears(room, |room| room.unread == 3).await.read;
    let end = citra.snapshot(room).await.cursor.seq;
    citra.does(Command::MarkRead { room, seq: read - 1 }).await.unwrap();
    assert!(citra.hears(room, |room| room.unread == 1).await.read > before);
    // It never goes back, and not beyond the end.
    let events = citra.socket.transcript.seqs(Log::Inbox).len();
    citra.does(Command::MarkRead { room, seq: 1 }).await.unwrap();
    citra.does(Command::MarkRead { room, seq: read - 1 }).await.unwrap();
    citra.catches_up().await;
    assert_eq!(citra.socket.transcript.seqs(Log::Inbox).len(), events, "nothing changed, so nothing is told");
    citra.does(Command::MarkRead { room, seq: u64::MAX }).await.unwrap();
    let heard = citra.hears(room, |room| room.unread == 0).await;
    assert_eq!(heard.read, end);
    let markers: Vec<_> = ana.snapshot(room).await.members.iter().map(|member| member.read).collect();
    assert_eq!(markers, [read - 1, read, end], "by name");
}

#[tokio::test]
async fn marked_as_unread_it_is_unread_again_on_every_device() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    let first = ana.says(room, "One").await;
    ana.says(room, "Two, @Budi").await;
    ana.says(room, "@kimi three").await;
    budi.hears(room, |room| room.unread == 3).await;
    budi.does(Command::MarkRead { room, seq: u64::MAX }).await.unwrap();
    budi.hears(room, |room| room.unread == 0 && room.mentions == 0).await;
    let seq = ana.message(room, first).await.seq;
    let back = Command::MarkUnread { room, seq };
    budi.does_twice(back.clone()).await;
    let heard = budi.hears(room, |room| room.unread == 2).await;
    assert_eq!((heard.read, heard.mentions), (seq, 1), "Kimi's reply is not counted");
    // Only back.
    budi.does(Command::MarkUnread { room, seq: u64::MAX }).await.unwrap();
    budi.does(Command::MarkUnread { room, seq: 0 }).await.unwrap();
    budi.hears(room, |room| room.unread == 3 && room.read == 0).await;
}

#[tokio::test]
async fn a_message_that_is_deleted_or_edited_is_counted_as_it_is() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let room = ana.group(&["Budi", "Citra"]).await;
    let message = ana.says(room, "Hello @Budi").await;
    ana.says(room, "And you").await;
    budi.hears(room, |room| (room.unread, room.mentions) == (2, 1)).await;
    citra.hears(room, |room| (room.unread, room.mentions) == (2, 0)).await;
    ana.does(Command::EditMessage { room, message, text: "Hello @Citra".to_owned() }).await.unwrap();
    budi.hears(room, |room| (room.unread, room.mentions) == (2, 0)).await;
    citra.hears(room, |room| (room.unread, room.mentions) == (2, 1)).await;
    ana.does(Command::DeleteMessage { room, message }).await.unwrap();
    budi.hears(room, |room| (room.unread, room.mentions) == (1, 0)).await;
    citra.hears(room, |room| (room.unread, room.mentions) == (1, 0)).await;
    // Who has read it hears nothing.
    let last = ana.says(room, "@Citra bye").await;
    citra.does(Command::MarkRead { room, seq: u64::MAX }).await.unwrap();
    citra.hears(room, |room| room.unread == 0).await;
    ana.does(Command::DeleteMessage { room, message: last }).await.unwrap();
    budi.hears(room, |room| room.unread == 1).await;
    assert_eq!(citra.listed(room).await.unwrap().unread, 0);
}

#[tokio::test]
async fn counts_stop_and_wishes_for_notifications_are_kept() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    server.change(format!("update members set unread = {}", Limits::UNREAD - 1)).await;
    ana.says(room, "One").await;
    ana.says(room, "Two").await;
    ana.says(room, "Three").await;
    budi.hears(room, |room| room.unread == Limits::UNREAD).await;
    for notify in [Notify::None, Notify::All, Notify::Mentions] {
        budi.does_twice(Command::SetNotify { room, notify }).await;
        budi.hears(room, |room| room.notify == notify).await;
    }
    assert_eq!(ana.listed(room).await.unwrap().notify, Notify::Mentions);
    for is_on in [true, false] {
        budi.does_twice(Command::PinRoom { room, is_on }).await;
        budi.hears(room, |room| room.is_pinned == is_on).await;
        assert!(!ana.listed(room).await.unwrap().is_pinned, "it is each member's own");
    }
}

#[tokio::test]
async fn an_inbox_keeps_its_newest_thousand_events() {
    let server = TestServer::start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.group(&[]).await;
    // As many events as if she had been here for long.
    server
        .change(
            "insert into events select log_id, seq + value, kind, payload, created_at from events
             join (with recursive numbers (value) as (select 1 union all select value + 1 from numbers
                   where value < 1200) select value from numbers)
             where kind = 'room:joined'"
                .to_owned(),
        )
        .await;
    server.change("update logs set head = 1201 where head = 1".to_owned()).await;
    server.change("delete from events where seq <= 201".to_owned()).await;
    ana.socket = ana.account.connect().await;
    for title in ["One", "Two", "Three"] {
        ana.does(Command::RenameRoom { room, title: title.to_owned() }).await.unwrap();
    }
    assert_eq!(server.count("select count(*) from events").await, 1_000);
    assert_eq!(server.count("select min(seq) from events").await, 205);
    assert_eq!(server.count("select max(seq) from events").await, 1_204);
}
