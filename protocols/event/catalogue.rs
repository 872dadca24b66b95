//! The closed list of event types. An unknown name exists only at the edge.
//!
//! Not here: what an event carries (`payload`), and what a dialect calls it (`webhook::dialects`).
//!
//! # Source
//! The six statistics and their two phases: Teachbase, help.teachbase.ru, managers/api-and-integrations/04.
//! `course.completed`, `course.submitted`, `enrollments.created` and `user.created`: Articulate Reach 360,
//! access.articulate.com, "Reach 360: Webhook Events". The others are ours.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a kind of object that an event is about or a learner acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A course.
    Course,
    /// A part of a course; Teachbase calls it a section.
    Lesson,
    /// A block of a lesson.
    Training,
    /// What a learner does.
    Item,
    /// An enrolment of a learner on a course.
    Enrollment,
    /// A person.
    User,
    /// Where a learner stands on a course, lesson, training or item.
    Standing,
    /// A registered receiver.
    Webhook,
    /// One act of enrolling, of whoever was enrolled by it.
    EnrollmentAct,
    /// A request for subscriptions.
    SubscriptionRequest,
    /// What a receiver is told of.
    Subscription,
    /// The institution itself.
    Institution,
    /// A file of people.
    MemberImport,
    /// A token of an integration or of an application.
    Token,
    /// The levels of a learner in a language.
    CefrProfile,
    /// The erasing of a person.
    Erasure,
    /// A file made of the record.
    Export,
    /// The points, achievements and streak of a learner.
    Game,
}

impl ObjectKind {
    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Lesson => "lesson",
            Self::Training => "training",
            Self::Item => "item",
            Self::Enrollment => "enrollment",
            Self::User => "user",
            Self::Standing => "standing",
            Self::Webhook => "webhook",
            Self::EnrollmentAct => "enrollment_act",
            Self::SubscriptionRequest => "subscription_request",
            Self::Subscription => "subscription",
            Self::Institution => "institution",
            Self::MemberImport => "member_import",
            Self::Token => "token",
            Self::CefrProfile => "cefr_profile",
            Self::Erasure => "erasure",
            Self::Export => "export",
            Self::Game => "game",
        }
    }
}

/// Names a kind of training item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Something to read, hear or watch.
    Material,
    /// Questions with a score.
    Quiz,
    /// Work that somebody looks at.
    Task,
    /// A SCORM package.
    Scorm,
    /// A spoken or written exchange.
    Dialogue,
    /// A card to remember.
    Flashcard,
}

impl ItemKind {
    /// All kinds, in the order in which an error lists them.
    pub const ALL: [Self; 6] = [Self::Material, Self::Quiz, Self::Task, Self::Scorm, Self::Dialogue, Self::Flashcard];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Material => "material",
            Self::Quiz => "quiz",
            Self::Task => "task",
            Self::Scorm => "scorm",
            Self::Dialogue => "dialogue",
            Self::Flashcard => "flashcard",
        }
    }

    /// Which of the six stats a learner's standing on such an item is; none for the kinds that Teachbase does not know.
    pub const fn stat(self) -> Option<StatKind> {
        match self {
            Self::Material => Some(StatKind::Material),
            Self::Quiz => Some(StatKind::Quiz),
            Self::Task => Some(StatKind::Task),
            Self::Scorm => Some(StatKind::Scorm),
            Self::Dialogue | Self::Flashcard => None,
        }
    }
}

impl FromStr for ItemKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Names one of Teachbase's six statistics: a learner's standing on a course, a section or an item by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatKind {
    /// On a course.
    Course,
    /// On a lesson.
    Section,
    /// On a quiz.
    Quiz,
    /// On a task.
    Task,
    /// On a SCORM package.
    Scorm,
    /// On a material.
    Material,
}

/// Tells whether a statistic is new or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// First standing of the learner on the object.
    Created,
    /// Any later change.
    Updated,
}

impl StatKind {
    /// The event that announces this statistic.
    pub const fn event(self, phase: Phase) -> EventType {
        match (self, phase) {
            (Self::Course, Phase::Created) => EventType::CourseStatCreated,
            (Self::Course, Phase::Updated) => EventType::CourseStatUpdated,
            (Self::Section, Phase::Created) => EventType::SectionStatCreated,
            (Self::Section, Phase::Updated) => EventType::SectionStatUpdated,
            (Self::Quiz, Phase::Created) => EventType::QuizStatCreated,
            (Self::Quiz, Phase::Updated) => EventType::QuizStatUpdated,
            (Self::Task, Phase::Created) => EventType::TaskStatCreated,
            (Self::Task, Phase::Updated) => EventType::TaskStatUpdated,
            (Self::Scorm, Phase::Created) => EventType::ScormStatCreated,
            (Self::Scorm, Phase::Updated) => EventType::ScormStatUpdated,
            (Self::Material, Phase::Created) => EventType::MaterialStatCreated,
            (Self::Material, Phase::Updated) => EventType::MaterialStatUpdated,
        }
    }
}

macro_rules! event_types {
    ($($variant:ident = $name:literal : $doc:literal,)*) => {
        /// Names everything that is announced.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType { $(#[doc = $doc] $variant,)* }

        impl EventType {
            /// Every type, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, `resource.action`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it tells, in a sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

event_types! {
    CourseStatCreated = "course_stat.created": "A learner was put on a course.",
    CourseStatUpdated = "course_stat.updated": "A learner's standing on a course changed.",
    SectionStatCreated = "section_stat.created": "A learner began a lesson.",
    SectionStatUpdated = "section_stat.updated": "A learner's standing on a lesson changed.",
    QuizStatCreated = "quiz_stat.created": "A learner began a quiz.",
    QuizStatUpdated = "quiz_stat.updated": "A learner's standing on a quiz changed.",
    TaskStatCreated = "task_stat.created": "A learner began a task.",
    TaskStatUpdated = "task_stat.updated": "A learner's standing on a task changed.",
    ScormStatCreated = "scorm_stat.created": "A learner began a SCORM package.",
    ScormStatUpdated = "scorm_stat.updated": "A learner's standing on a SCORM package changed.",
    MaterialStatCreated = "material_stat.created": "A learner began a material.",
    MaterialStatUpdated = "material_stat.updated": "A learner's standing on a material changed.",
    LessonStarted = "lesson.started": "A learner began a lesson for the first time.",
    LessonCompleted = "lesson.completed": "A learner completed a lesson for the first time.",
    TrainingCompleted = "training.completed": "A learner completed all items of a training for the first time.",
    CourseCompleted = "course.completed": "A learner completed a course for the first time.",
    CourseSubmitted = "course.submitted": "An author submitted a course for review.",
    CoursePublished = "course.published": "A course was published, or what has become of a published one since.",
    CourseArchived = "course.archived": "A course left the catalogue; whoever is on it may finish.",
    EnrollmentCreated = "enrollment.created": "A learner was enrolled on a course.",
    EnrollmentsCreated = "enrollments.created": "Learners or groups were enrolled on a course or a learning path, by one act.",
    EnrollmentCompleted = "enrollment.completed": "An enrolment ended by completing the course.",
    UserCreated = "user.created": "A person was added to the institution.",
    UserUpdated = "user.updated": "A person's own fields changed: a name, the address, a key, the language or the time zone.",
    UserDeactivated = "user.deactivated": "A person may no longer sign in, for now; sessions and tokens stopped.",
    MemberAdded = "member.added": "A person joined the institution, or came back to it.",
    MemberUpdated = "member.updated": "A person's role changed, or a deactivated person may sign in again.",
    MemberRemoved = "member.removed": "A person left the institution; what was learned stays on record.",
    SeatsLimitReached = "seats.limit_reached": "The last seat was taken; nobody more can be added or invited.",
    WebhookPing = "webhook.ping": "A test, asked for by a person.",
    WebhookDisabled = "webhook.disabled": "A receiver was switched off by the server.",
    WebhookFailing = "webhook.failing": "A receiver fails, or will soon be switched off for it.",
    DeliveryExhausted = "delivery.exhausted": "A delivery was given up after its last attempt.",
    SubscriptionRequestApproved = "subscription_request.approved": "Support approved a request for subscriptions, or a part of it.",
    SubscriptionRequestRejected = "subscription_request.rejected": "Support rejected a request for subscriptions.",
    SubscriptionRequestExpired = "subscription_request.expired": "A request for subscriptions expired before it was decided.",
    WebhookSubscribed = "webhook.subscribed": "Support subscribed a receiver on the institution's behalf.",
    WebhookUnsubscribed = "webhook.unsubscribed": "Support ended a subscription on the institution's behalf.",
    MemberImportPlanned = "member_import.planned": "The plan of a file of people is ready.",
    MemberImportCompleted = "member_import.completed": "A file of people was applied, perhaps without some of its rows.",
    MemberImportFailed = "member_import.failed": "A file of people was not applied, or not to its end.",
    TokenCreated = "token.created": "A token of an integration was made.",
    TokenExpiring = "token.expiring": "A token of an integration stops working within a week, or within a day.",
    InstitutionSuspended = "institution.suspended": "The institution was suspended; this is told when it is resumed.",
    InstitutionResumed = "institution.resumed": "The institution is suspended no more.",
    InstitutionClosing = "institution.closing": "The institution is leaving: it works on until everything is erased.",
    InstitutionReopened = "institution.reopened": "The institution leaves no more.",
    TrialConverted = "trial.converted": "The trial became a contract.",
    CefrAssessed = "cefr.assessed": "Evidence of a learner's level came or went, and the levels were worked out anew.",
    CefrLevelChanged = "cefr.level_changed": "A learner's level in a skill of a language changed.",
    ExportCompleted = "export.completed": "A file made of the record is whole, and can be fetched.",
    ExportFailed = "export.failed": "A file of the record was not made.",
    ExportExpired = "export.expired": "A file made of the record was deleted, its time being over.",
    XpAwarded = "xp.awarded": "A learner was given experience points, or some were taken back.",
    AchievementUnlocked = "achievement.unlocked": "A learner reached a tier of an achievement.",
    StreakExtended = "streak.extended": "A learner's streak reached another date, or came back to life.",
    StreakFrozen = "streak.frozen": "A freeze covered a date on which a learner did nothing.",
    StreakBroken = "streak.broken": "A learner's streak ended.",
    ErasureRequested = "erasure.requested": "A person is to be erased, or asked for it; the last event that names him.",
    ErasureCompleted = "erasure.completed": "All that told who a person was is erased here.",
    UserDeleted = "user.deleted": "A person was erased: copies of what was told of him should go too.",
    TokenRevoked = "token.revoked": "A token was revoked, by a person or because it was found in the open.",
}

impl EventType {
    /// Statistic and phase, for the twelve types that are one.
    pub fn stat(self) -> Option<(StatKind, Phase)> {
        use StatKind::{Course, Material, Quiz, Scorm, Section, Task};
        [Course, Section, Quiz, Task, Scorm, Material]
            .into_iter()
            .flat_map(|kind| [(kind, Phase::Created), (kind, Phase::Updated)])
            .find(|(kind, phase)| kind.event(*phase) == self)
    }

    /// Tells of webhooks themselves: what becomes of a delivery of it is told to nobody, or there would be no end.
    pub const fn is_operational(self) -> bool {
        matches!(self, Self::WebhookPing | Self::WebhookDisabled | Self::WebhookFailing | Self::DeliveryExhausted)
    }

    /// Is the first announcement of its object, which must be attempted before any other of that object.
    pub fn opens(self) -> bool {
        matches!(self.stat(), Some((_, Phase::Created)))
            || matches!(self, Self::EnrollmentCreated | Self::UserCreated | Self::MemberImportPlanned)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(())
    }
}
