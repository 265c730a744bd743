//! What the reader sets from the page, and whom they know.

use super::{Chat, Reactive};
#[cfg(feature = "ssr")]
use crate::pages::Theme;
use crate::protocol::{Command, RoomId};

/// What the server draws the page in; in the browser, the driver knows.
#[cfg(feature = "ssr")]
pub(super) fn drawn_theme() -> String {
    leptos::prelude::use_context::<Theme>().map_or("", Theme::name).to_owned()
}

#[cfg(not(feature = "ssr"))]
pub(super) fn drawn_theme() -> String {
    String::new()
}

impl Chat {
    /// Empty: the system's.
    pub fn want_theme(self, theme: &str) {
        self.with_driver(|driver| driver.want_theme(theme));
        self.theme.set(theme.to_owned());
    }

    /// Some press such keys without wanting to, or by speaking (WCAG 2.2, 2.1.4).
    pub fn want_letter_keys(self, is_on: bool) {
        self.with_driver(|driver| driver.want_letter_keys(is_on));
        self.has_letter_keys.set(is_on);
    }

    /// The reader keeps it at the top of their list, or no more.
    pub fn pin_room(self, room: RoomId, is_on: bool) {
        self.command(Command::PinRoom { room, is_on });
    }

    /// Nothing can be said in it any more, or again.
    pub fn archive(self, room: RoomId, is_archived: bool) {
        let (topic, kimi, model, thinking, instructions) = (None, None, None, None, None);
        let is_archived = Some(is_archived);
        self.command(Command::ChangeRoom { room, topic, kimi, model, thinking, instructions, is_archived });
    }

    /// The names of everybody else in the rooms that this page holds. Who is only in others is not known.
    pub fn known_people(self) -> Vec<String> {
        let user = self.user();
        self.client.with_untracked(|client| {
            let timelines = client.rooms().iter().filter_map(|room| client.room(room.id));
            let mut names: Vec<String> = Vec::new();
            for timeline in timelines {
                for member in timeline.members() {
                    if Some(member.id) != user && !names.contains(&member.name) {
                        names.push(member.name.clone());
                    }
                }
            }
            names
        })
    }
}
