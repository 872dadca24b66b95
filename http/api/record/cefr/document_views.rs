//! Documents as they are shown, to whom they belong and to whoever verifies one.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_protocols::document::{CefrDocument, CefrVerification};
use stoa_record::cefr::{Document, DocumentStatus};

use crate::doors::{Sample, sample};

/// A document.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrDocument")]
pub(super) struct DocumentView {
    /// Id.
    id: Id<id::CefrDocument>,
    /// The learner.
    user_id: Id<id::User>,
    /// What it is worth now.
    status: DocumentStatus,
    /// The code that stands on it.
    code: String,
    /// Page on which it is verified, with the code behind the `#`.
    verification_url: String,
    /// Language of the document.
    locale: String,
    #[serde(flatten)]
    said: SaidView,
    /// When it was issued.
    issued_at: DateTime<Utc>,
    /// Until when it is said to be valid.
    expires_at: DateTime<Utc>,
    /// When it was taken back.
    revoked_at: Option<DateTime<Utc>>,
    /// Why.
    revoked_reason: Option<String>,
}

/// What whoever holds a document is told of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrVerification")]
pub(super) struct VerifiedView {
    /// What it is worth now.
    pub(super) status: DocumentStatus,
    #[serde(flatten)]
    pub(super) said: SaidView,
}

/// What a document says.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrDocumentFacts")]
pub(super) struct SaidView {
    /// Name of the institution, as it was.
    institution_name: String,
    /// Name of the learner, as it was.
    name: String,
    /// Language that is learned.
    language: String,
    /// Level of the four skills together; null where too few of them had one.
    level: Option<String>,
    /// How sure it was: `assessed`, `provisional`, `insufficient_evidence` or `expired`.
    level_status: String,
    /// Level of each skill; null where nothing showed one.
    skills: BTreeMap<String, Option<String>>,
    /// Civil date of what was known.
    as_of: NaiveDate,
    /// Civil date on which it was issued.
    issued_on: NaiveDate,
    /// Last civil date on which it is said to be valid.
    valid_until: NaiveDate,
}

impl SaidView {
    pub(super) fn of(facts: CefrDocument) -> Self {
        Self {
            institution_name: facts.institution,
            name: facts.name,
            language: facts.language,
            level: facts.level,
            level_status: facts.status,
            skills: facts.skills.into_iter().map(|(skill, found)| (skill, found.level)).collect(),
            as_of: facts.as_of,
            issued_on: facts.issued_on,
            valid_until: facts.valid_until,
        }
    }
}

impl DocumentView {
    pub(super) fn of(document: Document, app_url: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: document.id,
            user_id: document.user_id,
            status: document.status(now),
            verification_url: verification(&document, app_url).url,
            code: document.code(),
            locale: document.locale,
            said: SaidView::of(document.facts),
            issued_at: document.issued_at,
            expires_at: document.expires_at,
            revoked_at: document.revoked_at,
            revoked_reason: document.revoked_why,
        }
    }
}

impl Sample for SaidView {
    fn sample() -> Self {
        let level = |skill: &str, level: Option<&str>| (skill.to_owned(), level.map(ToOwned::to_owned));
        Self {
            institution_name: "School of Examples".into(),
            name: "Ada Lovelace".into(),
            language: "en".into(),
            level: Some("B1".into()),
            level_status: "provisional".into(),
            skills: [
                level("listening", Some("B1")),
                level("reading", Some("B2")),
                level("speaking", Some("B1+")),
                level("writing", None),
            ]
            .into(),
            as_of: sample::time().date_naive(),
            issued_on: sample::time().date_naive(),
            valid_until: sample::time().date_naive() + chrono::Days::new(365),
        }
    }
}

impl Sample for DocumentView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            status: DocumentStatus::Valid,
            code: "7XK2-9QPM-4TNB-W3HD".into(),
            verification_url: "https://learn.example/verify#7XK2-9QPM-4TNB-W3HD".into(),
            locale: "ko".into(),
            said: SaidView::sample(),
            issued_at: sample::time(),
            expires_at: sample::time() + chrono::TimeDelta::days(366),
            revoked_at: None,
            revoked_reason: None,
        }
    }
}

impl Sample for VerifiedView {
    fn sample() -> Self {
        Self { status: DocumentStatus::Valid, said: SaidView::sample() }
    }
}

/// The code of a document, and where it is verified.
pub(super) fn verification(document: &Document, app_url: &str) -> CefrVerification {
    let code = document.code();
    CefrVerification { url: format!("{app_url}/verify#{code}"), code }
}
