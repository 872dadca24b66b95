//! The customers, each behind its own wall: how one is made, lives and leaves.
//!
//! Not here: their people (`members`) and their billing.
//!
//! An institution sees itself alone. Finding one by its key, before anybody has said who he is, and looking through all
//! of them is the house's own work.
//!
//! # Rule
//! `trial` and `active` institutions work. A `suspended` one is refused at every door, its jobs wait and its webhooks
//! pause. A `closing` one works on until its time has come; then all that it owns is erased and it is `closed`: its row
//! remains, and the receipt of what was erased. Only the platform's staff moves it from one to another ([`lifecycle`]).

mod change;
pub mod closing;
mod commands;
mod forget;
pub mod lifecycle;
mod queries;
mod remembered;
mod rows;
pub mod search;
mod settings;
pub mod slug;
mod trial;

pub use change::{Change, InstitutionChange, change};
pub use commands::{NewInstitution, create};
pub use forget::forget_own;
pub use queries::{admit, find, made_of, own};
pub use remembered::{Counts, OpenImport, Settings, counts_of, settings_of};
pub use rows::Institution;

pub use crate::tokens::RequestLimits;
pub use settings::{Branding, Kept, Rules};
pub use trial::{Trial, TrialStatus};

use crate::{
    error::{Code, Error, Result},
    words,
};

words! {
    /// Names where the contract with an institution is in its life.
    InstitutionStatus {
        /// Tries the service.
        Trial = "trial",
        /// Uses it.
        Active = "active",
        /// May not, for now.
        Suspended = "suspended",
        /// Is leaving.
        Closing = "closing",
        /// Has left.
        Closed = "closed",
    }
}

impl InstitutionStatus {
    /// Its doors are open: it works, or is about to leave.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Trial | Self::Active | Self::Closing)
    }

    /// Lets pass where the doors are open.
    ///
    /// # Errors
    /// `tenant_suspended`, also for one that has left.
    pub fn admit(self) -> Result<()> {
        match self {
            Self::Trial | Self::Active | Self::Closing => Ok(()),
            Self::Suspended => Err(Error::new(Code::TenantSuspended, "the institution is suspended; ask its operator")),
            Self::Closed => Err(Error::new(Code::TenantSuspended, "the institution is closed")),
        }
    }
}
