//! The ledger: events recorded with the change that they tell of, and handed to the relay.
//!
//! Not here: the catalogue and the payload (`stoa_protocols::event`), and who is owed what (`webhooks`).

mod handoff;
pub(crate) mod record;

pub use handoff::{Handoff, HandoffReceiver};
pub(crate) use record::uuid_array;
pub use record::{NewEvent, RecordedEvent};

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
        ObjectKind::Webhook => Id::<id::Webhook>::from_uuid(object).to_string(),
    }
}
