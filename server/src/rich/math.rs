//! Draws formulas: LaTeX in, `MathML` out, with the LaTeX as its annotation. A formula that cannot be drawn stays as it
//! was written and says why.
//!
//! `math-core` does it. It expands no macros of the text's own, but it nests as deep as the text does, so it works on a
//! thread with a stack for the deepest text that is let in; a panic ends no more than that thread. What it writes is
//! shown only if [`mathml`] knows all of it.

mod dialect;
mod mathml;

use std::sync::{Arc, LazyLock};
use std::thread;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::{Drawn, escape};

/// Bytes of a formula.
const BYTES: usize = 4 * 1024;
/// Bytes of the stack. One level takes 2.6 KB without optimisations, and there can be one for each byte.
const STACK: usize = 32 * 1024 * 1024;

static CONVERTER: LazyLock<Option<Arc<LatexToMathML>>> = LazyLock::new(|| {
    let macros = [("widetilde", r"\tilde{#1}"), ("pmb", r"\boldsymbol{#1}")];
    let macros = macros.map(|(name, body)| (name.to_owned(), body.to_owned())).to_vec();
    LatexToMathML::new(MathCoreConfig { macros, ..MathCoreConfig::default() }).ok().map(Arc::new)
});

/// Draws a formula: within a line, or `display`, in a box of its own that scrolls when it is too wide.
pub(super) fn draw(variant: &str, latex: &str) -> Drawn {
    let is_display = variant == "display";
    let html = match convert(latex, is_display) {
        Ok(mathml) => drawn(&mathml, latex, is_display),
        Err(reason) => faulty(&reason, latex, is_display),
    };
    Drawn { html, is_whole: true }
}

fn drawn(mathml: &str, latex: &str, is_display: bool) -> String {
    let mut html = String::with_capacity(mathml.len() + latex.len() + 200);
    html.push_str(if is_display {
        "<span class=\"formula\" tabindex=\"0\"><math display=\"block\"><semantics><mrow>"
    } else {
        "<math><semantics><mrow>"
    });
    html.push_str(mathml);
    html.push_str("</mrow><annotation encoding=\"application/x-tex\">");
    escape(&mut html, latex.trim());
    html.push_str("</annotation></semantics></math>");
    html.push_str(if is_display { "</span>" } else { "" });
    html
}

fn faulty(reason: &str, latex: &str, is_display: bool) -> String {
    let mut html = "<code class=\"math faulty".to_owned();
    html.push_str(if is_display { " display" } else { "" });
    html.push_str("\" title=\"This formula can’t be drawn: ");
    escape(&mut html, &reason.replace('"', "'"));
    html.push_str("\">");
    escape(&mut html, latex);
    html.push_str("</code>");
    html
}

/// What stands inside of `<math>`, or why there is nothing.
fn convert(latex: &str, is_display: bool) -> Result<String, String> {
    if latex.len() > BYTES {
        return Err("it is too long.".to_owned());
    }
    let latex = dialect::usual(latex);
    let thread = thread::Builder::new().name("formula".to_owned()).stack_size(STACK);
    let converting = thread.spawn(move || {
        let display = if is_display { MathDisplay::Block } else { MathDisplay::Inline };
        let converter = CONVERTER.as_ref()?;
        let converted = converter.convert_with_local_state(&latex, display);
        Some(converted.map(|converted| converted.mathml).map_err(|error| error.to_string()))
    });
    let converted = converting.ok().and_then(|thread| thread.join().ok()).flatten();
    let mathml = converted.unwrap_or_else(|| Err("it is too unusual.".to_owned()))?;
    let inside = mathml.strip_prefix("<math").and_then(|math| math.split_once('>'));
    let inside = inside.and_then(|(_, inside)| inside.strip_suffix("</math>"));
    let known = inside.filter(|inside| mathml::is_known(inside));
    known.map(str::to_owned).ok_or_else(|| "it is too complicated.".to_owned())
}

#[cfg(test)]
mod tests;
