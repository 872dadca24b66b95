//! Promises about the platform's library.
//!
//! Not here: how a copy follows its source (`stoa_record::library`).

mod follow_sources;

pub use follow_sources::FollowSources;
