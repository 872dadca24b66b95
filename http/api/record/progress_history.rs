//! What a learner did, day by day, or event by event.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::{Ability, Code, Id, Key, Result, content::courses, id, institutions, members::Member};
use stoa_record::{
    history::{self, Bucket, Dates, Deed, Deeds, Granularity, History, Span, Whose, Zone},
    subject::{SubjectKey, subject},
};

use super::{TAG, lesson_progress::SubjectView};
use crate::{
    doors::{Call, Data, Door, NoPath, Sample, sample},
    page::bounded,
};

bounded! {
    /// `limit` of a query.
    EventLimit = 1..=100, default 50, "1 to 100"
}

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/progress-history", show)
            .named(
                "getProgressHistory",
                TAG,
                "Shows what a learner did, in buckets of days, weeks or months, empty ones too; or event by event. That of \
                 others needs `progress:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
    ]
}

/// How a history is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HistoryShape {
    /// Bucket by bucket.
    #[default]
    Buckets,
    /// Event by event, the newest first.
    Events,
}

/// Whose history, of which dates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// Within this course alone: its id, slug, or `external_id:` and the institution's own key.
    #[serde(default)]
    course_id: Option<Key<id::Course>>,
    /// How it is shown.
    #[serde(default)]
    view: HistoryShape,
    /// First date, in the zone; four weeks before the last if left out. The bucket that it is in is shown whole.
    #[serde(default)]
    from: Option<NaiveDate>,
    /// Last date, itself within; today if left out.
    #[serde(default)]
    to: Option<NaiveDate>,
    /// How much a bucket holds.
    #[serde(default)]
    granularity: Granularity,
    /// IANA zone of the dates; the learner's, else the institution's, else UTC if left out.
    #[serde(default)]
    tz: Option<String>,
    /// Of `view=events`: `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Of `view=events`: most events of the page.
    #[serde(default)]
    limit: EventLimit,
}

/// A history, in the shape that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ProgressHistory")]
enum HistoryView {
    /// `view=buckets`
    Buckets(BucketsView),
    /// `view=events`
    Events(EventsView),
}

/// What was done, bucket by bucket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressHistoryBuckets")]
struct BucketsView {
    /// When it was read.
    as_of: DateTime<Utc>,
    /// The learner.
    user: SubjectView,
    /// IANA zone of the dates.
    tz: String,
    /// How much a bucket holds.
    granularity: Granularity,
    /// First date.
    from: NaiveDate,
    /// Last date, itself within.
    to: NaiveDate,
    /// In order, empty ones too.
    buckets: Vec<BucketView>,
}

/// What was done within some dates.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressBucket")]
struct BucketView {
    /// First date.
    from: NaiveDate,
    /// Last date, itself within.
    to: NaiveDate,
    /// First instant.
    starts_at: DateTime<Utc>,
    /// First instant after it.
    ends_at: DateTime<Utc>,
    /// Events of activity.
    events: i64,
    /// Dates on which there was one.
    active_days: i64,
    /// Sum of reported durations.
    time_spent_seconds: i64,
    /// Training items completed for the first time.
    items_completed: i64,
    /// Lessons completed for the first time.
    lessons_completed: i64,
    /// Courses completed for the first time.
    courses_completed: i64,
}

/// What was done, event by event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressHistoryEvents")]
struct EventsView {
    /// The learner.
    user: SubjectView,
    /// The newest first.
    events: Vec<DeedView>,
    /// `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// Something that a learner did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LearnerActivity")]
struct DeedView {
    /// The sender's own id of it.
    id: String,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// When it was accepted.
    received_at: DateTime<Utc>,
    /// What was acted on.
    object: DeedObject,
    /// What was done.
    verb: String,
    /// What came of it, as it was given.
    result: Option<Value>,
}

/// What was acted on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LearnerActivityObject")]
struct DeedObject {
    /// `course`, `lesson` or `item`.
    kind: String,
    /// Its id.
    id: String,
}

async fn show(call: Call<NoPath, Asked>) -> Result<Data<HistoryView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let asked = call.query;
    let key = SubjectKey { user_id: asked.user_id, external_id: asked.external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::ProgressRead)).await?;
    let course = match asked.course_id {
        Some(key) => Some(courses::get(&mut tx, &key).await?.id),
        None => None,
    };
    let whose = Whose { learner: learner.id, course };
    if asked.view == HistoryShape::Events {
        let page = history::deeds(&mut tx, whose, (asked.cursor.as_deref(), asked.limit.0)).await?;
        return Ok(Data(HistoryView::Events(EventsView::of(learner, page))));
    }
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    let zone = Zone::of(asked.tz.as_deref(), &[learner.time_zone.as_deref(), Some(&institution.time_zone)])?;
    let dates = Dates { from: asked.from, to: asked.to };
    let span = Span::of(dates, asked.granularity, (zone, zone.date(tx.now())))?;
    let history = history::buckets(&mut tx, whose, span).await?;
    Ok(Data(HistoryView::Buckets(BucketsView::of(learner, history))))
}

impl BucketsView {
    fn of(learner: Member, history: History) -> Self {
        let History { span, buckets, as_of } = history;
        Self {
            as_of,
            user: SubjectView::of(learner),
            tz: span.time_zone.name().to_owned(),
            granularity: span.granularity,
            from: span.from,
            to: buckets.last().map_or(span.to, |bucket| bucket.to),
            buckets: buckets.iter().map(BucketView::of).collect(),
        }
    }
}

impl BucketView {
    fn of(bucket: &Bucket) -> Self {
        Self {
            from: bucket.from,
            to: bucket.to,
            starts_at: bucket.starts_at,
            ends_at: bucket.ends_at,
            events: bucket.events,
            active_days: bucket.active_days,
            time_spent_seconds: bucket.time_spent_seconds,
            items_completed: bucket.items_completed,
            lessons_completed: bucket.lessons_completed,
            courses_completed: bucket.courses_completed,
        }
    }
}

impl EventsView {
    fn of(learner: Member, page: Deeds) -> Self {
        Self {
            user: SubjectView::of(learner),
            events: page.rows.into_iter().map(DeedView::of).collect(),
            next_cursor: page.next,
        }
    }
}

impl DeedView {
    fn of(deed: Deed) -> Self {
        let object = deed.object();
        Self {
            id: deed.client_id,
            occurred_at: deed.occurred_at,
            received_at: deed.received_at,
            object: DeedObject { kind: deed.object_kind, id: object },
            verb: deed.verb,
            result: deed.result,
        }
    }
}

impl Sample for HistoryView {
    fn sample() -> Self {
        let date = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap_or_default();
        let bucket = BucketView {
            from: date,
            to: date,
            starts_at: sample::time(),
            ends_at: sample::time(),
            events: 12,
            active_days: 1,
            time_spent_seconds: 1_440,
            items_completed: 3,
            lessons_completed: 1,
            courses_completed: 0,
        };
        Self::Buckets(BucketsView {
            as_of: sample::time(),
            user: SubjectView::sample(),
            tz: "Asia/Seoul".into(),
            granularity: Granularity::Day,
            from: date,
            to: date,
            buckets: vec![bucket],
        })
    }
}
