//! What tests are made of. Begin with `house`.

#[path = "../../peers/s3/server.rs"]
pub(crate) mod bucket;
pub(crate) mod builders;
pub(crate) mod callers;
pub(crate) mod database;
pub(crate) mod house;
pub(crate) mod node;
pub(crate) mod receivers;
pub(crate) mod redact;
pub(crate) mod schools;
mod server;
mod tests;

pub(crate) use house::{Left, TestHouse};
