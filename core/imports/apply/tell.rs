//! The events of the people of a chunk: those that a change by hand would record (`members`).

use std::sync::Arc;

use stoa_protocols::event::{EventData, EventType, MemberFacts, ObjectKind, UserFacts};

use super::{
    chunk::{Chunk, ChunkRow},
    people::{WrittenPeople, WrittenPerson},
};
use crate::{
    db::TenantTx,
    events::NewEvent,
    id::{self, Id},
    imports::RowAction,
    members::MemberStatus,
};

/// Records what became of each person.
pub(super) fn record(tx: &mut TenantTx, chunk: &Chunk, written: &WrittenPeople) {
    for row in chunk.all.iter().filter(|row| row.writes()) {
        let Some(person) = row.user_id.and_then(|person| written.of(person)) else { continue };
        let user = Arc::new(facts(row, person));
        for (event_type, changed) in told(row) {
            let member = (event_type != EventType::UserCreated).then(|| Box::new(standing(row, person, changed)));
            let data = EventData { user: Some(Arc::clone(&user)), member, ..EventData::default() };
            let occurred_at = tx.now();
            tx.record(NewEvent {
                event_type,
                object_kind: ObjectKind::User,
                object_id: row.user_id.unwrap_or_default(),
                revision: person.revision,
                scope_ids: Vec::new(),
                data: Arc::new(data),
                occurred_at,
                concludes: false,
            });
        }
    }
}

/// The events that tell of a row, each with the fields that it is about.
fn told(row: &ChunkRow) -> Vec<(EventType, Vec<String>)> {
    use EventType as E;
    if row.action == RowAction::Create {
        return vec![(E::UserCreated, Vec::new()), (E::MemberAdded, Vec::new())];
    }
    let (standing, own): (Vec<String>, Vec<String>) =
        row.changed.iter().flatten().cloned().partition(|name| matches!(name.as_str(), "role" | "status"));
    let mut told = Vec::new();
    if !own.is_empty() {
        told.push((E::UserUpdated, own));
    }
    match (row.was, row.status) {
        (Some(MemberStatus::Removed), Some(MemberStatus::Active)) => told.push((E::MemberAdded, Vec::new())),
        (was, Some(MemberStatus::Deactivated)) if was != Some(MemberStatus::Deactivated) => {
            told.push((E::UserDeactivated, standing));
        }
        (was, Some(MemberStatus::Removed)) if was != Some(MemberStatus::Removed) => {
            told.push((E::MemberRemoved, standing));
        }
        _ if !standing.is_empty() => told.push((E::MemberUpdated, standing)),
        _ => {}
    }
    told
}

fn facts(row: &ChunkRow, person: WrittenPerson) -> UserFacts {
    UserFacts {
        id: row.user_id.map(Id::<id::User>::from_uuid).map(|id| id.to_string()).unwrap_or_default(),
        number: person.number,
        external_id: row.external_id.clone(),
        email: row.email.clone().unwrap_or_default(),
        name: row.name.clone().unwrap_or_default(),
        first_name: row.first_name.clone().unwrap_or_default(),
        last_name: row.last_name.clone().unwrap_or_default(),
        role: row.role.clone().unwrap_or_default(),
    }
}

fn standing(row: &ChunkRow, person: WrittenPerson, changed: Vec<String>) -> MemberFacts {
    MemberFacts {
        role: row.role.clone().unwrap_or_default(),
        status: row.status.map(MemberStatus::as_str).unwrap_or_default().to_owned(),
        provisioned_by: person.provisioned_by.as_str().to_owned(),
        changed,
    }
}
