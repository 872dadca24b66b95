//! The post room: deliveries on their way to their receivers.
//!
//! The players:
//! - [`PostRoom`] is where deliveries are handed in, by the relay (fresh ones) and by jobs (retries).
//! - `lanes` keep one line per receiver, so that a receiver that hangs holds up nobody else's deliveries;
//!   each asks its institution's actor for permits and for the receiver's breaker.
//! - `attempt` makes one attempt through the door out, and judges what came of it.
//! - `settler` writes outcomes by the hundred, and promises the retries in the same transaction.
//! - `promises` turns what goes later into jobs.
//! - [`DeliverWebhooks`] is the promise behind every delivery in hand, and every retry.
//! - [`ResumeWebhook`] sends what waited while a receiver was paused, or held by limits or an order that it has no more.
//! - [`ReplayWebhook`] sends many once more, and [`WatchHealth`] looks after receivers that fail.
//!
//! Not here: who is owed what (`stoa_webhooks`), the bytes (`stoa_protocols::webhook`), HTTP (`stoa_actors::egress`).

mod attempt;
mod deliver;
mod hand;
mod lanes;
mod line;
mod promises;
mod replay;
mod resume;
mod settler;
mod stranded;
mod watch_health;

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use stoa_actors::{egress::Outbound, tenant::TenantDirectory};
use stoa_core::{Code, Error, Id, Result, TenantId, clock::Clock, db::Db, id, sealed::Sealer};
use stoa_webhooks::{Outgoing, TestDelivery};
use tokio::sync::{mpsc, watch};

pub use attempt::Diagnosis;
pub use deliver::DeliverWebhooks;
pub(crate) use hand::Hand;
pub(crate) use promises::promises_of_batch;
pub use replay::ReplayWebhook;
pub use resume::ResumeWebhook;
pub use stranded::free_stranded;
pub use watch_health::WatchHealth;

use crate::queue::{Leases, Wakes};

/// Batches that wait at the door of the post room; the relay waits when they are more.
const BATCHES_WAITING: usize = 4;
/// Outcomes that wait to be written; attempts wait when they are more.
const OUTCOMES_WAITING: usize = 1024;

/// Where deliveries are handed in. Cheap to clone.
#[derive(Clone)]
pub struct PostRoom {
    give: mpsc::Sender<lanes::Batch>,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    sealer: Sealer,
    base_url: Arc<str>,
    directory: TenantDirectory,
}

/// What the house runs: the lanes and the settler.
pub struct PostRoomWorks {
    lanes: lanes::Lanes,
    settler: settler::Settler,
}

/// What the post room works with.
pub struct PostRoomParts {
    /// The rows.
    pub db: Db,
    /// The door out.
    pub outbound: Arc<dyn Outbound>,
    /// Permits and breakers.
    pub directory: TenantDirectory,
    /// Opens receivers' secrets.
    pub sealer: Sealer,
    /// Address of this installation, for links inside payloads.
    pub base_url: Arc<str>,
    /// Wakes the workers for retries.
    pub wakes: Wakes,
    /// What this process has in hand.
    pub leases: Leases,
}

impl PostRoom {
    /// Makes the door and the works behind it.
    pub fn new(parts: PostRoomParts) -> (Self, PostRoomWorks) {
        let (give, take) = mpsc::channel(BATCHES_WAITING);
        let (settle, settled) = mpsc::channel(OUTCOMES_WAITING);
        let clock = Arc::clone(parts.db.clock());
        let room = Self {
            give,
            outbound: Arc::clone(&parts.outbound),
            clock: Arc::clone(&clock),
            sealer: parts.sealer,
            base_url: parts.base_url,
            directory: parts.directory.clone(),
        };
        let lanes = lanes::Lanes::new(take, parts.outbound, parts.directory, clock, settle);
        let settler = settler::Settler::new(parts.db, parts.wakes, parts.leases, settled);
        (room, PostRoomWorks { lanes, settler })
    }

    /// Opens receivers' secrets.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Address of this installation, for links inside payloads.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Hands deliveries in; they are settled one by one, and the hand tells when all are.
    ///
    /// # Errors
    /// `upstream_unavailable` while the process stops: the room is closed, and the promise behind the deliveries
    /// brings them back.
    pub(crate) async fn send(&self, deliveries: Vec<Outgoing>, hand: Arc<Hand>) -> Result<()> {
        let given = self.give.send(lanes::Batch { deliveries, hand }).await;
        given.map_err(|_| Error::new(Code::UpstreamUnavailable, "the post room is closed"))
    }

    /// Says whether a receiver's address may be called as its name resolves now.
    pub async fn permits(&self, url: &str) -> bool {
        self.outbound.permits(url.into()).await
    }

    /// Makes the one attempt of a test, past the lanes: a person waits for it.
    pub async fn try_once(&self, test: TestDelivery) -> stoa_webhooks::Settlement {
        self.diagnose(test).await.settlement
    }

    /// The same, with all that is known of the way there.
    pub async fn diagnose(&self, test: TestDelivery) -> Diagnosis {
        attempt::test(&*self.outbound, &*self.clock, test.outgoing).await
    }

    /// Until when a receiver is left alone because it failed repeatedly, as far as this node knows.
    pub async fn held_until(&self, tenant: TenantId, webhook: Id<id::Webhook>) -> Option<DateTime<Utc>> {
        self.directory.held_until(tenant, webhook.uuid()).await
    }
}

impl PostRoomWorks {
    /// Runs until the last door is closed or the house stops. What is in flight then is finished and settled;
    /// what still waits stays promised.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        futures::future::join(self.lanes.run(stop), self.settler.run()).await;
    }
}

impl fmt::Debug for PostRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostRoom").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
