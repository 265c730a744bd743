//! How much may still be written: for eyes at every key once it gets scarce, for ears only when it matters more than
//! before. Nothing is ever cut.

use crate::texts::chat as texts;

/// Parts of a hundred from which on it is said.
const SCARCE: u64 = 90;
/// ... and is said once more.
const ALL_BUT_FULL: u64 = 99;

/// What stands below the field. Lengths are bytes, as the server counts them.
pub fn left(length: u64, limit: u64) -> Option<String> {
    let is_said = is_beyond(length, limit, SCARCE) && length <= limit;
    is_said.then(|| texts::left(limit - length))
}

/// Why it can't be sent.
pub fn excess(length: u64, limit: u64) -> Option<String> {
    (length > limit).then(|| texts::too_long(length - limit))
}

/// What is read out: it stays the same from one step to the next, because what changes is read out anew.
pub fn spoken(length: u64, limit: u64) -> &'static str {
    if length > limit {
        texts::is_too_long()
    } else if is_beyond(length, limit, ALL_BUT_FULL) {
        texts::is_all_but_full()
    } else if is_beyond(length, limit, SCARCE) {
        texts::is_scarce()
    } else {
        ""
    }
}

fn is_beyond(length: u64, limit: u64, parts: u64) -> bool {
    length * 100 >= limit * parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_when_it_gets_scarce() {
        for (length, said) in [
            (0, None),
            (899, None),
            (900, Some("100 bytes are left.")),
            (999, Some("1 byte is left.")),
            (1_000, Some("0 bytes are left.")),
            (1_001, None),
        ] {
            assert_eq!(left(length, 1_000).as_deref(), said, "{length}");
        }
        assert_eq!(excess(1_000, 1_000), None);
        let words = "Shorten it or send it in parts.";
        assert_eq!(excess(1_001, 1_000), Some(format!("Too long by 1 byte. {words}")));
        assert_eq!(excess(1_100, 1_000), Some(format!("Too long by 100 bytes. {words}")));
    }

    #[test]
    fn ears_hear_of_it_few_times_however_much_is_written() {
        let mut said: Vec<&str> = (0..1_100).map(|length| spoken(length, 1_000)).collect();
        said.dedup();
        assert_eq!(said.len(), 4, "{said:?}");
        assert_eq!(said[0], "");
        assert_eq!(spoken(1_000, 1_000), said[2], "a full message can be sent");
    }
}
