//! Whose account an actor is, and what an activity's IRI means here.
//!
//! # Rule
//! - An account on our own address has as its name our id or the institution's own key of the learner; an address of
//!   e-mail names whoever has it. An account of another system is nobody: its names are not ours, and two systems may
//!   have the same.
//! - `<address>/xapi/activities/<id>` is a course, lesson or item of ours; any other IRI is what has it as its external
//!   id, a course before a lesson before an item.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Key, Result,
    db::{TenantTx, failed, sql},
    id,
    progress::{ActivityKind, ActivityObject},
};
use stoa_protocols::xapi::Actor;
use uuid::Uuid;

/// What an id of ours names.
fn own(id: &str) -> Option<ActivityObject> {
    let course = || Some((ActivityKind::Course, id.parse::<Id<id::Course>>().ok()?.uuid()));
    let lesson = || Some((ActivityKind::Lesson, id.parse::<Id<id::Lesson>>().ok()?.uuid()));
    let item = || Some((ActivityKind::Item, id.parse::<Id<id::Item>>().ok()?.uuid()));
    course().or_else(lesson).or_else(item).map(|(kind, bits)| ActivityObject::of(kind, bits))
}

/// The key of the learner whom an actor names, where `base` is our own address; none for an account of another system.
pub fn learner_key(actor: &Actor, base: &str) -> Option<Key<id::User>> {
    match actor {
        Actor::Mailbox(address) => Some(Key::Word(address.clone())),
        Actor::Account { home_page, name } if home_page.trim_end_matches('/') == base => {
            Some(name.parse().map_or_else(|_| Key::ExternalId(name.clone()), Key::Id))
        }
        Actor::Account { .. } => None,
    }
}

const BY_EXTERNAL_ID: &str = "SELECT f.key, f.kind, f.id FROM (
    SELECT k.key, 'course' AS kind, 1 AS place, c.id FROM unnest($2) AS k(key)
      JOIN courses c ON c.tenant_id = $1 AND c.external_id = k.key AND c.deleted_at IS NULL
    UNION ALL SELECT k.key, 'lesson', 2, l.id FROM unnest($2) AS k(key)
      JOIN lessons l ON l.tenant_id = $1 AND l.external_id = k.key AND l.deleted_at IS NULL
    UNION ALL SELECT k.key, 'item', 3, i.id FROM unnest($2) AS k(key)
      JOIN training_items i ON i.tenant_id = $1 AND i.external_id = k.key AND i.deleted_at IS NULL
  ) f ORDER BY f.key, f.place";

/// What IRIs mean; those that mean nothing here are left out. Whether an id of ours is there is for the road to say.
///
/// # Errors
/// As the database says.
pub async fn activities(tx: &mut TenantTx, base: &str, iris: &[&str]) -> Result<HashMap<String, ActivityObject>> {
    let ours = format!("{base}/xapi/activities/");
    let is_foreign = |iri: &&str| !iri.starts_with(&ours);
    let foreign: Vec<&str> = iris.iter().copied().filter(is_foreign).collect();
    let mut found = named(tx, &foreign).await?;
    let mut first = |iri: &str| {
        iri.strip_prefix(&ours).and_then(own).or_else(|| found.remove(iri).and_then(|all| all.into_iter().next()))
    };
    Ok(iris.iter().filter_map(|iri| Some(((*iri).to_owned(), first(iri)?))).collect())
}

/// What ids of ours and external ids name: courses first, then lessons, then items. Those that name nothing are left out.
///
/// # Errors
/// As the database says.
pub async fn named(tx: &mut TenantTx, keys: &[&str]) -> Result<HashMap<String, Vec<ActivityObject>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let mut named: HashMap<String, Vec<ActivityObject>> =
        keys.iter().filter_map(|key| Some(((*key).to_owned(), vec![own(key)?]))).collect();
    let others: Vec<&str> = keys.iter().copied().filter(|key| !named.contains_key(*key)).collect();
    if others.is_empty() {
        return Ok(named);
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(BY_EXTERNAL_ID)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<Text>, _>(others)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    for row in rows {
        let kind = match row.kind.as_str() {
            "course" => ActivityKind::Course,
            "lesson" => ActivityKind::Lesson,
            _ => ActivityKind::Item,
        };
        named.entry(row.key).or_default().push(ActivityObject::of(kind, row.id));
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_ours_only_on_our_address() {
        let base = "https://stoa.example";
        let account = |home_page: &str, name: &str| Actor::Account { home_page: home_page.into(), name: name.into() };
        let id = Id::<id::User>::from_uuid(Uuid::from_u128(7));
        assert_eq!(
            learner_key(&account("https://stoa.example/", &id.to_string()), base).unwrap().id(),
            Some(id.uuid())
        );
        assert_eq!(learner_key(&account(base, "s-1815"), base).unwrap().external_id(), Some("s-1815"));
        assert!(learner_key(&account("https://other.example", "s-1815"), base).is_none());
        assert_eq!(learner_key(&Actor::Mailbox("Ana@x.example".into()), base).unwrap().word(), Some("Ana@x.example"));
    }
}
