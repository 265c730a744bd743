//! What is refused, and that what is taken becomes the code that it should.

use std::collections::BTreeMap;

use super::{Module, compile_sources};

const MODULES: [Module; 2] = [
    Module { name: "chat", visibility: "pub(crate)", is_by_name: false },
    Module { name: "pages", visibility: "pub", is_by_name: true },
];

fn compile(en: &str, id: &str, is_server: bool) -> Result<String, Vec<String>> {
    let file =
        |language: &str, name: &str, text: &str| ((language.to_owned(), name.to_owned()), text.to_owned());
    let sources = BTreeMap::from([
        file("en", "chat", en),
        file("id", "chat", id),
        file("en", "pages", "title = Title\n"),
        file("id", "pages", "title = Judul\n"),
    ]);
    compile_sources(&sources, &MODULES, is_server)
}

fn wrong(en: &str, id: &str) -> String {
    compile(en, id, true).map_or_else(|wrong| wrong.join("\n"), |_| String::new())
}

#[test]
fn a_text_becomes_a_function_and_a_line_of_each_table() {
    let en = "send = Send\nunread = { $count ->\n    [one] { $count } message\n   *[other] { $count } messages\n } of { $name }\n";
    let id = "unread = { $count } pesan { $name }\nsend = Kirim\n";
    let code = compile(en, id, true).unwrap_or_else(|wrong| wrong.join("\n"));
    for expected in [
        "pub(crate) mod chat {",
        "pub fn send() -> &'static str { super::said(1) }",
        "pub fn unread(count: u64, name: &str) -> String { super::counted(2, count, &[&super::number(count), name]) }",
        "pub fn title() -> &'static str { super::without_name(super::said(3)) }",
        "static EN: &[&str] = &[\n\"en\",\n\"Send\",\n\"{0} message of {1}|{0} messages of {1}\",\n\"title=Title\",\n];",
        "static ID: &[&str] = &[\n\"id\",\n\"Kirim\",\n\"{0} pesan {1}\",\n\"title=Judul\",\n];",
        "&[Language(EN), Language(ID)]",
        "const IN_BROWSER: usize = 3;",
        "const SENT: usize = 4;",
    ] {
        assert!(code.contains(expected), "{expected}\nin\n{code}");
    }
}

#[test]
fn the_browser_has_the_first_module_in_the_first_language_only() {
    let code = compile("send = Send\n", "send = Kirim\n", false).unwrap_or_default();
    assert!(code.contains("\"Send\"") && !code.contains("Kirim") && !code.contains("Title"), "{code}");
}

#[test]
fn a_text_that_is_missing_or_unknown_is_told() {
    assert_eq!(wrong("send = Send\nstop = Stop\n", "send = Kirim\n"), "id/chat.ftl: `stop` is missing.");
    assert_eq!(
        wrong("send = Send\n", "send = Kirim\nstop = Stop\n"),
        "id/chat.ftl: `stop` is not among en's."
    );
    assert_eq!(wrong("a = A\na = B\n", "a = A\n"), "en/chat.ftl: `a` is there twice.");
}

#[test]
fn places_are_the_same_in_all_languages() {
    let other = "id/chat.ftl: `a` has other places than en's.";
    assert_eq!(wrong("a = By { $name }\n", "a = Oleh { $nama }\n"), other);
    assert_eq!(wrong("a = By { $name }\n", "a = Oleh\n"), other);
    assert_eq!(
        wrong("a = { NUMBER($n) } bytes\n", "a = { $n } bita\n"),
        "",
        "English decides what a number is"
    );
    let words = "id/chat.ftl: `a` has a number where en has words.";
    assert_eq!(wrong("a = { $n } bytes\n", "a = { NUMBER($n) } bita\n"), words);
    assert_eq!(wrong("a = By { $name }\n", "a = Oleh { $name }\n"), "");
}

#[test]
fn plural_forms_are_those_of_the_language() {
    let en = "a = { $n ->\n    [one] one\n   *[other] { $n }\n }\n";
    assert_eq!(wrong(en, "a = { $n ->\n   *[other] { $n }\n }\n"), "");
    let is_wrong = |en: &str, id: &str, expected: &str| {
        let told = wrong(en, id);
        assert!(told.contains(expected), "{told}");
    };
    is_wrong(en, en, "id/chat.ftl: `a` has the forms one, other, and its language has other");
    is_wrong("a = { $n ->\n   *[other] { $n }\n }\n", "a = { $n }\n", "en/chat.ftl: `a` has the forms other");
    is_wrong(
        "a = { $n ->\n    [one] { $b }\n   *[other] { $n }\n }\n",
        "a = { $n }{ $b }\n",
        "does not say `$b`",
    );
    is_wrong("a = { $n ->\n    [0] none\n   *[other] { $n }\n }\n", "a = { $n }\n", "the forms 0, other");
    is_wrong("a = { $n ->\n   *[one] one\n    [other] { $n }\n }\n", "a = { $n }\n", "without `*[other]`");
}

#[test]
fn a_language_of_other_plurals_is_refused_until_they_are_known() {
    assert_eq!(super::check::categories("en").as_deref(), Ok(&["one", "other"][..]));
    assert_eq!(super::check::categories("id").as_deref(), Ok(&["other"][..]));
    assert!(super::check::categories("ru").is_err() && super::check::categories("fr").is_err());
}

#[test]
fn what_texts_must_not_have_is_refused() {
    for (text, why) in [
        ("a = <b>bold</b>\n", "has a `<`"),
        ("a = this | that\n", "has a `|`"),
        ("a = A\n    .title = B\n", "has attributes"),
        ("-brand = SiteSpark\n", "is a term"),
        ("a = { b }\nb = B\n", "something other than places"),
        ("a = { DATETIME($at) }\n", "something other than places"),
        ("a = { $open\n", "en/chat.ftl, line "),
        ("a = { $n } and { NUMBER($n) }\n", "as a number and as words"),
    ] {
        let told = wrong(text, text);
        assert!(told.contains(why), "{text}: {told}");
    }
}
