//! Invitations: links that expire, are used up or are revoked, and then say nothing of the room.

use app::protocol::{Command, FailureCode, InviteId, Limits, Role, RoomId};

use crate::support::{Person, TestServer, new_room};

async fn invite(person: &mut Person, room: RoomId, role: Role, uses: Option<u32>) -> InviteId {
    InviteId(person.does_twice(Command::Invite { room, role, lifetime_ms: None, uses }).await.0)
}

#[tokio::test]
async fn a_link_lets_people_in_until_it_is_used_up() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let room = ana.group(&[]).await;
    ana.says(room, "Before").await;
    let invite = invite(&mut ana, room, Role::Guest, Some(1)).await;
    let join = Command::Join { room, invite };
    let id = budi.does_twice(join.clone()).await;
    let heard = budi.hears(room, |room| room.members == 2).await;
    assert_eq!((heard.role, heard.unread, heard.title.as_str()), (Role::Guest, 0, "Harvest"));
    ana.hears(room, |room| room.members == 2).await;
    // Whoever is in it needs it no more.
    budi.does(join.clone()).await.unwrap();
    ana.does(join.clone()).await.unwrap();
    let refused = citra.does(join.clone()).await.unwrap_err();
    assert_eq!((refused.code, refused.room), (FailureCode::BadInvite, Some(room)));
    // A command that comes again after somebody has left does not bring them back.
    budi.does(Command::LeaveRoom { room }).await.unwrap();
    budi.socket.give_as(id, join).await;
    budi.socket.answer(id).await.unwrap();
    assert_eq!(budi.listed(room).await, None);
    assert_eq!(server.count("select count(*) from members").await, 1);
}

#[tokio::test]
async fn a_link_that_was_revoked_or_has_expired_or_is_of_another_room_is_no_good() {
    let server = TestServer::start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let (room, other) = (ana.group(&[]).await, ana.group(&[]).await);
    let revoked = invite(&mut ana, room, Role::Member, None).await;
    ana.does_twice(Command::RevokeInvite { room, invite: revoked }).await;
    let expired = invite(&mut ana, room, Role::Member, None).await;
    server.change("update invites set expires_at = 1".to_owned()).await;
    let good = invite(&mut ana, room, Role::Member, None).await;
    for (room, invite) in [(room, revoked), (room, expired), (other, good), (new_room(), good)] {
        let refused = budi.does(Command::Join { room, invite }).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::BadInvite);
        assert!(refused.message.starts_with("This invitation was revoked"), "{refused:?}");
    }
    // An archived room takes nobody in, and then it does again.
    let archive = |is_archived| Command::ChangeRoom {
        room,
        topic: None,
        kimi: None,
        model: None,
        thinking: None,
        instructions: None,
        is_archived: Some(is_archived),
    };
    ana.does(archive(true)).await.unwrap();
    let refused = budi.does(Command::Join { room, invite: good }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadState);
    ana.does(archive(false)).await.unwrap();
    budi.does(Command::Join { room, invite: good }).await.unwrap();
}

#[tokio::test]
async fn what_an_invitation_may_be_is_bounded() {
    let server = TestServer::start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.group(&[]).await;
    let wish = |role, lifetime_ms, uses| Command::Invite { room, role, lifetime_ms, uses };
    for (command, code) in [
        (wish(Role::Member, Some(0), None), FailureCode::BadInput),
        (wish(Role::Member, Some(Limits::INVITE_LIFETIME_MS + 1), None), FailureCode::BadInput),
        (wish(Role::Member, None, Some(0)), FailureCode::BadInput),
        (wish(Role::Owner, None, None), FailureCode::Forbidden),
    ] {
        assert_eq!(ana.does(command).await.unwrap_err().code, code);
    }
    for _ in 0..Limits::INVITES_PER_ROOM {
        ana.does(wish(Role::Member, Some(Limits::INVITE_LIFETIME_MS), Some(1))).await.unwrap();
    }
    let refused = ana.does(wish(Role::Member, None, None)).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::LimitReached);
    // One that is used up makes room.
    server
        .change("update invites set uses_left = 0 where id = (select min(id) from invites)".to_owned())
        .await;
    ana.does(wish(Role::Member, None, None)).await.unwrap();
}
