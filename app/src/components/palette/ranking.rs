//! How well names fit what was typed, and in which order they are offered. It knows nothing of rooms or the page.

/// How far apart the letters of a name may be that was typed only in part; what is further is no match.
const WIDEST: usize = 40;
/// What such a match counts, and each character of its width one more.
const SPREAD: usize = 3;

/// The places of the names that fit, best first; of equals, in the order in which they came.
pub fn ranked<'a>(names: impl Iterator<Item = &'a str>, typed: &str) -> Vec<usize> {
    let typed = folded(typed.trim());
    let fits: Vec<Option<usize>> = names.map(|name| fit(&folded(name), &typed)).collect();
    // A sort would be some kilobytes for the browser to download.
    let of = |wanted: usize| {
        let places = fits.iter().enumerate();
        places.filter(move |(_, fit)| **fit == Some(wanted)).map(|(place, _)| place)
    };
    (0..=SPREAD + WIDEST).flat_map(of).collect()
}

fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Less is better: its beginning, the beginning of a word of it, anything in it, its letters with others between.
fn fit(name: &[char], typed: &[char]) -> Option<usize> {
    if typed.is_empty() || name.starts_with(typed) {
        return Some(0);
    }
    let mut is_inside = false;
    for (place, window) in name.windows(typed.len()).enumerate() {
        if window == typed {
            let is_word = place.checked_sub(1).is_none_or(|before| !name[before].is_alphanumeric());
            if is_word {
                return Some(1);
            }
            is_inside = true;
        }
    }
    if is_inside {
        return Some(2);
    }
    let first = name.iter().position(|character| *character == typed[0])?;
    let mut rest = typed.iter();
    let mut wanted = rest.next();
    for (place, character) in name.iter().enumerate().skip(first) {
        if wanted == Some(character) {
            wanted = rest.next();
            if wanted.is_none() {
                let width = place - first;
                return (width <= WIDEST).then_some(SPREAD + width);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_comes_first() {
        for (typed, names, expected) in [
            // Everything, as it came.
            ("", &["Rain", "Harvest"][..], &["Rain", "Harvest"][..]),
            ("  ", &["Rain"], &["Rain"]),
            ("har", &["Shared", "The harvest", "Harvest", "Rain"], &["Harvest", "The harvest", "Shared"]),
            ("HAR", &["harvest"], &["harvest"]),
            ("är", &["Ärger", "Bär"], &["Ärger", "Bär"]),
            // Equals stay in their order: unread first, then the newest.
            (
                "plan",
                &["Plan of May", "Plan of April", "A plan"],
                &["Plan of May", "Plan of April", "A plan"],
            ),
            // Letters with others between: the closer, the better.
            ("nr", &["New conversation room", "New room", "Rain"], &["New room", "New conversation room"]),
            ("hvt", &["Harvest", "Heavy weather, thunder"], &["Harvest", "Heavy weather, thunder"]),
            ("tsevrah", &["Harvest"], &[]),
            ("harvests", &["Harvest"], &[]),
            ("new room", &["New room"], &["New room"]),
            ("a-b", &["x a-b", "xa-b"], &["x a-b", "xa-b"]),
            ("ab", &["a-----------------------------------------b"], &[]),
            ("日本", &["東日本", "日本"], &["日本", "東日本"]),
        ] {
            let found: Vec<&str> =
                ranked(names.iter().copied(), typed).into_iter().map(|place| names[place]).collect();
            assert_eq!(found, expected, "{typed}");
        }
    }
}
