//! The server over real sockets: a whole server on a loopback port, its own database, and the simulator as its model.
//!
//! One binary for all surfaces, because each binary links the whole server. `support` is also what the load and chaos
//! tools are built from.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "sockets/accounts.rs"]
mod accounts;
#[path = "sockets/branches.rs"]
mod branches;
#[path = "sockets/changes.rs"]
mod changes;
#[path = "sockets/configuration.rs"]
mod configuration;
#[path = "sockets/conformance.rs"]
mod conformance;
#[path = "sockets/continuing.rs"]
mod continuing;
#[path = "sockets/drain.rs"]
mod drain;
#[path = "sockets/exactly_once.rs"]
mod exactly_once;
#[path = "sockets/fallbacks.rs"]
mod fallbacks;
#[path = "sockets/forms_of_rooms.rs"]
mod forms_of_rooms;
#[path = "sockets/frames.rs"]
mod frames;
#[path = "sockets/invites.rs"]
mod invites;
#[path = "sockets/kimi_as_a_member.rs"]
mod kimi_as_a_member;
#[path = "sockets/language.rs"]
mod language;
#[path = "sockets/messages.rs"]
mod messages;
#[path = "sockets/models.rs"]
mod models;
#[path = "sockets/naming.rs"]
mod naming;
#[path = "sockets/paging.rs"]
mod paging;
#[path = "sockets/people.rs"]
mod people;
#[path = "sockets/permissions.rs"]
mod permissions;
#[path = "sockets/presence.rs"]
mod presence;
#[path = "sockets/resume.rs"]
mod resume;
#[path = "sockets/rich.rs"]
mod rich;
#[path = "sockets/rooms.rs"]
mod rooms;
#[path = "sockets/runs.rs"]
mod runs;
#[path = "sockets/self_healing.rs"]
mod self_healing;
#[path = "sockets/slow_reader.rs"]
mod slow_reader;
#[path = "sockets/state_equals_events.rs"]
mod state_equals_events;
#[path = "sockets/stops.rs"]
mod stops;
#[path = "sockets/stress.rs"]
mod stress;
#[path = "sockets/support.rs"]
mod support;
#[path = "sockets/take_over.rs"]
mod take_over;
#[path = "sockets/theme.rs"]
mod theme;
#[path = "sockets/ticket_and_origin.rs"]
mod ticket_and_origin;
#[path = "sockets/tools.rs"]
mod tools;
#[path = "sockets/typing.rs"]
mod typing;
#[path = "sockets/unread.rs"]
mod unread;
