//! JSON, read strictly: a text that two readers would understand differently is understood by none.
//!
//! [`check`] says whether bytes are one document; [`read()`] reads a document into a type. Both name the place by JSON
//! Pointer and the fault in our own words: neither serde's nor a parser's text leaves the house.
//!
//! Stricter than the grammar: no key twice, no NUL, no half of a surrogate pair, no number beyond a double, no deep
//! nest. Stricter than serde: a list is no struct.
//!
//! Not here: sizes and media types (the edge).

mod misfit;
mod read;
mod scan;

pub use misfit::Misfit;
use serde::de::DeserializeOwned;

use self::{read::Reader, scan::Scan};
use crate::error::FieldFault;

/// Checks that bytes are one document, and gives them back as text.
///
/// # Errors
/// The first flaw, and at which byte it is.
pub fn check(bytes: &[u8]) -> Result<&str, FieldFault> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| FieldFault::new("", "utf8", format!("invalid UTF-8 at byte {}", error.valid_up_to())))?;
    let mut scan = Scan::new(text);
    let checked = scan.value().and_then(|_| scan.end());
    checked.map_err(|misfit| {
        let mut fault = misfit.into_fault();
        fault.detail = format!("{} at byte {}", fault.detail, scan.at());
        fault
    })?;
    Ok(text)
}

/// Reads a document that was checked, or a part of one. What was not is refused too, but a key may stand twice.
///
/// # Errors
/// The first thing that does not fit.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, FieldFault> {
    let mut scan = Scan::new(text);
    let read = T::deserialize(Reader(&mut scan)).and_then(|value| scan.end().map(|()| value));
    read.map_err(Misfit::into_fault)
}

#[cfg(test)]
mod tests;
