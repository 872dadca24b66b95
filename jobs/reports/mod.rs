//! Reports by letter: whose time has come, and what their letters are made of.
//!
//! - [`BeginReports`] promises a letter to each recipient whose time has come, in the transaction that notes it
//! - [`mod@digest`] reads the figures and makes the letter of them: for a run, a test or a look beforehand
//! - `figures` turns figures into the words of a letter, `charts` into pictures, `table` into a file
//! - [`ForgetReports`] forgets files and outcomes that are old
//!
//! Not here: the rules of the calendar and the rows (`stoa_record::reports`), the figures (`stoa_record::analytics`), the
//! jobs that send (`mail`).

mod begin;
mod charts;
mod digest;
mod figures;
mod forget;
mod table;

pub use begin::BeginReports;
pub(crate) use digest::period;
pub use digest::{Digest, Form, digest};
pub use forget::ForgetReports;
