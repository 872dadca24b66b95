//! One row of people.

use super::{Fault, RowRole, RowStatus, Value};

/// A row that was read, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which row it is, from 1, the header and empty rows not counted.
    pub number: u64,
    /// Line of the file that it begins on, from 1.
    pub line: u64,
    /// What could be read. Of a row with faults that is less than all, but whoever can be told by it is in the file.
    pub row: Row,
    /// What is wrong with it; a row without faults is right.
    pub faults: Vec<Fault>,
}

/// What a row says of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The institution's own key.
    pub external_id: Value<String>,
    /// E-mail address, as written.
    pub email: Value<String>,
    /// Whole name.
    pub name: Value<String>,
    /// First name.
    pub first_name: Value<String>,
    /// Last name.
    pub last_name: Value<String>,
    /// What the person is; never cleared.
    pub role: Value<RowRole>,
    /// Is the person to be active; never cleared.
    pub status: Value<RowStatus>,
    /// Keys or names of groups.
    pub groups: Value<Vec<String>>,
    /// Ids, slugs or own keys of courses to enrol on.
    pub courses: Value<Vec<String>>,
    /// Language, in canonical case.
    pub locale: Value<String>,
    /// Name of a time zone, of the right form.
    pub time_zone: Value<String>,
}
