//! Tells figures of an institution, or of a manager's groups, over a week or a month.
//!
//! Not here: the figures themselves, and who gets them (`stoa_jobs::reports`); how the charts are drawn (`chart`).
//!
//! # Source
//! `templates/README.md` of this project.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::Mail;

/// How long the period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPeriod {
    /// From Monday to Sunday.
    Week,
    /// From the first to the last.
    Month,
}

/// Whose figures they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportScope {
    /// Of everybody.
    Institution,
    /// Of the reader's groups.
    OwnGroups,
}

/// Which figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// People who were active.
    ActiveLearners,
    /// Time that was spent.
    Time,
    /// Time of the one in the middle.
    MedianTime,
    /// Enrolments that were made.
    Enrolled,
    /// Of them, begun.
    Started,
    /// Of them, completed.
    Completed,
    /// The share of those.
    CompletionRate,
    /// Open and past their day.
    Overdue,
}

/// A figure's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum FigureValue {
    /// Of too few people to be told.
    Hidden,
    /// There is none, as of a share of nobody.
    Missing,
    /// So many.
    Count {
        /// How many.
        count: i64,
    },
    /// So many of so many.
    Share {
        /// In whole percents, rounded down.
        percent: i64,
        /// How many.
        done: i64,
        /// Of how many.
        all: i64,
    },
    /// A time, to the minute before.
    Time {
        /// Whole hours.
        hours: i64,
        /// And minutes.
        minutes: i64,
    },
}

/// A figure now and in the period before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportFigure {
    /// Which one.
    pub name: FigureName,
    /// Of the period; then, if there is one, of the period before.
    pub values: Vec<FigureValue>,
}

/// A picture in a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportChart {
    /// `cid:` and its name, or the picture itself as `data:`.
    pub src: String,
    /// In pixels of the page.
    pub width: u32,
    /// In pixels of the page.
    pub height: u32,
}

/// A part of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReportPoint {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day; the first where it is one day.
    pub to: NaiveDate,
    /// People who were active.
    pub count: i64,
}

/// Learners by how active they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportTier {
    /// Which tier: a word.
    pub name: &'static str,
    /// Colour of its part in the chart, such as `#15803d`.
    pub colour: String,
    /// How many.
    pub value: FigureValue,
}

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportCourse {
    /// What it is called; none for those together of which too few people are on each.
    pub title: Option<String>,
    /// Enrolments made in the period.
    pub enrolled: i64,
    /// Of them, completed.
    pub completed: FigureValue,
}

/// How the figures come as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum ReportFile {
    /// Not at all.
    None,
    /// With the letter.
    Attached,
    /// Behind a link.
    Linked {
        /// The link.
        url: String,
        /// Until when it works.
        until: DateTime<Utc>,
    },
}

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Who is addressed; none of whoever is no member.
    pub recipient_name: Option<String>,
    /// Whose figures they are.
    pub institution_name: String,
    /// What the report is called.
    pub report_name: String,
    /// Only to be looked at: nobody else gets it.
    pub is_test: bool,
    /// Whose figures they are.
    pub whose: ReportScope,
    /// How long the period is.
    pub every: ReportPeriod,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// IANA zone in which these are days.
    pub days_of: String,
    /// When it was read.
    pub as_of: DateTime<Utc>,
    /// Too few people to tell of.
    pub suppressed: bool,
    /// How many were active, for the first sentence.
    pub active: i64,
    /// How many courses were completed, for the same.
    pub completed: i64,
    /// Figure by figure.
    pub figures: Vec<ReportFigure>,
    /// Active people over the period.
    pub points_chart: Option<ReportChart>,
    /// The same in numbers.
    pub points: Vec<ReportPoint>,
    /// Tiers.
    pub tiers_chart: Option<ReportChart>,
    /// The same in numbers.
    pub tiers: Vec<ReportTier>,
    /// The courses that most were enrolled on.
    pub courses: Vec<ReportCourse>,
    /// The figures as a file.
    pub file: ReportFile,
    /// Where whoever wants no more says so; none in a test.
    pub unsubscribe_url: Option<String>,
}

impl Mail for Report {
    const NAME: &'static str = "report";

    fn samples() -> Vec<Self> {
        let week = week();
        let month = Self {
            recipient_name: None,
            every: ReportPeriod::Month,
            whose: ReportScope::OwnGroups,
            from: day("2026-10-01"),
            to: day("2026-10-31"),
            points: vec![ReportPoint { from: day("2026-10-05"), to: day("2026-10-11"), count: 1_204 }],
            file: ReportFile::Linked {
                url: "https://stoa.example.com/report-file#token=stoa_f_01m7ynayqvemq8k9w39qsaekf4".to_owned(),
                until: week.as_of,
            },
            ..week.clone()
        };
        let test = Self { is_test: true, unsubscribe_url: None, file: ReportFile::None, ..week.clone() };
        let few = Self {
            suppressed: true,
            points_chart: None,
            points: Vec::new(),
            tiers_chart: None,
            tiers: Vec::new(),
            courses: Vec::new(),
            figures: vec![ReportFigure { name: FigureName::ActiveLearners, values: vec![FigureValue::Hidden] }],
            ..week.clone()
        };
        vec![week, month, test, few]
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn week() -> Report {
    let count = |count| FigureValue::Count { count };
    let time = |hours, minutes| FigureValue::Time { hours, minutes };
    let figure = |name, now, before| ReportFigure { name, values: vec![now, before] };
    let tier = |name, colour: &str, value| ReportTier { name, colour: colour.to_owned(), value };
    let chart = |src: &str, height| ReportChart { src: src.to_owned(), width: 560, height };
    let share = |percent, done, all| FigureValue::Share { percent, done, all };
    Report {
        recipient_name: Some("박소라".to_owned()),
        institution_name: "Seoul & Partners <Academy>".to_owned(),
        report_name: "Monday digest".to_owned(),
        is_test: false,
        whose: ReportScope::Institution,
        every: ReportPeriod::Week,
        from: day("2026-11-09"),
        to: day("2026-11-15"),
        days_of: "Asia/Seoul".to_owned(),
        as_of: DateTime::from_timestamp(1_795_219_200, 0).unwrap_or_default(),
        suppressed: false,
        active: 1_812,
        completed: 1,
        figures: vec![
            figure(FigureName::ActiveLearners, count(1_812), count(1_790)),
            figure(FigureName::Time, time(5_204, 7), time(5_100, 59)),
            figure(FigureName::MedianTime, time(1, 40), FigureValue::Missing),
            figure(FigureName::Enrolled, count(240), count(0)),
            figure(FigureName::Started, count(180), count(0)),
            figure(FigureName::Completed, count(1), FigureValue::Hidden),
            figure(FigureName::CompletionRate, share(12, 29, 240), FigureValue::Missing),
            figure(FigureName::Overdue, count(33), count(31)),
        ],
        points_chart: Some(chart("cid:active@report", 140)),
        points: (9..16)
            .zip([300, 280, 310, 290, 250, 90, 60])
            .map(|(date, count)| ReportPoint {
                from: day(&format!("2026-11-{date:02}")),
                to: day(&format!("2026-11-{date:02}")),
                count,
            })
            .collect(),
        tiers_chart: Some(chart("cid:tiers@report", 28)),
        tiers: vec![
            tier("highly_active", "#15803d", count(420)),
            tier("active", "#1d5fd1", count(611)),
            tier("occasional", "#a16207", count(702)),
            tier("at_risk", "#c2410c", FigureValue::Hidden),
            tier("churned", "#9f1239", count(0)),
        ],
        courses: vec![
            ReportCourse {
                title: Some("Español & cultura <B1>".to_owned()),
                enrolled: 120,
                completed: share(25, 30, 120),
            },
            ReportCourse { title: None, enrolled: 12, completed: FigureValue::Missing },
        ],
        file: ReportFile::Attached,
        unsubscribe_url: Some("https://stoa.example.com/unsubscribe/stoa_u_01m7ynayqvemq8k9w39qsaekf4".to_owned()),
    }
}
