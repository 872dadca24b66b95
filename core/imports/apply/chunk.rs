//! The rows of the plan that are applied together.

use std::collections::HashSet;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::people::WrittenPeople;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    groups,
    id::{self, Id},
    imports::{Import, RowAction},
    members::{MemberStatus, takes_a_seat},
};

/// People who are put on courses in one transaction: each is locked, and locks are few.
const LEARNERS_MAX: usize = 500;

const READ: &str =
    "SELECT r.line, r.action, r.user_id, r.external_id, r.email, r.name, r.first_name, r.last_name, r.role,
    r.status, r.group_ids, r.group_names IS NOT NULL AS makes_groups, r.course_ids, r.was, r.changed
  FROM import_rows r WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 ORDER BY r.line LIMIT $4";

/// A row of the plan. What is not written is not there.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct ChunkRow {
    #[diesel(sql_type = Integer)]
    pub(super) line: i32,
    #[diesel(sql_type = Text)]
    pub(super) action: RowAction,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) external_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) first_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) last_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) role: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) status: Option<MemberStatus>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub(super) group_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Bool)]
    pub(super) makes_groups: bool,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub(super) course_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) was: Option<MemberStatus>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub(super) changed: Option<Vec<String>>,
}

impl ChunkRow {
    /// Somebody is written.
    pub(super) const fn writes(&self) -> bool {
        matches!(self.action, RowAction::Create | RowAction::Update | RowAction::Deactivate)
    }

    /// Takes a seat that the person had not.
    fn takes_seat(&self) -> bool {
        self.status.is_some_and(takes_a_seat) && !self.was.is_some_and(takes_a_seat)
    }

    fn learns(&self) -> bool {
        self.group_ids.is_some() || self.makes_groups || self.course_ids.is_some()
    }
}

/// The rows after the last that was applied.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where it begins: after this line.
    pub(super) after: i32,
    /// The rows.
    pub(super) all: Vec<ChunkRow>,
    /// People who come are put on something at once.
    pub(super) everyone_is_busy: bool,
}

impl Chunk {
    /// Reads the next rows.
    pub(super) async fn read(tx: &mut TenantTx, import: &Import, size: i64) -> Result<Self> {
        let tenant = tx.tenant();
        let mut all: Vec<ChunkRow> = sql(READ)
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(import.id)
            .bind::<Integer, _>(import.applied_through)
            .bind::<BigInt, _>(size)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let creates = all.iter().any(|row| row.action == RowAction::Create);
        let everyone_is_busy = creates && !groups::busy(tx, &[], true).await?.is_empty();
        let learns = |row: &ChunkRow| row.learns() || everyone_is_busy && row.action == RowAction::Create;
        if let Some((cut, _)) = all.iter().enumerate().filter(|(_, row)| learns(row)).nth(LEARNERS_MAX) {
            all.truncate(cut);
        }
        Ok(Self { after: import.applied_through, all, everyone_is_busy })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> i32 {
        i32::try_from(self.all.len()).unwrap_or(i32::MAX)
    }

    /// Line of its last row.
    pub(super) fn last_line(&self) -> i32 {
        self.all.last().map_or(self.after, |row| row.line)
    }

    /// Has it rows of an action.
    pub(super) fn has(&self, action: RowAction) -> bool {
        self.all.iter().any(|row| row.action == action)
    }

    /// Lines whose people changed since the plan was made, and so were not written.
    pub(super) fn lost(&self, written: &WrittenPeople) -> Vec<i32> {
        self.all.iter().filter(|row| row.writes() && !written.has(row.user_id)).map(|row| row.line).collect()
    }

    /// How many rows of an action were done.
    pub(super) fn count(&self, action: RowAction, written: &WrittenPeople) -> i32 {
        let done = |row: &&ChunkRow| row.action == action && (!row.writes() || written.has(row.user_id));
        i32::try_from(self.all.iter().filter(done).count()).unwrap_or(i32::MAX)
    }

    /// Seats that were kept for its people.
    pub(super) fn seats(&self) -> i32 {
        i32::try_from(self.all.iter().filter(|row| row.writes() && row.takes_seat()).count()).unwrap_or(i32::MAX)
    }

    /// People who lose access.
    pub(super) fn leaving(&self, written: &WrittenPeople) -> Vec<Uuid> {
        let leaves = |row: &&ChunkRow| row.was.is_some_and(takes_a_seat) && !row.status.is_some_and(takes_a_seat);
        self.all.iter().filter(leaves).filter(|row| written.has(row.user_id)).filter_map(|row| row.user_id).collect()
    }

    /// The groups that its people join.
    pub(super) fn groups(&self) -> Vec<Uuid> {
        let all: HashSet<Uuid> =
            self.all.iter().filter_map(|row| row.group_ids.as_deref()).flatten().copied().collect();
        all.into_iter().collect()
    }

    /// The courses that its people are put on.
    pub(super) fn courses(&self) -> Vec<Uuid> {
        let all: HashSet<Uuid> =
            self.all.iter().filter_map(|row| row.course_ids.as_deref()).flatten().copied().collect();
        all.into_iter().collect()
    }

    /// People who were known before and are put on something now.
    pub(super) fn learners(&self) -> Vec<Uuid> {
        let known = self.all.iter().filter(|row| row.learns() && row.action != RowAction::Create);
        known.filter_map(|row| row.user_id).collect()
    }

    /// People who were asked to join.
    pub(super) fn invited(&self, written: &WrittenPeople) -> Vec<Id<id::User>> {
        let invited = |row: &&ChunkRow| row.action == RowAction::Create && row.status == Some(MemberStatus::Invited);
        let people = self.all.iter().filter(invited).filter(|row| written.has(row.user_id));
        people.filter_map(|row| row.user_id).map(Id::from_uuid).collect()
    }
}
