//! What the documents say is true: their commands run, their answers are what the server answers, their receivers
//! verify what it sends, and `stoa demo` tells a story with a good end.
//!
//! - [`examples`] runs the commands of `docs/*.md` in a shell, and holds what they print beside what the document shows.
//! - [`lists`] compares what they list with what there is.
//! - [`receivers`] starts the receivers of `docs/receivers` and has them judge deliveries, good and bad.
//! - [`demo`] plays `stoa demo`.
//! - [`server`] is the real binary with a data folder and a private PostgreSQL of its own.
//! - [`likeness`] says whether two pieces of JSON are the same but for ids and times.
//!
//! Not here: how the house behaves (`tests/it`), and what it survives (`tests/durability`).

// Marked as tests, so that the lints take their helpers for tests too.
#[cfg(test)]
mod demo;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod likeness;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod receivers;
#[cfg(test)]
mod server;
