//! Under which heading a room stands in the list: pinned, or by the day on which something was last said in it.
//!
//! Days are those of the reader's own place. The server knows only the time everywhere the same, so the page is drawn by
//! that first, on both sides alike, and once more as soon as it is alive.

use super::words::{DAY, date};
use super::{Chat, Reactive};
use crate::protocol::{RoomSummary, Timestamp};
use crate::texts::chat as texts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Pinned,
    Today,
    Yesterday,
    Days7,
    Days30,
    Month {
        year: u64,
        /// From 0.
        month: usize,
        is_this_year: bool,
    },
}

impl Heading {
    /// Both times are already those of the reader's place.
    fn of(at: Timestamp, now: Timestamp) -> Self {
        let (day, today) = (at / DAY, now / DAY);
        // A clock may be ahead of another.
        match today.saturating_sub(day) {
            0 => Self::Today,
            1 => Self::Yesterday,
            2..=7 => Self::Days7,
            8..=30 => Self::Days30,
            _ => {
                let (year, month, _) = date(day);
                Self::Month { year, month, is_this_year: year == date(today).0 }
            }
        }
    }

    pub fn words(self) -> String {
        let words = match self {
            Self::Pinned => texts::heading_pinned(),
            Self::Today => texts::today(),
            Self::Yesterday => texts::yesterday(),
            Self::Days7 => texts::previous_week(),
            Self::Days30 => texts::previous_month(),
            Self::Month { year, month, is_this_year } => {
                let name = texts::month_names().split(' ').nth(month).unwrap_or_default();
                if !is_this_year {
                    return texts::month_of_year(name, &year.to_string());
                }
                name
            }
        };
        words.to_owned()
    }
}

impl Chat {
    /// The rooms that are not archived, as the list has them; tracked. What is pinned comes first.
    pub fn listed(self) -> Vec<(Heading, RoomSummary)> {
        // From when it is true on, by the reader's own clock; and anew when they come back, maybe on another day.
        self.is_live.track();
        self.is_visible.track();
        let now = self.local(self.server_now());
        let mut listed = Vec::new();
        self.rooms.with(|rooms| {
            for pinned in [true, false] {
                for room in rooms.iter().filter(|room| !room.is_archived && room.is_pinned == pinned) {
                    let day = || Heading::of(self.local(room.active_at), now);
                    listed.push((if pinned { Heading::Pinned } else { day() }, room.clone()));
                }
            }
        });
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_stand_under_their_days() {
        // 20 November 2026, noon.
        let now = 1_795_176_000_000;
        let noon = now / DAY * DAY + DAY / 2;
        for (days, words) in [
            (0, "Today"),
            (1, "Yesterday"),
            (2, "Previous 7 days"),
            (7, "Previous 7 days"),
            (8, "Previous 30 days"),
            (30, "Previous 30 days"),
            (31, "October"),
            (320, "January"),
            (324, "December 2025"),
            (20_000, "February 1972"),
        ] {
            assert_eq!(Heading::of(noon - days * DAY, noon).words(), words, "{days} days ago");
        }
        let midnight = noon / DAY * DAY;
        assert_eq!(Heading::of(midnight, noon), Heading::Today);
        assert_eq!(Heading::of(midnight - 1, noon), Heading::Yesterday);
        assert_eq!(Heading::of(noon + DAY, noon), Heading::Today, "a clock that is ahead");
    }
}
