//! How an institution leaves: an export of everything, a wait, and then nothing is left but a row that says so.
//!
//! - [`export`] writes every table of it into files of JSON lines, as they were at one moment.
//! - [`erase`] deletes them, a handful at a time, and keeps the receipt.
//!
//! Not here: the decision (`lifecycle`), and who does it when (`stoa_jobs::institutions`).
//!
//! # Rule
//! Which tables there are PostgreSQL says, so that no table made later is forgotten. What is left out of the export is
//! named in [`tables`].

pub mod erase;
pub mod export;
pub mod tables;
