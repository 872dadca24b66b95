//! What is told of people: to receivers by events, to the institution's own auditors by its log.
//!
//! Not here: that a person is put on courses (`enrolments`).

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stoa_protocols::event::{EventData, EventType, MemberFacts, ObjectKind};

use super::{Member, MemberStatus};
use crate::{audit::Entry, db::TenantTx, events::NewEvent};

/// Fields of the person, whoever he is in the institution.
const OWN: [&str; 7] = ["name", "first_name", "last_name", "email", "external_id", "locale", "time_zone"];

/// Tells of somebody who has come, or come back.
pub(super) fn came(tx: &mut TenantTx, member: &Member, is_new: bool) {
    if is_new {
        record(tx, EventType::UserCreated, member, None);
    }
    record(tx, EventType::MemberAdded, member, Some(&[]));
    let entry = Entry::of("member.added", member.id).is(json!({
        "email": member.email, "role": member.role, "status": member.status, "provisioned_by": member.provisioned_by,
    }));
    tx.audit(entry);
}

/// Tells of a change, by the events that say what kind of change it was.
pub(super) fn changed(tx: &mut TenantTx, before: &Member, after: &Member) {
    let fields = differences(before, after);
    let own: Vec<&str> = fields.iter().map(|(name, ..)| *name).filter(|name| OWN.contains(name)).collect();
    if !own.is_empty() {
        record(tx, EventType::UserUpdated, after, Some(&own));
    }
    let standing: Vec<&str> =
        fields.iter().map(|(name, ..)| *name).filter(|name| matches!(*name, "role" | "status")).collect();
    match (before.status, after.status) {
        (MemberStatus::Removed, MemberStatus::Active) => came(tx, after, false),
        (was, MemberStatus::Deactivated) if was != MemberStatus::Deactivated => {
            record(tx, EventType::UserDeactivated, after, Some(&standing));
        }
        (_, MemberStatus::Removed) => record(tx, EventType::MemberRemoved, after, Some(&standing)),
        _ if !standing.is_empty() => record(tx, EventType::MemberUpdated, after, Some(&standing)),
        _ => {}
    }
    let side = |which: fn(&(&'static str, Value, Value)) -> Value| -> Value {
        let shown = |name: &str| if name == "name" { "full_name".to_owned() } else { name.to_owned() };
        Value::Object(fields.iter().map(|field| (shown(field.0), which(field))).collect::<Map<_, _>>())
    };
    let action = if after.status == MemberStatus::Removed { "member.removed" } else { "member.changed" };
    tx.audit(Entry::of(action, after.id).was(side(|field| field.1.clone())).is(side(|field| field.2.clone())));
}

/// Each field that is not what it was: its name, what it was and what it is.
fn differences(before: &Member, after: &Member) -> Vec<(&'static str, Value, Value)> {
    let of = |member: &Member| {
        [
            ("name", json!(member.name)),
            ("first_name", json!(member.first_name)),
            ("last_name", json!(member.last_name)),
            ("email", json!(member.email)),
            ("external_id", json!(member.external_id)),
            ("locale", json!(member.locale)),
            ("time_zone", json!(member.time_zone)),
            ("role", json!(member.role)),
            ("status", json!(member.status)),
            ("sticky", json!(member.sticky)),
        ]
    };
    let pairs = of(before).into_iter().zip(of(after));
    pairs.filter(|((_, was), (_, is))| was != is).map(|((name, was), (_, is))| (name, was, is)).collect()
}

fn record(tx: &mut TenantTx, event_type: EventType, member: &Member, changed: Option<&[&str]>) {
    let facts = changed.map(|changed| {
        Box::new(MemberFacts {
            role: member.role.as_str().to_owned(),
            status: member.status.as_str().to_owned(),
            provisioned_by: member.provisioned_by.as_str().to_owned(),
            changed: changed.iter().map(|name| (*name).to_owned()).collect(),
        })
    });
    let data = EventData { user: Some(member.facts()), member: facts, ..EventData::default() };
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::User,
        object_id: member.id.uuid(),
        revision: member.revision,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at: tx.now(),
        concludes: false,
    });
}
