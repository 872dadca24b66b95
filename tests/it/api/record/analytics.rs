//! What an institution reads of all its learners, over HTTP.

use actix_web::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa_core::{Ability, clock::Clock, staff::StaffRole};
use stoa_jobs::record::operate;
use stoa_protocols::event::ItemKind::Material;

use crate::support::{TestHouse, builders::BuiltLearner, callers::Caller};

const KEYS: [&str; 12] = ["ana", "bo", "cy", "di", "ed", "flo", "gus", "hal", "ida", "jo", "kit", "lou"];

/// A school of twelve on a course, each active on other days of the last nine weeks and before.
async fn school() -> (TestHouse, Vec<BuiltLearner>) {
    let house = TestHouse::new().await;
    let path = format!("/api/institutions/{}", house.school.tenant);
    house.owner().patch(&path, json!({ "time_zone": "Asia/Seoul" })).await.expect(StatusCode::OK);
    let (_, learners) = house.class(&[&[Material], &[Material]], &KEYS).await;
    let now = house.clock.now();
    let mut events = Vec::new();
    for (nth, key) in KEYS.iter().enumerate() {
        let nth = i64::try_from(nth).unwrap();
        // The first goes on every day; each next one rests a day longer between two days; the last began long ago.
        let days = (0..=70).step_by(usize::try_from(nth).unwrap() + 1).map(|day| day + nth);
        for day in days.chain((nth == 11).then_some(300)) {
            let at = now - TimeDelta::days(day) + TimeDelta::hours(nth % 7);
            events.push(event(key, "spanish/1/1", at.min(now), ("progressed", 60 + day)));
        }
        if nth % 3 == 0 {
            events.push(event(key, "spanish/1/1", now, ("completed", 30)));
            events.push(event(key, "spanish/2/1", now, ("completed", 30)));
        }
    }
    tell(&house, &events).await;
    house.follow().await;
    operate::rebuild(house.db(), house.school.tenant).await.expect("sums that are whole");
    house.settle().await;
    (house, learners)
}

fn event(key: &str, item: &str, at: DateTime<Utc>, (verb, seconds): (&str, i64)) -> Value {
    json!({
        "id": format!("{key} {item} {verb} {at}"), "occurred_at": at, "user": { "external_id": key }, "verb": verb,
        "object": { "kind": "item", "external_id": item }, "result": { "duration_seconds": seconds },
    })
}

async fn tell(house: &TestHouse, events: &[Value]) {
    for some in events.chunks(100) {
        let told = house.admin().post("/api/progress-events", json!({ "events": some })).await.data();
        for one in told.as_array().unwrap() {
            assert_eq!(one["status"], "accepted", "{one}");
        }
    }
}

fn path(house: &TestHouse, query: &str) -> String {
    format!("/api/institutions/{}/analytics{query}", house.school.tenant)
}

async fn read(house: &TestHouse, caller: &Caller, query: &str) -> Value {
    caller.get(&path(house, query)).await.expect(StatusCode::OK).data()
}

/// Makes a group of everybody, and answers its id.
async fn group_of_all(house: &TestHouse, learners: &[BuiltLearner]) -> String {
    let admin = house.admin();
    let made = admin.post("/api/groups", json!({ "name": "All", "kind": "cohort" })).await.data();
    let id = made["id"].as_str().unwrap().to_owned();
    let school = &house.school;
    let others = [&school.owner, &school.admin, &school.manager, &school.learner].map(|person| person.id);
    for person in learners.iter().map(|learner| learner.id).chain(others) {
        admin.put(&format!("/api/groups/{id}/members/{person}"), json!({})).await;
    }
    house.settle().await;
    id
}

/// Without what says whose figures they are.
fn figures(mut told: Value) -> Value {
    for name in ["whose", "cohorts"] {
        told.as_object_mut().unwrap().remove(name);
    }
    told
}

#[actix_web::test]
async fn everybody_by_the_sums_is_the_same_as_everybody_one_by_one() {
    let (house, learners) = school().await;
    let admin = house.admin();
    let all = group_of_all(&house, &learners).await;
    for query in [
        "?compare=previous_period",
        "?from=2026-09-20&to=2026-11-20&granularity=week&compare=previous_year",
        "?from=2026-01-20&to=2026-11-21&granularity=month",
        "?from=2026-11-21&to=2026-11-21",
        "?from=2026-10-01&to=2026-10-02&granularity=month",
    ] {
        let sums = read(&house, &admin, query).await;
        let each = read(&house, &admin, &format!("{query}&cohort={all}")).await;
        assert_eq!(each["whose"], json!({ "scope": "cohort", "id": all, "name": "All" }));
        assert_eq!(figures(sums), figures(each), "{query}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn figures_say_what_was_done_in_the_period() {
    let (house, _) = school().await;
    let told = read(&house, &house.admin(), "?compare=previous_period").await;
    assert_eq!(
        told["period"],
        json!({ "from": "2026-10-25", "to": "2026-11-21", "tz": "Asia/Seoul", "granularity": "day", "compare": "previous_period" })
    );
    assert_eq!(
        (&told["freshness_seconds"], &told["complete"], &told["suppressed"]),
        (&json!(0), &json!(true), &json!(false))
    );
    // Ana is there every day; today too are those who completed: every third.
    assert_eq!(told["active_learners"], json!({ "daily": 4, "weekly": 8, "monthly": 12, "period": 12 }));
    assert_eq!(told["enrollments"], json!({ "enrolled": 12, "started": 12, "completed": 4, "overdue": 0 }));
    assert_eq!(told["completion_rate"], json!({ "value": 0.3333, "numerator": 4, "denominator": 12 }));
    assert_eq!(told["completion_rate_of_started"]["denominator"], 12);
    let series = told["series"].as_array().unwrap();
    assert_eq!((series.len(), &series[27]["enrolled"], &series[27]["active_learners"]), (28, &json!(12), &json!(4)));
    assert_eq!(series[27]["lessons_completed"], 8);
    let seconds: i64 = series.iter().map(|point| point["time_spent_seconds"].as_i64().unwrap()).sum();
    assert_eq!((&told["time"]["total_seconds"], &told["time"]["estimated"]), (&json!(seconds), &json!(false)));
    assert_eq!(told["top_courses"][0]["title"], "Course spanish");
    assert_eq!(
        (&told["top_courses"][0]["enrolled"], &told["top_courses"][0]["time_spent_seconds"]),
        (&json!(12), &json!(seconds))
    );
    let before = &told["previous"];
    assert_eq!((&before["from"], &before["to"]), (&json!("2026-09-27"), &json!("2026-10-24")));
    assert_eq!((&before["enrollments"]["enrolled"], &before["completion_rate"]["value"]), (&json!(0), &Value::Null));
    let tiers = &told["engagement_tiers"];
    // 28 days, 14, 9, 7, 5, 4, 4, 3, 2, 2, 2 and 2: of the highly active there is one, who takes the active along.
    assert_eq!((&tiers["highly_active"], &tiers["suppressed"]), (&Value::Null, &json!(true)));
    assert!(told["branding"]["product_name"].is_string());
    house.settle().await;
}

#[actix_web::test]
async fn what_is_told_late_counts_on_the_day_on_which_it_happened() {
    let (house, _) = school().await;
    let admin = house.admin();
    let long_ago = "?from=2025-11-01&to=2025-11-30";
    assert_eq!(read(&house, &admin, long_ago).await["active_learners"]["period"], 0);
    // The last hour of a day in Seoul, told a year later.
    let at = "2025-11-10T14:30:00Z".parse().unwrap();
    tell(&house, &[event("bo", "spanish/1/1", at, ("progressed", 600))]).await;
    let waits = read(&house, &admin, long_ago).await;
    assert_eq!((&waits["active_learners"]["period"], &waits["freshness_seconds"]), (&json!(0), &json!(0)));
    house.clock.advance(TimeDelta::seconds(90));
    assert_eq!(read(&house, &admin, long_ago).await["freshness_seconds"], 90, "it says what it lacks");
    house.follow().await;
    let told = read(&house, &admin, long_ago).await;
    assert_eq!((&told["active_learners"]["period"], &told["freshness_seconds"]), (&json!(1), &json!(0)));
    assert_eq!(told["series"][9]["time_spent_seconds"], 600, "{}", told["series"]);
    house.settle().await;
}

#[actix_web::test]
async fn who_left_counts_while_he_was_here() {
    let (house, learners) = school().await;
    let admin = house.admin();
    let before = read(&house, &admin, "").await;
    let gone = format!("/api/institutions/{}/members/{}", house.school.tenant, learners[0].id);
    admin.delete(&gone).await;
    house.settle().await;
    house.follow().await;
    let after = read(&house, &admin, "").await;
    assert_eq!(after["active_learners"], before["active_learners"]);
    let number = |told: &Value, name: &str| told.pointer(name).and_then(Value::as_i64).unwrap();
    for name in ["/learners", "/seats/in_use"] {
        assert_eq!(number(&after, name), number(&before, name) - 1, "{name}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn impossible_questions_are_refused_with_the_field() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (query, pointer) in [
        ("?from=2026-11-21&to=2026-11-20", "?to"),
        ("?from=2025-10-17&to=2026-11-21", "?from"),
        ("?to=2026-11-22", "?to"),
        ("?from=2026-12-01", "?from"),
        ("?tz=Mars/Olympus", "?tz"),
        ("?tz=Asia/Seoul", "?tz"),
        ("?cohort=external_id:nobody", "?cohort"),
        ("?cohort=everyone", "?cohort"),
        ("?language=tlh-!", "?language"),
        ("?compare=yesterday", "?compare"),
        ("?from=2026-02-29", "?from"),
    ] {
        let refused = admin.get(&path(&house, query)).await.refusal();
        assert_eq!((refused.0, refused.2), (422, vec![pointer.to_owned()]), "{query}");
    }
    read(&house, &admin, "?from=2024-02-29&to=2024-02-29&tz=UTC").await;
    assert_eq!(house.stranger().get(&path(&house, "")).await.refusal().0, 404);
    assert_eq!(house.learner().get(&path(&house, "")).await.refusal().1, "ability_missing");
    let reads = house.token(&[Ability::AnalyticsRead]).await;
    let told = read(&house, &reads, "").await;
    assert_eq!((&told["active_learners"]["period"], &told["time"]["median_per_active"]), (&json!(0), &Value::Null));
    let operator = house.staff("olga", StaffRole::Operator).await;
    assert_eq!(read(&house, &operator, "").await["learners"], told["learners"]);
    house.settle().await;
}
