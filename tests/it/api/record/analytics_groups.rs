//! Of whom analytics tell nothing, and to whom of some alone.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Material;

use crate::support::{TestHouse, builders::BuiltLearner, callers::Caller};

const KEYS: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];

async fn school() -> (TestHouse, Vec<BuiltLearner>) {
    let house = TestHouse::new().await;
    let (_, learners) = house.class(&[&[Material]], &KEYS).await;
    let events: Vec<Value> = KEYS
        .iter()
        .map(|key| {
            json!({
                "id": key, "occurred_at": "2026-11-20T09:00:00Z", "user": { "external_id": key }, "verb": "completed",
                "object": { "kind": "item", "external_id": "spanish/1/1" }, "result": { "duration_seconds": 60 },
            })
        })
        .collect();
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.follow().await;
    house.settle().await;
    (house, learners)
}

async fn read(house: &TestHouse, caller: &Caller, query: &str) -> Value {
    let path = format!("/api/institutions/{}/analytics{query}", house.school.tenant);
    caller.get(&path).await.expect(StatusCode::OK).data()
}

async fn group(house: &TestHouse, (name, learners): (&str, &[BuiltLearner])) -> String {
    let admin = house.admin();
    let made = admin.post("/api/groups", json!({ "name": name })).await.data();
    let id = made["id"].as_str().unwrap().to_owned();
    for learner in learners {
        admin.put(&format!("/api/groups/{id}/members/{}", learner.id), json!({})).await;
    }
    house.settle().await;
    id
}

fn shown(told: &Value) -> Vec<(&str, bool, &Value)> {
    let rows = told["cohorts"].as_array().unwrap().iter();
    rows.map(|row| (row["name"].as_str().unwrap(), row["suppressed"] == true, &row["active_learners"])).collect()
}

#[actix_web::test]
async fn nothing_is_told_of_a_few_and_nobody_finds_them_by_taking_away_the_others() {
    let (house, learners) = school().await;
    let admin = house.admin();
    let one = group(&house, ("One", &learners[..1])).await;
    let five = group(&house, ("Five", &learners[1..6])).await;
    let seven = group(&house, ("Seven", &learners[6..13])).await;
    let told = read(&house, &admin, "").await;
    assert_eq!(
        shown(&told),
        [("Seven", false, &json!(7)), ("Five", true, &Value::Null), ("One", true, &Value::Null)],
        "the next smallest is hidden with it"
    );
    for hidden in [&one, &five] {
        let told = read(&house, &admin, &format!("?cohort={hidden}&compare=previous_period")).await;
        assert_eq!((&told["suppressed"], &told["learners"]), (&json!(true), &Value::Null));
        for name in ["active_learners", "enrollments", "completion_rate", "time", "engagement_tiers", "previous"] {
            assert_eq!(told[name], Value::Null, "{name}");
        }
        for name in ["series", "cefr", "cohorts", "retention_matrix", "top_courses"] {
            assert_eq!(told[name], json!([]), "{name}");
        }
    }
    let told = read(&house, &admin, &format!("?cohort={seven}")).await;
    assert_eq!((&told["suppressed"], &told["active_learners"]["period"]), (&json!(false), &json!(7)));
    house.settle().await;
}

#[actix_web::test]
async fn a_group_of_all_but_a_few_is_hidden_too() {
    let (house, learners) = school().await;
    // Of the school are four more: owner, admin, manager and a learner.
    let most = group(&house, ("Most", &learners)).await;
    let told = read(&house, &house.admin(), &format!("?cohort={most}")).await;
    assert_eq!(told["suppressed"], true, "who is left could be told by taking away");
    house.settle().await;
}

#[actix_web::test]
async fn who_leads_groups_is_told_of_their_people() {
    let (house, learners) = school().await;
    let manager = house.manager();
    let told = read(&house, &manager, "").await;
    assert_eq!((&told["whose"]["scope"], &told["suppressed"]), (&json!("own_groups"), &json!(false)));
    assert_eq!((&told["learners"], &told["active_learners"]["period"]), (&json!(0), &json!(0)), "he leads nobody yet");
    let admin = house.admin();
    let other = group(&house, ("Others", &learners[8..14])).await;
    for (name, some) in [("Mine", &learners[..5]), ("Mine too", &learners[3..8])] {
        let id = group(&house, (name, some)).await;
        admin.put(&format!("/api/groups/{id}/managers/{}", house.school.manager.id), json!({})).await;
    }
    house.settle().await;
    let told = read(&house, &manager, "").await;
    assert_eq!((&told["learners"], &told["active_learners"]["period"]), (&json!(8), &json!(8)), "nobody twice");
    assert_eq!((&told["enrollments"]["completed"], &told["time"]["total_seconds"]), (&json!(8), &json!(480)));
    assert_eq!((&told["top_courses"][0]["enrolled"], &told["retention_matrix"][0]["learners"]), (&json!(8), &json!(8)));
    let names: Vec<&str> = shown(&told).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["Mine too", "Mine"]);
    let path = format!("/api/institutions/{}/analytics?cohort={other}", house.school.tenant);
    assert_eq!(manager.get(&path).await.refusal().2, ["?cohort"]);
    let stats = manager.get("/api/stats").await.data();
    assert_eq!((&stats["learners"], &stats["completions"]), (&json!(8), &json!(8)));
    assert_eq!(stats["active_learners"], json!({ "1d": 0, "7d": 8, "30d": 8 }));
    house.settle().await;
}
