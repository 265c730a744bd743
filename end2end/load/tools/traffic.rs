//! Traffic: thousands of connected people who do nothing must cost nothing but heartbeats, and what one of them does must
//! reach exactly those who share a room.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::protocol::{ClientFrame, Command, CommandId, OwnPresence, PresenceState, RoomId, RoomKind};
use clap::Args;
use load::{Account, FrameCounts, Listener, Random, Result, Visitor};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::output::{quantile, say, table};
use crate::stage::Stage;

/// Connections that share a source address.
const PER_ADDRESS: usize = 100;
/// Rooms and connections that are made at the same time.
const AT_ONCE: usize = 32;
/// After everybody has come, until nothing of it is on its way any more.
const SETTLE: Duration = Duration::from_secs(8);
/// In which what one person did has reached all others, with much to spare.
const REACH: Duration = Duration::from_secs(2);
const HEARTBEATS: [&str; 2] = ["ping", "session:beat"];

#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    #[arg(long, default_value_t = 5_000)]
    users: usize,
    #[arg(long, default_value_t = 1_000)]
    rooms: usize,
    /// Seconds in which nobody does anything.
    #[arg(long, default_value_t = 60)]
    idle: u64,
    /// The server; otherwise the build in target/release, or else in target/debug.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Returns whether nothing was sent that nobody had a use for.
pub(crate) async fn run(arguments: Arguments) -> Result<bool> {
    let rooms = arguments.rooms.clamp(1, arguments.users.max(1));
    let began = Instant::now();
    let stage = Stage::set(arguments.binary.clone(), arguments.users).await?;
    say(&format!("{} accounts after {} s", arguments.users, began.elapsed().as_secs()));
    let rooms = make_rooms(&stage, rooms).await?;
    let before = stage.server.memory()?;
    let crowd = Crowd::gather(&stage, &rooms).await?;
    let memory = stage.server.memory()?.saturating_sub(before) / arguments.users.max(1) as u64;
    say(&format!(
        "{} people in {} rooms are connected after {} s; {memory} bytes of the server's memory for each",
        crowd.people.len(),
        rooms.len(),
        began.elapsed().as_secs()
    ));
    tokio::time::sleep(SETTLE).await;
    let is_quiet = crowd.idle(Duration::from_secs(arguments.idle)).await;
    let mut is_fine = is_quiet;
    let typing = ClientFrame::Typing { room: rooms[0] };
    is_fine &= crowd.reaches("typing", 0, typing, "chat:typing", rooms.len()).await?;
    let away = ClientFrame::Presence(OwnPresence { state: PresenceState::Away, connection: None });
    is_fine &= crowd.reaches("going away", 0, away, "presence:room", rooms.len()).await?;
    Ok(is_fine)
}

/// Person `n` is in room `n` modulo the number of rooms.
async fn make_rooms(stage: &Stage, count: usize) -> Result<Vec<RoomId>> {
    let mut rooms = Vec::with_capacity(count);
    let owners: Vec<usize> = (0..count).collect();
    for some in owners.chunks(AT_ONCE) {
        let tasks = some.iter().map(|owner| async move {
            let mut random = Random::new(*owner as u64);
            let (id, room) =
                (CommandId::from_random(random.wide_bits()), RoomId::from_random(random.wide_bits()));
            let with = (*owner..stage.accounts.len()).step_by(count).skip(1);
            let with = with.map(|member| format!("user{member}@example.org")).collect();
            let create = Command::CreateRoom {
                room,
                title: format!("Room {owner}"),
                kind: RoomKind::Group,
                with,
                like: None,
            };
            stage.account(*owner)?.execute(id, create).await?;
            Ok::<RoomId, load::Error>(room)
        });
        for room in futures_util::future::join_all(tasks).await {
            rooms.push(room?);
        }
    }
    Ok(rooms)
}

struct Crowd {
    people: Vec<Person>,
}

/// One connection, in a task of its own.
struct Person {
    orders: Sender<ClientFrame>,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Clone, Debug, Default)]
struct Heard {
    counts: FrameCounts,
    newest: std::collections::BTreeMap<String, Instant>,
    /// It has ended, which it must not.
    is_over: bool,
}

impl Crowd {
    async fn gather(stage: &Stage, rooms: &[RoomId]) -> Result<Self> {
        let mut people = Vec::with_capacity(stage.accounts.len());
        let numbers: Vec<usize> = (0..stage.accounts.len()).collect();
        for some in numbers.chunks(AT_ONCE) {
            let tasks = some.iter().map(|number| async move {
                let visitor = Visitor::from(stage.server.address, Some(address(number / PER_ADDRESS)))?;
                let account: Account = stage.account(*number)?.by(&visitor);
                Listener::open(&account, rooms[number % rooms.len()]).await
            });
            for listener in futures_util::future::join_all(tasks).await {
                people.push(Person::start(listener?));
            }
        }
        Ok(Self { people })
    }

    fn counts(&self) -> FrameCounts {
        let mut all = FrameCounts::default();
        self.people.iter().for_each(|person| all.add(&person.heard().counts));
        all
    }

    fn forget(&self) {
        for person in &self.people {
            let mut heard = person.heard();
            heard.counts = FrameCounts::default();
            heard.newest.clear();
        }
    }

    /// Counts what is sent while nobody does anything.
    async fn idle(&self, time: Duration) -> bool {
        self.forget();
        tokio::time::sleep(time).await;
        let counts = self.counts();
        let mut rows = vec![vec![format!("frames in {} s of nothing", time.as_secs()), "count".to_owned()]];
        rows.extend(counts.0.iter().map(|(kind, count)| vec![kind.clone(), count.to_string()]));
        say(&format!("\n{}", table(&rows)));
        let lost = self.people.iter().filter(|person| person.heard().is_over).count();
        let is_quiet = counts.0.keys().all(|kind| HEARTBEATS.contains(&kind.as_str())) && lost == 0;
        let word = if is_quiet { "ok: nothing but heartbeats" } else { "FAILED: more than heartbeats" };
        say(&format!("{word}; {lost} connections lost"));
        is_quiet
    }

    /// One person does something: it must reach the others of their room, and nobody else.
    async fn reaches(
        &self,
        what: &str,
        who: usize,
        frame: ClientFrame,
        kind: &str,
        rooms: usize,
    ) -> Result<bool> {
        self.forget();
        let began = Instant::now();
        self.people[who].orders.send(frame).await?;
        tokio::time::sleep(REACH).await;
        let is_other = |number: usize| number % rooms == who % rooms && number != who;
        let (mut right, mut wrong, mut delays) = (0, 0, Vec::new());
        for (number, person) in self.people.iter().enumerate() {
            let heard = person.heard();
            match (is_other(number), heard.counts.of(kind)) {
                (true, 1) => right += 1,
                (false, 0) => {}
                // One's own state may come back; it is state, and the latest wins.
                (false, 1) if number == who && kind == "presence:room" => {}
                _ => wrong += 1,
            }
            if is_other(number) {
                delays.extend(heard.newest.get(kind).map(|at| at.duration_since(began)));
            }
        }
        delays.sort_unstable();
        let expected = (0..self.people.len()).filter(|number| is_other(*number)).count();
        let is_fine = right == expected && wrong == 0;
        let word = if is_fine { "ok" } else { "FAILED" };
        say(&format!(
            "{word}: {what} reached {right} of {expected} others in the room, {wrong} people heard too much or too \
             little; the last after {:.1} ms",
            quantile(&delays, 100).as_secs_f64() * 1_000.0
        ));
        Ok(is_fine)
    }
}

impl Person {
    fn start(listener: Listener) -> Self {
        let (orders, received) = channel(4);
        let heard = Arc::new(Mutex::new(Heard::default()));
        tokio::spawn(listen(listener, received, heard.clone()));
        Self { orders, heard }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(mut listener: Listener, mut orders: Receiver<ClientFrame>, heard: Arc<Mutex<Heard>>) {
    loop {
        let went_well = tokio::select! {
            result = listener.next() => result,
            order = orders.recv() => match order {
                Some(frame) => listener.send(&frame).await,
                None => return,
            },
        };
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = std::mem::take(&mut listener.counts);
        heard.counts.add(&counts);
        heard.newest.append(&mut listener.newest);
        if went_well.is_err() {
            heard.is_over = true;
            return;
        }
    }
}

/// Every address of 127.0.0.0/8 is this machine.
fn address(number: usize) -> IpAddr {
    let [high, low] = u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes();
    Ipv4Addr::new(127, 2, high, low.saturating_add(1)).into()
}
