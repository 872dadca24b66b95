//! Institutions as they are shown: to their own people, and to the platform's staff, who see how they do as well.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Id, TenantId, id,
    institutions::{
        Branding, Institution, InstitutionStatus, Kept, RequestLimits, Rules, TrialStatus,
        search::{COUNTED, Health},
    },
};

use crate::doors::{Sample, sample};

/// An institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Institution")]
pub(super) struct InstitutionView {
    /// Id.
    id: TenantId,
    /// Integer id.
    number: i64,
    /// Readable name in addresses.
    slug: String,
    /// The operator's own key.
    external_id: Option<String>,
    /// Shown to people.
    name: String,
    /// Language tag, default of the institution's letters.
    locale: String,
    /// IANA zone, default of civil dates.
    time_zone: String,
    /// Life of the contract.
    status: InstitutionStatus,
    /// Where its data should lie, a word of the operator's.
    region: Option<String>,
    /// What it has bought, a word of the operator's.
    plan: Option<String>,
    /// Seats that it may fill; null means no limit. Doors of its members tell how many are taken.
    seats_total: Option<i32>,
    /// How it wants to look.
    branding: Branding,
    /// How long its rows are kept, in days.
    retention: RetentionView,
    /// Longest life of its tokens, in days; null means no limit.
    token_max_days: Option<i32>,
    /// Rates of its requests, where they differ from the platform's.
    request_limits: Option<RequestLimits>,
    /// Its one trial.
    trial: TrialView,
    /// While it is suspended: since when and why.
    suspension: Option<SuspensionView>,
    /// While it leaves, and afterwards: since when, why, and when everything is erased.
    closing: Option<ClosingView>,
    /// When everything was erased.
    closed_at: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// To the platform's staff only: how it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<OperationsView>,
}

/// How long rows are kept, in days: what holds, and what the institution asked for itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionRetention")]
struct RetentionView {
    /// Events: how far back the feed reaches.
    events_days: u32,
    /// Deliveries that have ended, with their attempts.
    deliveries_days: u32,
    /// Bodies of deliveries as they were sent.
    delivery_bodies_days: u32,
    /// What it asked for; null where the platform's days hold.
    own: Kept,
}

/// A trial.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionTrial")]
struct TrialView {
    /// Where it is.
    status: TrialStatus,
    /// When it began.
    started_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    ends_at: Option<DateTime<Utc>>,
    /// Days that are left, begun ones counted; 0 only when it is over.
    days_remaining: Option<i64>,
}

/// Why an institution is suspended.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionSuspension")]
struct SuspensionView {
    /// Since when.
    since: Option<DateTime<Utc>>,
    /// Why.
    reason: Option<String>,
}

/// How an institution leaves.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionClosing")]
struct ClosingView {
    /// Since when.
    since: DateTime<Utc>,
    /// Why.
    reason: Option<String>,
    /// Not before this time everything is erased.
    erase_after: Option<DateTime<Utc>>,
}

/// How an institution does, for whoever operates the platform. Counts end at 10000.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionOperations")]
struct OperationsView {
    /// The reseller who brought it.
    reseller_id: Option<Id<id::Staff>>,
    /// Whether anything needs somebody.
    health: HealthView,
    /// How much it is used.
    usage: UsageView,
}

/// Whether anything needs somebody.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionHealth")]
struct HealthView {
    /// Nothing below is amiss.
    ok: bool,
    /// Receivers that fail, or were switched off for it.
    webhooks_failing: i64,
    /// Jobs that were given up.
    jobs_discarded: i64,
    /// Jobs that wait for their time or their turn.
    jobs_waiting: i64,
}

/// How much it is used.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionUsage")]
struct UsageView {
    /// Members who are active.
    members_active: i64,
    /// People who were invited and have not come yet.
    members_invited: i64,
    /// Courses.
    courses: i64,
    /// Receivers.
    webhooks: i64,
    /// Some count reached its bound.
    is_estimate: bool,
    /// When anything last happened.
    last_event_at: Option<DateTime<Utc>>,
}

impl InstitutionView {
    /// As its own people see it.
    pub(super) fn of(it: Institution, (rules, now): (&Rules, DateTime<Utc>)) -> Self {
        let (trial, kept) = (it.trial(now), it.retention.within(&rules.platform));
        Self {
            id: it.tenant_id,
            number: it.number,
            slug: it.slug,
            external_id: it.external_id,
            name: it.name,
            locale: it.locale,
            time_zone: it.time_zone,
            status: it.status,
            region: it.region,
            plan: it.plan,
            seats_total: it.seats_total,
            branding: it.branding,
            retention: RetentionView {
                events_days: kept.events_days,
                deliveries_days: kept.deliveries_days,
                delivery_bodies_days: kept.delivery_bodies_days,
                own: it.retention,
            },
            token_max_days: it.token_max_days,
            request_limits: it.request_limits,
            trial: TrialView {
                status: trial.status,
                started_at: trial.started_at,
                ends_at: trial.ends_at,
                days_remaining: trial.days_remaining,
            },
            suspension: (it.status == InstitutionStatus::Suspended)
                .then_some(SuspensionView { since: it.suspended_at, reason: it.suspended_reason }),
            closing: it.closing_at.map(|since| ClosingView {
                since,
                reason: it.closing_reason,
                erase_after: it.erase_after,
            }),
            closed_at: it.closed_at,
            created_at: it.created_at,
            updated_at: it.updated_at,
            operations: None,
        }
    }

    /// As the platform's staff sees it.
    pub(super) fn with(it: Institution, health: &Health, with: (&Rules, DateTime<Utc>)) -> Self {
        let operations = OperationsView { reseller_id: it.reseller_id, health: health.into(), usage: health.into() };
        Self { operations: Some(operations), ..Self::of(it, with) }
    }
}

impl From<&Health> for HealthView {
    fn from(health: &Health) -> Self {
        Self {
            ok: health.webhooks_failing == 0 && health.jobs_discarded == 0,
            webhooks_failing: health.webhooks_failing,
            jobs_discarded: health.jobs_discarded,
            jobs_waiting: health.jobs_waiting,
        }
    }
}

impl From<&Health> for UsageView {
    fn from(health: &Health) -> Self {
        let counts = [health.members_active, health.members_invited, health.courses, health.jobs_waiting];
        Self {
            members_active: health.members_active,
            members_invited: health.members_invited,
            courses: health.courses,
            webhooks: health.webhooks,
            is_estimate: counts.iter().any(|count| *count >= COUNTED),
            last_event_at: health.last_event_at,
        }
    }
}

impl Sample for InstitutionView {
    fn sample() -> Self {
        let rules = Rules::default();
        let it = Institution {
            tenant_id: sample::id(),
            number: 7,
            name: "School of Examples".into(),
            slug: "school-of-examples".into(),
            external_id: Some("crm-1042".into()),
            locale: "en".into(),
            time_zone: "Europe/London".into(),
            status: InstitutionStatus::Trial,
            region: Some("eu".into()),
            plan: Some("team".into()),
            reseller_id: None,
            seats_total: Some(250),
            branding: Branding { primary_color: Some("#0a5c36".into()), ..Branding::default() },
            retention: Kept { delivery_bodies_days: Some(7), ..Kept::default() },
            request_limits: None,
            token_max_days: Some(365),
            trial_started_at: Some(sample::time()),
            trial_ends_at: Some(sample::time() + chrono::TimeDelta::days(14)),
            suspended_at: None,
            suspended_reason: None,
            suspended_from: None,
            closing_at: None,
            closing_from: None,
            closing_reason: None,
            erase_after: None,
            closed_at: None,
            created_at: sample::time(),
            updated_at: sample::time(),
        };
        Self::with(it, &Health::none(), (&rules, sample::time()))
    }
}
