//! The six statistics, each as its last webhook carried it.
//!
//! Not here: how a statistic is said, which the dialect does for both.
//!
//! # Source
//! help.teachbase.ru, managers/api-and-integrations/04, whose links name `course_stats/{course_stat_id}` and
//! `courses/{course_id}/section_stats/{section_stat_id}`. The paths of the four siblings and of the lists are ours, in
//! the same style.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Error, Result,
    content::courses,
    progress::{self, PartKind, Stats},
};
use stoa_protocols::{
    event::{EventData, EventType, StatKind, sample},
    webhook::dialects::Stat,
};

use super::{
    TAG,
    client::Client,
    reply::{Bare, Listing, Rows, TokenOnly},
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath, Sample},
};

macro_rules! parts {
    ($(($kind:ident, $path:literal, $list:literal, $get:literal, $words:literal),)*) => { vec![$(
        Door::get(concat!("/endpoint/v1/courses/{course_id}/", $path), |call| list_parts(call, PartKind::$kind)).named(
            $list,
            TAG,
            concat!("Lists the statistics on ", $words, " of a course"),
        ),
        Door::get(
            concat!("/endpoint/v1/courses/{course_id}/", $path, "/{id}"),
            |call| get_part(call, PartKind::$kind),
        )
        .named($get, TAG, concat!("Shows a learner's statistic on one of ", $words)),
    )*] };
}

pub(super) fn doors() -> Vec<Door> {
    let mut doors = vec![
        Door::get("/endpoint/v1/course_stats", list).named("listCourseStats", TAG, "Lists the statistics on courses"),
        Door::get("/endpoint/v1/course_stats/{id}", show).named(
            "getCourseStat",
            TAG,
            "Shows a learner's statistic on a course",
        ),
    ];
    doors.extend(parts![
        (Section, "section_stats", "listSectionStats", "getSectionStat", "the sections"),
        (Quiz, "quiz_stats", "listQuizStats", "getQuizStat", "the quizzes"),
        (Task, "task_stats", "listTaskStats", "getTaskStat", "the tasks"),
        (Scorm, "scorm_stats", "listScormStats", "getScormStat", "the SCORM packages"),
        (Material, "material_stats", "listMaterialStats", "getMaterialStat", "the materials"),
    ]);
    doors.into_iter().map(|door| door.needs(Ability::ProgressRead)).collect()
}

/// A statistic, by its integer id.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneStat {
    /// Integer id of the statistic.
    id: i64,
}

/// A course, by its integer id.
#[derive(Debug, Deserialize, JsonSchema)]
struct OfCourse {
    /// Integer id of the course.
    course_id: i64,
}

/// A statistic of a course, by their integer ids.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneOfCourse {
    /// Integer id of the course.
    course_id: i64,
    /// Integer id of the statistic.
    id: i64,
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<Rows<Stat>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let found = progress::list_stats(&mut tx, Stats::OfCourses, call.query.asked()).await?;
    said(found.map(|facts| say(StatKind::Course, &facts)))
}

async fn show(call: Call<OneStat, TokenOnly, NoBody, Client>) -> Result<Bare<Stat>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let facts = progress::get_stat(&mut tx, Stats::OfCourses, call.path.id).await?;
    say(StatKind::Course, &facts).map(Bare)
}

async fn list_parts(call: Call<OfCourse, Listing, NoBody, Client>, part: PartKind) -> Result<Rows<Stat>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let course = courses::get_numbered(&mut tx, call.path.course_id).await?;
    let found = progress::list_stats(&mut tx, Stats::Within(course.id, part), call.query.asked()).await?;
    said(found.map(|facts| say(part.stat(), &facts)))
}

async fn get_part(call: Call<OneOfCourse, TokenOnly, NoBody, Client>, part: PartKind) -> Result<Bare<Stat>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let course = courses::get_numbered(&mut tx, call.path.course_id).await?;
    let facts = progress::get_stat(&mut tx, Stats::Within(course.id, part), call.path.id).await?;
    say(part.stat(), &facts).map(Bare)
}

fn say(kind: StatKind, facts: &EventData) -> Result<Stat> {
    Stat::of(kind, facts).map_err(|part| Error::internal(anyhow::anyhow!("a statistic without its {part}")))
}

fn said(paged: stoa_core::db::Paged<Result<Stat>>) -> Result<Rows<Stat>> {
    let rows = paged.rows.into_iter().collect::<Result<_>>()?;
    Ok(Rows(stoa_core::db::Paged { rows, total: paged.total, request: paged.request }))
}

impl Sample for Stat {
    fn sample() -> Self {
        let facts = sample(EventType::QuizStatUpdated).data;
        match Self::of(StatKind::Quiz, &facts) {
            Ok(stat) => stat,
            Err(part) => unreachable!("the sample of a statistic has its {part}"),
        }
    }
}
