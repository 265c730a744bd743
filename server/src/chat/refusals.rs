//! What is said when a command is refused: a code for programs, and one sentence for people that says what to do.

use std::time::Duration;

use app::protocol::{Failure, FailureCode, Limits};
use app::texts;

use super::internal;
use crate::store::{self, Refusal};

pub(super) fn too_many(wait: Duration) -> Failure {
    // Rounded up: a wait of 0 would be an invitation to hammer.
    let milliseconds = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
    Failure {
        retry_after_ms: Some(milliseconds.max(1)),
        ..Failure::new(FailureCode::RateLimited, texts::server::too_many())
    }
}

pub(super) fn room_not_found() -> Failure {
    Failure::new(FailureCode::RoomNotFound, texts::server::no_room())
}

pub(super) fn message_not_found() -> Failure {
    Failure::new(FailureCode::MessageNotFound, texts::server::no_message())
}

pub(super) fn bad_state(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::BadState, message)
}

pub(super) fn bad_input(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::BadInput, message)
}

pub(super) fn forbidden(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Forbidden, message)
}

/// What the store refused, in words. Where it broke, the words say no more than that.
pub(super) fn refused(error: store::Error) -> Failure {
    match error {
        store::Error::IdentifierTaken => bad_state(texts::server::identifier_taken()),
        store::Error::QueueFull => limit(texts::server::queue_full(Limits::QUEUED_RUNS_PER_ROOM as u64)),
        // The room went away between the check and the writing.
        store::Error::NotFound => room_not_found(),
        store::Error::Refused(refusal) => described(refusal),
        other => internal(other),
    }
}

fn described(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::NoMessage => message_not_found(),
        Refusal::Deleted => bad_state(texts::server::message_deleted()),
        Refusal::Running => bad_state(texts::server::still_writing()),
        Refusal::NotMember => Failure::new(FailureCode::PersonNotFound, texts::server::not_member()),
        Refusal::AlreadyMember => bad_state(texts::server::already_member()),
        Refusal::NotBelow => forbidden(texts::server::not_below()),
        Refusal::RoleLost => forbidden(texts::server::role_lost()),
        Refusal::Owner => bad_state(texts::server::you_own_it()),
        Refusal::RoomFull => limit(texts::server::room_full()),
        Refusal::Archived => archived(),
        Refusal::BadInvite => Failure::new(FailureCode::BadInvite, texts::server::bad_invite()),
        Refusal::TooManyInvites => limit(texts::server::invites_limit(Limits::INVITES_PER_ROOM as u64)),
        Refusal::TooManyReactions => {
            limit(texts::server::reactions_limit(Limits::REACTIONS_PER_MESSAGE as u64))
        }
        Refusal::TooManyPins => limit(texts::server::pins_limit(Limits::PINS_PER_ROOM as u64)),
        Refusal::TooManyVersions => limit(texts::server::versions_limit(Limits::VERSIONS as u64)),
        Refusal::Pair(first) => Failure { room: Some(first), ..bad_state(texts::server::pair_exists()) },
    }
}

pub(super) fn archived() -> Failure {
    bad_state(texts::server::archived())
}

pub(super) fn limit(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::LimitReached, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_said_to_be_nothing() {
        for (wait, told) in [(0, 1), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (50_000, 50)] {
            assert_eq!(too_many(Duration::from_micros(wait)).retry_after_ms, Some(told), "{wait} µs");
        }
    }
}
