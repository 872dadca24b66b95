//! Where an actor's knowledge comes from: what the house gives it at composition.
//!
//! Not here: how rows are read. Nobody in this wall knows.

use std::fmt;

use futures::future::BoxFuture;
use stoa_core::{
    TenantId,
    institutions::{Counts, Settings},
};

use super::concerns::Read;

/// Reads the rows of an institution. Whoever is asked bounds how many readings are under way at once.
pub trait Source: fmt::Debug + Send + Sync {
    /// What an institution may and how it wants things, with its open imports. Cheap. None where it does not exist, or
    /// cannot be read now.
    fn settings(&self, tenant: TenantId) -> BoxFuture<'static, Option<Read<Settings>>>;

    /// How many an institution has of what. Dearer, the larger it is.
    fn counts(&self, tenant: TenantId) -> BoxFuture<'static, Option<Read<Counts>>>;
}
