//! What is wrong with a row.

use std::borrow::Cow;

/// A fault, with its place and without what must not be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Column, from 1; none where the row as a whole is meant.
    pub column: Option<u32>,
    /// The wire name of the field, or the column's own title.
    pub name: Option<Box<str>>,
    /// What is wrong.
    pub code: FaultCode,
    /// What is wanted instead.
    pub message: Cow<'static, str>,
    /// What stands there, told so that a person finds it again and nobody else learns it.
    pub value_masked: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What is wrong with a cell or a row; the words are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultCode { $($(#[$doc])* $variant,)* }

        impl FaultCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

codes! {
    /// Neither an id nor an e-mail address.
    KeyMissing = "key_missing",
    /// Not of the form that the field has.
    Format = "format",
    /// Longer than the field.
    Length = "length",
    /// A word that is none of the list.
    UnknownWord = "unknown_word",
    /// A field that everybody has cannot be taken away.
    NotClearable = "not_clearable",
    /// A NUL.
    Nul = "nul",
    /// Another control character, or an invisible one.
    ControlCharacter = "control_character",
    /// Bytes that are no text in the file's encoding, or text that was damaged before.
    DamagedText = "damaged_text",
    /// The cell, or the row, is longer than anything that is kept.
    TooLong = "too_long",
    /// More cells than the header has columns.
    TooManyCells = "too_many_cells",
    /// Fewer cells than the header has columns.
    CellsMissing = "cells_missing",
    /// More groups or courses than a cell may have.
    TooMany = "too_many",
    /// The header once more.
    HeaderAgain = "header_again",
    /// A quote that is never closed.
    QuoteNeverClosed = "quote_never_closed",
}

/// Characters of a value that are shown.
const SHOWN: usize = 2;

/// Shows the beginning of a value, and of an address whose house it is.
pub(super) fn masked(text: &str) -> Option<String> {
    let seen = |text: &str, most: usize| -> String {
        text.chars().filter(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER).take(most).collect()
    };
    if text.is_empty() {
        return None;
    }
    if let Some((local, domain)) = text.rsplit_once('@')
        && !local.is_empty()
    {
        return Some(format!("{}***@{}", seen(local, 1), seen(domain, 64)));
    }
    Some(format!("{}***", seen(text, SHOWN)))
}
