//! Which addresses may become links, and where bare ones are in a text. Only http, https and mailto: everything
//! else, relative addresses included, stays text. It does not say whether an address is honest.

/// The address, if it is one that a link may lead to.
pub(super) fn safe(address: &str) -> Option<&str> {
    let host = after_scheme(address).or_else(|| strip_ignoring_case(address, "mailto:"))?;
    (begins_host(host) && !address.contains(is_hidden)).then_some(address)
}

/// What nobody sees, or what browsers and others read differently.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || letter.is_whitespace()
        || matches!(letter, '\\' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

fn begins_host(host: &str) -> bool {
    host.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[')
}

fn after_scheme(address: &str) -> Option<&str> {
    strip_ignoring_case(address, "https://").or_else(|| strip_ignoring_case(address, "http://"))
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// An address that a text has without any markup.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bare<'a> {
    pub(super) before: &'a str,
    /// What the address lacks.
    pub(super) scheme: &'static str,
    pub(super) address: &'a str,
    pub(super) after: &'a str,
}

/// Finds the first bare address: as GitHub does, `https://…`, `www.…` and e-mail.
pub(super) fn find_bare(text: &str) -> Option<Bare<'_>> {
    for (index, byte) in text.bytes().enumerate() {
        let found = match byte {
            b':' => with_scheme(text, index),
            b'w' => www(text, index),
            b'@' => email(text, index),
            _ => None,
        };
        if let Some((start, end, scheme)) = found
            && !text[start..end].contains(is_hidden)
        {
            let (before, address, after) = (&text[..start], &text[start..end], &text[end..]);
            return Some(Bare { before, scheme, address, after });
        }
    }
    None
}

/// Start, end and missing scheme of an address.
type Found = Option<(usize, usize, &'static str)>;

fn with_scheme(text: &str, colon: usize) -> Found {
    let letters = text[..colon].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let start = colon - letters;
    let host = after_scheme(&text[start..])?;
    let is_named = begins_host(host) && (host.starts_with('[') || is_domain(host, 0));
    (is_named && !text[..start].ends_with('_'))
        .then(|| (start, text.len() - host.len() + address_length(host), ""))
}

fn www(text: &str, start: usize) -> Found {
    let rest = &text[start..];
    let host = rest.strip_prefix("www.")?;
    let before = text[..start].bytes().next_back().unwrap_or(b' ');
    let begins = !before.is_ascii() || b" \t\n*_~([\"'".contains(&before);
    (begins && begins_host(host) && is_domain(rest, 1))
        .then(|| (start, start + address_length(rest), "http://"))
}

/// Whether a domain begins here, with so many dots at least and no underscore in the last two of its parts.
fn is_domain(text: &str, mut dots: usize) -> bool {
    let (mut before, mut last) = (false, false);
    for byte in text.bytes() {
        match byte {
            b'.' => {
                (before, last) = (last, false);
                dots = dots.saturating_sub(1);
            }
            b'_' => last = true,
            b'-' | 128.. => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => break,
        }
    }
    dots == 0 && !before && !last
}

fn email(text: &str, at: usize) -> Found {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    let mut start = at;
    while start > 0 && is_name(bytes[start - 1]) {
        start -= 1;
    }
    let is_plain = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_alphanumeric);
    let (mut end, mut dots) = (at + 1, 0);
    while end < bytes.len() {
        match bytes[end] {
            b'-' | b'_' => {}
            b'.' if is_plain(end + 1) => dots += 1,
            _ if is_plain(end) => {}
            _ => break,
        }
        end += 1;
    }
    (dots > 0 && is_plain(start) && start < at && is_plain(at + 1) && is_plain(end - 1))
        .then_some((start, end, "mailto:"))
}

/// How much of a text that begins with a host is its address.
fn address_length(text: &str) -> usize {
    without_punctuation(&text[..text.find(ends_address).unwrap_or(text.len())]).len()
}

/// Chinese and typographic punctuation, too: in such texts a sentence goes on directly after an address.
fn ends_address(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || "<>\"`|\\{}".contains(letter)
        || matches!(letter, '\u{2018}'..='\u{2026}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff1f}')
}

/// Punctuation at the end belongs to the sentence; a closing bracket too, unless it was opened in the address.
fn without_punctuation(address: &str) -> &str {
    let bytes = address.as_bytes();
    // Counted once, so that many closing brackets cost no more than one.
    let (mut round, mut square) = (0, 0);
    for byte in bytes {
        match byte {
            b')' => round += 1,
            b'(' => round -= 1,
            b']' => square += 1,
            b'[' => square -= 1,
            _ => {}
        }
    }
    let mut end = bytes.len();
    while end > 0 {
        match bytes[end - 1] {
            b'.' | b',' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' => {}
            b')' if round > 0 => round -= 1,
            b']' if square > 0 => square -= 1,
            // What looks like an entity is none of it, as at GitHub.
            b';' => {
                let mut name = end - 1;
                while name > 0 && bytes[name - 1].is_ascii_alphanumeric() {
                    name -= 1;
                }
                if name > 0 && name + 1 < end && bytes[name - 1] == b'&' {
                    end = name;
                }
            }
            _ => break,
        }
        end -= 1;
    }
    &address[..end]
}
