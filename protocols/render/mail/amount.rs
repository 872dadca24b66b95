//! How many, where counting stops somewhere.
//!
//! # Source
//! `templates/README.md` of this project.

use serde::Serialize;

/// A number that was counted up to a bound.
///
/// # Shape
/// Layouts see `count` and `more`; `more` says that there are more than were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Amount {
    count: i64,
    more: bool,
}

impl Amount {
    /// So many.
    pub const fn exactly(count: i64) -> Self {
        Self { count, more: false }
    }

    /// There are more than were counted.
    pub const fn more_than(count: i64) -> Self {
        Self { count, more: true }
    }
}
