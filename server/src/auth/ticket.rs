//! Tickets: one-time secrets, valid for seconds, that open one connection. They keep the session's cookie out of
//! the socket's handshake, where a browser can't see why it was refused.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::session::{self, SecretHash};
use crate::hub::Caller;

/// Tickets that wait to be used; beyond it the oldest are worth nothing any more anyway.
const WAITING: usize = 20_000;

#[derive(Debug)]
pub struct Tickets {
    lifetime: Duration,
    waiting: Mutex<HashMap<SecretHash, Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    caller: Caller,
    until: Instant,
}

/// Too many tickets wait.
#[derive(Clone, Copy, Debug)]
pub struct Full;

impl Tickets {
    pub fn new(lifetime: Duration) -> Self {
        Self { lifetime, waiting: Mutex::default() }
    }

    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub fn issue(&self, caller: Caller) -> Result<String, Full> {
        let secret = session::new_secret().map_err(|_| Full)?;
        let now = Instant::now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING {
            waiting.retain(|_, ticket| ticket.until > now);
            if waiting.len() >= WAITING {
                return Err(Full);
            }
        }
        waiting.insert(session::hash(&secret), Waiting { caller, until: now + self.lifetime });
        Ok(secret)
    }

    /// Somebody is about to come.
    pub fn is_any_waiting(&self) -> bool {
        let now = Instant::now();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).values().any(|ticket| ticket.until > now)
    }

    /// Uses up a ticket; `None` when it is unknown, used or expired.
    pub fn redeem(&self, secret: &str) -> Option<Caller> {
        let ticket =
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&session::hash(secret))?;
        (ticket.until > Instant::now()).then_some(ticket.caller)
    }
}

#[cfg(test)]
mod tests {
    use app::protocol::UserId;

    use super::*;

    fn caller() -> Caller {
        Caller { user: UserId(uuid::Uuid::nil()), name: "Ana".to_owned(), session: [0; 32], told_at: None }
    }

    #[test]
    fn a_ticket_opens_once() {
        let tickets = Tickets::new(Duration::from_mins(1));
        let secret = tickets.issue(caller()).unwrap();
        assert!(tickets.redeem("something else").is_none());
        assert!(tickets.redeem(&secret).is_some());
        assert!(tickets.redeem(&secret).is_none());
    }

    #[test]
    fn an_expired_ticket_opens_nothing() {
        let tickets = Tickets::new(Duration::ZERO);
        let secret = tickets.issue(caller()).unwrap();
        assert!(tickets.redeem(&secret).is_none());
    }
}
