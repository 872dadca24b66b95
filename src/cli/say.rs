//! How the command line speaks to a person. The server itself logs.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

/// Writes a line to standard output. A reader that has gone, as in `stoa config check | head`, is no fault.
pub fn line(text: impl Display) {
    let _ = writeln!(stdout().lock(), "{text}");
}

/// Writes a line to standard error.
pub fn complain(text: impl Display) {
    let _ = writeln!(stderr().lock(), "{text}");
}
