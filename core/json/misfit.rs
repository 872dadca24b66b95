//! What does not fit, and where, in our own words.
//!
//! serde reports through the error type of whoever reads, so that this one, unlike `serde_json`'s, learns what is the
//! matter and not only a text about it. A type of ours that refuses a value says so with `invalid_value` or
//! `invalid_length` of [`serde::de::Error`] and what it expects, which stands after "wanted".

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::error::FieldFault;

/// What does not fit. The pointer grows from the inside as the reading returns.
#[derive(Debug)]
pub struct Misfit {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl Misfit {
    /// Says what is the matter.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: String::new(), code, detail: detail.into() }
    }

    /// Says what is wanted instead.
    pub fn wanted(what: &str) -> Self {
        Self::new("type", format!("wanted {what}"))
    }

    /// Says that it is inside of something.
    #[must_use]
    pub fn under(mut self, name: &str) -> Self {
        self.pointer.insert_str(0, &segment(name));
        self
    }

    /// Says that it is not inside of this, but this itself.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        self.pointer = segment(name);
        self
    }

    /// Ends the reading.
    pub fn into_fault(self) -> FieldFault {
        FieldFault::new(self.pointer, self.code, self.detail)
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.detail, self.pointer)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        // Our own types say "wanted …"; the words of anything else stay inside.
        let message = message.to_string();
        Self::new("format", if message.starts_with("wanted ") { message } else { "not valid".into() })
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("type", "not of the wanted type")
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        match unexpected {
            Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_) => {
                // The name of a machine's integer is nobody's business.
                let is_machine = expected.starts_with(['i', 'u']) && expected.ends_with(char::is_numeric);
                Self::new("range", if is_machine { "out of range".into() } else { format!("wanted {expected}") })
            }
            _ => Self::new("format", format!("wanted {expected}")),
        }
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new("length", format!("wanted {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new("value", format!("wanted one of: {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        // Whoever read the key adds its name.
        Self::new("unknown", "there is no such field")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", "must be given").under(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("duplicate_key", "given twice").under(field)
    }
}

/// A step of a JSON Pointer (RFC 6901 section 3).
fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
