//! Enrolments of more learners than one request can take.
//!
//! Not here: who is put on what, and taken off it (`stoa_core::enrolments`).

mod spread;
mod sweep;

pub use spread::SpreadEnrolment;
pub use sweep::SweepEnrolments;
