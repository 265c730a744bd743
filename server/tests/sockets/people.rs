//! Rooms of people: who comes and goes, who runs them, and that whoever is gone hears nothing more.

use app::protocol::{
    Command, Event, FailureCode, KimiMode, Log, Membership, Resume, Role, RoomCursor, RoomId, RoomKind,
};

use crate::support::{Person, Setup, TestServer, new_command, new_room};

fn memberships(person: &Person, room: RoomId) -> Vec<Membership> {
    let events = person.socket.transcript.events.iter();
    let of_members = events.filter_map(|(log, _, event)| match event {
        Event::Member(membership) if *log == Log::Room(room) => Some(membership.clone()),
        _ => None,
    });
    of_members.collect()
}

fn add(room: RoomId, who: &str) -> Command {
    Command::AddMember { room, who: who.to_owned(), role: Role::Member }
}

fn set(room: RoomId) -> Command {
    Command::ChangeRoom {
        room,
        topic: None,
        kimi: None,
        model: None,
        thinking: None,
        instructions: None,
        is_archived: None,
    }
}

#[tokio::test]
async fn people_are_added_by_name_or_address_and_removed_at_once() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let room = ana.group(&["  budi "]).await;
    ana.socket.follow(room).await;
    budi.hears(room, |room| room.members == 2 && room.role == Role::Member).await;
    ana.does_twice(add(room, "citra@EXAMPLE.org")).await;
    citra.hears(room, |room| room.members == 3 && room.title == "Harvest").await;
    budi.hears(room, |room| room.members == 3).await;
    let refused = ana.does(add(room, "@Citra")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadState);
    let names: Vec<_> = citra.snapshot(room).await.members.into_iter().map(|member| member.name).collect();
    assert_eq!(names, ["Ana", "Budi", "Citra"]);

    citra.socket.follow(room).await;
    let remove = Command::RemoveMember { room, user: citra.id };
    ana.does_twice(remove).await;
    // From here on the removed one gets nothing, on a connection that is open still.
    ana.says(room, "Now we are alone").await;
    citra.hears_of_the_end(room).await;
    citra.catches_up().await;
    assert_eq!(citra.socket.transcript.messages(room).count(), 0);
    let wanted = RoomCursor { room, cursor: None, messages: Vec::new() };
    assert_eq!(citra.socket.subscribe(wanted).await.resume, Resume::Gone);
    let refused = citra.does(Command::say(room, "Hello?")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::RoomNotFound);
    budi.hears(room, |room| room.members == 2).await;
    ana.catches_up().await;
    let told: Vec<_> = memberships(&ana, room).into_iter().map(|told| (told.id, told.role)).collect();
    assert_eq!(told, [(citra.id, Some(Role::Member)), (citra.id, None)], "once each");
    // And back again, having read what was said meanwhile.
    ana.does(add(room, "Citra")).await.unwrap();
    let heard = citra.hears(room, |room| room.members == 3).await;
    assert_eq!((heard.unread, heard.read), (0, ana.snapshot(room).await.cursor.seq));
}

#[tokio::test]
async fn whoever_is_meant_must_be_one_person() {
    let server = TestServer::start().await;
    let mut ana = server.person("Ana").await;
    server.visitor().try_register("Sam", "one@example.org", "correct horse battery").await;
    server.visitor().try_register("sam", "two@example.org", "correct horse battery").await;
    let room = ana.group(&[]).await;
    let long = "x".repeat(300);
    for (who, code, says) in [
        ("Nobody", FailureCode::PersonNotFound, "Nobody here is called “Nobody”."),
        ("SAM", FailureCode::PersonNotFound, "Several people are called “SAM”."),
        ("", FailureCode::BadInput, "Enter the name"),
        ("\u{200b}\u{2800}", FailureCode::BadInput, "Enter the name"),
        (&long, FailureCode::BadInput, "Enter the name"),
    ] {
        let refused = ana.does(add(room, who)).await.unwrap_err();
        assert_eq!(refused.code, code, "{who}");
        assert!(refused.message.starts_with(says), "{refused:?}");
    }
    ana.does(add(room, "two@example.org")).await.unwrap();
    // The same in a room that is only about to be made, which then is not.
    let create = |kind, with: &[&str]| Command::CreateRoom {
        room: new_room(),
        title: String::new(),
        kind,
        with: with.iter().map(|who| (*who).to_owned()).collect(),
        like: None,
    };
    for (kind, with, code) in [
        (RoomKind::Group, vec!["Nobody"], FailureCode::PersonNotFound),
        (RoomKind::Direct, vec![], FailureCode::BadInput),
        (RoomKind::Direct, vec!["Ana"], FailureCode::BadInput),
        (RoomKind::Direct, vec!["one@example.org", "two@example.org"], FailureCode::BadInput),
        (RoomKind::Solo, vec!["one@example.org"], FailureCode::BadInput),
    ] {
        assert_eq!(ana.does(create(kind, &with)).await.unwrap_err().code, code, "{kind:?} {with:?}");
    }
    assert_eq!(server.count("select count(*) from rooms").await, 1);
}

#[tokio::test]
async fn a_room_is_handed_over_before_its_owner_leaves() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    assert_eq!(ana.does(Command::LeaveRoom { room }).await.unwrap_err().code, FailureCode::BadState);
    let id = new_command();
    let transfer = Command::SetRole { room, user: budi.id, role: Role::Owner };
    for _ in 0..2 {
        // The second time Ana is an admin only, and the command is still hers and done.
        ana.socket.give_as(id, transfer.clone()).await;
        ana.socket.answer(id).await.unwrap();
    }
    ana.hears(room, |room| room.role == Role::Admin).await;
    budi.hears(room, |room| room.role == Role::Owner).await;
    let refused = ana.does(transfer).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Forbidden);
    // A replay of an older role does not come back.
    let promote = Command::SetRole { room, user: ana.id, role: Role::Guest };
    let first = budi.does_twice(promote.clone()).await;
    budi.gives(room, ana.id, Role::Admin).await.unwrap();
    budi.socket.give_as(first, promote).await;
    budi.socket.answer(first).await.unwrap();
    assert_eq!(ana.listed(room).await.unwrap().role, Role::Admin);
    let leave = ana.does_twice(Command::LeaveRoom { room }).await;
    ana.hears_of_the_end(room).await;
    budi.hears(room, |room| room.members == 1).await;
    // From another it says nothing.
    budi.socket.give_as(leave, Command::say(new_room(), "Hello")).await;
    assert_eq!(budi.socket.answer(leave).await.unwrap_err().code, FailureCode::RoomNotFound);
}

#[tokio::test]
async fn two_people_have_one_direct_room() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.direct("Budi").await.unwrap();
    let (of_ana, of_budi) =
        (ana.hears(room, |room| room.members == 2).await, budi.hears(room, |room| room.members == 2).await);
    assert_eq!((of_ana.title.as_str(), of_budi.title.as_str()), ("Budi", "Ana"));
    assert_eq!((of_ana.role, of_budi.role), (Role::Admin, Role::Admin));
    assert_eq!(of_ana.kimi, KimiMode::Mentioned);
    for (person, other) in [(&mut ana, "budi@example.org"), (&mut budi, "Ana")] {
        let refused = person.direct(other).await.unwrap_err();
        assert_eq!((refused.code, refused.room), (FailureCode::BadState, Some(room)));
    }
    // Making the same one again is nothing new.
    let again = Command::CreateRoom {
        room,
        title: String::new(),
        kind: RoomKind::Direct,
        with: vec!["Budi".to_owned()],
        like: None,
    };
    ana.does(again).await.unwrap();
    ana.says(room, "Hello there").await;
    assert_eq!(budi.hears(room, |room| room.unread == 1).await.title, "Ana", "a message does not name it");
    // Who stays keeps what was said, and the name; a new one can begin.
    ana.does(Command::LeaveRoom { room }).await.unwrap();
    let heard = budi.hears(room, |room| room.members == 1).await;
    assert_eq!(heard.title, "Ana");
    assert_eq!(budi.snapshot(room).await.messages.len(), 1);
    ana.direct("Budi").await.unwrap();
    budi.does(Command::LeaveRoom { room }).await.unwrap();
    assert_eq!(
        server.number(format!("select count(*) from logs where hex(id) = '{:X}'", room.0.simple())).await,
        0
    );
}

#[tokio::test]
async fn what_a_room_is_like_can_be_changed_within_bounds() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    let topic = |topic: &str| match set(room) {
        Command::ChangeRoom { room, kimi, model, instructions, is_archived, .. } => Command::ChangeRoom {
            room,
            topic: Some(topic.to_owned()),
            kimi,
            model,
            thinking: None,
            instructions,
            is_archived,
        },
        other => other,
    };
    ana.does_twice(topic(" What to plant ")).await;
    budi.hears(room, |room| room.topic == "What to plant").await;
    let events = server.count("select count(*) from events").await;
    ana.does(topic("What to plant")).await.unwrap();
    ana.does(set(room)).await.unwrap();
    ana.does(Command::RenameRoom { room, title: "Harvest".to_owned() }).await.unwrap();
    assert_eq!(server.count("select count(*) from events").await, events, "nothing changed");
    for title in ["", "\u{200b}", &"x".repeat(300)] {
        let refused = ana.does(Command::RenameRoom { room, title: title.to_owned() }).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::BadTitle);
    }
    let change = |model: Option<&str>, instructions: Option<String>| Command::ChangeRoom {
        room,
        topic: None,
        kimi: Some(KimiMode::Always),
        model: model.map(str::to_owned),
        thinking: None,
        instructions,
        is_archived: None,
    };
    for command in [
        topic(&"x".repeat(251)),
        topic("two\nlines"),
        change(Some("a model"), None),
        change(Some(&"x".repeat(201)), None),
        change(None, Some("x".repeat(8 * 1024 + 1))),
    ] {
        assert_eq!(ana.does(command).await.unwrap_err().code, FailureCode::BadInput);
    }
    // The room's own model writes, and its instructions are told.
    ana.does(change(Some("kimi-k2.6"), Some("Answer in one word.".to_owned()))).await.unwrap();
    budi.socket.follow(room).await;
    let reply = budi.socket.ask(room, "no thinking").await;
    assert_eq!(budi.socket.finished(reply).await.model, "kimi-k2.6");
    assert!(server.asked()[0].body.to_string().contains("Answer in one word."));
}

#[tokio::test]
async fn kimi_answers_by_the_rooms_mode() {
    let server = TestServer::start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.group(&[]).await;
    ana.socket.follow(room).await;
    let mode = |kimi| Command::ChangeRoom {
        room,
        topic: None,
        kimi: Some(kimi),
        model: None,
        thinking: None,
        instructions: None,
        is_archived: None,
    };
    let mut replies = Vec::new();
    for kimi in [KimiMode::Mentioned, KimiMode::Silent, KimiMode::Always] {
        ana.does(mode(kimi)).await.unwrap();
        for text in ["no thinking, 5 tokens", "@Kimi no thinking, 5 tokens"] {
            let message = ana.says(room, text).await;
            ana.catches_up().await;
            replies.push(ana.socket.transcript.replies(message).len());
        }
    }
    assert_eq!(replies, [0, 1, 0, 0, 1, 1]);
}

#[tokio::test]
async fn a_room_of_500_is_full() {
    let server = Setup::default().start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&[]).await;
    // As many others as fit.
    server
        .change(
            "with recursive numbers (value) as (select 1 union all select value + 1 from numbers where value < 499)
             insert into users (id, email, name, password_hash, is_admin, created_at)
             select unhex(printf('%032x', value)), value || '@crowd', 'Crowd ' || value, '', 0, 0 from numbers"
                .to_owned(),
        )
        .await;
    server.change("insert into logs select id, 1, 0 from users where email like '%@crowd'".to_owned()).await;
    server
        .change(
            "insert into members (room_id, user_id, role, joined_at)
             select rooms.id, users.id, 'member', 0 from users join rooms where email like '%@crowd' and email <> '1@crowd'"
                .to_owned(),
        )
        .await;
    budi.does(Command::say(room, "Not in it")).await.unwrap_err();
    ana.does(add(room, "Budi")).await.unwrap();
    budi.hears(room, |room| room.members == 500).await;
    let refused = ana.does(add(room, "Crowd 1")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::LimitReached);
    let id = new_command();
    ana.socket.give_as(id, Command::Invite { room, role: Role::Member, lifetime_ms: None, uses: None }).await;
    ana.socket.answer(id).await.unwrap();
    let mut citra = server.person("Citra").await;
    let join = Command::Join { room, invite: app::protocol::InviteId(id.0) };
    assert_eq!(citra.does(join.clone()).await.unwrap_err().code, FailureCode::LimitReached);
    // Everybody hears of a message, and nobody is listed one by one.
    ana.says(room, "Hello, all of you").await;
    budi.hears(room, |room| room.unread == 1).await;
    assert_eq!(server.count("select count(*) from members where unread = 1").await, 499);
    assert!(budi.snapshot(room).await.members.is_empty());
    budi.does(Command::LeaveRoom { room }).await.unwrap();
    citra.does(join).await.unwrap();
}

#[tokio::test]
async fn a_room_begins_like_another_as_far_as_its_maker_may_know_that_one() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut eve) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Eve").await);
    let room = ana.group(&["Budi"]).await;
    server
        .change(
            "update rooms set model = 'kimi-k2.6', thinking = 'off', instructions = 'Be brief.'".to_owned(),
        )
        .await;
    let (own, members, strangers) = (new_room(), new_room(), new_room());
    for (person, new) in [(&mut ana, own), (&mut budi, members), (&mut eve, strangers)] {
        let (title, with, like) = (String::new(), Vec::new(), Some(room));
        let create = Command::CreateRoom { room: new, title, kind: RoomKind::Solo, with, like };
        person.does_twice(create).await;
    }
    assert_eq!(
        server.count("select count(*) from rooms where model = 'kimi-k2.6' and thinking = 'off'").await,
        3
    );
    assert_eq!(server.count("select count(*) from rooms where instructions = 'Be brief.'").await, 2);
    assert_eq!(server.count("select count(*) from rooms where model = '' and instructions = ''").await, 1);
}
