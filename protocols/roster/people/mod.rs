//! The people whom the rows mean: cells normalised and checked, with every fault named.
//!
//! Not here: the form of the file (`file`), and what only the facts can tell.

mod aliases;
mod cell;
mod entry;
mod fault;
mod reader;
mod rules;
mod value;
mod words;

pub use aliases::Field;
pub(super) use aliases::is_own_column;
pub use entry::{Entry, Row};
pub use fault::{Fault, FaultCode};
pub use reader::{ReadError, Reader, Rows};
pub use rules::{Empty, Forms, Rules};
pub use value::Value;
pub use words::{RowRole, RowStatus};
