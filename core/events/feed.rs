//! The feed: what happened in an institution, in one order that nothing is ever put into later.
//!
//! # Rule
//! An event stands at the position of the transaction that wrote it, then by revision, then by id. A reader is shown what
//! lies below every transaction that still runs. So an event that commits late appears behind all that was shown, and
//! never between: whoever goes on from the last event seen misses nothing. Events of one object stand in the order of
//! their revisions.
//!
//! # Shape
//! A page looks at a bounded number of events, however few of them the filter lets through, and says from where to go on:
//! so each costs the same, and a reader who wants little still gets ahead.
//!
//! Not here: waiting for more (`stoa::http`), and how long events are kept (`retention`).

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{Envelope, EventType};
use uuid::Uuid;

use super::{record::RecordedEvent, rows::EventRow};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, FieldFault, Result},
    id::{Event, Id},
};

/// From where a reader goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum After {
    /// From the oldest event that is kept.
    #[default]
    Nothing,
    /// From now: what is there is left out.
    Latest,
    /// Behind this event.
    Event(Id<Event>),
}

/// Which events are wanted; of empty lists all.
#[derive(Debug, Clone, Default)]
pub struct FeedFilter {
    /// Types.
    pub types: Vec<EventType>,
    /// Courses, lessons and items, of which the event must be about one.
    pub scope_ids: Vec<Uuid>,
}

impl FeedFilter {
    /// Lets everything through.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.scope_ids.is_empty()
    }
}

/// A place in the feed. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct Place {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Place {
    const FIRST: Self = Self { position: 0, revision: 0, id: Uuid::nil() };

    /// The event that stands there; none at the beginning of everything.
    pub fn event(self) -> Option<Id<Event>> {
        (self != Self::FIRST).then(|| Id::from_uuid(self.id))
    }
}

/// A page of the feed.
#[derive(Debug)]
pub struct FeedPage {
    /// Events that are wanted, in order.
    pub events: Vec<Envelope>,
    /// The last event that was looked at: from where to go on.
    pub next: Place,
    /// There is more behind it that may be shown now.
    pub has_more: bool,
}

/// Finds the place behind which a reader goes on.
///
/// # Errors
/// `cursor_expired` for an event that is older than what is kept, `validation_failed` for one that never was.
pub async fn find_place(tx: &mut TenantTx, after: After) -> Result<Place> {
    match after {
        After::Nothing => Ok(Place::FIRST),
        After::Latest => latest(tx).await,
        After::Event(event) => place_of(tx, event).await,
    }
}

async fn latest(tx: &mut TenantTx) -> Result<Place> {
    let horizon = horizon(tx).await?;
    last_below(tx, horizon).await
}

async fn place_of(tx: &mut TenantTx, event: Id<Event>) -> Result<Place> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<Place> = sql("SELECT position, revision, id FROM events WHERE tenant_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(event.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    match rows.into_iter().next() {
        Some(place) => Ok(place),
        None if is_older_than_all(tx, event).await? => Err(Error::new(
            Code::CursorExpired,
            "the event is older than what is kept; begin without `after`, at the oldest, or at `latest`",
        )),
        None => Err(Error::invalid(vec![FieldFault::new("?after", "not_found", "no such event in this institution")])),
    }
}

/// Ids are times, so one that is below all that are there was dropped, or might have been.
async fn is_older_than_all(tx: &mut TenantTx, event: Id<Event>) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Oldest {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Oldest> = sql("SELECT id FROM events WHERE tenant_id = $1 ORDER BY id LIMIT 1")
        .bind::<SqlUuid, _>(tenant)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next().is_some_and(|oldest| event.uuid() < oldest.id))
}

// The inner query walks along one index, in every partition at once, and stops when enough was found; what it did not let
// through shows only as the place of the last event that was looked at.
const LOOK: &str = "SELECT position, revision, id, wanted, nth FROM (
  SELECT position, revision, id,
    ($5::text[] IS NULL OR type = ANY ($5)) AND ($6::uuid[] IS NULL OR scope_ids && $6) AS wanted, row_number() OVER () AS nth
  FROM (SELECT position, revision, id, type, scope_ids FROM events
    WHERE tenant_id = $1 AND (position, revision, id) > ($2, $3, $4) AND position < $7
    ORDER BY position, revision, id LIMIT 1000) looked_at) l
WHERE wanted OR nth = 1000 LIMIT $8";

#[derive(QueryableByName)]
struct Looked {
    #[diesel(embed)]
    place: Place,
    #[diesel(sql_type = Bool)]
    wanted: bool,
    /// How many were looked at up to this one.
    #[diesel(sql_type = BigInt)]
    nth: i64,
}

/// Most events that a page looks at; the statement has the same number.
const LOOKED_AT_MAX: i64 = 1_000;

/// Reads the page behind a place.
///
/// # Errors
/// As the database says.
pub async fn read_page(tx: &mut TenantTx, after: Place, filter: &FeedFilter, limit: usize) -> Result<FeedPage> {
    // What is below the horizon never changes, so the statements of a page agree although each has its own snapshot.
    let horizon = horizon(tx).await?;
    let looked = look(tx, (after, horizon), filter, limit).await?;
    let mut wanted: Vec<Place> = looked.iter().filter(|row| row.wanted).map(|row| row.place).collect();
    let more_wanted = wanted.len() > limit;
    wanted.truncate(limit);
    let last_wanted = wanted.last().copied().unwrap_or(after);
    let cut_off = looked.last().filter(|row| row.nth == LOOKED_AT_MAX);
    let (next, has_more) = match cut_off {
        _ if more_wanted => (last_wanted, true),
        Some(last) => (last.place, true),
        None if filter.is_empty() => (last_wanted, false),
        // Also behind the last one that is wanted lie only unwanted ones; a place below `after` was not shown yet then.
        None => (last_below(tx, horizon).await?.max(after), false),
    };
    Ok(FeedPage { events: load(tx, &wanted).await?, next, has_more })
}

async fn horizon(tx: &mut TenantTx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        horizon: i64,
    }
    let row: Row =
        sql("SELECT stoa_position_horizon() AS horizon").get_result(tx.connection()).await.map_err(failed)?;
    Ok(row.horizon)
}

async fn look(
    tx: &mut TenantTx,
    (after, horizon): (Place, i64),
    filter: &FeedFilter,
    limit: usize,
) -> Result<Vec<Looked>> {
    let types: Vec<&str> = filter.types.iter().map(|wanted| wanted.as_str()).collect();
    let tenant = tx.tenant().uuid();
    sql(LOOK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<BigInt, _>(after.position)
        .bind::<Integer, _>(after.revision)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Nullable<Array<Text>>, _>(Some(types).filter(|types| !types.is_empty()))
        .bind::<Nullable<Array<SqlUuid>>, _>(Some(&filter.scope_ids[..]).filter(|ids| !ids.is_empty()))
        .bind::<BigInt, _>(horizon)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// The place of the last event that may be shown.
async fn last_below(tx: &mut TenantTx, horizon: i64) -> Result<Place> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<Place> = sql("SELECT position, revision, id FROM events WHERE tenant_id = $1 AND position < $2
         ORDER BY position DESC, revision DESC, id DESC LIMIT 1")
    .bind::<SqlUuid, _>(tenant)
    .bind::<BigInt, _>(horizon)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().next().unwrap_or(Place::FIRST))
}

async fn load(tx: &mut TenantTx, places: &[Place]) -> Result<Vec<Envelope>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(embed)]
        event: EventRow,
        #[diesel(sql_type = BigInt)]
        institution_number: i64,
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql(
        "SELECT e.tenant_id, e.id, e.type, e.object_kind, e.object_id, e.revision, e.scope_ids, e.data, e.request_id,
           e.occurred_at, e.created_at, i.number AS institution_number
         FROM unnest($2) WITH ORDINALITY AS k(id, nth)
         CROSS JOIN LATERAL (SELECT * FROM events x WHERE x.tenant_id = $1 AND x.id = k.id OFFSET 0) e
         CROSS JOIN LATERAL (SELECT number FROM institutions x WHERE x.tenant_id = $1 OFFSET 0) i
         ORDER BY k.nth",
    )
    .bind::<SqlUuid, _>(tenant)
    .bind::<Array<SqlUuid>, _>(places.iter().map(|place| place.id).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    rows.into_iter().map(|row| Ok(RecordedEvent::try_from(row.event)?.envelope(row.institution_number))).collect()
}
