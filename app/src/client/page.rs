//! How the window of a room is moved: by stretches that are fetched where the reader goes.
//!
//! A stretch that was read before an event that is applied already may lack what that event changed, if the message was
//! not held then. So what such events were about is remembered while a stretch is on its way, and one that is too old
//! is fetched again. A stretch never moves the cursor: what is newer in it comes again with its events.

use super::context::Context;
use super::fetch::Fetch;
use super::kept_room::{KeptRoom, Stage};
use super::messages::Stretch;
use super::{Millis, Output, SnapshotFailure};
use crate::protocol::{MessageId, RoomId, RoomSnapshot, Timestamp};

/// Changes of messages that are not held, remembered while a stretch is on its way.
const MISSED: usize = 100;

/// Which stretch of a room is to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The end of the log.
    Newest,
    Before(MessageId),
    After(MessageId),
    Around(MessageId),
    /// Around the first message that lies beyond this place of the log: the first unread one.
    Beyond(u64),
    /// Around the first message from this time on.
    Date(Timestamp),
}

impl Page {
    /// Where the server has it, of a conversation only what is shown of it.
    pub fn address(self, room: RoomId) -> String {
        let (name, value) = match self {
            Self::Newest => return format!("/api/room?room={room}&shown=true"),
            Self::Before(message) => ("before", message.to_string()),
            Self::After(message) => ("after", message.to_string()),
            Self::Around(message) => ("around", message.to_string()),
            Self::Beyond(seq) => ("seq", seq.to_string()),
            Self::Date(date) => ("date", date.to_string()),
        };
        format!("/api/room?room={room}&shown=true&{name}={value}")
    }

    /// It takes the window's place, instead of making it longer.
    pub(super) fn is_jump(self) -> bool {
        !matches!(self, Self::Before(_) | Self::After(_))
    }
}

/// A stretch that is on its way.
#[derive(Debug)]
pub(super) struct Paging {
    pub(super) page: Page,
    /// The other end of the window was asked for meanwhile.
    next: Option<Page>,
    fetch: Fetch,
    /// Messages that are not held, and the places of events that changed them.
    missed: Vec<(MessageId, u64)>,
    /// What events up to here were about is not known.
    unknown_until: u64,
}

impl Paging {
    fn new(page: Page, now: Millis, cursor: u64) -> Self {
        let mut fetch = Fetch::default();
        fetch.want(now);
        Self { page, next: None, fetch, missed: Vec::new(), unknown_until: cursor }
    }

    /// An event changed a message that is not held.
    pub(super) fn has_missed(&mut self, message: MessageId, seq: u64) {
        if self.missed.len() >= MISSED {
            self.unknown_until = self.missed.remove(0).1.max(self.unknown_until);
        }
        self.missed.push((message, seq));
    }

    /// Another branch is shown from this place of the log on.
    pub(super) fn has_forked(&mut self, seq: u64) {
        self.unknown_until = seq.max(self.unknown_until);
    }

    /// The snapshot was read before an event that is applied and changed one of its messages.
    fn is_too_old(&self, snapshot: &RoomSnapshot) -> bool {
        let cursor = snapshot.cursor.seq;
        let has = |id: MessageId| snapshot.messages.iter().any(|message| message.id == id);
        cursor < self.unknown_until || self.missed.iter().any(|(id, seq)| *seq > cursor && has(*id))
    }
}

impl KeptRoom {
    /// The reader wants another stretch.
    pub(super) fn turn_to(&mut self, context: &Context, page: Page) {
        self.turn(context, page);
        self.mend(context);
    }

    fn turn(&mut self, context: &Context, page: Page) {
        let is_loaded = matches!(self.stage, Stage::Loaded(_));
        let is_missing = matches!(self.stage, Stage::Missing { .. });
        let messages = &self.messages;
        let page = match page {
            Page::Before(_) => messages.first().filter(|_| messages.has_earlier).map(Page::Before),
            Page::After(_) => messages.last().filter(|_| messages.has_later).map(Page::After),
            // It is what the window shows, or what is about to be loaded.
            Page::Newest if !messages.has_later => {
                self.paging = None;
                return;
            }
            Page::Around(message) if messages.get(message).is_some() => {
                self.paging = None;
                return;
            }
            page => Some(page).filter(|_| is_loaded || is_missing),
        };
        let Some(page) = page else { return };
        match &mut self.paging {
            Some(paging) if paging.page == page => {}
            // It leads elsewhere.
            Some(paging) if paging.page.is_jump() && !page.is_jump() => {}
            Some(paging) if !page.is_jump() => paging.next = Some(page),
            _ => self.begin_page(context, page),
        }
    }

    pub(super) fn begin_page(&mut self, context: &Context, page: Page) {
        let cursor = self.cursor().map_or(0, |cursor| cursor.seq);
        self.paging = Some(Paging::new(page, context.now, cursor));
    }

    /// Asks the driver for what is due.
    pub(super) fn tick_page(&mut self, context: &mut Context) {
        let is_loaded = matches!(self.stage, Stage::Loaded(_));
        if let Some(paging) = self.paging.as_mut().filter(|_| is_loaded)
            && paging.fetch.begin(context)
        {
            context.push(Output::FetchSnapshot { room: self.id, page: paging.page });
        }
    }

    pub(super) fn next_page_timeout(&self) -> Option<Millis> {
        let is_loaded = matches!(self.stage, Stage::Loaded(_));
        self.paging.as_ref().filter(|_| is_loaded)?.fetch.due()
    }

    pub(super) fn is_loading(&self, earlier: bool) -> bool {
        let is_it = |page: Page| match page {
            Page::Before(_) => earlier,
            Page::After(_) | Page::Newest => !earlier,
            Page::Around(_) | Page::Beyond(_) | Page::Date(_) => true,
        };
        let paging = self.paging.as_ref();
        paging.is_some_and(|paging| is_it(paging.page) || paging.next.is_some_and(is_it))
    }

    /// The reader waits for what lies before the window.
    pub(super) fn is_reading_back(&self) -> bool {
        let is_before = |page: Page| matches!(page, Page::Before(_));
        let paging = self.paging.as_ref();
        paging.is_some_and(|paging| is_before(paging.page) || paging.next.is_some_and(is_before))
    }

    /// What was on its way belongs to a window that is no more; where the reader wants to jump to is still wanted.
    pub(super) fn page_anew(&mut self, context: &Context) {
        let page = self.paging.take().map(|paging| paging.page).filter(|page| page.is_jump());
        if let Some(page) = page {
            self.turn_to(context, page);
        }
    }

    /// An answer for this page is one for the reader, and not for the log.
    pub(super) fn is_paging(&self, page: Page) -> bool {
        let is_asked = self.paging.as_ref().is_some_and(|paging| paging.page == page);
        is_asked && (self.fetch.is_unneeded() || page != self.base)
    }

    /// Takes in a stretch that was asked for. True when the window is another.
    pub(super) fn load_page(&mut self, context: &mut Context, page: Page, snapshot: RoomSnapshot) -> bool {
        let Some(paging) = self.paging.as_mut().filter(|paging| paging.page == page) else { return false };
        let Stage::Loaded(held) = self.stage else { return false };
        // Of another epoch than the window, or older than what is known of its messages.
        if snapshot.cursor.epoch != held.epoch || paging.is_too_old(&snapshot) {
            paging.fetch.failed(context);
            return false;
        }
        let next = paging.next;
        self.paging = None;
        let is_newer = snapshot.cursor.seq >= held.seq;
        let RoomSnapshot { messages, has_earlier, has_later, versions, .. } = snapshot;
        let stretch = Stretch { messages, has_earlier, has_later, versions };
        match page {
            // The window's ends stay while they are waited for.
            Page::Before(_) => self.messages.extend_earlier(context, stretch),
            Page::After(_) => self.messages.extend_later(context, stretch),
            // There is nothing where the reader wants to go.
            _ if stretch.messages.is_empty() => {}
            _ => self.messages.replace(context, stretch, is_newer),
        }
        self.messages.has_ended_at(snapshot.cursor.seq);
        self.messages.count_later(held.seq);
        if self.has_branches() {
            self.branch.is_torn = self.messages.is_torn() && !page.is_jump();
            self.branch.end = self.messages.tip().or(self.branch.end);
        }
        // What was said meanwhile lies between the stretch and the end.
        let rest = self.messages.last().filter(|_| page == Page::Newest && self.messages.has_later);
        if let Some(next) = rest.map(Page::After).or(next) {
            self.turn_to(context, next);
        }
        self.mend(context);
        true
    }

    pub(super) fn page_failed(&mut self, context: &mut Context, page: Page, failure: SnapshotFailure) {
        match self.paging.as_mut().filter(|paging| paging.page == page) {
            Some(paging) if failure == SnapshotFailure::Unreachable => paging.fetch.failed(context),
            // There is no such message, or nobody who may read it.
            Some(_) => {
                self.paging = None;
                self.mend(context);
            }
            None => {}
        }
    }
}
