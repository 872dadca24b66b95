//! The house put together: the settings, the command line, and the composition of it all.
//!
//! ```text
//! stoa-protocols  ←  stoa-core  ←  stoa-record  ←  stoa-webhooks  ←  stoa-actors  ←  stoa-jobs  ←  stoa-http  ←  stoa
//!  the languages      the facts     what is read    what is owed      live things     promises      the edge     the composition
//! ```
//!
//! Two flows pass through the house. **A request**: door → caller → handler → one transaction of `stoa-core`, which
//! writes facts and the event that tells of them → answer. **An event**: outbox → relay → deliveries → sender →
//! tenant actor's permit → egress → outcome. The first never waits for the second.
//!
//! Not here: rules and rows (`stoa-core`), wire formats of others (`stoa-protocols`), HTTP (`stoa-http`), memory over time
//! (`stoa-actors`), work that outlives a request (`stoa-jobs`).

pub mod cli;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod house;
pub mod seed;
mod signals;
pub mod telemetry;
