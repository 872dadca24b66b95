//! The life of an institution: suspended, resumed, converted, closed and reopened, by operators alone.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{Ability, staff::StaffRole};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

struct Office {
    house: TestHouse,
    operator: Caller,
    path: String,
}

impl Office {
    async fn new() -> Self {
        let house = TestHouse::new().await;
        let operator = house.staff("olga", StaffRole::Operator).await;
        let path = format!("/api/institutions/{}", house.school.tenant);
        Self { house, operator, path }
    }

    async fn does(&self, verb: &str) -> Answer {
        self.operator.post(&format!("{}/{verb}", self.path), json!({ "reason": format!("we {verb} it") })).await
    }

    async fn status(&self) -> Value {
        self.operator.get(&self.path).await.data()["status"].clone()
    }
}

#[actix_web::test]
async fn each_step_is_shown_and_can_be_taken_back() {
    let office = Office::new().await;
    let suspended = office.does("suspend").await.data();
    assert_eq!(
        (&suspended["status"], &suspended["suspension"]["reason"]),
        (&json!("suspended"), &json!("we suspend it"))
    );
    assert_eq!(office.does("suspend").await.data(), suspended, "twice is once");
    let resumed = office.does("resume").await.data();
    assert_eq!((&resumed["status"], &resumed["suspension"]), (&json!("active"), &Value::Null));
    let closing = office.does("close").await.data();
    assert_eq!((&closing["status"], &closing["closing"]["reason"]), (&json!("closing"), &json!("we close it")));
    assert_eq!(closing["closing"]["erase_after"], "2026-12-21T09:00:00Z", "thirty days, if nothing is said");
    assert_eq!(office.does("suspend").await.data()["status"], "suspended");
    assert_eq!(office.does("activate").await.refusal().0, 409);
    assert_eq!(office.does("resume").await.data()["status"], "closing");
    let reopened = office.does("reopen").await.data();
    assert_eq!((&reopened["status"], &reopened["closing"]), (&json!("active"), &Value::Null));
    office.house.settle().await;
}

#[actix_web::test]
async fn a_trial_becomes_a_contract() {
    let office = Office::new().await;
    let new = json!({ "name": "Trier", "external_id": "trier", "admin_email": "a@trier.example" });
    let made = office.operator.post("/api/institutions", new).await.data();
    let path = format!("/api/institutions/{}", made["id"].as_str().unwrap());
    let longer = office.operator.patch(&path, json!({ "trial_ends_at": "2027-01-21T09:00:00Z" })).await.data();
    assert_eq!(longer["trial"]["days_remaining"], 61);
    office.house.clock.advance(TimeDelta::days(59));
    assert_eq!(office.operator.get(&path).await.data()["trial"]["status"], "ending_soon");
    office.house.clock.advance(TimeDelta::days(2));
    let over = office.operator.get(&path).await.data();
    assert_eq!((&over["trial"]["status"], &over["status"]), (&json!("expired"), &json!("trial")), "it ends nothing");
    let bought = office.operator.post(&format!("{path}/activate"), json!({ "reason": "signed" })).await.data();
    assert_eq!((&bought["status"], &bought["trial"]["status"]), (&json!("active"), &json!("converted")));
    let never = office.operator.patch(&office.path, json!({ "trial_ends_at": "2027-01-21T09:00:00Z" })).await;
    assert_eq!(never.refusal().0, 409, "what never was is not extended");
    office.house.settle().await;
}

#[actix_web::test]
async fn nothing_is_done_without_a_reason_or_by_anybody_else() {
    let office = Office::new().await;
    for verb in ["suspend", "resume", "activate", "close", "reopen"] {
        let path = format!("{}/{verb}", office.path);
        for body in [json!({}), json!({ "reason": " " }), json!({ "reason": "x".repeat(501) })] {
            assert_eq!(office.operator.post(&path, body).await.refusal().2, ["/reason"], "{verb}");
        }
        let why = json!({ "reason": "because" });
        assert_eq!(office.house.owner().post(&path, why.clone()).await.refusal().0, 401);
        assert_eq!(office.house.token(Ability::ALL).await.post(&path, why.clone()).await.refusal().0, 401);
        let support = office.house.staff(&format!("vera-{verb}"), StaffRole::Support).await;
        assert_eq!(support.post(&path, why.clone()).await.refusal().0, 403);
        let nowhere = format!("/api/institutions/inst_00000000000000000000000001/{verb}");
        assert_eq!(office.operator.post(&nowhere, why).await.refusal().0, 404);
    }
    let past = json!({ "reason": "because", "erase_after": "2026-11-21T08:59:59Z" });
    assert_eq!(office.operator.post(&format!("{}/close", office.path), past).await.refusal().2, ["/erase_after"]);
    assert_eq!(office.status().await, "active");
}

#[actix_web::test]
async fn every_step_is_on_record_and_told() {
    let office = Office::new().await;
    let lms = office.house.receivers.at("https://lms.example/hooks");
    let hook = json!({ "url": lms.url(), "events": ["*"] });
    office.house.admin().post("/api/integrations/webhooks", hook).await.data();
    for verb in ["suspend", "suspend", "resume", "close", "reopen"] {
        office.does(verb).await.data();
    }
    office.house.settle().await;
    let entries = office.house.owner().get("/api/audit-log?actor=staff&per_page=100").await.data();
    let said: Vec<_> =
        entries.as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["after"]["reason"])).collect();
    let wanted = [
        ("institution.reopened", "we reopen it"),
        ("institution.closing", "we close it"),
        ("institution.resumed", "we resume it"),
        ("institution.suspended", "we suspend it"),
    ];
    assert_eq!(
        said,
        wanted.each_ref().map(|(action, why)| (json!(action), json!(why))).each_ref().map(|(a, b)| (a, b))
    );
    assert_eq!(entries[3]["before"]["status"], "active");
    let mut told = lms.take();
    told.sort_by_key(|call| call.json()["object"]["revision"].as_i64());
    let told: Vec<_> =
        told.iter().map(|call| (call.event_type(), call.json()["data"]["lifecycle"]["status"].clone())).collect();
    let wanted = [
        ("institution.suspended", "suspended"),
        ("institution.resumed", "active"),
        ("institution.closing", "closing"),
        ("institution.reopened", "active"),
    ];
    assert_eq!(told, wanted.map(|(event, status)| (event.to_owned(), json!(status))));
}
