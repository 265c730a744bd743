//! Who gets a ticket, what a ticket opens, and how many connections there may be.

use std::time::Duration;

use app::client::TicketFailure;
use app::protocol::{CloseCode, Failure, FailureCode};

use crate::support::{Setup, Socket, TestServer};

#[tokio::test]
async fn without_a_session_there_is_no_ticket() {
    let server = TestServer::start().await;
    for cookie in ["", "sitespark_session=", "sitespark_session=invented"] {
        let answer = server.visitor().post("/api/ticket", &[("cookie", cookie)], &[]).await;
        assert_eq!(answer.status, 401, "{cookie}");
        assert_eq!(answer.json::<Failure>().code, FailureCode::SignedOut);
    }
}

#[tokio::test]
async fn a_ticket_is_a_secret_that_is_not_kept_by_caches() {
    let server = TestServer::start().await;
    let answer = server.account("Ana").await.post("/api/ticket", &[], &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let answer: serde_json::Value = answer.json();
    assert!(answer["ticket"].as_str().unwrap().len() >= 43);
    assert_eq!(answer["expires_in_ms"], 5_000);
}

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let ticket = account.ticket().await;
    let mut first = Socket::open(server.address, &ticket).await.unwrap();
    let mut second = Socket::open(server.address, &ticket).await.unwrap();
    second.ends_with(CloseCode::BadTicket).await;
    first.hello(&crate::support::hello()).await;
}

#[tokio::test]
async fn an_expired_ticket_opens_nothing() {
    let server =
        Setup::default().policies(|policies| policies.ticket_lifetime = Duration::ZERO).start().await;
    let mut socket = server.account("Ana").await.open().await;
    socket.ends_with(CloseCode::BadTicket).await;
}

#[tokio::test]
async fn a_missing_or_invented_ticket_is_told_by_a_code_that_a_script_can_see() {
    let server = TestServer::start().await;
    for protocols in [vec![], vec!["ticket."], vec!["ticket.invented"]] {
        let mut socket = Socket::open_with(server.address, &protocols, &[], None).await.unwrap();
        socket.ends_with(CloseCode::BadTicket).await;
    }
}

#[tokio::test]
async fn a_foreign_page_is_refused_before_the_upgrade_and_its_ticket_stays_good() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let ticket = account.ticket().await;
    let protocol = format!("ticket.{ticket}");
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let refused = Socket::open_with(server.address, &[&protocol], &[("origin", origin)], None).await;
        assert_eq!(refused.err(), Some(403), "{origin}");
    }
    let own = format!("http://{}", server.address);
    let mut socket =
        Socket::open_with(server.address, &[&protocol], &[("origin", &own)], None).await.unwrap();
    socket.hello(&crate::support::hello()).await;
}

#[tokio::test]
async fn the_oldest_connection_of_a_user_makes_room() {
    let server = Setup::default().argument("--connections-per-user", "2").start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let mut others = ben.connect().await;
    let mut first = ana.connect().await;
    let mut second = ana.connect().await;
    let mut third = ana.connect().await;
    first.ends_with(CloseCode::TooManyConnections).await;
    for socket in [&mut second, &mut third, &mut others] {
        socket.new_room().await;
    }
}

#[tokio::test]
async fn an_address_has_a_limit_that_leaving_frees() {
    let server = Setup::default().argument("--connections-per-address", "2").start().await;
    let account = server.account("Ana").await;
    // More tickets than connections: the limit counts connections, whenever the tickets were had.
    let tickets = [account.ticket().await, account.ticket().await, account.ticket().await];
    let mut first = Socket::open(server.address, &tickets[0]).await.unwrap();
    first.hello(&crate::support::hello()).await;
    let mut second = Socket::open(server.address, &tickets[1]).await.unwrap();
    second.hello(&crate::support::hello()).await;
    let mut third = Socket::open(server.address, &tickets[2]).await.unwrap();
    third.ends_with(CloseCode::Retry).await;

    let answer = account.post("/api/ticket", &[], &[]).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json::<Failure>().code, FailureCode::LimitReached);
    assert_eq!(answer.retry_after(), Some(5));
    // Somebody else, behind the same proxy.
    let answer = account.post("/api/ticket", &[("x-forwarded-for", "192.0.2.7")], &[]).await;
    assert_eq!(answer.status, 200);

    first.cut();
    crate::support::eventually("a free place", async || account.try_ticket().await.ok()).await;
}

#[tokio::test]
async fn nobody_can_take_all_tickets() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let mut refused = None;
    for _ in 0..200 {
        let answers =
            futures_util::future::join_all((0..50).map(|_| ana.post("/api/ticket", &[], &[]))).await;
        refused = answers.into_iter().find(|answer| answer.status != 200);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("10,000 tickets for one user");
    assert_eq!((refused.status, refused.json::<Failure>().code), (429, FailureCode::RateLimited));
    assert!(refused.retry_after().unwrap() >= 1);
    ben.connect().await;
}

#[tokio::test]
async fn a_server_that_goes_away_says_when_to_come_back() {
    let mut server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let mut silent = account.open().await;
    server.stop().await;
    socket.ends_with(CloseCode::Drain).await;
    assert!(socket.bye.unwrap().retry_after_ms.unwrap() <= 2_000);
    silent.ends_with(CloseCode::Drain).await;
    assert_eq!(account.try_ticket().await, Err(TicketFailure::Unreachable));
}
