//! How the benchmark speaks: progress on standard error, results on standard output.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

/// Writes a line of the results. A reader that has gone is no fault.
pub fn result(text: impl Display) {
    let _ = writeln!(stdout().lock(), "{text}");
}

/// Tells whoever waits what is being done.
pub fn progress(text: impl Display) {
    let _ = writeln!(stderr().lock(), "bench: {text}");
}
