use std::time::Duration;

use super::*;

/// Time that no text of these tests needs.
fn later() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// The pieces of drawn code with their classes; fails for anything else than text in spans of known classes.
fn pieces(html: &str) -> Vec<(&str, String)> {
    let mut pieces = Vec::new();
    let mut rest = html.strip_prefix("<code>").and_then(|html| html.strip_suffix("</code>")).unwrap();
    while !rest.is_empty() {
        let (class, inside, after) = if let Some(span) = rest.strip_prefix("<span class=\"") {
            let (class, span) = span.split_once("\">").unwrap();
            let (inside, after) = span.split_once("</span>").unwrap();
            (class, inside, after)
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            ("", &rest[..end], &rest[end..])
        };
        assert!(!inside.contains(['<', '>']) && !inside.is_empty(), "{html}");
        assert!(class.is_empty() || "kscnftlvoid".contains(class) && class.len() == 1, "{html}");
        let text = inside.replace("&lt;", "<").replace("&gt;", ">");
        let text = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
        pieces.push((class, text));
        rest = after;
    }
    pieces
}

/// Draws code, and proves that its text is the code.
fn drawn(language: &str, code: &str) -> Drawn {
    let drawn = draw(language, code, later());
    let text: String = pieces(&drawn.html).into_iter().map(|(_, text)| text).collect();
    assert_eq!(text, code, "{language}");
    drawn
}

#[test]
fn code_of_many_languages_has_its_classes() {
    let mut missing = Vec::new();
    for (language, code, expected) in CORPUS {
        let drawn = drawn(language, code);
        assert!(drawn.is_whole);
        let pieces = pieces(&drawn.html);
        for (class, word) in *expected {
            let is_there = pieces.iter().any(|(other, text)| other == class && text.contains(word));
            if !is_there {
                missing.push(format!("{language}: no {word:?} of the class {class:?} in {pieces:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn code_stays_text_whatever_is_in_it() {
    let nasty = "</code></pre><script>alert(1)</script>&lt;\"'\u{0}\r\n\r\n\ttab  é😀 <b onclick='x'>";
    for language in ["html", "js", "rust", "php", "markdown", "nothing of the kind", ""] {
        let html = drawn(language, nasty).html;
        assert!(!html.contains("<script") && !html.contains("<b"), "{html}");
    }
}

#[test]
fn an_unknown_language_is_plain() {
    for language in ["", "text", "nothing", "../../etc/passwd", "Plain"] {
        assert_eq!(
            drawn(language, "let a = \"<b>\";\n").html,
            "<code>let a = &quot;&lt;b&gt;&quot;;\n</code>"
        );
    }
    assert_eq!(drawn("rust", "").html, "<code></code>");
}

#[test]
fn names_are_read_as_people_write_them() {
    for (name, code) in [("Rust", "fn a() {}"), ("GOLANG", "func a() {}"), ("h", "int a;"), ("svg", "<a/>")] {
        assert!(drawn(name, code).html.contains("<span"), "{name}");
    }
}

#[test]
fn a_line_that_is_too_long_is_plain_and_the_others_are_not() {
    let long = format!("let a = \"{}\";", "b".repeat(LINE_BYTES));
    let code = format!("let c = 1;\n{long}\nlet d = 2;\n");
    let html = drawn("rust", &code).html;
    let escaped = long.replace('"', "&quot;");
    assert!(html.contains(&format!(";\n{escaped}\n<span")), "{html}");
    assert!(html.contains("<span class=\"n\">1</span>") && html.contains("<span class=\"n\">2</span>"));
    let just_short = format!("{}\n", &long[..LINE_BYTES - 1]);
    assert!(drawn("rust", &just_short).html.contains("<span"));
}

#[test]
fn elements_are_bounded() {
    let code = "1 a\n".repeat(2 * ELEMENTS);
    let count = drawn("rust", &code).html.matches("<span").count();
    assert!((ELEMENTS..ELEMENTS + LINE_BYTES).contains(&count), "{count}");
}

#[test]
fn the_time_ends_it_and_the_rest_is_plain() {
    let code = "let a = 1;\n".repeat(100);
    let drawn = draw("rust", &code, Instant::now());
    assert!(!drawn.is_whole);
    assert_eq!(pieces(&drawn.html), [("", code)]);
}

#[test]
fn what_lies_too_deep_is_plain_and_costs_little() {
    for (language, begin) in [("typescript", "{{"), ("yaml", "["), ("json", "["), ("bash", "(")] {
        let code = format!("{}\n", begin.repeat(1_900 / begin.len())).repeat(30);
        let began = Instant::now();
        let drawn = draw(language, &code, Instant::now() + Duration::from_millis(250));
        assert!(began.elapsed() < Duration::from_secs(2), "{language}: {:?}", began.elapsed());
        assert_eq!(pieces(&drawn.html).into_iter().map(|(_, text)| text).collect::<String>(), code);
    }
}

/// Nothing can interrupt a line, so the worst ones must be over soon.
#[test]
fn hostile_lines_are_over_soon() {
    let languages =
        ["ini", "systemverilog", "markdown", "gnuplot", "typst", "js", "scss", "makefile", "matlab"];
    for language in languages {
        for bit in [" ", "a ", "\t", "=> ", "$a", "_", "[a](", "{[("] {
            let code = format!("{}x\n", bit.repeat((LINE_BYTES - 2) / bit.len())).repeat(20);
            let began = Instant::now();
            let drawn = draw(language, &code, Instant::now() + Duration::from_millis(250));
            assert!(began.elapsed() < Duration::from_secs(2), "{language} {bit:?}: {:?}", began.elapsed());
            assert_eq!(pieces(&drawn.html).into_iter().map(|(_, text)| text).collect::<String>(), code);
        }
    }
}

/// Any language, any text: the text comes out again, in time.
#[test]
fn soup_of_all_languages() {
    let bits = [
        "a", " ", "(", ")", "{", "}", "<", ">", "\"", "'", "`", "\\", "/*", "//", "#", "-", "${", "é", "1",
        "\n", "::", "<a ",
    ];
    let mut seed = 88_172_645_463_325_252_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let soup: String = (0..400).map(|_| bits[usize::try_from(next()).unwrap() % bits.len()]).collect();
    for SyntaxReference { name: language, .. } in SYNTAXES.syntaxes() {
        let drawn = draw(language, &soup, Instant::now() + Duration::from_millis(250));
        assert_eq!(
            pieces(&drawn.html).into_iter().map(|(_, text)| text).collect::<String>(),
            soup,
            "{language}"
        );
    }
}

/// A language, code, and of some words of it their classes.
type Sample = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CORPUS: &[Sample] = &[
    (
        "rust",
        "/// Adds.\nfn add<'a>(x: u8) -> Option<u8> { let y = 0xff_u8 + 1; \"a\\n\"; println!(\"{x}\"); true }",
        &[
            ("c", "/// Adds."),
            ("k", "fn"),
            ("f", "add"),
            ("n", "0xff_"),
            ("t", "u8"),
            ("o", "+"),
            ("s", "\"a"),
            ("l", "\\n"),
            ("t", "Option"),
        ],
    ),
    (
        "ts",
        "interface A { b: string }\nexport class C<T> extends D { async e(f: number) { return `g ${this.h + 1}`; } } // i",
        &[
            ("k", "interface"),
            ("t", "A"),
            ("t", "string"),
            ("k", "class"),
            ("f", "e"),
            ("v", "f"),
            ("s", "`g"),
            ("n", "1"),
            ("c", "// i"),
        ],
    ),
    (
        "tsx",
        "const A = () => <div className=\"b\">{c}</div>;",
        &[("t", "div"), ("v", "className"), ("s", "\"b\"")],
    ),
    (
        "js",
        "import a from 'b';\nfunction c(d) { return null ?? /e+/g; }",
        &[("k", "import"), ("f", "c"), ("v", "d"), ("l", "null"), ("s", "/e")],
    ),
    ("jsx", "let a = <b c={1}/>;", &[("t", "b"), ("v", "c"), ("n", "1")]),
    (
        "python",
        "@a\ndef b(self, c: int = 3):\n    '''Doc'''\n    return f'x {c}' if not None else [1] # d",
        &[
            ("f", "@a"),
            ("k", "def"),
            ("f", "b"),
            ("v", "c"),
            ("t", "int"),
            ("c", "Doc"),
            ("k", "not"),
            ("l", "None"),
            ("c", "# d"),
        ],
    ),
    (
        "go",
        "package main\nfunc (a *B) C(d string) error { return nil } // e",
        &[("k", "package"), ("k", "func"), ("f", "C"), ("t", "B"), ("l", "nil"), ("c", "// e")],
    ),
    (
        "java",
        "public class A extends B { private final int c = 1; }",
        &[("k", "public"), ("t", "A"), ("t", "int"), ("n", "1")],
    ),
    (
        "kotlin",
        "fun a(): String = \"b $c\"",
        &[("k", "fun"), ("f", "a"), ("t", "String"), ("s", "\"b"), ("v", "$c")],
    ),
    (
        "swift",
        "func a(_ b: String) -> Int { return 1 }",
        &[("k", "func"), ("f", "a"), ("t", "String"), ("n", "1")],
    ),
    (
        "c",
        "#include <stdio.h>\nint main(void) { return 1; } /* a */",
        &[("k", "#include"), ("s", "stdio.h"), ("t", "int"), ("f", "main"), ("c", "/* a */")],
    ),
    (
        "c++",
        "class A : public B { int c() const { return nullptr == this; } };",
        &[("k", "class"), ("t", "A"), ("l", "nullptr"), ("o", "==")],
    ),
    ("c#", "public string A { get; set; } // b", &[("k", "public"), ("t", "string"), ("c", "// b")]),
    (
        "ruby",
        "class A < B\n  def c(d) = \"e #{d}\"\nend",
        &[("k", "class"), ("t", "A"), ("f", "c"), ("s", "\"e")],
    ),
    ("php", "<?php function a($b) { return \"c $b\"; }", &[("k", "function"), ("f", "a"), ("s", "\"c")]),
    (
        "bash",
        "# a\nfor b in *.txt; do echo \"c $HOME\" | grep -v 'd'; done",
        &[("c", "# a"), ("k", "for"), ("f", "echo"), ("s", "\"c"), ("v", "$HOME"), ("o", "|")],
    ),
    (
        "powershell",
        "function Get-A { param($b) Write-Host \"c\" }",
        &[("k", "function"), ("f", "Get-A"), ("s", "\"c\"")],
    ),
    (
        "html",
        "<!-- a --><p class=\"b\">c &amp; d</p><script>let e = 1;</script>",
        &[("c", "<!-- a -->"), ("t", "p"), ("v", "class"), ("s", "\"b\""), ("k", "let"), ("n", "1")],
    ),
    (
        "css",
        "@media (max-width: 10px) { .a > #b { color: #fff; } } /* c */",
        &[("k", "@media"), ("n", "10px"), ("v", ".a"), ("v", "color"), ("l", "#fff"), ("c", "/* c */")],
    ),
    ("scss", "$a: 1px; .b { &:hover { width: $a; } }", &[("n", "1px"), ("v", "width")]),
    ("json", "{\"a\": [1, true, \"b\\n\"]}", &[("v", "\"a\""), ("n", "1"), ("l", "true"), ("s", "\"b")]),
    ("yaml", "# a\nb: c\nd: 1", &[("c", "# a"), ("v", "b"), ("s", "c"), ("n", "1")]),
    ("toml", "[a]\nb = \"c\" # d", &[("k", "a"), ("v", "b"), ("s", "\"c\""), ("c", "# d")]),
    ("dockerfile", "FROM rust:1.95 AS a\nRUN echo \"b\" # c", &[("k", "FROM"), ("k", "RUN"), ("s", "\"b\"")]),
    (
        "sql",
        "SELECT count(*) FROM a WHERE b = 'c' -- d",
        &[("k", "SELECT"), ("f", "count"), ("s", "'c'"), ("c", "-- d")],
    ),
    ("diff", "@@ -1 +1 @@\n-a\n+b\n c", &[("f", "@@"), ("d", "-a"), ("i", "+b"), ("", "c")]),
    ("patch", "-a\n+b", &[("d", "-a"), ("i", "+b")]),
    (
        "lua",
        "local function a(b) return nil end -- c",
        &[("k", "function"), ("f", "a"), ("v", "b"), ("l", "nil"), ("c", "-- c")],
    ),
    ("haskell", "f :: Int -> String -- a", &[("f", "f"), ("t", "Int"), ("o", "->"), ("c", "-- a")]),
    ("elixir", "def a(b), do: \"c #{b}\"", &[("k", "def"), ("f", "a"), ("s", "\"c")]),
    ("makefile", "a: b\n\techo $(C) # d", &[("f", "a")]),
    ("graphql", "type A { b: Int! }", &[("k", "type"), ("t", "A"), ("t", "Int")]),
    ("hcl", "a = \"b ${c}\"", &[("s", "\"b")]),
    ("xml", "<a b=\"c\">d</a>", &[("t", "a"), ("v", "b"), ("s", "\"c\"")]),
    ("nginx", "server { listen 80; } # a", &[("k", "server"), ("n", "80"), ("c", "# a")]),
    ("zig", "pub fn a() void {} // b", &[("k", "pub"), ("f", "a"), ("c", "// b")]),
    ("markdown", "# A\n`b`\n```rust\nlet c;\n```", &[("k", "# A"), ("s", "`b`"), ("k", "let")]),
];
