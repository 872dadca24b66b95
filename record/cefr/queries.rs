//! What may be asked of evidence.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result,
    content::Cefr,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    id,
};

use super::{Evidence, EvidenceSource, Piece, Skill, Whose, evidence::Score};

macro_rules! columns {
    () => {
        "e.id, e.user_id, e.language, e.skill, e.source, e.level, e.scale, e.value, e.mapping_version, e.descriptors,
         e.external_id, e.note, e.occurred_at, e.expires_at, e.created_at, e.withdrawn_at"
    };
}
const ONE: &str = concat!("SELECT ", columns!(), " FROM cefr_evidence e WHERE e.tenant_id = $1 AND e.id = $2");
const RECORDED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM unnest($2, $3) WITH ORDINALITY AS k(id, external_id, place)
      JOIN cefr_evidence e ON e.tenant_id = $1 AND (e.id = k.id OR e.external_id = k.external_id) ORDER BY k.place"
);
const OF_LEARNERS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM unnest($2, $3) AS w(user_id, language)
      JOIN cefr_evidence e ON e.tenant_id = $1 AND e.user_id = w.user_id AND e.language = w.language
      WHERE e.occurred_at <= $4 AND e.created_at <= $4 AND (e.withdrawn_at IS NULL OR e.withdrawn_at > $4)
      ORDER BY e.occurred_at, e.id"
);
macro_rules! wanted {
    () => {
        " FROM cefr_evidence e WHERE e.tenant_id = $1 AND e.user_id = $2 AND ($3 IS NULL OR e.language = $3)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted!());
const PAGE: &str =
    concat!("SELECT ", columns!(), wanted!(), " ORDER BY e.occurred_at DESC, e.id DESC LIMIT $4 OFFSET $5");

/// Scored items of learners whose skill and level are known, each by the best score so far.
const ITEMS: &str =
    "SELECT s.user_id, w.language, k.skill, i.cefr AS level, s.best_score / 10000.0::double precision AS score,
    coalesce(s.completed_at, s.last_occurred_at) AS at
  FROM unnest($2, $3) AS w(user_id, language)
  JOIN standings s ON s.tenant_id = $1 AND s.user_id = w.user_id
  JOIN training_items i ON i.tenant_id = s.tenant_id AND i.id = s.object_id AND i.cefr IS NOT NULL
  JOIN courses c ON c.tenant_id = s.tenant_id AND c.id = s.course_id
  CROSS JOIN LATERAL unnest(i.skills) AS k(skill)
  WHERE s.object_kind = 'item' AND s.best_score IS NOT NULL
    AND s.last_occurred_at <= $4 AND split_part(lower(c.language), '-', 1) = w.language AND k.skill = ANY ($5)";

/// Best score of an item from which it shows its own level, and from which the one below; else two below.
const SHOWS_ITS_LEVEL: f64 = 0.8;
const SHOWS_THE_ONE_BELOW: f64 = 0.6;

/// Gets a piece, also one that was taken back.
///
/// # Errors
/// `not_found`.
pub(super) async fn get_evidence(tx: &mut TenantTx, id: Id<id::Evidence>) -> Result<Evidence> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).get_result(tx.connection()).await;
    one.optional().map_err(failed)?.ok_or_else(|| Error::not_found("evidence"))
}

/// The pieces by these ids, or by these keys where those were there before; in order.
pub(super) async fn recorded(
    tx: &mut TenantTx,
    ids: &[Id<id::Evidence>],
    keys: &[Option<String>],
) -> Result<Vec<Evidence>> {
    let tenant = tx.tenant();
    sql(RECORDED)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(keys)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Lists what was recorded of a learner, the newest first, what was taken back too.
///
/// # Errors
/// As the database says.
pub async fn list_evidence(
    tx: &mut TenantTx,
    (learner, language): (Id<id::User>, Option<&str>),
    request: PageRequest,
) -> Result<Paged<Evidence>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(learner).bind::<Nullable<Text>, _>(language)
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}

/// The language of a learner's newest evidence.
///
/// # Errors
/// As the database says.
pub async fn newest_language(tx: &mut TenantTx, learner: Id<id::User>) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        language: String,
    }
    let tenant = tx.tenant();
    let row: Option<Row> = sql("SELECT e.language FROM cefr_evidence e
      WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.withdrawn_at IS NULL ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(learner)
    .get_result(tx.connection())
    .await
    .optional()
    .map_err(failed)?;
    Ok(row.map(|row| row.language))
}

#[derive(QueryableByName)]
struct ItemRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    skill: Skill,
    #[diesel(sql_type = Text)]
    level: Cefr,
    #[diesel(sql_type = Double)]
    score: f64,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// Everything that shows a learner's level in a language, as it was known at a time.
pub(super) async fn pieces(
    tx: &mut TenantTx,
    (learner, language): (Id<id::User>, &str),
    as_of: DateTime<Utc>,
) -> Result<BTreeMap<Skill, Vec<Piece>>> {
    let whose = (learner, language.to_owned());
    Ok(pieces_of(tx, &[&whose], as_of).await?.remove(&whose).unwrap_or_default())
}

/// The same of several learners at once.
pub(super) async fn pieces_of(
    tx: &mut TenantTx,
    whose: &[&Whose],
    as_of: DateTime<Utc>,
) -> Result<BTreeMap<Whose, BTreeMap<Skill, Vec<Piece>>>> {
    let tenant = tx.tenant();
    let of_learners = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<SqlUuid>, _>(whose.iter().map(|(user, _)| user.uuid()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(whose.iter().map(|(_, language)| language.as_str()).collect::<Vec<_>>())
            .bind::<Timestamptz, _>(as_of)
    };
    let rows: Vec<Evidence> = of_learners(OF_LEARNERS).load(tx.connection()).await.map_err(failed)?;
    let skills: Vec<&str> = Skill::ALL.iter().map(|skill| skill.as_str()).collect();
    let items = of_learners(ITEMS).bind::<Array<Text>, _>(skills);
    let items: Vec<ItemRow> = items.load(tx.connection()).await.map_err(failed)?;
    let rows = rows.into_iter().map(|row| ((row.user_id, row.language.clone()), row.skill, row.piece()));
    let items = items.into_iter().map(|row| ((row.user_id, row.language.clone()), row.skill, row.piece()));
    let mut pieces = BTreeMap::<Whose, BTreeMap<Skill, Vec<Piece>>>::new();
    for (whose, skill, piece) in rows.chain(items) {
        pieces.entry(whose).or_default().entry(skill).or_default().push(piece);
    }
    Ok(pieces)
}

impl ItemRow {
    fn piece(self) -> Piece {
        let down = if self.score >= SHOWS_ITS_LEVEL { 0 } else { 1 + i16::from(self.score < SHOWS_THE_ONE_BELOW) };
        Piece {
            evidence: None,
            source: EvidenceSource::GradedItem,
            level: self.level.down(down),
            at: self.at,
            expires_at: None,
            score: Some(Score { scale: "share".to_owned(), value: self.score }),
            descriptors: BTreeMap::new(),
        }
    }
}
