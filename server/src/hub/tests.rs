//! Members who come and go while others look, with a store that is slow in the worst place.

use app::protocol::{
    ClientFrame, ConnectionId, Hello, PresenceState, Role, RoomCursor, ServerFrame, VERSION,
};
use uuid::Uuid;

use super::*;

const ROOM: RoomId = RoomId(Uuid::from_u128(1));
const LOG: LogKey = LogKey::Room(ROOM);

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    MayRead,
    Members,
    Head,
}

type Meanwhile = Box<dyn FnOnce(&FakeRooms) + Send>;

/// A chat with one room.
#[derive(Default)]
struct FakeRooms {
    members: Mutex<Vec<UserId>>,
    /// Happens once while this question is answered: after the answer was found, and before it is heard.
    meanwhile: Mutex<Option<(Question, Meanwhile)>>,
    readings: Mutex<usize>,
}

impl FakeRooms {
    fn answer<T>(&self, question: Question, answer: T) -> T {
        let mut meanwhile = lock(&self.meanwhile);
        let happens = meanwhile.take_if(|(when, _)| *when == question);
        drop(meanwhile);
        if let Some((_, happens)) = happens {
            happens(self);
        }
        answer
    }

    fn is_member(&self, user: UserId) -> bool {
        lock(&self.members).contains(&user)
    }
}

#[async_trait]
impl Rooms for FakeRooms {
    async fn execute(&self, _: &Caller, _: CommandId, _: Command) -> Result<Ack, Failure> {
        Ok(Ack::default())
    }

    fn admit(&self, _: &Caller) -> Result<(), Failure> {
        Ok(())
    }

    async fn may_read(&self, user: UserId, _: RoomId) -> Result<bool, Failure> {
        let answer = self.is_member(user);
        Ok(self.answer(Question::MayRead, answer))
    }

    async fn head(&self, log: LogKey) -> Result<Option<Cursor>, Failure> {
        let answer = Some(Cursor { epoch: 1, seq: 0 });
        Ok(if log == LOG { self.answer(Question::Head, answer) } else { answer })
    }

    async fn gap(&self, _: LogKey, _: u64, _: u64) -> Result<(u64, u64), Failure> {
        Ok((0, 0))
    }

    async fn read_log(&self, _: LogKey, _: u64, _: u64) -> Result<Vec<Entry>, Failure> {
        Ok(Vec::new())
    }

    async fn texts(&self, _: RoomId, _: MessageId) -> Result<Option<Texts>, Failure> {
        Ok(None)
    }

    async fn members(&self, _: RoomId) -> Result<Vec<Member>, Failure> {
        *lock(&self.readings) += 1;
        let member =
            |id: &UserId| Member { id: *id, name: String::new(), role: Role::Member, read: 0, seen_at: None };
        let answer = lock(&self.members).iter().map(member).collect();
        Ok(self.answer(Question::Members, answer))
    }

    async fn set_seen(&self, _: &[(UserId, Timestamp)]) -> Result<(), Failure> {
        Ok(())
    }
}

struct World {
    hub: Arc<Hub>,
    rooms: Arc<FakeRooms>,
}

struct Tab {
    connection: Arc<Connection>,
    _dialogue: Dialogue,
    _registration: Registration,
}

impl World {
    /// A room of so many members.
    fn new(members: u128) -> Self {
        let hub = Hub::new(Limits::default(), presence::Policy::default());
        let rooms =
            FakeRooms { members: Mutex::new((1..=members).map(user).collect()), ..FakeRooms::default() };
        Self { hub, rooms: Arc::new(rooms) }
    }

    /// Somebody who follows the room.
    async fn tab(&self, number: u128) -> Tab {
        let caller = Caller { user: user(number), name: String::new(), session: [0; 32], told_at: None };
        let connection = Connection::new(ConnectionId(Uuid::new_v4()), caller);
        let registration = self.hub.register(connection.clone(), [127, 0, 0, 1].into()).unwrap();
        let beat = std::time::Duration::from_secs(25);
        let mut dialogue = Dialogue::new(self.hub.clone(), self.rooms.clone(), connection.clone(), beat);
        let cursor = Some(Cursor { epoch: 1, seq: 0 });
        let rooms = vec![RoomCursor { room: ROOM, cursor, messages: Vec::new() }];
        let hello = Hello {
            version: VERSION,
            client: String::new(),
            inbox: None,
            rooms,
            is_away: false,
            previous_close: None,
        };
        dialogue.receive(&ClientFrame::Hello(hello).encode()).await;
        Tab { connection, _dialogue: dialogue, _registration: registration }
    }

    /// What happens to a room, besides what is stored of it.
    fn say(&self, seq: u64) {
        self.hub.deliver(Publication::Entries(vec![Entry {
            log: LOG,
            seq,
            frame: format!("\"{seq}\"").into(),
        }]));
    }

    fn remove(&self, number: u128) {
        lock(&self.rooms.members).retain(|member| *member != user(number));
        self.hub.deliver(Publication::MemberGone { room: ROOM, user: user(number) });
    }

    /// Has somebody removed at the worst moment.
    fn remove_during(&self, question: Question, number: u128) {
        let hub = self.hub.clone();
        let remove = move |rooms: &FakeRooms| {
            lock(&rooms.members).retain(|member| *member != user(number));
            hub.deliver(Publication::MemberGone { room: ROOM, user: user(number) });
        };
        *lock(&self.rooms.meanwhile) = Some((question, Box::new(remove)));
    }

    async fn came(&self, tab: &Tab) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let frames = tab.connection.ready_frames(&*self.rooms).await.unwrap();
            if frames.texts.is_empty() {
                return all;
            }
            all.extend(frames.texts);
        }
    }

    /// What came when all that is told a little later was told.
    async fn presences(&self, tab: &Tab) -> Vec<app::protocol::RoomPresence> {
        self.hub.on_time(Instant::now() + std::time::Duration::from_secs(1));
        let frames = self.came(tab).await;
        let presence = |text: &String| match ServerFrame::decode(text) {
            Ok(ServerFrame::Presence(presence)) => Some(presence),
            _ => None,
        };
        frames.iter().filter_map(presence).collect()
    }
}

#[tokio::test]
async fn a_former_member_gets_nothing_more_and_the_others_are_told() {
    let world = World::new(3);
    let (tab, other) = (world.tab(1).await, world.tab(2).await);
    world.came(&tab).await;
    world.came(&other).await;
    // Much of it waits to be sent at that moment.
    world.say(1);
    world.hub.typed(ROOM, user(2));
    let opened = Publication::StreamOpened {
        room: ROOM,
        message: MessageId(Uuid::nil()),
        attempt: 1,
        text: "So far".to_owned(),
        thinking: String::new(),
    };
    world.hub.deliver(opened);
    world.remove(1);
    world.say(2);
    world.hub.set_presence(&other.connection, PresenceState::Away);
    assert_eq!(world.came(&tab).await, Vec::<String>::new());
    let presences = world.presences(&other).await;
    assert_eq!(presences.last().map(|presence| presence.present), Some(1), "{presences:?}");
    // Neither as one who comes back, nor as one who types.
    assert!(world.came(&world.tab(1).await).await.iter().any(|frame| frame.contains("\"gone\"")));
    world.hub.typed(ROOM, user(1));
    assert!(world.came(&other).await.iter().all(|frame| !frame.contains("chat:typing")));
}

#[tokio::test]
async fn who_is_removed_while_they_begin_to_follow_a_room_does_not() {
    for question in [Question::MayRead, Question::Members, Question::Head] {
        let world = World::new(3);
        world.remove_during(question, 1);
        let tab = world.tab(1).await;
        assert!(!world.rooms.is_member(user(1)), "{question:?}");
        world.came(&tab).await;
        world.say(1);
        assert_eq!(world.came(&tab).await, Vec::<String>::new(), "{question:?}");
        assert!(tab.connection.live(LOG).is_none());
    }
}

#[tokio::test]
async fn a_list_of_members_is_never_older_than_what_was_heard() {
    let world = World::new(3);
    let away = world.tab(3).await;
    drop(away);
    world.remove_during(Question::Members, 2);
    let tab = world.tab(1).await;
    assert_eq!(*lock(&world.rooms.readings), 3, "once for the first, and twice for the second");
    assert_eq!(world.presences(&tab).await.len(), 1);
    let live = world.hub.existing(LOG).unwrap();
    assert!(!lock(&live.members).contains(user(2)));
    // And it is read once for all followers.
    world.tab(3).await;
    assert_eq!(*lock(&world.rooms.readings), 3);
}

#[tokio::test]
async fn who_joins_is_seen_as_they_are_also_before_they_follow_the_room() {
    let world = World::new(2);
    let tab = world.tab(1).await;
    world.came(&tab).await;
    // Connected, and not a member.
    let newcomer = world.tab(7).await;
    assert!(world.came(&tab).await.is_empty());
    lock(&world.rooms.members).push(user(7));
    world.hub.deliver(Publication::MemberJoined { room: ROOM, user: user(7) });
    let presences = world.presences(&tab).await;
    assert_eq!((presences.len(), presences[0].present, presences[0].people[0].user), (1, 2, user(7)));
    assert_eq!(presences[0].people[0].state, PresenceState::Online);
    drop(newcomer);
}

#[tokio::test]
async fn a_read_marker_reaches_those_who_follow_the_room() {
    let world = World::new(2);
    let tab = world.tab(1).await;
    world.came(&tab).await;
    world.hub.deliver(Publication::Read { room: ROOM, user: user(2), seq: 5 });
    let presences = world.presences(&tab).await;
    assert_eq!((presences.len(), presences[0].people[0].read), (1, Some(5)));
    world.hub.deliver(Publication::Read { room: ROOM, user: user(2), seq: 5 });
    assert!(world.came(&tab).await.is_empty());
}

#[tokio::test]
async fn nothing_is_kept_of_rooms_that_nobody_follows_and_people_who_are_gone() {
    let world = World::new(50);
    let tabs = [world.tab(1).await, world.tab(2).await];
    assert_eq!(lock(&world.hub.people).rooms_of(user(50)).len(), 1);
    drop(tabs);
    assert!(lock(&world.hub.people).rooms_of(user(50)).is_empty());
    assert!(world.hub.existing(LOG).is_none());
    world.hub.on_time(Instant::now() + world.hub.presence.grace * 2);
    assert!(lock(&world.hub.people).persons.is_empty());
    // What is deleted, too.
    let tab = world.tab(1).await;
    world.hub.deliver(Publication::RoomDeleted { room: ROOM });
    assert!(lock(&world.hub.people).rooms_of(user(1)).is_empty());
    assert!(tab.connection.live(LOG).is_none());
}

#[tokio::test]
async fn a_slow_reader_of_many_rooms_gets_the_newest_in_bounded_batches() {
    let world = World::new(200);
    let tabs: Vec<_> = [world.tab(1).await].into();
    world.came(&tabs[0]).await;
    let mut now = Instant::now();
    // Everybody comes, changes and goes, while this one does not read.
    let live = world.hub.existing(LOG).unwrap();
    for round in 0..20 {
        for number in 2..=200 {
            now += std::time::Duration::from_millis(1);
            let state = [PresenceState::Online, PresenceState::Away, PresenceState::Offline][round % 3];
            lock(&live.members).set(user(number), state, Some(9), now);
        }
    }
    lock(&live.members).lane.release_now(now);
    live.wake_all();
    let frames = world.came(&tabs[0]).await;
    assert_eq!(frames.len(), 1);
    // A frame is within what a connection may have to send at once.
    assert!(frames[0].len() < 32 * 1024, "{} bytes", frames[0].len());
    match ServerFrame::decode(&frames[0]).unwrap() {
        ServerFrame::Presence(presence) => {
            assert_eq!((presence.people.len(), presence.present), (199, 200));
            assert!(presence.people.iter().all(|person| person.state == PresenceState::Away));
        }
        other => panic!("{other:?}"),
    }
}
