//! Levels of the CEFR: evidence in, the report out.

mod document_views;
mod documents;
mod evidence_views;
mod samples;
mod views;

use chrono::NaiveDate;
use evidence_views::{EvidenceView, RecordedView, ScaleView, TargetView};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, Id, Key, Result, content::Cefr, id, institutions, members, time::Timestamp};
use stoa_record::{
    cefr::{self, NewEvidence, Target},
    subject::{SubjectKey, subject},
};
use views::ReportView;

use super::TAG;
use crate::{
    body::Body,
    doors::{Call, Created, Data, Door, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let mut doors = vec![
        Door::get("/api/cefr/report", report)
            .named(
                "getCefrReport",
                TAG,
                "Shows at which level a learner is in a language, skill by skill, and why; that of others needs `cefr:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::get("/api/cefr/evidence", list)
            .named("listCefrEvidence", TAG, "Lists what was recorded of a learner, the newest first; that of others needs `cefr:read`")
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::post("/api/cefr/evidence", record).needs(Ability::CefrWrite).named(
            "recordCefrEvidence",
            TAG,
            "Records up to 100 pieces of evidence, all or none; one whose external id is known counts once",
        ),
        Door::post("/api/cefr/evidence/{evidence}/withdraw", withdraw)
            .needs(Ability::CefrWrite)
            .named("withdrawCefrEvidence", TAG, "Takes a piece of evidence back: it stays on record and counts no more")
            .errors(&[Code::Conflict]),
        Door::put("/api/cefr/target", set_target).needs(Ability::CefrWrite).named(
            "setCefrTarget",
            TAG,
            "Sets the level that a learner wants to reach in a language; null takes it away",
        ),
        Door::get("/api/cefr/scales", scales).named(
            "listCefrScales",
            TAG,
            "Lists the scales whose scores become levels, with their tables",
        ),
    ];
    doors.extend(documents::doors());
    doors
}

/// Whose report.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// Language that is learned, such as `ko`; that of the newest evidence, else of the institution, if left out.
    #[serde(default)]
    language: Option<String>,
    /// What was known then; now if left out. A report of the past compares with nobody.
    #[serde(default)]
    as_of: Option<Timestamp>,
}

/// Whose evidence.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// Of this language alone.
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneEvidence {
    /// Id of the piece.
    evidence: Id<id::Evidence>,
}

/// Pieces to be recorded.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPieces {
    /// 1 to 100.
    evidence: Vec<NewEvidence>,
}

/// Why a piece is taken back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    /// Kept with the piece.
    reason: String,
}

/// What a learner wants to reach.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTarget {
    /// Id of the learner, e-mail address, or `external_id:` and the institution's own key.
    user: Key<id::User>,
    /// Language that is learned, such as `ko`.
    language: String,
    /// The level; null takes the target away.
    level: Option<Cefr>,
    /// By when.
    #[serde(default)]
    due_on: Option<NaiveDate>,
}

impl Body for NewPieces {
    fn example() -> Value {
        json!({ "evidence": [
            {
                "user": "external_id:s-1815", "language": "en", "skill": "reading", "source": "external_certificate",
                "scale": "ielts", "value": 6.5, "occurred_at": "2026-10-01T09:00:00Z", "expires_at": "2028-10-01T00:00:00Z",
                "external_id": "ielts-20261001",
            },
            {
                "user": "external_id:s-1815", "language": "en", "skill": "speaking", "source": "teacher", "level": "B1+",
                "occurred_at": "2026-11-01T09:00:00Z", "descriptors": { "sp.b1.describing": true }, "note": "Fluent",
            },
        ] })
    }
}

impl Body for Withdrawal {
    fn example() -> Value {
        json!({ "reason": "The certificate was somebody else's" })
    }
}

impl Body for NewTarget {
    fn example() -> Value {
        json!({ "user": "external_id:s-1815", "language": "en", "level": "B2", "due_on": "2027-06-30" })
    }
}

/// The part of a tag that names the language.
pub(super) fn language(tag: &str, pointer: &str) -> Result<String> {
    let mut tag = tag.to_owned();
    let mut fields = stoa_core::fields::Fields::new();
    fields.language(pointer, &mut tag);
    fields.finish()?;
    Ok(tag.split('-').next().unwrap_or_default().to_lowercase())
}

async fn report(call: Call<NoPath, Asked>) -> Result<Data<ReportView>> {
    let Asked { user_id, external_id, language: tag, as_of } = call.query;
    let named = tag.map(|tag| language(&tag, "?language")).transpose()?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let key = SubjectKey { user_id, external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::CefrRead)).await?;
    let language = match named {
        Some(named) => named,
        None => match cefr::newest_language(&mut tx, learner.id).await? {
            Some(newest) => newest,
            None => language(&institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?.locale, "?language")?,
        },
    };
    let as_of = as_of.map(Timestamp::utc);
    if as_of.is_some_and(|at| at > tx.now()) {
        return Err(Error::invalid_field("?as_of", "range", "wanted a time that has come"));
    }
    Ok(Data(ReportView::of(cefr::report(&mut tx, (learner, &language), as_of).await?)))
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<EvidenceView>> {
    let Listing { user_id, external_id, language: tag, page, per_page } = call.query;
    let language = tag.map(|tag| language(&tag, "?language")).transpose()?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let key = SubjectKey { user_id, external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::CefrRead)).await?;
    let page = cefr::list_evidence(&mut tx, (learner.id, language.as_deref()), asked(page, per_page)).await?;
    Ok(Listed(page.map(EvidenceView::of)))
}

async fn record(call: Call<NoPath, NoQuery, NewPieces>) -> Result<Created<Vec<RecordedView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let recorded = cefr::record(&mut tx, &call.scope, call.body.evidence).await?;
    tx.commit().await?;
    let views: Vec<RecordedView> = recorded.into_iter().map(RecordedView::of).collect();
    Ok(Created::from(views))
}

async fn withdraw(call: Call<OneEvidence, NoQuery, Withdrawal>) -> Result<Data<EvidenceView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let evidence = cefr::withdraw(&mut tx, call.path.evidence, &call.body.reason).await?;
    tx.commit().await?;
    Ok(Data(EvidenceView::of(evidence)))
}

async fn set_target(call: Call<NoPath, NoQuery, NewTarget>) -> Result<Data<TargetView>> {
    let NewTarget { user, language: tag, level, due_on } = call.body;
    let language = language(&tag, "/language")?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let learner = members::resolve(&mut tx, &[("/user".to_owned(), user)]).await?;
    let Some(learner) = learner.into_iter().next() else { return Err(Error::not_found("member")) };
    let target = level.map(|level| Target { level, due_on });
    cefr::set_target(&mut tx, (learner.id, &language), target).await?;
    tx.commit().await?;
    Ok(Data(TargetView::of(learner.id, language, target)))
}

async fn scales(_: Call) -> Result<Data<Vec<ScaleView>>> {
    Ok(Data(cefr::scales::all().iter().map(|(key, scale)| ScaleView::of(key, scale)).collect()))
}
