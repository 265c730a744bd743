//! The client's state machine against a server, a network and a user that do anything in any order.

use app::client::{Client, Input, Output, Policy};

/// Outputs that one input may lead to; far above what a correct client needs.
const OUTPUTS: usize = 10_000;
/// Inputs of one script.
const LINES: usize = 200;

/// Each line of `script` is an input: a letter for what happens, anything else for a frame. The client never panics,
/// and comes to rest after every input.
pub fn client(script: &str) {
    let mut client = Client::new(Policy::default(), 1);
    let mut now = 1_000_000;
    let mut attempt = 0;
    give(&mut client, now, Input::Start, &mut attempt);
    for line in script.lines().take(LINES) {
        let Some(first) = line.chars().next() else { continue };
        let rest = &line[first.len_utf8()..];
        let input = match first {
            't' => Input::TicketReady { attempt, ticket: "ticket".to_owned() },
            'o' => Input::Opened { attempt },
            'c' => Input::Closed { attempt, code: rest.parse().ok() },
            'a' => Input::Answered { attempt, ticket: (!rest.is_empty()).then(|| rest.to_owned()) },
            'b' => Input::Buffered { attempt, bytes: rest.parse().unwrap_or(0) },
            'p' => match serde_json::from_str(rest) {
                Ok(page) => Input::Load(page),
                Err(_) => continue,
            },
            'w' => {
                now += rest.parse::<u32>().map_or(1, u64::from);
                Input::Tick
            }
            'v' => Input::Visible,
            'h' => Input::Hidden,
            'n' => Input::Online,
            'f' => Input::Offline,
            'r' => Input::RetryNow,
            _ => Input::Received { attempt, text: line.to_owned() },
        };
        give(&mut client, now, input, &mut attempt);
    }
}

fn give(client: &mut Client, now: u64, input: Input, attempt: &mut u64) {
    client.handle(now, input);
    for _ in 0..OUTPUTS {
        match client.poll() {
            Some(Output::FetchTicket { attempt: newest }) => *attempt = newest,
            Some(_) => {}
            None => return,
        }
    }
    panic!("it does not come to rest");
}
