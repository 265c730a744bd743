//! What may come out at all: HTML as strict as XML, read by a browser's tokenizer, of which every element stands where
//! a browser leaves it, and every attribute is known by its name and its value.

use std::collections::BTreeMap;

use super::normal::{Piece, pieces};

const WORDS: &[&str] = &["em", "strong", "del", "a", "code", "span", "sup", "br", "input"];
const BLOCKS: &[&str] = &["p", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "pre", "hr", "div"];

/// Elements that may be directly inside. An element elsewhere would be moved by the browser, or close another.
fn may_contain(parent: &str, child: &str) -> bool {
    let words = WORDS.contains(&child);
    let blocks = BLOCKS.contains(&child);
    match parent {
        "" | "blockquote" => blocks,
        "li" => blocks || words,
        "div" => blocks || ["sup", "table"].contains(&child),
        "p" | "h3" | "h4" | "h5" | "h6" => words,
        "th" | "td" | "em" | "strong" | "del" | "a" => words && child != "input",
        "sup" => child == "a",
        "ul" | "ol" => child == "li",
        "table" => ["thead", "tbody"].contains(&child),
        "thead" | "tbody" => child == "tr",
        "tr" => ["th", "td"].contains(&child),
        "pre" => child == "code",
        _ => false,
    }
}

fn attribute_is_known(element: &str, name: &str, value: &str) -> bool {
    let is_one_of = |values: &[&str]| values.contains(&value);
    match (element, name) {
        ("p" | "li" | "h3" | "h4" | "h5" | "h6" | "th" | "td", "dir") => value == "auto",
        ("ul" | "ol" | "blockquote" | "table", "dir") => value == "rtl",
        ("a", "href") => leads_somewhere_good(value),
        ("a", "title") => true,
        ("a", "target") => value == "_blank",
        ("a", "rel") => value == "noopener noreferrer nofollow",
        ("a", "class" | "data-do") => value == "image",
        ("p", "class") => is_one_of(&["raw", "definition"]),
        ("li", "class") => value == "task",
        ("sup", "class") => value == "footnote",
        ("div" | "pre", "tabindex") => value == "0",
        ("div", "class") => is_one_of(&["table", "footnote"]),
        ("div", "id") => value.strip_prefix("fn-m-1-").is_some_and(is_plain),
        ("ol", "start") | ("li", "value") => {
            value.len() <= 10 && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        ("th", "scope") => value == "col",
        ("th" | "td", "class") => is_one_of(&["center", "right"]),
        ("code", "class") => is_one_of(&["math", "math display"]),
        ("code", "data-rich") => {
            is_one_of(&["math inline", "math display"])
                || value.strip_prefix("code ").is_some_and(|word| {
                    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+#-._".contains(&byte);
                    !word.is_empty() && word.bytes().all(is_plain)
                })
        }
        ("input", "type") => value == "checkbox",
        ("input", "disabled" | "checked") => value.is_empty(),
        ("input", "aria-label") => is_one_of(&["Done", "Not done"]),
        _ => false,
    }
}

fn is_plain(anchor: &str) -> bool {
    anchor.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
}

/// As a browser reads an address: it forgets some characters before it looks for the scheme.
fn leads_somewhere_good(address: &str) -> bool {
    if let Some(anchor) = address.strip_prefix("#fn-m-1-") {
        return is_plain(anchor);
    }
    let seen: String =
        address.chars().filter(|letter| !matches!(letter, '\0'..=' ' | '\u{7f}'..='\u{a0}')).collect();
    let scheme = seen.split_once(':').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let is_good = match scheme {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => rest.starts_with("//"),
        Some((scheme, _)) => scheme == "mailto",
        None => false,
    };
    is_good && seen == address && !address.contains('\\') && !address.contains(char::is_whitespace)
}

fn has_attributes(element: &str, attributes: &BTreeMap<String, String>) -> bool {
    let has = |names: &[&str]| names.iter().all(|name| attributes.contains_key(*name));
    match element {
        "a" => has(&["href"]) && (attributes["href"].starts_with("#fn-") || has(&["target", "rel"])),
        "input" => has(&["type", "disabled", "aria-label"]),
        "div" | "span" => has(&["class"]),
        _ => true,
    }
}

/// What is wrong with some HTML, if anything.
pub(super) fn fault(html: &str) -> Option<String> {
    loose_end(html).or_else(|| bad_element(html)).map(|fault| format!("{fault} in {html}"))
}

/// Whatever means something in HTML is either escaped or part of a tag as the page writes them.
fn loose_end(html: &str) -> Option<String> {
    let mut rest = html;
    while let Some(start) = rest.find(['<', '>', '&', '"', '\'', '\0']) {
        let found = &rest[start..];
        let entities = ["&lt;", "&gt;", "&amp;", "&quot;", "&#39;"];
        let entity = entities.iter().find(|entity| found.starts_with(**entity));
        let tag = found
            .find('>')
            .filter(|&end| found.starts_with('<') && !found[1..end].contains(['<', '\'', '\n', '\0']));
        let Some(length) = entity.map(|entity| entity.len()).or(tag.map(|end| end + 1)) else {
            return Some(format!("a loose {}", &found[..1]));
        };
        let tag = found[..length].trim_start_matches("</").trim_start_matches('<');
        if entity.is_none() && !tag.starts_with(|letter: char| letter.is_ascii_lowercase())
            || tag.contains("/>")
        {
            return Some(format!("a strange <{tag}"));
        }
        rest = &found[length..];
    }
    None
}

fn bad_element(html: &str) -> Option<String> {
    let mut open: Vec<String> = Vec::new();
    for piece in pieces(html) {
        let parent = open.last().map_or("", String::as_str);
        match piece {
            Piece::Text(text) => {
                let is_structure = ["table", "thead", "tbody", "tr", "ul", "ol"].contains(&parent);
                if is_structure && !text.trim().is_empty() {
                    return Some(format!("text in <{parent}>"));
                }
            }
            Piece::Start(name, attributes) => {
                let is_nested = name == "a" && open.contains(&name);
                if !may_contain(parent, &name) || is_nested {
                    return Some(format!("<{name}> in <{parent}>"));
                }
                let unknown = attributes.iter().find(|(key, value)| !attribute_is_known(&name, key, value));
                if unknown.is_some() || !has_attributes(&name, &attributes) {
                    return Some(format!("<{name}> with {attributes:?}"));
                }
                if !["br", "hr", "input"].contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Piece::End(name) if open.last() == Some(&name) => _ = open.pop(),
            other => return Some(format!("{other:?}")),
        }
    }
    (!open.is_empty() || open.len() > 64).then(|| format!("{open:?} left open"))
}

#[test]
fn faults_are_seen() {
    let link = "target=\"_blank\" rel=\"noopener noreferrer nofollow\"";
    for html in [
        "<script></script>",
        "<p>",
        "</p>",
        "<p></em></p>",
        "<p onclick=\"x\"></p>",
        "<p>a & b</p>",
        "<p>\"</p>",
        "<p><img></p>",
        "<P></P>",
        "<p/></p>",
        "<p><a href=\"https://a\"></a></p>",
        "<ol start=\"1\" x></ol>",
        "&#60;",
        "<p\n></p>",
        "<",
        "<!-- -->",
        "<p><p></p></p>",
        "<p><ul></ul></p>",
        "<em></em>",
        "<div class=\"table\"><table>x</table></div>",
        "<p style=\"x\"></p>",
        "<div class=\"footnote\" id=\"x\"></div>",
        "<p><code class=\"math\"><em></em></code></p>",
        "<li></li>",
    ] {
        assert!(fault(html).is_some(), "{html}");
    }
    for address in [
        "javascript:x",
        "java\tscript:x",
        " https://a",
        "&#106;avascript:x",
        "/a",
        "//a",
        "#a",
        "#fn-x",
        "data:x",
        "https:a",
        "https://a\\b",
        "",
        "https",
    ] {
        let html = format!("<p><a href=\"{address}\" {link}></a></p>");
        assert!(fault(&html).is_some(), "{html}");
    }
    for html in [
        format!("<p><a href=\"https://a.b/?c&amp;d\" title=\"&lt;b&gt;\" {link}>x</a></p>"),
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled aria-label=\"Not done\"> a</li>\n</ul>"
            .to_owned(),
        "<div class=\"footnote\" id=\"fn-m-1-a\"><sup>a</sup>\n<p>b<br>c</p>\n</div>".to_owned(),
    ] {
        assert_eq!(fault(&html), None);
    }
}
