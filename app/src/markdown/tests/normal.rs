//! HTML in a normal form, in which the page's HTML and that of a specification are equal when they mean the same and
//! differ only by the house's rules: levels of headings, which links live, how images, tasks and raw HTML are shown.

use std::collections::BTreeMap;

use html5gum::{Error, Token, Tokenizer};

use super::super::line::language;
use super::super::links::safe;

/// A tag or a text, decoded by a real tokenizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Start(String, BTreeMap<String, String>),
    End(String),
    Text(String),
    /// A comment, a document type or something that is wrong, which the page's HTML never has.
    Other(String),
}

/// What a browser's tokenizer makes of some HTML.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // Strange characters are no fault of the markup.
    let is_strange = |error: Error| {
        matches!(error, Error::ControlCharacterInInputStream | Error::NoncharacterInInputStream)
    };
    let tokens =
        Tokenizer::new(html).filter(|token| !matches!(token, Ok(Token::Error(error)) if is_strange(**error)));
    let tokens = tokens.map(|token| match token {
        Ok(Token::StartTag(tag)) => {
            let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value)));
            Piece::Start(text(&tag.name), attributes.collect())
        }
        Ok(Token::EndTag(tag)) => Piece::End(text(&tag.name)),
        Ok(Token::String(string)) => Piece::Text(text(&string)),
        other => Piece::Other(format!("{other:?}")),
    });
    tokens.collect()
}

/// Who wrote the HTML.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Page,
    Specification,
}

pub(super) fn normal(html: &str, author: Author) -> String {
    let mut normal = Normal {
        author,
        out: String::new(),
        wide: true,
        pre: false,
        skip: None,
        image: false,
        links: Vec::new(),
    };
    for piece in pieces(html) {
        normal.add(piece);
    }
    normal.out.replace("<tbody></tbody>", "").trim().to_owned()
}

struct Normal {
    author: Author,
    out: String,
    /// Whether whitespace here means nothing: beside the tag of a block.
    wide: bool,
    pre: bool,
    /// The element that is left out, with its content.
    skip: Option<&'static str>,
    /// Inside the page's link to an image, which has the text only.
    image: bool,
    /// The links that are open: whether each is written, its address, and where it begins.
    links: Vec<(bool, String, usize)>,
}

const BLOCKS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "hr",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "div",
    "input",
];

impl Normal {
    fn add(&mut self, piece: Piece) {
        if let Some(element) = self.skip {
            if piece == Piece::End(element.to_owned()) {
                self.skip = None;
            }
            return;
        }
        match piece {
            Piece::Text(text) => self.text(&text),
            Piece::Start(name, attributes) => self.start(&name, &attributes),
            Piece::End(name) => self.end(&name),
            Piece::Other(other) => self.out.push_str(&other),
        }
    }

    fn text(&mut self, text: &str) {
        let text = if self.wide && !self.pre { text.trim_start_matches([' ', '\n']) } else { text };
        if !text.is_empty() {
            self.wide = false;
        }
        self.out += &text.replace('&', "&amp;").replace('<', "&lt;");
    }

    fn block(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            if !self.pre || name == "pre" {
                self.out.truncate(self.out.trim_end_matches([' ', '\n']).len());
            }
            self.wide = true;
        }
    }

    fn start(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        let attribute = |name: &str| attributes.get(name).map_or("", String::as_str);
        self.block(name);
        match (name, attribute("class")) {
            ("p", "definition") => self.skip = Some("p"),
            ("p", "raw") | ("div", "table") => {}
            ("a", "image") => {
                self.image = true;
                self.link(attribute("href"), attribute("title"), "image ");
            }
            ("a", _) => self.link(attribute("href"), attribute("title"), ""),
            ("img", _) => {
                self.link(attribute("src"), attribute("title"), "image ");
                self.text(attribute("alt"));
                self.end("a");
            }
            ("input", _) => self.out += if attributes.contains_key("checked") { "[x]" } else { "[ ]" },
            ("th" | "td", class) => {
                let alignment =
                    attribute("align").to_owned() + attribute("style").trim_start_matches("text-align: ");
                let alignment = if class.is_empty() { alignment } else { class.to_owned() };
                let alignment = if alignment == "left" { String::new() } else { alignment };
                self.out += &["<", name, &alignment, ">"].concat();
            }
            ("code", class) => {
                // Theirs has a class, ours a mark.
                let marked = attribute("data-rich").strip_prefix("code ");
                let language = language(marked.unwrap_or(class.trim_start_matches("language-")));
                self.out += &["<code", &language, ">"].concat();
            }
            ("ol", _) => self.out += &["<ol", attribute("start"), ">"].concat(),
            _ => {
                self.pre |= name == "pre";
                if !self.image {
                    self.out += &["<", &self.element(name), ">"].concat();
                }
            }
        }
    }

    fn end(&mut self, name: &str) {
        if name == "a" {
            self.image = false;
            let Some((lives, address, start)) = self.links.pop() else { return };
            if start == self.out.len() {
                // The page shows the address where there is nothing else.
                self.text(&address);
            }
            self.out += if lives { "</a>" } else { "" };
            return;
        }
        if name == "pre" {
            // A newline at the end of code is no line of its own.
            let code = self.out.strip_suffix("</code>").unwrap_or(&self.out).trim_end_matches('\n').len();
            self.out.truncate(code);
            self.out += "</code>";
            self.pre = false;
        }
        self.block(name);
        if name != "div" && !self.image {
            self.out += &["</", &self.element(name), ">"].concat();
        }
    }

    /// Links that the page would not offer are left out here, too.
    fn link(&mut self, address: &str, title: &str, kind: &str) {
        let lives = safe(address).is_some() && !self.links.iter().any(|link| link.0);
        if lives {
            let title = if title.is_empty() { String::new() } else { format!(" ({title})") };
            self.out += &["<a ", kind, &decoded(address), &title, ">"].concat();
        }
        self.links.push((lives, address.to_owned(), self.out.len()));
        self.wide = false;
    }

    /// The page's headings begin at the third level, because the page itself has the first two.
    fn element(&self, name: &str) -> String {
        match (self.author, name) {
            (Author::Specification, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                format!("h{}", (name.as_bytes()[1] - b'0' + 2).min(6))
            }
            _ => name.to_owned(),
        }
    }
}

/// Without the links that GitHub makes of bare addresses, which are none in `CommonMark`.
pub(super) fn without_bare_links(normal: &str) -> String {
    let mut without = String::new();
    let mut rest = normal;
    while let Some((before, link)) = rest.split_once("<a ") {
        let is_bare = link.split_once("</a>").and_then(|(link, after)| {
            let (address, text) = link.split_once('>')?;
            let text = text.replace("&amp;", "&");
            [text.as_str(), &format!("mailto:{text}"), &format!("http://{text}")]
                .contains(&address)
                .then_some((text, after))
        });
        without += before;
        if let Some((text, after)) = is_bare {
            without += &text;
            rest = after;
        } else {
            without += "<a ";
            rest = link;
        }
    }
    without + rest
}

/// An address without percent-encoding: the page leaves that to the browser.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.filter(|_| *first == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// All that is left when raw HTML and its escaped text are taken for the same, and whitespace for nothing.
pub(super) fn flat(html: &str, author: Author) -> String {
    let mut flat = html.to_owned();
    if author == Author::Page {
        flat = flat.replace(" target=\"_blank\" rel=\"noopener noreferrer nofollow\"", "");
        while let Some(start) = flat.find("<p class=\"definition\">") {
            let end = start + flat[start..].find("</p>").expect("it is closed");
            flat.replace_range(start..end + 4, "");
        }
        while let Some(start) = flat.find("<p class=\"raw\">") {
            let end = start + flat[start..].find("</p>").expect("it is closed");
            flat.replace_range(end..end + 4, "");
            flat.replace_range(start..start + 15, "");
        }
    } else {
        for level in (1..=6).rev() {
            flat = flat.replace(&format!("h{level}>"), &format!("h{}>", (level + 2).min(6)));
        }
    }
    flat.retain(|letter| !letter.is_whitespace());
    for (entity, text) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("<hr/>", "<hr>"),
        ("<br/>", "<br>"),
        ("&amp;", "&"),
    ] {
        flat = flat.replace(entity, text);
    }
    flat
}
