//! The rights of people over what is held of them: to have it shown, and to have it erased.
//!
//! Not here: what is held where, and what becomes of each table (`held`), which all of this follows.
//!
//! # Rule
//! A person may ask for his own erasure; somebody of the institution with `privacy:manage` says that it shall be. From then
//! on the person is out, and nothing is erased yet: until a grace period is over it can be cancelled. Then it is erased for
//! good, step by step, whatever crashes. A legal hold stands against it.

pub mod erase;
pub mod held;
mod holds;
mod requests;
mod rows;
mod shown;

pub use holds::{LegalHold, hold, lift, place};
pub use requests::{ErasureFilter, Rules, ask, cancel, confirm, get, list};
pub use rows::{Erasure, ErasureStatus};
pub use shown::{Line, Portrait, portrait};

/// Schema of a receipt.
pub const RECEIPT_FORMAT: &str = "stoa.erasure-receipt/1";
/// Schema of what a person is shown.
pub const PORTRAIT_FORMAT: &str = "stoa.person/1";
