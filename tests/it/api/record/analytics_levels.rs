//! Levels of all learners: counted where they are written.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_record::{analytics::tallies, rollups::rebuild::Difference};

use crate::support::{TestHouse, callers::Caller};

const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// Where the tallies say something else than would be counted.
async fn differences(house: &TestHouse) -> Vec<Difference> {
    tallies::differences(&mut house.tx().await).await.expect("a comparison")
}

async fn assess(house: &TestHouse, keys: &[&str], (skill, level, at): (&str, &str, &str)) {
    let piece = |key: &&str| {
        json!({ "user": format!("external_id:{key}"), "language": "en", "skill": skill, "source": "external_certificate",
            "level": level, "occurred_at": at })
    };
    let pieces: Vec<Value> = keys.iter().map(piece).collect();
    house.admin().post("/api/cefr/evidence", json!({ "evidence": pieces })).await.expect(StatusCode::CREATED);
}

async fn levels(house: &TestHouse, caller: &Caller, query: &str) -> Value {
    let path = format!("/api/institutions/{}/analytics{query}", house.school.tenant);
    caller.get(&path).await.expect(StatusCode::OK).data()["cefr"].clone()
}

fn at(distribution: &Value, level: &str) -> Value {
    let levels = distribution["levels"].as_array().unwrap().iter();
    levels.clone().find(|one| one["level"] == level).unwrap()["learners"].clone()
}

#[actix_web::test]
async fn learners_stand_at_their_levels_and_rise() {
    let house = TestHouse::new().await;
    house.learners(&KEYS).await;
    let admin = house.admin();
    assert_eq!(levels(&house, &admin, "").await, json!([]));
    for skill in ["listening", "reading", "speaking"] {
        assess(&house, &KEYS, (skill, "A2", "2026-11-01T09:00:00Z")).await;
    }
    let told = levels(&house, &admin, "?language=en-GB").await;
    // The school has a learner of its own, of whom nothing is known.
    assert_eq!(told[0]["assessed_coverage"], json!({ "value": 0.923, "numerator": 12, "denominator": 13 }));
    assert_eq!((at(&told[0]["overall"], "A2"), at(&told[0]["skills"]["reading"], "A2")), (json!(12), json!(12)));
    assert_eq!((at(&told[0]["skills"]["writing"], "A2"), &told[0]["overall"]["moved_up"]), (json!(0), &json!(0)));
    house.clock.advance(chrono::TimeDelta::days(1));
    for _ in 0..2 {
        assess(&house, &KEYS[..6], ("reading", "B1", "2026-11-20T09:00:00Z")).await;
    }
    house.clock.advance(chrono::TimeDelta::days(1));
    for _ in 0..4 {
        assess(&house, &KEYS[..5], ("reading", "C1", "2026-11-20T10:00:00Z")).await;
    }
    let reading = levels(&house, &admin, "").await[0]["skills"]["reading"].clone();
    assert_eq!((at(&reading, "C1"), at(&reading, "B1"), at(&reading, "A2")), (Value::Null, Value::Null, json!(6)));
    assert_eq!((&reading["moved_up"], &reading["suppressed"]), (&json!(6), &json!(true)), "who rose twice rose");
    let reading = levels(&house, &admin, "?from=2026-11-23&to=2026-11-23").await[0]["skills"]["reading"].clone();
    assert_eq!(reading["moved_up"], 5);
    assert_eq!(levels(&house, &admin, "?language=ko").await, json!([]));
    house.settle().await;
}

#[actix_web::test]
async fn tallies_say_what_would_be_counted_whatever_happens() {
    let house = TestHouse::new().await;
    let learners = house.learners(&KEYS).await;
    let admin = house.admin();
    for (nth, skill) in ["listening", "reading", "speaking"].into_iter().enumerate() {
        assess(&house, &KEYS[nth..], (skill, "B1", "2026-11-01T09:00:00Z")).await;
    }
    let member = |nth: usize| format!("/api/institutions/{}/members/{}", house.school.tenant, learners[nth].id);
    admin.delete(&member(3)).await;
    admin.patch(&member(4), json!({ "role": "manager" })).await.expect(StatusCode::OK);
    admin.patch(&member(5), json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    assess(&house, &["e", "f", "g"], ("reading", "B2", "2026-11-20T09:00:00Z")).await;
    admin.patch(&member(4), json!({ "role": "learner" })).await.expect(StatusCode::OK);
    let listed = admin.get("/api/cefr/evidence?external_id=g").await.data();
    for piece in listed.as_array().unwrap() {
        let path = format!("/api/cefr/evidence/{}/withdraw", piece["id"].as_str().unwrap());
        admin.post(&path, json!({ "reason": "a mistake" })).await.expect(StatusCode::OK);
    }
    house.settle().await;
    assert_eq!(differences(&house).await, []);
    house.database.run("UPDATE cefr_tallies SET n = n + 1");
    assert!(!differences(&house).await.is_empty(), "what is wrong is found");
}

#[actix_web::test]
async fn tallies_are_folded_and_lose_nobody() {
    let house = TestHouse::new().await;
    house.learners(&KEYS).await;
    let one = |word: &str| format!("UPDATE memberships SET status = '{word}' WHERE role = 'learner'");
    for _ in 0..100 {
        house.database.run(&one("deactivated"));
        house.database.run(&one("active"));
    }
    assert_eq!(differences(&house).await, []);
    let rows = house.database.number("SELECT count(*) FROM member_tallies");
    assert!(rows < 200, "{rows} rows of 400 that were written are left");
    house.settle().await;
}
