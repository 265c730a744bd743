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
    host.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[').then_some(address)
}

fn after_scheme(address: &str) -> Option<&str> {
    strip_ignoring_case(address, "https://").or_else(|| strip_ignoring_case(address, "http://"))
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Finds the first bare http(s) address: the text before it, the address, and the text after it.
pub(super) fn find_bare(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let colon = from + text[from..].find("://")?;
        from = colon + 3;
        let letters = text[..colon].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        let start = colon - letters;
        let before = text[..start].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let Some(after) = after_scheme(&text[start..]) else { continue };
        let length = after.find(|letter: char| ends_address(letter)).unwrap_or(after.len());
        let end = from + without_punctuation(&after[..length]).len();
        if safe(&text[start..end]).is_some() {
            return Some((&text[..start], &text[start..end], &text[end..]));
        }
    }
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '<' | '>' | '"' | '`' | '|' | '\\' | '{' | '}')
}

/// Punctuation at the end belongs to the sentence; a closing bracket too, unless it was opened in the address.
fn without_punctuation(address: &str) -> &str {
    // Counted once, so that many closing brackets cost no more than one.
    let count = |bracket: u8| address.bytes().filter(|&byte| byte == bracket).count();
    let mut surplus_round = count(b')').saturating_sub(count(b'('));
    let mut surplus_square = count(b']').saturating_sub(count(b'['));
    let mut address = address;
    while let Some(last) = address.chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '。' | '，' | '、' => {}
            '；' | '：' | '！' | '？' | '）' | '」' | '”' | '’' | '»' => {}
            ')' if surplus_round > 0 => surplus_round -= 1,
            ']' if surplus_square > 0 => surplus_square -= 1,
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}
