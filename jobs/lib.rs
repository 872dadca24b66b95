#![doc = include_str!("README.md")]

pub mod context;
pub mod drain;
pub mod enrolments;
pub mod exports;
pub mod history_imports;
pub mod housekeeping;
pub mod imports;
pub mod institutions;
pub mod job;
pub mod library;
pub mod mail;
pub mod privacy;
pub mod queue;
pub mod record;
pub mod registry;
pub mod relay;
pub mod reports;
pub mod schedule;
pub mod webhooks;
pub mod worker;

pub use context::{Accounts, JobCtx, JobTools, MailTools};
pub use job::{Backoff, Job, Outcome, Policy, Queue};
pub use queue::ProcessId;
pub use registry::Registry;
