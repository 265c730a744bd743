//! Every delay, deadline and limit of the client, in one place, so that tests and tools can set others.
//!
//! Times are milliseconds. There is no logic here.

use super::Millis;

#[derive(Clone, Debug)]
pub struct Policy {
    /// Name and version of the software, told to the server in `hello` for its log.
    pub client: String,

    /// How long a ticket, an opening and a `welcome` may take each before the attempt counts as failed.
    pub ticket_wait: Millis,
    pub open_wait: Millis,
    pub welcome_wait: Millis,

    /// The server's longest silence until its `welcome` names another.
    pub beat: Millis,
    /// The client gives a connection up this long after the beat that did not come.
    pub beat_slack: Millis,
    /// Added to the slack while the page is hidden, where browsers run timers once a minute.
    pub hidden_slack: Millis,
    /// A tick that comes later than this after the deadline came out of a sleep, and frames may be queued behind it.
    pub late_tick: Millis,
    /// How long such frames get to show up, once per silence.
    pub wake_grace: Millis,
    /// After `online`, `pageshow` or becoming visible, a connection that was silent for this long is asked for a sign of life.
    pub probe_after: Millis,
    /// How long the answer may take. Longer than a slow mobile link needs to wake, shorter than the beat's deadline.
    pub probe_wait: Millis,

    /// The delay before try `n` is drawn from 0 to `backoff_base * 2^n`, at most `backoff_cap`. The cap bounds how
    /// long after a restart the last client comes back, so it lies below the 15 s that this may take, with time for
    /// the attempt itself. An outage that lasts gets its longer pauses from the slow pace.
    pub backoff_base: Millis,
    pub backoff_cap: Millis,
    /// `n` returns to 0 when the client was caught up for this long: a server that dies of its clients' catching up
    /// must not be hit at full speed again and again.
    pub stable_after: Millis,
    /// `online` and becoming visible retry at once, spread over this much.
    pub quick_jitter: Millis,
    /// ... but two attempts never begin closer together than this.
    pub quick_spacing: Millis,
    /// So many attempts without a `welcome`, and the client says that it is degraded and slows down: usually after more
    /// than a minute, and for hardly anybody within 20 s, so that a restart doesn't have them wait.
    pub degraded_after: u32,
    /// The slow pace: also of a browser that says it is offline, because that is not always true.
    pub slow_least: Millis,
    pub slow_most: Millis,
    /// So many attempts in a row that had a ticket and got no `welcome`, and the next way to connect is taken.
    pub transport_tries: u32,
    /// How long the server may keep the answer to a poll.
    pub poll_wait: Millis,
    /// On another way than a WebSocket, one is tried again after this, then after twice as long ...
    pub upgrade_every: Millis,
    /// ... and so on, up to this; with up to a quarter more, so that the clients of one network do it apart.
    pub upgrade_cap: Millis,
    /// How long its opening and its `welcome` may take each. Short, because nothing arrives meanwhile.
    pub upgrade_wait: Millis,
    /// `online` has one tried at once, but not within this after the last.
    pub upgrade_spacing: Millis,
    /// A hint of the server to stay away is believed up to this.
    pub hint_cap: Millis,
    /// On an event stream, the server hears of its reader this often, well within the silence that it allows.
    pub sign_of_life: Millis,

    /// An ask (`chat:resume`, `room:subscribe`) without an effect is repeated after this, then after twice as long ...
    pub ask_again: Millis,
    /// ... and so on, up to this.
    pub ask_cap: Millis,
    /// When an ended run is longer than the text held, the rest is usually on its way; it is asked for after this.
    pub settle: Millis,
    /// A command without an answer on a living connection is sent again after this; the server knows its identifier.
    pub answer_wait: Millis,
    /// The pause after `rate_limited` when the server names none.
    pub rate_limit_wait: Millis,
    /// A snapshot or page that the driver did not answer for is fetched again after this.
    pub fetch_wait: Millis,

    /// Rooms held in memory and subscribed; the least recently opened one goes first.
    pub kept_rooms: usize,
    /// Messages held of one room, a stretch without holes; those at the end where the reader is not go first.
    pub messages_per_room: usize,
    /// Rooms in the list; those without activity for the longest time go first.
    pub listed_rooms: usize,
    /// Commands in the outbox; one more is refused with a notice.
    pub outbox: usize,
    /// While more bytes than this wait in the browser, the outbox sends nothing.
    pub buffered: u64,
    /// Notices of refused commands; the oldest goes first.
    pub notices: usize,
    /// Messages that are asked for at the same time; more wait until one is complete.
    pub resumes: usize,
    /// Handles known on a connection; the oldest go first, and their texts are completed by asking.
    pub handles: usize,
    /// Handles remembered from parts that came before their `chat:stream`.
    pub strays: usize,
    /// Inbox events held that came before an earlier one; more are fetched with the page.
    pub early_events: usize,
    /// Running messages of one room named in `hello` and `room:subscribe`; the newest are.
    pub held_per_room: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            client: concat!("sitespark/", env!("CARGO_PKG_VERSION")).to_owned(),
            ticket_wait: 10_000,
            open_wait: 10_000,
            welcome_wait: 10_000,
            beat: 25_000,
            beat_slack: 10_000,
            hidden_slack: 40_000,
            late_tick: 2_000,
            wake_grace: 5_000,
            probe_after: 5_000,
            probe_wait: 10_000,
            backoff_base: 500,
            backoff_cap: 12_000,
            stable_after: 10_000,
            quick_jitter: 500,
            quick_spacing: 1_000,
            degraded_after: 16,
            slow_least: 30_000,
            slow_most: 60_000,
            transport_tries: 2,
            poll_wait: 25_000,
            upgrade_every: 300_000,
            upgrade_cap: 3_600_000,
            upgrade_wait: 5_000,
            upgrade_spacing: 30_000,
            hint_cap: 300_000,
            sign_of_life: 20_000,
            ask_again: 5_000,
            ask_cap: 60_000,
            settle: 250,
            answer_wait: 15_000,
            rate_limit_wait: 5_000,
            fetch_wait: 30_000,
            kept_rooms: 20,
            messages_per_room: 150,
            listed_rooms: 20_000,
            outbox: 100,
            buffered: 64 * 1024,
            notices: 8,
            resumes: 64,
            handles: 1_024,
            strays: 64,
            early_events: 64,
            held_per_room: 16,
        }
    }
}
