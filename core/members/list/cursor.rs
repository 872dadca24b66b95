//! The place in a list of people where a page ended.
//!
//! Not here: what is read from there on (`statement`).
//!
//! # Shape
//! Opaque to whoever gets one: base64url of the order's word, what the last row was sorted by, and its id, each on a line
//! of its own. It holds nothing that the row did not.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::statement::Order;
use crate::{
    error::{Error, Result},
    id::{self, Id},
};

/// A place in a list of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCursor(String);

/// What a statement is told of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) time: Option<DateTime<Utc>>,
    pub(super) text: Option<String>,
    pub(super) id: Uuid,
}

impl MemberCursor {
    pub(super) fn new(order: Order, sorted_by: &str, id: Id<id::User>) -> Self {
        Self(URL_SAFE_NO_PAD.encode(format!("{}\n{sorted_by}\n{}", order.word(), id.uuid())))
    }

    /// Takes what a request brings.
    pub fn read(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place, if it is one of a list of this order.
    pub(super) fn place(&self, order: Order) -> Result<Place> {
        let bad = || Error::invalid_field("?cursor", "format", "wanted meta.next_cursor of a page of the same list");
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| bad())?;
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or_else(bad)?;
        let (word, rest) = text.split_once('\n').ok_or_else(bad)?;
        let (sorted_by, id) = rest.rsplit_once('\n').ok_or_else(bad)?;
        let id = Uuid::parse_str(id).map_err(|_| bad())?;
        if word != order.word() {
            return Err(bad());
        }
        let time = if order.is_of_time() { Some(time(sorted_by).ok_or_else(bad)?) } else { None };
        Ok(Place { time, text: time.is_none().then(|| sorted_by.to_owned()), id })
    }
}

/// Microseconds since 1970, as PostgreSQL keeps times.
fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(text.parse().ok()?)
}
