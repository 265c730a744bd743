//! Presence over real connections: what others see of somebody, when, and who sees nothing.

use std::time::{Duration, Instant};

use app::protocol::PresenceState::{self, Away, Offline, Online};
use app::protocol::{
    ClientFrame, Command, ConnectionId, Event, FailureCode, Hello, Log, OwnPresence, POLL_PATH, Presence,
    RoomCursor, RoomId, ServerFrame, TICKET_HEADER, UserId, Welcome,
};

use crate::support::{
    Account, Member, Setup, Socket, TestServer, Transport, eventually, hello, new_room, soon,
};

/// A server whose times for presence are a tenth of the real ones.
fn quick() -> Setup {
    Setup::default().policies(|policies| {
        policies.presence.grace /= 10;
        policies.presence.poll_grace /= 10;
        policies.presence.told_every /= 10;
    })
}

/// ... and those that find out that nobody is there. A test on a busy machine needs more than a second for a pong.
fn alert() -> Setup {
    quick().policies(|policies| {
        policies.sockets.ping_interval /= 10;
        policies.sockets.pong_timeout /= 4;
    })
}

/// A socket that follows a room from now on.
async fn follower(account: &Account, room: RoomId) -> Socket {
    let mut socket = account.connect().await;
    socket.follow(room).await;
    socket
}

/// Waits until a socket was told that somebody is so, and says how long that took.
async fn sees(socket: &mut Socket, room: RoomId, user: UserId, state: PresenceState) -> Duration {
    let began = Instant::now();
    let what = format!("{state:?}");
    socket.until_state(&what, |transcript| transcript.state(room, user) == state).await;
    began.elapsed()
}

/// What a socket was told of somebody.
fn told(socket: &Socket, user: UserId) -> Vec<Presence> {
    let people = socket.transcript.presences.iter().flat_map(|presence| &presence.people);
    people.filter(|person| person.user == user).copied().collect()
}

async fn open(member: &mut Member, room: RoomId) -> Welcome {
    let ticket = member.account.ticket().await;
    let rooms = vec![RoomCursor { room, cursor: None, messages: Vec::new() }];
    let hello = Hello { rooms, is_away: member.is_away, ..hello() };
    member.open(&hello, &ticket).await.unwrap()
}

/// Lives on, as a page does while nobody looks at what it holds.
async fn alive<T>(member: &mut Member, until: impl Future<Output = T>) -> T {
    tokio::pin!(until);
    loop {
        tokio::select! {
            done = &mut until => return done,
            () = member.advance() => {}
        }
    }
}

/// The presence truth test: two tabs, a killed client, a silent network and sleep, on every transport.
async fn truth(transport: Transport) {
    let server = alert().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let user = ana.user().await;
    let mut watcher = follower(&budi, room).await;
    sees(&mut watcher, room, budi.user().await, Online).await;
    assert_eq!(watcher.transcript.state(room, user), Offline);
    let mut said = Vec::new();
    let mut note = |what: &str, delay: Duration| said.push(format!("{what} after {} ms", delay.as_millis()));

    let mut first = Member::new(transport, ana.clone()).await;
    open(&mut first, room).await;
    let delay = alive(&mut first, sees(&mut watcher, room, user, Online)).await;
    note("online", delay);
    // A second tab in the background, and the first one closes: nobody looks any more.
    let mut second = Member::new(transport, ana.clone()).await;
    second.is_away = true;
    open(&mut second, room).await;
    alive(&mut second, alive(&mut first, watcher.settle())).await;
    assert_eq!(watcher.transcript.state(room, user), Online);
    first.cut();
    let delay = alive(&mut second, sees(&mut watcher, room, user, Away)).await;
    note("the visible tab killed: away", delay);
    // The hidden one, too.
    second.cut();
    let delay = sees(&mut watcher, room, user, Offline).await;
    note("the last tab killed: offline", delay);
    assert!(delay < Duration::from_secs(1), "{delay:?}");
    let seen_at = told(&watcher, user).last().unwrap().seen_at.unwrap();
    eventually("the time in the database", async || {
        let stored =
            server.number("select coalesce(seen_at, 0) from users where name = 'Ana'".to_owned()).await;
        (u64::try_from(stored).unwrap() == seen_at).then_some(())
    })
    .await;
    // A laptop that sleeps hears nothing and says nothing; so does one whose network is gone.
    open(&mut first, room).await;
    alive(&mut first, sees(&mut watcher, room, user, Online)).await;
    first.proxy.lose_answers();
    let delay = alive(&mut first, sees(&mut watcher, room, user, Offline)).await;
    note("asleep or without network: offline", delay);
    // A poll of the tests is held for 5 s, which is not a tenth of 25 s.
    let most = if transport == Transport::LongPoll { 5_000 + 800 } else { 2_500 + 2_500 + 300 };
    assert!(delay < Duration::from_millis(most + 700), "{delay:?}");
    open(&mut first, room).await;
    let delay = alive(&mut first, sees(&mut watcher, room, user, Online)).await;
    note("awake: online", delay);
    eprintln!(
        "{transport:?}, pongs awaited for a quarter of the real time, all else a tenth: {}",
        said.join("; ")
    );
}

#[tokio::test]
async fn the_truth_of_a_web_socket() {
    Box::pin(truth(Transport::WebSocket)).await;
}

#[tokio::test]
async fn the_truth_of_an_event_stream() {
    Box::pin(truth(Transport::EventStream)).await;
}

#[tokio::test]
async fn the_truth_of_long_polls() {
    Box::pin(truth(Transport::LongPoll)).await;
}

/// With the real times.
#[tokio::test]
async fn a_killed_client_is_gone_after_three_seconds_and_a_reload_is_seen_by_nobody() {
    let server = TestServer::start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let user = ana.user().await;
    let mut watcher = follower(&budi, room).await;
    let tab = follower(&ana, room).await;
    sees(&mut watcher, room, user, Online).await;
    let so_far = told(&watcher, user).len();
    tab.cut();
    let tab = follower(&ana, room).await;
    tab.cut();
    let delay = sees(&mut watcher, room, user, Offline).await;
    eprintln!("a killed client is offline after {} ms", delay.as_millis());
    assert!((2_500..10_000).contains(&delay.as_millis()), "{delay:?}");
    assert_eq!(told(&watcher, user).len(), so_far + 1, "{:?}", told(&watcher, user));
}

#[tokio::test]
async fn what_a_page_says_of_itself_counts_at_once_and_for_all_devices_together() {
    let server = quick().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let user = ana.user().await;
    let mut watcher = follower(&budi, room).await;
    let (mut phone, mut laptop) = (follower(&ana, room).await, follower(&ana, room).await);
    sees(&mut watcher, room, user, Online).await;
    phone.is(Away).await;
    phone.settle().await;
    laptop.is(Away).await;
    let delay = sees(&mut watcher, room, user, Away).await;
    phone.is(Online).await;
    eprintln!(
        "away after {} ms, online after {} ms",
        delay.as_millis(),
        sees(&mut watcher, room, user, Online).await.as_millis()
    );
    // Nobody who is connected is offline.
    laptop.is(Offline).await;
    phone.is(Offline).await;
    sees(&mut watcher, room, user, Away).await;
    // The others of the user see it, too.
    sees(&mut laptop, room, user, Away).await;
}

#[tokio::test]
async fn an_event_stream_says_by_post_whether_somebody_looks_and_nobody_says_it_for_others() {
    let server = quick().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let user = ana.user().await;
    let mut watcher = follower(&budi, room).await;
    let mut reader = Member::new(Transport::EventStream, ana.clone()).await;
    let connection = open(&mut reader, room).await.connection;
    alive(&mut reader, sees(&mut watcher, room, user, Online)).await;
    let says = |state, connection| ClientFrame::Presence(OwnPresence { state, connection }).encode();
    let mut other = Member::new(Transport::EventStream, budi.clone()).await;
    let nowhere = Some(ConnectionId(uuid::Uuid::from_u128(1)));
    for (is_other, connection) in [(true, Some(connection)), (false, nowhere), (false, None)] {
        let member = if is_other { &mut other } else { &mut reader };
        member.give(says(Away, connection)).await;
        assert_eq!(member.answer(None).await.unwrap_err().code, FailureCode::BadState);
    }
    assert_eq!(watcher.transcript.state(room, user), Online);
    for state in [Away, Online] {
        reader.give(says(state, Some(connection))).await;
        let delay = alive(&mut reader, sees(&mut watcher, room, user, state)).await;
        eprintln!("{state:?} over an event stream after {} ms", delay.as_millis());
    }
}

#[tokio::test]
async fn only_who_shares_a_room_and_follows_it_is_told() {
    let server = quick().start().await;
    let mut accounts = Vec::new();
    for name in ["Ana", "Budi", "Citra", "Dewi", "Eko"] {
        accounts.push(server.account(name).await);
    }
    let [ana, budi, citra, dewi, eko] = &accounts[..] else { unreachable!() };
    let room = server.room_of(&[ana, budi, eko]).await;
    let other = server.room_of(&[citra, dewi]).await;
    let (user, hermit) = (ana.user().await, dewi.user().await);
    let mut watcher = follower(budi, room).await;
    let mut stranger = follower(citra, other).await;
    // A member who looks at another room.
    let mut elsewhere = eko.connect().await;
    elsewhere.new_room().await;
    stranger.settle().await;
    let before = stranger.transcript.presences.len();
    let mut tab = ana.connect().await;
    let alone = tab.new_room().await;
    sees(&mut watcher, room, user, Online).await;
    tab.is(Away).await;
    sees(&mut watcher, room, user, Away).await;
    stranger.settle().await;
    elsewhere.settle().await;
    assert_eq!(stranger.transcript.presences.len(), before);
    assert!(elsewhere.transcript.presences.is_empty(), "{:?}", elsewhere.transcript.presences);
    // In a room of their own nobody is told anything.
    tab.settle().await;
    assert!(tab.transcript.presences.is_empty(), "{:?}", tab.transcript.presences);
    drop((tab, alone));
    sees(&mut watcher, room, user, Offline).await;
    let counts = |sockets: [&Socket; 3]| sockets.map(|socket| socket.transcript.presences.len());
    let before = counts([&watcher, &stranger, &elsewhere]);
    // Somebody without shared rooms comes, changes and goes.
    let fay = server.account("Fay").await;
    let mut unshared = fay.connect().await;
    unshared.new_room().await;
    unshared.is(Away).await;
    unshared.settle().await;
    assert!(unshared.transcript.presences.is_empty());
    drop(unshared);
    eventually("the end", async || {
        let seen = "select count(*) from users where name = 'Fay' and seen_at > 0";
        (server.count(seen).await == 1).then_some(())
    })
    .await;
    for socket in [&mut watcher, &mut stranger, &mut elsewhere] {
        socket.settle().await;
    }
    assert_eq!(counts([&watcher, &stranger, &elsewhere]), before);
    assert!(told(&watcher, hermit).is_empty() && told(&stranger, user).is_empty());
    // Nothing is told of a room that one may not read.
    let gone = stranger.subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }).await;
    assert_eq!(gone.resume, app::protocol::Resume::Gone);
    stranger.settle().await;
    assert_eq!(stranger.transcript.presences.len(), before[1]);
}

#[tokio::test]
async fn a_large_room_has_a_number_and_a_small_one_also_read_markers() {
    let server = quick().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let (small, large) = (server.room_of(&[&ana, &budi]).await, server.room_of(&[&ana, &budi]).await);
    for table in [
        "insert into users (id, email, name, password_hash, is_admin, created_at)",
        "insert into members (room_id, user_id, role, joined_at)",
    ] {
        let columns = if table.contains("users") {
            "randomblob(16), n || '@example.org', 'user' || n, '', 0, 0".to_owned()
        } else {
            format!("x'{}', (select id from users where name = 'user' || n), 'member', 0", large.0.simple())
        };
        server
            .change(format!(
                "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 199)
                 {table} select {columns} from numbers"
            ))
            .await;
    }
    let user = ana.user().await;
    server
        .change(format!(
            "update members set read_seq = 7 where room_id = x'{}' and user_id = x'{}'",
            small.0.simple(),
            user.0.simple()
        ))
        .await;
    let mut watcher = follower(&budi, small).await;
    watcher.follow(large).await;
    watcher.settle().await;
    let whole = |room| {
        let of = watcher.transcript.presences.iter().rfind(|presence| presence.room == room).unwrap();
        (
            of.is_full,
            of.present,
            of.people.len(),
            of.people.iter().find(|person| person.user == user).copied(),
        )
    };
    let marker = Presence { user, state: Offline, seen_at: None, read: Some(7) };
    assert_eq!(whole(small), (true, 1, 2, Some(marker)));
    assert_eq!(whole(large), (true, 1, 0, None));
}

fn frames(body: &str) -> Vec<ServerFrame> {
    body.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|text| ServerFrame::decode(text).unwrap())
        .collect()
}

/// One poll: what it brought, the next ticket, and how long it took.
async fn poll(
    account: &Account,
    ticket: &str,
    hello: &Hello,
    wait: Option<u32>,
) -> (Vec<ServerFrame>, String, Duration) {
    let began = Instant::now();
    let mut request = reqwest::Client::new()
        .post(format!("http://{}{POLL_PATH}", account.visitor.address))
        .header(TICKET_HEADER, ticket)
        .body(ClientFrame::Hello(hello.clone()).encode());
    if let Some(wait) = wait {
        request = request.header("prefer", format!("wait={wait}"));
    }
    let response = soon("an answer", request.send()).await.unwrap();
    let ticket = response.headers()[TICKET_HEADER].to_str().unwrap().to_owned();
    (frames(&response.text().await.unwrap()), ticket, began.elapsed())
}

fn presences(frames: &[ServerFrame]) -> Vec<(bool, u32)> {
    let presence = |frame: &ServerFrame| match frame {
        ServerFrame::Presence(presence) => Some((presence.is_full, presence.present)),
        _ => None,
    };
    frames.iter().filter_map(presence).collect()
}

/// The whole comes with each poll, because the server keeps nothing between two. It ends a poll only when something has
/// changed since the answer before, which the ticket knows.
#[tokio::test]
async fn a_poll_is_answered_by_a_change_and_by_one_that_it_missed_and_else_it_is_held() {
    let server = quick().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let cursor = Some(ana.room(room).await.unwrap().cursor);
    let inbox = Some(ana.page(None).await.unwrap().inbox);
    let hello = Hello { inbox, rooms: vec![RoomCursor { room, cursor, messages: Vec::new() }], ..hello() };
    let held = Duration::from_millis(900);
    let (first, ticket, _) = poll(&ana, &ana.ticket().await, &hello, None).await;
    assert_eq!(presences(&first), [(true, 1)]);
    let (second, ticket, took) = poll(&ana, &ticket, &hello, Some(1)).await;
    assert!(took >= held, "{took:?}, {second:?}");
    assert_eq!(presences(&second), [(true, 1)]);
    // Somebody comes between two polls.
    let mut socket = follower(&budi, room).await;
    let (missed, ticket, took) = poll(&ana, &ticket, &hello, Some(10)).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(presences(&missed), [(true, 2)]);
    let (again, ticket, took) = poll(&ana, &ticket, &hello, Some(1)).await;
    assert!(took >= held, "{took:?}, {again:?}");
    // And changes during one.
    let change = async {
        eventually("the poll", async || (server.connections() == 2).then_some(())).await;
        socket.is(Away).await;
    };
    let ((during, ..), ()) = tokio::join!(poll(&ana, &ticket, &hello, Some(10)), change);
    // Together with the whole, if it came before that was taken, and else after it.
    let user = budi.user().await;
    let people = during.iter().filter_map(|frame| match frame {
        ServerFrame::Presence(presence) => Some(&presence.people),
        _ => None,
    });
    let last = people.flatten().rfind(|person| person.user == user);
    assert_eq!(last.map(|person| person.state), Some(Away), "{during:?}");
}

#[tokio::test]
async fn who_polls_is_there_between_two_polls() {
    // Whoever only closes is gone at once here.
    let at_once = |policies: &mut server::server::Policies| policies.presence.grace = Duration::ZERO;
    let server = Setup::default().policies(at_once).start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let user = ana.user().await;
    let mut watcher = follower(&budi, room).await;
    let hello = hello();
    let mut ticket = ana.ticket().await;
    // Longer than changes in a room are put together.
    for _ in 0..3 {
        (_, ticket, _) = poll(&ana, &ticket, &hello, Some(1)).await;
    }
    watcher.settle().await;
    assert_eq!(told(&watcher, user).len(), 1, "{:?}", told(&watcher, user));
    sees(&mut watcher, room, user, Offline).await;
    let mut tab = ana.connect().await;
    tab.execute(Command::create_solo(new_room(), "")).await.unwrap();
    sees(&mut watcher, room, user, Online).await;
}

/// A large batch of everything goes on in the room while somebody is removed from it.
async fn removal(transport: Transport) {
    let server = quick().simulator(serde_json::json!({"tokens": 20_000, "rate": 2_000})).start().await;
    let (ana, budi, citra) =
        (server.account("Ana").await, server.account("Budi").await, server.account("Citra").await);
    let room = server.room_of(&[&ana, &budi, &citra]).await;
    let mut owner = follower(&ana, room).await;
    let mut other = follower(&citra, room).await;
    let cursor = Some(budi.room(room).await.unwrap().cursor);
    let inbox = Some(budi.page(None).await.unwrap().inbox);
    let mut member = Member::new(transport, budi.clone()).await;
    let rooms = vec![RoomCursor { room, cursor, messages: Vec::new() }];
    let ticket = budi.ticket().await;
    member.open(&Hello { inbox, rooms, ..hello() }, &ticket).await.unwrap();
    let message = owner.say(room, "Go on and on").await;
    member
        .until("the reply", |member| {
            let reply = *member.transcript.replies(message).first()?;
            (!member.transcript.text(reply).is_empty() || !member.transcript.thinking(reply).is_empty())
                .then_some(())
        })
        .await;
    let began = Instant::now();
    owner.execute(Command::RemoveMember { room, user: budi.user().await }).await.unwrap();
    let left = |member: &Member| {
        let events = member.transcript.events.iter();
        events.filter(|(_, _, event)| matches!(event, Event::RoomLeft { room: of } if *of == room)).count()
    };
    member.until("`room:left`", |member| (left(member) == 1).then_some(())).await;
    eprintln!("{transport:?}: a former member was told after {} ms", began.elapsed().as_millis());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    // A poll's next question names a room that is none of theirs any more.
    member.forget(room);
    let count = |member: &Member| {
        let transcript = &member.transcript;
        let events = transcript.events.iter().filter(|(log, ..)| *log == Log::Room(room)).count();
        (
            events,
            transcript.parts.values().sum::<usize>(),
            transcript.presences.len(),
            transcript.typings.len(),
        )
    };
    let before = count(&member);
    // All of it happens, and reaches those who are in the room.
    other.is(Away).await;
    other.send(&ClientFrame::Typing { room }.encode()).await;
    other.say(room, "And on").await;
    let user = citra.user().await;
    sees(&mut owner, room, user, Away).await;
    let fence = new_room();
    budi.command(&Command::create_solo(fence, "")).await;
    member
        .until("the fence", |member| {
            let mut events = member.transcript.events.iter();
            events.find_map(|(.., event)| match event {
                Event::RoomJoined(joined) if joined.id == fence => Some(()),
                _ => None,
            })
        })
        .await;
    assert_eq!(count(&member), before, "events, parts, presence and typing of the room");
}

#[tokio::test]
async fn a_removed_member_gets_nothing_more_of_the_room_on_a_web_socket() {
    removal(Transport::WebSocket).await;
}

#[tokio::test]
async fn a_removed_member_gets_nothing_more_of_the_room_on_an_event_stream() {
    removal(Transport::EventStream).await;
}

#[tokio::test]
async fn a_removed_member_gets_nothing_more_of_the_room_on_long_polls() {
    removal(Transport::LongPoll).await;
}

#[tokio::test]
async fn who_is_added_and_what_they_read_is_seen_by_the_others() {
    let server = quick().start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let citra = server.account("Citra").await;
    let mut watcher = follower(&ana, room).await;
    let mut newcomer = citra.connect().await;
    watcher.settle().await;
    let user = citra.user().await;
    assert_eq!(watcher.transcript.state(room, user), Offline);
    ana.command(&Command::AddMember { room, who: "Citra".to_owned(), role: app::protocol::Role::Member })
        .await;
    // They are here, although they don't follow the room yet.
    sees(&mut watcher, room, user, Online).await;
    let message = watcher.say(room, "Hello").await;
    watcher
        .until_state("the message", |transcript| transcript.messages(room).any(|said| said.id == message))
        .await;
    let seq = watcher.transcript.messages(room).find(|said| said.id == message).unwrap().seq;
    let marker = |of: UserId, seq: u64| {
        move |transcript: &crate::support::Transcript| {
            let people = transcript.presences.iter().flat_map(|presence| &presence.people);
            people.filter(|person| person.user == of).filter_map(|person| person.read).next_back()
                == Some(seq)
        }
    };
    watcher.until_state("the author's marker", marker(ana.user().await, seq)).await;
    newcomer.execute(Command::MarkRead { room, seq }).await.unwrap();
    watcher.until_state("a marker", marker(user, seq)).await;
    newcomer.execute(Command::MarkUnread { room, seq: seq - 1 }).await.unwrap();
    watcher.until_state("the marker that went back", marker(user, seq - 1)).await;
}
