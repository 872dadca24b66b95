//! The file: its encoding, its separator, its header, and its rows as they stand there.
//!
//! Not here: what a cell means (`people`).
//!
//! # Source
//! RFC 4180 section 2, and what spreadsheets write beyond it.

mod cells;
mod charset;
mod fault;
mod fold;
mod header;
mod probe;
mod split;

pub use cells::{Cells, RawRow};
pub use charset::Charset;
pub(super) use charset::Decoding;
pub use fault::{FileFault, FileFaultKind};
pub(super) use fold::folded;
pub use header::{Sheet, SheetColumn};
pub use probe::Probe;

/// Longest row that is kept, in bytes of UTF-8; the rest of a longer one is read and dropped.
pub(super) const ROW_MAX_BYTES: usize = 128 * 1024;
/// Longest header, in bytes of UTF-8.
const HEADER_MAX_BYTES: usize = 64 * 1024;
/// Most columns.
const COLUMNS_MAX: usize = 256;
