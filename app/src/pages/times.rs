//! Points in time as the server-drawn pages write them: in UTC, because without a script nobody knows the reader's zone.

use leptos::prelude::*;

use crate::chat::clock;
use crate::protocol::Timestamp;
use crate::texts;

const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// A day of the calendar: year, month from 1, day from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// The method of Howard Hinnant's `civil_from_days`, for days from 1970 on.
    fn of(at: Timestamp) -> Self {
        let days = at / DAY_MS + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Counted from March, so that the leap day is the last.
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self { year: era * 400 + year_of_era + u64::from(month <= 2), month, day }
    }

    /// The reverse: `days_from_civil`.
    fn begins_at(self) -> Timestamp {
        let year = self.year - u64::from(self.month <= 2);
        let (era, year_of_era) = (year / 400, year % 400);
        let shifted = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * shifted + 2) / 5 + self.day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        (era * 146_097 + of_era).saturating_sub(719_468) * DAY_MS
    }
}

/// The beginning of a day that is written `2026-11-25`; `None` for anything that is no day from 1970 to 9999.
pub fn parse_date(text: &str) -> Option<Timestamp> {
    let mut parts = text.trim().splitn(3, '-');
    let mut number = |length: usize| -> Option<u64> {
        let part = parts.next()?;
        let is_plain = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { part.parse().ok() } else { None }
    };
    let date = Date { year: number(4)?, month: number(2)?, day: number(2)? };
    if date.year < 1_970 || !(1..=12).contains(&date.month) || !(1..=31).contains(&date.day) {
        return None;
    }
    let at = date.begins_at();
    // A 30th of February would be a day of March.
    (Date::of(at) == date).then_some(at)
}

/// The day as fields for dates take it.
pub(super) fn date(at: Timestamp) -> String {
    let Date { year, month, day } = Date::of(at);
    format!("{year:04}-{month:02}-{day:02}")
}

fn words(at: Timestamp) -> String {
    let Date { year, month, day } = Date::of(at);
    let month = usize::try_from(month - 1).unwrap_or_default();
    let month = texts::chat::month_names().split(' ').nth(month).unwrap_or_default();
    let minutes = at % DAY_MS / 60_000;
    texts::pages::full_time(&day.to_string(), month, &year.to_string(), &clock(minutes))
}

/// A point in time for people and for programs.
#[component]
pub(super) fn Time(at: Timestamp) -> impl IntoView {
    let seconds = at % DAY_MS / 1_000;
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    view! { <time datetime=format!("{}T{clock}Z", date(at))>{words(at)}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (at, written) in [
            (0, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (1_709_164_800_000, "2024-02-29"),
            (1_767_225_599_999, "2025-12-31"),
            (1_767_225_600_000, "2026-01-01"),
            (4_107_542_400_000, "2100-03-01"),
        ] {
            assert_eq!(date(at), written);
            assert_eq!(parse_date(written), Some(at / DAY_MS * DAY_MS), "{written}");
        }
        for day in 0..60_000 {
            assert_eq!(parse_date(&date(day * DAY_MS)), Some(day * DAY_MS));
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-2-3",
            "2026-02-30",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "1969-12-31",
            "25.11.2026",
            "2026-11-25x",
            "-026-11-25",
            "+026-11-25",
            "9999999-01-01",
            "2026-11-25-1",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(parse_date(" 9999-12-31 "), Some(253_402_214_400_000));
    }

    #[test]
    fn times_are_written_for_people() {
        let at = 1_767_225_600_000 - 60_000;
        assert_eq!(words(at), "31 December 2025, 23:59 UTC");
        let indonesian = texts::Language::named("id").map(|language| language.speak_while(|| words(at)));
        assert_eq!(indonesian.as_deref(), Some("31 Desember 2025, 23.59 UTC"));
    }
}
