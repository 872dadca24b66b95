//! What an institution reads of all its learners over some dates.
//!
//! # Rule
//! - Whoever leads groups is told of their people alone; so is whoever names a group. All others are told of everybody.
//! - Whoever names a course is told of those of them who are on it, and of what they did in it alone. How active somebody
//!   is, at which level and since when is of all that he does, and is not told of a course.
//! - Active is who had at least one event of activity; a sign-in is none. Whoever has left counts on the days on which he
//!   was here. Learners, levels and seats are those of now.
//! - Of everybody the roll-ups are read, so that the answer costs the same for a hundred people and a million; of some
//!   people the facts of each, which the same rules make the same numbers of.
//! - Nothing is told of so few people that one could tell who they are ([`small`]).
//!
//! The players: [`Query`], what is asked for; [`Analytics`], what is answered, the same on the wire and in a letter; a
//! file for each kind of figure, with a statement that reads it of everybody and one that reads it of some.
//!
//! Not here: how roll-ups are kept (`rollups`), and single learners (`insights`).

pub(crate) mod activity;
mod answer;
mod cohorts;
mod courses;
mod enrolments;
mod levels;
mod made;
pub(crate) mod people;
pub(crate) mod query;
mod retention;
mod small;
pub mod tallies;
mod tiers;
mod time;

use std::iter;

use stoa_core::{
    Key, Result,
    db::TenantTx,
    institutions::{self, Institution},
    members,
};

pub use answer::{
    ActiveLearners, Analytics, AskedCourse, CohortFigures, Colors, CourseFigures, Distribution, EngagementTiers,
    Enrollments, LanguageLevels, LevelCount, Look, Period, Previous, Rate, RetentionRow, Seats, SeriesPoint, Time,
    Whose,
};
pub use query::{Compare, DAYS_MAX, Query};

use activity::Days;
use enrolments::Start;
use people::{HowMany, Named, People};
use query::{Span, Window};

use crate::rollups::{self, read::Kept};

/// Who is active by the week, and by the month.
const WEEK_DAYS: u64 = 7;
const MONTH_DAYS: u64 = 30;

/// What is asked of whom, found out.
struct Asked<'a> {
    query: &'a Query,
    span: Span,
    people: People,
    count: HowMany,
}

/// What was counted over some dates.
struct Figures {
    active: ActiveLearners,
    enrollments: Enrollments,
    time: Time,
    days: Days,
    starts: Vec<Start>,
}

/// Reads the figures of an institution, as far as the transaction's actor may see them. After it the transaction sees
/// seats of everybody; it is for reading alone.
///
/// # Errors
/// `validation_failed` with the parameter that is wrong: a zone that is not the institution's, a period that is none, a
/// group or a course that is not there.
pub async fn read(tx: &mut TenantTx, query: &Query) -> Result<Analytics> {
    let key = Key::Id(tx.tenant());
    let institution = institutions::own(tx, &key).await?;
    let kept = rollups::read::kept(tx).await?;
    let now = tx.now();
    let span = query.span(&kept.time_zone, |zone| zone.date(now))?;
    let (people, named) = People::of(tx, query).await?;
    let count = people.count(tx).await?;
    let asked = Asked { query, span, people, count };
    let mut told = empty(&institution, (&kept, &asked), named, now);
    let windows: Vec<Window> = iter::once(span.window).chain(span.window.compared(span.compare)).collect();
    if people.are_hidden(tx, (count, &windows)).await? {
        told.suppressed = true;
    } else {
        fill(tx, &asked, &mut told).await?;
    }
    // Last: to count seats lifts the wall around a manager's groups.
    told.seats = members::seats(tx).await?.into();
    Ok(told)
}

fn empty(
    institution: &Institution,
    (kept, asked): (&Kept, &Asked<'_>),
    Named { whose, course }: Named,
    now: chrono::DateTime<chrono::Utc>,
) -> Analytics {
    let Span { window, zone, granularity, compare, .. } = asked.span;
    Analytics {
        institution_id: institution.tenant_id,
        period: Period { from: window.from, to: window.to, tz: zone.name().to_owned(), granularity, compare },
        as_of: now,
        freshness_seconds: kept.freshness_seconds(now),
        complete: kept.built_at.is_some(),
        whose,
        course,
        suppressed: false,
        learners: None,
        seats: Seats::default(),
        active_learners: None,
        engagement_tiers: None,
        enrollments: None,
        completion_rate: None,
        completion_rate_of_started: None,
        time: None,
        series: Vec::new(),
        cefr: Vec::new(),
        cohorts: Vec::new(),
        retention_matrix: Vec::new(),
        top_courses: Vec::new(),
        previous: None,
        branding: Look::of(institution),
    }
}

async fn fill(tx: &mut TenantTx, asked: &Asked<'_>, told: &mut Analytics) -> Result<()> {
    let (people, window) = (asked.people, asked.span.window);
    let before = window.compared(asked.span.compare);
    let mut read = figures(tx, asked, (window, before)).await?;
    if let Some(before) = before {
        told.previous = read.pop().map(|figures| Previous::of(before, &figures));
    }
    let Some(figures) = read.pop() else { return Ok(()) };
    told.learners = Some(asked.count.learners);
    told.active_learners = Some(figures.active);
    told.enrollments = Some(figures.enrollments);
    told.completion_rate = Some(figures.enrollments.completion_rate());
    told.completion_rate_of_started = Some(figures.enrollments.completion_rate_of_started());
    told.time = Some(figures.time);
    told.series = series(tx, asked, &figures).await?;
    told.top_courses = courses::top(tx, people, (&figures.starts, window)).await?;
    if people.course().is_none() {
        of_all_courses(tx, asked, told).await?;
    }
    Ok(())
}

/// What is of all that people do, and cannot be told of one course.
async fn of_all_courses(tx: &mut TenantTx, asked: &Asked<'_>, told: &mut Analytics) -> Result<()> {
    let (people, window) = (asked.people, asked.span.window);
    told.engagement_tiers = Some(tiers::tiers(tx, people, window).await?);
    let language = asked.query.language.as_deref();
    told.cefr = levels::levels(tx, (people, asked.count.learners), (language, window)).await?;
    told.retention_matrix = retention::matrix(tx, people, window).await?;
    if people.group().is_none() {
        told.cohorts = cohorts::listed(tx, (window, asked.count)).await?;
    }
    Ok(())
}

/// Counts within some dates, and within those that they are compared with.
async fn figures(
    tx: &mut TenantTx,
    asked: &Asked<'_>,
    (window, before): (Window, Option<Window>),
) -> Result<Vec<Figures>> {
    let (people, today) = (asked.people, asked.span.today);
    let windows: Vec<Window> = iter::once(window).chain(before).collect();
    let ends =
        windows.iter().flat_map(|window| [window.last(1), window.last(WEEK_DAYS), window.last(MONTH_DAYS), *window]);
    let counts = activity::active(tx, people, &ends.collect::<Vec<_>>()).await?;
    let active: Vec<ActiveLearners> = counts.chunks(4).map(ActiveLearners::of).collect();
    let periods: Vec<_> = windows.iter().copied().zip(active.iter().map(|active| active.period)).collect();
    let middles = time::middles(tx, people, &periods).await?;
    let mut figures = Vec::new();
    for ((window, active), middle) in windows.into_iter().zip(active).zip(middles) {
        let days = activity::done(tx, people, window).await?;
        let starts = enrolments::starts(tx, people, window).await?;
        let overdue = enrolments::overdue(tx, people, (window.to, today)).await?;
        let enrollments = Enrollments::of(&starts, overdue);
        let time = Time {
            total_seconds: activity::within(&days, window).seconds,
            median_per_active: middle.seconds,
            estimated: middle.estimated,
        };
        figures.push(Figures { active, enrollments, time, days, starts });
    }
    Ok(figures)
}

async fn series(tx: &mut TenantTx, asked: &Asked<'_>, figures: &Figures) -> Result<Vec<SeriesPoint>> {
    let parts = asked.span.window.parts(asked.span.granularity);
    let active = activity::active(tx, asked.people, &parts).await?;
    let points = parts.into_iter().zip(active).map(|(part, active_learners)| {
        let done = activity::within(&figures.days, part);
        let made = figures.starts.iter().filter(|start| (part.from..=part.to).contains(&start.enrolled_on));
        SeriesPoint {
            from: part.from,
            to: part.to,
            active_learners,
            events: done.events,
            time_spent_seconds: done.seconds,
            lessons_completed: done.lessons_completed,
            enrolled: made.map(|start| start.enrolled).sum(),
        }
    });
    Ok(points.collect())
}
