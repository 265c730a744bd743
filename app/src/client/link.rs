//! From one connection to the next: attempts, their deadlines, what a failure or a close leads to, and when to try
//! again. It knows nothing of rooms; a socket that carries nothing is as good to it as any other.
//!
//! A *session* is what the page sees as one connection. It outlives the attempt where the client itself closes and
//! opens again: to ask with a new `hello` what has no command over HTTP, or to try a WebSocket.
//!
//! Every attempt has a new number, and what belongs to an older one is ignored: a browser may report the close of
//! a dead socket minutes later.

use super::backoff::{Backoff, slow_pace};
use super::connection::{Connection, Opening, StopReason, TicketFailure, Transport};
use super::context::Context;
use super::liveness::Liveness;
use super::transport::Ways;
use super::{Millis, Output};
use crate::protocol::{CloseAction, CloseCode};

#[derive(Debug)]
enum Phase {
    Idle,
    /// A ticket is being fetched; `is_second` after one was refused with 401.
    Ticket {
        deadline: Millis,
        is_second: bool,
    },
    /// The socket is being opened.
    Opening {
        deadline: Millis,
    },
    /// `hello` is sent.
    Greeting {
        deadline: Millis,
    },
    Live(Liveness),
    /// `not_before` is the server's wish, which only a click overrides.
    Waiting {
        until: Millis,
        not_before: Millis,
    },
    Stopped(StopReason),
}

#[derive(Debug)]
pub(super) struct Link {
    phase: Phase,
    /// The number of the newest attempt.
    attempt: u64,
    attempt_began: Millis,
    backoff: Backoff,
    is_online: bool,
    is_visible: bool,
    /// The code that ended the connection before, for `hello`.
    previous_close: Option<u16>,
    /// A new ticket was fetched at once since the client was last stable; the next time it waits.
    has_renewed: bool,
    standing: Standing,
    ways: Ways,
    /// The attempt that the session began with.
    session: u64,
    /// The session's attempt is followed by another without a loss.
    is_reopening: bool,
    /// When that is to be done.
    reopen_at: Option<Millis>,
    poll: Poll,
}

/// What is known of the poll in flight.
#[derive(Debug, Default)]
struct Poll {
    /// When it began, if the server may wait with the answer.
    waits_since: Option<Millis>,
    /// Its `welcome` has not come.
    is_unanswered: bool,
    /// It has brought an event or a part.
    has_news: bool,
}

/// How well the newest connection has done.
#[derive(Debug)]
enum Standing {
    CatchingUp,
    /// Caught up, and stable if it lives until then.
    CaughtUp {
        stable_at: Millis,
    },
    Stable,
}

impl Link {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Idle,
            attempt: 0,
            attempt_began: 0,
            backoff: Backoff::default(),
            is_online: true,
            is_visible: true,
            previous_close: None,
            has_renewed: false,
            standing: Standing::CatchingUp,
            ways: Ways::new(),
            session: 0,
            is_reopening: false,
            reopen_at: None,
            poll: Poll::default(),
        }
    }

    pub(super) fn transport(&self) -> Transport {
        self.ways.settled
    }

    pub(super) fn is_current(&self, attempt: u64) -> bool {
        self.attempt == attempt
    }

    /// The attempt whose `hello` is sent: its frames count.
    pub(super) fn greeted(&self) -> Option<u64> {
        matches!(self.phase, Phase::Greeting { .. } | Phase::Live(_)).then_some(self.attempt)
    }

    /// The session, while it lasts.
    pub(super) fn session(&self) -> Option<u64> {
        (self.greeted().is_some() || self.is_reopening).then_some(self.session)
    }

    /// A former attempt of this session: what it was asked by `POST` may still be answered.
    pub(super) fn was_of_session(&self, attempt: u64) -> bool {
        attempt < self.attempt && self.session().is_some_and(|session| session <= attempt)
    }

    /// Told once.
    pub(super) fn take_previous_close(&mut self) -> Option<u16> {
        self.previous_close.take()
    }

    pub(super) fn start(&mut self, context: &mut Context) {
        if matches!(self.phase, Phase::Idle) {
            self.begin(context);
        }
    }

    fn begin(&mut self, context: &mut Context) {
        self.is_reopening = false;
        self.session = self.attempt + 1;
        self.begin_with(context, false);
    }

    fn begin_with(&mut self, context: &mut Context, is_second: bool) {
        self.reopen_at = None;
        context.buffered = 0;
        self.attempt += 1;
        self.attempt_began = context.now;
        self.phase = Phase::Ticket { deadline: context.now + context.policy.ticket_wait, is_second };
        context.push(Output::FetchTicket { attempt: self.attempt });
    }

    /// Closes what is open and opens it anew, as the same session. Should that fail, the session is lost.
    fn reopen(&mut self, context: &mut Context) {
        context.push(Output::Close { attempt: self.attempt });
        context.live = None;
        self.is_reopening = true;
        self.begin_with(context, false);
    }

    /// A new `hello` is wanted: now, but not more often than attempts may follow each other.
    pub(super) fn want_hello(&mut self, context: &Context) {
        let at = context.now.max(self.attempt_began + context.policy.quick_spacing);
        self.reopen_at.get_or_insert(at);
    }

    /// Opens anew when that is due; `is_idle`: nobody waits for anything, so that a WebSocket may be tried.
    pub(super) fn reopen_if_due(&mut self, context: &mut Context, is_idle: impl Fn() -> bool) {
        if context.live.is_none() || !context.is_http {
            return;
        }
        if self.ways.upgrade_at().is_some_and(|at| at <= context.now) && is_idle() {
            self.ways.upgrade(context.now);
            self.reopen(context);
        } else if self.reopen_at.is_some_and(|at| at <= context.now) {
            self.reopen(context);
        }
    }

    /// Returns the ticket when `hello` is to go with it, to [`Self::open`]; a socket takes it later.
    pub(super) fn ticket_ready(&mut self, context: &mut Context, ticket: String) -> Option<String> {
        if !matches!(self.phase, Phase::Ticket { .. }) {
            return None;
        }
        context.is_http = self.ways.of_attempt() != Transport::WebSocket;
        if context.is_http {
            return Some(ticket);
        }
        let wait =
            if self.ways.is_upgrading { context.policy.upgrade_wait } else { context.policy.open_wait };
        self.phase = Phase::Opening { deadline: context.now + wait };
        context.push(Output::Open { attempt: self.attempt, ticket, opening: Opening::WebSocket });
        None
    }

    /// Opens an event stream or a poll. From the second one of a session on, the server may wait with the answer to
    /// a poll, and commands needn't wait for it.
    pub(super) fn open(&mut self, context: &mut Context, ticket: String, hello: String) {
        let attempt = self.attempt;
        let is_poll = self.ways.settled == Transport::LongPoll;
        let may_wait = is_poll && (self.is_reopening || matches!(self.phase, Phase::Live(_)));
        self.reopen_at = None;
        self.poll =
            Poll { waits_since: may_wait.then_some(context.now), is_unanswered: is_poll, has_news: false };
        if may_wait {
            self.is_reopening = false;
            self.phase = Phase::Live(Liveness::new(context.now, context.policy.poll_wait));
            context.live = Some(attempt);
        } else {
            self.phase = Phase::Greeting { deadline: context.now + context.policy.welcome_wait };
        }
        let opening = if is_poll {
            Opening::LongPoll { hello, wait: may_wait.then_some(context.policy.poll_wait) }
        } else {
            Opening::EventStream { hello }
        };
        context.push(Output::Open { attempt, ticket, opening });
    }

    /// A poll was answered to its end. Returns the ticket when the next one is to be opened at once.
    pub(super) fn answered(&mut self, context: &mut Context, ticket: Option<String>) -> Option<String> {
        if !matches!(self.phase, Phase::Live(_)) || self.poll.is_unanswered {
            // Whoever that was, it was not the server.
            self.closed(context, None);
            return None;
        }
        let soonest = self.poll.waits_since.map_or(0, |since| since + context.policy.quick_spacing);
        if context.now < soonest && !self.poll.has_news {
            // It should have waited: the next one does it in its stead.
            self.reopen_at = Some(soonest);
            return None;
        }
        if ticket.is_none() {
            self.reopen(context);
        }
        ticket
    }

    /// The answer to a poll says something.
    pub(super) fn heard_news(&mut self) {
        self.poll.has_news = true;
    }

    pub(super) fn ticket_failed(&mut self, context: &mut Context, failure: TicketFailure) {
        let Phase::Ticket { is_second, .. } = self.phase else { return };
        match failure {
            // Once more, because a session may be renewed by the first refusal.
            TicketFailure::SignedOut if !is_second => self.begin_with(context, true),
            TicketFailure::SignedOut => self.stop(StopReason::SignedOut),
            TicketFailure::Forbidden(why) => self.stop(StopReason::Forbidden(why)),
            TicketFailure::Busy { retry_after_ms } => self.wait(context, retry_after_ms),
            TicketFailure::Unreachable => self.wait(context, None),
        }
    }

    /// True when the socket is open now and wants a `hello`.
    pub(super) fn opened(&mut self, context: &Context) -> bool {
        let was_opening = matches!(self.phase, Phase::Opening { .. });
        if was_opening {
            let policy = &context.policy;
            let wait = if self.ways.is_upgrading { policy.upgrade_wait } else { policy.welcome_wait };
            self.phase = Phase::Greeting { deadline: context.now + wait };
        }
        was_opening
    }

    /// True for the first `welcome` of a connection or a poll.
    pub(super) fn welcomed(&mut self, context: &mut Context, beat: Millis) -> bool {
        let was_unanswered = std::mem::take(&mut self.poll.is_unanswered);
        let was_greeting = matches!(self.phase, Phase::Greeting { .. });
        if was_greeting {
            self.is_reopening = false;
            self.ways.welcomed();
            self.phase = Phase::Live(Liveness::new(context.now, beat));
            self.backoff.welcomed();
            self.standing = Standing::CatchingUp;
            context.live = Some(self.attempt);
        }
        was_greeting || was_unanswered
    }

    pub(super) fn heard(&mut self, now: Millis) {
        if let Phase::Live(liveness) = &mut self.phase {
            liveness.heard(now);
        }
    }

    /// The transport reports the end.
    pub(super) fn closed(&mut self, context: &mut Context, code: Option<u16>) {
        if self.has_socket() {
            // It may have been a command that could not be posted, and the stream may stand.
            if context.is_http {
                context.push(Output::Close { attempt: self.attempt });
            }
            self.ended(context, code, None);
        }
    }

    /// The server has said that it closes: that is the end, whatever the transport makes of it.
    pub(super) fn said_goodbye(&mut self, context: &mut Context, code: u16, hint: Option<Millis>) {
        if self.has_socket() {
            context.push(Output::Close { attempt: self.attempt });
            self.ended(context, Some(code), hint);
        }
    }

    /// Ends the connection from this side, for good.
    pub(super) fn stop_for(&mut self, context: &mut Context, reason: StopReason) {
        if self.has_socket() {
            context.push(Output::Close { attempt: self.attempt });
        }
        context.live = None;
        self.stop(reason);
    }

    /// Gives an attempt or a connection up that doesn't answer.
    fn give_up(&mut self, context: &mut Context) {
        if self.has_socket() {
            context.push(Output::Close { attempt: self.attempt });
        }
        self.ended(context, None, None);
    }

    fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Live(_))
    }

    fn ended(&mut self, context: &mut Context, code: Option<u16>, hint: Option<Millis>) {
        if self.greeted().is_some() {
            self.previous_close = code;
        }
        context.live = None;
        // A code of the server's got through, so it isn't the way that failed; unless it says that nothing came to it.
        let was_reached = code.is_some_and(|code| code >= 4000 && code != CloseCode::NoHello.code());
        if self.has_socket() && !matches!(self.phase, Phase::Live(_)) && !was_reached {
            let was_upgrading = self.ways.is_upgrading;
            self.ways.failed(context);
            if was_upgrading {
                // Back to what has worked, at once; a session goes on with it.
                return if self.is_reopening { self.begin_with(context, false) } else { self.begin(context) };
            }
        }
        match CloseCode::action(code) {
            CloseAction::Stop => self.stop(StopReason::of_close(code.unwrap_or_default())),
            CloseAction::NewTicket if !self.has_renewed => {
                self.has_renewed = true;
                self.begin(context);
            }
            CloseAction::NewTicket | CloseAction::Reconnect => self.wait(context, hint),
        }
    }

    fn stop(&mut self, reason: StopReason) {
        self.is_reopening = false;
        self.phase = Phase::Stopped(reason);
    }

    fn wait(&mut self, context: &mut Context, hint: Option<Millis>) {
        self.is_reopening = false;
        let delay = match hint {
            Some(hint) => self.backoff.hinted(context, hint),
            None => self.backoff.failed(context),
        };
        let delay = if self.is_online { delay } else { delay.max(slow_pace(context)) };
        let not_before = hint.map_or(0, |_| context.now + delay);
        self.phase = Phase::Waiting { until: context.now + delay, not_before };
    }

    pub(super) fn set_visible(&mut self, is_visible: bool) {
        self.is_visible = is_visible;
    }

    pub(super) fn set_online(&mut self, context: &mut Context, is_online: bool) {
        let was_online = std::mem::replace(&mut self.is_online, is_online);
        if was_online && !is_online {
            let slow = context.now + slow_pace(context);
            if let Phase::Waiting { until, .. } = &mut self.phase {
                *until = slow.max(*until);
            }
        }
    }

    /// The network may be another one, or the user asks: a WebSocket may get through now.
    pub(super) fn hope_for_socket(&mut self, context: &mut Context, is_asked: bool) {
        self.ways.hope(context, is_asked, self.session().is_some());
    }

    /// There is reason to hope: the network or the user is back. Spread a little, because a network comes back for
    /// many at once.
    pub(super) fn hasten(&mut self, context: &mut Context) {
        let jitter = context.random.between(0, context.policy.quick_jitter);
        let earliest = self.attempt_began + context.policy.quick_spacing;
        if let Phase::Waiting { until, not_before } = &mut self.phase {
            *until = (context.now + jitter).max(earliest).max(*not_before).min(*until);
        }
    }

    /// The user asks for it: also against the server's wish, and also after the end.
    pub(super) fn retry_now(&mut self, context: &mut Context) {
        let at = context.now.max(self.attempt_began + context.policy.quick_spacing);
        match &mut self.phase {
            Phase::Waiting { until, .. } => *until = at.min(*until),
            Phase::Stopped(_) => self.begin(context),
            _ => {}
        }
    }

    /// The page may have slept. True when a connection was silent long enough to be asked for a sign of life.
    pub(super) fn woke(&mut self, context: &mut Context) -> bool {
        let is_over = match &mut self.phase {
            Phase::Live(liveness) => liveness.is_over(context, self.is_visible, true),
            _ => false,
        };
        if is_over {
            self.give_up(context);
        }
        let is_silent = matches!(&self.phase, Phase::Live(liveness)
            if liveness.silence(context.now) >= context.policy.probe_after);
        if is_silent && context.is_http {
            // Over HTTP, nothing that is open can be asked.
            self.want_hello(context);
            return false;
        }
        // The answer to what waits behind other bytes would come late from the healthiest connection.
        is_silent && context.buffered == 0
    }

    /// A frame was sent that the server answers.
    pub(super) fn expects_answer(&mut self, context: &Context) {
        if let Phase::Live(liveness) = &mut self.phase {
            liveness.expect_by(context.now + context.policy.probe_wait);
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, context: &mut Context) {
        let is_over = match &mut self.phase {
            Phase::Idle | Phase::Stopped(_) => false,
            Phase::Ticket { deadline, .. } | Phase::Opening { deadline } | Phase::Greeting { deadline } => {
                *deadline <= context.now
            }
            Phase::Live(liveness) => liveness.is_over(context, self.is_visible, false),
            Phase::Waiting { until, .. } if *until <= context.now => return self.begin(context),
            Phase::Waiting { .. } => false,
        };
        if is_over {
            self.give_up(context);
        } else if matches!(self.phase, Phase::Live(_))
            && matches!(self.standing, Standing::CaughtUp { stable_at } if stable_at <= context.now)
        {
            self.standing = Standing::Stable;
            self.has_renewed = false;
            self.backoff.stable();
        }
    }

    /// All logs are where `welcome` said that they are.
    pub(super) fn caught_up(&mut self, context: &Context) {
        self.standing = Standing::CaughtUp { stable_at: context.now + context.policy.stable_after };
    }

    /// True while it still matters whether the client has caught up.
    pub(super) fn is_catching_up(&self) -> bool {
        matches!((&self.phase, &self.standing), (Phase::Live(_), Standing::CatchingUp))
    }

    pub(super) fn next_timeout(&self, context: &Context) -> Option<Millis> {
        match &self.phase {
            Phase::Idle | Phase::Stopped(_) => None,
            Phase::Ticket { deadline, .. } | Phase::Opening { deadline } | Phase::Greeting { deadline } => {
                Some(*deadline)
            }
            Phase::Waiting { until, .. } => Some(*until),
            Phase::Live(liveness) => {
                let deadline = liveness.deadline(&context.policy, self.is_visible);
                let stable_at = match self.standing {
                    Standing::CaughtUp { stable_at } => Some(stable_at),
                    Standing::CatchingUp | Standing::Stable => None,
                };
                // One that has passed waits for idleness, which comes with an input.
                let upgrade_at = self.ways.upgrade_at().filter(|at| *at > context.now);
                [Some(deadline), stable_at, self.reopen_at, upgrade_at].into_iter().flatten().min()
            }
        }
    }

    /// What the page shows; `wall` turns the client's time into the wall clock's.
    pub(super) fn connection(&self, context: &Context, wall: impl Fn(Millis) -> Millis) -> Connection {
        match &self.phase {
            _ if self.is_reopening => Connection::Live,
            Phase::Idle => Connection::Idle,
            Phase::Ticket { .. } | Phase::Opening { .. } | Phase::Greeting { .. } => Connection::Connecting,
            Phase::Live(_) => Connection::Live,
            Phase::Waiting { .. } if !self.is_online => Connection::Offline,
            Phase::Waiting { until, .. } if self.backoff.is_degraded(context) => {
                Connection::Degraded { until: wall(*until) }
            }
            Phase::Waiting { until, .. } => {
                Connection::Waiting { until: wall(*until), attempts: self.backoff.unwelcome() }
            }
            Phase::Stopped(reason) => Connection::Stopped(reason.clone()),
        }
    }
}
