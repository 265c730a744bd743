//! The colours that somebody chose are those of every page, drawn by the server.

use crate::support::TestServer;

#[tokio::test]
async fn a_choice_is_remembered_and_drawn_on_all_pages() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let from = [("referer", "http://localhost/rooms/new?next=x")];
    let answer = ana.post("/forms/theme", &from, &[("theme", "dark")]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/rooms/new?next=x")));
    let cookie = answer.set_cookie("sitespark_theme").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(cookie, "sitespark_theme=dark");
    let both = format!("{}; {cookie}", ana.cookie);
    for (path, cookies) in [("/", &both), ("/rooms/new", &both), ("/sign-in", &cookie), ("/no/such", &cookie)]
    {
        let page = ana.visitor.get(path, &[("cookie", cookies)]).await.body;
        assert!(page.contains("data-theme=\"dark\""), "{path}: {page}");
        for meta in ["media=\"not all\" content=\"#faf9f7\"", "media=\"all\" content=\"#171614\""] {
            assert_eq!(page.matches(meta).count(), 1, "{path}: {page}");
        }
    }
    let page = ana.visitor.get("/", &[("cookie", &both)]).await.body;
    assert!(page.contains("value=\"dark\" data-slot aria-pressed=\"true\""), "{page}");
}

#[tokio::test]
async fn anything_else_is_as_the_system_has_it() {
    let server = TestServer::start().await;
    let ana = server.account("Ana").await;
    let elsewhere = [("referer", "http://evil.example//evil.example/x")];
    for theme in ["", "\"><script>"] {
        let answer = ana.post("/forms/theme", &elsewhere, &[("theme", theme)]).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")));
        assert!(answer.set_cookie("sitespark_theme").unwrap().starts_with("sitespark_theme=;"));
    }
    for cookie in ["", "sitespark_theme=", "sitespark_theme=\"><script>"] {
        let page = ana.visitor.get("/sign-in", &[("cookie", cookie)]).await.body;
        assert!(!page.contains("data-theme") && !page.contains("<script>"), "{page}");
        assert_eq!(page.matches("name=\"theme-color\" media=\"(prefers-color-scheme: ").count(), 2, "{page}");
    }
}
