//! The small sentences of a room: who types, who is there, what Kimi is at, what is unread, when something was.

use crate::protocol::{PresenceState, RoomSummary, Run, RunStatus, Timestamp};
use crate::texts::chat;

const MINUTE: u64 = 60_000;
pub const DAY: u64 = 24 * 60 * MINUTE;

/// Names as a sentence has them: at most `limit`, then how many more there are of `count`.
pub fn names(names: &[&str], count: usize, limit: usize) -> String {
    let mut words: Vec<String> = names.iter().take(limit).map(|name| (*name).to_owned()).collect();
    let others = count.max(names.len()) - words.len();
    match (others, words.is_empty()) {
        (0, _) => {}
        (1, true) => words.push(chat::somebody().to_owned()),
        (_, true) => words.push(chat::people(others as u64)),
        (_, false) => words.push(chat::others(others as u64)),
    }
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { chat::names_and(&words.join(", "), &last) }
}

/// The line above the composer; empty when nobody types.
pub fn typing(typists: &[&str], count: usize) -> String {
    match count {
        0 => String::new(),
        1 => chat::typing(&names(typists, count, 1)),
        _ => chat::typing_several(&names(typists, count, if count > 3 { 2 } else { 3 })),
    }
}

/// What Kimi is at; empty once it has ended.
pub fn doing(run: &Run) -> String {
    match (run.status, &run.tool) {
        (RunStatus::Queued, _) => chat::about_to_answer().to_owned(),
        (RunStatus::Thinking, _) => chat::is_thinking().to_owned(),
        (RunStatus::Tool, Some(tool)) => chat::is_using(tool_name(tool)),
        (RunStatus::Tool, None) => chat::is_using_tool().to_owned(),
        (RunStatus::Writing, _) => chat::is_writing().to_owned(),
        _ => String::new(),
    }
}

/// How a tool is called where people read it.
pub fn tool_name(tool: &str) -> &str {
    if tool == "$web_search" { chat::web_search() } else { tool }
}

/// What a room's unread messages are called; empty when there are none.
pub fn unread(unread: u32, mentions: u32) -> String {
    match (unread, mentions) {
        (0, 0) => String::new(),
        (unread, 0) => chat::unread(unread.into()),
        (unread, mentions) => {
            let mut words = chat::unread(unread.into());
            words.push_str(", ");
            words + &chat::mentions(mentions.into())
        }
    }
}

impl RoomSummary {
    /// What it is called where it must be called something.
    pub fn shown_title(&self) -> &str {
        if self.title.is_empty() { chat::new_conversation() } else { &self.title }
    }
}

/// How somebody is.
pub fn presence(state: PresenceState, seen: Option<&str>) -> String {
    match (state, seen) {
        (PresenceState::Online, _) => chat::is_here().to_owned(),
        (PresenceState::Away, _) => chat::is_away().to_owned(),
        (PresenceState::Offline, Some(seen)) => chat::last_here(seen),
        (PresenceState::Offline, None) => chat::not_here().to_owned(),
    }
}

/// A time of day, with the date when it is not today's. Both times are already those of the reader's place.
pub fn time(time: Timestamp, now: Timestamp) -> String {
    let clock = clock(time / MINUTE);
    if time / DAY == now / DAY {
        return clock;
    }
    let (year, month, day) = date(time / DAY);
    let (day, month) = (day.to_string(), chat::short_months().split(' ').nth(month).unwrap_or_default());
    if year == date(now / DAY).0 {
        chat::short_date(&day, month, &clock)
    } else {
        chat::short_date_year(&day, month, &year.to_string(), &clock)
    }
}

/// A time of day, by the minutes since a midnight.
pub fn clock(minutes: u64) -> String {
    let digits = |number: u64| (100 + number).to_string().split_off(1);
    chat::clock(&digits(minutes / 60 % 24), &digits(minutes % 60))
}

/// Year, month from 0 and day, of a day counted from 1970.
pub fn date(mut day: u64) -> (u64, usize, u64) {
    let mut year = 1970;
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = [31, 28 + u64::from(is_leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in lengths.into_iter().enumerate() {
            if day < length || year == 9999 {
                return (year, month, day % length + 1);
            }
            day -= length;
        }
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_types_is_named_as_far_as_it_stays_short() {
        for (named, count, expected) in [
            (&[][..], 0, ""),
            (&[], 1, "Somebody is typing"),
            (&[], 50, "50 people are typing"),
            (&["Ana"], 1, "Ana is typing"),
            (&["Ana", "Budi"], 2, "Ana and Budi are typing"),
            (&["Ana", "Budi", "Citra"], 3, "Ana, Budi and Citra are typing"),
            (&["Ana", "Budi", "Citra", "Dewi", "Eka"], 5, "Ana, Budi and 3 others are typing"),
            (&["Ana", "Budi"], 3, "Ana, Budi and 1 other are typing"),
        ] {
            assert_eq!(typing(named, count), expected);
        }
    }

    #[test]
    fn times_have_their_date_when_it_is_not_today() {
        let noon = 1_795_176_000_000;
        assert_eq!(time(noon, noon), "12:00");
        assert_eq!(time(noon - DAY, noon), "19 Nov, 12:00");
        assert_eq!(time(951_827_640_000, noon), "29 Feb 2000, 12:34");
        assert_eq!(time(0, noon), "1 Jan 1970, 00:00");
    }

    #[test]
    fn unread_messages_are_counted_in_words() {
        assert_eq!(unread(0, 0), "");
        assert_eq!(unread(3, 0), "3 unread");
        assert_eq!(unread(3, 1), "3 unread, 1 mention");
        assert_eq!(unread(9, 2), "9 unread, 2 mentions");
    }
}
