//! The language of a page, of a failure and of a connection, and how a choice goes with somebody.

use app::protocol::{Command, FailureCode, RoomId, TICKET_PROTOCOL_PREFIX};
use uuid::Uuid;

use crate::support::{Answer, Socket, TestServer, hello};

const PASSWORD: &str = "correct horse battery";
const INDONESIAN: (&str, &str) = ("accept-language", "id-ID,id;q=0.9,en-US;q=0.8");

fn is_indonesian(page: &Answer) -> bool {
    page.body.contains("<html lang=\"id\"")
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_browser_wants() {
    let server = TestServer::start().await;
    let visitor = server.visitor();
    let english = visitor.get("/sign-in", &[]).await;
    assert!(
        english.body.contains("<html lang=\"en\"") && english.body.contains("New here?"),
        "{}",
        english.body
    );
    assert!(!english.body.contains("Kata sandi"));
    let page = visitor.get("/sign-in", &[INDONESIAN]).await;
    assert!(is_indonesian(&page) && page.body.contains("Kata sandi"), "{}", page.body);
    let vary = page.headers.get_all("vary").iter().any(|vary| vary == "accept-language, cookie");
    assert!(vary, "{:?}", page.headers);
    assert!(is_indonesian(&visitor.get("/nothing/here", &[INDONESIAN]).await));
}

#[tokio::test]
async fn only_a_page_in_another_language_brings_its_texts_along() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let english = ana.visitor.get("/", &[("cookie", &ana.cookie)]).await;
    assert!(
        !english.body.contains("id=\"texts\"") && !english.body.contains("Percakapan"),
        "{}",
        english.body
    );
    let page = ana.visitor.get("/", &[("cookie", &ana.cookie), INDONESIAN]).await;
    assert!(is_indonesian(&page) && page.body.contains("Mau membicarakan apa?"), "{}", page.body);
    let (_, texts) = page.body.split_once("id=\"texts\">").expect("the texts");
    let (texts, _) = texts.split_once("</script>").expect("their end");
    assert!(texts.starts_with("id\n.\n"), "{texts}");
    assert!(texts.contains("\noverloaded=Kimi sedang"), "why replies fail, too");
}

#[tokio::test]
async fn a_choice_is_kept_and_goes_with_the_user() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let chosen =
        ana.post("/account/language", &[("referer", "http://x/rooms/new")], &[("language", "id")]).await;
    assert_eq!((chosen.status, chosen.location()), (303, Some("/rooms/new")));
    let cookie = chosen.set_cookie("sitespark_language").unwrap();
    assert!(cookie.starts_with("sitespark_language=id;") && cookie.contains("HttpOnly"), "{cookie}");
    let cookies = format!("{}; sitespark_language=id", ana.cookie);
    assert!(is_indonesian(&ana.visitor.get("/rooms/new", &[("cookie", &cookies)]).await));
    // Elsewhere.
    let signed_in = server.visitor().try_sign_in("ana@example.org", PASSWORD).await;
    assert!(signed_in.set_cookie("sitespark_language").unwrap().starts_with("sitespark_language=id;"));
    // Somebody who has chosen nothing brings nothing.
    let ben = server.visitor().try_register("Ben", "ben@example.org", PASSWORD).await;
    assert!(ben.set_cookie("sitespark_language").is_none());
    let unknown = server.visitor().post("/account/language", &[], &[("language", "xx")]).await;
    assert_eq!((unknown.status, unknown.set_cookie("sitespark_language")), (303, None));
}

#[tokio::test]
async fn what_is_refused_is_told_in_the_language_of_the_request_or_connection() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let form = [("room", "00000000-0000-0000-0000-000000000000"), ("text", "hello")];
    let answer = ana.post("/forms/message", &[INDONESIAN], &form).await;
    let expected = "Percakapan ini tidak ada. Mungkin sudah dihapus.";
    assert_eq!(answer.refusal().as_deref(), Some(expected));
    let nowhere = || Command::say(RoomId(Uuid::nil()), "hello");
    let protocol = format!("{TICKET_PROTOCOL_PREFIX}{}", ana.ticket().await);
    let mut socket = Socket::open_with(server.address, &[&protocol], &[INDONESIAN], None).await.unwrap();
    socket.hello(&hello()).await;
    let failure = socket.execute(nowhere()).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::RoomNotFound);
    assert_eq!(failure.message, expected);
    let failure = ana.connect().await.execute(nowhere()).await.unwrap_err();
    assert_eq!(failure.message, "There is no such conversation. It may have been deleted.");
}
