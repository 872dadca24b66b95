//! What a learner has reached.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use super::{act, deed, stats, tell, verify};
use crate::support::TestHouse;

#[actix_web::test]
async fn who_has_done_nothing_has_reached_nothing() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["streak"]["current"], &told["streak"]["expires_at"]), (&json!(0), &Value::Null));
    assert_eq!((&told["xp"]["total"], &told["xp"]["level"]["number"]), (&json!(0), &json!(1)));
    assert_eq!(told["xp"]["week_starts_on"], "2026-11-16", "the Monday before");
    let first = &told["achievements"][0];
    assert_eq!((&first["key"], &first["tier"]), (&json!("streak"), &Value::Null));
    assert_eq!(first["progress"], json!({ "tier": "bronze", "current": 0, "target": 7 }));
    assert_eq!(told["calendar"].as_array().unwrap().len(), 42);
    house.settle().await;
}

#[actix_web::test]
async fn each_thing_gives_points_once() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Quiz], &[Material]], &["ana"]).await;
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["xp"]["total"], &told["xp"]["today"], &told["xp"]["week"]), (&json!(15), &json!(15), &json!(15)));
    assert_eq!((&told["streak"]["current"], &told["streak"]["today_done"]), (&json!(1), &json!(true)));
    assert_eq!(told["streak"]["expires_at"], "2026-11-23T00:00:00Z");
    assert_eq!(told["streak"]["freezes"], json!({ "available": 1, "max": 2, "used": [] }));
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:10:00Z").await;
    assert_eq!(stats(&house, "ana").await["xp"]["total"], 15, "the same item again");
    let mut perfect = deed("ana", "spanish/1/2", "2026-11-21T08:20:00Z", "passed");
    perfect["result"]["score"] = json!({ "raw": 10 });
    tell(&house, &[perfect]).await;
    assert_eq!(stats(&house, "ana").await["xp"]["total"], 50, "item 10, whole score 5, lesson 20");
    act(&house, "ana", "spanish/2/1", "2026-11-21T08:30:00Z").await;
    let told = stats(&house, "ana").await;
    assert_eq!(told["xp"]["total"], 180, "item 10, lesson 20, course 100");
    assert_eq!(told["xp"]["level"], json!({ "number": 2, "from": 100, "next": 300 }));
    let lessons = &told["achievements"][2];
    assert_eq!((&lessons["key"], &lessons["tier"]), (&json!("lessons"), &json!("bronze")));
    assert_eq!(lessons["progress"], json!({ "tier": "silver", "current": 2, "target": 25 }));
    assert_eq!(
        (&lessons["evidence"][0]["count"], &lessons["evidence"][0]["source"]),
        (&json!(1), &json!("ana spanish/1/2 2026-11-21T08:20:00Z passed"))
    );
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn a_date_has_a_cap_and_what_is_over_it_is_known_to_be_counted() {
    let house = TestHouse::new().await;
    house.class(&[&[Material; 25]], &["ana"]).await;
    let done: Vec<Value> = (1..=24)
        .map(|nth| deed("ana", &format!("spanish/1/{nth}"), &format!("2026-11-21T08:{nth:02}:00Z"), "completed"))
        .collect();
    tell(&house, &done).await;
    let told = stats(&house, "ana").await;
    assert_eq!(told["xp"]["total"], 205, "twenty items of ten points, and the date");
    assert_eq!(told["achievements"][1]["progress"]["current"], 24);
    let entries = house.admin().get("/api/gamification/xp-entries?external_id=ana&per_page=100").await.data();
    let capped = entries.as_array().unwrap().iter().filter(|entry| entry["amount"] == 0).count();
    assert_eq!((entries.as_array().unwrap().len(), capped), (25, 4));
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn a_rule_that_is_switched_off_gives_nothing_and_what_was_given_stays() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Material]], &["ana"]).await;
    let admin = house.admin();
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    let off = json!({ "rules_off": ["item_completed", "course_completed"] });
    admin.patch("/api/gamification/settings", off).await.expect(StatusCode::OK);
    let rules = house.learner().get("/api/gamification/rules").await.expect(StatusCode::OK).data();
    assert_eq!((&rules["xp"][1]["key"], &rules["xp"][1]["enabled"]), (&json!("item_completed"), &json!(false)));
    act(&house, "ana", "spanish/1/2", "2026-11-21T08:10:00Z").await;
    assert_eq!(stats(&house, "ana").await["xp"]["total"], 35, "15 of before, and the lesson");
    admin.patch("/api/gamification/settings", json!({ "enabled": false })).await.expect(StatusCode::OK);
    tell(&house, &[deed("ana", "spanish/1/2", "2026-11-21T08:20:00Z", "progressed")]).await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["enabled"], &told["calendar"][41]["activities"]), (&json!(false), &json!(2)));
    let bad = json!({ "freezes_max": 6, "rules_off": ["luck"] });
    let refused = admin.patch("/api/gamification/settings", bad).await.refusal();
    assert_eq!(refused.2, ["/freezes_max", "/rules_off/0"]);
    let weak = house.token(&[Ability::GamificationRead]).await;
    weak.get("/api/gamification/settings").await.expect(StatusCode::OK);
    assert_eq!(weak.patch("/api/gamification/settings", json!({})).await.refusal().1, "ability_missing");
    house.settle().await;
}

#[actix_web::test]
async fn one_event_tells_of_all_points_of_a_step() {
    let house = TestHouse::new().await;
    house.class(&[&[Material; 7], &[Material]], &["ana"]).await;
    let done: Vec<Value> = (1..=7)
        .map(|nth| deed("ana", &format!("spanish/1/{nth}"), &format!("2026-11-21T08:{nth:02}:00Z"), "completed"))
        .collect();
    tell(&house, &done).await;
    house.settle().await;
    let types = "SELECT array_agg(type ORDER BY revision) AS types FROM events WHERE object_kind = 'game'";
    assert_eq!(house.database.value(types), json!(["streak.extended", "xp.awarded", "achievement.unlocked"]));
    let xp = house.database.value("SELECT data -> 'xp' AS xp FROM events WHERE type = 'xp.awarded'");
    assert_eq!((&xp["awarded"], &xp["total"], &xp["more"]), (&json!(95), &json!(95), &json!(0)));
    assert_eq!(xp["entries"].as_array().unwrap().len(), 9);
    assert_eq!(xp["entries"][0]["source"], "ana spanish/1/1 2026-11-21T08:01:00Z completed");
}

#[actix_web::test]
async fn last_years_activity_is_counted_in_silence() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Material]], &["ana"]).await;
    act(&house, "ana", "spanish/1/1", "2025-11-21T08:00:00Z").await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["xp"]["total"], &told["xp"]["week"]), (&json!(15), &json!(0)));
    assert_eq!((&told["streak"]["current"], &told["streak"]["longest"]), (&json!(0), &json!(0)));
    act(&house, "ana", "spanish/1/2", "2025-11-22T08:00:00Z").await;
    let lessons = stats(&house, "ana").await["achievements"][2].clone();
    assert_eq!(lessons["tier"], "bronze", "what was unlocked is there");
    assert_eq!(
        house.database.number("SELECT count(*) FROM events WHERE object_kind = 'game'"),
        0,
        "and nobody is told"
    );
    assert_eq!(house.database.number("SELECT count(*) FROM learning_days WHERE kind = 'late'"), 2);
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn everybody_reads_his_own_and_others_need_the_ability() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let (mine, of_ana) = ("/api/gamification/stats", "/api/gamification/stats?external_id=ana");
    house.learner().get(mine).await.expect(StatusCode::OK);
    house.learner().get("/api/gamification/xp-entries").await.expect(StatusCode::OK);
    assert_eq!(house.learner().get(of_ana).await.refusal().1, "ability_missing");
    let entries = "/api/gamification/xp-entries?external_id=ana";
    assert_eq!(house.learner().get(entries).await.refusal().1, "ability_missing");
    let reader = house.token(&[Ability::GamificationRead]).await;
    reader.get(of_ana).await.expect(StatusCode::OK);
    assert_eq!(reader.get(mine).await.refusal().1, "subject_required");
    assert_eq!(reader.get(&format!("{of_ana}&calendar_days=367")).await.refusal().2, ["?calendar_days"]);
    assert_eq!(house.stranger().get(of_ana).await.refusal().0, 404);
    house.settle().await;
}
