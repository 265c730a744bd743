//! Whether some `MathML` is nothing but what formulas need: these elements and attributes, not too many, not too deep.
//!
//! It does not repair anything, and reads no more than what `math-core` writes: whatever looks otherwise is not known.

/// Bytes of `MathML`.
const BYTES: usize = 256 * 1024;
/// Elements inside of each other. Parsers in browsers give up at 512.
const DEPTH: usize = 100;

/// Those of MathML Core that show something and do nothing, and what words in a formula may be.
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

pub(super) fn is_known(mathml: &str) -> bool {
    mathml.len() <= BYTES && read(mathml).is_some()
}

/// Nothing if anything is not known.
fn read(mathml: &str) -> Option<()> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = mathml;
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at + 1..].split_once('>')?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            (open.pop()? == name).then_some(())?;
            continue;
        }
        let is_empty = tag.ends_with('/');
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        ELEMENTS.contains(&name).then_some(())?;
        read_attributes(attributes)?;
        if !is_empty {
            open.push(name);
            (open.len() <= DEPTH).then_some(())?;
        }
    }
    open.is_empty().then_some(())
}

fn read_attributes(attributes: &str) -> Option<()> {
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        ATTRIBUTES.contains(&name).then_some(())?;
        if name == "style" {
            value.split(';').all(is_declaration).then_some(())?;
        } else {
            is_plain(value).then_some(())?;
        }
        rest = after.trim_start();
    }
    Some(())
}

fn is_declaration(declaration: &str) -> bool {
    let declaration = declaration.trim();
    let known = declaration.split_once(':');
    declaration.is_empty() || known.is_some_and(|(name, value)| PROPERTIES.contains(&name) && is_plain(value))
}

/// Words, numbers and colours.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" .#%-".contains(&byte))
}
