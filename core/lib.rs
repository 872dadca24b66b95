#![doc = include_str!("README.md")]

pub mod auth;
pub mod clock;
pub mod content;
pub mod db;
pub mod enrolments;
pub mod error;
pub mod events;
pub mod fields;
pub mod id;
pub mod institutions;
pub mod json;
pub mod key;
pub mod members;
pub mod progress;
pub mod scope;
pub mod sealed;
pub mod time;
pub mod tokens;
pub mod webhooks;

pub use error::{Code, Error, FieldFault, Result};
pub use id::{Id, TenantId};
pub use key::Key;
pub use scope::{Ability, Actor, Role, Scope};
