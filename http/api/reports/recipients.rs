//! Who gets a report: added, asked again, taken off.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_jobs::{Queue, mail::promise_questions};
use stoa_record::reports::{self, NewRecipient};

use super::{ASKING, OneReport, TAG, views::RecipientView};
use crate::{
    body::{Body, NoBody},
    doors::{Accepted, Call, Created, Done, Door, NoQuery},
};

const ALL: &str = "/api/reports/{report}/recipients";
const ONE: &str = "/api/reports/{report}/recipients/{recipient}";

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post(ALL, add)
            .needs(Ability::ReportsWrite)
            .named(
                "addReportRecipient",
                TAG,
                "Adds somebody to a report; whoever is no member gets nothing but a question until he says yes",
            )
            .errors(&[Code::Conflict]),
        Door::delete(ONE, remove)
            .needs(Ability::ReportsWrite)
            .named(
                "removeReportRecipient",
                TAG,
                "Takes somebody off a report; whoever unsubscribed stays, as the record of it",
            )
            .errors(&[Code::Conflict]),
        Door::post("/api/reports/{report}/recipients/{recipient}/ask", ask)
            .needs(Ability::ReportsWrite)
            .named(
                "askReportRecipient",
                TAG,
                "Asks somebody again who has not said yes yet, or who unsubscribed; at most once an hour",
            )
            .errors(ASKING),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneRecipient {
    /// Id of the report.
    report: Id<id::Report>,
    /// Id of the recipient.
    recipient: Id<id::ReportRecipient>,
}

impl Body for NewRecipient {
    fn example() -> Value {
        json!({ "email": "auditor@partner.example", "locale": "fr" })
    }
}

async fn add(call: Call<OneReport, NoQuery, NewRecipient>) -> Result<Created<RecipientView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let report = call.path.report;
    let (recipient, asked) = reports::add_recipient(&mut tx, &call.scope, &call.app.sealer, report, call.body).await?;
    promise_questions(&mut tx, call.scope.tenant, asked.as_slice()).await?;
    let report = reports::get(&mut tx, report).await?;
    let view = RecipientView::of(&report, &recipient, tx.now());
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Mail);
    Ok(view.into())
}

async fn remove(call: Call<OneRecipient, NoQuery, NoBody>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    reports::remove_recipient(&mut tx, (call.path.report, call.path.recipient)).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn ask(call: Call<OneRecipient, NoQuery, NoBody>) -> Result<Accepted<RecipientView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (report, recipient) = (call.path.report, call.path.recipient);
    let (recipient, asked) = reports::ask_again(&mut tx, &call.app.sealer, (report, recipient)).await?;
    promise_questions(&mut tx, call.scope.tenant, &[asked]).await?;
    let report = reports::get(&mut tx, report).await?;
    let view = RecipientView::of(&report, &recipient, tx.now());
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Mail);
    Ok(Accepted(view))
}
