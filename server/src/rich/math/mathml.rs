//! Whether some `MathML` is nothing but what formulas need: these elements and attributes, not too many, not too deep,
//! and no spaces that would put it elsewhere on the page.
//!
//! It does not repair anything, and reads no more than what `math-core` writes: whatever looks otherwise is not known.

/// Bytes of `MathML`.
const BYTES: usize = 256 * 1024;
/// Elements inside of each other. Parsers in browsers give up at 512.
const DEPTH: usize = 100;

/// The longest length, in the units of the text (em and such).
const LONGEST: f64 = 20.0;
/// All negative lengths together, which move what follows over what is before.
const BACK: f64 = 10.0;

/// Those of `MathML` Core that show something and do nothing, and what words in a formula may be.
const ELEMENTS: [&str; 29] = [
    "b",
    "code",
    "i",
    "menclose",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
];

const ATTRIBUTES: [&str; 27] = [
    "accent",
    "accentunder",
    "class",
    "columnalign",
    "depth",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rowspacing",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "style",
    "symmetric",
    "voffset",
    "width",
    "columnspacing",
];

/// Those of HTML, which are only what they are within the words of a formula.
const WORDS: [&str; 3] = ["b", "code", "i"];

/// What a `class` may be.
const CLASSES: [&str; 3] =
    ["menclose-downdiagonalstrike", "menclose-horizontalstrike", "menclose-updiagonalstrike"];

/// What a `style` may say.
const PROPERTIES: [&str; 15] = [
    "border-bottom",
    "border-left",
    "border-right",
    "border-top",
    "color",
    "justify-items",
    "margin-left",
    "margin-right",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "vertical-align",
    "width",
];

/// About how wide it is, in letters; nothing if anything is not known, or too much.
pub(super) fn width(mathml: &str) -> Option<f64> {
    if mathml.len() > BYTES {
        return None;
    }
    let mut reader = Reader::default();
    reader.read(mathml)?;
    (reader.back <= BACK).then_some(reader.width)
}

#[derive(Default)]
struct Reader<'a> {
    open: Vec<&'a str>,
    width: f64,
    back: f64,
}

impl<'a> Reader<'a> {
    fn read(&mut self, mathml: &'a str) -> Option<()> {
        let mut rest = mathml;
        while let Some((text, from)) = rest.split_once('<') {
            let (tag, after) = from.split_once('>')?;
            self.letters(text);
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                (self.open.pop()? == name).then_some(())?;
                continue;
            }
            let is_empty = tag.ends_with('/');
            let tag = tag.strip_suffix('/').unwrap_or(tag);
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            ELEMENTS.contains(&name).then_some(())?;
            if WORDS.contains(&name) {
                let is_in_words =
                    self.open.last().is_some_and(|open| *open == "mtext" || WORDS.contains(open));
                (is_in_words && !is_empty && attributes.is_empty()).then_some(())?;
            }
            self.attributes(attributes)?;
            if !is_empty {
                self.open.push(name);
                (self.open.len() <= DEPTH).then_some(())?;
            }
        }
        self.letters(rest);
        self.open.is_empty().then_some(())
    }

    /// A reference such as `&lt;` is one.
    fn letters(&mut self, text: &str) {
        let in_references: usize =
            text.split('&').skip(1).map(|reference| reference.find(';').unwrap_or(0) + 1).sum();
        let letters = text.chars().filter(|letter| !letter.is_whitespace()).count();
        self.width += f64::from(u32::try_from(letters.saturating_sub(in_references)).unwrap_or(u32::MAX));
    }

    fn attributes(&mut self, attributes: &str) -> Option<()> {
        let mut rest = attributes.trim();
        while !rest.is_empty() {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            ATTRIBUTES.contains(&name).then_some(())?;
            match name {
                "class" => CLASSES.contains(&value).then_some(())?,
                "style" => value.split(';').try_for_each(|declaration| self.declaration(declaration))?,
                _ => self.value(value)?,
            }
            rest = after.trim_start();
        }
        Some(())
    }

    fn declaration(&mut self, declaration: &str) -> Option<()> {
        if declaration.trim().is_empty() {
            return Some(());
        }
        let (name, value) = declaration.trim().split_once(':')?;
        PROPERTIES.contains(&name).then_some(())?;
        self.value(value)
    }

    /// Words, colours, and lengths that are not too long.
    fn value(&mut self, value: &str) -> Option<()> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .#%-".contains(&byte);
        value.bytes().all(is_plain).then_some(())?;
        value.split(' ').try_for_each(|word| self.word(word))
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if !word.starts_with(|first: char| first.is_ascii_digit() || "-.".contains(first)) {
            return Some(());
        }
        let number = word.trim_end_matches(|letter: char| letter == '%' || letter.is_ascii_alphabetic());
        let (number, unit) = (number.parse::<f64>().ok()?, &word[number.len()..]);
        match unit {
            "%" => (0.0..=100.0).contains(&number).then_some(()),
            "" | "em" | "ex" | "rem" => {
                self.width += number.max(0.0);
                self.back -= number.min(0.0);
                (number.abs() <= LONGEST).then_some(())
            }
            _ => None,
        }
    }
}
