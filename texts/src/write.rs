//! Writes the module: a table of texts per language, and a function per text, so that a name that is not there, or a
//! place that is not filled, does not compile.

use std::fmt::Write;

use super::{FIRST, File, Module, Piece, Text};

/// On the server, everything in every language; in the browser, the first module in the first language.
pub fn module(files: &[(Module, File)], languages: &[String], is_server: bool) -> String {
    let shown = if is_server { files.len() } else { 1 };
    let languages = if is_server { languages } else { languages.get(..1).unwrap_or_default() };
    let firsts: Vec<(&Module, &[Text])> =
        files.iter().map(|(module, file)| (module, file.get(FIRST).map_or(&[][..], Vec::as_slice))).collect();
    let mut code = String::new();
    // Before the texts, each language has its tag.
    let in_browser = 1 + firsts.first().map_or(0, |(_, texts)| texts.len());
    line(&mut code, &format!("/// Texts that the browser has.\nconst IN_BROWSER: usize = {in_browser};"));
    if is_server {
        let by_name = firsts.iter().filter(|(module, _)| module.is_by_name).map(|(_, texts)| texts.len());
        let sent = in_browser + by_name.sum::<usize>();
        line(
            &mut code,
            &format!("/// Texts that a page in another language brings along.\nconst SENT: usize = {sent};"),
        );
    }
    let mut next = 1;
    for (module, texts) in firsts.iter().take(shown) {
        let mut functions = String::new();
        for text in *texts {
            function(&mut functions, next, text, module);
            next += 1;
        }
        line(&mut code, &format!("{} mod {} {{", module.visibility, module.name));
        line(&mut code, &format!("{functions}}}"));
    }
    for language in languages {
        line(&mut code, &format!("static {}: &[&str] = &[\n{language:?},", constant(language)));
        for ((module, file), (_, texts)) in files.iter().zip(&firsts).take(shown) {
            let own = file.get(language).map_or(&[][..], Vec::as_slice);
            for text in *texts {
                let own = own.iter().find(|own| own.name == text.name).unwrap_or(text);
                let name = if module.is_by_name { format!("{}=", text.name) } else { String::new() };
                line(&mut code, &format!("{:?},", name + &compiled(own, text)));
            }
        }
        line(&mut code, "];");
    }
    if is_server {
        let names: Vec<String> =
            languages.iter().map(|language| format!("Language({})", constant(language))).collect();
        line(&mut code, "/// Every language; the first is for who wants none of them.");
        line(&mut code, &format!("pub static LANGUAGES: &[Language] = &[{}];", names.join(", ")));
        line(
            &mut code,
            "fn without_name(text: &str) -> &str { text.split_once('=').map_or(text, |(_, text)| text) }",
        );
    }
    code
}

fn line(code: &mut String, line: &str) {
    code.push_str(line);
    code.push('\n');
}

fn constant(language: &str) -> String {
    language.to_uppercase().replace('-', "_")
}

fn function(code: &mut String, index: usize, text: &Text, module: &Module) {
    let name = text.name.replace('-', "_");
    let said = text.forms.values().last().map_or_else(String::new, |pieces| {
        pieces.iter().fold(String::new(), |mut said, piece| {
            _ = match piece {
                Piece::Words(words) => write!(said, "{words}"),
                Piece::Place(place) => write!(said, "{{{place}}}"),
            };
            said
        })
    });
    line(code, &format!("/// `{said}`"));
    if text.places.is_empty() {
        let said = if module.is_by_name {
            format!("super::without_name(super::said({index}))")
        } else {
            format!("super::said({index})")
        };
        return line(code, &format!("pub fn {name}() -> &'static str {{ {said} }}"));
    }
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    for place in &text.places {
        let name = place.name.replace('-', "_");
        parameters.push(format!("{name}: {}", if place.is_number { "u64" } else { "&str" }));
        values.push(if place.is_number { format!("&super::number({name})") } else { name });
    }
    let (parameters, values) = (parameters.join(", "), values.join(", "));
    let body = match &text.count {
        Some(count) => format!("super::counted({index}, {}, &[{values}])", count.replace('-', "_")),
        None => format!("super::filled({index}, &[{values}])"),
    };
    line(code, &format!("pub fn {name}({parameters}) -> String {{ {body} }}"));
}

/// The forms as one string: those for one and for others are parted by `|`, and `{0}` is the first place of `first`.
fn compiled(text: &Text, first: &Text) -> String {
    let form = |pieces: &Vec<Piece>| {
        pieces.iter().fold(String::new(), |mut form, piece| {
            match piece {
                Piece::Words(words) => form.push_str(words),
                Piece::Place(name) => {
                    let index = first.places.iter().position(|place| place.name == *name).unwrap_or_default();
                    _ = write!(form, "{{{index}}}");
                }
            }
            form
        })
    };
    let other = text.forms.get("other").map(form).unwrap_or_default();
    match text.forms.get("one").map(form) {
        Some(one) => format!("{one}|{other}"),
        None => other,
    }
}
