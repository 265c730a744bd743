//! The pages about rooms and their forms, as a browser without JavaScript uses them.

use app::protocol::{MessageId, RoomId};

use crate::support::{Account, Answer, TestServer, new_room};

/// A page, read by somebody.
async fn get(account: &Account, path: &str) -> Answer {
    account.visitor.get(path, &[("cookie", &account.cookie)]).await
}

async fn form(account: &Account, form: &str, fields: &[(&str, &str)]) -> Answer {
    account.post(&format!("/forms/{form}"), &[], fields).await
}

/// A form about a room.
async fn room_form(account: &Account, form: &str, room: RoomId, fields: &[(&str, &str)]) -> Answer {
    let room = room.to_string();
    let mut all = vec![("room", room.as_str())];
    all.extend(fields);
    account.post(&format!("/forms/room/{form}"), &[], &all).await
}

/// The page that was led to, with what it tells once.
async fn follow(account: &Account, answer: &Answer) -> Answer {
    let cookies = match answer.set_cookie("sitespark_done") {
        Some(cookie) => format!("{}; {}", account.cookie, cookie.split(';').next().unwrap()),
        None => account.cookie.clone(),
    };
    let location = answer.location().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    let path = location.split('#').next().unwrap();
    account.visitor.get(path, &[("cookie", &cookies)]).await
}

fn details(room: RoomId) -> String {
    format!("/room/{room}/details")
}

/// A group of Ana's, made by the form.
async fn group(ana: &Account, title: &str, people: &str) -> RoomId {
    let fields = [("kind", "group"), ("title", title), ("people", people), ("kimi", "mentioned")];
    let answer = form(ana, "rooms", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    RoomId::parse(answer.location().unwrap().strip_prefix("/room/").unwrap()).unwrap()
}

/// An identifier that the page holds after these words.
fn after<'a>(page: &'a str, words: &str) -> &'a str {
    let (_, rest) = page.split_once(words).unwrap_or_else(|| panic!("no {words} in {page}"));
    &rest[..36]
}

fn shows(answer: &Answer, words: &str) {
    assert!(answer.body.contains(words), "no {words:?} in {}", answer.body);
}

fn hides(answer: &Answer, words: &str) {
    assert!(!answer.body.contains(words), "{words:?} in {}", answer.body);
}

const MALICE: &str = "<script>alert(1)</script>\"'&";

#[tokio::test]
async fn a_group_begins_with_its_people_and_its_mode_of_kimi() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    server.account("Cy").await;
    let page = get(&ana, "/rooms/new").await;
    assert_eq!(page.status, 200);
    hides(&page, "<script");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    let room = after(&page.body, "name=\"room\" value=\"").to_owned();
    let fields = [
        ("room", room.as_str()),
        ("kind", "group"),
        ("title", "Plans"),
        ("people", "ben, CY@example.org\r\n"),
        ("kimi", "silent"),
    ];
    // Twice, as a second click would: once.
    for _ in 0..2 {
        let answer = form(&ana, "rooms", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, Some(format!("/room/{room}").as_str())));
    }
    assert_eq!(server.count("select count(*) from rooms").await, 1);
    assert_eq!(server.count("select count(*) from members where role = 'member'").await, 2);
    let page = get(&ben, &details(RoomId::parse(&room).unwrap())).await;
    assert_eq!(page.status, 200);
    for words in ["Plans", "Group · 3 people", "Kimi does not answer", "Ana", "Owner", "Ben (you)", "Cy"] {
        let text = page.body.replace("<!>", "");
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn a_refused_new_room_says_why_and_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let nobody = [("kind", "group"), ("title", "Plans"), ("people", "Zoe"), ("kimi", "always")];
    let long = "x".repeat(300);
    for (fields, kept) in [
        (nobody, "Zoe"),
        ([("kind", "group"), ("title", &long), ("people", ""), ("kimi", "silent")], &long),
        ([("kind", "direct"), ("title", ""), ("people", ""), ("kimi", "silent")], "exactly one person"),
        ([("kind", "direct"), ("title", ""), ("people", "Ben, Cy"), ("kimi", "silent")], "Ben, Cy"),
        ([("kind", "direct"), ("title", ""), ("people", "Ana"), ("kimi", "silent")], "Ana"),
        ([("kind", "solo"), ("title", "Kept"), ("people", ""), ("kimi", "silent")], "Kept"),
        ([("kind", "group"), ("title", "Kept"), ("people", MALICE), ("kimi", "silent")], "&lt;script&gt;"),
    ] {
        let answer = form(&ana, "rooms", &fields).await;
        assert!((400..500).contains(&answer.status), "{fields:?}: {}", answer.status);
        shows(&answer, "role=\"alert\"");
        shows(&answer, "<title>Error: New room");
        shows(&answer, kept);
        hides(&answer, "<script>alert");
    }
    assert_eq!(server.count("select count(*) from rooms").await, 0);
}

#[tokio::test]
async fn two_people_have_one_direct_room() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let with = |name| [("kind", "direct"), ("title", "ignored"), ("people", name), ("kimi", "mentioned")];
    let first = form(&ana, "rooms", &with("Ben")).await;
    assert_eq!(first.status, 303, "{}", first.body);
    for (account, other) in [(&ana, "ben@example.org"), (&ben, "Ana")] {
        let again = form(account, "rooms", &with(other)).await;
        assert_eq!((again.status, again.location()), (303, first.location()));
    }
    assert_eq!(server.count("select count(*) from rooms").await, 1);
    let page = get(&ben, &format!("{}/details", first.location().unwrap())).await;
    shows(&page, "<h1>Ana</h1>");
    for absent in
        ["/forms/room/add", "/forms/room/rename", "/forms/room/invite", "/forms/room/delete", "?member="]
    {
        hides(&page, absent);
    }
    shows(&page, "/forms/room/leave");
}

#[tokio::test]
async fn the_details_offer_what_the_role_allows() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let room = group(&ana, "Plans", "").await;
    let always = ["/forms/room/notify", "type=\"date\""];
    let admins = [
        "/forms/room/rename",
        "/forms/room/change",
        "/forms/room/archive",
        "/forms/room/add",
        "/forms/room/invite",
        "?member=",
    ];
    for (name, role, is_admin) in [("Gus", "guest", false), ("Mia", "member", false), ("Ada", "admin", true)]
    {
        let account = server.account(name).await;
        server.add_member(room, name, role).await;
        let page = get(&account, &details(room)).await;
        assert_eq!(page.status, 200);
        for offer in always.iter().chain(&["/forms/room/leave"]) {
            shows(&page, offer);
        }
        for offer in admins {
            assert_eq!(page.body.contains(offer), is_admin, "{name} {offer}");
        }
        hides(&page, "/forms/room/delete");
    }
    let page = get(&ana, &details(room)).await;
    for offer in always.iter().chain(&admins).chain(&["/forms/room/delete", "hand it over"]) {
        shows(&page, offer);
    }
    hides(&page, "/forms/room/leave");
    // Of one member at a time.
    let mia = after(&page.body[page.body.find("Mia").unwrap()..], "?member=").to_owned();
    let page = get(&ana, &format!("{}?member={mia}", details(room))).await;
    for (form, count) in [("role", 1), ("remove", 1), ("hand-over", 1)] {
        assert_eq!(page.body.matches(&format!("/forms/room/{form}\"")).count(), count, "{form}");
    }
    let stranger = server.account("Sam").await;
    assert_eq!(get(&stranger, &details(room)).await.status, 404);
    assert_eq!(get(&stranger, &details(new_room())).await.status, 404);
    assert_eq!(get(&ana, "/room/nonsense/details").await.status, 404);
}

#[tokio::test]
async fn settings_are_changed_and_kept() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let room = group(&ana, "Plans", "Ben").await;
    let answer = room_form(&ana, "rename", room, &[("title", MALICE)]).await;
    assert_eq!(answer.location(), Some(format!("{}#settings", details(room)).as_str()));
    shows(&follow(&ana, &answer).await, "The room has its new name.");
    let fields = [
        ("topic", "<b>topic</b>"),
        ("kimi", "silent"),
        ("model", " kimi-k2.6 "),
        ("thinking", "off"),
        ("instructions", "Be </textarea><script>\r\nbrief."),
    ];
    let answer = room_form(&ana, "change", room, &fields).await;
    let page = follow(&ana, &answer).await;
    for words in [
        "The settings are saved.",
        "&lt;b&gt;topic&lt;/b&gt;",
        "value=\"kimi-k2.6\" selected>kimi-k2.6 (256K tokens, thinks first, sees images)</option>",
        "value=\"off\" selected>Not at all</option>",
        "Kimi does not answer",
    ] {
        shows(&page, words);
    }
    shows(&page, "&lt;/textarea&gt;&lt;script&gt;\nbrief.");
    shows(&page, "&lt;script&gt;alert(1)&lt;/script&gt;");
    hides(&page, "<script");
    hides(&page, "<b>topic");
    // Told once.
    hides(&get(&ana, &details(room)).await, "The settings are saved.");
    // Somebody who may not change them is told.
    let page = get(&ben, &details(room)).await;
    shows(&page, "The model is kimi-k2.6.");
    hides(&page, "<script");
    let answer = room_form(&ben, "change", room, &[("topic", "mine")]).await;
    assert_eq!(answer.status, 403);
    shows(&answer, "Only admins of the room can do that");
    for (field, value) in
        [("topic", "x".repeat(251)), ("instructions", "é".repeat(4_097)), ("model", "no model".to_owned())]
    {
        let answer = room_form(&ana, "change", room, &[(field, &value), ("kimi", "always")]).await;
        assert_eq!(answer.status, 400, "{field}");
        if field != "model" {
            shows(&answer, &value);
        }
        shows(&answer, "<title>Error: About");
        shows(&answer, &format!("id=\"change-{field}-hint\" role=\"alert\""));
    }
    let answer = room_form(&ana, "rename", room, &[("title", "\u{200b}")]).await;
    assert_eq!(answer.status, 400);
    shows(&answer, "id=\"rename-title\"");
    assert_eq!(
        server.count("select count(*) from rooms where kimi = 'silent' and topic = '<b>topic</b>'").await,
        1
    );
    let answer = room_form(&ben, "notify", room, &[("notify", "all")]).await;
    shows(&follow(&ben, &answer).await, "Your choice is saved.");
    assert_eq!(server.count("select count(*) from members where notify = 'all'").await, 1);
}

#[tokio::test]
async fn people_come_change_and_go() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let (ben, cy) = (server.account("Ben").await, server.account("Cy").await);
    let room = group(&ana, "Plans", "").await;
    let answer = room_form(&ana, "add", room, &[("who", " ben "), ("role", "admin")]).await;
    let page = follow(&ana, &answer).await;
    shows(&page, "They are in the room now.");
    let ben_id = after(&page.body, "?member=").to_owned();
    // An admin adds somebody, and nobody twice.
    assert_eq!(
        room_form(&ben, "add", room, &[("who", "cy@example.org"), ("role", "guest")]).await.status,
        303
    );
    for who in ["Zoe", "", "Cy"] {
        let answer = room_form(&ben, "add", room, &[("who", who), ("role", "member")]).await;
        assert!((400..500).contains(&answer.status), "{who}: {}", answer.status);
        shows(&answer, "role=\"alert\"");
    }
    // Who has no right changes nothing, whatever the page did not offer.
    for (form, fields) in [
        ("add", vec![("who", "Ben"), ("role", "member")]),
        ("role", vec![("user", ben_id.as_str()), ("role", "guest")]),
        ("remove", vec![("user", ben_id.as_str())]),
        ("hand-over", vec![("user", ben_id.as_str())]),
        ("invite", vec![("role", "member"), ("hours", "1"), ("uses", "")]),
        ("delete", vec![]),
    ] {
        let answer = room_form(&cy, form, room, &fields).await;
        assert_eq!(answer.status, 403, "{form}");
        shows(&answer, "role=\"alert\"");
    }
    assert_eq!(server.count("select count(*) from members").await, 3);
    assert_eq!(server.count("select count(*) from members where role = 'admin'").await, 1);
    let answer = room_form(&ana, "role", room, &[("user", &ben_id), ("role", "member")]).await;
    shows(&follow(&ana, &answer).await, "The role is saved.");
    let answer = room_form(&ana, "hand-over", room, &[("user", &ben_id)]).await;
    let page = follow(&ana, &answer).await;
    shows(&page, "The room is theirs now");
    hides(&page, "/forms/room/delete");
    let cy_id = after(&page.body[page.body.find(">Cy").unwrap()..], "?member=").to_owned();
    assert_eq!(room_form(&ana, "remove", room, &[("user", &cy_id)]).await.status, 303);
    assert_eq!(get(&cy, &details(room)).await.status, 404);
    let answer = room_form(&cy, "rename", room, &[("title", "x")]).await;
    assert_eq!(answer.status, 404);
    let answer = room_form(&ana, "leave", room, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")));
    let answer = room_form(&ben, "leave", room, &[]).await;
    assert_eq!(answer.status, 409, "an owner stays");
    let answer = room_form(&ben, "delete", room, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")));
    assert_eq!(server.count("select count(*) from rooms").await, 0);
}

#[tokio::test]
async fn an_archived_room_offers_to_be_brought_back() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let room = group(&ana, "Plans", "").await;
    let page = follow(&ana, &room_form(&ana, "archive", room, &[]).await).await;
    shows(&page, "The room is archived.");
    shows(&page, "/forms/room/restore");
    for absent in ["/forms/room/rename", "/forms/room/change", "/forms/room/add", "/forms/room/invite"] {
        hides(&page, absent);
    }
    let answer = room_form(&ana, "rename", room, &[("title", "x")]).await;
    assert_eq!(answer.status, 409);
    shows(&answer, "role=\"alert\"");
    let page = follow(&ana, &room_form(&ana, "restore", room, &[]).await).await;
    shows(&page, "/forms/room/rename");
}

#[tokio::test]
async fn an_invitation_leads_in_by_signing_in_or_registering() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let room = group(&ana, MALICE, "").await;
    let page = get(&ana, &details(room)).await;
    let id = after(&page.body, "name=\"id\" value=\"").to_owned();
    for _ in 0..2 {
        let fields = [("id", id.as_str()), ("role", "member"), ("hours", "24"), ("uses", "2")];
        assert_eq!(room_form(&ana, "invite", room, &fields).await.status, 303);
    }
    assert_eq!(server.count("select count(*) from invites").await, 1, "sent twice, made once");
    let page = get(&ana, &details(room)).await;
    let link = format!("/invite/{room}/{id}");
    shows(&page, &format!("http://{}{link}", server.address));
    shows(&page, "for 2 more people · by Ana");

    // Whoever is not signed in comes back here, through either form, and through a mistake in it.
    let visitor = server.visitor();
    let answer = visitor.get(&link, &[]).await;
    let sign_in = format!("/sign-in?next={link}");
    assert_eq!((answer.status, answer.location()), (303, Some(sign_in.as_str())));
    let page = visitor.get(&sign_in, &[]).await;
    shows(&page, &format!("name=\"next\" value=\"{link}\""));
    shows(&page, &format!("href=\"/register?next={link}\""));
    let register = |password| {
        let fields =
            [("name", "Ben"), ("email", "ben@example.org"), ("password", password), ("next", link.as_str())];
        let visitor = visitor.clone();
        async move { visitor.post("/account/register", &[], &fields).await }
    };
    let answer = register("short").await;
    assert_eq!(answer.location(), Some(format!("/register?next={link}").as_str()));
    let answer = register("correct horse battery").await;
    assert_eq!(answer.location(), Some(link.as_str()));
    let ben = visitor.account(&answer.session().unwrap());

    let page = get(&ben, &link).await;
    assert_eq!(page.status, 200);
    for words in ["Ana invites you", "1 person is in it", "&lt;script&gt;", "You join as Ben"] {
        shows(&page, words);
    }
    hides(&page, "<script");
    let answer = room_form(&ben, "join", room, &[("invite", &id)]).await;
    assert_eq!(answer.location(), Some(format!("/room/{room}").as_str()));
    // A member goes straight to the room.
    assert_eq!(get(&ben, &link).await.location(), Some(format!("/room/{room}").as_str()));

    let cy = server.account("Cy").await;
    assert_eq!(room_form(&cy, "join", room, &[("invite", &id)]).await.status, 303);
    // Used up; and nothing is told of rooms to those who only guess.
    let dan = server.account("Dan").await;
    let other = new_room();
    for (room, id) in [(room, id.clone()), (room, other.to_string()), (other, id.clone())] {
        let page = get(&dan, &format!("/invite/{room}/{id}")).await;
        assert_eq!(page.status, 404);
        shows(&page, "This invitation can't be used");
        shows(&page, "Ask whoever sent it");
        hides(&page, "<script");
        hides(&page, "&lt;script");
        let answer = room_form(&dan, "join", room, &[("invite", &id)]).await;
        assert_eq!(answer.status, 404);
        shows(&answer, "This invitation can't be used");
    }
    assert_eq!(get(&dan, "/invite/a/b").await.status, 404);
    assert_eq!(server.count("select count(*) from members").await, 3);
}

#[tokio::test]
async fn a_revoked_or_expired_invitation_says_so() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let room = group(&ana, "Plans", "").await;
    let mut links = Vec::new();
    for _ in 0..2 {
        let page = get(&ana, &details(room)).await;
        let id = after(&page.body, "name=\"id\" value=\"").to_owned();
        let fields = [("id", id.as_str()), ("role", "guest"), ("hours", "1"), ("uses", "")];
        let answer = room_form(&ana, "invite", room, &fields).await;
        shows(&follow(&ana, &answer).await, "Guest · for any number of people");
        links.push(id);
    }
    let answer = room_form(&ana, "revoke", room, &[("invite", &links[0])]).await;
    shows(&follow(&ana, &answer).await, "The link can't be used any more.");
    assert_eq!(get(&ben, &format!("/invite/{room}/{}", links[0])).await.status, 404);
    assert_eq!(get(&ben, &format!("/invite/{room}/{}", links[1])).await.status, 200);
    server.execute("update invites set expires_at = 1").await;
    assert_eq!(get(&ben, &format!("/invite/{room}/{}", links[1])).await.status, 404);
    hides(&get(&ana, &details(room)).await, &links[1]);
    for (field, value) in [("uses", "0"), ("uses", "-1"), ("uses", "many"), ("hours", "99999999999999999999")]
    {
        let mut fields = vec![("role", "member"), ("hours", "1"), ("uses", "1")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = room_form(&ana, "invite", room, &fields).await;
        assert_eq!(answer.status, 400, "{field} {value}");
    }
    assert_eq!(
        room_form(&ana, "invite", room, &[("role", "owner"), ("hours", "1"), ("uses", "")]).await.status,
        403
    );
    assert_eq!(server.count("select count(*) from invites where expires_at > 1").await, 0);
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let evil = [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        " /room",
        "/a\r\nset-cookie: a=b",
    ];
    for (number, next) in evil.into_iter().enumerate() {
        let sign_in = [("email", "ana@example.org"), ("password", "correct horse battery"), ("next", next)];
        let answer = server.visitor().post("/account/sign-in", &[], &sign_in).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{next:?}");
        let email = format!("new{number}@example.org");
        let register = [
            ("name", "New"),
            ("email", email.as_str()),
            ("password", "correct horse battery"),
            ("next", next),
        ];
        let answer = server.visitor().post("/account/register", &[], &register).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{next:?}");
        let wrong = [("email", "ana@example.org"), ("password", "something else"), ("next", next)];
        let answer = server.visitor().post("/account/sign-in", &[], &wrong).await;
        assert_eq!(answer.location(), Some("/sign-in"), "{next:?}");
        // In the address: neither followed nor drawn.
        let escaped: Vec<String> = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/sign-in?next={}", escaped.concat());
        assert_eq!(get(&ana, &path).await.location(), Some("/"), "{next:?}");
        let page = server.visitor().get(&path, &[]).await;
        assert_eq!(page.status, 200);
        hides(&page, "name=\"next\"");
        hides(&page, "evil");
    }
    assert_eq!(get(&ana, "/sign-in?next=/rooms/new").await.location(), Some("/rooms/new"));
    let room = new_room();
    let answer = server.visitor().get(&format!("/room/{room}?message={room}"), &[]).await;
    let expected = format!("/sign-in?next=/room/{room}%3Fmessage%3D{room}");
    assert_eq!(answer.location(), Some(expected.as_str()));
}

#[tokio::test]
async fn forms_of_the_signed_out_lead_back_to_the_page() {
    let server = TestServer::start().await;
    let visitor = server.visitor();
    let room = new_room().to_string();
    for (path, fields, page) in [
        ("/forms/rooms", vec![("kind", "group")], "/rooms/new".to_owned()),
        (
            "/forms/room/rename",
            vec![("room", room.as_str()), ("title", "x")],
            format!("/room/{room}/details"),
        ),
        (
            "/forms/room/join",
            vec![("room", room.as_str()), ("invite", room.as_str())],
            format!("/invite/{room}/{room}"),
        ),
    ] {
        let answer = visitor.post(path, &[], &fields).await;
        let expected = format!("/sign-in?next={page}");
        assert_eq!((answer.status, answer.location()), (303, Some(expected.as_str())));
    }
    let ana = server.account("Ana").await;
    for (form, fields) in [
        ("nonsense", vec![("room", room.as_str())]),
        ("rename", vec![("title", "x")]),
        ("role", vec![("room", room.as_str()), ("user", "Ben"), ("role", "guest")]),
        ("role", vec![("room", room.as_str()), ("user", room.as_str()), ("role", "emperor")]),
    ] {
        let answer = ana.post(&format!("/forms/room/{form}"), &[], &fields).await;
        assert_eq!(answer.status, 400, "{form}");
        shows(&answer, "This form can't be read");
    }
    let foreign =
        ana.post("/forms/room/rename", &[("origin", "https://evil.example")], &[("room", &room)]).await;
    assert_eq!(foreign.status, 403);
}

/// Something said, told by its identifier.
async fn say(server: &TestServer, account: &Account, room: RoomId, text: &str) -> MessageId {
    let answer = form(account, "message", &[("room", &room.to_string()), ("text", text)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let rows =
        server.rows("select id from messages where author_id is not null order by rowid desc limit 1").await;
    MessageId(sqlx::Row::get(&rows[0], 0))
}

async fn command(account: &Account, kind: &str, payload: serde_json::Value) {
    let frame = serde_json::json!({"type": kind, "id": uuid::Uuid::new_v4(), "payload": payload});
    let ticket = account.ticket().await;
    let answer = reqwest::Client::new()
        .post(format!("http://{}/api/commands", account.visitor.address))
        .header("sitespark-ticket", ticket)
        .header("cookie", &account.cookie)
        .header("content-type", "application/json")
        .body(frame.to_string())
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.contains("\"ack\""), "{kind}: {text}");
}

#[tokio::test]
async fn a_message_keeps_what_it_said() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let room = group(&ana, "Plans", "Ben").await;
    let message = say(&server, &ben, room, "first <b>").await;
    for text in ["second", "third"] {
        let payload = serde_json::json!({"room": room, "message": message, "text": text});
        command(&ben, "chat:edit", payload).await;
    }
    let path = format!("/room/{room}/message/{message}/history");
    let page = get(&ana, &path).await;
    assert_eq!(page.status, 200);
    let places = ["third", "second", "first &lt;b&gt;"].map(|text| page.body.find(text));
    assert!(
        places[0].is_some() && places[0] < places[1] && places[1] < places[2],
        "{places:?} {}",
        page.body
    );
    shows(&page, "Ben wrote it on");
    shows(&page, "As it is since");
    let stranger = server.account("Sam").await;
    assert_eq!(get(&stranger, &path).await.status, 404);
    assert_eq!(get(&ana, &format!("/room/{}/message/{message}/history", new_room())).await.status, 404);

    command(&ben, "chat:delete", serde_json::json!({"room": room, "message": message})).await;
    let page = get(&ben, &path).await;
    assert_eq!(page.status, 200);
    shows(&page, "The message was deleted on");
    for text in ["first", "second", "third"] {
        hides(&page, text);
        shows(&get(&ana, &path).await, text);
    }

    // Of two people both are admins, and what one of them took back is gone for both.
    let direct = form(&ana, "rooms", &[("kind", "direct"), ("people", "Ben")]).await;
    let direct = RoomId::parse(direct.location().unwrap().strip_prefix("/room/").unwrap()).unwrap();
    let message = say(&server, &ben, direct, "a secret").await;
    let path = format!("/room/{direct}/message/{message}/history");
    shows(&get(&ana, &path).await, "a secret");
    command(&ben, "chat:delete", serde_json::json!({"room": direct, "message": message})).await;
    for account in [&ana, &ben] {
        let page = get(account, &path).await;
        shows(&page, "is not shown here any more");
        hides(&page, "secret");
    }
}

#[tokio::test]
async fn pinned_messages_are_listed_and_let_go() {
    let server = TestServer::start().await;
    let (ana, gus) = (server.account("Ana").await, server.account("Gus").await);
    let room = group(&ana, "Plans", "").await;
    server.add_member(room, "Gus", "guest").await;
    let message = say(&server, &ana, room, "<i>The</i>\n\nplan").await;
    command(&ana, "chat:pin", serde_json::json!({"room": room, "message": message, "is_on": true})).await;
    let page = get(&gus, &details(room)).await;
    shows(&page, "&lt;i&gt;The&lt;/i&gt; plan");
    shows(&page, &format!("/room/{room}?message={message}#m-{message}"));
    hides(&page, "/forms/room/unpin");
    let message = message.to_string();
    assert_eq!(room_form(&gus, "unpin", room, &[("message", &message)]).await.status, 403);
    let page = follow(&ana, &room_form(&ana, "unpin", room, &[("message", &message)]).await).await;
    shows(&page, "The message is not pinned any more.");
    shows(&page, "Nothing is pinned.");
}

#[tokio::test]
async fn a_room_of_500_is_listed_by_name_and_stays_small() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let room = group(&ana, "Plans", "").await;
    server
        .execute(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 499)
             insert into users (id, email, name, password_hash, is_admin, created_at)
             select randomblob(16), n || '@many.example', 'Person ' || printf('%03d', n), '', 0, 0 from numbers",
        )
        .await;
    server
        .execute(
            "insert into members (room_id, user_id, role, joined_at)
             select (select id from rooms), id, 'member', 0 from users where email like '%@many.example'",
        )
        .await;
    let page = get(&ana, &details(room)).await;
    shows(&page, "500 people");
    let places = ["Ana", "Person 001", "Person 002", "Person 499"].map(|name| page.body.find(name).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.body.len() < 250_000, "{} bytes", page.body.len());
}

#[tokio::test]
async fn an_address_names_a_message_or_a_day() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let room = group(&ana, "Plans", "").await;
    for number in 0..150 {
        server
            .change(format!(
                "insert into messages (id, room_id, seq, author_name, created_at, text, thinking, author_id)
                 values (randomblob(16), (select id from rooms), {number} + 1000, 'Ana', {number} * 86400000,
                         'number {number}.', '', (select id from users))"
            ))
            .await;
    }
    let rows = server.rows("select id from messages where text = 'number 20.'").await;
    let message = MessageId(sqlx::Row::get(&rows[0], 0));
    let newest = get(&ana, &format!("/room/{room}")).await;
    shows(&newest, "number 149.");
    hides(&newest, "number 20.");
    let page = get(&ana, &format!("/room/{room}?message={message}")).await;
    shows(&page, "number 20.");
    hides(&page, "number 149.");
    let page = get(&ana, &format!("/room/{room}?date=1970-02-10")).await;
    shows(&page, "number 40.");
    hides(&page, "number 149.");
    for query in
        ["message=nonsense", "message=", "date=", "date=1970-02-30", "date=tomorrow", "date=2999-01-01"]
    {
        let page = get(&ana, &format!("/room/{room}?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        shows(&page, "number 149.");
    }
}
