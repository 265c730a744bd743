//! What is said when a command is refused: a code for programs, and one sentence for people that says what to do.

use std::time::Duration;

use app::protocol::{Failure, FailureCode, Limits};

use super::internal;
use crate::store::{self, Refusal};

pub(super) fn too_many(wait: Duration) -> Failure {
    // Rounded up: a wait of 0 would be an invitation to hammer.
    let milliseconds = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
    Failure {
        retry_after_ms: Some(milliseconds.max(1)),
        ..Failure::new(FailureCode::RateLimited, "That was a lot at once. It goes on in a moment.")
    }
}

pub(super) fn room_not_found() -> Failure {
    Failure::new(FailureCode::RoomNotFound, "There is no such conversation. It may have been deleted.")
}

pub(super) fn message_not_found() -> Failure {
    Failure::new(FailureCode::MessageNotFound, "There is no such message in this room.")
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
        store::Error::IdentifierTaken => bad_state("This identifier is in use. Use a new one."),
        store::Error::QueueFull => limit(format!(
            "Kimi has {} replies to write in this room already. Wait for one of them, or stop one.",
            Limits::QUEUED_RUNS_PER_ROOM
        )),
        // The room went away between the check and the writing.
        store::Error::NotFound => room_not_found(),
        store::Error::Refused(refusal) => described(refusal),
        other => internal(other),
    }
}

fn described(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::NoMessage => message_not_found(),
        Refusal::Deleted => bad_state("This message was deleted."),
        Refusal::Running => bad_state("Kimi is still writing this reply. Stop it first."),
        Refusal::NotMember => {
            Failure::new(FailureCode::PersonNotFound, "This person is not in the room. They may have left.")
        }
        Refusal::AlreadyMember => {
            bad_state("This person is in the room already. Change their role in the list of members.")
        }
        Refusal::NotBelow => {
            forbidden("You can do that only with people whose role is lower than yours. Ask the owner.")
        }
        Refusal::RoleLost => forbidden("Your role in this room has just changed. Load the page again."),
        Refusal::Owner => bad_state("You own this room. Hand it over first, or delete it."),
        Refusal::RoomFull => limit("The room has as many people as a room may have. Remove somebody first."),
        Refusal::Archived => archived(),
        Refusal::BadInvite => Failure::new(
            FailureCode::BadInvite,
            "This invitation was revoked, has expired, or is used up. Ask for a new one.",
        ),
        Refusal::TooManyInvites => limit(format!(
            "The room has {} invitations that can be used. Revoke one first.",
            Limits::INVITES_PER_ROOM
        )),
        Refusal::TooManyReactions => limit(format!(
            "A message has at most {} different reactions. Use one of those.",
            Limits::REACTIONS_PER_MESSAGE
        )),
        Refusal::TooManyPins => limit(format!(
            "A room has at most {} pinned messages. Take one down first.",
            Limits::PINS_PER_ROOM
        )),
        Refusal::TooManyVersions => {
            limit(format!("There are {} versions of this already. Go on from one of them.", Limits::VERSIONS))
        }
        Refusal::Pair(first) => Failure {
            room: Some(first),
            ..bad_state("You have a conversation with this person already. Go on there.")
        },
    }
}

pub(super) fn archived() -> Failure {
    bad_state("This room is archived. Bring it back first, or ask an admin to.")
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
