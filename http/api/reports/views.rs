//! What a report and its recipients look like.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_record::reports::{
    At, CsvForm, LastRun, QuietHours, Recipient, RecipientStatus, Report, ReportEvery, ReportKind, ReportStatus,
    RunStatus, SkipReason, Weekday, ZoneOf,
};

use crate::doors::{Sample, sample};

/// A report by letter.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub(super) struct ReportView {
    /// Id.
    id: Id<id::Report>,
    /// Shown to people, and in the subject.
    name: String,
    /// What it tells of.
    kind: ReportKind,
    /// How long its periods are.
    every: ReportEvery,
    /// On which day of the week it is sent; null month by month.
    weekday: Option<Weekday>,
    /// On which day of the month, the last one where a month is shorter; null week by week.
    month_day: Option<i16>,
    /// When on that day, as the clocks show it.
    at: At,
    /// Whose clocks: `institution`, `recipient`, or an IANA zone.
    tz: ZoneOf,
    /// How the figures come as CSV.
    csv: CsvForm,
    /// Periods in which nothing happened are told of too.
    send_when_empty: bool,
    /// Hours in which a letter that is late is not sent.
    quiet: Option<QuietHours>,
    /// Whether it is sent.
    status: ReportStatus,
    /// Whose it is: who is told of recipients that get it no more; null for an integration's, whose institution's owners
    /// and admins are.
    created_by: Option<Id<id::User>>,
    /// Who gets it.
    recipients: Vec<RecipientView>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// Somebody who gets a report, or did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportRecipient")]
pub(super) struct RecipientView {
    /// Id.
    id: Id<id::ReportRecipient>,
    /// The member; null for an address of somebody who is none.
    user_id: Option<Id<id::User>>,
    /// The member's name.
    name: Option<String>,
    /// Where letters go.
    email: String,
    /// Language tag of the letters; null for the member's, else the institution's.
    locale: Option<String>,
    /// Whether the recipient gets it.
    status: RecipientStatus,
    /// Why nothing was sent last time; null where nothing is in the way.
    trouble: Option<SkipReason>,
    /// IANA zone of the clocks that it is sent by.
    tz: String,
    /// When it is sent next; null where it is not.
    next_run_at: Option<DateTime<Utc>>,
    /// What became of the last one; null before the first.
    last: Option<LastRunView>,
    /// When the recipient was added.
    created_at: DateTime<Utc>,
    /// When the person said yes; null for a member who never had to.
    confirmed_at: Option<DateTime<Utc>>,
    /// When the person wanted no more.
    unsubscribed_at: Option<DateTime<Utc>>,
}

/// What became of a report for a recipient.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportRun")]
struct LastRunView {
    /// First day of what it told.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// What became of it.
    status: RunStatus,
    /// Why it was skipped.
    reason: Option<SkipReason>,
    /// When it was promised.
    at: DateTime<Utc>,
    /// Its letter, to be looked up at `/api/letters/{letter}`; null where there was none.
    letter_id: Option<Id<id::Letter>>,
}

impl ReportView {
    /// A report with those of the recipients that are its own.
    pub(super) fn of(report: &Report, recipients: &[Recipient], now: DateTime<Utc>) -> Self {
        let own = recipients.iter().filter(|one| one.report_id == report.id);
        Self {
            id: report.id,
            name: report.name.clone(),
            kind: report.kind,
            every: report.every,
            weekday: report.weekday(),
            month_day: report.month_day,
            at: report.at(),
            tz: report.zone_of(),
            csv: report.csv,
            send_when_empty: report.send_when_empty,
            quiet: report.quiet(),
            status: report.status,
            created_by: report.created_by,
            recipients: own.map(|one| RecipientView::of(report, one, now)).collect(),
            created_at: report.created_at,
            updated_at: report.updated_at,
        }
    }
}

impl RecipientView {
    pub(super) fn of(report: &Report, recipient: &Recipient, now: DateTime<Utc>) -> Self {
        let is_sent = report.status == ReportStatus::Active && recipient.status == RecipientStatus::Active;
        let next = report.rule().next(recipient.zone(), now).filter(|_| is_sent);
        Self {
            id: recipient.id,
            user_id: recipient.user_id,
            name: recipient.name.clone(),
            email: recipient.email.clone(),
            locale: recipient.locale.clone(),
            status: recipient.status,
            trouble: recipient.trouble,
            tz: recipient.zone().name().to_owned(),
            next_run_at: next.map(|slot| slot.at),
            last: recipient.last().map(LastRunView::of),
            created_at: recipient.created_at,
            confirmed_at: recipient.confirmed_at,
            unsubscribed_at: recipient.unsubscribed_at,
        }
    }
}

impl LastRunView {
    fn of(last: LastRun) -> Self {
        Self {
            from: last.period.0,
            to: last.period.1,
            status: last.status,
            reason: last.reason,
            at: last.at,
            letter_id: last.letter,
        }
    }
}

impl Sample for ReportView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Monday digest".into(),
            kind: ReportKind::Institution,
            every: ReportEvery::Week,
            weekday: Some(Weekday::Monday),
            month_day: None,
            at: "08:00".parse().unwrap_or_default(),
            tz: ZoneOf::Recipient,
            csv: CsvForm::Attached,
            send_when_empty: false,
            quiet: None,
            status: ReportStatus::Active,
            created_by: Some(sample::id()),
            recipients: vec![RecipientView::sample()],
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for RecipientView {
    fn sample() -> Self {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        Self {
            id: sample::id(),
            user_id: Some(sample::id()),
            name: Some("Ada Lovelace".into()),
            email: "ada@school.example".into(),
            locale: None,
            status: RecipientStatus::Active,
            trouble: None,
            tz: "Asia/Seoul".into(),
            next_run_at: Some(sample::time()),
            last: Some(LastRunView {
                from: date("2026-11-16"),
                to: date("2026-11-22"),
                status: RunStatus::Sent,
                reason: None,
                at: sample::time(),
                letter_id: Some(sample::id()),
            }),
            created_at: sample::time(),
            confirmed_at: None,
            unsubscribed_at: None,
        }
    }
}
