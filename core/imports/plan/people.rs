//! Who is known already of those whom a chunk of rows may mean.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::roster::Entry;
use uuid::Uuid;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    members::{Member, email_key, member_columns},
};

/// By two look-ups and not by one with OR, which would be made anew for every key.
const FIND: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
      WHERE u.tenant_id = $1 AND u.id IN (
        SELECT x.id FROM users x WHERE x.tenant_id = $1 AND x.external_id = ANY ($2)
        UNION SELECT x.id FROM users x WHERE x.tenant_id = $1 AND x.email_key = ANY ($3))"
);
const IN_GROUPS: &str = "SELECT user_id, group_id AS place_id FROM group_members
  WHERE tenant_id = $1 AND user_id = ANY ($2) AND group_id = ANY ($3)";
const ON_COURSES: &str = "SELECT user_id, course_id AS place_id FROM enrolments
  WHERE tenant_id = $1 AND user_id = ANY ($2) AND course_id = ANY ($3) AND status <> 'removed' AND NOT derived";
const GONE: &str = "SELECT user_id, user_id AS place_id FROM data_set_members
  WHERE tenant_id = $1 AND data_set = $2 AND gone AND user_id = ANY ($3)";

/// People who are known, by both of their keys, and where they are already.
#[derive(Debug, Default)]
pub struct People {
    by_external_id: HashMap<String, usize>,
    by_email: HashMap<String, usize>,
    all: Vec<Member>,
    places: HashSet<(Uuid, Uuid)>,
    gone: HashSet<Uuid>,
}

#[derive(QueryableByName)]
struct There {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    place_id: Uuid,
}

impl People {
    /// Makes them of rows.
    pub fn of(all: Vec<Member>) -> Self {
        let mut people = Self { all, ..Self::default() };
        for (place, member) in people.all.iter().enumerate() {
            people.by_email.insert(email_key(&member.email), place);
            if let Some(key) = &member.external_id {
                people.by_external_id.insert(key.clone(), place);
            }
        }
        people
    }

    /// Finds whomever a chunk may mean.
    pub(super) async fn find(tx: &mut TenantTx, entries: &[Entry]) -> Result<Self> {
        let keys = entries.iter().filter_map(|entry| entry.row.external_id.given());
        let emails = entries.iter().filter_map(|entry| entry.row.email.given().map(|email| email_key(email)));
        let tenant = tx.tenant();
        let rows: Vec<Member> = sql(FIND)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<Text>, _>(keys.collect::<Vec<_>>())
            .bind::<Array<Text>, _>(emails.collect::<Vec<_>>())
            .load(tx.connection())
            .await
            .map_err(failed)?;
        Ok(Self::of(rows))
    }

    /// Finds in which of some groups and on which of some courses they are.
    pub(super) async fn find_places(&mut self, tx: &mut TenantTx, groups: &[Uuid], courses: &[Uuid]) -> Result<()> {
        let (tenant, users) = (tx.tenant(), self.ids());
        for (text, places) in [(IN_GROUPS, groups), (ON_COURSES, courses)] {
            if places.is_empty() || users.is_empty() {
                continue;
            }
            let there = sql(text)
                .bind::<SqlUuid, _>(tenant)
                .bind::<Array<SqlUuid>, _>(&users)
                .bind::<Array<SqlUuid>, _>(places);
            let rows: Vec<There> = there.load(tx.connection()).await.map_err(failed)?;
            self.places.extend(rows.into_iter().map(|row| (row.user_id, row.place_id)));
        }
        Ok(())
    }

    /// Finds who was deactivated because an edition of the data set did not name him.
    pub(super) async fn find_gone(&mut self, tx: &mut TenantTx, data_set: &str) -> Result<()> {
        let (tenant, users) = (tx.tenant(), self.ids());
        if users.is_empty() {
            return Ok(());
        }
        let gone = sql(GONE).bind::<SqlUuid, _>(tenant).bind::<Text, _>(data_set).bind::<Array<SqlUuid>, _>(users);
        let rows: Vec<There> = gone.load(tx.connection()).await.map_err(failed)?;
        self.gone = rows.into_iter().map(|row| row.user_id).collect();
        Ok(())
    }

    fn ids(&self) -> Vec<Uuid> {
        self.all.iter().map(|member| member.id.uuid()).collect()
    }

    /// The person with a key of the institution.
    pub(super) fn with_key(&self, key: &str) -> Option<&Member> {
        self.by_external_id.get(key).and_then(|place| self.all.get(*place))
    }

    /// The person with an address, in the form by which they are compared.
    pub(super) fn with_email(&self, email_key: &str) -> Option<&Member> {
        self.by_email.get(email_key).and_then(|place| self.all.get(*place))
    }

    /// Is the person in the group, or on the course.
    pub(super) fn is_at(&self, person: Id<id::User>, place: Uuid) -> bool {
        self.places.contains(&(person.uuid(), place))
    }

    /// Did an edition of the data set not name the person.
    pub(super) fn is_gone(&self, person: Id<id::User>) -> bool {
        self.gone.contains(&person.uuid())
    }
}
