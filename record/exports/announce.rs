//! How an export tells of its end.

use std::sync::Arc;

use stoa_core::{db::TenantTx, events::NewEvent};
use stoa_protocols::event::{EventData, EventType, ObjectKind};

use super::Export;

/// Records what became of an export.
pub(super) fn record(tx: &mut TenantTx, export: &Export, event_type: EventType) {
    let data = EventData { export: Some(Box::new(export.facts())), ..EventData::default() };
    let occurred_at = tx.now();
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::Export,
        object_id: export.id.uuid(),
        revision: if event_type == EventType::ExportExpired { 2 } else { 1 },
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at,
        concludes: event_type != EventType::ExportCompleted,
    });
}
