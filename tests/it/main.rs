//! Tests of the whole house, in one binary: rooms together, over HTTP, with a real PostgreSQL.
//!
//! - `support` – the house for a test, its callers, receivers and builders; begin with `support/house.rs`
//! - `house` – what must hold of the code and the schema as a whole
//! - `flows` – stories across rooms
//! - `jobs`, `api`, `reach`, `teachbase` – one file for each feature
//!
//! Not here: what one room can test alone; that stands beside its code.

// Marked as tests, so that the lints take their helpers for tests too.
#[cfg(test)]
mod api;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod house;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod support;
#[cfg(test)]
mod teachbase;
