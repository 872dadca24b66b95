//! Requests for subscriptions: what an institution asks support for, and what becomes of it.
//!
//! Support may also subscribe a receiver without a request (`on_behalf`).
//!
//! Not here: endpoints and subscriptions themselves (`webhooks`), who may decide (`staff` and the edge), and letters
//! (`stoa-jobs`).
//!
//! # Rule
//! A request is open while *requested* or *testing*, and decided once: *approved*, where at least something of it was,
//! *rejected*, *expired*, or *withdrawn* by the institution. Each of its items has an outcome of its own, so that a
//! half of a request, or of an item's types, may be approved. Whoever decides second is told so.

mod announce;
mod approval;
mod commands;
mod decisions;
mod filing;
mod notice;
mod objects;
mod on_behalf;
mod queries;
mod rows;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_protocols::webhook::DialectName;

pub use approval::{Approval, approve};
pub use commands::{Filed, file, withdraw};
pub use decisions::{begin_test, expire, note_tests, reject};
pub use filing::{ITEMS_MAX, NewItem, NewSubscriptionRequest};
pub use notice::{DecisionNotice, decision_notice};
pub use objects::{ObjectKey, RequestScope};
pub use on_behalf::{NewOnBehalf, OnBehalf, get_on_behalf, list_on_behalf, subscribe_on_behalf, unsubscribe_on_behalf};
pub use queries::{RequestCounts, counts, get, list, list_queue, overdue, owner_of};

use crate::ScopeId;
use stoa_core::{
    id::{self, Id, TenantId},
    words,
};

words! {
    /// Where a request is in its life.
    RequestStatus {
        /// Filed; nobody has looked at it.
        Requested = "requested",
        /// Support has tested its addresses.
        Testing = "testing",
        /// Approved, all of it or a part.
        Approved = "approved",
        /// Rejected, for a reason.
        Rejected = "rejected",
        /// Nobody decided in time.
        Expired = "expired",
        /// The institution does not want it any more.
        Withdrawn = "withdrawn",
    }
}

impl RequestStatus {
    /// May still be decided.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Testing)
    }
}

words! {
    /// What became of an item.
    ItemOutcome {
        /// Not decided.
        Pending = "pending",
        /// Approved with all its types.
        Approved = "approved",
        /// Approved with some of its types.
        PartlyApproved = "partly_approved",
        /// Not approved.
        Rejected = "rejected",
    }
}

/// A request for subscriptions.
#[derive(Debug, Clone)]
pub struct SubscriptionRequest {
    /// Whose it is.
    pub tenant: TenantId,
    /// What the institution is called.
    pub institution_name: String,
    /// `srq_…`
    pub id: Id<id::SubscriptionRequest>,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// How the receivers want to be spoken to.
    pub dialect: DialectName,
    /// Why, in the requester's words.
    pub reason: String,
    /// Where it is in its life.
    pub status: RequestStatus,
    /// Why, in the words of whoever decided.
    pub decision: Option<String>,
    /// Who of the staff decided.
    pub decided_by: Option<Id<id::Staff>>,
    /// What that person was called then.
    pub decided_name: Option<String>,
    /// Who filed it; none where an integration did.
    pub filed_by: Option<Id<id::User>>,
    /// What the filer was called then.
    pub filed_name: String,
    /// When it was filed.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it expires if nobody decides.
    pub expires_at: DateTime<Utc>,
    /// When it was decided, expired or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
    /// What is requested, in the order of filing.
    pub items: Vec<RequestItem>,
}

/// One receiver of a request, with its types and objects.
#[derive(Debug, Clone)]
pub struct RequestItem {
    /// From 1.
    pub number: i32,
    /// Where deliveries are to go, normalised.
    pub url: String,
    /// Event types, in the dialect's names; `*` means all that it speaks.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; none means all.
    pub scope: Option<Vec<ScopeId>>,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Of the types, those that were approved.
    pub approved_events: Vec<String>,
    /// The receiver that was made or found for it.
    pub webhook_id: Option<Id<id::Webhook>>,
    /// The subscription that it became.
    pub subscription_id: Option<Id<id::Subscription>>,
    /// What came of support's last test.
    pub test: Option<ItemTest>,
}

impl RequestItem {
    /// Of the types, those that were not approved.
    pub fn refused_events(&self, dialect: DialectName) -> Vec<String> {
        match self.outcome {
            ItemOutcome::Approved => Vec::new(),
            ItemOutcome::Pending | ItemOutcome::Rejected => self.events.clone(),
            ItemOutcome::PartlyApproved => filing::written_out(dialect.dialect(), &self.events)
                .into_iter()
                .filter(|event| !self.approved_events.contains(event))
                .collect(),
        }
    }
}

/// What came of a test of an item's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemTest {
    /// When.
    pub at: DateTime<Utc>,
    /// Who of the staff asked for it.
    pub by: String,
    /// Type of the sample that was sent, in the dialect's name.
    pub event_type: String,
    /// Was it received.
    pub received: bool,
    /// Status of the answer; null if there was none.
    pub http_status: Option<i32>,
    /// Until the verdict.
    pub duration_ms: i32,
    /// Class of the failure; null when received.
    pub error: Option<String>,
    /// What was the matter, in words; null when received.
    #[serde(default)]
    pub error_detail: Option<String>,
    /// First KiB of the answer.
    pub response_excerpt: Option<String>,
    /// Address that was connected to.
    pub address: Option<String>,
}
