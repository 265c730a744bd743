//! Compiles the texts of the product: from files in the syntax of Project Fluent, one folder per language, to the Rust
//! module that `app` is built with, or to a list of what is wrong with them. It runs while `app` is built; nothing of
//! it is in the server or in the browser.
//!
//! Of Fluent's syntax it takes what texts need and no more: messages, `{ $name }`, `{ NUMBER($name) }`, and one choice
//! by a number, `{ $count -> … }`, with exactly the plural forms that Unicode knows for the language.

mod check;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

/// The language that texts are written in first; the others are compared with it.
pub const FIRST: &str = "en";

/// The texts of one file, by language and in the order of the file.
type File = BTreeMap<String, Vec<Text>>;

/// One text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    name: String,
    places: Vec<Place>,
    /// The place whose number decides on the form.
    count: Option<String>,
    /// By plural category; a text without a choice has `other` alone.
    forms: BTreeMap<String, Vec<Piece>>,
}

/// Something that the code puts into a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    name: String,
    is_number: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Place(String),
}

/// A file of texts, and who sees the functions that it becomes.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// The file's name without `.ftl`, and the module's.
    pub name: &'static str,
    /// `pub`, or `pub(crate)`, with which the compiler finds texts that nothing uses.
    pub visibility: &'static str,
    /// Whether a text can also be found by its name. The browser has such a module only in languages but the first.
    pub is_by_name: bool,
}

/// Reads `folder/<language>/<module>.ftl` and writes the code: on the server of everything, in the browser of the first
/// module in the first language.
///
/// # Errors
/// One sentence for each thing that is wrong, with the file in which it is to be mended.
pub fn compile(folder: &Path, modules: &[Module], is_server: bool) -> Result<String, Vec<String>> {
    let sources = read::folder(folder)?;
    compile_sources(&sources, modules, is_server)
}

/// `sources`: by language and module, the text of the file.
fn compile_sources(
    sources: &BTreeMap<(String, String), String>,
    modules: &[Module],
    is_server: bool,
) -> Result<String, Vec<String>> {
    let mut wrong = Vec::new();
    let mut files: Vec<(Module, File)> = modules.iter().map(|module| (*module, File::new())).collect();
    for ((language, name), source) in sources {
        let place = format!("{language}/{name}.ftl");
        match files.iter_mut().find(|(module, _)| module.name == name) {
            Some((_, file)) => {
                let texts = read::file(source, &place, &mut wrong);
                file.insert(language.clone(), texts);
            }
            None => wrong.push(format!("{place}: there is no such module of texts.")),
        }
    }
    let mut languages: Vec<String> = sources.keys().map(|(language, _)| language.clone()).collect();
    languages.dedup();
    // The first language is the one of who has none of them.
    languages.sort_by_key(|language| language != FIRST);
    check::all(&files, &languages, &mut wrong);
    if wrong.is_empty() { Ok(write::module(&files, &languages, is_server)) } else { Err(wrong) }
}
