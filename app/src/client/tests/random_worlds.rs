//! Properties: whatever happens in whatever order, the client ends with exactly what the server has.

use proptest::prelude::*;

use super::world::{Faults, World};
use crate::client::*;
use crate::protocol::*;

#[derive(Clone, Debug)]
enum Step {
    Wait(u16),
    Grow(u8, u8),
    Advance(u8),
    NewAttempt(u8),
    Say(u8),
    Touch(u8),
    Join,
    Leave(u8),
    Trim(u8),
    TrimInbox,
    Restore(u8),
    RestoreInbox,
    Cut {
        is_noticed: bool,
    },
    Bye(u8),
    FailTickets(u8),
    FailFetches(u8),
    RefuseCommands(u16),
    Delay(u16),
    Sleep(u32),
    Send(u8),
    Create,
    Stop(u8),
    Retry(u8),
    Rename(u8),
    Delete(u8),
    Open(u8),
    Hidden,
    Visible,
    Online,
    Offline,
    Woken,
    RetryNow,
    Interrupt(u8),
    Continue(u8),
    Discard(u8),
    Restart,
    Reload(u8),
    FailPolls(u8),
    FailPosts(u8),
    Block(u8),
    Buffer(u32),
    Turn(u8, u8, u8),
    Edit(u8),
    React(u8),
    Erase(u8),
    GiveEdit(u8),
    Member(u8, u8),
    Presence(u8, u8),
    Typing(u8, u8),
    Typed(u8),
    Seen(u8, u8),
    Unread(u8),
    Active,
    Idle,
    /// Another version of a message, said here or elsewhere.
    Beside(u8, bool),
    /// Another branch is chosen, here or elsewhere.
    Branch(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let byte = any::<u8>;
    prop_oneof![
        12 => (0_u16..2_500).prop_map(Step::Wait),
        16 => (byte(), byte()).prop_map(|(pick, amount)| Step::Grow(pick, amount)),
        6 => byte().prop_map(Step::Advance),
        2 => byte().prop_map(Step::NewAttempt),
        3 => byte().prop_map(Step::Say),
        2 => byte().prop_map(Step::Touch),
        1 => Just(Step::Join),
        1 => byte().prop_map(Step::Leave),
        1 => byte().prop_map(Step::Trim),
        1 => Just(Step::TrimInbox),
        1 => byte().prop_map(Step::Restore),
        1 => Just(Step::RestoreInbox),
        4 => any::<bool>().prop_map(|is_noticed| Step::Cut { is_noticed }),
        2 => byte().prop_map(Step::Bye),
        1 => (0_u8..5).prop_map(Step::FailTickets),
        1 => (0_u8..4).prop_map(Step::FailFetches),
        1 => (0_u16..4_000).prop_map(Step::RefuseCommands),
        1 => (10_u16..1_500).prop_map(Step::Delay),
        1 => (0_u32..150_000).prop_map(Step::Sleep),
        6 => byte().prop_map(Step::Send),
        2 => Just(Step::Create),
        1 => byte().prop_map(Step::Stop),
        1 => byte().prop_map(Step::Retry),
        1 => byte().prop_map(Step::Rename),
        1 => byte().prop_map(Step::Delete),
        3 => byte().prop_map(Step::Open),
        1 => Just(Step::Hidden),
        1 => Just(Step::Visible),
        1 => Just(Step::Online),
        1 => Just(Step::Offline),
        1 => Just(Step::Woken),
        1 => Just(Step::RetryNow),
        2 => byte().prop_map(Step::Interrupt),
        2 => byte().prop_map(Step::Continue),
        2 => byte().prop_map(Step::Discard),
        1 => Just(Step::Restart),
        1 => byte().prop_map(Step::Reload),
        2 => (1_u8..5).prop_map(Step::FailPolls),
        2 => (1_u8..4).prop_map(Step::FailPosts),
        1 => byte().prop_map(Step::Block),
        1 => (0_u32..200_000).prop_map(Step::Buffer),
        10 => (byte(), byte(), byte()).prop_map(|(room, page, which)| Step::Turn(room, page, which)),
        4 => byte().prop_map(Step::Edit),
        4 => byte().prop_map(Step::React),
        2 => byte().prop_map(Step::Erase),
        2 => byte().prop_map(Step::GiveEdit),
        2 => (byte(), byte()).prop_map(|(room, which)| Step::Member(room, which)),
        2 => (byte(), byte()).prop_map(|(room, which)| Step::Presence(room, which)),
        1 => (byte(), byte()).prop_map(|(room, which)| Step::Typing(room, which)),
        1 => byte().prop_map(Step::Typed),
        3 => (byte(), byte()).prop_map(|(room, which)| Step::Seen(room, which)),
        1 => byte().prop_map(Step::Unread),
        1 => Just(Step::Active),
        1 => Just(Step::Idle),
        4 => (byte(), any::<bool>()).prop_map(|(which, is_here)| Step::Beside(which, is_here)),
        6 => (byte(), any::<bool>()).prop_map(|(which, is_here)| Step::Branch(which, is_here)),
    ]
}

fn pick<T: Copy>(from: &[T], pick: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(pick) % from.len()])
}

impl World {
    fn live_rooms(&self) -> Vec<RoomId> {
        self.server.rooms.iter().filter(|(_, room)| !room.is_gone).map(|(id, _)| *id).collect()
    }

    fn turn(&mut self, room: RoomId, page: u8, which: u8) {
        let records = &self.server.rooms[&room].records;
        let nobody = Message::new(
            MessageId(uuid::Uuid::from_u128(5)),
            Author::Assistant { name: String::new() },
            0,
            "",
        );
        let messages: Vec<&Message> = records.iter().map(|record| &record.message).chain([&nobody]).collect();
        let message = messages[usize::from(which) % messages.len()];
        let page = match page % 8 {
            0 | 1 => Page::Before(message.id),
            2 | 3 => Page::After(message.id),
            4 => Page::Newest,
            5 => Page::Around(message.id),
            6 => Page::Beyond(message.seq),
            _ => Page::Date(message.created_at),
        };
        self.input(Input::LoadPage { room, page });
    }

    fn see(&mut self, room: RoomId, seq: u64) {
        let is_listed = self.client.rooms().iter().any(|summary| summary.id == room);
        if is_listed && self.client.room(room).is_some() {
            let read = self.read.entry(room).or_default();
            *read = seq.max(*read);
        }
        self.input(Input::Seen { room, seq });
    }

    #[expect(clippy::too_many_lines, reason = "one line or two for each of the steps")]
    fn step(&mut self, step: &Step) {
        let rooms = self.live_rooms();
        let running = self.server.runs(false);
        match *step {
            Step::Wait(time) => self.pass(u64::from(time)),
            Step::Grow(which, amount) => {
                if let Some((room, message)) = pick(&running, which) {
                    self.server.grow(room, message, amount);
                    self.server_done();
                    self.flush_later();
                    self.pass(u64::from(amount));
                }
            }
            Step::Advance(which) => {
                if let Some((room, message)) = pick(&running, which) {
                    self.server.advance(room, message);
                }
            }
            Step::NewAttempt(which) => {
                if let Some((room, message)) = pick(&running, which) {
                    self.server.new_attempt(room, message);
                }
            }
            Step::Say(which) => {
                if let Some(room) = pick(&rooms, which) {
                    let id = MessageId(self.server.uuid());
                    self.server.say(room, id, "said elsewhere".to_owned(), None);
                }
            }
            Step::Touch(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.server.touch(room, Some(format!("title {which}")));
                }
            }
            Step::Join => {
                let room = RoomId(self.server.uuid());
                let is_group = self.server.random.between(0, 1) == 0;
                let kind = if is_group { RoomKind::Group } else { RoomKind::Solo };
                self.server.join(room, "joined".to_owned(), kind);
            }
            Step::Leave(which) if rooms.len() > 2 => {
                self.server.leave(rooms[usize::from(which) % rooms.len()]);
            }
            Step::Trim(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.server.trim(room);
                }
            }
            Step::TrimInbox => self.server.trim_inbox(),
            Step::Restore(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.left.insert(room);
                    self.server.restore(room);
                }
            }
            Step::RestoreInbox => self.server.restore_inbox(),
            Step::Cut { is_noticed } => self.cut(is_noticed),
            Step::Bye(which) => {
                let (code, hint) = pick(
                    &[(4100, Some(700)), (4008, None), (4400, None), (4029, Some(3_000)), (4509, None)],
                    which,
                )
                .unwrap();
                self.bye(code, hint);
            }
            Step::FailTickets(count) => self.failing_tickets = u32::from(count),
            Step::FailFetches(count) => self.failing_fetches = u32::from(count),
            Step::RefuseCommands(time) => self.server.refuses_until = self.now + u64::from(time),
            Step::Delay(delay) => self.delay = u64::from(delay),
            Step::Sleep(time) => self.sleep(u64::from(time)),
            Step::Send(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.give(Command::say(room, format!("said {which}")));
                }
            }
            Step::Create => {
                let room = RoomId(self.server.uuid());
                self.give(Command::create_solo(room, ""));
                self.input(Input::OpenRoom(room));
                self.give(Command::say(room, "first"));
                self.give(Command::say(room, "second"));
            }
            Step::Stop(which) => {
                if let Some((room, message)) = pick(&running, which) {
                    self.give(Command::StopRun { room, message });
                }
            }
            Step::Retry(which) => {
                if let Some((room, message)) = pick(&self.server.runs(true), which) {
                    self.give(Command::RetryRun { room, message });
                }
            }
            Step::Beside(which, is_here) => {
                if let Some((room, message)) = pick(&self.server.forkable(true), which) {
                    let text = format!("instead {which}");
                    if is_here {
                        let (parent, reply_to, beside) = (None, None, Some(message));
                        self.give(Command::SendMessage { room, text, parent, reply_to, beside });
                    } else {
                        let id = MessageId(self.server.uuid());
                        self.server.say_beside(room, id, text, message);
                    }
                }
            }
            Step::Branch(which, is_here) => {
                if let Some((room, message)) = pick(&self.server.forkable(false), which) {
                    if is_here {
                        self.give(Command::ShowBranch { room, message });
                    } else {
                        self.server.show_branch(room, message);
                    }
                }
            }
            Step::Rename(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.give(Command::RenameRoom { room, title: format!("renamed {which}") });
                }
            }
            Step::Delete(which) if rooms.len() > 2 => {
                self.give(Command::DeleteRoom { room: rooms[usize::from(which) % rooms.len()] });
            }
            Step::Leave(_) | Step::Delete(_) => {}
            Step::Open(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.input(Input::OpenRoom(room));
                }
            }
            Step::Hidden => self.input(Input::Hidden),
            Step::Visible => self.input(Input::Visible),
            Step::Online => self.input(Input::Online),
            Step::Offline => self.input(Input::Offline),
            Step::Woken => self.input(Input::Woken),
            Step::RetryNow => self.input(Input::RetryNow),
            Step::Interrupt(which) => {
                if let Some((room, message)) = pick(&running, which) {
                    self.server.set_status(room, message, RunStatus::Interrupted);
                }
            }
            Step::Continue(which) => {
                if let Some((room, message)) = pick(&self.server.runs(true), which) {
                    self.give(Command::ContinueRun { room, message });
                }
            }
            Step::Discard(which) => self.discard(which),
            Step::Restart => self.server.restart(),
            Step::Reload(order) => self.reload(order),
            Step::FailPolls(count) => self.failing_polls = u32::from(count),
            Step::FailPosts(count) => self.failing_posts = u32::from(count),
            Step::Block(which) => self.block(which),
            Step::Buffer(bytes) => self.buffer(u64::from(bytes)),
            Step::Turn(which, page, message) => {
                if let Some(room) = pick(&rooms, which) {
                    self.turn(room, page, message);
                }
            }
            Step::Edit(which) => {
                if let Some((room, message)) = pick(&self.server.settled(), which) {
                    self.server.edit(room, message, format!("edited {which}"));
                }
            }
            Step::React(which) => {
                if let Some((room, message)) = pick(&self.server.settled(), which) {
                    self.server.react(room, message, which.to_string());
                }
            }
            Step::Erase(which) => {
                if let Some((room, message)) = pick(&self.server.settled(), which) {
                    self.server.delete(room, message);
                }
            }
            Step::GiveEdit(which) => {
                if let Some((room, message)) = pick(&self.server.settled(), which) {
                    let emoji = which.to_string();
                    self.give(match which % 3 {
                        0 => Command::EditMessage { room, message, text: "edited".to_owned() },
                        1 => Command::React { room, message, emoji, is_on: true },
                        _ => Command::DeleteMessage { room, message },
                    });
                }
            }
            Step::Member(which, change) => {
                if let Some(room) = pick(&rooms, which) {
                    self.server.change_member(room, change);
                }
            }
            Step::Presence(which, change) => {
                if let Some(room) = pick(&rooms, which) {
                    self.server.change_presence(room, change);
                }
            }
            Step::Typing(which, typist) => {
                if let Some(room) = pick(&rooms, which) {
                    self.server.type_in(room, typist);
                }
            }
            Step::Typed(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.input(Input::Typed { room });
                }
            }
            Step::Seen(which, seq) => {
                if let Some(room) = pick(&rooms, which) {
                    self.see(room, u64::from(seq) / 4);
                }
            }
            Step::Unread(which) => {
                if let Some(room) = pick(&rooms, which) {
                    self.left.insert(room);
                    self.give(Command::MarkUnread { room, seq: 0 });
                }
            }
            Step::Active => self.input(Input::Active),
            Step::Idle => self.input(Input::Idle),
        }
        self.server_done();
    }
}

fn begin(seed: u64, faults: Faults, is_eager: bool, blocked: u8) -> World {
    let mut world = World::new(seed, faults);
    world.block(blocked);
    world.server.is_eager = is_eager;
    for (title, kind) in [("one", RoomKind::Solo), ("two", RoomKind::Group)] {
        let room = RoomId(world.server.uuid());
        world.server.join(room, title.to_owned(), kind);
        for number in 0..30 {
            let id = MessageId(world.server.uuid());
            world.server.now += 1_000;
            world.server.say(room, id, format!("said before {number}"), None);
        }
        world.input(Input::OpenRoom(room));
    }
    world.input(Input::Start);
    world
}

fn run(mut world: World, steps: &[Step]) {
    for step in steps {
        world.step(step);
    }
    world.settle();
}

/// `PROPTEST_CASES` asks for more.
fn cases(count: u32) -> ProptestConfig {
    let count = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(count);
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: 30_000,
        ..ProptestConfig::with_cases(count)
    }
}

proptest! {
    #![proptest_config(cases(600))]

    /// A socket keeps the order of its frames, and loses only what was on its way when it broke.
    #[test]
    fn ends_exact_over_sockets(seed: u64, is_eager: bool, steps in prop::collection::vec(step(), 1..120)) {
        run(begin(seed, Faults::default(), is_eager, 0), &steps);
    }

    /// Where no WebSocket gets through, and where event streams don't either, from the beginning or from some step on.
    #[test]
    fn ends_exact_over_http(
        seed: u64,
        blocked in prop_oneof![Just(1_u8), Just(5), Just(3), Just(7)],
        steps in prop::collection::vec(step(), 1..120),
    ) {
        run(begin(seed, Faults::default(), true, blocked), &steps);
    }

    /// Other transports, and servers with errors of their own, may do worse.
    #[test]
    fn ends_exact_over_anything(
        seed: u64,
        is_eager: bool,
        reorders: bool,
        doubles: bool,
        blocked in 0_u8..8,
        drops in prop_oneof![Just(0_u64), 8_u64..40],
        steps in prop::collection::vec(step(), 1..120),
    ) {
        run(begin(seed, Faults { reorders, doubles, drops }, is_eager, blocked), &steps);
    }
}

/// Found by chance: the other version was of a branch that was not shown when the window passed it.
#[test]
fn versions_are_asked_for_when_the_other_one_is_not_held() {
    let steps = [
        Step::Turn(31, 55, 207),
        Step::Wait(140),
        Step::FailPolls(1),
        Step::RestoreInbox,
        Step::Beside(85, true),
        Step::RestoreInbox,
        Step::Grow(0, 0),
        Step::Turn(71, 178, 0),
        Step::Beside(198, false),
    ];
    run(begin(9_753_918_490_221_984_283, Faults::default(), false, 0), &steps);
}
