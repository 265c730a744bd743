//! What each construct becomes, finished and running.

use super::super::{render, render_running};
use super::show;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(&render(text)), expected, "finished {text:?}");
}

#[track_caller]
fn check_running(text: &str, expected: &str) {
    assert_eq!(show(&render_running(text)), expected, "running {text:?}");
}

const A: &str = "target=\"_blank\" rel=\"noopener noreferrer nofollow\"";

#[test]
fn finished() {
    let link = |address: &str, text: &str| format!("<a href=\"{address}\" {A}>{text}</a>");
    let cases: &[(&str, &str)] = &[
        ("", ""),
        (" \n\t\n", ""),
        ("x", "<p>x</p>"),
        ("a\nb", "<p>a\nb</p>"),
        ("a\r\nb\rc", "<p>a\nb\nc</p>"),
        ("a\0b", "<p>a\u{fffd}b</p>"),
        ("a  \nb\\\nc", "<p>a<br>b<br>c</p>"),
        ("a\n\n\nb", "<p>a</p>\n<p>b</p>"),
        ("# a\n## b\n### c\n#### d\n###### e", "<h3>a</h3>\n<h4>b</h4>\n<h5>c</h5>\n<h6>d</h6>\n<h6>e</h6>"),
        ("a\n===\nb\n---", "<h3>a</h3>\n<h4>b</h4>"),
        ("#a", "<p>#a</p>"),
        ("***\n- - -", "<hr>\n<hr>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("**bo", "<p>**bo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        (
            "3. a\n\n4. b",
            "<ol start=\"3\">\n<li value=\"3\"><p>a</p>\n</li>\n<li value=\"4\"><p>b</p>\n</li>\n</ol>",
        ),
        (
            "1. [x] a",
            "<ol>\n<li class=\"task\" value=\"1\"><input type=\"checkbox\" disabled checked aria-label=\"Done\"> a</li>\n</ol>",
        ),
        (
            "7. a\n   - b\n8. c",
            "<ol start=\"7\">\n<li value=\"7\">a<ul>\n<li>b</li>\n</ul>\n</li>\n<li value=\"8\">c</li>\n</ol>",
        ),
        ("1. a", "<ol>\n<li value=\"1\">a</li>\n</ol>"),
        (
            "- [x] a\n- [ ] b",
            "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled checked aria-label=\"Done\"> a</li>\n\
             <li class=\"task\"><input type=\"checkbox\" disabled aria-label=\"Not done\"> b</li>\n</ul>",
        ),
        (
            "> a\n> b\n\n> c",
            "<blockquote>\n<p>a\nb</p>\n</blockquote>\n<blockquote>\n<p>c</p>\n</blockquote>",
        ),
        ("```rust\nfn a() {}\n\n```\nb", "[rust|fn a() {}\n]\n<p>b</p>"),
        ("````c++ x\n```\n````", "[c++|```]"),
        ("~~~\n<b>\n~~~", "[|<b>]"),
        ("```\na", "[|a]"),
        ("```\n", "[|]"),
        ("```a`b", "<p>```a`b</p>"),
        ("  ```\n  a\n b\n   c\n  ```", "[|a\nb\n c]"),
        ("    a\n\n      b\nc", "[|a\n\n  b]\n<p>c</p>"),
        ("\ta\n\n\n", "[|a]"),
        ("```\r\na\r\n```\r\nb", "[|a]\n<p>b</p>"),
        (
            "- a\n  ```js\n  x\n  ```",
            "<ul>\n<li>a<pre tabindex=\"0\"><code data-rich=\"code js\">x\n</code></pre>\n</li>\n</ul>",
        ),
        (
            "| a | b |\n|---|:-:|\n| 1 | 2 |",
            "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">a</th><th scope=\"col\" class=\"center\">b</th></tr></thead>\
             <tbody>\n<tr><td>1</td><td class=\"center\">2</td></tr>\n</tbody></table></div>",
        ),
        ("<div>*a*</div>", "<p class=\"raw\">&lt;div&gt;*a*&lt;/div&gt;</p>"),
        ("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>"),
        ("<!--\n\n*a*\n-->b\n*c*", "<p class=\"raw\">&lt;!--\n\n*a*\n--&gt;b</p>\n<p><em>c</em></p>"),
        ("&amp; &lt; &copy; &nope; \"'", "<p>&amp; &lt; © &amp;nope; &quot;&#39;</p>"),
        ("[a](b.md) [c](#d)", "<p>a c</p>"),
        ("[1]: http\n\n[1]", "<p class=\"definition\">[1]: http</p>\n<p>1</p>"),
        (
            "- [a]: b\n- [c]: d\n  e",
            "<ul>\n<li><p class=\"definition\">[a]: b</p>\n</li>\n<li><p class=\"definition\">[c]: d</p>\ne</li>\n</ul>",
        ),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
    for (text, before, address, shown, after) in [
        ("[a](https://b.c)", "", "https://b.c", "a", ""),
        ("https://b.c.", "", "https://b.c", "https://b.c", "."),
        ("(https://b.c/d_(e))", "(", "https://b.c/d_(e)", "https://b.c/d_(e)", ")"),
        (
            "see http://b.c?d=1&e=f_g_h now",
            "see ",
            "http://b.c?d=1&amp;e=f_g_h",
            "http://b.c?d=1&amp;e=f_g_h",
            " now",
        ),
        ("<https://b.c>", "", "https://b.c", "https://b.c", ""),
        ("<a@b.c>", "", "mailto:a@b.c", "a@b.c", ""),
        ("[![a](https://x.y)](https://b.c)", "", "https://b.c", "a", ""),
    ] {
        check(text, &format!("<p>{before}{}{after}</p>", link(address, shown)));
    }
}

#[test]
fn running() {
    let table = |cells: &str| {
        format!(
            "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr>{cells}</tr></thead><tbody>\n</tbody></table></div>"
        )
    };
    let cases: &[(&str, &str)] = &[
        ("a **bo", "<p>a <strong>bo</strong></p>"),
        ("a **", "<p>a</p>"),
        ("a **b*", "<p>a <strong>b</strong></p>"),
        ("a **b ", "<p>a <strong>b</strong></p>"),
        ("a **b**", "<p>a <strong>b</strong></p>"),
        ("a *b **c", "<p>a <em>b <strong>c</strong></em></p>"),
        ("a `co", "<p>a <code>co</code></p>"),
        ("a `", "<p>a</p>"),
        ("a ``co`", "<p>a <code>co</code></p>"),
        ("a ~~b", "<p>a <del>b</del></p>"),
        ("a 2 * 3 and 2*3", "<p>a 2 * 3 and 2*3</p>"),
        ("snake_ca", "<p>snake_ca</p>"),
        ("a\\", "<p>a</p>"),
        ("see [te", "<p>see te</p>"),
        ("see [text]", "<p>see text</p>"),
        ("see [text](htt", "<p>see text</p>"),
        ("see ![text](https://a.b/(c", "<p>see text</p>"),
        ("see **[te", "<p>see <strong>te</strong></p>"),
        ("a[0", "<p>a[0</p>"),
        ("see https://a.b", "<p>see https://a.b</p>"),
        ("para\n-", "<p>para</p>"),
        ("para\n- ", "<p>para</p>"),
        ("para\n--", "<p>para</p>"),
        ("para\n1", "<p>para</p>"),
        ("para\n1.", "<p>para</p>"),
        ("para\n#", "<p>para</p>"),
        ("para\n``", "<p>para</p>"),
        ("para\n```", "<p>para</p>\n[|]"),
        ("para\n```ru", "<p>para</p>\n[|]"),
        ("```rust\na\n``", "[rust|a]"),
        ("```rust\na\n``b", "[rust|a\n``b]"),
        ("- a\n- ", "<ul>\n<li>a</li>\n</ul>"),
        ("- a\n- [ ", "<ul>\n<li>a</li>\n</ul>"),
        ("- a\n- **b", "<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>"),
        ("- **a\n- b", "<ul>\n<li>**a</li>\n<li>b</li>\n</ul>"),
        ("# **a", "<h3><strong>a</strong></h3>"),
        ("> `a", "<blockquote>\n<p><code>a</code></p>\n</blockquote>"),
        ("- a\n  ```\n  **b", "<ul>\n<li>a<pre tabindex=\"0\"><code>**b</code></pre>\n</li>\n</ul>"),
    ];
    for (text, expected) in cases {
        check_running(text, expected);
    }
    for text in
        ["| a | b", "| a | b |", "| a | b |\n", "| a | b |\n|", "| a | b |\n|--", "| a | b |\n|---|---|\n"]
    {
        check_running(text, &table("<th scope=\"col\">a</th><th scope=\"col\">b</th>"));
    }
}

#[test]
fn what_is_final() {
    for (text, frozen) in [
        ("a", 0),
        ("a\n", 0),
        ("a\n\n", 1),
        ("a\n# b", 0),
        ("a\n# b\n", 2),
        ("a\n---\n", 1),
        ("- a\n\n", 0),
        ("- a\n\nb", 0),
        ("- a\n\nb\n", 1),
        ("- a\n\nb\n\n", 2),
        ("```\na\n", 0),
        ("```\na\n```", 0),
        ("```\na\n```\n", 1),
        ("> a\n", 0),
        ("> a\n\n", 1),
        ("    a\n\n", 0),
        ("    a\n\nb", 1),
        ("a\n```\n", 1),
        ("***", 0),
        ("***\n", 1),
        ("| a |\n|---|\n| b |\n", 0),
    ] {
        let count = render_running(text).iter().filter(|block| block.frozen).count();
        assert_eq!(count, frozen, "{text:?}");
    }
}

#[test]
fn long_blocks_go_on() {
    let list = "- item\n".repeat(1_000);
    let blocks = render(&list);
    assert_eq!(blocks.len(), 2);
    assert!(!blocks[0].continues && blocks[1].continues);
    assert_eq!(show(&blocks).matches("<li>item</li>").count(), 1_000);
    let numbered = (1..=1_000).map(|number| format!("{number}. x\n")).collect::<Vec<_>>().concat();
    assert!(show(&render(&numbered)).contains("…<ol start=\""), "numbers go on");
    let table = ["| a |\n|---|\n", &"| b |\n".repeat(1_000)].concat();
    assert_eq!(show(&render(&table)).matches("<thead>").count(), render(&table).len());
    assert_eq!(show(&render(&table)).matches("<td>b</td>").count(), 1_000);
    let words = "word ".repeat(4_000);
    assert_eq!(show(&render(&words)).matches("word").count(), 4_000);
    let code = ["1. a\n   ```rust\n", &"   let a;\n".repeat(2_000), "   ```\n2. b"].concat();
    let shown = show(&render(&code));
    assert_eq!(shown.matches("let a;").count(), 2_000);
    assert!(
        shown.ends_with("let a;]\n<ol start=\"2\">\n<li value=\"2\">b</li>\n</ol>"),
        "{}",
        &shown[shown.len() - 100..]
    );
}
