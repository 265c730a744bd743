//! What of the list of rooms asks for the reader's attention: the count in the page's title, and notifications.

use crate::protocol::{Notify, RoomId, RoomKind, RoomSummary};
use crate::texts::chat as texts;

/// Something to be notified of.
#[derive(Debug, PartialEq, Eq)]
pub struct News {
    pub room: RoomId,
    pub title: String,
    pub words: &'static str,
}

/// More at once would be noise.
const NEWS_AT_ONCE: usize = 3;

/// Unread mentions and direct messages, of all rooms but the one that the reader is looking at.
pub fn waiting(rooms: &[RoomSummary], looked_at: Option<RoomId>) -> u32 {
    rooms.iter().filter(|room| Some(room.id) != looked_at).map(personal).sum()
}

fn personal(room: &RoomSummary) -> u32 {
    if room.kind == RoomKind::Direct { room.unread } else { room.mentions }
}

/// What has come to rooms whose reader wants to be told.
pub fn news(before: &[RoomSummary], after: &[RoomSummary]) -> Vec<News> {
    let news = after.iter().filter_map(|room| {
        let known = before.iter().find(|known| known.id == room.id);
        let (unread, mentions) = known.map_or((0, 0), |known| (known.unread, personal(known)));
        let words = match (room.notify, room.kind) {
            (Notify::None, _) => return None,
            (_, RoomKind::Direct) if room.unread > unread => texts::news_direct(),
            (_, RoomKind::Group | RoomKind::Solo) if room.mentions > mentions => texts::news_mention(),
            (Notify::All, _) if room.unread > unread => texts::news(),
            _ => return None,
        };
        Some(News { room: room.id, title: room.title.clone(), words })
    });
    news.take(NEWS_AT_ONCE).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::Role;

    fn room(id: u128, kind: RoomKind, unread: u32, mentions: u32, notify: Notify) -> RoomSummary {
        let room = RoomSummary::new(RoomId(Uuid::from_u128(id)), kind, "Harvest", Role::Member, 0);
        RoomSummary { unread, mentions, notify, ..room }
    }

    #[test]
    fn mentions_and_direct_messages_are_counted() {
        let rooms = [
            room(1, RoomKind::Group, 9, 2, Notify::None),
            room(2, RoomKind::Direct, 3, 0, Notify::Mentions),
            room(3, RoomKind::Solo, 5, 0, Notify::Mentions),
        ];
        assert_eq!(waiting(&rooms, None), 5);
        assert_eq!(waiting(&rooms, Some(rooms[1].id)), 2);
    }

    #[test]
    fn whoever_wants_it_is_notified_of_what_is_new() {
        let words = |before: RoomSummary, after: RoomSummary| {
            news(&[before], &[after]).into_iter().map(|news| news.words).next()
        };
        let group = |unread, mentions, notify| room(1, RoomKind::Group, unread, mentions, notify);
        for (notify, mention, message) in [
            (Notify::None, None, None),
            (Notify::Mentions, Some("You were mentioned."), None),
            (Notify::All, Some("You were mentioned."), Some("A new message.")),
        ] {
            assert_eq!(words(group(1, 1, notify), group(2, 2, notify)), mention);
            assert_eq!(words(group(1, 1, notify), group(2, 1, notify)), message);
            assert_eq!(words(group(2, 2, notify), group(0, 0, notify)), None, "reading is no news");
        }
        let direct = |unread| room(1, RoomKind::Direct, unread, 0, Notify::Mentions);
        assert_eq!(words(direct(1), direct(2)), Some("A new message for you."));
        assert_eq!(news(&[], &[direct(1)]).len(), 1, "a room that has just begun");
    }
}
