//! How an import tells of itself. What it did to each person, the events of people tell (`apply`).

use std::sync::Arc;

use stoa_protocols::event::{EventData, EventType, ObjectKind};

use super::Import;
use crate::{db::TenantTx, events::NewEvent};

/// Records what became of an import.
pub(super) fn record(tx: &mut TenantTx, import: &Import, event_type: EventType) {
    let data = EventData { member_import: Some(Box::new(import.facts())), ..EventData::default() };
    let occurred_at = tx.now();
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::MemberImport,
        object_id: import.id.uuid(),
        revision: if event_type == EventType::MemberImportPlanned { 1 } else { 2 },
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at,
        concludes: event_type != EventType::MemberImportPlanned,
    });
}
