//! What may be done with evidence: record it, and take it back.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::sql_types::{Array, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Code, Error, Id, Key, Result, Scope,
    audit::Entry,
    content::Cefr,
    db::{TenantTx, failed, sql},
    fields::Fields,
    id,
    members::{self, MemberStatus},
    progress::lock_learners,
    time::Timestamp,
};

use super::{
    Evidence, EvidenceSource, Skill,
    levels::{self, Cause, Whose},
    queries,
    scales::{self, Mapped, Unmapped},
};

/// Most pieces of a request.
pub const PIECES_MAX: usize = 100;
/// Longest note, in characters.
const NOTE_MAX: usize = 2_000;
/// Most descriptors of a piece, and the longest key of one, in bytes.
const DESCRIPTORS_MAX: usize = 100;
const DESCRIPTOR_BYTES: usize = 100;

/// A piece of evidence to be recorded.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// Id of the learner, e-mail address, or `external_id:` and the institution's own key.
    pub user: Key<id::User>,
    /// Language that is learned, such as `ko`; only the first part of the tag counts.
    pub language: String,
    /// What was shown.
    pub skill: Skill,
    /// What kind of evidence it is. `graded_item` is not recorded: items are read where they stand.
    pub source: EvidenceSource,
    /// Level that it shows; else a scale and a value.
    #[serde(default)]
    pub level: Option<Cefr>,
    /// Scale of the value, such as `ielts`.
    #[serde(default)]
    pub scale: Option<String>,
    /// Score on the scale.
    #[serde(default)]
    pub value: Option<f64>,
    /// When it was shown; at most a day ahead of the server's clock.
    pub occurred_at: Timestamp,
    /// Until when it counts, as a certificate says.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Keys of can-do descriptors, each shown or not.
    #[serde(default)]
    pub descriptors: BTreeMap<String, bool>,
    /// The sender's own key: evidence counts once.
    #[serde(default)]
    pub external_id: Option<String>,
    /// For people.
    #[serde(default)]
    pub note: Option<String>,
}

/// A piece that is there now.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The piece.
    pub evidence: Evidence,
    /// It was not there before.
    pub is_new: bool,
}

const INSERT: &str = "INSERT INTO cefr_evidence (tenant_id, id, user_id, language, skill, source, level, scale, value,
    mapping_version, descriptors, external_id, note, occurred_at, expires_at, recorded_by, created_at)
  SELECT $1, e.id, e.user_id, e.language, e.skill, e.source, e.level, e.scale, e.value, e.mapping_version, e.descriptors,
    e.external_id, e.note, e.occurred_at, e.expires_at, $15, $16
  FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $17) AS e(id, user_id, language, skill, source,
    level, scale, value, mapping_version, descriptors, external_id, note, occurred_at, expires_at)
  ON CONFLICT (tenant_id, external_id) DO NOTHING";

/// Records evidence, all of it or none. A piece whose external id was recorded before is answered as it is.
///
/// # Errors
/// `validation_failed` with the pointer of each fault.
pub async fn record(tx: &mut TenantTx, scope: &Scope, new: Vec<NewEvidence>) -> Result<Vec<Recorded>> {
    let pieces = checked(tx, new).await?;
    lock_learners(tx, &pieces.iter().map(|piece| (scope.tenant, piece.user_id.uuid())).collect::<Vec<_>>()).await?;
    insert(tx, scope, &pieces).await?;
    let ids: Vec<_> = pieces.iter().map(|piece| piece.id).collect();
    let keys: Vec<_> = pieces.iter().map(|piece| piece.external_id.clone()).collect();
    let there = queries::recorded(tx, &ids, &keys).await?;
    let recorded: Vec<Recorded> =
        there.into_iter().zip(&ids).map(|(evidence, id)| Recorded { is_new: evidence.id == *id, evidence }).collect();
    for one in recorded.iter().filter(|one| one.is_new) {
        let said = serde_json::json!({ "user_id": one.evidence.user_id, "skill": one.evidence.skill, "level": one.evidence.level });
        tx.audit(Entry::of("cefr_evidence.recorded", one.evidence.id).is(said));
    }
    let mut touched = BTreeMap::<Whose, Vec<Id<id::Evidence>>>::new();
    for Recorded { evidence, .. } in recorded.iter().filter(|one| one.is_new) {
        touched.entry((evidence.user_id, evidence.language.clone())).or_default().push(evidence.id);
    }
    levels::keep(tx, touched, Cause::Recorded).await?;
    Ok(recorded)
}

/// Takes a piece back: it counts no more, and the report says so.
///
/// # Errors
/// `not_found`; `conflict` when it was taken back before.
pub async fn withdraw(tx: &mut TenantTx, key: Id<id::Evidence>, why: &str) -> Result<Evidence> {
    let mut why = why.to_owned();
    let mut fields = Fields::new();
    fields.name("/reason", &mut why);
    fields.finish()?;
    let before = queries::get_evidence(tx, key).await?;
    lock_learners(tx, &[(tx.tenant(), before.user_id.uuid())]).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sql("UPDATE cefr_evidence SET withdrawn_at = $3, withdrawn_why = $4
      WHERE tenant_id = $1 AND id = $2 AND withdrawn_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(&why)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if done == 0 {
        return Err(Error::new(Code::Conflict, "this evidence was withdrawn before"));
    }
    tx.audit(Entry::of("cefr_evidence.withdrawn", key).is(serde_json::json!({ "reason": why })));
    levels::keep(tx, BTreeMap::from([((before.user_id, before.language), vec![key])]), Cause::Withdrawn).await?;
    queries::get_evidence(tx, key).await
}

/// Checks each piece, finds its learner, and turns its score into a level.
async fn checked(tx: &mut TenantTx, new: Vec<NewEvidence>) -> Result<Vec<Evidence>> {
    if new.is_empty() || new.len() > PIECES_MAX {
        return Err(Error::invalid_field("/evidence", "length", format!("wanted 1 to {PIECES_MAX} pieces")));
    }
    let mut fields = Fields::new();
    let keys: Vec<Key<id::User>> = new.iter().map(|piece| piece.user.clone()).collect();
    let learners = members::find_all(tx, &keys).await?;
    let mut pieces = Vec::with_capacity(new.len());
    let (now, mut seen) = (tx.now(), std::collections::HashSet::new());
    for (at, (piece, learner)) in new.into_iter().zip(learners).enumerate() {
        let place = |name: &str| format!("/evidence/{at}/{name}");
        if piece.external_id.as_ref().is_some_and(|key| !seen.insert(key.clone())) {
            fields.fault(place("external_id"), "value", "the same external id stands here twice");
        }
        let learner = learner.filter(|member| member.status != MemberStatus::Removed);
        let Some(learner) = learner else {
            fields.fault(place("user"), "not_found", "no such member");
            continue;
        };
        if let Some(evidence) = piece.read((tx.new_id(), learner.id, now), &mut fields, place) {
            pieces.push(evidence);
        }
    }
    fields.finish()?;
    Ok(pieces)
}

impl NewEvidence {
    fn read(
        mut self,
        (id, user_id, now): (Id<id::Evidence>, Id<id::User>, chrono::DateTime<chrono::Utc>),
        fields: &mut Fields,
        place: impl Fn(&str) -> String,
    ) -> Option<Evidence> {
        fields.language(&place("language"), &mut self.language);
        fields.external_id(&place("external_id"), self.external_id.as_deref());
        if let Some(note) = &mut self.note {
            fields.text(&place("note"), note, NOTE_MAX);
        }
        if self.source == EvidenceSource::GradedItem {
            fields.fault(place("source"), "value", "items are read where they stand; wanted another source");
        }
        let (occurred_at, expires_at) = (self.occurred_at.utc(), self.expires_at.map(Timestamp::utc));
        if occurred_at > now + TimeDelta::days(1) {
            fields.fault(place("occurred_at"), "range", "wanted a time at most a day ahead");
        }
        if expires_at.is_some_and(|end| end <= occurred_at) {
            fields.fault(place("expires_at"), "range", "wanted a time after `occurred_at`");
        }
        let fits = |key: &String| !key.is_empty() && key.len() <= DESCRIPTOR_BYTES && !key.contains(char::is_control);
        if self.descriptors.len() > DESCRIPTORS_MAX || !self.descriptors.keys().all(fits) {
            fields.fault(place("descriptors"), "length", format!("wanted at most {DESCRIPTORS_MAX} short keys"));
        }
        let language = self.language.split('-').next().unwrap_or_default().to_lowercase();
        let (level, version) = self.mapped(&language, fields, &place)?;
        let descriptors = (!self.descriptors.is_empty()).then(|| serde_json::json!(self.descriptors));
        Some(Evidence {
            id,
            user_id,
            language,
            skill: self.skill,
            source: self.source,
            level,
            scale: self.scale,
            value: self.value,
            mapping_version: version,
            descriptors,
            external_id: self.external_id,
            note: self.note,
            occurred_at,
            expires_at,
            created_at: now,
            withdrawn_at: None,
        })
    }

    fn mapped(
        &self,
        language: &str,
        fields: &mut Fields,
        place: &impl Fn(&str) -> String,
    ) -> Option<(Cefr, Option<i32>)> {
        let (scale, value) = match (self.level, &self.scale, self.value) {
            (Some(level), None, None) => return Some((level, None)),
            (None, Some(scale), Some(value)) => (scale, value),
            _ => {
                fields.fault(place("level"), "required", "wanted a level, or a scale and a value");
                return None;
            }
        };
        match scales::map(scale, (language, self.skill), value) {
            Ok(Mapped { level, version }) => return Some((level, Some(version))),
            Err(Unmapped::Scale) => {
                let known = scales::all().keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                fields.fault(place("scale"), "value", format!("wanted one of {known}"));
            }
            Err(Unmapped::Skill) => {
                fields.fault(place("scale"), "value", "this scale does not test this skill in this language");
            }
            Err(Unmapped::Range(lowest, highest)) => {
                fields.fault(place("value"), "range", format!("wanted {lowest} to {highest}"));
            }
            Err(Unmapped::Below(first)) => {
                let words = format!("below {}, the lowest level that this scale shows", first.as_str());
                fields.fault(place("value"), "range", words);
            }
        }
        None
    }
}

async fn insert(tx: &mut TenantTx, scope: &Scope, pieces: &[Evidence]) -> Result<()> {
    fn column<'a, T>(pieces: &'a [Evidence], of: impl Fn(&'a Evidence) -> T) -> Vec<T> {
        pieces.iter().map(of).collect()
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(column(pieces, |piece| piece.id.uuid()))
        .bind::<Array<SqlUuid>, _>(column(pieces, |piece| piece.user_id.uuid()))
        .bind::<Array<Text>, _>(column(pieces, |piece| piece.language.as_str()))
        .bind::<Array<Text>, _>(column(pieces, |piece| piece.skill.as_str()))
        .bind::<Array<Text>, _>(column(pieces, |piece| piece.source.as_str()))
        .bind::<Array<Text>, _>(column(pieces, |piece| piece.level.as_str()))
        .bind::<Array<Nullable<Text>>, _>(column(pieces, |piece| piece.scale.as_deref()))
        .bind::<Array<Nullable<Double>>, _>(column(pieces, |piece| piece.value))
        .bind::<Array<Nullable<Integer>>, _>(column(pieces, |piece| piece.mapping_version))
        .bind::<Array<Nullable<Jsonb>>, _>(column(pieces, |piece| piece.descriptors.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(pieces, |piece| piece.external_id.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(pieces, |piece| piece.note.as_deref()))
        .bind::<Array<Timestamptz>, _>(column(pieces, |piece| piece.occurred_at))
        .bind::<Nullable<SqlUuid>, _>(scope.person())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Nullable<Timestamptz>>, _>(column(pieces, |piece| piece.expires_at))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
