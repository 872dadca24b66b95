//! What was accepted is never lost: the real binary is killed, its PostgreSQL is killed, two of them share a
//! database, and each time every accepted event is accounted for at the receivers.
//!
//! - [`kills`] kills the server at random moments under load.
//! - [`outages`] kills PostgreSQL under it.
//! - [`nodes`] runs two servers on one database and kills one.
//! - [`imports`] kills it while a file of people is imported.
//! - [`erasure`] kills it while a person is erased.
//! - [`exports`] kills it while a file of the record is made.
//! - [`stops`] stops it as an operator does.
//!
//! Each test has its own folder, its own private PostgreSQL with everything that makes it durable, and its own ports.
//! What the servers did is in `server.log` there; the folder of a failed test is kept.
//!
//! Not here: time that stands still and scripted receivers (`tests/it`), and how fast it is (`bench`).

#[cfg(test)]
mod erasure;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod support;
