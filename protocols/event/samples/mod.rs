//! One realistic event of every type, for tests, documentation and the test delivery.
//!
//! Not here: the people and things in them (`facts`).
//!
//! A test delivery shows these to real receivers, so nothing in them can be mistaken for an institution's own:
//! integer ids start at two thousand million, far above any that is given out and still within 32 bits, and
//! addresses are under `example.com`.
//!
//! # Source
//! RFC 2606 section 3 for `example.com`; the types are those of the catalogue.

mod facts;
mod requests;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Envelope, EventData, EventType, InstitutionFacts, ItemKind, LifecycleFacts, MemberFacts, ObjectKind, ObjectRef,
    Phase, SeatsFacts, StatKind, SubscriptionRequestFacts, UserFacts,
};

/// Makes the sample of a type: the same value every time, for the caller to give its own id and institution.
pub fn sample(event_type: EventType) -> Envelope {
    let (object, data) = parts(event_type);
    Envelope {
        id: "evt_01m7ynayr6f59r7xcc7ks9t3d9".to_owned(),
        event_type,
        occurred_at: facts::the_moment(),
        institution: InstitutionFacts { id: facts::INSTITUTION_ID.to_owned(), number: 2_000_000_001 },
        object,
        data: Arc::new(data),
        test: event_type == EventType::WebhookPing,
    }
}

#[expect(clippy::too_many_lines, reason = "a line for each type: the compiler asks for that of a new one")]
fn parts(event_type: EventType) -> (ObjectRef, EventData) {
    use EventType as E;
    match event_type {
        E::CourseStatCreated => stat(StatKind::Course, Phase::Created),
        E::CourseStatUpdated => stat(StatKind::Course, Phase::Updated),
        E::SectionStatCreated => stat(StatKind::Section, Phase::Created),
        E::SectionStatUpdated => stat(StatKind::Section, Phase::Updated),
        E::QuizStatCreated => stat(StatKind::Quiz, Phase::Created),
        E::QuizStatUpdated => stat(StatKind::Quiz, Phase::Updated),
        E::TaskStatCreated => stat(StatKind::Task, Phase::Created),
        E::TaskStatUpdated => stat(StatKind::Task, Phase::Updated),
        E::ScormStatCreated => stat(StatKind::Scorm, Phase::Created),
        E::ScormStatUpdated => stat(StatKind::Scorm, Phase::Updated),
        E::MaterialStatCreated => stat(StatKind::Material, Phase::Created),
        E::MaterialStatUpdated => stat(StatKind::Material, Phase::Updated),
        E::LessonStarted => lesson_started(),
        E::LessonCompleted => lesson_completed(),
        E::TrainingCompleted => training_completed(),
        E::CourseCompleted => course_completed(),
        E::CourseSubmitted => course_submitted(),
        E::CoursePublished => of_course(5),
        E::CourseArchived => of_course(6),
        E::EnrollmentCreated => enrolment_created(),
        E::EnrollmentsCreated => enrolments_created(),
        E::EnrollmentCompleted => enrolment_completed(),
        E::UserCreated => user_created(),
        E::UserUpdated => of_member(2, facts::member("active", &["email"])),
        E::UserDeactivated => of_member(3, facts::member("deactivated", &["status"])),
        E::MemberAdded => of_member(1, facts::member("active", &[])),
        E::MemberUpdated => of_member(4, facts::member("active", &["role", "status"])),
        E::MemberRemoved => of_member(5, facts::member("removed", &["status"])),
        E::SeatsLimitReached => full(),
        E::WebhookPing => operational("This is a test delivery. Nothing happened."),
        E::WebhookDisabled => disabled(),
        E::WebhookFailing => failing(),
        E::DeliveryExhausted => exhausted(),
        E::SubscriptionRequestApproved => decided(requests::approved()),
        E::SubscriptionRequestRejected => decided(requests::rejected()),
        E::SubscriptionRequestExpired => decided(requests::expired()),
        E::WebhookSubscribed => by_support(1),
        E::WebhookUnsubscribed => by_support(2),
        E::MemberImportPlanned => imported("planned", None),
        E::MemberImportCompleted => imported("completed_with_errors", None),
        E::MemberImportFailed => imported("failed", Some("seats_exceeded")),
        E::InstitutionSuspended => {
            lived(1, facts::lifecycle("suspended", "active", "the invoice of September is open"))
        }
        E::InstitutionResumed => lived(2, facts::lifecycle("active", "suspended", "the invoice was paid")),
        E::InstitutionClosing => lived(3, facts::lifecycle("closing", "active", "the contract ends")),
        E::InstitutionReopened => lived(4, facts::lifecycle("active", "closing", "the contract was renewed")),
        E::TrialConverted => lived(1, facts::lifecycle("active", "trial", "a contract was signed")),
        E::TokenCreated => of_token(1, None),
        E::TokenExpiring => of_token(2, None),
        E::TokenRevoked => of_token(3, Some("leaked")),
        E::CefrAssessed => assessed(1, false),
        E::CefrLevelChanged => assessed(2, true),
        E::ExportCompleted => exported(("completed", None), 1),
        E::ExportFailed => exported(("failed", Some("ability_missing")), 1),
        E::ExportExpired => exported(("expired", None), 2),
        E::ErasureRequested => erased(ObjectKind::Erasure, ("requested", 1), facts::learner()),
        E::ErasureCompleted => erased(ObjectKind::Erasure, ("completed", 3), facts::former()),
        E::UserDeleted => erased(ObjectKind::User, ("completed", 7), facts::former()),
        E::XpAwarded => played(1, EventData { xp: Some(Box::new(facts::xp())), ..EventData::default() }),
        E::AchievementUnlocked => {
            played(2, EventData { achievement: Some(Box::new(facts::achievement())), ..EventData::default() })
        }
        E::StreakExtended => streak(3, (7, 6)),
        E::StreakFrozen => streak(4, (7, 7)),
        E::StreakBroken => streak(5, (0, 7)),
    }
}

fn stat(kind: StatKind, phase: Phase) -> (ObjectRef, EventData) {
    let mut data = on_course();
    data.standing = Some(match (kind, phase) {
        (StatKind::Course, Phase::Created) => facts::standing_new(),
        (_, Phase::Created) => facts::standing_begun(),
        (_, Phase::Updated) => facts::standing_passed(),
    });
    data.lesson = (kind != StatKind::Course).then(facts::lesson);
    data.item = match kind {
        StatKind::Course | StatKind::Section => None,
        StatKind::Quiz => Some(facts::item(ItemKind::Quiz)),
        StatKind::Task => Some(facts::item(ItemKind::Task)),
        StatKind::Scorm => Some(facts::item(ItemKind::Scorm)),
        StatKind::Material => Some(facts::item(ItemKind::Material)),
    };
    data.training = data.item.is_some().then(facts::training);
    let revision = if phase == Phase::Created { 1 } else { 2 };
    (reference(ObjectKind::Standing, revision), data)
}

fn lesson_started() -> (ObjectRef, EventData) {
    let standing = Some(facts::standing_begun());
    (reference(ObjectKind::Standing, 1), EventData { lesson: Some(facts::lesson()), standing, ..on_course() })
}

fn lesson_completed() -> (ObjectRef, EventData) {
    let standing = Some(facts::standing_passed());
    (reference(ObjectKind::Standing, 2), EventData { lesson: Some(facts::lesson()), standing, ..on_course() })
}

fn training_completed() -> (ObjectRef, EventData) {
    let data = EventData {
        lesson: Some(facts::lesson()),
        training: Some(facts::training()),
        standing: Some(facts::standing_passed()),
        ..on_course()
    };
    (reference(ObjectKind::Standing, 2), data)
}

fn course_completed() -> (ObjectRef, EventData) {
    let standing = Some(facts::standing_passed());
    (reference(ObjectKind::Standing, 3), EventData { standing, ..on_course() })
}

/// A course on its way to the learners and from them.
fn of_course(revision: i32) -> (ObjectRef, EventData) {
    let data = EventData { course: Some(facts::course()), ..EventData::default() };
    (reference(ObjectKind::Course, revision), data)
}

fn course_submitted() -> (ObjectRef, EventData) {
    let data =
        EventData { course: Some(facts::course()), submission: Some(facts::submission()), ..EventData::default() };
    (reference(ObjectKind::Course, 1), data)
}

fn enrolment_created() -> (ObjectRef, EventData) {
    let enrollment = Some(facts::enrolment());
    (reference(ObjectKind::Enrollment, 1), EventData { enrollment, ..on_course() })
}

fn enrolments_created() -> (ObjectRef, EventData) {
    let data = EventData {
        course: Some(facts::course()),
        users: vec![facts::learner()],
        groups: vec![facts::group()],
        enrolled_by: Some(facts::author()),
        ..EventData::default()
    };
    (reference(ObjectKind::EnrollmentAct, 1), data)
}

fn enrolment_completed() -> (ObjectRef, EventData) {
    let enrollment = Some(facts::enrolment_over());
    (reference(ObjectKind::Enrollment, 2), EventData { enrollment, ..on_course() })
}

fn user_created() -> (ObjectRef, EventData) {
    (reference(ObjectKind::User, 1), EventData { user: Some(facts::learner()), ..EventData::default() })
}

fn of_member(revision: i32, member: MemberFacts) -> (ObjectRef, EventData) {
    let data = EventData { user: Some(facts::learner()), member: Some(Box::new(member)), ..EventData::default() };
    (reference(ObjectKind::User, revision), data)
}

fn full() -> (ObjectRef, EventData) {
    let seats = Some(SeatsFacts { total: 250, in_use: 244, pending_invite: 6 });
    (reference(ObjectKind::Institution, 1), EventData { seats, ..EventData::default() })
}

fn operational(message: &str) -> (ObjectRef, EventData) {
    (reference(ObjectKind::Webhook, 1), EventData { message: Some(message.to_owned()), ..EventData::default() })
}

fn disabled() -> (ObjectRef, EventData) {
    let (object, data) = operational("The receiver answered 410 Gone, so nothing more is sent to it.");
    (object, EventData { webhook: Some(facts::webhook_gone()), ..data })
}

fn failing() -> (ObjectRef, EventData) {
    let (object, data) = operational("The receiver has failed since 2026-11-21T08:20:00.123Z.");
    (object, EventData { webhook: Some(facts::webhook_failing()), ..data })
}

fn exhausted() -> (ObjectRef, EventData) {
    let (object, data) = operational("A delivery of course.completed was given up after 6 attempts.");
    (object, EventData { webhook: Some(facts::webhook_failing()), delivery: Some(facts::delivery()), ..data })
}

fn decided(request: SubscriptionRequestFacts) -> (ObjectRef, EventData) {
    let data = EventData { subscription_request: Some(Box::new(request)), ..EventData::default() };
    (reference(ObjectKind::SubscriptionRequest, 1), data)
}

fn by_support(revision: i32) -> (ObjectRef, EventData) {
    let data = EventData { subscription: Some(Box::new(requests::subscription())), ..EventData::default() };
    (reference(ObjectKind::Subscription, revision), data)
}

fn lived(revision: i32, lifecycle: LifecycleFacts) -> (ObjectRef, EventData) {
    let data = EventData { lifecycle: Some(Box::new(lifecycle)), ..EventData::default() };
    (reference(ObjectKind::Institution, revision), data)
}

fn imported(status: &str, reason: Option<&str>) -> (ObjectRef, EventData) {
    let facts = Some(Box::new(facts::member_import(status, reason)));
    (reference(ObjectKind::MemberImport, 1), EventData { member_import: facts, ..EventData::default() })
}

fn of_token(revision: i32, reason: Option<&str>) -> (ObjectRef, EventData) {
    let token = Some(Box::new(facts::token(reason)));
    (reference(ObjectKind::Token, revision), EventData { token, ..EventData::default() })
}

fn assessed(revision: i32, is_changed: bool) -> (ObjectRef, EventData) {
    let cefr = Some(Box::new(facts::levels(is_changed)));
    (
        reference(ObjectKind::CefrProfile, revision),
        EventData { user: Some(facts::learner()), cefr, ..EventData::default() },
    )
}

fn exported((status, reason): (&str, Option<&str>), revision: i32) -> (ObjectRef, EventData) {
    let export = Some(Box::new(facts::export(status, reason)));
    (reference(ObjectKind::Export, revision), EventData { export, ..EventData::default() })
}

fn erased(kind: ObjectKind, (status, revision): (&str, i32), user: Arc<UserFacts>) -> (ObjectRef, EventData) {
    let erasure = Some(Box::new(facts::erasure(status)));
    (reference(kind, revision), EventData { user: Some(user), erasure, ..EventData::default() })
}

fn played(revision: i32, data: EventData) -> (ObjectRef, EventData) {
    (reference(ObjectKind::Game, revision), EventData { user: Some(facts::learner()), ..data })
}

fn streak(revision: i32, (current, previous): (i64, i64)) -> (ObjectRef, EventData) {
    let streak = Some(Box::new(facts::streak(current, previous)));
    played(revision, EventData { streak, ..EventData::default() })
}

fn on_course() -> EventData {
    EventData { user: Some(facts::learner()), course: Some(facts::course()), ..EventData::default() }
}

fn reference(kind: ObjectKind, revision: i32) -> ObjectRef {
    let id = match kind {
        ObjectKind::Course => facts::COURSE_ID,
        ObjectKind::Lesson => facts::LESSON_ID,
        ObjectKind::Training => facts::TRAINING_ID,
        ObjectKind::Item => facts::ITEM_ID,
        ObjectKind::Enrollment => facts::ENROLMENT_ID,
        ObjectKind::User => facts::LEARNER_ID,
        ObjectKind::Standing => facts::STANDING_ID,
        ObjectKind::Webhook => facts::WEBHOOK_ID,
        ObjectKind::EnrollmentAct => facts::ACT_ID,
        ObjectKind::SubscriptionRequest => requests::REQUEST_ID,
        ObjectKind::Subscription => requests::SUBSCRIPTION_ID,
        ObjectKind::Institution => facts::INSTITUTION_ID,
        ObjectKind::MemberImport => facts::IMPORT_ID,
        ObjectKind::Token => facts::TOKEN_ID,
        ObjectKind::CefrProfile => facts::CEFR_PROFILE_ID,
        ObjectKind::Erasure => facts::ERASURE_ID,
        ObjectKind::Export => facts::EXPORT_ID,
        ObjectKind::Game => facts::GAME_ID,
    };
    ObjectRef { kind, id: id.to_owned(), revision }
}

/// A time of the story, in minutes before its end.
fn before(end: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    end - TimeDelta::minutes(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_its_type_and_the_same_again() {
        for event_type in EventType::ALL.iter().copied() {
            let (one, other) = (sample(event_type), sample(event_type));
            assert_eq!(one.event_type, event_type);
            assert_eq!((one.id, one.object, one.data), (other.id, other.object, other.data), "{event_type}");
        }
    }

    #[test]
    fn a_sample_reads_back_from_the_ledger() {
        for event_type in EventType::ALL.iter().copied() {
            let data = sample(event_type).data;
            let ledger = serde_json::to_string(&*data).unwrap();
            assert_eq!(serde_json::from_str::<EventData>(&ledger).unwrap(), *data, "{event_type}");
        }
    }

    #[test]
    fn what_opens_an_object_is_its_first_revision() {
        for event_type in EventType::ALL.iter().copied().filter(|known| known.opens()) {
            assert_eq!(sample(event_type).object.revision, 1, "{event_type}");
        }
    }

    #[test]
    fn an_event_on_an_item_has_the_way_to_it() {
        let data = sample(EventType::QuizStatUpdated).data;
        assert_eq!(data.item.as_ref().unwrap().kind, ItemKind::Quiz);
        assert!(data.course.is_some() && data.lesson.is_some() && data.training.is_some());
    }
}
