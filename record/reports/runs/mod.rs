//! Periods told to recipients: what is due, what each letter is made of, and what became of it.
//!
//! - `begin` – whose time has come
//! - `bulletin` – what a letter is made of
//! - `outcome` – what became of it, and the file that it leads to
//!
//! # Rule
//! A run is one period of one report for one recipient. Its row is written in the transaction that promises its letter, and
//! there is never a second one. After a long silence the latest closed period is told and those before it are not.

mod begin;
mod bulletin;
mod outcome;
mod question;

pub use begin::{Promise, begin, due_tenants};
pub use bulletin::{Bulletin, Standing, look, sample};
pub use outcome::{FILE_LIFE, File, Loss, file, finish, forget, leave_out, loss, note, skip};
pub use question::{Confirmation, question};
