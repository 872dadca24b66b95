//! Tells whoever filed a request for subscriptions what became of it: what was approved, what was not, and why.
//!
//! Not here: who decides (`core/subscription_requests`).
//!
//! # Source
//! Ours, in the place of the letters that Teachbase's support answers (help.teachbase.ru,
//! managers/api-and-integrations/04).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionRequestDecided {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose request it is.
    pub institution_name: String,
    /// `srq_…`
    pub request_id: String,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// What became of it.
    pub verdict: RequestVerdict,
    /// Who filed it.
    pub filed_by: String,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// Why, in the requester's words.
    pub reason: String,
    /// Who of the staff decided; none where time did.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why, in support's words.
    pub decision: Option<String>,
    /// What was requested.
    pub items: Vec<DecidedItem>,
    /// Address of the request in the API.
    pub request_url: String,
    /// Address of the list of requests in the API, where another is filed.
    pub file_url: String,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestVerdict {
    /// All of it was approved.
    Approved,
    /// A part of it was approved.
    PartlyApproved,
    /// Nothing of it was approved.
    Rejected,
    /// Nobody decided in time.
    Expired,
}

/// One receiver of a request.
#[derive(Debug, Clone, Serialize)]
pub struct DecidedItem {
    /// From 1.
    pub number: i32,
    /// Where deliveries are to go.
    pub url: String,
    /// Event types as they were wanted; none means all.
    pub wanted: Option<String>,
    /// How many objects it is limited to; none means all.
    pub objects: Option<usize>,
    /// Of the types, those that were approved; none where nothing or everything was.
    pub approved: Option<String>,
    /// All types were wanted, and approved.
    pub all_approved: bool,
    /// Of the types, those that were not; none where all or none were.
    pub refused: Option<String>,
    /// All types were wanted, and refused.
    pub all_refused: bool,
    /// Where a secret is taken, of a webhook that was made for it.
    pub rotate_url: Option<String>,
}

impl Mail for SubscriptionRequestDecided {
    const NAME: &'static str = "subscription_request_decided";

    fn samples() -> Vec<Self> {
        let partly = sample(RequestVerdict::PartlyApproved, vec![quizzes(), half(), nothing()]);
        let whole = Self { external_id: None, decision: None, ..sample(RequestVerdict::Approved, vec![quizzes()]) };
        let why = Some("Адрес отвечает страницей входа.".to_owned());
        let rejected = Self { decision: why, ..sample(RequestVerdict::Rejected, vec![nothing()]) };
        let expired = Self { decision: None, decided_by: None, ..sample(RequestVerdict::Expired, vec![nothing()]) };
        vec![partly, whole, rejected, expired]
    }
}

fn sample(verdict: RequestVerdict, items: Vec<DecidedItem>) -> SubscriptionRequestDecided {
    let filed_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_778);
    let all = "https://stoa.example.com/api/integrations/subscription-requests";
    SubscriptionRequestDecided {
        recipient_name: "Ольга Иванова".to_owned(),
        institution_name: "Seoul & Partners <Academy>".to_owned(),
        request_id: "srq_01m7ynayr8exw9m4d2b6c0t5ka".to_owned(),
        external_id: Some("ticket-4711".to_owned()),
        verdict,
        filed_by: "Ольга Иванова".to_owned(),
        filed_at,
        reason: "Результаты тестов нужны отделу кадров.\nСрок — до декабря.".to_owned(),
        decided_by: Some("Vera".to_owned()),
        decided_at: Some(filed_at + TimeDelta::hours(3)),
        decision: Some("Statistics of whole courses need an agreement of their own.".to_owned()),
        items,
        request_url: format!("{all}/srq_01m7ynayr8exw9m4d2b6c0t5ka"),
        file_url: all.to_owned(),
    }
}

fn quizzes() -> DecidedItem {
    let webhook = "https://stoa.example.com/api/integrations/webhooks/whk_01m7ynayr5ee9ag9yxnpgq1csr";
    DecidedItem {
        number: 1,
        url: "https://hooks.example.com/in?school=1&kind=\"a\"".to_owned(),
        wanted: Some("quiz_stat.created, quiz_stat.updated".to_owned()),
        objects: None,
        approved: Some("quiz_stat.created, quiz_stat.updated".to_owned()),
        all_approved: false,
        refused: None,
        all_refused: false,
        rotate_url: Some(format!("{webhook}/secret/rotate")),
    }
}

fn half() -> DecidedItem {
    DecidedItem {
        number: 2,
        wanted: Some("course_stat.created, task_stat.updated".to_owned()),
        objects: Some(3),
        approved: Some("task_stat.updated".to_owned()),
        refused: Some("course_stat.created".to_owned()),
        rotate_url: None,
        ..quizzes()
    }
}

fn nothing() -> DecidedItem {
    DecidedItem {
        number: 3,
        wanted: None,
        objects: Some(1),
        approved: None,
        all_refused: true,
        rotate_url: None,
        ..quizzes()
    }
}
