//! Who may do what: one row per command, and the only place that knows. `PROTOCOL.md` has the same table for people, and
//! a test tries every cell of it on a real server.

use app::protocol::{Command, Failure, FailureCode, MessageId, Role, RoomKind};
use app::texts;

use super::refusals::{archived, bad_state, forbidden};
use crate::store::Standing;

/// Who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Also somebody who is not a member.
    Anybody,
    /// Members, from this role on.
    From(Role),
    /// Members with what is theirs: a message of their own, or a reply to it. From this role on with anybody's.
    OwnOrFrom(Role),
}

/// What the message that a command names has to be, so that it can be somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Nothing,
    Message,
    /// One that a person wrote.
    Said,
    /// One of the AI's.
    Reply,
}

/// In which kinds of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    All,
    /// Where the people can change.
    Group,
    NotSolo,
    NotDirect,
    /// Where there are branches.
    Solo,
}

/// Whether also in an archived room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Archived {
    Yes,
    No,
    /// Only to bring it back.
    Back,
}

/// By which limit it is counted; all are by that of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    AsCommand,
    AsMessage,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    kind: &'static str,
    pub(super) who: Who,
    pub(super) about: About,
    places: Where,
    archived: Archived,
    counted: Counted,
}

const fn rule(
    kind: &'static str,
    who: Who,
    about: About,
    places: Where,
    archived: Archived,
    counted: Counted,
) -> Rule {
    Rule { kind, who, about, places, archived, counted }
}

const GUEST: Who = Who::From(Role::Guest);
const MEMBER: Who = Who::From(Role::Member);
const ADMIN: Who = Who::From(Role::Admin);
const OWNER: Who = Who::From(Role::Owner);

#[rustfmt::skip]
const RULES: &[Rule] = &[
    //   command             who                            about           where             archived        counted
    // The hub answers these; it lets members alone follow a room, and takes texts only of rooms that are followed.
    rule("room:subscribe",   Who::Anybody,                  About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("room:unsubscribe", Who::Anybody,                  About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("chat:resume",      Who::Anybody,                  About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),

    rule("room:create",      Who::Anybody,                  About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("room:rename",      ADMIN,                         About::Nothing, Where::NotDirect, Archived::No,   Counted::AsCommand),
    rule("room:change",      ADMIN,                         About::Nothing, Where::All,       Archived::Back, Counted::AsCommand),
    rule("room:delete",      OWNER,                         About::Nothing, Where::NotDirect, Archived::Yes,  Counted::AsCommand),

    rule("room:leave",       GUEST,                         About::Nothing, Where::NotSolo,   Archived::Yes,  Counted::AsCommand),
    rule("room:add",         ADMIN,                         About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),
    rule("room:remove",      ADMIN,                         About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),
    rule("room:role",        ADMIN,                         About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),
    rule("room:invite",      ADMIN,                         About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),
    rule("room:revoke",      ADMIN,                         About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),
    // Whoever has an invitation that is good.
    rule("room:join",        Who::Anybody,                  About::Nothing, Where::Group,     Archived::No,   Counted::AsCommand),

    rule("room:read",        GUEST,                         About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("room:unread",      GUEST,                         About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("room:notify",      GUEST,                         About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),
    rule("room:pin",         GUEST,                         About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),

    // For themselves, wherever they are.
    rule("user:change",      GUEST,                         About::Nothing, Where::All,       Archived::Yes,  Counted::AsCommand),

    rule("chat:message",     GUEST,                         About::Nothing, Where::All,       Archived::No,   Counted::AsMessage),
    // It changes nothing that was said.
    rule("chat:branch",      GUEST,                         About::Nothing, Where::Solo,      Archived::Yes,  Counted::AsCommand),
    rule("chat:edit",        Who::OwnOrFrom(Role::Admin),   About::Said,    Where::All,       Archived::No,   Counted::AsMessage),
    rule("chat:delete",      Who::OwnOrFrom(Role::Admin),   About::Message, Where::All,       Archived::No,   Counted::AsCommand),
    rule("chat:react",       GUEST,                         About::Nothing, Where::All,       Archived::No,   Counted::AsCommand),
    rule("chat:pin",         MEMBER,                        About::Nothing, Where::All,       Archived::No,   Counted::AsCommand),
    rule("chat:stop",        Who::OwnOrFrom(Role::Member),  About::Reply,   Where::All,       Archived::No,   Counted::AsCommand),
    rule("chat:retry",       Who::OwnOrFrom(Role::Member),  About::Reply,   Where::All,       Archived::No,   Counted::AsMessage),
    rule("chat:continue",    Who::OwnOrFrom(Role::Member),  About::Reply,   Where::All,       Archived::No,   Counted::AsMessage),
];

/// The rule for a command; `None` for one that was forgotten here, which nobody may do then.
pub(super) fn of(command: &Command) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.kind == command.kind())
}

impl Rule {
    pub(super) fn counts_as_message(&self) -> bool {
        self.counted == Counted::AsMessage
    }

    /// Whether it can be done in a room like this at all.
    pub(super) fn fits(&self, standing: &Standing, command: &Command) -> Result<(), Failure> {
        let is_here = match self.places {
            Where::All => true,
            Where::Group => standing.kind == RoomKind::Group,
            Where::NotSolo => standing.kind != RoomKind::Solo,
            Where::NotDirect => standing.kind != RoomKind::Direct,
            Where::Solo => standing.kind == RoomKind::Solo,
        };
        if !is_here {
            return Err(bad_state(match standing.kind {
                _ if self.places == Where::Solo => texts::server::only_solo_versions(),
                RoomKind::Solo => texts::server::only_with_kimi(),
                _ => texts::server::only_two(),
            }));
        }
        let is_back = matches!(command, Command::ChangeRoom { is_archived: Some(false), .. });
        let is_now = match self.archived {
            Archived::Yes => true,
            Archived::No => !standing.is_archived,
            Archived::Back => !standing.is_archived || is_back,
        };
        if is_now { Ok(()) } else { Err(archived()) }
    }

    /// Whether somebody of this role may do it, with what is theirs or with anybody's.
    pub(super) fn allows(&self, role: Role, is_own: bool) -> Result<(), Failure> {
        let (least, is_others) = match self.who {
            Who::Anybody => return Ok(()),
            Who::From(least) => (least, false),
            Who::OwnOrFrom(_) if is_own => return Ok(()),
            Who::OwnOrFrom(least) => (least, true),
        };
        if role >= least {
            return Ok(());
        }
        Err(forbidden(match (least, is_others) {
            (Role::Owner, _) => texts::server::only_owner(),
            (Role::Admin, false) => texts::server::only_admins(),
            (Role::Admin, true) => texts::server::only_admins_others(),
            (Role::Guest | Role::Member, false) => texts::server::not_guests(),
            (Role::Guest | Role::Member, true) => texts::server::not_guests_others(),
        }))
    }
}

/// Whether somebody of this role may give, or make an invitation for, another: only one below their own.
pub(super) fn may_give(role: Role, given: Role) -> Result<(), Failure> {
    if given < role {
        return Ok(());
    }
    Err(Failure::new(FailureCode::Forbidden, texts::server::only_lower_roles()))
}

/// The message that a command names.
pub(super) fn message(command: &Command) -> Option<MessageId> {
    match command {
        Command::EditMessage { message, .. }
        | Command::DeleteMessage { message, .. }
        | Command::React { message, .. }
        | Command::Pin { message, .. }
        | Command::StopRun { message, .. }
        | Command::RetryRun { message, .. }
        | Command::ContinueRun { message, .. } => Some(*message),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_one_rule() {
        for kind in Command::KINDS {
            assert_eq!(RULES.iter().filter(|rule| rule.kind == *kind).count(), 1, "{kind}");
        }
        assert_eq!(RULES.len(), Command::KINDS.len());
    }
}
