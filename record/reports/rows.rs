//! The rows of reports.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::{
    QueryableByName,
    sql_types::{Bool, Date, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_core::{Id, id};

use super::{
    CsvForm, RecipientStatus, ReportEvery, ReportKind, ReportStatus, RunStatus, SkipReason, ZoneOf,
    calendar::Rule,
    input::Settings,
    values::{At, QuietHours, Weekday},
};

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Report {
    /// `rpt_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Report>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What it tells of.
    #[diesel(sql_type = Text)]
    pub kind: ReportKind,
    /// How long its periods are.
    #[diesel(sql_type = Text)]
    pub every: ReportEvery,
    #[diesel(sql_type = Nullable<SmallInt>)]
    weekday: Option<i16>,
    /// On which day of the month it is sent.
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub month_day: Option<i16>,
    #[diesel(sql_type = SmallInt)]
    minute_of_day: i16,
    #[diesel(sql_type = Text)]
    zone_of: String,
    #[diesel(sql_type = Nullable<Text>)]
    time_zone: Option<String>,
    /// How the figures come as CSV.
    #[diesel(sql_type = Text)]
    pub csv: CsvForm,
    /// A period in which nothing happened is told of too.
    #[diesel(sql_type = Bool)]
    pub send_when_empty: bool,
    #[diesel(sql_type = Nullable<SmallInt>)]
    quiet_from: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    quiet_to: Option<i16>,
    /// Whether it is sent.
    #[diesel(sql_type = Text)]
    pub status: ReportStatus,
    /// Whose it is.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by: Option<Id<id::User>>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// Columns of a [`Report`], of reports `r`.
macro_rules! report_columns {
    () => {
        "r.id, r.name, r.kind, r.every, r.weekday, r.month_day, r.minute_of_day, r.zone_of, r.time_zone, r.csv,
         r.send_when_empty, r.quiet_from, r.quiet_to, r.status, r.created_by, r.created_at, r.updated_at"
    };
}
pub(super) use report_columns;

impl Report {
    /// On which day of the week it is sent.
    pub fn weekday(&self) -> Option<Weekday> {
        self.weekday.and_then(Weekday::of)
    }

    /// When on that day.
    pub fn at(&self) -> At {
        At::of(self.minute_of_day)
    }

    /// Whose clocks it goes by.
    pub fn zone_of(&self) -> ZoneOf {
        let zone = self.time_zone.as_deref().unwrap_or(&self.zone_of);
        zone.parse().unwrap_or(ZoneOf::Institution)
    }

    /// Hours in which a letter that is late is not sent.
    pub fn quiet(&self) -> Option<QuietHours> {
        let (from, to) = self.quiet_from.zip(self.quiet_to)?;
        Some(QuietHours { from: At::of(from), to: At::of(to) })
    }

    /// When it is due.
    pub fn rule(&self) -> Rule {
        self.settings().rule()
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            every: self.every,
            weekday: self.weekday,
            month_day: self.month_day,
            at: self.at(),
            tz: self.zone_of(),
            csv: self.csv,
            send_when_empty: self.send_when_empty,
            quiet: self.quiet(),
        }
    }
}

/// Somebody who gets a report, or did.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Recipient {
    /// `rcp_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::ReportRecipient>,
    /// The report.
    #[diesel(sql_type = SqlUuid)]
    pub report_id: Id<id::Report>,
    /// The member.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Id<id::User>>,
    /// The member's name.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Where letters go.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Language tag of the letters, if one was said.
    #[diesel(sql_type = Nullable<Text>)]
    pub locale: Option<String>,
    /// Whether the recipient gets it.
    #[diesel(sql_type = Text)]
    pub status: RecipientStatus,
    /// Why the last letter was not sent.
    #[diesel(sql_type = Nullable<Text>)]
    pub trouble: Option<SkipReason>,
    /// By which clocks it is due: a name that may not be known any more.
    #[diesel(sql_type = Text)]
    zone: String,
    /// When the recipient was added.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the person said yes.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the person wanted no more.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub unsubscribed_at: Option<DateTime<Utc>>,
    #[diesel(embed)]
    last: LastColumns,
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[expect(clippy::struct_field_names, reason = "columns of a join, beside those of the recipient")]
struct LastColumns {
    #[diesel(sql_type = Nullable<Date>)]
    last_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    last_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    last_status: Option<RunStatus>,
    #[diesel(sql_type = Nullable<Text>)]
    last_reason: Option<SkipReason>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last_letter: Option<Id<id::Letter>>,
}

/// What became of the last report for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// First and last day of what was told.
    pub period: (NaiveDate, NaiveDate),
    /// What became of it.
    pub status: RunStatus,
    /// Why it was skipped.
    pub reason: Option<SkipReason>,
    /// When it was promised.
    pub at: DateTime<Utc>,
    /// Its letter.
    pub letter: Option<Id<id::Letter>>,
}

impl Recipient {
    /// By which clocks it is due; UTC for a name that is not known any more.
    pub fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// What became of the last report.
    pub fn last(&self) -> Option<LastRun> {
        let last = &self.last;
        Some(LastRun {
            period: last.last_from.zip(last.last_to)?,
            status: last.last_status?,
            reason: last.last_reason,
            at: last.last_at?,
            letter: last.last_letter,
        })
    }
}

/// By whose clocks a recipient's report is due, of reports `r`, users `u` and institutions `i`.
macro_rules! zone_column {
    () => {
        "CASE r.zone_of WHEN 'named' THEN r.time_zone WHEN 'recipient' THEN COALESCE(u.time_zone, i.time_zone)
           ELSE i.time_zone END AS zone"
    };
}
pub(super) use zone_column;

/// [`Recipient`]s, with what became of the last report of each. Where its letter is known, that says more.
macro_rules! recipients {
    ($which:literal) => {
        concat!(
            "SELECT rc.id, rc.report_id, rc.user_id, u.name, COALESCE(u.email, rc.email) AS email, rc.locale, rc.status,
                rc.trouble, rc.created_at, rc.confirmed_at, rc.unsubscribed_at, ",
            zone_column!(),
            ", x.period_from AS last_from, x.period_to AS last_to, x.reason AS last_reason, x.created_at AS last_at,
                l.id AS last_letter,
                CASE WHEN l.status IS NULL OR l.status = 'queued' THEN x.status ELSE l.status END AS last_status
              FROM report_recipients rc
              JOIN reports r ON r.tenant_id = rc.tenant_id AND r.id = rc.report_id
              JOIN institutions i ON i.tenant_id = rc.tenant_id
              LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
              LEFT JOIN LATERAL (SELECT * FROM report_runs n WHERE n.tenant_id = rc.tenant_id AND n.recipient_id = rc.id
                ORDER BY n.period_from DESC, n.period_to DESC LIMIT 1) x ON true
              LEFT JOIN letters l ON l.tenant_id = rc.tenant_id AND l.occasion = 'report:' || x.id::text
              WHERE rc.tenant_id = $1 AND ",
            $which,
            " ORDER BY rc.report_id, rc.id"
        )
    };
}
pub(super) use recipients;
