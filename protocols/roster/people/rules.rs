//! What the reader is told: what empty cells mean, and the forms that the facts have.

/// What an empty cell of a column that is there means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// Nothing is said about the field.
    #[default]
    Untouched,
    /// The field is taken away, where it can be.
    Clears,
}

/// Forms that the facts know; handed in, so that a file is held to the same as a request.
#[derive(Debug, Clone, Copy)]
pub struct Forms {
    /// Is this an e-mail address.
    pub is_email: fn(&str) -> bool,
    /// A language tag in its canonical case, if it is one.
    pub language: fn(&str) -> Option<String>,
}

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What empty cells mean.
    pub empty: Empty,
    /// What the fields look like.
    pub forms: Forms,
}
