//! Who gets a report: added, asked, and what they say.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Code, Error, Id, Key, Result, Scope,
    audit::Entry,
    auth::LetterToken,
    db::{TenantTx, failed, sql},
    fields::Fields,
    id,
    members::{self, MemberStatus, email_key},
    sealed::Sealer,
};

use super::{
    NewRecipient, RECIPIENTS_MAX, Recipient, RecipientStatus, Report, ReportKind, Tokens,
    commands::{may_read, plan},
    queries::{get_for_change, recipient, recipients},
};

/// How long the link works that asks for a yes.
const CONFIRM_LIFE: TimeDelta = TimeDelta::days(7);
/// From one question to the next.
const ASK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// A question that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// To whom.
    pub recipient: Id<id::ReportRecipient>,
    /// Which of his questions, from 1.
    pub asks: i32,
}

/// Somebody whose name or address was checked.
pub(super) struct Person {
    user: Option<Id<id::User>>,
    email: Option<String>,
    locale: Option<String>,
}

/// Checks who shall get a report of a kind; whoever makes it, where nobody is named.
pub(super) async fn checked(
    tx: &mut TenantTx,
    scope: &Scope,
    kind: ReportKind,
    mut wanted: Vec<NewRecipient>,
    fields: &mut Fields,
) -> Result<Vec<Person>> {
    if let (true, Some(person)) = (wanted.is_empty(), scope.person()) {
        wanted.push(NewRecipient { user: Some(Key::Id(person)), ..NewRecipient::default() });
    }
    let keys: Vec<_> = wanted.iter().filter_map(|one| one.user.clone()).collect();
    let mut found = members::find_all(tx, &keys).await?.into_iter();
    let mut people: Vec<Person> = Vec::with_capacity(wanted.len());
    for (at, mut one) in wanted.into_iter().enumerate() {
        let place = |name: &str| format!("/recipients/{at}{name}");
        if let Some(tag) = &mut one.locale {
            fields.language(&place("/locale"), tag);
        }
        let member = one.user.is_some().then(|| found.next().flatten());
        match (&member, &mut one.email) {
            (Some(None), None) => fields.fault(place("/user"), "not_found", "no such member"),
            (Some(Some(member)), None) if member.status != MemberStatus::Active => {
                fields.fault(place("/user"), "value", "is no active member");
            }
            (Some(Some(member)), None) if !kind.suits(member.role) => {
                fields.fault(place("/user"), "role", suits(kind));
            }
            (Some(Some(member)), None) if scope.led_by.is_some_and(|manager| manager != member.id) => {
                fields.fault(place("/user"), "value", "whoever leads groups makes reports for himself alone");
            }
            (None, Some(_)) if kind == ReportKind::Groups => fields.fault(place("/email"), "value", suits(kind)),
            (None, Some(email)) => fields.email(&place("/email"), email),
            (Some(Some(_)), None) => {}
            _ => fields.fault(place(""), "value", "wanted either `user` or `email`"),
        }
        let person = Person {
            user: member.flatten().map(|member| member.id),
            email: one.email.filter(|_| one.user.is_none()),
            locale: one.locale,
        };
        let same = |other: &Person| match (&other.email, &person.email) {
            (Some(one), Some(other)) => email_key(one) == email_key(other),
            _ => other.user.is_some() && other.user == person.user,
        };
        if people.iter().any(same) {
            fields.fault(place(""), "value", "stands here twice");
        }
        people.push(person);
    }
    Ok(people)
}

const fn suits(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Institution => "wanted somebody who may read the institution's analytics",
        ReportKind::Groups => "wanted a manager: a report of groups goes to who leads them",
    }
}

const INSERT: &str =
    "INSERT INTO report_recipients (tenant_id, id, report_id, user_id, email, email_key, locale, status,
    secret, leave_hash, confirm_hash, confirm_until, asks, asked_at, created_at)
  SELECT $1, n.id, $2, n.user_id, n.email, n.email_key, n.locale,
    CASE WHEN n.confirm_hash IS NULL THEN 'active' ELSE 'unconfirmed' END, n.secret, n.leave_hash, n.confirm_hash,
    CASE WHEN n.confirm_hash IS NOT NULL THEN $12::timestamptz END, (n.confirm_hash IS NOT NULL)::int,
    CASE WHEN n.confirm_hash IS NOT NULL THEN $11::timestamptz END, $11
  FROM unnest($3, $4, $5, $6, $7, $8, $9, $10)
    AS n(id, user_id, email, email_key, locale, secret, leave_hash, confirm_hash)";

/// Writes the rows of new recipients; answers the questions that are to be sent to those who must say yes first.
pub(super) async fn write(
    tx: &mut TenantTx,
    sealer: &Sealer,
    report: Id<id::Report>,
    people: Vec<Person>,
) -> Result<Vec<Asked>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let ids: Vec<Id<id::ReportRecipient>> = people.iter().map(|_| tx.new_id()).collect();
    let (mut secrets, mut leaves, mut confirms) = (Vec::new(), Vec::new(), Vec::new());
    for (recipient, person) in ids.iter().zip(&people) {
        let (tokens, secret) = Tokens::fresh(sealer, tenant, *recipient)?;
        secrets.push(secret);
        leaves.push(tokens.leave().hash().to_vec());
        confirms.push(person.email.as_ref().map(|_| tokens.confirm(1).hash().to_vec()));
    }
    let asked = ids.iter().zip(&confirms).filter(|(_, confirm)| confirm.is_some());
    let asked = asked.map(|(recipient, _)| Asked { recipient: *recipient, asks: 1 }).collect();
    let emails: Vec<Option<&str>> = people.iter().map(|person| person.email.as_deref()).collect();
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(report)
        .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(people.iter().map(|one| one.user.map(Id::uuid)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(&emails)
        .bind::<Array<Nullable<Text>>, _>(emails.iter().map(|email| email.map(email_key)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(people.iter().map(|one| one.locale.clone()).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(secrets)
        .bind::<Array<Binary>, _>(leaves)
        .bind::<Array<Nullable<Binary>>, _>(confirms)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + CONFIRM_LIFE)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(asked)
}

/// Adds somebody to a report.
///
/// # Errors
/// `not_found`; `validation_failed`; `conflict` for who is there already; `ability_missing` for whoever may not read the
/// figures.
pub async fn add_recipient(
    tx: &mut TenantTx,
    scope: &Scope,
    sealer: &Sealer,
    report: Id<id::Report>,
    new: NewRecipient,
) -> Result<(Recipient, Option<Asked>)> {
    may_read(scope)?;
    let report = get_for_change(tx, report).await?;
    let there = recipients(tx, &[report.id]).await?;
    let mut fields = Fields::new();
    let people = checked(tx, scope, report.kind, vec![new], &mut fields).await?;
    fields.finish().map_err(|error| at_the_root(&error))?;
    let is_same = |one: &Recipient, new: &Person| match &new.email {
        Some(email) => one.user_id.is_none() && email_key(&one.email) == email_key(email),
        None => one.user_id == new.user,
    };
    if people.iter().any(|new| there.iter().any(|one| is_same(one, new))) {
        return Err(Error::new(Code::Conflict, "is a recipient already; whoever unsubscribed may be asked again"));
    }
    if there.len() >= RECIPIENTS_MAX {
        return Err(Error::new(Code::Conflict, format!("a report has at most {RECIPIENTS_MAX} recipients")));
    }
    let before: Vec<_> = there.iter().map(|one| one.id).collect();
    let asked = write(tx, sealer, report.id, people).await?;
    plan(tx, &report).await?;
    let after = recipients(tx, &[report.id]).await?;
    let added = after.into_iter().find(|one| !before.contains(&one.id)).ok_or_else(|| Error::not_found("recipient"))?;
    let what = json!({ "report_id": report.id, "user_id": added.user_id, "status": added.status });
    tx.audit(Entry::of("report_recipient.added", added.id).is(what));
    Ok((added, asked.into_iter().next()))
}

/// Faults of the only recipient of a request stand at its root.
fn at_the_root(error: &Error) -> Error {
    let faults = error.fields().iter().cloned().map(|mut fault| {
        fault.pointer = fault.pointer.replacen("/recipients/0", "", 1);
        fault
    });
    Error::invalid(faults.collect())
}

const REMOVE: &str = "DELETE FROM report_recipients WHERE tenant_id = $1 AND id = $2";

/// Takes somebody off a report.
///
/// # Errors
/// `not_found`; `conflict` for who unsubscribed: that row keeps the no.
pub async fn remove_recipient(
    tx: &mut TenantTx,
    (report, key): (Id<id::Report>, Id<id::ReportRecipient>),
) -> Result<()> {
    get_for_change(tx, report).await?;
    let before = recipient(tx, report, key).await?;
    if before.status == RecipientStatus::Unsubscribed {
        return Err(Error::new(Code::Conflict, "whoever unsubscribed stays on the list, so that nobody asks in vain"));
    }
    let tenant = tx.tenant();
    let statement = sql(REMOVE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(key);
    statement.execute(tx.connection()).await.map_err(failed)?;
    let what = json!({ "report_id": report, "user_id": before.user_id });
    tx.audit(Entry::of("report_recipient.removed", key).was(what));
    Ok(())
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = Integer)]
    asks: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    asked_at: Option<DateTime<Utc>>,
}

const KEPT: &str = "SELECT secret, asks, asked_at FROM report_recipients WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
const ASK: &str = "UPDATE report_recipients SET status = 'unconfirmed', asks = $3, asked_at = $4, confirm_until = $5,
    confirm_hash = $6 WHERE tenant_id = $1 AND id = $2";

/// Asks somebody again who has not said yes yet, or who unsubscribed.
///
/// # Errors
/// `not_found`; `conflict` for who gets the report; `rate_limited` within an hour of the last question.
pub async fn ask_again(
    tx: &mut TenantTx,
    sealer: &Sealer,
    (report, key): (Id<id::Report>, Id<id::ReportRecipient>),
) -> Result<(Recipient, Asked)> {
    get_for_change(tx, report).await?;
    if recipient(tx, report, key).await?.status == RecipientStatus::Active {
        return Err(Error::new(Code::Conflict, "gets the report already"));
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let kept = sql(KEPT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(key);
    let kept: Kept = kept.get_result(tx.connection()).await.map_err(failed)?;
    if let Some(wait) = kept.asked_at.map(|at| at + ASK_AGAIN - now).filter(|wait| *wait > TimeDelta::zero()) {
        let secs = u64::try_from(wait.num_seconds()).unwrap_or_default().max(1);
        return Err(Error::new(Code::RateLimited, "was asked less than an hour ago").retry_after_secs(secs));
    }
    let asks = kept.asks + 1;
    let token = Tokens::open(sealer, tenant, key, &kept.secret)?.confirm(asks);
    sql(ASK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(key)
        .bind::<Integer, _>(asks)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + CONFIRM_LIFE)
        .bind::<Binary, _>(token.hash().to_vec())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    tx.audit(Entry::of("report_recipient.asked", key).is(json!({ "report_id": report })));
    Ok((recipient(tx, report, key).await?, Asked { recipient: key, asks }))
}

/// What somebody is asked, and of whom a token is.
#[derive(Debug, Clone, QueryableByName)]
pub struct Question {
    /// The recipient.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::ReportRecipient>,
    /// The report.
    #[diesel(sql_type = SqlUuid)]
    pub report_id: Id<id::Report>,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub report_name: String,
    /// Whose it is.
    #[diesel(sql_type = Text)]
    pub institution_name: String,
    /// Language tag of the recipient's letters.
    #[diesel(sql_type = Text)]
    pub locale: String,
    #[diesel(sql_type = Text)]
    status: RecipientStatus,
}

macro_rules! question {
    ($which:literal) => {
        concat!(
            "SELECT rc.id, rc.report_id, rc.status, r.name AS report_name, i.name AS institution_name,
                COALESCE(rc.locale, u.locale, i.locale) AS locale
              FROM report_recipients rc
              JOIN reports r ON r.tenant_id = rc.tenant_id AND r.id = rc.report_id
              JOIN institutions i ON i.tenant_id = rc.tenant_id
              LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
              WHERE rc.tenant_id = $1 AND ",
            $which,
            " FOR NO KEY UPDATE OF rc"
        )
    };
}
const ASKED: &str =
    question!("rc.confirm_hash = $2 AND rc.confirm_until > $3 AND rc.status IN ('unconfirmed', 'active')");
const LEAVING: &str = question!("rc.leave_hash = $2 AND $3::timestamptz IS NOT NULL");
const CONFIRM: &str = "UPDATE report_recipients SET status = 'active', confirmed_at = $3, unsubscribed_at = NULL
  WHERE tenant_id = $1 AND id = $2";
const LEAVE: &str = "UPDATE report_recipients SET status = 'unsubscribed', unsubscribed_at = $3, next_run_at = NULL,
    confirm_hash = NULL WHERE tenant_id = $1 AND id = $2";

/// Shows whoever has the letter what it asks.
///
/// # Errors
/// `not_found` for a token that is none, is too old, or was replaced by a later one.
pub async fn confirmation(tx: &mut TenantTx, token: &LetterToken) -> Result<Question> {
    of_token(tx, ASKED, token).await
}

/// Takes the yes of whoever has the letter; a second one changes nothing.
///
/// # Errors
/// As [`confirmation`].
pub async fn confirm(tx: &mut TenantTx, token: &LetterToken) -> Result<Question> {
    let question = of_token(tx, ASKED, token).await?;
    if question.status == RecipientStatus::Unconfirmed {
        said(tx, CONFIRM, question.id).await?;
        let report: Report = get_for_change(tx, question.report_id).await?;
        plan(tx, &report).await?;
        tx.audit(Entry::of("report_recipient.confirmed", question.id).is(json!({ "report_id": question.report_id })));
    }
    Ok(question)
}

/// Sends no more to whoever has a letter; a second time changes nothing.
///
/// # Errors
/// `not_found` for a token that is none.
pub async fn leave(tx: &mut TenantTx, token: &LetterToken) -> Result<Question> {
    let question = of_token(tx, LEAVING, token).await?;
    if question.status != RecipientStatus::Unsubscribed {
        said(tx, LEAVE, question.id).await?;
        let entry = Entry::of("report_recipient.unsubscribed", question.id);
        tx.audit(entry.is(json!({ "report_id": question.report_id })));
    }
    Ok(question)
}

async fn of_token(tx: &mut TenantTx, text: &'static str, token: &LetterToken) -> Result<Question> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement =
        sql(text).bind::<SqlUuid, _>(tenant).bind::<Binary, _>(token.hash().to_vec()).bind::<Timestamptz, _>(now);
    let found: Option<Question> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| {
        Error::new(Code::NotFound, "this link is none of ours, is too old, or a newer letter has another")
    })
}

async fn said(tx: &mut TenantTx, text: &'static str, recipient: Id<id::ReportRecipient>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(recipient).bind::<Timestamptz, _>(now);
    statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}
