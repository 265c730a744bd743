//! What models write in LaTeX and `math-core` does not know, in words that it knows. Only text is replaced, from left to
//! right, without going back: what comes out is longer by a factor at most.

/// Environments by another name. Lines are not numbered: the number of an equation is of its document, and there is none.
const ENVIRONMENTS: [(&str, &str); 9] = [
    ("align", "align*"),
    ("alignat*", "align*"),
    ("eqnarray", "align*"),
    ("eqnarray*", "align*"),
    ("equation", "equation*"),
    ("gather", "gather*"),
    ("smallmatrix", "matrix"),
    ("split", "aligned"),
    ("tabular", "array"),
];

/// Commands by another name, and such as mean nothing here.
const COMMANDS: [(&str, &str); 12] = [
    ("dotsb", "\\cdots"),
    ("dotsc", "\\ldots"),
    ("dotsi", "\\cdots"),
    ("dotsm", "\\cdots"),
    ("dotso", "\\ldots"),
    ("hbox", "\\text"),
    ("hfill", "\\quad"),
    ("large", ""),
    ("Large", ""),
    ("mbox", "\\text"),
    ("nolimits", ""),
    ("textup", "\\text"),
];

/// Commands with one argument: what stands before it instead, and after it.
const AROUND: [(&str, &str, &str); 3] = [
    ("boxed", r"\begin{array}{|c|}\hline{\displaystyle ", r"}\\\hline\end{array}"),
    ("fbox", r"\begin{array}{|c|}\hline\text{", r"}\\\hline\end{array}"),
    ("substack", r"\begin{subarray}{c}", r"\end{subarray}"),
];

pub(super) fn usual(latex: &str) -> String {
    let latex = translated(latex.trim());
    let has_lines = latex.contains(r"\\");
    if latex.contains(r"\tag{") && !latex.contains("*}") {
        [r"\begin{equation*}", &latex, r"\end{equation*}"].concat()
    } else if has_lines && !latex.contains(r"\begin{") {
        // Lines that stand alone.
        let name = if latex.contains('&') { "aligned" } else { "gathered" };
        [r"\begin{", name, "}", &latex, r"\end{", name, "}"].concat()
    } else {
        latex
    }
}

fn translated(latex: &str) -> String {
    let mut usual = String::with_capacity(latex.len() * 2);
    // What is written at the end of each group that is open.
    let mut ends: Vec<&'static str> = Vec::new();
    let mut rest = latex;
    while let Some(at) = rest.find(['\\', '{', '}']) {
        usual.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('{') {
            usual.push('{');
            ends.push("}");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('}') {
            usual.push_str(ends.pop().unwrap_or("}"));
            rest = after;
        } else {
            rest = command(&rest[1..], &mut usual, &mut ends);
        }
    }
    usual.push_str(rest);
    usual
}

/// Writes the command that begins here, behind its backslash; returns what is left.
fn command<'a>(text: &'a str, usual: &mut String, ends: &mut Vec<&'static str>) -> &'a str {
    let length = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(length);
    if let Some((_, other)) = COMMANDS.iter().find(|(command, _)| *command == name) {
        usual.push_str(other);
        return rest;
    }
    if let Some((_, before, after)) = AROUND.iter().find(|(command, ..)| *command == name)
        && let Some(inside) = rest.trim_start().strip_prefix('{')
    {
        usual.push_str(before);
        ends.push(after);
        return inside;
    }
    match (name, argument(rest)) {
        ("label" | "require", Some((_, after))) => return after,
        ("begin" | "end", Some((environment, after))) => {
            let other = ENVIRONMENTS.iter().find(|(other, _)| *other == environment);
            let environment = other.map_or(environment, |(_, environment)| environment);
            usual.extend(["\\", name, "{", environment, "}"]);
            return after;
        }
        ("textcolor", Some((colour, after))) => {
            if let Some(inside) = after.trim_start().strip_prefix('{') {
                usual.extend(["{\\color{", colour, "}"]);
                ends.push("}");
                return inside;
            }
        }
        _ => {}
    }
    usual.push('\\');
    usual.push_str(name);
    if name.is_empty() {
        // A command of one sign.
        let length = rest.chars().next().map_or(0, char::len_utf8);
        usual.push_str(&rest[..length]);
        rest = &rest[length..];
    } else if matches!(name, "left" | "right") {
        for (sign, word) in [("<", "\\langle "), (">", "\\rangle ")] {
            if let Some(after) = rest.strip_prefix(sign) {
                usual.push_str(word);
                return after;
            }
        }
    }
    rest
}

/// The argument that comes next, in which there are no others, and what comes after it.
fn argument(text: &str) -> Option<(&str, &str)> {
    let (argument, after) = text.trim_start().strip_prefix('{')?.split_once('}')?;
    (!argument.contains(['{', '\\'])).then_some((argument, after))
}
