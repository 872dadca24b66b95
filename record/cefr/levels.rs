//! The levels that are kept: what each learner's evidence comes to, written down to compare learners by and to tell of.
//!
//! Levels are worked out anew for all learners that a step touches, in two readings and two writings however many they
//! are. What changed is told by `cefr.level_changed`; that evidence came or went by `cefr.assessed`.
//!
//! Not here: how evidence becomes a level ([`super::assessment`]).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Key, Result,
    content::Cefr,
    db::{TenantTx, failed, sql},
    events::NewEvent,
    id, members,
};
use stoa_protocols::event::{CefrChange, CefrFacts, EventData, EventType, ObjectKind, UserFacts};
use uuid::Uuid;

use super::{
    LevelStatus, Skill,
    assessment::{Assessment, Overall, assess, overall},
    queries,
};

/// A learner, and the language that he learns.
pub type Whose = (Id<id::User>, String);

/// Learners whose evidence changed, and the pieces that came or went.
pub(super) type Touched = BTreeMap<Whose, Vec<Id<id::Evidence>>>;

/// Why levels are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Evidence was recorded.
    Recorded,
    /// Evidence was taken back.
    Withdrawn,
    /// Items were scored.
    Graded,
}

impl Cause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "evidence_recorded",
            Self::Withdrawn => "evidence_withdrawn",
            Self::Graded => "items_graded",
        }
    }
}

/// A level that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMove {
    /// Whose.
    pub whose: Whose,
    /// The skill; none for the profile.
    pub skill: Option<Skill>,
    /// The level before.
    pub from: Option<Cefr>,
    /// The level now.
    pub to: Option<Cefr>,
}

/// What the evidence of a learner comes to.
struct Found {
    skills: BTreeMap<Skill, Assessment>,
    profile: Overall,
}

#[derive(QueryableByName)]
struct MovedRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    skill: Skill,
    #[diesel(sql_type = Nullable<SmallInt>)]
    before: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    after: Option<i16>,
}

#[derive(QueryableByName)]
struct ProfileRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::CefrProfile>,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<SmallInt>)]
    before: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    after: Option<i16>,
}

const KEEP: &str = "WITH touched AS (SELECT * FROM unnest($2, $3) AS t(user_id, language)),
    found AS (SELECT * FROM unnest($4, $5, $6, $7) AS f(user_id, language, skill, level)),
    kept AS (SELECT l.user_id, l.language, l.skill, l.level FROM touched t
      JOIN cefr_levels l ON l.tenant_id = $1 AND l.user_id = t.user_id AND l.language = t.language),
    gone AS (DELETE FROM cefr_levels l USING kept k
      WHERE l.tenant_id = $1 AND l.user_id = k.user_id AND l.language = k.language AND l.skill = k.skill
        AND NOT EXISTS (SELECT FROM found f WHERE f.user_id = k.user_id AND f.language = k.language AND f.skill = k.skill)),
    written AS (INSERT INTO cefr_levels (tenant_id, user_id, language, skill, level, updated_at)
      SELECT $1, f.user_id, f.language, f.skill, f.level, $8 FROM found f
      ON CONFLICT (tenant_id, user_id, language, skill)
        DO UPDATE SET level = excluded.level, updated_at = excluded.updated_at)
  SELECT user_id, language, skill, k.level AS before, f.level AS after
  FROM kept k FULL JOIN found f USING (user_id, language, skill)
  WHERE k.level IS DISTINCT FROM f.level ORDER BY user_id, language, skill";
const PROFILES: &str =
    "WITH told AS (SELECT * FROM unnest($2, $3, $4, $5, $6) AS t(user_id, language, id, level, times)),
    kept AS (SELECT p.user_id, p.language, p.level FROM told t
      JOIN cefr_profiles p ON p.tenant_id = $1 AND p.user_id = t.user_id AND p.language = t.language),
    written AS (INSERT INTO cefr_profiles AS p (tenant_id, user_id, language, id, level, revision, updated_at)
      SELECT $1, t.user_id, t.language, t.id, t.level, t.times, $7 FROM told t
      ON CONFLICT (tenant_id, user_id, language) DO UPDATE
        SET level = excluded.level, revision = p.revision + excluded.revision, updated_at = excluded.updated_at
      RETURNING p.user_id, p.language, p.id, p.level, p.revision)
  SELECT w.user_id, w.language, w.id, w.revision, k.level AS before, w.level AS after
  FROM written w LEFT JOIN kept k USING (user_id, language) ORDER BY w.user_id, w.language";

/// Works the levels of some learners out anew, keeps them, and tells what came of it. The learners are locked.
pub(super) async fn keep(tx: &mut TenantTx, touched: Touched, cause: Cause) -> Result<Vec<LevelMove>> {
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let found = assessed(tx, &touched).await?;
    let mut moves = keep_skills(tx, &found).await?;
    let profiles = keep_profiles(tx, &found, &moves, cause).await?;
    moves.extend(profiles.iter().filter(|row| row.before != row.after).map(|row| LevelMove {
        whose: (row.user_id, row.language.clone()),
        skill: None,
        from: row.before.and_then(Cefr::at),
        to: row.after.and_then(Cefr::at),
    }));
    tell(tx, (&touched, &found), (&profiles, &moves), cause).await?;
    Ok(moves)
}

async fn assessed(tx: &mut TenantTx, touched: &Touched) -> Result<BTreeMap<Whose, Found>> {
    let now = tx.now();
    let whose: Vec<&Whose> = touched.keys().collect();
    let mut pieces = queries::pieces_of(tx, &whose, now).await?;
    let of_one = |whose: &Whose| {
        let pieces = pieces.remove(whose).unwrap_or_default();
        let of_skill = |skill: &Skill| (*skill, assess(pieces.get(skill).map_or(&[], Vec::as_slice), now));
        let skills: BTreeMap<Skill, Assessment> = Skill::ALL.iter().map(of_skill).collect();
        let profile = overall(&skills.values().collect::<Vec<_>>());
        (whose.clone(), Found { skills, profile })
    };
    Ok(whose.into_iter().map(of_one).collect())
}

async fn keep_skills(tx: &mut TenantTx, found: &BTreeMap<Whose, Found>) -> Result<Vec<LevelMove>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let named = |skill: &Assessment| skill.level.filter(|_| skill.status != LevelStatus::InsufficientEvidence);
    let levels: Vec<(&Whose, Skill, Cefr)> = found
        .iter()
        .flat_map(|(whose, found)| found.skills.iter().map(move |(skill, found)| (whose, *skill, found)))
        .filter_map(|(whose, skill, found)| Some((whose, skill, named(found)?)))
        .collect();
    let rows: Vec<MovedRow> = sql(KEEP)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(found.keys().map(|(user, _)| user.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(found.keys().map(|(_, language)| language.as_str()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(levels.iter().map(|((user, _), ..)| user.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(levels.iter().map(|((_, language), ..)| language.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(levels.iter().map(|(_, skill, _)| skill.as_str()).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(levels.iter().map(|(.., level)| level.ordinal()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let moved = |row: MovedRow| LevelMove {
        whose: (row.user_id, row.language),
        skill: Some(row.skill),
        from: row.before.and_then(Cefr::at),
        to: row.after.and_then(Cefr::at),
    };
    Ok(rows.into_iter().map(moved).collect())
}

/// Writes the profiles of which there is something to tell, with as many revisions as there are events.
async fn keep_profiles(
    tx: &mut TenantTx,
    found: &BTreeMap<Whose, Found>,
    moves: &[LevelMove],
    cause: Cause,
) -> Result<Vec<ProfileRow>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let changed: HashSet<&Whose> = moves.iter().map(|change| &change.whose).collect();
    let times = |whose: &Whose| i32::from(cause != Cause::Graded) + i32::from(changed.contains(whose));
    let told: Vec<(&Whose, &Found, i32)> =
        found.iter().map(|(whose, found)| (whose, found, times(whose))).filter(|(.., times)| *times > 0).collect();
    let ids: Vec<Uuid> = told.iter().map(|_| tx.new_id::<id::CefrProfile>().uuid()).collect();
    sql(PROFILES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(told.iter().map(|((user, _), ..)| user.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(told.iter().map(|((_, language), ..)| language.as_str()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Nullable<SmallInt>>, _>(
            told.iter().map(|(_, found, _)| found.profile.level.map(Cefr::ordinal)).collect::<Vec<_>>(),
        )
        .bind::<Array<Integer>, _>(told.iter().map(|(.., times)| *times).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)
}

async fn tell(
    tx: &mut TenantTx,
    (touched, found): (&Touched, &BTreeMap<Whose, Found>),
    (profiles, moves): (&[ProfileRow], &[LevelMove]),
    cause: Cause,
) -> Result<()> {
    let keys: Vec<Key<id::User>> = profiles.iter().map(|row| Key::Id(row.user_id)).collect();
    let people = members::find_all(tx, &keys).await?;
    let mut changes = HashMap::<&Whose, Vec<CefrChange>>::new();
    for change in moves {
        changes.entry(&change.whose).or_default().push(change.told());
    }
    for (row, person) in profiles.iter().zip(people) {
        let whose = (row.user_id, row.language.clone());
        let (Some(person), Some(found)) = (person, found.get(&whose)) else { continue };
        let evidence = touched.get(&whose).map_or(&[][..], Vec::as_slice);
        let changes = changes.remove(&whose).unwrap_or_default();
        let facts = CefrFacts {
            id: row.id.to_string(),
            language: row.language.clone(),
            level: found.profile.level.map(|level| level.as_str().to_owned()),
            status: found.profile.status.as_str().to_owned(),
            skills: found.skills.iter().map(|(skill, found)| (skill.as_str().to_owned(), text(found.level))).collect(),
            changes: Vec::new(),
            reason: cause.as_str().to_owned(),
            evidence_ids: evidence.iter().map(ToString::to_string).collect(),
        };
        let first = row.revision - i32::from(!changes.is_empty());
        if cause != Cause::Graded {
            record(tx, (EventType::CefrAssessed, first), row, (person.facts(), facts.clone()));
        }
        if !changes.is_empty() {
            let facts = CefrFacts { changes, ..facts };
            record(tx, (EventType::CefrLevelChanged, row.revision), row, (person.facts(), facts));
        }
    }
    Ok(())
}

fn record(
    tx: &mut TenantTx,
    (event_type, revision): (EventType, i32),
    row: &ProfileRow,
    (user, facts): (Arc<UserFacts>, CefrFacts),
) {
    let data = EventData { user: Some(user), cefr: Some(Box::new(facts)), ..EventData::default() };
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::CefrProfile,
        object_id: row.id.uuid(),
        revision,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at: tx.now(),
        concludes: false,
    });
}

fn text(level: Option<Cefr>) -> Option<String> {
    level.map(|level| level.as_str().to_owned())
}

impl LevelMove {
    fn told(&self) -> CefrChange {
        let skill = self.skill.map_or("overall", Skill::as_str).to_owned();
        CefrChange { skill, from: text(self.from), to: text(self.to) }
    }
}
