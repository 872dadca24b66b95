//! The single events of a history, the newest first, page by page.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result,
    db::{TenantTx, failed, sql},
    id,
};
use uuid::Uuid;

use super::Whose;

/// Something that a learner did.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Deed {
    /// The sender's own id of it.
    #[diesel(sql_type = Text)]
    pub client_id: String,
    /// When it happened.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
    /// When it was accepted.
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    /// What was acted on: course, lesson or item.
    #[diesel(sql_type = Text)]
    pub object_kind: String,
    /// Which one.
    #[diesel(sql_type = SqlUuid)]
    pub object_id: Uuid,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub verb: String,
    /// What came of it, as it was given.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub result: Option<serde_json::Value>,
}

impl Deed {
    /// Id of what was acted on.
    pub fn object(&self) -> String {
        match self.object_kind.as_str() {
            "course" => Id::<id::Course>::from_uuid(self.object_id).to_string(),
            "lesson" => Id::<id::Lesson>::from_uuid(self.object_id).to_string(),
            _ => Id::<id::Item>::from_uuid(self.object_id).to_string(),
        }
    }
}

/// A page of deeds.
#[derive(Debug, Clone)]
pub struct Deeds {
    /// The newest first.
    pub rows: Vec<Deed>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

const PAGE: &str = "SELECT p.client_id, p.occurred_at, p.received_at, p.object_kind, p.object_id, p.verb, p.result
  FROM progress_events p
  WHERE p.tenant_id = $1 AND p.user_id = $2
    AND ($3 IS NULL OR p.object_id = $3 OR EXISTS (SELECT FROM standings s
      WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.object_id = p.object_id AND s.course_id = $3))
    AND ($4 IS NULL OR (p.occurred_at, p.client_id) < ($4, $5))
  ORDER BY p.occurred_at DESC, p.client_id DESC LIMIT $6";

/// Reads a page of what a learner did, behind a cursor.
///
/// # Errors
/// `validation_failed` for a cursor that is none.
pub async fn deeds(tx: &mut TenantTx, whose: Whose, (cursor, limit): (Option<&str>, i64)) -> Result<Deeds> {
    let after = cursor.map(read).transpose()?;
    let tenant = tx.tenant();
    let mut rows: Vec<Deed> = sql(PAGE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(whose.learner)
        .bind::<Nullable<SqlUuid>, _>(whose.course)
        .bind::<Nullable<Timestamptz>, _>(after.as_ref().map(|(at, _)| *at))
        .bind::<Nullable<Text>, _>(after.as_ref().map(|(_, id)| id.as_str()))
        .bind::<BigInt, _>(limit.saturating_add(1))
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > limit);
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let next = rows.last().filter(|_| more).map(write);
    Ok(Deeds { rows, next })
}

/// Microseconds since 1970 and the sender's id, which may hold anything.
fn write(deed: &Deed) -> String {
    format!("{}.{}", deed.occurred_at.timestamp_micros(), deed.client_id)
}

fn read(cursor: &str) -> Result<(DateTime<Utc>, String)> {
    let parts = cursor.split_once('.').and_then(|(micros, id)| Some((micros.parse().ok()?, id)));
    let read = parts.and_then(|(micros, id)| Some((DateTime::from_timestamp_micros(micros)?, id.to_owned())));
    read.ok_or_else(|| Error::invalid_field("?cursor", "format", "wanted `next_cursor` of the page before"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_carries_any_id_and_nothing_else_is_one() {
        let (at, id) = read("1795251600123456.a.b 한").unwrap();
        assert_eq!((at.timestamp_micros(), id.as_str()), (1_795_251_600_123_456, "a.b 한"));
        for bad in ["", ".", "x.y", "12", "99999999999999999999.a"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
