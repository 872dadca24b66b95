//! The ledger: events recorded with the change that they tell of, handed to the relay, and read in order.
//!
//! Not here: the catalogue and the payload (`stoa_protocols::event`), and who is owed what (`webhooks`).

mod background;
pub mod feed;
mod handoff;
mod news;
pub mod record;
mod rows;

pub use background::background_lane;
pub(crate) use background::place_in_background;
pub use handoff::{Handoff, HandoffReceiver};
pub use news::{CHANNEL as NEWS_CHANNEL, Heard, News, Waiter};
pub use record::uuid_array;
pub use record::{NewEvent, RecordedEvent};
pub use rows::EventRow;

use stoa_protocols::event::ObjectKind;
use uuid::Uuid;

use crate::id::{self, Id};

/// Prefixed text of an object's id.
pub fn object_text(kind: ObjectKind, object: Uuid) -> String {
    match kind {
        ObjectKind::Course => Id::<id::Course>::from_uuid(object).to_string(),
        ObjectKind::Lesson => Id::<id::Lesson>::from_uuid(object).to_string(),
        ObjectKind::Training => Id::<id::Training>::from_uuid(object).to_string(),
        ObjectKind::Item => Id::<id::Item>::from_uuid(object).to_string(),
        ObjectKind::Enrollment => Id::<id::Enrolment>::from_uuid(object).to_string(),
        ObjectKind::User => Id::<id::User>::from_uuid(object).to_string(),
        ObjectKind::Standing => Id::<id::Standing>::from_uuid(object).to_string(),
        ObjectKind::EnrollmentAct => Id::<id::EnrolmentAct>::from_uuid(object).to_string(),
        ObjectKind::Webhook => Id::<id::Webhook>::from_uuid(object).to_string(),
        ObjectKind::SubscriptionRequest => Id::<id::SubscriptionRequest>::from_uuid(object).to_string(),
        ObjectKind::Subscription => Id::<id::Subscription>::from_uuid(object).to_string(),
        ObjectKind::Institution => Id::<id::Institution>::from_uuid(object).to_string(),
        ObjectKind::MemberImport => Id::<id::Import>::from_uuid(object).to_string(),
        ObjectKind::Token => Id::<id::Token>::from_uuid(object).to_string(),
        ObjectKind::CefrProfile => Id::<id::CefrProfile>::from_uuid(object).to_string(),
        ObjectKind::Erasure => Id::<id::Erasure>::from_uuid(object).to_string(),
        ObjectKind::Export => Id::<id::Export>::from_uuid(object).to_string(),
        ObjectKind::Game => Id::<id::Game>::from_uuid(object).to_string(),
    }
}

/// Reads the prefixed id of any object that an event may be about.
pub fn object_id(text: &str) -> Option<Uuid> {
    fn read<K: id::Kind>(text: &str) -> Option<Uuid> {
        text.parse::<Id<K>>().ok().map(Id::uuid)
    }
    let kinds = [
        read::<id::Course>,
        read::<id::Lesson>,
        read::<id::Training>,
        read::<id::Item>,
        read::<id::Enrolment>,
        read::<id::User>,
        read::<id::Standing>,
        read::<id::Webhook>,
        read::<id::EnrolmentAct>,
        read::<id::SubscriptionRequest>,
        read::<id::Subscription>,
        read::<id::Institution>,
        read::<id::Import>,
        read::<id::Token>,
        read::<id::CefrProfile>,
        read::<id::Erasure>,
        read::<id::Export>,
        read::<id::Game>,
    ];
    kinds.iter().find_map(|read| read(text))
}
