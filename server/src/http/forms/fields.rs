//! The fields of a form about a room: read one by one, and given back as they are if the form is refused.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::Form;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

/// What was typed, by the names of the fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) BTreeMap<String, String>);

impl Fields {
    /// A body that is no form has no fields.
    pub(super) async fn of(request: Request) -> Self {
        let form = Form::<BTreeMap<String, String>>::from_request(request, &()).await;
        Self(form.map(|Form(fields)| fields).unwrap_or_default())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        // Forms send line breaks as CR LF.
        self.0.get(name).map(|text| text.replace("\r\n", "\n"))
    }

    /// A value as the protocol writes it.
    pub(super) fn value<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        T::deserialize(StrDeserializer::<Error>::new(self.0.get(name)?.trim())).ok()
    }

    /// A whole number, if the field is not empty.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, T::Err> {
        match self.0.get(name).map(|text| text.trim()) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some),
        }
    }
}
