//! Highlighted code: on request, and in the pages that the server sends.

use std::time::{Duration, Instant};

use app::markdown::rich::MARK;
use app::pages::address;
use app::protocol::{Command, Failure, FailureCode, Limits, RICH_PATH, RichText, to_json};
use futures_util::future::join_all;
use reqwest::{Client, Response};

use crate::support::{Account, Setup, TestServer, new_room, soon};

const DOCUMENT: &str = include_str!("../../../PROTOCOL.md");

fn code(language: &str, text: &str) -> String {
    to_json(&RichText { kind: "code".to_owned(), variant: language.to_owned(), text: text.to_owned() })
}

async fn post(account: &Account, headers: &[(&'static str, &str)], body: String) -> Response {
    let mut request = Client::new().post(format!("http://{}{RICH_PATH}", account.visitor.address)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    soon("an answer", request.send()).await.unwrap()
}

async fn ask(account: &Account, body: String) -> Response {
    post(account, &[("cookie", &account.cookie), ("content-type", "application/json")], body).await
}

async fn failure(response: Response) -> (u16, FailureCode) {
    (response.status().as_u16(), response.json::<Failure>().await.unwrap().code)
}

/// What the document has between fences of this kind.
fn examples(info: &str) -> Vec<&'static str> {
    let fence = format!("```{info}\n");
    DOCUMENT.split(&fence).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

#[tokio::test]
async fn the_answers_are_those_in_the_document() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let (texts, answers) = (examples("json rich"), examples("html rich"));
    assert_eq!((texts.len(), answers.len()), (3, 3));
    // The second comes from memory.
    for (text, expected) in texts.into_iter().zip(answers).flat_map(|pair| [pair, pair]) {
        let answer = ask(&account, text.to_owned()).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        assert_eq!(answer.text().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn what_is_not_in_order_is_refused() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let (cookie, json) = (("cookie", account.cookie.as_str()), ("content-type", "application/json"));
    let body = || code("rust", "let a = 1;");

    assert_eq!(failure(post(&account, &[json], body()).await).await, (401, FailureCode::SignedOut));
    let foreign = ("origin", "https://example.org");
    assert_eq!(
        failure(post(&account, &[cookie, json, foreign], body()).await).await,
        (403, FailureCode::BadOrigin)
    );
    assert_eq!(failure(post(&account, &[cookie], body()).await).await, (415, FailureCode::BadFrame));
    assert_eq!(
        failure(ask(&account, "{\"kind\":\"code\"}".to_owned()).await).await,
        (400, FailureCode::BadFrame)
    );
    let other = RichText { kind: "music".to_owned(), variant: String::new(), text: "c d e".to_owned() };
    assert_eq!(failure(ask(&account, to_json(&other)).await).await, (400, FailureCode::BadInput));

    let whole = "a\n".repeat(Limits::RICH_BYTES / 2);
    assert_eq!(ask(&account, code("rust", &whole)).await.status(), 200);
    let too_long = whole + "b";
    assert_eq!(
        failure(ask(&account, code("rust", &too_long)).await).await,
        (413, FailureCode::MessageTooLong)
    );
    let far_too_long = "a".repeat(7 * Limits::RICH_BYTES);
    assert_eq!(failure(ask(&account, far_too_long).await).await, (413, FailureCode::MessageTooLong));
}

#[tokio::test]
async fn an_unknown_language_is_plain_and_text_stays_text() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let answer = ask(&account, code("gibberish", "<b onclick='x'>&</b>\u{7}")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.text().await.unwrap(),
        "<code>&lt;b onclick=&#39;x&#39;&gt;&amp;&lt;/b&gt;\u{7}</code>"
    );
}

/// Also from memory, where one answer must not stand for the other.
#[tokio::test]
async fn what_is_wrong_with_a_formula_is_said_in_the_language_of_the_request() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let formula = RichText { kind: "math".into(), variant: "inline".into(), text: "\\nothing".into() };
    for _ in 0..2 {
        for (language, words) in [("en", "is not known here."), ("id", "tidak dikenal di sini.")] {
            let (cookie, json) = (("cookie", &*account.cookie), ("content-type", "application/json"));
            let answer =
                post(&account, &[cookie, json, ("accept-language", language)], to_json(&formula)).await;
            let html = answer.text().await.unwrap();
            assert!(html.contains(words), "{language}: {html}");
        }
    }
    let header = [("cookie", &*account.cookie), ("accept-language", "id")];
    let page = account.visitor.get("/", &header).await.body;
    assert!(page.contains("style=\"--show-image: &quot;Tampilkan gambar:&quot;"), "{page}");
}

#[tokio::test]
async fn many_at_once_are_all_answered_and_hold_up_nobody() {
    let server =
        Setup::default().policies(|policies| policies.rich.wait = Duration::from_secs(30)).start().await;
    let account = server.account("Ana").await;
    let texts: Vec<String> =
        (0..60).map(|number| format!("let a = {number}; // {}\n", "b ".repeat(200)).repeat(20)).collect();
    let asked = join_all(texts.iter().map(|text| ask(&account, code("typescript", text))));
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let began = Instant::now();
            assert_eq!(account.visitor.get("/health", &[]).await.status, 200);
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (answers, slowest) = tokio::join!(asked, others);
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.status(), 200);
        let html = answer.text().await.unwrap();
        assert!(html.contains(&format!("<span class=\"n\">{number}</span>")), "{html}");
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}

#[tokio::test]
async fn who_has_to_wait_too_long_is_told_to_come_again() {
    let busy = Setup::default().policies(|policies| {
        policies.rich.at_once = 0;
        policies.rich.wait = Duration::from_millis(10);
        policies.rich.page_time = Duration::from_millis(10);
    });
    let server = busy.start().await;
    let account = server.account("Ana").await;
    let answer = ask(&account, code("rust", "let a = 1;")).await;
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(failure(answer).await, (429, FailureCode::RateLimited));
    // A page does not wait: it can ask later.
    let page = page_with(&account, "```rust\nlet a = 1;\n```").await;
    assert!(page.contains(&format!("{MARK}code rust\">let a = 1;</code>")), "{page}");
}

#[tokio::test]
async fn one_user_can_ask_for_so_many() {
    let server = Setup::default().policies(|policies| policies.rich.per_minute = 2).start().await;
    let (account, other) = (server.account("Ana").await, server.account("Budi").await);
    for _ in 0..2 {
        assert_eq!(ask(&account, code("rust", "let a = 1;")).await.status(), 200);
    }
    let answer = ask(&account, code("rust", "let a = 1;")).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(failure(answer).await, (429, FailureCode::RateLimited));
    assert_eq!(ask(&other, code("rust", "let a = 1;")).await.status(), 200);
}

/// The page of a new room in which somebody has said this.
async fn page_with(account: &Account, text: &str) -> String {
    let room = new_room();
    account.command(&Command::create_solo(room, "")).await;
    account.command(&Command::say(room, text)).await;
    let answer = account.visitor.get(&address(Some(room)), &[("cookie", &account.cookie)]).await;
    assert_eq!((answer.status, answer.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    answer.body
}

#[tokio::test]
async fn a_page_has_its_code_and_formulas_drawn() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let text = "Look:\n\n```rust\nlet a = \"<b>\";\n```\n\n- in a list\n  ```js\n  let c = 1;\n  ```\n\n```\nplain\n```\n\n\
                <code data-rich=\"code rust\">let d</code>";
    let page = page_with(&account, text).await;
    let expected = [
        "<pre tabindex=\"0\" data-slot><code><span class=\"k\">let</span> a <span class=\"o\">=</span> <span class=\"s\">&quot;&lt;b&gt;&quot;</span>;</code></pre>",
        "<span class=\"k\">let</span> c",
        "<pre tabindex=\"0\" data-slot><code>plain</code></pre>",
        // What only looks like it is text.
        "&lt;code data-rich=&quot;code rust&quot;&gt;let d&lt;/code&gt;",
    ];
    for html in expected {
        assert!(page.contains(html), "{html} in {page}");
    }
    assert!(!page.contains(MARK), "{page}");
    let formulas = page_with(&account, "Say $a^2$ and $\\nothing{x}$:\n\n$$\n\\sum_i i\n$$").await;
    let expected = [
        "<p>Say <math><semantics><mrow><msup><mi>a</mi><mn>2</mn></msup></mrow><annotation ",
        "<code class=\"math faulty\" title=\"This formula can&#39;t be drawn: “\\nothing” is not known here.\">\\nothing{x}</code>",
        "<p><span class=\"formula\" tabindex=\"0\"><math display=\"block\"><semantics>",
    ];
    for html in expected {
        assert!(formulas.contains(html), "{html} in {formulas}");
    }
    // The data that the browser draws from are as they were.
    assert!(page.contains("```rust\\nlet a = \\\"\\u003cb>\\\";"), "{page}");
}

#[tokio::test]
async fn of_a_page_with_very_much_code_the_newest_is_highlighted() {
    let server = Setup::default().policies(|policies| policies.rich.page_bytes = 20).start().await;
    let account = server.account("Ana").await;
    let page = page_with(
        &account,
        "```rust\nlet a = 1;\n```\n\n```rust\nlet b = 2;\n```\n\n```rust\nlet c = 3;\n```",
    )
    .await;
    assert!(page.contains(&format!("{MARK}code rust\">let a = 1;</code>")), "{page}");
    assert!(
        page.contains("<span class=\"n\">2</span>") && page.contains("<span class=\"n\">3</span>"),
        "{page}"
    );
}
