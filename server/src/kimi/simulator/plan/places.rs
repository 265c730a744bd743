//! Where in a reply a gate can stand. What waiting there means is in `gates`.

/// Where a gate stands: `name@headers`, `@start`, `@thinking:N`, `@N` (before text token N of the whole reply),
/// `@finish`, `@done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Headers,
    Start,
    Thinking(u32),
    Text(u32),
    Finish,
    Done,
}

/// Reads the switch `gate`: `name@place`, comma-separated.
pub(super) fn read(list: &str) -> Result<Vec<(Place, String)>, String> {
    list.split(',')
        .filter(|gate| !gate.is_empty())
        .map(|gate| {
            let (name, place) = gate.split_once('@').unwrap_or((gate, "start"));
            let number = |text: &str| text.parse().map_err(|_| format!("unknown place in gate `{gate}`"));
            let place = match (place, place.strip_prefix("thinking:")) {
                ("headers", _) => Place::Headers,
                ("start", _) => Place::Start,
                ("finish", _) => Place::Finish,
                ("done", _) => Place::Done,
                (_, Some(position)) => Place::Thinking(number(position)?),
                (position, None) => Place::Text(number(position)?),
            };
            Ok((place, name.to_owned()))
        })
        .collect()
}
