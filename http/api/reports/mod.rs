//! Reports by letter: digests of figures, week by week or month by month; and what whoever gets one may say to it.

mod letters;
mod recipients;
mod views;
mod visitors;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, db::TenantTx, id};
use stoa_jobs::{Queue, mail::promise_questions};
use stoa_record::reports::{self, NewReport, Report, ReportChange};

use self::views::ReportView;
use crate::{
    body::{Body, NoBody},
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery},
    page::Paging,
};

/// Chapter of the documentation.
const TAG: &str = "Reports";
const ALL: &str = "/api/reports";
const ONE: &str = "/api/reports/{report}";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let own = vec![
        Door::get(ALL, list).needs(Ability::ReportsRead).named(
            "listReports",
            TAG,
            "Lists reports by letter, the newest first, with their recipients and what each was sent last",
        ),
        Door::post(ALL, create).needs(Ability::ReportsWrite).named(
            "createReport",
            TAG,
            "Makes a report that is sent by letter; addresses of people who are no members are asked first",
        ),
        Door::get(ONE, show).needs(Ability::ReportsRead).named("getReport", TAG, "Shows a report by letter"),
        Door::patch(ONE, change).needs(Ability::ReportsWrite).named(
            "updateReport",
            TAG,
            "Changes a report; what is due next is due by its new rule",
        ),
        Door::delete(ONE, remove).needs(Ability::ReportsWrite).named(
            "deleteReport",
            TAG,
            "Deletes a report, its recipients and what is known of its letters",
        ),
        Door::post("/api/reports/{report}/pause", pause).needs(Ability::ReportsWrite).named(
            "pauseReport",
            TAG,
            "Sends a report no more until it is resumed",
        ),
        Door::post("/api/reports/{report}/resume", resume).needs(Ability::ReportsWrite).named(
            "resumeReport",
            TAG,
            "Sends a report again, from its next time on; what it missed is not sent",
        ),
    ];
    [own, recipients::doors(), letters::doors(), visitors::doors()].into_iter().flatten().collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneReport {
    /// Id of the report.
    report: Id<id::Report>,
}

impl Body for NewReport {
    fn example() -> Value {
        json!({
            "name": "Monday digest",
            "kind": "institution",
            "every": "week",
            "weekday": "monday",
            "at": "08:00",
            "tz": "recipient",
            "csv": "attached",
            "recipients": [{ "email": "board@partner.example", "locale": "ko" }],
        })
    }
}

impl Body for ReportChange {
    fn example() -> Value {
        json!({ "at": "07:30", "quiet": { "from": "20:00", "to": "07:00" } })
    }
}

async fn list(call: Call<NoPath, Paging>) -> Result<Listed<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let reports = reports::list(&mut tx, call.query.asked()).await?;
    let ids: Vec<_> = reports.rows.iter().map(|report| report.id).collect();
    let recipients = reports::recipients(&mut tx, &ids).await?;
    let now = tx.now();
    Ok(Listed(reports.map(|report| ReportView::of(&report, &recipients, now))))
}

async fn create(call: Call<NoPath, NoQuery, NewReport>) -> Result<Created<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (report, asked) = reports::create(&mut tx, &call.scope, &call.app.sealer, call.body).await?;
    promise_questions(&mut tx, call.scope.tenant, &asked).await?;
    let view = view(&mut tx, &report).await?;
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Mail);
    Ok(Created::at(format!("{ALL}/{}", report.id), view))
}

async fn show(call: Call<OneReport>) -> Result<Data<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let report = reports::get(&mut tx, call.path.report).await?;
    Ok(Data(view(&mut tx, &report).await?))
}

async fn change(call: Call<OneReport, NoQuery, ReportChange>) -> Result<Data<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let report = reports::change(&mut tx, call.path.report, call.body).await?;
    let view = view(&mut tx, &report).await?;
    tx.commit().await?;
    Ok(Data(view))
}

async fn remove(call: Call<OneReport, NoQuery, NoBody>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    reports::remove(&mut tx, call.path.report).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn pause(call: Call<OneReport, NoQuery, NoBody>) -> Result<Data<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let report = reports::pause(&mut tx, call.path.report).await?;
    let view = view(&mut tx, &report).await?;
    tx.commit().await?;
    Ok(Data(view))
}

async fn resume(call: Call<OneReport, NoQuery, NoBody>) -> Result<Data<ReportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let report = reports::resume(&mut tx, call.path.report).await?;
    let view = view(&mut tx, &report).await?;
    tx.commit().await?;
    Ok(Data(view))
}

async fn view(tx: &mut TenantTx, report: &Report) -> Result<ReportView> {
    let recipients = reports::recipients(tx, &[report.id]).await?;
    Ok(ReportView::of(report, &recipients, tx.now()))
}

/// Codes of doors through which somebody is asked.
const ASKING: &[Code] = &[Code::Conflict, Code::RateLimited];
