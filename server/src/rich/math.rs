//! Draws formulas: LaTeX in, `MathML` out, with the LaTeX as its annotation. A formula that cannot be drawn stays as it
//! was written and says why.
//!
//! `math-core` does it. It expands no macros of the text's own, but it nests as deep as the text does, so it works on a
//! thread with a stack for the deepest text that is let in; a panic ends no more than that thread, and nobody waits for
//! it longer than a text may take. What it writes is shown only if [`mathml`] knows all of it.

mod dialect;
mod mathml;

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Instant;

use app::markdown::escape;
use app::texts::server as texts;
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::Drawn;

/// Bytes of a formula.
const BYTES: usize = 4 * 1024;
/// Letters, or as much space, of a formula within a line, which nothing breaks.
const LINE_WIDTH: f64 = 200.0;
/// From so many on, a phone's line may be too narrow for it, and it has a box that scrolls.
const SCROLLING_WIDTH: f64 = 20.0;
/// Bytes of the stack. One level takes 2.6 KB without optimisations, and there can be one for each byte.
const STACK: usize = 32 * 1024 * 1024;

static CONVERTER: LazyLock<Option<Arc<LatexToMathML>>> = LazyLock::new(|| {
    let macros = [("widetilde", r"\tilde{#1}"), ("pmb", r"\boldsymbol{#1}")];
    let macros = macros.map(|(name, body)| (name.to_owned(), body.to_owned())).to_vec();
    LatexToMathML::new(MathCoreConfig { macros, ..MathCoreConfig::default() }).ok().map(Arc::new)
});

/// Draws a formula: within a line, or `display`, in lines of its own. What may be too wide has a box that scrolls.
pub(super) fn draw(variant: &str, latex: &str, until: Instant) -> Drawn {
    let is_display = variant == "display";
    let html = match convert(latex, is_display, until) {
        Ok(formula) => drawn(&formula, latex, is_display),
        Err(reason) => faulty(&reason, latex, is_display),
    };
    Drawn { html, is_whole: Instant::now() < until }
}

fn drawn(formula: &Formula, latex: &str, is_display: bool) -> String {
    let Formula { mathml, width } = formula;
    let (before, after) = match is_display {
        true => ("<span class=\"formula\" tabindex=\"0\"><math display=\"block\">", "</math></span>"),
        false if *width >= SCROLLING_WIDTH => {
            ("<span class=\"long-formula\" tabindex=\"0\"><math>", "</math></span>")
        }
        false => ("<math>", "</math>"),
    };
    let mut html = String::with_capacity(mathml.len() + latex.len() + 200);
    html.push_str(before);
    html.push_str("<semantics><mrow>");
    html.push_str(mathml);
    html.push_str("</mrow><annotation encoding=\"application/x-tex\">");
    escape(&mut html, latex.trim());
    html.push_str("</annotation></semantics>");
    html.push_str(after);
    html
}

fn faulty(reason: &str, latex: &str, is_display: bool) -> String {
    let mut html = "<code class=\"math faulty".to_owned();
    html.push_str(if is_display { " display" } else { "" });
    html.push_str("\" title=\"");
    escape(&mut html, reason);
    html.push_str("\">");
    escape(&mut html, latex);
    html.push_str("</code>");
    html
}

struct Formula {
    /// What stands inside of `<math>`.
    mathml: String,
    /// In letters.
    width: f64,
}

/// The formula, or why there is none.
fn convert(latex: &str, is_display: bool, until: Instant) -> Result<Formula, String> {
    if latex.len() > BYTES {
        return Err(texts::formula_too_long((BYTES / 1024) as u64));
    }
    let too_complicated = || texts::formula_too_complicated().to_owned();
    let left = |until: Instant| until.saturating_duration_since(Instant::now());
    if left(until).is_zero() {
        return Err(too_complicated());
    }
    let latex = dialect::usual(latex);
    let (answer, answered) = sync_channel(1);
    let thread = thread::Builder::new().name("formula".to_owned()).stack_size(STACK);
    let started = thread.spawn(move || {
        let display = if is_display { MathDisplay::Block } else { MathDisplay::Inline };
        let converter = CONVERTER.as_ref()?;
        let mathml = converter.convert_with_local_state(&latex, display).map(|converted| converted.mathml);
        answer.send(mathml.map_err(|error| error.error_message())).ok()
    });
    let converted = started.ok().and_then(|_| answered.recv_timeout(left(until)).ok());
    let mathml = converted.ok_or_else(too_complicated)?.map_err(|fault| said(&fault))?;
    let inside = mathml.strip_prefix("<math").and_then(|math| math.split_once('>'));
    let inside = inside.and_then(|(_, inside)| inside.strip_suffix("</math>")).ok_or_else(too_complicated)?;
    let width = mathml::width(inside).ok_or_else(too_complicated)?;
    if !is_display && width > LINE_WIDTH {
        return Err(texts::formula_too_wide().to_owned());
    }
    Ok(Formula { mathml: inside.to_owned(), width })
}

/// The faults that are met most in the reader's language, and others as LaTeX's terms say them.
fn said(fault: &str) -> String {
    let name = |kind: &str| fault.strip_prefix(kind)?.strip_prefix(" \"")?.strip_suffix("\".");
    let unknown = ["Unknown command", "Unknown environment", "Unknown color"].into_iter().find_map(name);
    unknown.map_or_else(|| texts::formula_fault(fault), texts::formula_unknown)
}

#[cfg(test)]
mod tests;
