//! What a cell wants of what it stands for.

/// Three wishes that a cell can have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Value<T> {
    /// Leave it as it is: there is no such column, or nothing in the cell.
    #[default]
    Untouched,
    /// Take away what is there.
    Cleared,
    /// Make it this.
    Given(T),
}

impl<T> Value<T> {
    /// What is given, if something is.
    pub const fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Untouched | Self::Cleared => None,
        }
    }

    /// Makes something else of what is given.
    pub fn map<U>(self, made: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Untouched => Value::Untouched,
            Self::Cleared => Value::Cleared,
            Self::Given(value) => Value::Given(made(value)),
        }
    }

    /// As the field of a change has it: none leaves, `Some(None)` clears.
    pub fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Untouched => None,
            Self::Cleared => Some(None),
            Self::Given(value) => Some(Some(value)),
        }
    }
}
