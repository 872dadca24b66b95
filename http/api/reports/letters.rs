//! A report's letter before it is sent: to be looked at, or to be sent to oneself.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Ability, Code, Error, Id, Result, Scope, id};
use stoa_jobs::{
    Queue,
    mail::ReportTestLetter,
    queue::{NewJob, enqueue},
    reports::{Form, digest},
};
use stoa_protocols::render::Renderer;
use stoa_record::reports::{self, runs};

use super::{OneReport, TAG};
use crate::{
    body::NoBody,
    doors::{Accepted, Call, Data, Door, NoQuery, Sample, sample},
};

/// The layouts and words of letters; a test of theirs renders every one, and so does every start.
static RENDERER: LazyLock<Option<Renderer>> = LazyLock::new(|| Renderer::new().ok());

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/reports/{report}/preview", preview)
            .needs(Ability::ReportsRead)
            .named(
                "previewReport",
                TAG,
                "Shows the letter about the latest closed period as it would be written to the caller; sends nothing",
            )
            .errors(&[Code::SubjectRequired]),
        Door::post("/api/reports/{report}/test", test)
            .needs(Ability::ReportsWrite)
            .named(
                "testReport",
                TAG,
                "Sends the letter about the latest closed period to the caller's own address, marked as a test",
            )
            .errors(&[Code::SubjectRequired]),
    ]
}

/// A letter to be looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportPreview")]
struct PreviewView {
    /// Its title.
    subject: String,
    /// Its body for most; pictures are in it.
    html: String,
    /// Its body for every reader.
    text: String,
    /// Language of all of it.
    language: &'static str,
    /// First day of what it tells.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// When the figures were read.
    as_of: DateTime<Utc>,
    /// Nothing happened: it would not be sent, unless that is asked for.
    is_empty: bool,
}

/// A test that is on its way.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportTest")]
struct TestView {
    /// Where it goes.
    email: String,
    /// First day of what it tells.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
}

/// To whom a letter is written that nobody else gets.
fn caller(scope: &Scope) -> Result<Id<id::User>> {
    reports::may_read(scope)?;
    let why = "a token of an integration is nobody whom a letter could be written to; sign in";
    scope.person().ok_or_else(|| Error::new(Code::SubjectRequired, why))
}

async fn preview(call: Call<OneReport, NoQuery, NoBody>) -> Result<Data<PreviewView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    reports::get(&mut tx, call.path.report).await?;
    let bulletin = runs::sample(&mut tx, call.path.report, caller(&call.scope)?).await?;
    drop(tx);
    let digest = digest(&call.app.db, call.scope.tenant, &bulletin, Form::Page).await?;
    let renderer = RENDERER.as_ref().ok_or_else(|| Error::internal(anyhow::anyhow!("letters cannot be rendered")))?;
    let letter = digest.letter(renderer)?;
    Ok(Data(PreviewView {
        subject: letter.subject,
        html: letter.html,
        text: letter.text,
        language: letter.language.tag(),
        from: digest.words.from,
        to: digest.words.to,
        as_of: digest.told.as_of,
        is_empty: digest.is_empty,
    }))
}

async fn test(call: Call<OneReport, NoQuery, NoBody>) -> Result<Accepted<TestView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    reports::get(&mut tx, call.path.report).await?;
    let reader = caller(&call.scope)?;
    let bulletin = runs::sample(&mut tx, call.path.report, reader).await?;
    let letter = ReportTestLetter { tenant: call.scope.tenant, report: call.path.report, reader, test: tx.new_id() };
    enqueue(&mut tx, NewJob::of(call.scope.tenant, &letter)?).await?;
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Mail);
    Ok(Accepted(TestView { email: bulletin.email, from: bulletin.period.0, to: bulletin.period.1 }))
}

impl Sample for PreviewView {
    fn sample() -> Self {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        Self {
            subject: "Monday digest, 16 November 2026 – 22 November 2026".into(),
            html: "<!doctype html>…".into(),
            text: "Hello Ada,\n…".into(),
            language: "en",
            from: date("2026-11-16"),
            to: date("2026-11-22"),
            as_of: sample::time(),
            is_empty: false,
        }
    }
}

impl Sample for TestView {
    fn sample() -> Self {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        Self { email: "ada@school.example".into(), from: date("2026-11-16"), to: date("2026-11-22") }
    }
}
