//! What was the matter with a receiver.
//!
//! # Source
//! The classes of failure in the log of attempts; their words are in `templates/mail/_frame`.

use serde::Serialize;

/// A class of failure.
///
/// # Shape
/// Layouts see `kind` and `status`; the status is empty where none came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    kind: String,
    status: String,
}

impl Trouble {
    /// Reads a class as the log has it: `timeout`, `http_503`.
    pub fn of(class: &str) -> Self {
        let (kind, status) = class.strip_prefix("http_").map_or((class, ""), |status| ("http", status));
        Self { kind: kind.to_owned(), status: status.to_owned() }
    }
}
