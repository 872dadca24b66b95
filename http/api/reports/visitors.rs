//! What whoever has a letter of a report may do without signing in: say yes, fetch the file, want no more.
//!
//! Tokens stand in bodies. The one that ends a report stands in an address, because mail programs call it there; it can do
//! nothing else.
//!
//! # Source
//! RFC 8058: one POST, without a cookie or a page before it, and never a GET.

use actix_web::{HttpResponse, http::header};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Code, Error, Result, Scope,
    auth::{LetterPurpose, LetterToken},
    tokens::RateClass,
};
use stoa_record::reports::{
    self, Question,
    runs::{self, File},
};

use super::TAG;
use crate::{
    body::{Body, NoBody},
    doors::{Data, Door, NoPath, NoQuery, Reply, Sample, Visit, Wire, sample},
    pages,
};

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/report-confirmations/preview", preview)
            .named("previewReportConfirmation", TAG, "Shows whoever has the letter what it asks")
            .errors(&[Code::NotFound]),
        Door::post("/api/report-confirmations/accept", accept)
            .named("confirmReport", TAG, "Says yes to a report; a second time changes nothing")
            .errors(&[Code::NotFound]),
        Door::post("/api/report-files", fetch)
            .named(
                "fetchReportFile",
                TAG,
                "Answers the figures of a report as CSV to whoever has the letter, for a week",
            )
            .errors(&[Code::NotFound]),
        // Mail programs send it for many people from few addresses.
        Door::post("/unsubscribe/{token}", leave)
            .named(
                "unsubscribe",
                TAG,
                "Sends a report no more to whoever has the letter; a second time changes nothing",
            )
            .errors(&[Code::NotFound])
            .class(RateClass::Read),
    ]
}

/// What a letter brought.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReportLink {
    /// The token: what stands behind `#token=` in the letter's link.
    token: String,
}

impl Body for ReportLink {
    fn example() -> Value {
        json!({ "token": sample::INVITATION })
    }
}

#[derive(Deserialize, JsonSchema)]
struct Leaving {
    /// The token of the letter.
    token: String,
}

/// What somebody is asked.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportQuestion")]
struct QuestionView {
    /// Name of the institution.
    institution_name: String,
    /// Name of the report.
    report_name: String,
    /// Language tag of the letters.
    locale: String,
}

impl From<Question> for QuestionView {
    fn from(question: Question) -> Self {
        Self { institution_name: question.institution_name, report_name: question.report_name, locale: question.locale }
    }
}

impl Sample for QuestionView {
    fn sample() -> Self {
        Self { institution_name: "School of Examples".into(), report_name: "Monday digest".into(), locale: "en".into() }
    }
}

/// The token and who acts with it: nobody who is known.
fn shown<P, Q, B>(call: &Visit<P, Q, B>, purpose: LetterPurpose, text: &str) -> Result<(LetterToken, Scope)> {
    let token = LetterToken::read(purpose, text)
        .ok_or_else(|| Error::new(Code::NotFound, "this link is none of ours, or was cut off on its way"))?;
    let scope = Scope { address: Some(call.client), ..Scope::house(token.tenant()) };
    Ok((token, scope))
}

async fn preview(call: Visit<NoPath, NoQuery, ReportLink>) -> Result<Data<QuestionView>> {
    let (token, scope) = shown(&call, LetterPurpose::ReportConfirmation, &call.body.token)?;
    let mut tx = call.app.db.tenant(&scope).await?;
    Ok(Data(reports::confirmation(&mut tx, &token).await?.into()))
}

async fn accept(call: Visit<NoPath, NoQuery, ReportLink>) -> Result<Data<QuestionView>> {
    let (token, scope) = shown(&call, LetterPurpose::ReportConfirmation, &call.body.token)?;
    let mut tx = call.app.db.tenant(&scope).await?;
    let question = reports::confirm(&mut tx, &token).await?;
    tx.commit().await?;
    Ok(Data(question.into()))
}

async fn leave(call: Visit<Leaving, NoQuery, NoBody>) -> Result<pages::Html> {
    let (token, scope) = shown(&call, LetterPurpose::ReportLeaving, &call.path.token)?;
    let mut tx = call.app.db.tenant(&scope).await?;
    reports::leave(&mut tx, &token).await?;
    tx.commit().await?;
    Ok(pages::left())
}

async fn fetch(call: Visit<NoPath, NoQuery, ReportLink>) -> Result<Csv> {
    let (token, scope) = shown(&call, LetterPurpose::ReportFile, &call.body.token)?;
    let mut tx = call.app.db.tenant(&scope).await?;
    Ok(Csv(runs::file(&mut tx, &token).await?))
}

/// A file of CSV.
struct Csv(File);

impl Reply for Csv {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "text/csv; charset=utf-8";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "string" }))
    }

    fn example(_: &str) -> Option<Value> {
        Some("\u{feff}Figure,Day,The week,The week before\r\nActive learners,,42,40\r\n".into())
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let name = format!("attachment; filename=\"report-{}-{}.csv\"", self.0.from, self.0.to);
        Ok(HttpResponse::Ok()
            .content_type(Self::MEDIA)
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.0.bytes))
    }
}
