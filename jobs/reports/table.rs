//! The figures of a letter as a file of CSV, in its reader's language and manner: the same as in the letter, times in
//! seconds and shares as they are.

use stoa_core::{Error, Result};
use stoa_protocols::{
    render::{Language, LetterError, Renderer, mail},
    table::{Column, CsvLocale, CsvManner, Delimiter, Format, Kind, Table, Writer},
};
use stoa_record::analytics::{Analytics, Enrollments, Time};

/// The word of a figure of time, and how it is read.
type OfTime = (&'static str, fn(Time) -> Option<i64>);
/// The same of enrolments.
type OfEnrollments = (&'static str, fn(Enrollments) -> i64);

/// What the file says of one thing.
#[derive(Debug, Default)]
struct Row {
    what: String,
    day: Option<String>,
    now: Option<String>,
    before: Option<String>,
}

/// The words of the letter, for the file.
struct Words<'a> {
    renderer: &'a Renderer,
    language: Language,
}

impl Words<'_> {
    fn say(&self, key: &str, with: &[(&str, &str)]) -> Result<String> {
        let said: Result<String, LetterError> = self.renderer.say::<mail::Report>(self.language, key, with);
        said.map_err(Error::internal)
    }

    fn figure(&self, name: &str) -> Result<String> {
        self.say("figure", &[("name", name)])
    }
}

/// Writes the file.
///
/// # Errors
/// `internal` when words are missing or the file cannot be written.
pub(super) fn table(renderer: &Renderer, language: Language, every: &str, told: &Analytics) -> Result<Vec<u8>> {
    let words = Words { renderer, language };
    let with = [("every", every)];
    let columns = vec![
        Column::new("figure", Kind::Text).titled(words.say("what", &[])?),
        Column::new("day", Kind::Date).titled(words.say("day", &with)?),
        Column::new("now", Kind::Number).titled(words.say("now", &with)?),
        Column::new("before", Kind::Number).titled(words.say("before", &with)?),
    ];
    let csv =
        CsvManner { delimiter: delimiter(language), byte_order_mark: true, locale: CsvLocale::of(language.form_tag()) };
    let table = Table { csv, ..Table::new(columns, Format::Csv) };
    let mut writer = Writer::new(Vec::new(), &table).map_err(Error::internal)?;
    for row in rows(&words, told)? {
        let cells = [Some(row.what.as_str()), row.day.as_deref(), row.now.as_deref(), row.before.as_deref()];
        writer.row(&cells).map_err(Error::internal)?;
    }
    Ok(writer.finish().map_err(Error::internal)?.0)
}

/// Where numbers have a comma, another sign stands between cells.
const fn delimiter(language: Language) -> Delimiter {
    match language {
        Language::Russian | Language::French => Delimiter::Semicolon,
        Language::English | Language::Korean | Language::Hebrew => Delimiter::Comma,
    }
}

fn rows(words: &Words<'_>, told: &Analytics) -> Result<Vec<Row>> {
    let mut rows = sums(words, told)?;
    let active = words.figure("active_learners")?;
    rows.extend(told.series.iter().map(|point| Row {
        what: active.clone(),
        day: Some(point.from.to_string()),
        now: Some(point.active_learners.to_string()),
        before: None,
    }));
    for tier in told.engagement_tiers.as_ref().map(super::charts::tiers).unwrap_or_default() {
        let what = words.say("tier", &[("name", tier.name)])?;
        rows.push(Row { what, now: tier.learners.map(|learners| learners.to_string()), ..Row::default() });
    }
    let [enrolled, completed] = [words.figure("enrolled")?, words.figure("completed")?];
    for course in &told.top_courses {
        let title = match &course.title {
            Some(title) => title.clone(),
            None => words.say("other-courses", &[])?,
        };
        for (name, count) in [(&enrolled, course.enrolled), (&completed, course.completed)] {
            rows.push(Row { what: format!("{title}: {name}"), now: Some(count.to_string()), ..Row::default() });
        }
    }
    Ok(rows)
}

/// What is told of the whole period.
fn sums(words: &Words<'_>, told: &Analytics) -> Result<Vec<Row>> {
    let before = told.previous.as_ref();
    let row = |what: String, now: Option<i64>, before: Option<i64>| Row {
        what,
        day: None,
        now: now.map(|number| number.to_string()),
        before: before.map(|number| number.to_string()),
    };
    let [active, active_before] =
        [told.active_learners, before.map(|before| before.active_learners)].map(|of| of.map(|of| of.period));
    let mut rows = vec![row(words.figure("active_learners")?, active, active_before)];
    let times = [told.time, before.map(|before| before.time)];
    let spent: [OfTime; 2] =
        [("time", |time| Some(time.total_seconds)), ("median_time", |time| time.median_per_active)];
    for (name, of) in spent {
        let [now, then] = times.map(|time| time.and_then(of));
        rows.push(row(format!("{} (s)", words.figure(name)?), now, then));
    }
    let enrolments = [told.enrollments, before.map(|before| before.enrollments)];
    let made: [OfEnrollments; 4] = [
        ("enrolled", |of| of.enrolled),
        ("started", |of| of.started),
        ("completed", |of| of.completed),
        ("overdue", |of| of.overdue),
    ];
    for (name, of) in made {
        let [now, then] = enrolments.map(|enrolments| enrolments.map(of));
        rows.push(row(words.figure(name)?, now, then));
    }
    let share =
        |rate: Option<stoa_record::analytics::Rate>| rate.and_then(|rate| rate.value).map(|value| value.to_string());
    rows.push(Row {
        what: words.figure("completion_rate")?,
        day: None,
        now: share(told.completion_rate),
        before: share(before.map(|before| before.completion_rate)),
    });
    Ok(rows)
}
