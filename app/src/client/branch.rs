//! What is known of the branch of a conversation that is shown, besides its messages, and what follows where the window
//! does not hold it. Which messages it has is the business of [`super::messages`].

use super::context::Context;
use super::kept_room::KeptRoom;
use super::page::Page;
use crate::protocol::MessageId;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Branch {
    /// It was chosen, and nothing was said since.
    pub(super) is_chosen: bool,
    /// Its last message, also where the window does not reach it; unknown before it did.
    pub(super) end: Option<MessageId>,
    /// What the window shows is not the whole of it.
    pub(super) is_torn: bool,
}

impl Branch {
    /// As a snapshot tells it.
    pub(super) fn new(is_chosen: bool, end: Option<MessageId>) -> Self {
        Self { is_chosen, end, is_torn: false }
    }
}

impl KeptRoom {
    /// What the next message has to follow if the choice of a branch is not to be lost, whatever is said meanwhile.
    pub(super) fn chosen_tip(&self) -> Option<MessageId> {
        let is_chosen = self.branch.is_chosen && self.has_branches() && !self.branch.is_torn;
        self.messages.tip().filter(|_| is_chosen)
    }

    /// Another branch is shown than before; `is_known`: as much of it is held as of the one before.
    pub(super) fn has_forked(&mut self, context: &Context, seq: u64, is_known: bool) {
        if let Some(paging) = &mut self.paging {
            paging.has_forked(seq);
        }
        self.branch.is_torn |= !is_known;
        self.mend(context);
    }

    /// A window that does not hold the branch that is shown is replaced by the end of it, unless the reader wants to go
    /// elsewhere in it.
    pub(super) fn mend(&mut self, context: &Context) {
        if self.branch.is_torn && self.paging.as_ref().is_none_or(|paging| !paging.page.is_jump()) {
            self.begin_page(context, Page::Newest);
        }
    }
}
