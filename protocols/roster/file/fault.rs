//! What makes a whole file unreadable.
//!
//! # Source
//! RFC 4180 section 2, and what spreadsheets write beyond it.

use std::fmt;

/// Why a file cannot be read, and where that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// What is wrong.
    pub kind: FileFaultKind,
    /// Line of the file, from 1; none where the file as a whole is meant.
    pub line: Option<u64>,
    /// What to do about it, for the person who made the file.
    pub message: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What makes a file unreadable; the words are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum FileFaultKind { $($(#[$doc])* $variant,)* }

        impl FileFaultKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    /// There is nothing in it.
    Empty = "file_empty",
    /// It is no text, but a workbook or something else.
    NotText = "file_not_text",
    /// Lines are in different encodings.
    MixedEncodings = "mixed_encodings",
    /// No column of the first row is known.
    HeaderMissing = "header_missing",
    /// Nothing stands below the header.
    HeaderOnly = "header_only",
    /// Two columns mean the same.
    HeaderTwice = "header_twice",
    /// Neither an id nor an e-mail address tells who is meant.
    KeyColumnMissing = "key_column_missing",
    /// The header is longer than any header is.
    HeaderTooLong = "header_too_long",
    /// There are too many columns.
    TooManyColumns = "too_many_columns",
    /// A quote is opened and everything behind it belongs to one cell.
    QuoteNeverClosed = "quote_never_closed",
}

impl FileFault {
    pub(super) fn new(kind: FileFaultKind, line: impl Into<Option<u64>>, message: impl Into<String>) -> Self {
        Self { kind, line: line.into(), message: message.into() }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for FileFault {}
