//! Hours in which somebody of the staff works: opened with the token and a second factor, ended by time or by word.
//!
//! Not here: what proves the second factor (`second_factor`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{StaffToken, StaffTokenKind};
use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id},
};

const OPEN: &str = "INSERT INTO staff_sessions (id, staff_id, hash, created_at, expires_at, address)
  VALUES ($1, $2, $3, $4, $5, $6)";
const END: &str = "UPDATE staff_sessions SET ended_at = $3
  WHERE staff_id = $1 AND ended_at IS NULL AND ($2 IS NULL OR id = $2)";
const FORGET: &str = "DELETE FROM staff_sessions WHERE expires_at < $1";
const NOTE: &str =
    "INSERT INTO staff_log (id, at, staff_id, action, request_id, address) VALUES ($1, $2, $3, $4, $5, $6)";
const LOG: &str = "SELECT l.at, l.staff_id AS staff, s.name, l.action, l.request_id, l.address
  FROM staff_log l JOIN staff s ON s.id = l.staff_id WHERE $1 IS NULL OR l.staff_id = $1 ORDER BY l.id DESC LIMIT 200";

/// A session just opened: the only time that its token is in the clear.
#[derive(Debug, Clone)]
pub struct Opened {
    /// `sts_…`
    pub id: Id<id::StaffSession>,
    /// What the person gets.
    pub token: StaffToken,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Where something was done from.
#[derive(Debug, Clone, Default)]
pub struct From {
    /// The request; none on the command line.
    pub request_id: Option<String>,
    /// The address; none on the command line.
    pub address: Option<String>,
}

/// A line of the staff's own log.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LogLine {
    /// When it was done.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Whose account it is.
    #[diesel(sql_type = SqlUuid)]
    pub staff: Id<id::Staff>,
    /// The person's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What was done, `object.verb` in the past tense.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// Request that did it.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// Address that the request came from.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
}

/// Opens a session of a person who has proved a second factor.
///
/// # Errors
/// As the database says.
pub async fn open_session(tx: &mut HouseTx, staff: Id<id::Staff>, life: TimeDelta, from: &From) -> Result<Opened> {
    let (id, token, now) = (tx.new_id(), StaffToken::fresh(StaffTokenKind::Session), tx.now());
    let opened = Opened { id, token, expires_at: now + life };
    sql(OPEN)
        .bind::<SqlUuid, _>(opened.id)
        .bind::<SqlUuid, _>(staff)
        .bind::<Binary, _>(opened.token.hash().to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(opened.expires_at)
        .bind::<Text, _>(from.address.as_deref().unwrap_or_default())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    note(tx, staff, "staff_session.opened", from).await?;
    Ok(opened)
}

/// Ends one session of a person, or all of them.
///
/// # Errors
/// As the database says.
pub async fn end_sessions(
    tx: &mut HouseTx,
    staff: Id<id::Staff>,
    which: Option<Id<id::StaffSession>>,
) -> Result<usize> {
    let now = tx.now();
    sql(END)
        .bind::<SqlUuid, _>(staff)
        .bind::<Nullable<SqlUuid>, _>(which.map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)
}

/// Forgets sessions that ended before a time; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_sessions(tx: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql(FORGET).bind::<Timestamptz, _>(before).execute(tx.connection()).await.map_err(failed)
}

/// Notes what somebody did to the own account. Rows are added and never changed: PostgreSQL refuses it to every role.
///
/// # Errors
/// As the database says.
pub async fn note(tx: &mut HouseTx, staff: Id<id::Staff>, action: &'static str, from: &From) -> Result<()> {
    let (id, now) = (tx.new_id::<id::AuditEntry>(), tx.now());
    sql(NOTE)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(staff)
        .bind::<Text, _>(action)
        .bind::<Nullable<Text>, _>(from.request_id.as_deref())
        .bind::<Nullable<Text>, _>(from.address.as_deref())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Lists what was done last, the newest first; of one person, or of all.
///
/// # Errors
/// As the database says.
pub async fn log(tx: &mut HouseTx, staff: Option<Id<id::Staff>>) -> Result<Vec<LogLine>> {
    let statement = sql(LOG).bind::<Nullable<SqlUuid>, _>(staff.map(Id::uuid));
    statement.load(tx.connection()).await.map_err(failed)
}
