//! What callers say of a report, and its checks.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Key,
    fields::{Fields, given},
    id,
};

use super::{
    RECIPIENTS_MAX, ReportEvery, ReportKind,
    calendar::{Rhythm, Rule},
    values::{At, CsvForm, QuietHours, Weekday, ZoneOf},
};

/// Somebody who shall get a report: a member, or an address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecipient {
    /// The member: id, e-mail address, or `external_id:` and the institution's own key.
    #[serde(default)]
    pub user: Option<Key<id::User>>,
    /// The address of somebody who is no member. Nothing but a question is sent there until the person says yes.
    #[serde(default)]
    pub email: Option<String>,
    /// Language tag of the letters; the member's, else the institution's if left out.
    #[serde(default)]
    pub locale: Option<String>,
}

/// A report to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// Shown to people, and in the subject.
    pub name: String,
    /// What it tells of.
    pub kind: ReportKind,
    /// How long its periods are.
    pub every: ReportEvery,
    /// On which day of the week it is sent; Monday if left out. Only week by week.
    #[serde(default)]
    pub weekday: Option<Weekday>,
    /// On which day of the month, the last one where a month is shorter; the first if left out. Only month by month.
    #[serde(default)]
    pub month_day: Option<i16>,
    /// When on that day; 08:00 if left out.
    #[serde(default)]
    pub at: Option<At>,
    /// Whose clocks: `institution` (if left out), `recipient`, or an IANA zone.
    #[serde(default)]
    pub tz: Option<ZoneOf>,
    /// Who gets it; the caller if left out. 50 at most.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub recipients: Vec<NewRecipient>,
    /// How the figures come as CSV; `none` if left out.
    #[serde(default)]
    pub csv: Option<CsvForm>,
    /// Tell of periods too in which nothing happened.
    #[serde(default)]
    pub send_when_empty: bool,
    /// Hours in which a letter that is late is not sent.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
}

/// What shall be otherwise. What is left out stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportChange {
    /// Shown to people, and in the subject.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// How long its periods are.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "ReportEvery")]
    pub every: Option<ReportEvery>,
    /// On which day of the week.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Weekday")]
    pub weekday: Option<Weekday>,
    /// On which day of the month.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "i16")]
    pub month_day: Option<i16>,
    /// When on that day.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "At")]
    pub at: Option<At>,
    /// Whose clocks.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "ZoneOf")]
    pub tz: Option<ZoneOf>,
    /// How the figures come as CSV.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "CsvForm")]
    pub csv: Option<CsvForm>,
    /// Tell of periods too in which nothing happened.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub send_when_empty: Option<bool>,
    /// Hours in which a letter that is late is not sent; null for none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<QuietHours>")]
    pub quiet: Option<Option<QuietHours>>,
}

/// When a report is sent, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(super) name: String,
    pub(super) every: ReportEvery,
    pub(super) weekday: Option<i16>,
    pub(super) month_day: Option<i16>,
    pub(super) at: At,
    pub(super) tz: ZoneOf,
    pub(super) csv: CsvForm,
    pub(super) send_when_empty: bool,
    pub(super) quiet: Option<QuietHours>,
}

impl Settings {
    pub(super) fn rule(&self) -> Rule {
        let day = |number: Option<i16>| u32::try_from(number.unwrap_or(1)).unwrap_or(1);
        let rhythm = match self.every {
            ReportEvery::Week => Rhythm::Week(day(self.weekday)),
            ReportEvery::Month => Rhythm::Month(day(self.month_day)),
        };
        Rule { rhythm, minute: self.at.minutes() }
    }

    /// Checks what stands in a request, into `fields`.
    pub(super) fn of(new: &NewReport, fields: &mut Fields) -> Self {
        let mut settings = Self {
            name: new.name.clone(),
            every: new.every,
            weekday: new.weekday.map(Weekday::number),
            month_day: new.month_day,
            at: new.at.unwrap_or(At::EIGHT),
            tz: new.tz.clone().unwrap_or(ZoneOf::Institution),
            csv: new.csv.unwrap_or(CsvForm::None),
            send_when_empty: new.send_when_empty,
            quiet: new.quiet,
        };
        if new.recipients.len() > RECIPIENTS_MAX {
            fields.fault("/recipients", "length", format!("wanted at most {RECIPIENTS_MAX}"));
        }
        settings.check(fields);
        settings
    }

    /// What they are after a change, checked.
    pub(super) fn changed(mut self, change: ReportChange, fields: &mut Fields) -> Self {
        self.name = change.name.unwrap_or(self.name);
        if let Some(every) = change.every.filter(|every| *every != self.every) {
            (self.every, self.weekday, self.month_day) = (every, None, None);
        }
        self.weekday = change.weekday.map(Weekday::number).or(self.weekday);
        self.month_day = change.month_day.or(self.month_day);
        self.at = change.at.unwrap_or(self.at);
        self.tz = change.tz.unwrap_or(self.tz);
        self.csv = change.csv.unwrap_or(self.csv);
        self.send_when_empty = change.send_when_empty.unwrap_or(self.send_when_empty);
        self.quiet = change.quiet.unwrap_or(self.quiet);
        self.check(fields);
        self
    }

    fn check(&mut self, fields: &mut Fields) {
        fields.name("/name", &mut self.name);
        match self.every {
            ReportEvery::Week => {
                if self.month_day.is_some() {
                    fields.fault("/month_day", "value", "is for reports month by month");
                }
                self.weekday = self.weekday.or(Some(1));
            }
            ReportEvery::Month => {
                if self.weekday.is_some() {
                    fields.fault("/weekday", "value", "is for reports week by week");
                }
                let day = self.month_day.unwrap_or(1);
                fields.within("/month_day", &day, &(1..=31));
                self.month_day = Some(day);
            }
        }
        if let Some(quiet) = self.quiet {
            if quiet.from == quiet.to {
                fields.fault("/quiet/to", "value", "wanted another time than the begin");
            } else if quiet.quiet().covers(self.at.minutes()) {
                fields.fault("/quiet", "value", "the report's own time must not be among the quiet hours");
            }
        }
    }
}
