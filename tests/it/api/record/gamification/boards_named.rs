//! Leaderboards: who stands on them, how people are named, and who may look.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;

use super::boards::{KEYS, board, complete, school};
use crate::support::TestHouse;

const OPT_OUT: &str = "/api/gamification/leaderboard/opt-out";

async fn named(house: &TestHouse, policy: &str) -> Vec<Value> {
    house.admin().patch("/api/gamification/settings", json!({ "names": policy })).await.expect(StatusCode::OK);
    let told = board(&house.admin(), "").await;
    assert_eq!(told["names"], policy);
    told["rows"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
}

#[actix_web::test]
async fn fewer_than_five_are_shown_nothing() {
    let house = school().await;
    for key in &KEYS[..4] {
        complete(&house, key, 1, "2026-11-21T05").await;
    }
    let told = board(&house.admin(), "").await;
    assert_eq!((&told["suppressed"], &told["participants"], &told["rows"]), (&json!(true), &Value::Null, &json!([])));
    complete(&house, "eve", 1, "2026-11-21T05").await;
    assert_eq!(board(&house.admin(), "").await["rows"].as_array().unwrap().len(), 5);
    house.settle().await;
}

#[actix_web::test]
async fn people_are_named_as_the_institution_wants() {
    let house = school().await;
    for key in &KEYS[..5] {
        complete(&house, key, 1, "2026-11-21T05").await;
    }
    assert_eq!(named(&house, "full").await[0], "ana Learner");
    assert_eq!(named(&house, "initials").await[0], "A. L.");
    let alias = named(&house, "alias").await;
    assert_eq!(alias, named(&house, "alias").await, "the same each time");
    assert!(alias.iter().all(|name| name.as_str().unwrap().split(' ').count() == 3), "{alias:?}");
    assert_eq!(named(&house, "hidden").await, vec![Value::Null; 5]);
    house.admin().patch("/api/gamification/settings", json!({ "leaderboards": false })).await.expect(StatusCode::OK);
    assert_eq!(house.admin().get("/api/gamification/leaderboard").await.refusal().0, 404);
    house.settle().await;
}

#[actix_web::test]
async fn who_opted_out_sees_his_own_rank_and_nobody_sees_him() {
    let house = school().await;
    let me = house.school.learner.id.to_string();
    let path = format!("/api/institutions/{}/members/{me}", house.school.tenant);
    house.admin().patch(&path, json!({ "external_id": "me" })).await.expect(StatusCode::OK);
    let enrol = json!({ "user": { "id": me } });
    house.admin().post("/api/courses/external_id:spanish/enrollments", enrol).await.expect(StatusCode::CREATED);
    for key in &KEYS[..6] {
        complete(&house, key, 1, "2026-11-21T05").await;
    }
    complete(&house, "me", 2, "2026-11-21T06").await;
    house.learner().put(OPT_OUT, json!({ "opted_out": true })).await.expect(StatusCode::OK);
    let told = board(&house.learner(), "").await;
    assert_eq!((&told["participants"], &told["rows"][0]["value"]), (&json!(6), &json!(15)));
    let own = &told["me"];
    assert_eq!((&own["rank"], &own["opted_out"], &own["value"]), (&json!(1), &json!(true), &json!(25)));
    assert_eq!(own["neighbours"].as_array().unwrap().len(), 2, "those behind");
    let weak = house.token(&[Ability::GamificationRead]).await;
    let others = json!({ "user": "external_id:ana", "opted_out": true });
    assert_eq!(weak.put(OPT_OUT, others.clone()).await.refusal().1, "ability_missing");
    assert_eq!(weak.put(OPT_OUT, json!({ "opted_out": true })).await.refusal().1, "subject_required");
    assert_eq!(house.learner().put(OPT_OUT, others.clone()).await.refusal().1, "ability_missing");
    house.admin().put(OPT_OUT, others).await.expect(StatusCode::OK);
    assert_eq!(board(&house.admin(), "").await["participants"], 5);
    house.learner().put(OPT_OUT, json!({ "opted_out": false })).await.expect(StatusCode::OK);
    assert_eq!(board(&house.learner(), "").await["rows"][0]["is_me"], true);
    let audited = house.owner().get("/api/audit-log?action=leaderboard.opt_out_set").await.data();
    assert_eq!(audited.as_array().unwrap().len(), 3);
    house.settle().await;
}

#[actix_web::test]
async fn the_inactive_stand_on_no_board() {
    let house = school().await;
    for key in &KEYS[..6] {
        complete(&house, key, 1, "2026-11-21T05").await;
    }
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    house.admin().patch(&path, json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    let told = board(&house.admin(), "").await;
    assert_eq!((&told["participants"], told["rows"].as_array().unwrap().len()), (&json!(5), 5));
    house.settle().await;
}

#[actix_web::test]
async fn a_manager_sees_his_groups_and_a_learner_his_own() {
    let house = school().await;
    let admin = house.admin();
    for key in KEYS {
        complete(&house, key, 1, "2026-11-21T05").await;
    }
    let group = admin.post("/api/groups", json!({ "name": "Red" })).await.data()["id"].as_str().unwrap().to_owned();
    let users: Vec<String> = KEYS[..5].iter().map(|key| format!("external_id:{key}")).collect();
    admin.post(&format!("/api/groups/{group}/members"), json!({ "users": users })).await;
    admin.put(&format!("/api/groups/{group}/managers/{}", house.school.manager.id), json!({})).await;
    assert_eq!(board(&admin, "").await["participants"], 7);
    assert_eq!(board(&house.manager(), "").await["participants"], 5, "the people of his groups");
    let of = format!("group={group}");
    assert_eq!(board(&admin, &of).await["participants"], 5);
    assert_eq!(board(&admin, &of).await["scope"], "group");
    let path = format!("/api/gamification/leaderboard?{of}");
    assert_eq!(house.learner().get(&path).await.refusal().0, 404, "he is not in it");
    admin.put(&format!("/api/groups/{group}/members/{}", house.school.learner.id), json!({})).await;
    assert_eq!(board(&house.learner(), &of).await["participants"], 5);
    let blind = house.token(&[Ability::ContentRead]).await;
    assert_eq!(blind.get("/api/gamification/leaderboard").await.refusal().1, "ability_missing");
    for (bad, pointer) in
        [("scope=group", "?group"), (&*format!("scope=teams&{of}"), "?group"), ("period=year", "?period")]
    {
        let refused = admin.get(&format!("/api/gamification/leaderboard?{bad}")).await.refusal();
        assert_eq!((refused.0, refused.2), (422, vec![pointer.to_owned()]));
    }
    assert_eq!(house.stranger().get(&path).await.refusal().0, 404);
    house.settle().await;
}
