//! Reports as documents: issued with a code, drawn as PDF, revoked, and verified by anybody who holds one.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header};
use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, Id, Key, Result, Scope, id, institutions};
use stoa_protocols::render::{Language, negotiate};
use stoa_record::{
    cefr::{self, Document, Issue},
    history::Zone,
    subject::{SubjectKey, subject},
};

use super::{
    super::TAG,
    document_views::{DocumentView, SaidView, VerifiedView, verification},
};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Door, Listed, NoPath, NoQuery, Reply, Visit, Wire},
    page::{PageNumber, PerPage, asked},
};

/// Days for which a document is said to be valid: if nothing is said, and at most.
const VALID_DAYS: u32 = 365;
const VALID_DAYS_MAX: u32 = 730;

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/cefr/documents", issue)
            .named(
                "issueCefrDocument",
                TAG,
                "Issues what the report says now as a document with a code by which anybody verifies it; of others it needs \
                 `cefr:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::get("/api/cefr/documents", list)
            .named("listCefrDocuments", TAG, "Lists the documents of a learner, the newest first; those of others need `cefr:read`")
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::get("/api/cefr/documents/{document}", show)
            .named("getCefrDocument", TAG, "Shows a document; that of others needs `cefr:read`")
            .errors(&[Code::AbilityMissing]),
        Door::get("/api/cefr/documents/{document}/pdf", pdf)
            .named("getCefrDocumentPdf", TAG, "Draws a document as PDF; that of others needs `cefr:read`")
            .errors(&[Code::AbilityMissing]),
        Door::post("/api/cefr/documents/{document}/revoke", revoke)
            .needs(Ability::CefrWrite)
            .named("revokeCefrDocument", TAG, "Takes a document back: whoever verifies it is told so")
            .errors(&[Code::Conflict]),
        Door::post("/api/public/cefr-verifications", verify).named(
            "verifyCefrDocument",
            TAG,
            "Shows whoever holds a document what it said when it was issued, and whether it is valid",
        ),
    ]
}

/// What is issued.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDocument {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// Language that is learned, such as `ko`; that of the newest evidence if left out.
    #[serde(default)]
    language: Option<String>,
    /// Language of the document: `en`, `ko`, `ru`, `fr` or `he`; the learner's, else the institution's, if left out.
    #[serde(default)]
    locale: Option<String>,
    /// For how many days it is said to be valid, 1 to 730; 365 if left out.
    #[serde(default)]
    valid_days: Option<u32>,
}

impl Body for NewDocument {
    fn example() -> Value {
        json!({ "external_id": "s-1815", "language": "en", "locale": "ko" })
    }
}

/// Whose documents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneDocument {
    /// Id of the document.
    document: Id<id::CefrDocument>,
}

/// Why a document is taken back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CefrDocumentRevocation")]
struct Revocation {
    /// Kept with the document, and not told to whoever verifies it.
    reason: String,
}

impl Body for Revocation {
    fn example() -> Value {
        json!({ "reason": "It was issued to the wrong learner" })
    }
}

/// What stands on a document.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CefrVerificationRequest")]
struct Shown {
    /// The code as it stands there, in any case, with or without hyphens.
    code: String,
}

impl Body for Shown {
    fn example() -> Value {
        json!({ "code": "7XK2-9QPM-4TNB-W3HD" })
    }
}

async fn issue(call: Call<NoPath, NoQuery, NewDocument>) -> Result<Created<DocumentView>> {
    let NewDocument { user_id, external_id, language, locale, valid_days } = call.body;
    let valid_days = valid_days.unwrap_or(VALID_DAYS);
    if !(1..=VALID_DAYS_MAX).contains(&valid_days) {
        return Err(Error::invalid_field("/valid_days", "range", format!("wanted 1 to {VALID_DAYS_MAX}")));
    }
    let named = language.map(|tag| super::language(&tag, "/language")).transpose()?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let learner = subject(&mut tx, &call.scope, (SubjectKey { user_id, external_id }, Ability::CefrRead)).await?;
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    let language = match named {
        Some(named) => named,
        None => cefr::newest_language(&mut tx, learner.id).await?.ok_or_else(|| {
            Error::invalid_field("/language", "required", "nothing was recorded yet that tells which language is meant")
        })?,
    };
    let wanted = locale.as_deref().or(learner.locale.as_deref()).unwrap_or_default();
    let locale = negotiate(wanted, &institution.locale).tag();
    let zone = Zone::of(None, &[learner.time_zone.as_deref(), Some(&institution.time_zone)])?;
    let report = cefr::report(&mut tx, (learner, &language), None).await?;
    let wanted = Issue { report: &report, institution: &institution.name, locale, zone, valid_days };
    let document = cefr::issue(&mut tx, &call.scope, wanted).await?;
    let now = tx.now();
    tx.commit().await?;
    let at = format!("/api/cefr/documents/{}", document.id);
    Ok(Created::at(at, DocumentView::of(document, &call.app.settings.app_url, now)))
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<DocumentView>> {
    let Listing { user_id, external_id, page, per_page } = call.query;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let learner = subject(&mut tx, &call.scope, (SubjectKey { user_id, external_id }, Ability::CefrRead)).await?;
    let found = cefr::list_documents(&mut tx, learner.id, asked(page, per_page)).await?;
    let now = tx.now();
    Ok(Listed(found.map(|document| DocumentView::of(document, &call.app.settings.app_url, now))))
}

/// Finds a document that the caller may see: his own, or any by the ability. Of what he may not see he is not told
/// whether it is there.
async fn visible(call: &Call<OneDocument>) -> Result<(Document, DateTime<Utc>)> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let found = cefr::find_document(&mut tx, call.path.document).await;
    let is_own = found.as_ref().is_ok_and(|document| is_of(&call.scope, document));
    if !is_own && !call.scope.may(Ability::CefrRead) {
        let detail = format!("a document of somebody else needs {}", Ability::CefrRead);
        return Err(Error::new(Code::AbilityMissing, detail));
    }
    Ok((found?, tx.now()))
}

fn is_of(scope: &Scope, document: &Document) -> bool {
    scope.person() == Some(document.user_id)
}

async fn show(call: Call<OneDocument>) -> Result<Data<DocumentView>> {
    let (document, now) = visible(&call).await?;
    Ok(Data(DocumentView::of(document, &call.app.settings.app_url, now)))
}

async fn pdf(call: Call<OneDocument>) -> Result<Pdf> {
    let (document, _) = visible(&call).await?;
    let app_url = Arc::clone(&call.app.settings.app_url);
    // Shaping letters takes tens of milliseconds: not on a thread that serves others.
    let drawn = tokio::task::spawn_blocking(move || {
        let language = Language::lookup(&document.locale).unwrap_or(Language::English);
        let bytes = document.facts.pdf(language, &verification(&document, &app_url), document.issued_at);
        bytes.map(|bytes| Pdf {
            name: format!("cefr-{}-{}.pdf", document.facts.language, document.facts.issued_on),
            bytes,
        })
    });
    drawn.await.map_err(Error::internal)?.map_err(Error::internal)
}

async fn revoke(call: Call<OneDocument, NoQuery, Revocation>) -> Result<Data<DocumentView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let document = cefr::revoke_document(&mut tx, call.path.document, &call.body.reason).await?;
    let now = tx.now();
    tx.commit().await?;
    Ok(Data(DocumentView::of(document, &call.app.settings.app_url, now)))
}

async fn verify(call: Visit<NoPath, NoQuery, Shown>) -> Result<Data<VerifiedView>> {
    let mut house = call.app.db.house().await?;
    let document = cefr::verify(&mut house, &call.body.code).await?;
    Ok(Data(VerifiedView { status: document.status(house.now()), said: SaidView::of(document.facts) }))
}

/// A document as PDF.
struct Pdf {
    name: String,
    bytes: Vec<u8>,
}

impl Reply for Pdf {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "application/pdf";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "string", "format": "binary" }))
    }

    fn example(_: &str) -> Option<Value> {
        Some("%PDF-1.7 …".into())
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        Ok(HttpResponse::Ok()
            .content_type(Self::MEDIA)
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .body(self.bytes))
    }
}
