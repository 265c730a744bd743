//! Which addresses may become links, and where bare ones are in a text. Only http, https and mailto: everything
//! else, relative addresses included, stays text. It does not say whether an address is honest.

/// The address, if it is one that a link may lead to.
pub(super) fn safe(address: &str) -> Option<&str> {
    let hidden = |letter: char| {
        letter.is_control()
            || letter.is_whitespace()
            || matches!(letter, '\\' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
    };
    if address.contains(hidden) {
        return None;
    }
    let host = after_scheme(address).or_else(|| strip_ignoring_case(address, "mailto:"))?;
    begins_host(host).then_some(address)
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
        if let Some((start, end, scheme)) = found.filter(|(start, end, _)| safe_end(&text[*start..*end])) {
            let (before, address, after) = (&text[..start], &text[start..end], &text[end..]);
            return Some(Bare { before, scheme, address, after });
        }
    }
    None
}

/// Whether nothing invisible is in a bare address.
fn safe_end(address: &str) -> bool {
    safe(&["https://", after_scheme(address).unwrap_or(address)].concat()).is_some()
}

/// Start, end and missing scheme of an address.
type Found = Option<(usize, usize, &'static str)>;

fn with_scheme(text: &str, colon: usize) -> Found {
    let letters = text[..colon].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let start = colon - letters;
    let after = after_scheme(&text[start..])?;
    let is_named = after.starts_with('[') || is_domain(after, 0);
    (begins_host(after) && is_named && !text[..start].ends_with('_')).then_some(())?;
    Some((start, text.len() - after.len() + address_length(after), ""))
}

fn www(text: &str, start: usize) -> Found {
    let rest = &text[start..];
    let before = text[..start].chars().next_back();
    let begins = before.is_none_or(|letter| !letter.is_ascii() || " \t*_~([\"'".contains(letter));
    (begins && rest.starts_with("www.") && is_domain(rest, 1)).then_some(())?;
    Some((start, start + address_length(rest), "http://"))
}

/// Whether a domain begins here, with so many dots at least and no underscore in the last two of its parts.
fn is_domain(text: &str, dots: usize) -> bool {
    let ends = |letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric() && !"-_.".contains(letter);
    let domain = text.split(|letter: char| ends(letter) || ends_address(letter)).next().unwrap_or_default();
    let domain = domain.trim_end_matches('.');
    !domain.rsplit('.').take(2).any(|part| part.contains('_')) && domain.matches('.').count() >= dots
}

fn email(text: &str, at: usize) -> Found {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let name = text[..at].bytes().rev().take_while(|&byte| is_name(byte)).count();
    let host = &text[at + 1..];
    let host = &host[..host.bytes().take_while(|&byte| is_host(byte)).count()];
    let host = host.trim_end_matches('.');
    let is_valid = name > 0
        && host.contains('.')
        && !host.contains("..")
        && host.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && host.ends_with(|letter: char| letter.is_ascii_alphanumeric())
        && text[at - name..].starts_with(|letter: char| letter.is_ascii_alphanumeric());
    is_valid.then_some((at - name, at + 1 + host.len(), "mailto:"))
}

/// How much of a text that begins with a host is its address.
fn address_length(text: &str) -> usize {
    without_punctuation(text.split(ends_address).next().unwrap_or_default()).len()
}

/// Chinese and typographic punctuation, too: in such texts a sentence goes on directly after an address.
fn ends_address(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '<' | '>' | '"' | '`' | '|' | '\\' | '{' | '}')
        || matches!(letter, '“' | '”' | '‘' | '’' | '«' | '»' | '…' | '\u{3000}'..='\u{301f}')
        || matches!(letter, '！' | '（' | '）' | '，' | '：' | '；' | '？')
}

/// Punctuation at the end belongs to the sentence; a closing bracket too, unless it was opened in the address.
fn without_punctuation(address: &str) -> &str {
    // Counted once, so that many closing brackets cost no more than one.
    let count = |bracket: u8| address.bytes().filter(|&byte| byte == bracket).count();
    let mut surplus_round = count(b')').saturating_sub(count(b'('));
    let mut surplus_square = count(b']').saturating_sub(count(b'['));
    let mut address = address;
    while let Some(last) = address.bytes().next_back() {
        match last {
            // What looks like an entity is none of it, as at GitHub.
            b';' => {
                let name = address[..address.len() - 1].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
                if name.ends_with('&') && name.len() + 1 < address.len() {
                    address = &address[..name.len() - 1];
                    continue;
                }
            }
            b'.' | b',' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' => {}
            b')' if surplus_round > 0 => surplus_round -= 1,
            b']' if surplus_square > 0 => surplus_square -= 1,
            _ => break,
        }
        address = &address[..address.len() - 1];
    }
    address
}
