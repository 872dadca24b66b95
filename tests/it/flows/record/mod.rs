//! The learning record behind those who write it.
//!
//! - `erasure` – from the word that somebody shall be erased to the receipt
//! - `erasure_scan` – whoever was erased is found in no column of no table
//! - `exports` – files of the record: what is in them, whom they show, what changed since
//! - `following` – followers of activity: each once, in order, whatever crashes
//! - `reports` – reports by letter: when, to whom, with which figures, and the way to get no more
//! - `rollups` – what counts in an institution's sums, and on which day
//! - `rollups_rebuilt` – sums made anew: another zone, rows from before, rows that somebody changed
//! - `storage` – files that lie in a bucket, and a bucket that goes and comes back
//! - `storage_settings` – settings of it that are wrong, told by their names when the server starts
//! - `storage_copy` – rows on their way out: values that are bound, walls that hold, copies that nobody finishes
//! - `storage_formats` – files of each format, read by a program of other people
//! - `streaks` – streaks as days go by: midnights, freezes, late activity, travels
//! - `rollups_histories` – many histories at random, of which what was kept is what is made anew

mod erasure;
mod erasure_scan;
mod exports;
mod following;
mod reports;
mod rollups;
mod rollups_histories;
mod rollups_rebuilt;
mod storage;
mod storage_copy;
mod storage_formats;
mod storage_settings;
mod streaks;
mod sums;
