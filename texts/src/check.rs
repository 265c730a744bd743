//! Compares the languages: each has every text of the first, with the same places, in its own plural forms.

use std::collections::BTreeSet;

use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

use super::{FIRST, File, Module, Piece, Place, Text};

/// Numbers by which the forms of a language are found.
const COUNTED: std::ops::RangeInclusive<u64> = 0..=1_000;

pub fn all(files: &[(Module, File)], languages: &[String], wrong: &mut Vec<String>) {
    for language in languages {
        let categories = match categories(language) {
            Ok(categories) => categories,
            Err(why) => {
                wrong.push(format!("{language}: {why}"));
                continue;
            }
        };
        for (module, file) in files {
            let place = format!("{language}/{}.ftl", module.name);
            let Some(first) = file.get(FIRST) else {
                wrong.push(format!("{FIRST}/{}.ftl is missing.", module.name));
                continue;
            };
            let Some(texts) = file.get(language) else {
                wrong.push(format!("{place} is missing."));
                continue;
            };
            for text in texts {
                if module.is_by_name && !text.places.is_empty() {
                    wrong
                        .push(format!("{place}: `{}` has a place, and is asked for by its name.", text.name));
                }
                for why in forms(text, &categories) {
                    wrong.push(format!("{place}: `{}` {why}.", text.name));
                }
                match first.iter().find(|other| other.name == text.name) {
                    Some(other) if places(text) != places(other) => {
                        wrong.push(format!("{place}: `{}` has other places than {FIRST}'s.", text.name));
                    }
                    Some(other) if is_number_here_only(text, other) => {
                        wrong.push(format!("{place}: `{}` has a number where {FIRST} has words.", text.name));
                    }
                    Some(other) if text.count.is_some() && text.count != other.count => {
                        wrong.push(format!("{place}: `{}` counts something else than {FIRST}'s.", text.name));
                    }
                    Some(_) => {}
                    None => wrong.push(format!("{place}: `{}` is not among {FIRST}'s.", text.name)),
                }
            }
            for missing in first.iter().filter(|text| !texts.iter().any(|other| other.name == text.name)) {
                wrong.push(format!("{place}: `{}` is missing.", missing.name));
            }
        }
    }
}

fn places(text: &Text) -> BTreeSet<&str> {
    text.places.iter().map(|place| place.name.as_str()).collect()
}

/// What a language takes for a number and the first does not, which decides.
fn is_number_here_only(text: &Text, first: &Text) -> bool {
    let is_words =
        |place: &&Place| first.places.iter().any(|other| other.name == place.name && !other.is_number);
    text.places.iter().filter(|place| place.is_number).any(|place| is_words(&place))
}

/// The plural forms of a language, in the order in which `app::texts` looks for them.
pub fn categories(language: &str) -> Result<Vec<&'static str>, String> {
    let identifier =
        language.parse::<unic_langid::LanguageIdentifier>().map_err(|error| error.to_string())?;
    let rules = PluralRules::create(identifier, PluralRuleType::CARDINAL)
        .map_err(|_| "Unicode knows no plural rules for it.".to_owned())?;
    let mut has_one = false;
    for count in COUNTED {
        match rules.select(count) {
            Ok(PluralCategory::OTHER) => {}
            Ok(PluralCategory::ONE) if count == 1 => has_one = true,
            _ => {
                return Err(format!(
                    "its plural form for {count} is neither of those that app::texts::counted knows: teach it."
                ));
            }
        }
    }
    Ok(if has_one { vec!["one", "other"] } else { vec!["other"] })
}

fn forms(text: &Text, categories: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let has: Vec<&str> = text.forms.keys().map(String::as_str).collect();
    if text.count.is_some() && has != categories {
        wrong.push(format!(
            "has the forms {}, and its language has {}",
            has.join(", "),
            categories.join(", ")
        ));
    }
    for (form, pieces) in &text.forms {
        for place in &text.places {
            let is_said =
                pieces.iter().any(|piece| matches!(piece, Piece::Place(name) if *name == place.name));
            if !is_said && text.count.as_ref() != Some(&place.name) {
                wrong.push(format!("does not say `${}` in its form `{form}`", place.name));
            }
        }
    }
    wrong
}
