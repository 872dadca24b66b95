//! The platform's library: courses that the platform owns and shares to institutions.
//!
//! # Rule
//! - A library is an institution of the platform's own, marked so by the staff. Only its courses can be shared.
//! - An institution that is given a course gets a copy of its own, with ids and numbers of its own: its learners are
//!   enrolled on it, their record hangs on it, and nothing that reads the institution's rows has to look elsewhere. Nobody
//!   there changes the copy (`stoa_core::content`).
//! - The copy follows its source by editions: what the library publishes anew is copied, lesson by lesson, and what went
//!   there goes here. What is archived or deleted there is archived here; learners keep their record.
//! - A share that is taken back archives the copy. Shared again, it is the same course that comes back.
//!
//! The wall stays whole: an institution never sees a row of the library. Only [`follow`] stands on both sides of it, in a
//! transaction that names the two institutions and nobody else.

mod copy;
mod shares;
mod statements;

pub use copy::{Behind, behind, follow};
pub use shares::{Share, Source, end, get, list, mark, share, source};
