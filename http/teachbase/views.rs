//! The objects that statistics point at, in the shapes that public clients read.
//!
//! What Teachbase tells and we do not know is said as empty: null where clients allow for it, else nothing, zero or
//! false. Times are ISO 8601 with offset and milliseconds, but `last_activity_at`, which is in epoch seconds.
//!
//! # Source
//! Pasted answers in `Aliaksandr-Litvinau/teachbase_api_client` (`src/api_client/tests.py`) and
//! `StanisLove/teachbase_api_client` (`spec/factories/items.json`) for courses and sessions; `vansilich/teachbase-sdk` for
//! users; `nelyj/teachbaser` for what may be null.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Role,
    content::{
        Totals,
        courses::{Course, CourseStatus},
        lessons::Lesson,
    },
    members::{Member, MemberStatus},
};

use crate::doors::{Sample, sample};

/// A word of the institution. There are none yet.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "EndpointLabel")]
enum Label {}

/// A course.
#[expect(clippy::struct_excessive_bools, reason = "the keys are Teachbase's")]
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "EndpointCourse")]
pub(super) struct CourseView {
    /// Integer id.
    id: i64,
    /// Integer id of the institution.
    account_id: i64,
    /// Shown to people.
    name: String,
    /// When it was made.
    created_at: String,
    /// When it last changed.
    updated_at: String,
    /// Who wrote it.
    owner_id: Option<i64>,
    /// Whole name of who wrote it.
    owner_name: Option<String>,
    /// Picture.
    thumb_url: Option<String>,
    /// Picture.
    cover_url: Option<String>,
    /// One paragraph.
    description: String,
    /// Latest activity of a learner.
    last_activity: Option<String>,
    /// Points that can be had.
    total_score: f64,
    /// Things to do.
    total_tasks: i64,
    unchangeable: bool,
    include_weekly_report: bool,
    content_type: i64,
    types: Vec<Label>,
    is_netology: bool,
    bg_url: Option<String>,
    video_url: Option<String>,
    demo: bool,
    custom_author_names: Option<String>,
    /// Who teaches it.
    authors: Vec<UserView>,
    custom_contents_link: Option<String>,
    hide_viewer_navigation: bool,
    /// Minutes.
    duration: i64,
    competences: Vec<String>,
}

/// What is told of a course beside its own row.
pub(super) struct Around<'a> {
    /// Integer id of the institution.
    pub(super) account: i64,
    /// What it adds up to.
    pub(super) totals: Totals,
    /// Who wrote it.
    pub(super) owner: Option<&'a Member>,
    /// Who teaches it.
    pub(super) authors: Vec<&'a Member>,
}

/// A part of a course: a lesson.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EndpointSection")]
pub(super) struct SectionView {
    /// Integer id.
    id: i64,
    /// The course.
    course_id: i64,
    /// Shown to people.
    name: String,
    /// Order within the course, from 1.
    position: i32,
    is_publish: bool,
    is_available: bool,
    opened_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it last changed.
    updated_at: String,
}

/// The one session of a course, which has no end.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EndpointCourseSession")]
pub(super) struct SessionView {
    /// Integer id: the course's.
    id: i64,
    /// Shown to people: the course's.
    name: String,
    /// When the course was made.
    started_at: String,
    finished_at: Option<String>,
    /// The course.
    course_id: i64,
    infinitely: bool,
    /// `open` when anybody may find it, `privy` otherwise.
    access_type: &'static str,
    finished: bool,
    navigation: Option<i64>,
    apply_url: Option<String>,
    deadline_soon: bool,
    /// Learners on it.
    assignments_count: i64,
    deadline_type: i64,
    /// Readable part of addresses.
    slug: String,
    period: Option<i64>,
    labels: Vec<Label>,
    /// The course.
    course: CourseView,
}

/// A person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "EndpointUser")]
pub(super) struct UserView {
    /// Integer id.
    id: i64,
    /// Address as it was given.
    email: String,
    phone: Option<String>,
    /// Given name.
    name: String,
    /// Family name, possibly empty.
    last_name: String,
    /// 1 owner, 2 admin, 3 billing admin, 4 manager, 5 support, 6 integrator, 7 learner, 8 auditor.
    role_id: i64,
    auth_type: i64,
    /// Language tag; null means the institution's.
    lang: Option<String>,
    /// Latest activity as a learner, in epoch seconds.
    last_activity_at: Option<i64>,
    /// May sign in.
    is_active: bool,
    /// When the person joined.
    created_at: String,
    /// When anything of it last changed.
    updated_at: String,
    /// The institution's own key.
    external_id: Option<String>,
    /// May not sign in any more.
    locked: bool,
    labels: Vec<Label>,
}

impl CourseView {
    pub(super) fn of(course: &Course, around: Around<'_>) -> Self {
        Self {
            id: course.number,
            account_id: around.account,
            name: course.title.clone(),
            created_at: time(course.created_at),
            updated_at: time(course.updated_at),
            owner_id: around.owner.map(|owner| owner.number),
            owner_name: around.owner.map(|owner| owner.name.clone()),
            thumb_url: course.cover_url.clone(),
            cover_url: course.cover_url.clone(),
            description: course.summary.clone(),
            last_activity: around.totals.last_activity_at.map(time),
            total_score: around.totals.score,
            total_tasks: around.totals.items,
            unchangeable: false,
            include_weekly_report: false,
            content_type: 0,
            types: Vec::new(),
            is_netology: false,
            bg_url: None,
            video_url: None,
            demo: false,
            custom_author_names: None,
            authors: around.authors.into_iter().map(|author| UserView::of(author, None)).collect(),
            custom_contents_link: None,
            hide_viewer_navigation: false,
            duration: course.duration_minutes,
            competences: Vec::new(),
        }
    }
}

impl SectionView {
    pub(super) fn of(lesson: Lesson, course: i64) -> Self {
        Self {
            id: lesson.number,
            course_id: course,
            name: lesson.title,
            position: lesson.position,
            is_publish: true,
            is_available: true,
            opened_at: None,
            created_at: time(lesson.created_at),
            updated_at: time(lesson.updated_at),
        }
    }
}

impl SessionView {
    pub(super) fn of(course: &Course, around: Around<'_>) -> Self {
        Self {
            id: course.number,
            name: course.title.clone(),
            started_at: time(course.created_at),
            finished_at: None,
            course_id: course.number,
            infinitely: true,
            access_type: if course.status == CourseStatus::Published { "open" } else { "privy" },
            finished: false,
            navigation: None,
            apply_url: None,
            deadline_soon: false,
            assignments_count: around.totals.learners,
            deadline_type: 0,
            slug: course.slug.clone(),
            period: None,
            labels: Vec::new(),
            course: CourseView::of(course, around),
        }
    }
}

impl UserView {
    pub(super) fn of(member: &Member, last_activity_at: Option<DateTime<Utc>>) -> Self {
        Self {
            id: member.number,
            email: member.email.clone(),
            phone: None,
            name: member.first_name.clone(),
            last_name: member.last_name.clone(),
            role_id: role_id(member.role),
            auth_type: 0,
            lang: member.locale.clone(),
            last_activity_at: last_activity_at.map(|at| at.timestamp()),
            is_active: member.status == MemberStatus::Active,
            created_at: time(member.created_at),
            updated_at: time(member.updated_at),
            external_id: member.external_id.clone(),
            locked: member.status == MemberStatus::Deactivated,
            labels: Vec::new(),
        }
    }
}

const fn role_id(role: Role) -> i64 {
    match role {
        Role::Owner => 1,
        Role::Admin => 2,
        Role::BillingAdmin => 3,
        Role::Manager => 4,
        Role::Support => 5,
        Role::Integrator => 6,
        Role::Learner => 7,
        Role::Auditor => 8,
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, false)
}

impl Sample for UserView {
    fn sample() -> Self {
        Self {
            id: 12,
            email: "ana@school.example".into(),
            phone: None,
            name: "Ana".into(),
            last_name: "Silva".into(),
            role_id: role_id(Role::Learner),
            auth_type: 0,
            lang: None,
            last_activity_at: Some(sample::time().timestamp()),
            is_active: true,
            created_at: time(sample::time()),
            updated_at: time(sample::time()),
            external_id: Some("s-1042".into()),
            locked: false,
            labels: Vec::new(),
        }
    }
}

impl Sample for CourseView {
    fn sample() -> Self {
        Self {
            id: 7,
            account_id: 1,
            name: "Spanish A1".into(),
            created_at: time(sample::time()),
            updated_at: time(sample::time()),
            owner_id: Some(3),
            owner_name: Some("Ada Lima".into()),
            thumb_url: None,
            cover_url: None,
            description: "First steps.".into(),
            last_activity: Some(time(sample::time())),
            total_score: 40.0,
            total_tasks: 12,
            unchangeable: false,
            include_weekly_report: false,
            content_type: 0,
            types: Vec::new(),
            is_netology: false,
            bg_url: None,
            video_url: None,
            demo: false,
            custom_author_names: None,
            authors: vec![UserView::sample()],
            custom_contents_link: None,
            hide_viewer_navigation: false,
            duration: 90,
            competences: Vec::new(),
        }
    }
}

impl Sample for SectionView {
    fn sample() -> Self {
        Self {
            id: 21,
            course_id: 7,
            name: "Greetings".into(),
            position: 1,
            is_publish: true,
            is_available: true,
            opened_at: None,
            created_at: time(sample::time()),
            updated_at: time(sample::time()),
        }
    }
}

impl Sample for SessionView {
    fn sample() -> Self {
        Self {
            id: 7,
            name: "Spanish A1".into(),
            started_at: time(sample::time()),
            finished_at: None,
            course_id: 7,
            infinitely: true,
            access_type: "open",
            finished: false,
            navigation: None,
            apply_url: None,
            deadline_soon: false,
            assignments_count: 25,
            deadline_type: 0,
            slug: "spanish-a1".into(),
            period: None,
            labels: Vec::new(),
            course: CourseView::sample(),
        }
    }
}
