//! What somebody should look at: tokens that nobody uses, that may do too much, that end soon.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;

use super::{ME, TOKENS, make, make_with, path};
use crate::support::{TestHouse, callers::Caller};

async fn names(caller: &Caller, filter: &str) -> Vec<String> {
    let rows = caller.get(&format!("{TOKENS}?{filter}")).await.data();
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

async fn flags(house: &TestHouse, token: &Value) -> Value {
    house.admin().get(&path(token)).await.data()["flags"].clone()
}

async fn note(house: &TestHouse) {
    let app = &house.node.app;
    app.touches.flush(&app.db).await.unwrap();
}

#[actix_web::test]
async fn a_list_is_narrowed_by_ability_and_status() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (name, abilities, end) in [
        ("active", json!(["content:read"]), Value::Null),
        ("soon", json!(["content:read", "progress:read"]), json!("2026-11-30T09:00:00Z")),
        ("over", json!(["progress:read"]), json!("2026-11-21T09:30:00Z")),
        ("gone", json!(["progress:read"]), Value::Null),
    ] {
        let made = admin.post(TOKENS, json!({ "name": name, "abilities": abilities, "expires_at": end })).await.data();
        if name == "gone" {
            admin.delete(&path(&made)).await.expect(StatusCode::NO_CONTENT);
        }
    }
    house.clock.advance(TimeDelta::hours(1));
    assert_eq!(names(&admin, "status=active").await, ["active"]);
    assert_eq!(names(&admin, "status=expiring").await, ["soon"]);
    assert_eq!(names(&admin, "status=expired").await, ["over"]);
    assert_eq!(names(&admin, "status=revoked").await, ["gone"]);
    assert_eq!(names(&admin, "ability=content:read").await, ["soon", "active"]);
    assert_eq!(names(&admin, "ability=progress:read&status=revoked").await, ["gone"]);
    assert_eq!(names(&admin, "flag=expiring").await, ["soon"]);
    for wrong in ["status=dead", "ability=content:raed", "flag=odd", "colour=red"] {
        assert_eq!(admin.get(&format!("{TOKENS}?{wrong}")).await.refusal().0, 422, "{wrong}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn an_ability_is_noted_when_it_is_used() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["content:read", "content:write", "tokens:read"]).await;
    let holder = house.caller(made["token"].as_str());
    let unused = async || {
        note(&house).await;
        house.admin().get(&path(&made)).await.data()["unused_abilities"].clone()
    };
    assert_eq!(unused().await, json!(["content:read", "content:write", "tokens:read"]));
    holder.get(ME).await.expect(StatusCode::OK);
    holder.get(TOKENS).await.expect(StatusCode::OK);
    assert_eq!(holder.get("/api/audit-log").await.status, 403, "what was refused was not used");
    assert_eq!(unused().await, json!(["content:read", "content:write"]));
    // In the same minute, of which the last use is not written again.
    holder.get("/api/courses").await.expect(StatusCode::OK);
    holder.get("/api/courses").await.expect(StatusCode::OK);
    assert_eq!(unused().await, json!(["content:write"]));
    house.clock.advance(TimeDelta::minutes(2));
    holder.get(TOKENS).await.expect(StatusCode::OK);
    assert_eq!(unused().await, json!(["content:write"]), "and nothing is forgotten");
}

#[actix_web::test]
async fn a_token_that_may_more_than_it_does_is_flagged_after_a_month() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["content:read", "tokens:read"]).await;
    let idle = make(&house.admin(), &["content:read"]).await;
    house.caller(made["token"].as_str()).get(TOKENS).await.expect(StatusCode::OK);
    note(&house).await;
    assert_eq!(flags(&house, &made).await, json!([]), "what it is for shows within a month");
    house.clock.advance(TimeDelta::days(31));
    assert_eq!(flags(&house, &made).await, json!(["over_broad"]));
    assert_eq!(names(&house.admin(), "flag=over_broad").await, ["Warehouse"]);
    assert_eq!(flags(&house, &idle).await, json!([]), "one that was never used says nothing of what it is for");
    house.caller(made["token"].as_str()).get("/api/courses").await.expect(StatusCode::OK);
    note(&house).await;
    assert_eq!(flags(&house, &made).await, json!([]));
    assert!(names(&house.admin(), "flag=over_broad").await.is_empty());
}

#[actix_web::test]
async fn a_token_that_may_everything_is_flagged_at_once() {
    let house = TestHouse::new().await;
    let all: Vec<&str> = Ability::ALL.iter().map(|ability| ability.as_str()).collect();
    let made = make(&house.owner(), &all).await;
    assert_eq!(flags(&house, &made).await, json!(["over_broad"]));
    assert_eq!(names(&house.admin(), "flag=over_broad").await, ["Warehouse"]);
}

#[actix_web::test]
async fn a_token_that_nobody_uses_is_flagged_after_ninety_days() {
    let house = TestHouse::new().await;
    let never = make(&house.admin(), &["content:read"]).await;
    let once = make(&house.admin(), &["content:read"]).await;
    let ended = make_with(&house.admin(), &["content:read"], json!({ "expires_at": "2026-12-21T09:00:00Z" })).await;
    house.clock.advance(TimeDelta::days(60));
    house.caller(once["token"].as_str()).get("/api/courses").await.expect(StatusCode::OK);
    note(&house).await;
    house.clock.advance(TimeDelta::days(31));
    assert_eq!(flags(&house, &never).await, json!(["unused"]));
    assert_eq!((flags(&house, &once).await, flags(&house, &ended).await), (json!([]), json!([])));
    house.clock.advance(TimeDelta::days(60));
    assert_eq!(flags(&house, &once).await, json!(["unused"]));
    assert_eq!(names(&house.admin(), "flag=unused").await.len(), 2, "what does not work any more needs no look");
}

#[actix_web::test]
async fn a_token_is_renamed_and_that_is_noted() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["content:read"]).await;
    let changed = house.admin().patch(&path(&made), json!({ "name": " Lyon " })).await.data();
    assert_eq!((&changed["name"], &changed["token"]), (&json!("Lyon"), &Value::Null));
    house.admin().patch(&path(&made), json!({ "name": "Lyon" })).await.data();
    let log = house.owner().get("/api/audit-log?action=token.updated").await.data();
    assert_eq!(log.as_array().unwrap().len(), 1, "the same again changes nothing");
    assert_eq!((&log[0]["before"]["name"], &log[0]["after"]["name"]), (&json!("Warehouse"), &json!("Lyon")));
    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "abilities": ["content:read"] }), "/abilities"),
        (json!({ "ip_allowlist": ["x"] }), "/ip_allowlist/0"),
    ] {
        let refused = house.admin().patch(&path(&made), body).await.refusal();
        assert_eq!(refused, (422, "validation_failed".into(), vec![pointer.into()]));
    }
    assert_eq!(house.stranger().patch(&path(&made), json!({ "name": "x" })).await.refusal().0, 404);
}
