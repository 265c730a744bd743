use super::*;

#[test]
fn values_come_to_their_places() {
    assert_eq!(fill("a {1} b {0}{0} c", &["x", "y{0}"]), "a y{0} b xx c");
    assert_eq!(fill("none", &["x"]), "none");
    assert_eq!(fill("{0} lost {5}", &["x"]), "x lost ");
}

#[test]
fn numbers_are_grouped() {
    for (value, written) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(number(value), written);
    }
}

#[test]
fn one_has_its_own_form_where_the_language_has_one() {
    assert_eq!(chat::others(1), "1 other");
    assert_eq!(chat::others(1_200), "1,200 others");
}

#[test]
fn a_page_of_another_release_is_read_in_english() {
    assert!(Language::of_page("id\nsatu".to_owned()).is_none());
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::*;

    fn indonesian() -> Language {
        Language::named("id").unwrap_or(Language::first())
    }

    #[test]
    fn every_language_says_all_of_it_in_its_way() {
        assert_eq!(LANGUAGES.iter().map(|language| language.tag()).collect::<Vec<_>>(), ["en", "id"]);
        assert!(LANGUAGES.iter().all(|language| language.0.len() == EN.len()));
        assert_eq!(indonesian().name(), "Bahasa Indonesia");
        assert_eq!(indonesian().speak_while(|| chat::others(1_200)), "1.200 lainnya");
        assert_eq!(language(), Language::first(), "and it is over afterwards");
    }

    #[test]
    fn the_browser_speaks_as_the_server_did() {
        assert!(Language::first().for_page().is_none(), "browsers have English");
        let texts = indonesian().for_page().unwrap_or_default();
        assert!(!texts.contains('<') && !texts.contains(pages_only()), "{texts}");
        let Some(language) = Language::of_page(texts) else { panic!("it is complete") };
        assert_eq!(language.speak_while(chat::send), "Kirim");
        let why = || of_run("overloaded").map(str::to_owned);
        assert_eq!(language.speak_while(why), indonesian().speak_while(why));
        assert!(language.speak_while(why).is_some_and(|why| why.contains("sibuk")));
        assert_eq!(language.speak_while(|| of_run("of-a-newer-server")), None);
    }

    fn pages_only() -> &'static str {
        indonesian().speak_while(pages::have_account)
    }

    #[test]
    fn the_language_wanted_most_is_taken() {
        for (header, expected) in [
            ("id", "id"),
            ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
            ("en-US,en;q=0.9,id;q=0.8", "en"),
            ("de, id;q=0.5", "id"),
            ("en;q=0.2, id; q=0.4", "id"),
            ("ID-id", "id"),
            ("in, de;q=0.8", "none"),
            ("id;q=0", "none"),
            ("id;q=x", "none"),
            ("*", "none"),
            ("", "none"),
            (",;,q=1,;;;", "none"),
            ("idx", "none"),
        ] {
            assert_eq!(Language::accepted(header).map_or("none", Language::tag), expected, "{header}");
        }
    }

    #[test]
    fn a_future_speaks_its_language_and_no_other_does() {
        use std::task::{Context, Poll, Waker};
        let mut speaking = Box::pin(Speaking::new(indonesian(), async {
            let mut is_first = true;
            std::future::poll_fn(
                |_| if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) },
            )
            .await;
            language().tag()
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(speaking.as_mut().poll(&mut context).is_pending());
        assert_eq!(language().tag(), "en");
        assert_eq!(speaking.as_mut().poll(&mut context), Poll::Ready("id"));
        assert_eq!(language().tag(), "en");
    }
}
