//! JSON, as far as the wire needs it, because a general library would be a fifth of what the browser downloads.
//!
//! Reading takes any JSON (RFC 8259) into a tree whose texts are borrowed; numbers that are negative or not whole are read as
//! [`Json::Other`], because nothing on the wire is one. Writing goes straight into a text. [`super::wire`] says what the
//! types look like.

use std::borrow::Cow;

/// Lists and objects inside of each other; the wire's own have less than ten.
const DEPTH: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(u64),
    /// A number that is no [`u64`].
    Other,
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Json<'a> {
    /// `None`: this is not JSON.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        (reader.at == text.len()).then_some(value)
    }

    /// What an object has under a name; the first, should there be several.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(other, _)| other == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes_word(&mut self, word: &str) -> Option<()> {
        let is_it = self.text.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        is_it.then_some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.skip_space();
        match self.peek()? {
            b'n' => self.takes_word("null").map(|()| Json::Null),
            b't' => self.takes_word("true").map(|()| Json::Bool(true)),
            b'f' => self.takes_word("false").map(|()| Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' if depth < DEPTH => self.list(depth),
            b'{' if depth < DEPTH => self.object(depth),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        let mut values = Vec::new();
        self.skip_space();
        if self.takes(b']') {
            return Some(Json::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.skip_space();
            match self.next()? {
                b',' => {}
                b']' => return Some(Json::List(values)),
                _ => return None,
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        let mut fields = Vec::new();
        self.skip_space();
        if self.takes(b'}') {
            return Some(Json::Object(fields));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if !self.takes(b':') {
                return None;
            }
            fields.push((name, self.value(depth + 1)?));
            self.skip_space();
            match self.next()? {
                b',' => {}
                b'}' => return Some(Json::Object(fields)),
                _ => return None,
            }
        }
    }

    fn digits(&mut self) -> Option<&'a str> {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.text.get(begin..self.at).filter(|digits| !digits.is_empty())
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let is_negative = self.takes(b'-');
        let digits = self.digits()?;
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        let has_fraction = self.takes(b'.');
        if has_fraction {
            self.digits()?;
        }
        let has_exponent = self.takes(b'e') || self.takes(b'E');
        if has_exponent {
            _ = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        let is_whole = !is_negative && !has_fraction && !has_exponent;
        Some(digits.parse().ok().filter(|_| is_whole).map_or(Json::Other, Json::Number))
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        if !self.takes(b'"') {
            return None;
        }
        let begin = self.at;
        loop {
            match self.peek()? {
                b'"' => {
                    let text = self.text.get(begin..self.at)?;
                    self.at += 1;
                    return Some(Cow::Borrowed(text));
                }
                b'\\' => return self.escaped(begin).map(Cow::Owned),
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    /// A string with escapes, from its beginning.
    fn escaped(&mut self, begin: usize) -> Option<String> {
        let mut text = self.text.get(begin..self.at)?.to_owned();
        loop {
            let begin = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            text.push_str(self.text.get(begin..self.at)?);
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => match self.unit()? {
                high @ 0xd800..=0xdbff => {
                    self.takes_word("\\u")?;
                    let low = self.unit().filter(|low| (0xdc00..=0xdfff).contains(low))?;
                    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
                }
                unit => char::from_u32(unit)?,
            },
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)
    }
}

/// Writes one value after the other; the caller sees to it that they make sense together.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) text: String,
}

impl Writer {
    pub(crate) fn number(&mut self, number: u64) {
        self.text.push_str(&number.to_string());
    }

    pub(crate) fn string(&mut self, string: &str) {
        self.text.push('"');
        let mut rest = string;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let (plain, from) = rest.split_at(at);
            self.text.push_str(plain);
            let byte = from.as_bytes()[0];
            match byte {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                b'\n' => self.text.push_str("\\n"),
                _ => {
                    self.text.push_str("\\u00");
                    for digit in [byte >> 4, byte & 15] {
                        self.text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
                    }
                }
            }
            rest = &from[1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    /// Begins the value of an object's next field.
    pub(crate) fn field(&mut self, name: &str) {
        self.separate('{');
        self.string(name);
        self.text.push(':');
    }

    /// A comma, unless this is the first after `begin`.
    pub(crate) fn separate(&mut self, begin: char) {
        if !self.text.ends_with(begin) {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// What the library that everybody uses reads.
    fn expected(value: &Value) -> Json<'static> {
        match value {
            Value::Null => Json::Null,
            Value::Bool(is_true) => Json::Bool(*is_true),
            Value::Number(number) => number.as_u64().map_or(Json::Other, Json::Number),
            Value::String(text) => Json::Text(Cow::Owned(text.clone())),
            Value::Array(values) => Json::List(values.iter().map(expected).collect()),
            Value::Object(fields) => Json::Object(
                fields.iter().map(|(name, value)| (Cow::Owned(name.clone()), expected(value))).collect(),
            ),
        }
    }

    fn sorted(json: Json<'_>) -> Json<'_> {
        match json {
            Json::Object(mut fields) => {
                fields.sort_by(|one, other| one.0.cmp(&other.0));
                Json::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
            }
            Json::List(values) => Json::List(values.into_iter().map(sorted).collect()),
            other => other,
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f32>().prop_map(|number| Value::from(f64::from(number))),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|fields| fields.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_others_write(value in value(), is_pretty: bool) {
            let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert_eq!(Json::parse(&text).map(sorted), Some(sorted(expected(&value))));
        }

        #[test]
        fn agrees_about_what_is_json(text in "[\\[\\]{},:\"\\\\u0-9a-fA-FnrtlsE+.\\- ]{0,24}") {
            let theirs = serde_json::from_str::<Value>(&text);
            // Numbers beyond a float's range are no error here.
            if !theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range")) {
                prop_assert_eq!(Json::parse(&text).is_some(), theirs.is_ok(), "{}", text);
            }
        }

        #[test]
        fn others_read_what_it_writes(text: String) {
            let mut writer = Writer::default();
            writer.string(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&writer.text).ok(), Some(text));
        }
    }

    #[test]
    fn escapes_and_nonsense() {
        let text = |text: &'static str| Some(Json::Text(text.into()));
        assert_eq!(Json::parse(r#""a\n\u00e9\ud83d\ude00\/\b""#), text("a\né😀/\u{8}"));
        for wrong in [
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\u+123""#,
            "\"\n\"",
            "01",
            "1.",
            "-",
            "[1,]",
            "{,}",
            "1 2",
            "",
        ] {
            assert_eq!(Json::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Json::parse("-1"), Some(Json::Other));
        assert_eq!(Json::parse("18446744073709551616"), Some(Json::Other));
        assert_eq!(Json::parse(&"[".repeat(100_000)), None, "its depth is bounded");
    }
}
