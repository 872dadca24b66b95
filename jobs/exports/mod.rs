//! Exports, made: one promise makes a file from its first row to its last, and a watch sees to what is over.
//!
//! Not here: what an export is made of (`stoa_record::exports`), how its file is written (`stoa_protocols::table`), and
//! where it lies (`stoa_actors::storage`).
//!
//! # Rule
//! A file is one snapshot, so what was broken off is not gone on with but begun anew, by another attempt into another
//! file. Which attempt counts stands in the row, and an attempt that does not count any more takes its file back.

mod make;
mod run;
mod sweep;

pub use run::RunExport;
pub use sweep::SweepExports;
