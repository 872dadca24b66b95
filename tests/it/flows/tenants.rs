//! What every node remembers of an institution: how soon it hears of a change, and that losing it loses nothing.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::tenant::{ImportProgress, ImportTurn, TenantDirectory};
use stoa_core::{Id, TenantId, institutions::InstitutionStatus};

use crate::support::{TestHouse, node::Node};

/// Longest wait for what is due within a second: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// A token is believed so long.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(500);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "{what} does not come");
        tokio::task::yield_now().await;
    }
    began.elapsed()
}

fn change_status(house: &TestHouse, status: &str) {
    let tenant = house.school.tenant.uuid();
    assert_eq!(
        house.database.run(&format!("UPDATE institutions SET status = '{status}' WHERE tenant_id = '{tenant}'")),
        1
    );
}

async fn status_at(directory: &TenantDirectory, tenant: TenantId) -> Option<InstitutionStatus> {
    directory.recall(tenant).await.settings.map(|settings| settings.status)
}

async fn active_at(directory: &TenantDirectory, tenant: TenantId) -> Option<i64> {
    directory.recall(tenant).await.counts.map(|counts| counts.active)
}

fn nodes<'a>(house: &'a TestHouse, other: &'a Node) -> [&'a TenantDirectory; 2] {
    [&house.tools().tenants, &other.tools.tenants]
}

/// The live things of a node as its operator sees them.
async fn tenants_of(node: &Node) -> Value {
    let seen = node.app.actors.observe().await;
    serde_json::to_value(seen.iter().find(|one| one.actor == "tenants").expect("the tenants")).unwrap()
}

#[actix_web::test]
async fn every_node_hears_of_a_suspension_and_of_its_end() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let tenant = house.school.tenant;
    let callers = [house.owner(), TestHouse::caller_of(&other, Some(&house.school.owner.token))];
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.status, 200);
    }
    change_status(&house, "suspended");
    for directory in nodes(&house, &other) {
        until("the news", async || status_at(directory, tenant).await == Some(InstitutionStatus::Suspended)).await;
    }
    house.clock.advance(BELIEVED);
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.refusal().1, "tenant_suspended");
    }
    change_status(&house, "active");
    house.clock.advance(BELIEVED);
    for caller in &callers {
        until("the end", async || caller.get("/api/courses").await.status == 200).await;
    }
}

#[actix_web::test]
async fn what_changed_while_nobody_listened_is_read_when_they_do_again() {
    let house = TestHouse::new().await;
    let tenant = house.school.tenant;
    let directory = &house.tools().tenants;
    assert_eq!(status_at(directory, tenant).await, Some(InstitutionStatus::Active));
    // The change is committed, and its news lost with the connection, in one moment.
    house.database.run(&format!(
        "DO $$ BEGIN
           PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
           UPDATE institutions SET status = 'suspended' WHERE tenant_id = '{}';
         END $$",
        tenant.uuid()
    ));
    until("the status", async || status_at(directory, tenant).await == Some(InstitutionStatus::Suspended)).await;
    let seen = tenants_of(&house.node).await;
    assert!(seen["state"]["busiest"][0]["knows"]["reads"].as_i64().unwrap() >= 2, "{seen}");
}

#[actix_web::test]
async fn counters_follow_the_members_and_activity_does_not_touch_them() {
    let house = TestHouse::new().await;
    let (tenant, directory) = (house.school.tenant, &house.tools().tenants);
    until("a first count", async || active_at(directory, tenant).await.is_some()).await;
    let before = active_at(directory, tenant).await.unwrap();
    let new = json!({ "email": "new@home.example", "name": "New Person" });
    house.admin().post(&format!("/api/institutions/{tenant}/members"), new).await.data();
    until("the count", async || {
        let counts = directory.recall(tenant).await.counts.unwrap();
        counts.active + counts.invited == before + 1
    })
    .await;
    let reads = |seen: &Value| seen["state"]["busiest"][0]["counted"]["reads"].as_i64().unwrap();
    let counted = reads(&tenants_of(&house.node).await);
    let (course, learners) = house.class(&[&[stoa_protocols::event::ItemKind::Quiz]], &["ana"]).await;
    until("the class", async || reads(&tenants_of(&house.node).await) > counted).await;
    let counted = reads(&tenants_of(&house.node).await);
    let event = json!({ "events": [{
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learners[0].id },
        "object": { "kind": "course", "id": course.id }, "verb": "started",
    }] });
    house.admin().post("/api/progress-events", event).await.data();
    house.settle().await;
    assert_eq!(reads(&tenants_of(&house.node).await), counted, "what learners do changes no counter");
}

#[actix_web::test]
async fn an_actor_that_breaks_down_loses_nothing() {
    let house = TestHouse::new().await;
    let (tenant, directory) = (house.school.tenant, &house.tools().tenants);
    let import = Id::from_uuid(uuid::Uuid::from_u128(7));
    assert_eq!(directory.admit_import(tenant, import).await, ImportTurn::Its);
    assert_eq!(house.owner().get("/api/courses").await.status, 200);
    let before = tenants_of(&house.node).await;
    directory.break_down(tenant).await;
    change_status(&house, "suspended");
    until("the status", async || status_at(directory, tenant).await == Some(InstitutionStatus::Suspended)).await;
    change_status(&house, "active");
    until("the status", async || status_at(directory, tenant).await == Some(InstitutionStatus::Active)).await;
    assert_eq!(house.owner().get("/api/courses").await.status, 200);
    // Its job tells how far it is, and so the successor knows that it runs.
    assert!(!directory.import_progress(tenant, import, ImportProgress { rows_done: 5, rows_total: Some(9) }).await);
    let other = Id::from_uuid(uuid::Uuid::from_u128(8));
    assert_eq!(directory.admit_import(tenant, other).await, ImportTurn::Anothers(import));
    let after = tenants_of(&house.node).await;
    let life = |seen: &Value| seen["state"]["busiest"][0]["life"].as_i64().unwrap();
    assert!(life(&after) > life(&before), "{after}");
    assert_eq!(after["state"]["respawned"], 1);
    assert_eq!(after["state"]["busiest"][0]["import"]["rows_done"], 5);
    house.settle().await;
}

#[actix_web::test]
async fn an_operator_sees_what_a_node_knows() {
    let house = TestHouse::new().await;
    house.owner().get("/api/courses").await;
    let (tenant, directory) = (house.school.tenant, &house.tools().tenants);
    until("a first count", async || active_at(directory, tenant).await.is_some()).await;
    let mut seen = Value::Null;
    until("what is known is news no more", async || {
        seen = tenants_of(&house.node).await;
        seen["state"]["busiest"][0]["knows"]["state"] == "warm"
    })
    .await;
    let own = &seen["state"]["busiest"][0];
    assert_eq!(own["institution_id"], tenant.to_string());
    assert_eq!((&own["knows"]["state"], &own["knows"]["age_ms"]), (&json!("warm"), &json!(0)));
    assert_eq!(own["settings"]["status"], "active");
    assert_eq!(own["settings"]["locale"], "en");
    assert!(own["counts"]["seats_in_use"].as_i64().unwrap() >= 4, "{own}");
    assert_eq!(own["import"], Value::Null);
    assert_eq!(seen["state"]["hears"], true);
}
