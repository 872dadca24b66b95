//! Promises to people: erasing whom an institution erases.
//!
//! Not here: what is erased and how (`stoa_record::privacy`).

mod erase;
mod watch;

pub use erase::{EraseDuePeople, ErasePerson};
pub use watch::watch_erasures;
