//! Groups, courses and time zones that rows name, each looked up once for an import and not once for a row.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::roster::Entry;
use uuid::Uuid;

use crate::{
    content::courses,
    db::{TenantTx, failed, sql},
    error::Result,
    id,
    key::Key,
};

/// Names kept in mind; a file that names more is looked up anew.
const KEPT_MAX: usize = 20_000;

const GROUPS: &str = "SELECT g.id, g.external_id, g.name FROM groups g
  WHERE g.tenant_id = $1 AND NOT g.everyone AND (g.id = ANY ($2) OR g.external_id = ANY ($3) OR g.name = ANY ($3))
  ORDER BY g.id DESC";
const ZONES: &str = "SELECT name FROM pg_timezone_names WHERE name = ANY ($1)";

/// What names mean; none for those that mean nothing.
#[derive(Debug, Default)]
pub struct Places {
    groups: HashMap<String, Option<Uuid>>,
    courses: HashMap<String, Option<Uuid>>,
    zones: HashMap<String, bool>,
}

#[derive(QueryableByName)]
struct GroupRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Zone {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Places {
    /// Knows some places already, for tests of the rules.
    #[cfg(test)]
    pub(super) fn of(groups: &[(&str, Option<Uuid>)], courses: &[(&str, Option<Uuid>)]) -> Self {
        let map = |names: &[(&str, Option<Uuid>)]| names.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect();
        Self { groups: map(groups), courses: map(courses), zones: HashMap::new() }
    }

    /// Learns what a chunk names and what is not known yet. Answers the groups and courses that it means.
    pub(super) async fn learn(&mut self, tx: &mut TenantTx, entries: &[Entry]) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
        if self.groups.len() + self.courses.len() > KEPT_MAX {
            *self = Self::default();
        }
        let groups = names(entries, |entry| entry.row.groups.given());
        let courses = names(entries, |entry| entry.row.courses.given());
        let zones: HashSet<&str> =
            entries.iter().filter_map(|entry| entry.row.time_zone.given()).map(String::as_str).collect();
        self.learn_groups(tx, unknown(&groups, |name| self.groups.contains_key(name))).await?;
        self.learn_courses(tx, unknown(&courses, |name| self.courses.contains_key(name))).await?;
        self.learn_zones(tx, unknown(&zones, |name| self.zones.contains_key(name))).await?;
        let groups = groups.into_iter().filter_map(|name| self.group(name)).collect();
        Ok((groups, courses.into_iter().filter_map(|name| self.course(name)).collect()))
    }

    /// The group of a name: an id, the institution's own key, or what it is called, in this order.
    pub(super) fn group(&self, name: &str) -> Option<Uuid> {
        self.groups.get(name).copied().flatten()
    }

    /// The course of a name: an id, the institution's own key, or the slug.
    pub(super) fn course(&self, name: &str) -> Option<Uuid> {
        self.courses.get(name).copied().flatten()
    }

    /// Is there such a time zone.
    pub(super) fn has_zone(&self, name: &str) -> bool {
        self.zones.get(name).copied().unwrap_or_default()
    }

    async fn learn_groups(&mut self, tx: &mut TenantTx, unknown: Vec<String>) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        let ids: Vec<Uuid> = unknown.iter().filter_map(|name| Key::<id::Group>::read(name).id()).collect();
        let keys: Vec<&str> = unknown.iter().map(|name| bare(name)).collect();
        let rows: Vec<GroupRow> = sql(GROUPS)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Text>, _>(keys)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        for name in unknown {
            let id = Key::<id::Group>::read(&name).id();
            let by_id = rows.iter().find(|row| Some(row.id) == id);
            let by_key = || rows.iter().find(|row| row.external_id.as_deref() == Some(bare(&name)));
            // Of two with one name, the older.
            let by_name = || rows.iter().rfind(|row| row.name == name);
            let found = by_id.or_else(by_key).or_else(by_name).map(|row| row.id);
            self.groups.insert(name, found);
        }
        Ok(())
    }

    async fn learn_courses(&mut self, tx: &mut TenantTx, unknown: Vec<String>) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        // A word is a slug, or else the institution's own key.
        let keys: Vec<Key<id::Course>> = unknown.iter().map(|name| Key::read(name)).collect();
        let own = unknown.iter().map(|name| Key::ExternalId(bare(name).to_owned())).collect::<Vec<_>>();
        let found = courses::find_all(tx, &keys).await?;
        let by_own_key = courses::find_all(tx, &own).await?;
        for ((name, found), by_own_key) in unknown.into_iter().zip(found).zip(by_own_key) {
            self.courses.insert(name, by_own_key.or(found).map(|course| course.id.uuid()));
        }
        Ok(())
    }

    async fn learn_zones(&mut self, tx: &mut TenantTx, unknown: Vec<String>) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        let known = sql(ZONES).bind::<Array<Text>, _>(&unknown);
        let rows: Vec<Zone> = known.load(tx.connection()).await.map_err(failed)?;
        for name in unknown {
            let holds = rows.iter().any(|zone| zone.name == name);
            self.zones.insert(name, holds);
        }
        Ok(())
    }
}

/// The institution's own key, with or without the words before it.
fn bare(name: &str) -> &str {
    name.strip_prefix("external_id:").unwrap_or(name)
}

fn names<'a>(entries: &'a [Entry], of: impl Fn(&'a Entry) -> Option<&'a Vec<String>>) -> HashSet<&'a str> {
    entries.iter().filter_map(of).flatten().map(String::as_str).collect()
}

fn unknown(names: &HashSet<&str>, knows: impl Fn(&str) -> bool) -> Vec<String> {
    names.iter().filter(|name| !knows(name)).map(|name| (*name).to_owned()).collect()
}
