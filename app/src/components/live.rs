//! HTML of which parts change: all that the chat's page is made of.
//!
//! It is a string, written by the server and by the browser alike. Elements in which something changes are marked;
//! [`wake`](super::wake) gives them life in the browser, wherever the string was written. It is of one type, whatever is
//! written: the views of a framework have a type for each element, and each brings its own compiled code.

use leptos::prelude::untrack;
use leptos::web_sys::Event;

use crate::chat::Html;

/// The attribute of the elements that something belongs to.
pub(super) const MARK: &str = "data-slot";

/// A piece of the page, being written.
///
/// What changes belongs to the tag that is open: attributes and listeners follow all of its attributes that are written
/// in the code, and one of `live_text`, `live_html` and `rows` closes it.
#[derive(Default)]
pub(crate) struct Live {
    pub(super) html: Html,
    /// What belongs to each element that is marked, in the order of the document.
    pub(super) marked: Vec<Vec<Part>>,
    /// The open tag is marked already.
    is_marked: bool,
}

/// Something of an element that lives.
pub(super) enum Part {
    /// Nothing: an attribute that is not there.
    Value(Place, Box<dyn Fn() -> Option<String>>),
    Listener(&'static str, Box<dyn Fn(&Event)>),
    /// All that is in the element, and as what it was written.
    Rows(Box<dyn Fn() -> Vec<Row>>, Vec<(String, Live)>),
}

pub(super) enum Place {
    Text,
    Html,
    Attribute(&'static str),
}

/// One element among the [`rows`](Live::rows) of another.
pub(crate) struct Row {
    key: String,
    write: Box<dyn FnOnce(&mut Live)>,
}

impl Row {
    /// Rows of equal keys are the same row: it is kept as it is. `write` writes one element.
    pub(crate) fn new(key: impl Into<String>, write: impl FnOnce(&mut Live) + 'static) -> Self {
        Self { key: key.into(), write: Box::new(write) }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn write(self) -> (String, Live) {
        let mut live = Live::default();
        (self.write)(&mut live);
        (self.key, live)
    }
}

impl Live {
    /// Appends markup as it is written in the code.
    pub(crate) fn tag(&mut self, markup: &'static str) -> &mut Self {
        self.html.tag(markup);
        self.is_marked = false;
        self
    }

    /// Appends a text that stays, for between tags or inside of a quoted attribute.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.html.text(text);
        self
    }

    /// Appends what an [`Html`] wrote.
    #[cfg(feature = "ssr")]
    pub(crate) fn html(&mut self, html: &str) {
        self.html.html(html);
    }

    /// An attribute.
    pub(crate) fn live(&mut self, name: &'static str, value: impl Fn() -> String + 'static) -> &mut Self {
        self.value(Place::Attribute(name), Box::new(move || Some(value())))
    }

    /// An attribute that is there or not, such as `hidden`.
    pub(crate) fn live_if(&mut self, name: &'static str, is_there: impl Fn() -> bool + 'static) -> &mut Self {
        self.value(Place::Attribute(name), Box::new(move || is_there().then(String::new)))
    }

    /// All that is in the element, as text.
    pub(crate) fn live_text(&mut self, text: impl Fn() -> String + 'static) -> &mut Self {
        self.value(Place::Text, Box::new(move || Some(text())))
    }

    /// All that is in the element, as what [`Html`] or the Markdown wrote.
    pub(crate) fn live_html(&mut self, html: impl Fn() -> String + 'static) -> &mut Self {
        self.value(Place::Html, Box::new(move || Some(html())))
    }

    /// Hears what happens to the element, or in it.
    pub(crate) fn on(&mut self, event: &'static str, action: impl Fn(&Event) + 'static) -> &mut Self {
        self.part(Part::Listener(event, Box::new(action)))
    }

    /// All that is in the element: elements that come, go and move.
    pub(crate) fn rows(&mut self, rows: impl Fn() -> Vec<Row> + 'static) -> &mut Self {
        self.all_rows(Box::new(rows))
    }

    /// What was written; nothing is left of it, and it does not live.
    pub(crate) fn take(&mut self) -> String {
        self.html.take()
    }

    fn value(&mut self, place: Place, value: Box<dyn Fn() -> Option<String>>) -> &mut Self {
        self.mark();
        let now = untrack(&value);
        match (&place, &now) {
            (Place::Attribute(name), Some(now)) => {
                self.html.tag(" ").tag(name).tag("=\"").text(now).tag("\"");
            }
            (Place::Attribute(_), None) => {}
            (Place::Text, now) => _ = self.html.tag(">").text(now.as_deref().unwrap_or_default()),
            (Place::Html, now) => _ = self.html.tag(">").html(now.as_deref().unwrap_or_default()),
        }
        self.part(Part::Value(place, value))
    }

    fn all_rows(&mut self, rows: Box<dyn Fn() -> Vec<Row>>) -> &mut Self {
        self.mark();
        self.html.tag(">");
        let mut written: Vec<_> = untrack(|| rows().into_iter().map(Row::write).collect());
        for (_, row) in &mut written {
            self.html.html(&row.take());
        }
        self.part(Part::Rows(rows, written))
    }

    fn part(&mut self, part: Part) -> &mut Self {
        self.mark();
        if let Some(parts) = self.marked.last_mut() {
            parts.push(part);
        }
        self
    }

    fn mark(&mut self) {
        if !self.is_marked {
            self.is_marked = true;
            self.html.tag(" ").tag(MARK);
            self.marked.push(Vec::new());
        }
    }
}
