//! Accounts: the forms, what they answer, and the cookies that they leave.

use app::account::FormError;
use app::client::{Connection, StopReason};
use app::protocol::{CloseCode, PageData};

use crate::support::{FullClient, Setup, TestServer};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn the_first_account_is_the_admin_and_no_other() {
    let server = TestServer::start().await;
    let (first, second) = (server.account("Ana").await, server.account("Ben").await);
    let user = |page: PageData| (page.user.name, page.user.email, page.user.is_admin);
    let expected = ("Ana".to_owned(), "ana@example.org".to_owned(), true);
    assert_eq!(user(first.page(None).await.unwrap()), expected);
    let expected = ("Ben".to_owned(), "ben@example.org".to_owned(), false);
    assert_eq!(user(second.page(None).await.unwrap()), expected);
}

#[tokio::test]
async fn ten_at_once_have_one_admin() {
    let server = TestServer::start().await;
    let visitor = server.visitor();
    let names: Vec<String> = (0..10).map(|number| format!("User{number}")).collect();
    futures_util::future::join_all(names.iter().map(|name| visitor.register(name))).await;
    assert_eq!(server.count("select count(*) from users where is_admin").await, 1);
    assert_eq!(server.count("select count(*) from users").await, 10);
    assert_eq!(server.count("select count(*) from logs").await, 10);
}

#[tokio::test]
async fn registering_signs_in_with_a_cookie_out_of_reach_of_scripts() {
    let server = TestServer::start().await;
    let answer = server.visitor().try_register("Ana", "ana@example.org", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")));
    let cookie = answer.set_cookie("sitespark_session").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "a page without HTTPS could not keep it: {cookie}");
    let secret = answer.session().unwrap();
    assert!(secret.len() >= 43, "256 bits");
    let hashes = server.rows("select lower(hex(secret_hash)) from sessions").await;
    assert_eq!(hashes.len(), 1);
    assert_ne!(sqlx::Row::get::<String, _>(&hashes[0], 0), secret);
}

#[tokio::test]
async fn behind_https_the_cookie_travels_by_https_only() {
    let server = Setup::default().argument("--public-url", "https://chat.example.org").start().await;
    let answer = server.visitor().try_register("Ana", "ana@example.org", PASSWORD).await;
    assert!(answer.set_cookie("sitespark_session").unwrap().contains("Secure"));
}

#[tokio::test]
async fn signing_in_takes_the_right_password_and_any_spelling_of_the_address() {
    let server = TestServer::start().await;
    server.account("Ana").await;
    let visitor = server.visitor();
    let answer = visitor.try_sign_in(" ANA@example.org ", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")));
    let account = visitor.account(&answer.session().unwrap());
    assert_eq!(account.page(None).await.unwrap().user.name, "Ana");
}

#[tokio::test]
async fn a_refused_form_says_why_and_keeps_everything_but_the_password() {
    let server = TestServer::start().await;
    server.account("Ana").await;
    let visitor = server.visitor();
    for (name, email, password, error) in [
        ("Ben", "no address", PASSWORD, FormError::EmailMalformed),
        ("Ben", "ana@example.org", PASSWORD, FormError::EmailTaken),
        ("Ben", "Ana@Example.org", PASSWORD, FormError::EmailTaken),
        ("Ben", "ben@example.org", "2 short", FormError::PasswordTooShort),
        ("", "ben@example.org", PASSWORD, FormError::NameMissing),
    ] {
        let answer = visitor.try_register(name, email, password).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/register")), "{error:?}");
        assert_eq!(answer.session(), None);
        let form = answer.form_state().unwrap();
        assert_eq!((form.error, form.name.as_str(), form.email.as_str()), (Some(error), name, email));
        let cookie = answer.set_cookie("sitespark_form").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=60"), "{cookie}");
        // The cookie is Base64 of JSON: the decoded text holds no password either.
        assert!(!serde_json::to_string(&form).unwrap().contains(password));
    }
    assert_eq!(server.count("select count(*) from users").await, 1);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let server = TestServer::start().await;
    server.account("Ana").await;
    for (email, password) in [("ana@example.org", "wrong password"), ("nobody@example.org", PASSWORD)] {
        let answer = server.visitor().try_sign_in(email, password).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/sign-in")));
        assert_eq!(answer.session(), None);
        assert_eq!(answer.form_state().unwrap().error, Some(FormError::WrongCredentials));
    }
    assert_eq!(server.count("select count(*) from sessions").await, 1);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_sockets_and_no_other() {
    let server = TestServer::start().await;
    let here = server.account("Ana").await;
    let there = server
        .visitor()
        .account(&server.visitor().try_sign_in("ana@example.org", PASSWORD).await.session().unwrap());
    let (mut first, mut second) = (here.connect().await, here.connect().await);
    let mut other = there.connect().await;
    let answer = here.sign_out().await;
    assert_eq!((answer.status, answer.location()), (303, Some("/sign-in")));
    assert!(answer.set_cookie("sitespark_session").unwrap().contains("Max-Age=0"));
    first.ends_with(CloseCode::SessionEnded).await;
    second.ends_with(CloseCode::SessionEnded).await;
    assert!(here.try_ticket().await.is_err());
    assert!(here.page(None).await.is_err());
    other.new_room().await;
}

#[tokio::test]
async fn a_client_that_is_signed_out_elsewhere_stops_and_says_so() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    client.until("a connection", |client| *client.client.connection() == Connection::Live).await;
    account.sign_out().await;
    let stopped = Connection::Stopped(StopReason::SignedOut);
    client.until("the end", |client| *client.client.connection() == stopped).await;
}

#[tokio::test]
async fn a_ticket_of_a_session_that_has_ended_opens_nothing() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let ticket = account.ticket().await;
    account.sign_out().await;
    let mut socket = crate::support::Socket::open(server.address, &ticket).await.unwrap();
    socket.ends_with(CloseCode::SessionEnded).await;
}

#[tokio::test]
async fn signing_out_without_a_session_is_no_error() {
    let server = TestServer::start().await;
    let answer = server.visitor().post("/account/sign-out", &[], &[]).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn posts_of_other_sites_are_refused_and_change_nothing() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let own = format!("http://{}", server.address);
    for path in
        ["/account/register", "/account/sign-in", "/account/sign-out", "/forms/message", "/api/ticket"]
    {
        for headers in
            [[("origin", "https://evil.example")], [("origin", "null")], [("sec-fetch-site", "cross-site")]]
        {
            let answer = account.post(path, &headers, &[("text", "Hello")]).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(server.count("select count(*) from sessions").await, 1);
    assert_eq!(server.count("select count(*) from rooms").await, 0);
    assert_eq!(account.post("/api/ticket", &[("origin", &own)], &[]).await.status, 200);
}
