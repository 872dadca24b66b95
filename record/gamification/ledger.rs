//! The ledger of points as people read it, and what they enter by hand.
//!
//! # Rule
//! An entry is never changed. What was wrong is corrected by another entry, with a reason: one that takes back an entry, or
//! a number of points. It counts today, in the periods that go on; what was frozen stays. Nobody has fewer than no points.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Code, Error, Id, Key, Result, Scope,
    audit::Entry,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    fields::Fields,
    id, institutions,
    members::Member,
};
use stoa_protocols::event::{EventData, EventType, XpEntryFacts, XpFacts};

use super::{
    boards::{ALL_TIME, Calendar, Gain, Period, Scores},
    lock, players,
    rules::CORRECTION,
    tell,
};

/// Most points of a correction.
pub const CORRECTION_MAX: i32 = 100_000;
/// Longest reason, in characters.
const NOTE_MAX: usize = 1_000;

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct XpEntry {
    /// `xpe_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::XpEntry>,
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// Key of the rule, or `correction`.
    #[diesel(sql_type = Text)]
    pub rule: String,
    /// Version of the rule.
    #[diesel(sql_type = Integer)]
    pub rule_version: i32,
    /// The sender's own id of the activity; of a correction its own key.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Points.
    #[diesel(sql_type = Integer)]
    pub amount: i32,
    /// The learner's date.
    #[diesel(sql_type = Date)]
    pub local_date: NaiveDate,
    /// Zone of the date.
    #[diesel(sql_type = Text)]
    pub tz: String,
    /// When it was done.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
    /// When it was counted.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// The entry that it takes back.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub corrects: Option<Id<id::XpEntry>>,
    /// Why somebody entered it.
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
}

/// What is to be corrected.
#[derive(Debug, Clone)]
pub struct Correction {
    /// An entry that is taken back, or a number of points.
    pub what: Corrected,
    /// Why.
    pub reason: String,
    /// The sender's own key of it: it counts once.
    pub external_id: Option<String>,
}

/// What a correction is of.
#[derive(Debug, Clone, Copy)]
pub enum Corrected {
    /// An entry that is taken back.
    Entry(Id<id::XpEntry>),
    /// Points that are given, or taken away.
    Points(i32),
}

macro_rules! entry_columns {
    () => {
        "x.id, x.user_id, x.rule, x.rule_version, x.source, x.amount, x.local_date, x.tz, x.occurred_at, x.created_at, x.corrects, x.note"
    };
}
const COUNT: &str = "SELECT count(*) AS total FROM xp_entries x WHERE x.tenant_id = $1 AND x.user_id = $2";
const PAGE: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM xp_entries x WHERE x.tenant_id = $1 AND x.user_id = $2 ORDER BY x.local_date DESC, x.id DESC LIMIT $3 OFFSET $4"
);
const ONE: &str = concat!("SELECT ", entry_columns!(), " FROM xp_entries x WHERE x.tenant_id = $1 AND x.id = $2");
const BY_SOURCE: &str =
    concat!("SELECT ", entry_columns!(), " FROM xp_entries x WHERE x.tenant_id = $1 AND x.source = $2 AND x.rule = $3");
const TAKEN_BACK: &str = "SELECT count(*) AS total FROM xp_entries x WHERE x.tenant_id = $1 AND x.corrects = $2";
const ENTER: &str =
    "INSERT INTO xp_entries (tenant_id, id, user_id, rule, rule_version, source, once, amount, local_date, tz, week,
    month, occurred_at, created_at, corrects, note, entered_by)
  VALUES ($1, $2, $3, $4, 1, $5, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14)";

/// Lists the entries of a learner, the newest date first.
///
/// # Errors
/// As the database says.
pub async fn entries(tx: &mut TenantTx, learner: Id<id::User>, request: PageRequest) -> Result<Paged<XpEntry>> {
    let tenant = tx.tenant();
    let count = sql(COUNT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(learner);
    let total: Total = count.get_result(tx.connection()).await.map_err(failed)?;
    let page = sql(PAGE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(learner)
        .bind::<BigInt, _>(request.per_page)
        .bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Enters a correction. One whose external id was entered before is answered as it is.
///
/// # Errors
/// `validation_failed`; `not_found` for an entry that is not the learner's; `conflict` where it was taken back already.
pub async fn correct(
    tx: &mut TenantTx,
    (scope, member): (&Scope, &Member),
    mut correction: Correction,
) -> Result<XpEntry> {
    lock(tx).await?;
    check(&mut correction)?;
    let id: Id<id::XpEntry> = tx.new_id();
    let source = correction.external_id.clone().unwrap_or_else(|| id.to_string());
    if let Some(there) = by_source(tx, &source).await? {
        return if there.user_id == member.id { Ok(there) } else { Err(taken()) };
    }
    let (amount, corrects) = match correction.what {
        Corrected::Points(points) => (points, None),
        Corrected::Entry(entry) => (-take_back(tx, (member, entry)).await?.amount, Some(entry)),
    };
    let (tenant, now) = (tx.tenant(), tx.now());
    let institution = institutions::own(tx, &Key::Id(tenant)).await?;
    let mut players = players::load(tx, &[member.id.uuid()], &institution).await?;
    let Some(player) = players.get_mut(&member.id.uuid()) else { return Err(Error::not_found("member")) };
    if player.game.xp + i64::from(amount) < 0 {
        let words = format!("wanted no more than the {} points that there are to be taken away", player.game.xp);
        return Err(Error::invalid_field("/amount", "range", words));
    }
    player.game.xp += i64::from(amount);
    let mut calendar = Calendar::read(tx, &institution).await?;
    let (week, month) = (calendar.place(Period::Week, now), calendar.place(Period::Month, now));
    let mut scores = Scores::default();
    for (period, starts_on) in [(Period::Week, week), (Period::Month, month), (Period::All, Some(ALL_TIME))] {
        let Some(starts_on) = starts_on else { continue };
        scores.add((period, starts_on), member.id.uuid(), (Gain::Xp(amount.into()), now));
    }
    let zone = player.zones.at(now);
    let entry = XpEntry {
        id,
        user_id: member.id,
        rule: CORRECTION.to_owned(),
        rule_version: 1,
        source,
        amount,
        local_date: zone.date(now),
        tz: zone.name().to_owned(),
        occurred_at: now,
        created_at: now,
        corrects,
        note: Some(correction.reason),
    };
    enter(tx, scope, (&entry, week, month)).await?;
    let xp = Some(Box::new(facts(&entry, player.game.xp)));
    tell::record(tx, player, (EventType::XpAwarded, &member.facts()), EventData { xp, ..EventData::default() });
    calendar.write(tx).await?;
    scores.write(tx).await?;
    players::save(tx, &players).await?;
    let said = json!({ "user_id": entry.user_id, "amount": amount, "corrects": corrects, "reason": entry.note });
    tx.audit(Entry::of("xp.corrected", entry.id).is(said));
    Ok(entry)
}

fn check(correction: &mut Correction) -> Result<()> {
    let mut fields = Fields::new();
    fields.text("/reason", &mut correction.reason, NOTE_MAX);
    if correction.reason.is_empty() {
        fields.fault("/reason", "required", "wanted a reason, which is kept");
    }
    fields.external_id("/external_id", correction.external_id.as_deref());
    match correction.what {
        Corrected::Points(0) => fields.fault("/amount", "value", "wanted points other than 0"),
        Corrected::Points(points) => fields.within("/amount", &points, &(-CORRECTION_MAX..=CORRECTION_MAX)),
        Corrected::Entry(_) => {}
    }
    fields.finish()
}

fn taken() -> Error {
    Error::new(Code::Conflict, "a correction with this external id was entered for somebody else")
}

async fn by_source(tx: &mut TenantTx, source: &str) -> Result<Option<XpEntry>> {
    let tenant = tx.tenant();
    let one = sql(BY_SOURCE).bind::<SqlUuid, _>(tenant).bind::<Text, _>(source).bind::<Text, _>(CORRECTION);
    one.get_result(tx.connection()).await.optional().map_err(failed)
}

/// The entry that is to be taken back.
async fn take_back(tx: &mut TenantTx, (member, entry): (&Member, Id<id::XpEntry>)) -> Result<XpEntry> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(entry);
    let found: Option<XpEntry> = one.get_result(tx.connection()).await.optional().map_err(failed)?;
    let found = found.filter(|found| found.user_id == member.id).ok_or_else(|| Error::not_found("entry of points"))?;
    let back = sql(TAKEN_BACK).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(entry);
    let back: Total = back.get_result(tx.connection()).await.map_err(failed)?;
    if back.total > 0 || found.amount == 0 {
        return Err(Error::new(Code::Conflict, "the entry was taken back already, or gave nothing"));
    }
    Ok(found)
}

async fn enter(
    tx: &mut TenantTx,
    scope: &Scope,
    (entry, week, month): (&XpEntry, Option<NaiveDate>, Option<NaiveDate>),
) -> Result<()> {
    let tenant = tx.tenant();
    sql(ENTER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(entry.id)
        .bind::<SqlUuid, _>(entry.user_id)
        .bind::<Text, _>(&entry.rule)
        .bind::<Text, _>(&entry.source)
        .bind::<Integer, _>(entry.amount)
        .bind::<Date, _>(entry.local_date)
        .bind::<Text, _>(&entry.tz)
        .bind::<Nullable<Date>, _>(week)
        .bind::<Nullable<Date>, _>(month)
        .bind::<Timestamptz, _>(entry.created_at)
        .bind::<Nullable<SqlUuid>, _>(entry.corrects)
        .bind::<Nullable<Text>, _>(entry.note.as_deref())
        .bind::<Nullable<SqlUuid>, _>(scope.holder())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn facts(entry: &XpEntry, total: i64) -> XpFacts {
    let line = XpEntryFacts {
        rule: entry.rule.clone(),
        amount: entry.amount.into(),
        source: entry.source.clone(),
        local_date: entry.local_date,
    };
    XpFacts { awarded: entry.amount.into(), total, entries: vec![line], more: 0 }
}
