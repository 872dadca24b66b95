//! A subscription request of the samples, and a subscription that support made.
//!
//! Not here: which event shows them (`samples`).
//!
//! # Source
//! RFC 2606 section 3 for `example.com`.

use super::facts::{COURSE_ID, WEBHOOK_ID};
use crate::event::{SubscriptionFacts, SubscriptionRequestFacts, SubscriptionRequestItemFacts};

pub(super) const REQUEST_ID: &str = "srq_01m7ynayr8exw9m4d2b6c0t5ka";
pub(super) const SUBSCRIPTION_ID: &str = "sub_01m7ynayr9ez3q7n5f1h8p2rvd";

/// Half of what was wanted is approved.
pub(super) fn approved() -> SubscriptionRequestFacts {
    let quizzes = SubscriptionRequestItemFacts {
        outcome: "approved".to_owned(),
        approved_events: names(&["quiz_stat.created", "quiz_stat.updated"]),
        webhook_id: Some(WEBHOOK_ID.to_owned()),
        subscription_id: Some(SUBSCRIPTION_ID.to_owned()),
        ..item(1, &["quiz_stat.created", "quiz_stat.updated"])
    };
    SubscriptionRequestFacts {
        items: vec![quizzes, SubscriptionRequestItemFacts { outcome: "rejected".to_owned(), ..item(2, &["*"]) }],
        ..request("approved", Some("Only the types that the agreement names."))
    }
}

pub(super) fn rejected() -> SubscriptionRequestFacts {
    let item = SubscriptionRequestItemFacts { outcome: "rejected".to_owned(), ..item(1, &["*"]) };
    SubscriptionRequestFacts {
        items: vec![item],
        ..request("rejected", Some("The address answers with a sign-in page."))
    }
}

pub(super) fn expired() -> SubscriptionRequestFacts {
    SubscriptionRequestFacts { items: vec![item(1, &["*"])], ..request("expired", None) }
}

pub(super) fn subscription() -> SubscriptionFacts {
    SubscriptionFacts {
        id: SUBSCRIPTION_ID.to_owned(),
        webhook_id: WEBHOOK_ID.to_owned(),
        url: "https://hooks.example.com/teachbase".to_owned(),
        dialect: "teachbase".to_owned(),
        events: names(&["quiz_stat.created", "quiz_stat.updated"]),
        scope: Some(vec![COURSE_ID.to_owned()]),
        by: "Vera".to_owned(),
        reason: Some("As agreed by telephone.".to_owned()),
    }
}

fn request(status: &str, decision: Option<&str>) -> SubscriptionRequestFacts {
    SubscriptionRequestFacts {
        id: REQUEST_ID.to_owned(),
        external_id: Some("ticket-4711".to_owned()),
        dialect: "teachbase".to_owned(),
        status: status.to_owned(),
        reason: "Результаты тестов нужны отделу кадров.".to_owned(),
        decision: decision.map(ToOwned::to_owned),
        items: Vec::new(),
    }
}

fn item(number: i32, events: &[&str]) -> SubscriptionRequestItemFacts {
    SubscriptionRequestItemFacts {
        number,
        url: "https://hooks.example.com/teachbase".to_owned(),
        events: names(events),
        scope: Some(vec![COURSE_ID.to_owned()]),
        outcome: "pending".to_owned(),
        approved_events: Vec::new(),
        webhook_id: None,
        subscription_id: None,
    }
}

fn names(events: &[&str]) -> Vec<String> {
    events.iter().map(ToString::to_string).collect()
}
