#![doc = include_str!("README.md")]

pub mod applications;
pub mod audit;
pub mod auth;
pub mod clock;
pub mod content;
pub mod db;
pub mod enrolments;
pub mod error;
pub mod events;
pub mod fields;
pub mod groups;
pub mod id;
pub mod idempotency;
pub mod imports;
pub mod institutions;
pub mod json;
pub mod key;
pub mod learning_paths;
pub mod letters;
pub mod members;
pub mod progress;
pub mod retention;
pub mod scope;
pub mod sealed;
pub mod staff;
pub mod time;
pub mod tokens;
mod words;

pub use error::{Code, Error, FieldFault, Result};
pub use id::{Id, TenantId};
pub use key::Key;
pub use scope::{Ability, Actor, Role, Scope};
