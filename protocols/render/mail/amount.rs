//! How many, where counting stops somewhere.
//!
//! # Source
//! `templates/README.md` of this project.

use serde::{Serialize, Serializer};

/// A number that was counted up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Exactly(u64),
    /// There are more than were counted.
    MoreThan(u64),
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exactly(count) => serializer.collect_str(count),
            Self::MoreThan(count) => serializer.collect_str(&format_args!("more than {count}")),
        }
    }
}
