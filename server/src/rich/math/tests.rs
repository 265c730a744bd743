use std::time::{Duration, Instant};

use app::texts::Language;
use html5gum::{Token, Tokenizer};
use proptest::prelude::*;

use super::*;

/// Draws a formula; fails unless what comes out is safe by itself, whatever drew it.
fn checked(variant: &str, latex: &str) -> String {
    const ELEMENTS: &str = " annotation b code i math menclose mfrac mi mmultiscripts mn mo mover mphantom mpadded \
                            mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder \
                            munderover semantics span ";
    const ATTRIBUTES: &str = " accent accentunder class display displaystyle encoding form height largeop linethickness \
                              lspace mathvariant maxsize minsize movablelimits notation rspace scriptlevel stretchy \
                              style symmetric tabindex title voffset width depth ";
    let html = draw(variant, latex, Instant::now() + Duration::from_secs(20)).html;
    let (mut text, mut depth) = (String::new(), 0);
    for token in Tokenizer::new(&html) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.0).unwrap();
                assert!(ELEMENTS.contains(&format!(" {name} ")), "{name}: {html}");
                for (attribute, value) in tag.attributes {
                    let attribute = String::from_utf8(attribute.0).unwrap();
                    assert!(ATTRIBUTES.contains(&format!(" {attribute} ")), "{attribute}: {html}");
                    let value = String::from_utf8_lossy(&value).to_ascii_lowercase();
                    let is_bad = ["url", "expression", "javascript", "\\", "/*", "@", "("];
                    let is_title = attribute == "title";
                    assert!(is_title || !is_bad.iter().any(|bad| value.contains(bad)), "{value}: {html}");
                }
                depth += u32::from(!tag.self_closing);
                assert!(depth < 120, "{html}");
            }
            Token::EndTag(_) => depth -= 1,
            Token::String(words) => text.push_str(&String::from_utf8_lossy(&words)),
            Token::Error(_) if html.contains('\0') => {}
            other => panic!("{other:?} in {html}"),
        }
    }
    assert_eq!(depth, 0, "{html}");
    // Nothing of the source is lost.
    assert!(text.contains(latex.trim()) || latex.contains(['\0', '\r']), "{latex:?}: {html}");
    html
}

fn is_drawn(html: &str) -> bool {
    html.contains("<math")
}

#[test]
fn what_models_write_is_drawn() {
    let missing: Vec<_> = include_str!("formulas.txt")
        .lines()
        .filter(|latex| ["inline", "display"].iter().any(|variant| !is_drawn(&checked(variant, latex))))
        .map(|latex| {
            convert(latex, true, Instant::now() + Duration::from_secs(20)).err().unwrap_or_default()
                + ": "
                + latex
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_formula_has_the_structure_that_screen_readers_read() {
    let html = checked("inline", r"\frac{a}{b} < \sqrt[3]{x_1}");
    assert_eq!(
        html,
        "<math><semantics><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>&lt;</mo><mroot><msub><mi>x</mi><mn>1</mn>\
         </msub><mn>3</mn></mroot></mrow><annotation encoding=\"application/x-tex\">\\frac{a}{b} &lt; \
         \\sqrt[3]{x_1}</annotation></semantics></math>"
    );
    let sum = checked("display", r"\sum_{i=1}^n i");
    assert!(sum.starts_with("<span class=\"formula\" tabindex=\"0\"><math display=\"block\">"), "{sum}");
    assert!(sum.contains("<munderover>"), "{sum}");
    assert!(checked("display", r"\begin{align} a &= b \\ c &= d \end{align}").matches("<mtr>").count() == 2);
    assert!(checked("display", r"a &= b \\ c &= d").matches("<mtr>").count() == 2);
    assert!(checked("display", r"\tag{7} a").contains("<mtext>(7)</mtext>"));
    assert!(
        checked("inline", r"\textcolor{red}{x}y")
            .contains("style=\"color:#FF0000;\"><mi>x</mi></mrow><mi>y</mi>")
    );
}

#[test]
fn what_cannot_be_drawn_stays_and_says_why() {
    assert_eq!(
        checked("inline", r"\unheard{x} < 1"),
        "<code class=\"math faulty\" title=\"This formula can&#39;t be drawn: “\\unheard” is not known here.\">\\unheard{x} \
         &lt; 1</code>"
    );
    for latex in ["\\frac{1}{2", "}", "\\", "x^2^3", "\\begin{cases} a", "\\def\\a{\\a\\a}\\a", "&", "\0"] {
        assert!(
            checked("display", latex).starts_with("<code class=\"math faulty display\" title=\""),
            "{latex}"
        );
    }
    assert!(checked("inline", &"x".repeat(BYTES + 1)).contains("it has more than 4 KiB"));
}

#[test]
fn nothing_of_a_formula_becomes_markup() {
    for latex in [
        "<script>alert(1)</script>",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\url{javascript:alert(1)}",
        r"\class{x}{y}\cssId{x}{y}\style{background:url(x)}{y}",
        r"\includegraphics{http://example.org/a.png}",
        r"\htmlData{a=b}{x}\htmlClass{a}{b}",
        r#"\color{red" onclick="alert(1)}x"#,
        r#"\begin{array}{c" onclick="x} a \end{array}"#,
        r#"\hspace{1em" onclick="x}"#,
        r"\unicode{<b>}\char`<",
        "</annotation></semantics></math><script>alert(1)</script>",
        r"\text{</mtext><script>alert(1)</script>}",
        r"\operatorname{<b>}\mathrm{<b>}\tag{<b>}",
        "<annotation-xml encoding=\"text/html\"><script>",
        "\u{202e}\u{2028}\u{0}<\u{0}script>",
    ] {
        checked("inline", latex);
        checked("display", latex);
    }
}

#[test]
fn what_could_do_something_is_not_drawn() {
    for latex in [
        r"\href{https://example.org}{x}",
        r"\url{https://example.org}",
        r"\class{button}{x}",
        r"\cssId{composer}{x}",
        r"\style{position:fixed}{x}",
        r"\htmlClass{a}{x}",
        r"\htmlId{a}{x}",
        r"\htmlStyle{color:red}{x}",
        r"\htmlData{do=delete}{x}",
        r"\includegraphics{https://example.org/a.png}",
        r"\eqref{a}",
        r"\unicode{x3c}",
        r"\char60",
        r"\def\a{x}\a",
        r"\newcommand{\a}{x}\a",
        r"\let\a\b",
        r"\input{/etc/passwd}",
        r"\write18{x}",
        r"\catcode60=1",
        r"\special{x}",
        r"\html{<b>}",
        r"\mmlToken{mi}[href=x]{y}",
        r"\toggle{a}{b}\endtoggle",
        r"\tooltip{a}{b}",
        r"\texttip{a}{b}",
    ] {
        assert!(!is_drawn(&checked("inline", latex)) && !is_drawn(&checked("display", latex)), "{latex}");
    }
}

#[test]
fn nothing_is_put_elsewhere_on_the_page() {
    for latex in [
        r"\hspace{-50em}x",
        r"\hspace{9999em}x",
        r"\kern-50em x",
        r"\mkern-900mu x",
        r"\hskip 99cm x",
        r"\hspace{1e9em}x",
        r"\genfrac{}{}{99em}{}{a}{b}",
    ] {
        assert!(!is_drawn(&checked("display", latex)), "{latex}");
    }
    // One by one they may be, together they may not.
    assert!(is_drawn(&checked("display", &format!("x{}x", r"\!".repeat(50)))));
    assert!(!is_drawn(&checked("display", &format!("x{}x", r"\!".repeat(100)))));
    assert!(!is_drawn(&checked("display", &format!("x{}x", r"\hspace{-6em}".repeat(2)))));
    // A line is no place for what is wider than any.
    for wide in ["x".repeat(300), r"\hspace{15em}".repeat(20), "<".repeat(300)] {
        assert!(checked("inline", &wide).contains("too wide for a line"), "{wide}");
        assert!(is_drawn(&checked("display", &wide)), "{wide}");
    }
    assert!(is_drawn(&checked("inline", &"<".repeat(100))));
    // What may be wider than a phone scrolls.
    assert!(checked("inline", &"x".repeat(20)).contains("long-formula"));
    assert!(!checked("inline", &"x".repeat(19)).contains("long-formula"));
}

#[test]
fn only_what_is_known_passes() {
    assert_eq!(mathml::width("<mi>x</mi><mo lspace=\"0.5em\">&lt;</mo>"), Some(2.5));
    assert!(mathml::width("<mtext><b><i>x</i></b></mtext>").is_some());
    assert!(
        mathml::width("<mrow class=\"menclose-updiagonalstrike\" style=\"color:#FF0000;\"></mrow>").is_some()
    );
    for unknown in [
        "<script>x</script>",
        "<mi>x",
        "x</mi>",
        "<mi>x</mo>",
        "<mi",
        "<a href=\"x\">x</a>",
        "<mi href=\"x\">x</mi>",
        "<mi id=\"x\">x</mi>",
        "<mi onclick=\"x\">x</mi>",
        "<mi class=\"button\">x</mi>",
        "<mi style=\"position:fixed\">x</mi>",
        "<mi style=\"color:var(--x)\">x</mi>",
        "<mi style=\"width:50em\">x</mi>",
        "<mi style=\"width:5vw\">x</mi>",
        "<mi style=\"width:500%\">x</mi>",
        "<mi mathvariant=normal>x</mi>",
        "<mi mathvariant='normal'>x</mi>",
        "<mi\tclass=\"x\">x</mi>",
        "<b>x</b>",
        "<mrow><code>x</code></mrow>",
        "<mtext><b/></mtext>",
        "<mtext><b class=\"menclose-updiagonalstrike\">x</b></mtext>",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "<annotation-xml></annotation-xml>",
    ] {
        assert_eq!(mathml::width(unknown), None, "{unknown}");
    }
    let nested = |depth: usize| "<mrow>".repeat(depth) + &"</mrow>".repeat(depth);
    assert!(mathml::width(&nested(100)).is_some() && mathml::width(&nested(101)).is_none());
    assert!(mathml::width(&"x".repeat(256 * 1024 + 1)).is_none());
}

#[test]
fn time_that_is_over_leaves_the_source_and_is_not_remembered() {
    let drawn = draw("inline", "x", Instant::now());
    assert!(!drawn.is_whole && !is_drawn(&drawn.html) && drawn.html.ends_with(">x</code>"), "{drawn:?}");
    assert!(draw("inline", "x", Instant::now() + Duration::from_mins(1)).is_whole);
}

#[test]
fn what_is_wrong_is_said_in_the_language_that_is_spoken() {
    let indonesian = Language::named("id").unwrap();
    let html = indonesian.speak_while(|| checked("inline", r"\nothing"));
    assert!(
        html.contains("title=\"Rumus ini tidak bisa ditampilkan: “\\nothing” tidak dikenal di sini.\""),
        "{html}"
    );
    let html = checked("inline", r"\begin{nothing}\end{nothing}");
    assert!(html.contains("“nothing” is not known here."), "{html}");
}

/// A stack that overflows would end the process, so each way to nest is tried as deep as it goes.
#[test]
fn nothing_nests_too_deep() {
    let ways = [
        "{",
        "\\sqrt",
        "\\sqrt{",
        "\\hat",
        "\\frac",
        "\\frac1",
        "x^{",
        "\\left(",
        "\\begin{matrix}",
        "\\text{",
        "\\mathrm{",
        "\\color{red}",
        "\\binom{",
        "\\sum\\limits_{",
        "\\xrightarrow{",
        "\\underbrace{x}_{",
        "\\bm",
        "\\displaystyle",
        "\\boxed{",
        "\\substack{",
        "\\overset a",
        "x^",
        "(",
        "&",
        "\\\\",
        "\\not",
        "'",
        "a ",
        "\\begin{cases}a&",
        "\\begin{array}{c|c}",
        "\\hline",
        "-",
        "\\rm ",
        "\\over",
        "\\sqrt[",
        "\\operatorname{",
    ];
    for way in ways {
        for tail in ["", "x", "}"] {
            let tail = tail.repeat(if tail == "}" { BYTES / (way.len() + 1) } else { 1 });
            let latex = way.repeat((BYTES - tail.len()) / way.len()) + &tail;
            let began = Instant::now();
            checked("display", &latex);
            assert!(began.elapsed() < Duration::from_secs(3), "{way}: {:?}", began.elapsed());
        }
    }
    assert!(is_drawn(&checked("display", &format!("{}x{}", "\\sqrt{".repeat(40), "}".repeat(40)))));
    assert!(!is_drawn(&checked("display", &format!("{}x{}", "\\sqrt{".repeat(400), "}".repeat(400)))));
}

fn soup() -> impl Strategy<Value = String> {
    const BITS: [&str; 94] = [
        "\\frac",
        "{",
        "}",
        "^",
        "_",
        "\\left",
        "\\right",
        "(",
        ")",
        "[",
        "]",
        "\\{",
        "x",
        "1",
        "\\begin{matrix}",
        "\\end{matrix}",
        "&",
        "\\\\",
        "\\sum",
        "\\limits",
        "\\text",
        "\\sqrt",
        "\\hat",
        "\\underbrace",
        "\\begin{array}{c|c}",
        "\\end{array}",
        "\\hline",
        "\\def\\a",
        "#1",
        "\\boxed",
        "$",
        "%",
        "~",
        "'",
        "\\begin{cases}",
        "\\end{cases}",
        " ",
        "\\operatorname",
        "\\color",
        "{red}",
        "\\middle",
        "|",
        "\\not",
        "\\mathbb",
        "é",
        "\0",
        "\n",
        "\\big",
        "\\over",
        "\\begin",
        "{align}",
        "\\end",
        "\\",
        "\\color{",
        "\\tag{",
        "\\hspace{1em}",
        "\\kern",
        "1em",
        "=",
        "\\substack",
        "<",
        ">",
        "\"",
        "\\cancel",
        "/",
        "\\overset",
        "\\xrightarrow",
        "\\binom",
        "\\textcolor{red}",
        "\\\"",
        "\\mathrm",
        "\\displaystyle",
        "\\phantom",
        "\\label{a}",
        "\\href{",
        "\\class{",
        "\\style{",
        "\\char",
        "\\newcommand",
        "\\hspace{-3em}",
        "\\genfrac",
        "\\texttt",
        "\\!",
        "\\sideset",
        "\\verb|",
        "\\begin{tabular}",
        "onclick=\"x\"",
        "&lt;",
        "</math>",
        "<!--",
        "]]>",
        "\\fbox{",
        "\\boxed{",
        "\u{202e}",
    ];
    prop::collection::vec(prop::sample::select(BITS.to_vec()), 1..40).prop_map(|bits| bits.concat())
}

/// On this thread, so that a panic fails the test and is not only a formula that stays.
fn does_not_panic(latex: &str) {
    for display in [MathDisplay::Inline, MathDisplay::Block] {
        _ = CONVERTER.as_ref().unwrap().convert_with_local_state(&dialect::usual(latex), display);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn soup_is_drawn_safely_or_stays(latex in soup()) {
        does_not_panic(&latex);
        checked("display", &latex);
    }

    #[test]
    fn any_text_is_drawn_safely_or_stays(latex in "\\PC{0,200}") {
        does_not_panic(&latex);
        checked("inline", &latex);
    }
}
