//! The client's state machine against a server, a network and a user that do anything in any order.

use app::client::{Client, Input, Output, Page, Policy};
use app::protocol::{MessageId, RoomId, RoomSnapshot};

/// Outputs that one input may lead to; far above what a correct client needs.
const OUTPUTS: usize = 10_000;
/// Inputs of one script.
const LINES: usize = 200;

/// Each line of `script` is an input: a letter for what happens, anything else for a frame. The client never panics,
/// and comes to rest after every input.
pub fn client(script: &str) {
    let mut client = Client::new(Policy::default(), 1);
    let mut now = 1_000_000;
    let mut asked = Asked { attempt: 0, room: RoomId::from_random(0), page: Page::Newest };
    give(&mut client, now, Input::Start, &mut asked);
    for line in script.lines().take(LINES) {
        let Some(first) = line.chars().next() else { continue };
        let rest = &line[first.len_utf8()..];
        let number = rest.parse().unwrap_or(0);
        let Asked { attempt, room, page } = asked;
        let input = match first {
            't' => Input::TicketReady { attempt, ticket: "ticket".to_owned() },
            'o' => Input::Opened { attempt },
            'c' => Input::Closed { attempt, code: rest.parse().ok() },
            'a' => Input::Answered { attempt, ticket: (!rest.is_empty()).then(|| rest.to_owned()) },
            'b' => Input::Buffered { attempt, bytes: number },
            'p' => match serde_json::from_str(rest) {
                Ok(page) => Input::Load(page),
                Err(_) => continue,
            },
            'w' => {
                now += rest.parse::<u32>().map_or(1, u64::from);
                Input::Tick
            }
            's' => match serde_json::from_str::<RoomSnapshot>(rest) {
                Ok(snapshot) => {
                    Input::SnapshotLoaded { room: snapshot.room.id, page, snapshot: Box::new(snapshot) }
                }
                Err(_) => continue,
            },
            'O' => Input::OpenRoom(client.rooms().first().map_or(room, |room| room.id)),
            'B' => Input::LoadPage { room, page: Page::Before(MessageId::from_random(0)) },
            'A' => Input::LoadPage { room, page: Page::After(MessageId::from_random(0)) },
            'N' => Input::LoadPage { room, page: Page::Newest },
            'S' => Input::LoadPage { room, page: Page::Beyond(number) },
            'K' => Input::Typed { room },
            'E' => Input::Seen { room, seq: number },
            'i' => Input::Idle,
            'u' => Input::Active,
            'v' => Input::Visible,
            'h' => Input::Hidden,
            'n' => Input::Online,
            'f' => Input::Offline,
            'r' => Input::RetryNow,
            _ => Input::Received { attempt, text: line.to_owned() },
        };
        give(&mut client, now, input, &mut asked);
        let held = client.room(room).map_or(0, |timeline| timeline.messages().len());
        assert!(held <= Policy::default().messages_per_room, "{held} messages are held");
    }
}

/// What the client has asked for last.
#[derive(Clone, Copy)]
struct Asked {
    attempt: u64,
    room: RoomId,
    page: Page,
}

fn give(client: &mut Client, now: u64, input: Input, asked: &mut Asked) {
    client.handle(now, input);
    for _ in 0..OUTPUTS {
        match client.poll() {
            Some(Output::FetchTicket { attempt }) => asked.attempt = attempt,
            Some(Output::FetchSnapshot { room, page }) => (asked.room, asked.page) = (room, page),
            Some(_) => {}
            None => return,
        }
    }
    panic!("it does not come to rest");
}
