//! What is held of people, where, and what becomes of it when somebody asks for it or wants it erased.
//!
//! Not here: the asking and the erasing themselves (`privacy`), which follow this list.

mod list;

pub use list::{HELD, NOTHING_HELD};

/// A table that holds something of people.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Its name.
    pub table: &'static str,
    /// What it holds of them, in words.
    pub holds: &'static str,
    /// Columns with the id of whose row it is; any of them.
    pub of: &'static [&'static str],
    /// Columns with what the person is known by: rows that name him so, and not by his id, are his too where an erasure
    /// deletes them.
    pub known: &'static [(&'static str, Known)],
    /// Columns with the id of somebody who had a hand in a row that is another's, or nobody's. It stays: a random id.
    pub by: &'static [&'static str],
    /// What the person is shown of it.
    pub shown: Shown,
    /// What erasing the person does to it.
    pub erasure: Erasure,
    /// Columns in which anybody may have written of anybody: the name, the address and the key of whoever is erased are
    /// struck out of them.
    pub mentions: &'static [&'static str],
}

/// What a person is shown of a table.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// The rows that are his, all columns but those of bytes, which are secrets and hashes of them, and these.
    But(&'static [&'static str]),
    /// Nothing, and why.
    Not(&'static str),
}

/// What erasing a person does to a table.
#[derive(Debug, Clone, Copy)]
pub enum Erasure {
    /// His rows are deleted.
    Delete,
    /// His rows stay under his random id, for this reason; these columns are emptied, or given this value.
    Blank(&'static [(&'static str, Option<&'static str>)], &'static str),
    /// His rows stay as they are, under his random id, which leads nowhere any more: why.
    Keep(&'static str),
    /// It is done by a step of its own: what that does.
    Step(Step, &'static str),
}

/// Names what a person is known by, beside the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The address, case-folded.
    EmailKey,
    /// SHA-256 of it.
    EmailHash,
    /// The institution's own key.
    ExternalId,
}

/// Names the steps that follow no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The person himself, last of all.
    Profile,
    /// Activity loses the sender's own id of it, and what is not a figure.
    Activity,
    /// Events tell of a former learner.
    Events,
    /// Bodies of these events go; what is still owed is rendered again.
    Bodies,
    /// What receivers answered to them goes.
    Answers,
    /// The log keeps the id of who acted, and what was done.
    Log,
    /// Files of people in which he stands are forgotten.
    Files,
    /// Jobs that speak of him go.
    Jobs,
    /// Files that were made before are deleted, whatever they hold.
    Exports,
}

/// What whoever was erased is called.
pub const FORMER: &str = "Former learner";
