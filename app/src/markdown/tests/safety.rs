//! Nothing but known tags and attributes ever comes out, properly nested, whatever goes in.

use proptest::prelude::*;

use super::super::{BlockKind, Markdown, render, render_running};
use super::{markdownish, show};

const ELEMENTS: &[&str] = &[
    "p",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "code",
    "ul",
    "ol",
    "li",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "em",
    "strong",
    "del",
    "a",
];
const VOID_ELEMENTS: &[&str] = &["br", "hr", "input"];
const LINK: &str = "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"";

fn attributes_are_known(element: &str, attributes: &str) -> bool {
    match element {
        "a" => attributes.strip_prefix(" href=\"").and_then(|rest| rest.strip_suffix(LINK)).is_some_and(
            |address| {
                let lower = address.to_lowercase();
                let scheme =
                    ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
                scheme
                    && !address.contains(|c: char| {
                        matches!(c, '"' | '<' | '>' | '\'') || c.is_whitespace() || c.is_control()
                    })
            },
        ),
        "p" => ["", " class=\"raw\""].contains(&attributes),
        "li" => ["", " class=\"task\""].contains(&attributes),
        "div" => attributes == " class=\"table\"",
        "ol" => attributes.is_empty() || number(attributes, " start=\""),
        "th" | "td" => {
            let rest =
                if element == "th" { attributes.strip_prefix(" scope=\"col\"") } else { Some(attributes) };
            rest.is_some_and(|rest| ["", " class=\"center\"", " class=\"right\""].contains(&rest))
        }
        "code" => {
            attributes.is_empty() || {
                let language =
                    attributes.strip_prefix(" data-rich=\"code ").and_then(|rest| rest.strip_suffix('"'));
                language.is_some_and(|word| {
                    !word.is_empty()
                        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+#-._".contains(&b))
                })
            }
        }
        "input" => [
            " type=\"checkbox\" disabled aria-label=\"Not done\"",
            " type=\"checkbox\" disabled checked aria-label=\"Done\"",
        ]
        .contains(&attributes),
        _ => attributes.is_empty(),
    }
}

fn number(attributes: &str, start: &str) -> bool {
    let digits = attributes.strip_prefix(start).and_then(|rest| rest.strip_suffix('"'));
    digits.is_some_and(|digits| digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is wrong with some HTML, if anything.
fn fault(html: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(['<', '>', '&', '"', '\'', '\0']) {
        match rest.as_bytes()[start] {
            b'&' => {
                let entities = ["&lt;", "&gt;", "&amp;", "&quot;", "&#39;"];
                let Some(entity) = entities.iter().find(|entity| rest[start..].starts_with(**entity)) else {
                    return Some(format!("bare & in {html}"));
                };
                rest = &rest[start + entity.len()..];
                continue;
            }
            b'<' => {}
            other => return Some(format!("bare {} in {html}", char::from(other))),
        }
        let Some(end) = rest[start..].find('>') else { return Some(format!("open tag in {html}")) };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes something else in {html}"));
            }
            continue;
        }
        let (name, attributes) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
        if !attributes_are_known(name, attributes) {
            return Some(format!("unknown attributes <{tag}> in {html}"));
        }
        if name == "a" && open.contains(&"a") {
            return Some(format!("link in link in {html}"));
        }
        if ELEMENTS.contains(&name) {
            open.push(name);
        } else if !VOID_ELEMENTS.contains(&name) {
            return Some(format!("unknown element <{tag}> in {html}"));
        }
    }
    (!open.is_empty() || open.len() > 64).then(|| format!("{open:?} left open in {html}"))
}

#[track_caller]
fn check(text: &str) {
    for block in render(text).into_iter().chain(render_running(text)) {
        if let BlockKind::Html(html) = block.kind {
            assert_eq!(fault(&html), None, "{text:?}");
        }
    }
}

#[test]
fn the_checker_sees_faults() {
    for html in [
        "<script>",
        "<p>",
        "</p>",
        "<p></em>",
        "<p onclick=\"x\"></p>",
        "a & b",
        "\"",
        "<img>",
        "<a href=\"javascript:x\"></a>",
        "<P></P>",
        "<p/></p>",
        "<a href=\"https://a\"></a>",
        "<ol start=\"1\" x></ol>",
        "&#60;",
        "<p\n></p>",
        "<",
    ] {
        assert!(fault(html).is_some(), "{html}");
    }
}

/// Attacks that may leave text behind, but no link and no tag of their own.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.y/z.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href='x' onmouseover=alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<style>@import 'x'</style>",
    "<math><mi//xlink:href=\"x\">",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<object data=x>",
    "<embed src=x>",
    "<base href=//x>",
    "<meta http-equiv=refresh content=0>",
    "<form action=x><button>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<![CDATA[<script>]]>",
    "<?php echo 1 ?>",
    "<scr<script>ipt>",
    "<img src=\"x\" onerror=\"alert(1)\"",
    "<<script>alert(1)//<</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](<javascript:alert(1)>)",
    "[x](&#1;javascript:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](data:text/html,<script>)",
    "[x](data:text/html;base64,PHN2Zz4=)",
    "[x](vbscript:msgbox(1))",
    "[x](VBSCRIPT:x)",
    "[x](file:///etc/passwd)",
    "[x](blob:abc)",
    "[x](//evil.example)",
    "[x](/api/logout)",
    "[x](#top)",
    "[x](?a=b)",
    "[x](feed:https://x)",
    "[x](view-source:https://x)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: <javascript:alert(1)>\n[x]",
    "- [x]: javascript:alert(1)\n- [x]",
    "javascript:alert(1)",
    "[x](http:javascript)",
    "[x](https:///)",
    "[x](https://\\evil)",
    "[x](https&#58;//a\u{0}b c)",
    "[x](<https://a b>)",
    "[x](<https://a\u{202e}b>)",
    "[x](mailto:)",
    "[x](<https://a\u{1}b>)",
    "xhttps://a.b",
    "[x](java\u{200b}script:alert(1))",
    "[x](\u{feff}javascript:x)",
];

#[test]
fn attacks_are_dead_text() {
    for attack in ATTACKS {
        for frame in
            ["{}", "a {} b", "- {}", "> {}", "**{}", "| {} |\n|---|\n| {} |", "# {}", "`{}", "[{}](", "![{}"]
        {
            let text = frame.replace("{}", attack);
            check(&text);
            let shown = show(&render(&text));
            if frame == "{}" || frame == "> {}" {
                assert!(!shown.contains("<a ") && !shown.contains("<img"), "{text:?}: {shown}");
            }
        }
    }
}

/// Attempts to break out of an attribute or an element where a link is allowed.
#[test]
fn allowed_links_hold_their_content() {
    for text in [
        "[x](https://a.b/\"onmouseover=\"alert(1))",
        "[x](https://a.b \"t\" onclick=x)",
        "[x](https://a.b '\"><script>')",
        "<https://a.b/\"onclick=alert(1)>",
        "https://a.b/\"onclick=\"alert(1)",
        "https://a.b/'><script>alert(1)</script>",
        "[<script>](https://a.b)",
        "[![<b>](https://a.b \"><svg>\")](https://c.d)",
        "![\"><script>](https://a.b)",
        "[a [b](https://c.d) e](https://f.g)",
        "[https://a.b](https://c.d)",
        "[](https://a.b/<x>)",
        "![](https://a.b/&quot;x)",
        "<a@b.c>",
        "[x](mailto:a@b.c?subject=\"x)",
        "[x](HTTPS://A.B)",
        "https://a.b/?q=1&r=&lt;2&amp;lt;",
        "```x\"><script>\ny",
        "- ```x\"onclick=1\n  y",
        "~~~ </code><script>",
        "[x](https://a.b)<script>",
        "[`</a><script>`](https://a.b)",
        "&lt;script&gt;",
        "&#60;script&#62;",
        "\\<script>",
        "<https://a.b><script>",
        "- [ ] <input onfocus=x>",
        "999999999. x",
        "0. x",
    ] {
        check(text);
    }
}

/// Each ends in time, without a panic and with sane HTML, at once and in parts.
#[test]
fn hostile_sizes() {
    let size = 100_000;
    for unit in [
        "> ",
        ">",
        "[",
        "]",
        "*",
        "_",
        "* ",
        "**a ",
        "*a _b ",
        "`",
        "` `` ",
        "~",
        "<",
        "<!",
        "<!--",
        "<a ",
        "![",
        "[a](",
        "[]( ",
        "](",
        "(",
        ")",
        "|",
        "|\n",
        "| a ",
        "-\n",
        "- ",
        "1. ",
        "#",
        "# ",
        "\n",
        " ",
        "\t",
        "\0",
        "\u{301}",
        "&",
        "&#",
        "&#0;",
        "\\",
        "\r",
        "https://",
        "http://a.b/(",
        "[a]: b\n",
        "[a]:",
        "- [a]: b\n",
        "a\n",
        "  - a\n",
        "=",
        "a\n=\n",
        "```\n",
        "~~~\n- ",
        "$",
        ":",
        "<?",
        "| a |\n|-|\n",
        "https://a.b)",
        "> a\n",
        ">a\n> - ",
        "*a**b***c",
        "\u{202e}",
        "://",
        "_a*b~~c`d",
    ] {
        let text = unit.repeat(size / unit.len());
        let mut markdown = Markdown::new();
        for part in text.chars().collect::<Vec<_>>().chunks(4_001) {
            markdown.append(&part.iter().collect::<String>());
        }
        markdown.finish();
        for block in markdown.blocks() {
            if let BlockKind::Html(html) = &block.kind {
                assert_eq!(fault(html).map(|_| ()), None, "{unit:?}");
            }
        }
        assert_eq!(markdown.blocks(), render(&text), "{unit:?}");
    }
    let wide =
        ["|a".repeat(200), "\n".to_owned(), "|-".repeat(200), "\n".to_owned(), "|b\n".repeat(5_000)].concat();
    assert!(show(&render(&wide)).len() < 25 * wide.len(), "short rows below a wide header");
    let mut nested = String::new();
    for depth in 0..1_000 {
        nested.push_str(&"  ".repeat(depth));
        nested.push_str("- a\n");
    }
    check(&nested);
    check(&format!("{}\n{}\n{}", "|a".repeat(500), "|-".repeat(500), "|\n".repeat(20_000)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_gives_safe_html(text in markdownish()) {
        check(&text);
    }

    #[test]
    fn any_text_gives_safe_html(text in any::<String>()) {
        check(&text);
    }
}
