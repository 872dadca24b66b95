//! The people and things of the samples: one learner, one author, one course of Korean.
//!
//! Not here: which event shows what of them (`samples`).
//!
//! # Source
//! RFC 2606 section 3 for `example.com`.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::before;
use crate::event::{
    AchievementFacts, CefrChange, CefrFacts, CourseFacts, DeliveryFacts, EnrolmentFacts, ErasureFacts, EventType,
    ExportFacts, GroupFacts, ItemFacts, ItemKind, LessonFacts, LifecycleFacts, MemberFacts, MemberImportCounts,
    MemberImportFacts, Score, StandingFacts, StandingStatus, StreakFacts, SubmissionFacts, TokenFacts, TrainingFacts,
    UserFacts, WebhookFacts, XpEntryFacts, XpFacts,
};

pub(super) const INSTITUTION_ID: &str = "inst_01m7ynayqvemq8k9w39qsaekf4";
pub(super) const LEARNER_ID: &str = "usr_01m7ynayqwes8r65rzyjka792g";
pub(super) const COURSE_ID: &str = "crs_01m7ynayqze3pt0yekqqme4qcm";
pub(super) const LESSON_ID: &str = "lsn_01m7ynayr0edqrb018tr4sjm6r";
pub(super) const TRAINING_ID: &str = "trn_01m7ynayr1evr88y42wdngtn4v";
pub(super) const ITEM_ID: &str = "itm_01m7ynayr2efct6h2vpcbkhxys";
pub(super) const STANDING_ID: &str = "std_01m7ynayr3ev5b9ts55c7j3qdp";
pub(super) const ENROLMENT_ID: &str = "enr_01m7ynayr4f46bs8r42wfv2z13";
pub(super) const WEBHOOK_ID: &str = "whk_01m7ynayr5ee9ag9yxnpgq1csr";
pub(super) const ACT_ID: &str = "ena_01m7ynayr7e5v9q2h0kz3w8d6c";
pub(super) const IMPORT_ID: &str = "imp_01m7ynayrae8j5m2s7q9x3c6wd";
pub(super) const TOKEN_ID: &str = "tok_01m7ynayrbe2v8k4t6h9w3n5qa";
pub(super) const ERASURE_ID: &str = "ers_01m7ynayrfe8w3k6q9t2v5x7zd";
pub(super) const CEFR_PROFILE_ID: &str = "cfp_01m7ynayrc7w2k9d4r6t8v3xqb";
pub(super) const EXPORT_ID: &str = "exp_01m7ynayrde9q4t7w2x5z8c3mk";
pub(super) const GAME_ID: &str = "gam_01m7ynayree4h7k2n5q8t3w6yb";
const AUTHOR_ID: &str = "usr_01m7ynayqxe4ma4jz41b93y214";

/// 2026-11-21T09:00:00.123Z, the instant of every sample.
pub(super) const fn the_moment() -> DateTime<Utc> {
    // Milliseconds that are not zero, so that a dialect which loses them is seen.
    match DateTime::from_timestamp_millis(1_795_251_600_123) {
        Some(instant) => instant,
        None => DateTime::UNIX_EPOCH,
    }
}

pub(super) fn learner() -> Arc<UserFacts> {
    Arc::new(UserFacts {
        id: LEARNER_ID.to_owned(),
        number: 2_000_000_011,
        external_id: Some("sample-2026-0417".to_owned()),
        email: "haneul.kim@example.com".to_owned(),
        name: "김하늘".to_owned(),
        first_name: "하늘".to_owned(),
        last_name: "김".to_owned(),
        role: "learner".to_owned(),
    })
}

pub(super) fn author() -> Arc<UserFacts> {
    Arc::new(UserFacts {
        id: AUTHOR_ID.to_owned(),
        number: 2_000_000_012,
        external_id: None,
        email: "sora.park@example.com".to_owned(),
        name: "박소라".to_owned(),
        first_name: "소라".to_owned(),
        last_name: "박".to_owned(),
        role: "manager".to_owned(),
    })
}

pub(super) fn group() -> Arc<GroupFacts> {
    Arc::new(GroupFacts {
        id: "grp_01m7ynayr8f2wtm4c9x1n5s7ke".to_owned(),
        external_id: Some("sample-2026-spring".to_owned()),
        name: "Spring 2026".to_owned(),
    })
}

pub(super) fn course() -> Arc<CourseFacts> {
    Arc::new(CourseFacts {
        id: COURSE_ID.to_owned(),
        number: 2_000_000_021,
        external_id: Some("sample-KOR-101".to_owned()),
        slug: "everyday-korean".to_owned(),
        title: "Everyday Korean · 일상 한국어".to_owned(),
        cover_url: None,
        author_id: Some(AUTHOR_ID.to_owned()),
    })
}

pub(super) fn lesson() -> Arc<LessonFacts> {
    Arc::new(LessonFacts {
        id: LESSON_ID.to_owned(),
        number: 2_000_000_031,
        external_id: None,
        title: "At the market".to_owned(),
        position: 1,
    })
}

pub(super) fn training() -> Arc<TrainingFacts> {
    Arc::new(TrainingFacts { id: TRAINING_ID.to_owned(), external_id: None, title: "Prices and numbers".to_owned() })
}

pub(super) fn item(kind: ItemKind) -> Arc<ItemFacts> {
    Arc::new(ItemFacts {
        id: ITEM_ID.to_owned(),
        number: 2_000_000_041,
        external_id: None,
        kind,
        title: "How much is it?".to_owned(),
    })
}

pub(super) fn standing_new() -> StandingFacts {
    StandingFacts {
        id: STANDING_ID.to_owned(),
        number: 2_000_000_051,
        status: StandingStatus::NotStarted,
        progress: 0,
        success: None,
        score: None,
        best_score: None,
        attempts: 0,
        time_spent_seconds: 0,
        started_at: None,
        completed_at: None,
        created_at: the_moment(),
        updated_at: the_moment(),
    }
}

pub(super) fn standing_begun() -> StandingFacts {
    StandingFacts { status: StandingStatus::InProgress, started_at: Some(the_moment()), ..standing_new() }
}

pub(super) fn standing_passed() -> StandingFacts {
    let began = before(the_moment(), 25);
    StandingFacts {
        status: StandingStatus::Passed,
        progress: 10_000,
        success: Some(true),
        score: Some(Score { raw: 8.5, min: 0.0, max: 10.0 }),
        best_score: Some(8_500),
        attempts: 1,
        time_spent_seconds: 1_440,
        started_at: Some(began),
        completed_at: Some(the_moment()),
        created_at: began,
        ..standing_new()
    }
}

pub(super) fn enrolment() -> EnrolmentFacts {
    EnrolmentFacts {
        id: ENROLMENT_ID.to_owned(),
        status: "active".to_owned(),
        enrolled_at: before(the_moment(), 25),
        completed_at: None,
        due_at: None,
        enrolled_by: Some(author()),
    }
}

pub(super) fn enrolment_over() -> EnrolmentFacts {
    EnrolmentFacts { status: "completed".to_owned(), completed_at: Some(the_moment()), ..enrolment() }
}

pub(super) fn webhook_gone() -> WebhookFacts {
    WebhookFacts {
        id: WEBHOOK_ID.to_owned(),
        url: "https://hooks.example.com/stoa".to_owned(),
        failing_since: None,
        failed_attempts: 1,
        last_error: Some("it answered 410".to_owned()),
        disables_at: None,
    }
}

pub(super) fn webhook_failing() -> WebhookFacts {
    WebhookFacts {
        failing_since: Some(before(the_moment(), 40)),
        failed_attempts: 12,
        last_error: Some("it answered 503".to_owned()),
        ..webhook_gone()
    }
}

pub(super) fn delivery() -> DeliveryFacts {
    DeliveryFacts {
        id: "dlv_01m7ynayr7e8v9m0d2k4q6s8wt".to_owned(),
        event_id: "evt_01m7ynayr8f1x3z5b7d9g2j4mn".to_owned(),
        event_type: EventType::CourseCompleted.as_str().to_owned(),
        attempts: 6,
        last_error: Some("it answered 503".to_owned()),
    }
}

pub(super) fn member(status: &str, changed: &[&str]) -> MemberFacts {
    MemberFacts {
        role: "learner".to_owned(),
        status: status.to_owned(),
        provisioned_by: "csv".to_owned(),
        changed: changed.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub(super) fn submission() -> SubmissionFacts {
    SubmissionFacts { is_initial: true, submitter: Some(author()), reviewer: None }
}

pub(super) fn member_import(status: &str, reason: Option<&str>) -> MemberImportFacts {
    let planned =
        MemberImportCounts { create: 41, update: 7, unchanged: 612, invalid: 2, ..MemberImportCounts::default() };
    MemberImportFacts {
        id: IMPORT_ID.to_owned(),
        status: status.to_owned(),
        mode: "apply".to_owned(),
        data_set: Some("sample-students".to_owned()),
        file_name: Some("students.csv".to_owned()),
        planned,
        applied: (status == "completed_with_errors").then_some(planned),
        reason: reason.map(ToOwned::to_owned),
    }
}

pub(super) fn lifecycle(status: &str, previous: &str, reason: &str) -> LifecycleFacts {
    LifecycleFacts {
        status: status.to_owned(),
        previous_status: previous.to_owned(),
        reason: reason.to_owned(),
        erase_after: (status == "closing").then(|| the_moment() + chrono::TimeDelta::days(30)),
    }
}

pub(super) fn token(reason: Option<&str>) -> TokenFacts {
    TokenFacts {
        id: TOKEN_ID.to_owned(),
        kind: "integration".to_owned(),
        name: "Warehouse sync".to_owned(),
        last4: "7q2x".to_owned(),
        abilities: vec!["progress:read".to_owned(), "webhooks:read".to_owned()],
        created_by: Some(AUTHOR_ID.to_owned()),
        expires_at: Some(the_moment() + chrono::TimeDelta::days(1)),
        reason: reason.map(ToOwned::to_owned),
    }
}

pub(super) fn levels(is_changed: bool) -> CefrFacts {
    let of = |skill: &str, level: Option<&str>| (skill.to_owned(), level.map(ToOwned::to_owned));
    let change = |skill: &str, from: Option<&str>, to: &str| CefrChange {
        skill: skill.to_owned(),
        from: from.map(ToOwned::to_owned),
        to: Some(to.to_owned()),
    };
    CefrFacts {
        id: CEFR_PROFILE_ID.to_owned(),
        language: "ko".to_owned(),
        level: Some("B1".to_owned()),
        status: "provisional".to_owned(),
        skills: [
            of("listening", Some("B1")),
            of("reading", Some("B1+")),
            of("speaking", Some("B1")),
            of("writing", None),
        ]
        .into(),
        changes: if is_changed {
            vec![change("speaking", Some("A2+"), "B1"), change("overall", None, "B1")]
        } else {
            Vec::new()
        },
        reason: "evidence_recorded".to_owned(),
        evidence_ids: vec!["evd_01m7ynayrcf3s5h8n2q4w6y9zc".to_owned()],
    }
}

pub(super) fn export(status: &str, reason: Option<&str>) -> ExportFacts {
    let whole = reason.is_none();
    ExportFacts {
        id: EXPORT_ID.to_owned(),
        export_type: "learner_progress".to_owned(),
        status: status.to_owned(),
        format: "csv".to_owned(),
        as_of: Some(the_moment()),
        row_count: whole.then_some(20_412),
        size_bytes: whole.then_some(3_918_204),
        sha256: whole.then(|| "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
        next_since: whole.then(|| "learner_progress.1f3a9c".to_owned()),
        expires_at: whole.then(|| the_moment() + chrono::TimeDelta::days(7)),
        reason: reason.map(ToOwned::to_owned),
    }
}

fn today() -> NaiveDate {
    the_moment().date_naive()
}

pub(super) fn xp() -> XpFacts {
    let entry = |rule: &str, amount| XpEntryFacts {
        rule: rule.to_owned(),
        amount,
        source: "sample-activity-1".to_owned(),
        local_date: today(),
    };
    XpFacts {
        awarded: 35,
        total: 1_240,
        entries: vec![entry("active_day", 5), entry("item_completed", 10), entry("lesson_completed", 20)],
        more: 0,
    }
}

pub(super) fn achievement() -> AchievementFacts {
    AchievementFacts { key: "streak".to_owned(), tier: "bronze".to_owned(), target: 7, unlocked_at: the_moment() }
}

pub(super) fn streak(current: i64, previous: i64) -> StreakFacts {
    StreakFacts {
        current,
        previous,
        longest: 12,
        dates: vec![today()],
        tz: "Asia/Seoul".to_owned(),
        expires_at: (current > 0).then(|| the_moment() + chrono::TimeDelta::hours(30)),
        freezes_available: 1,
    }
}

/// Whoever was erased: the ids remain.
pub(super) fn former() -> Arc<UserFacts> {
    let learner = learner();
    Arc::new(UserFacts {
        id: learner.id.clone(),
        number: learner.number,
        external_id: None,
        email: format!("{}@erased.invalid", learner.id),
        name: "Former learner".to_owned(),
        first_name: "Former".to_owned(),
        last_name: "learner".to_owned(),
        role: learner.role.clone(),
    })
}

pub(super) fn erasure(status: &str) -> ErasureFacts {
    let is_over = status == "completed";
    ErasureFacts {
        id: ERASURE_ID.to_owned(),
        status: status.to_owned(),
        requested_at: the_moment() - chrono::TimeDelta::days(if is_over { 3 } else { 0 }),
        erase_after: is_over.then(the_moment),
        completed_at: is_over.then(the_moment),
    }
}
