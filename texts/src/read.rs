//! Reads the files: Fluent's syntax tree becomes texts with places and forms. What the product has no use for is refused.

use std::collections::BTreeMap;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser;

use super::{Piece, Place, Text};

/// Marks of the compiled form, and of HTML: a text has no markup.
const RESERVED: [char; 4] = ['{', '}', '|', '<'];

/// By language and module, the text of each file.
pub fn folder(folder: &Path) -> Result<BTreeMap<(String, String), String>, Vec<String>> {
    let broken = |error: std::io::Error| vec![format!("{}: {error}", folder.display())];
    let mut sources = BTreeMap::new();
    for language in std::fs::read_dir(folder).map_err(broken)? {
        let language = language.map_err(broken)?;
        for file in std::fs::read_dir(language.path()).map_err(broken)? {
            let path = file.map_err(broken)?.path();
            if path.extension().is_some_and(|extension| extension == "ftl") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let tag = language.file_name().to_string_lossy().into_owned();
                sources.insert((tag, name), std::fs::read_to_string(&path).map_err(broken)?);
            }
        }
    }
    Ok(sources)
}

/// The texts of one file; `place` is what it is called in what is wrong.
pub fn file(source: &str, place: &str, wrong: &mut Vec<String>) -> Vec<Text> {
    let resource = match parser::parse(source) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                let line = 1 + source.get(..error.pos.start).unwrap_or(source).matches('\n').count();
                wrong.push(format!("{place}, line {line}: {error}"));
            }
            resource
        }
    };
    let mut texts: Vec<Text> = Vec::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => match text(message) {
                Ok(text) if texts.iter().any(|other| other.name == text.name) => {
                    wrong.push(format!("{place}: `{}` is there twice.", text.name));
                }
                Ok(text) => texts.push(text),
                Err(why) => wrong.push(format!("{place}: `{}` {why}.", message.id.name)),
            },
            Entry::Term(term) => {
                wrong.push(format!("{place}: `-{}` is a term; write the word.", term.id.name));
            }
            // Junk was told of as an error.
            _ => {}
        }
    }
    texts
}

/// What is read of one pattern, form by form.
#[derive(Default)]
struct Reading {
    places: Vec<Place>,
    count: Option<String>,
    /// Each form as far as it was read.
    forms: BTreeMap<String, Vec<Piece>>,
}

fn text(message: &Message<&str>) -> Result<Text, String> {
    if !message.attributes.is_empty() {
        return Err("has attributes; make them texts of their own".to_owned());
    }
    let pattern = message.value.as_ref().ok_or("says nothing")?;
    let mut reading = Reading::default();
    reading.forms.insert("other".to_owned(), Vec::new());
    reading.pattern(pattern)?;
    let Reading { places, count, forms } = reading;
    Ok(Text { name: message.id.name.to_owned(), places, count, forms })
}

impl Reading {
    fn pattern(&mut self, pattern: &Pattern<&str>) -> Result<(), String> {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.words(value)?,
                PatternElement::Placeable { expression } => self.expression(expression)?,
            }
        }
        Ok(())
    }

    fn words(&mut self, words: &str) -> Result<(), String> {
        if let Some(reserved) = words.chars().find(|character| RESERVED.contains(character)) {
            return Err(format!("has a `{reserved}`, which no text may have"));
        }
        // Fluent keeps line breaks; a page has none.
        self.push(&Piece::Words(words.replace('\n', " ")));
        Ok(())
    }

    fn push(&mut self, piece: &Piece) {
        for form in self.forms.values_mut() {
            match (form.last_mut(), piece) {
                (Some(Piece::Words(words)), Piece::Words(more)) => words.push_str(more),
                _ => form.push(piece.clone()),
            }
        }
    }

    fn place(&mut self, name: &str, is_number: bool) -> Result<(), String> {
        match self.places.iter_mut().find(|place| place.name == name) {
            // What decides on a form is a number wherever it is written.
            Some(place) if self.count.as_deref() == Some(name) => place.is_number = true,
            Some(place) if place.is_number != is_number => {
                return Err(format!("has `${name}` as a number and as words"));
            }
            Some(_) => {}
            None => self.places.push(Place { name: name.to_owned(), is_number }),
        }
        Ok(())
    }

    fn expression(&mut self, expression: &Expression<&str>) -> Result<(), String> {
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                let InlineExpression::VariableReference { id } = selector else {
                    return Err("chooses by something that is not a number of the code's".to_owned());
                };
                if self.count.is_some() {
                    return Err("chooses twice; make it two texts".to_owned());
                }
                if !variants.iter().any(|variant| variant.default && category(&variant.key) == "other") {
                    return Err("chooses without `*[other]`".to_owned());
                }
                self.places.retain(|place| place.name != id.name);
                self.places.push(Place { name: id.name.to_owned(), is_number: true });
                self.count = Some(id.name.to_owned());
                let begun = self.forms.remove("other").unwrap_or_default();
                let mut forms = BTreeMap::new();
                for variant in variants {
                    self.forms = BTreeMap::from([(category(&variant.key).to_owned(), begun.clone())]);
                    self.pattern(&variant.value)?;
                    forms.append(&mut self.forms);
                }
                self.forms = forms;
                return Ok(());
            }
        };
        match inline {
            InlineExpression::StringLiteral { value } => self.words(value),
            InlineExpression::VariableReference { id } => {
                let is_number = self.count.as_deref() == Some(id.name);
                self.place(id.name, is_number)?;
                self.push(&Piece::Place(id.name.to_owned()));
                Ok(())
            }
            InlineExpression::FunctionReference { id, arguments } if id.name == "NUMBER" => {
                let [InlineExpression::VariableReference { id }] = arguments.positional.as_slice() else {
                    return Err("has a NUMBER() of something other than a place".to_owned());
                };
                self.place(id.name, true)?;
                self.push(&Piece::Place(id.name.to_owned()));
                Ok(())
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            _ => Err("has something other than places, NUMBER() and a choice".to_owned()),
        }
    }
}

fn category<'a>(key: &VariantKey<&'a str>) -> &'a str {
    match key {
        VariantKey::Identifier { name } => name,
        VariantKey::NumberLiteral { value } => value,
    }
}
