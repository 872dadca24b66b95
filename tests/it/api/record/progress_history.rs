//! What a learner did, day by day and event by event, over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::{TestHouse, callers::Caller};

const PATH: &str = "/api/progress-history?external_id=ana";

async fn did(house: &TestHouse, what: &str, deeds: &[(&str, &str, Option<f64>)]) {
    let events: Vec<_> = deeds
        .iter()
        .map(|(at, verb, seconds)| {
            let mut event = json!({
                "id": format!("{what} {at}"), "occurred_at": at, "user": { "external_id": "ana" }, "verb": verb,
                "object": { "kind": "item", "external_id": what },
            });
            if let Some(seconds) = seconds {
                event["result"] = json!({ "duration_seconds": seconds });
            }
            event
        })
        .collect();
    let told = house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    assert!(told.as_array().unwrap().iter().all(|one| one["status"] == "accepted"), "{told}");
}

async fn history(caller: &Caller, query: &str) -> Value {
    caller.get(&format!("{PATH}&{query}")).await.expect(StatusCode::OK).data()
}

/// First date, events and seconds of the buckets that are not empty.
fn filled(history: &Value) -> Vec<(String, i64, i64)> {
    let text = |bucket: &Value| bucket["from"].as_str().unwrap().to_owned();
    let number = |bucket: &Value, name: &str| bucket[name].as_i64().unwrap();
    let buckets = history["buckets"].as_array().unwrap().iter();
    let some = buckets.filter(|bucket| number(bucket, "events") > 0);
    some.map(|bucket| (text(bucket), number(bucket, "events"), number(bucket, "time_spent_seconds"))).collect()
}

#[actix_web::test]
async fn days_are_those_of_the_zone_and_none_is_left_out() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Quiz]], &["ana"]).await;
    let deeds = [("2026-11-19T14:59:59Z", "started", Some(60.9)), ("2026-11-19T15:00:00Z", "completed", Some(30.0))];
    did(&house, "spanish/1/1", &deeds).await;
    let admin = house.admin();
    let seoul = history(&admin, "tz=Asia/Seoul").await;
    assert_eq!(
        (&seoul["tz"], &seoul["from"], &seoul["to"]),
        (&json!("Asia/Seoul"), &json!("2026-10-25"), &json!("2026-11-21"))
    );
    assert_eq!(seoul["buckets"].as_array().unwrap().len(), 28);
    assert_eq!(filled(&seoul), [("2026-11-19".to_owned(), 1, 60), ("2026-11-20".to_owned(), 1, 30)]);
    let last = &seoul["buckets"][26];
    assert_eq!(
        (&last["items_completed"], &last["lessons_completed"], &last["active_days"]),
        (&json!(1), &json!(0), &json!(1))
    );
    assert_eq!(
        (&last["starts_at"], &last["ends_at"]),
        (&json!("2026-11-19T15:00:00Z"), &json!("2026-11-20T15:00:00Z"))
    );
    let utc = history(&admin, "").await;
    assert_eq!(filled(&utc), [("2026-11-19".to_owned(), 2, 90)], "the institution's zone is UTC");
    let berlin = json!({ "time_zone": "Pacific/Kiritimati" });
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    admin.patch(&path, berlin).await.expect(StatusCode::OK);
    let own = history(&admin, "").await;
    assert_eq!((&own["tz"], filled(&own).len()), (&json!("Pacific/Kiritimati"), 1), "the learner's zone goes first");
    assert_eq!(filled(&own)[0].0, "2026-11-20");
    house.settle().await;
}

#[actix_web::test]
async fn days_have_as_many_hours_as_the_clocks_say() {
    let house = TestHouse::new().await;
    house.class(&[&[Material]], &["ana"]).await;
    let hours = |bucket: &Value| {
        let at = |name: &str| bucket[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        (at("ends_at") - at("starts_at")).num_minutes()
    };
    let admin = house.admin();
    for (zone, date, minutes) in [
        ("Europe/Berlin", "2026-03-29", 23 * 60),
        ("Europe/Berlin", "2026-10-25", 25 * 60),
        ("America/Havana", "2026-03-08", 23 * 60),
        ("America/Havana", "2026-11-01", 25 * 60),
        ("Australia/Lord_Howe", "2026-04-05", 24 * 60 + 30),
        ("Asia/Seoul", "2024-02-29", 24 * 60),
    ] {
        let told = history(&admin, &format!("tz={zone}&from={date}&to={date}")).await;
        assert_eq!(
            told["buckets"].as_array().unwrap().iter().map(hours).collect::<Vec<_>>(),
            [minutes],
            "{zone} {date}"
        );
    }
    house.settle().await;
}

#[actix_web::test]
async fn weeks_and_months_hold_what_their_days_hold() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Quiz]], &["ana"]).await;
    did(
        &house,
        "spanish/1/1",
        &[("2026-10-31T12:00:00Z", "started", Some(10.0)), ("2026-11-01T12:00:00Z", "completed", Some(5.0))],
    )
    .await;
    did(&house, "spanish/1/2", &[("2026-11-02T12:00:00Z", "passed", None)]).await;
    let admin = house.admin();
    let weeks = history(&admin, "granularity=week&from=2026-10-28&to=2026-11-05").await;
    assert_eq!(filled(&weeks), [("2026-10-26".to_owned(), 2, 15), ("2026-11-02".to_owned(), 1, 0)]);
    assert_eq!((&weeks["from"], &weeks["to"]), (&json!("2026-10-26"), &json!("2026-11-08")), "whole weeks");
    let months = history(&admin, "granularity=month&from=2026-09-15&to=2026-11-30").await;
    assert_eq!(filled(&months), [("2026-10-01".to_owned(), 1, 10), ("2026-11-01".to_owned(), 2, 5)]);
    assert_eq!(months["buckets"].as_array().unwrap().len(), 3);
    assert_eq!(months["buckets"][2]["courses_completed"], 1);
    let elsewhere = house.course("korean", &[&[Material]]).await;
    let none = history(&admin, &format!("granularity=month&course_id={}", elsewhere.id)).await;
    assert_eq!(filled(&none), []);
    assert_eq!(filled(&history(&admin, "course_id=external_id:spanish").await).len(), 3);
    house.settle().await;
}

#[actix_web::test]
async fn events_come_the_newest_first_page_by_page() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Quiz]], &["ana"]).await;
    let times: Vec<String> = (0..5).map(|minute| format!("2026-11-20T10:0{minute}:00Z")).collect();
    let deeds: Vec<_> = times.iter().map(|at| (at.as_str(), "progressed", None)).collect();
    did(&house, "spanish/1/1", &deeds).await;
    let admin = house.admin();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = history(&admin, &format!("view=events&limit=2{cursor}")).await;
        seen.extend(page["events"].as_array().unwrap().iter().map(|e| e["occurred_at"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={}", next.replace(' ', "%20").replace('+', "%2B"));
    }
    let newest_first: Vec<_> = times.into_iter().rev().collect();
    assert_eq!(seen, newest_first);
    let one = history(&admin, "view=events&limit=1").await["events"][0].clone();
    assert!(one["object"]["id"].as_str().unwrap().starts_with("itm_"), "{one}");
    house.settle().await;
}

#[actix_web::test]
async fn impossible_questions_are_refused() {
    let house = TestHouse::new().await;
    house.class(&[&[Material]], &["ana"]).await;
    let reader = house.token(&[Ability::ProgressRead]).await;
    for (query, pointer) in [
        ("tz=Mars/Olympus", "?tz"),
        ("tz=", "?tz"),
        ("from=2026-11-22&to=2026-11-21", "?to"),
        ("from=2020-01-01&to=2026-01-01", "?from"),
        ("from=2023-02-29", "?from"),
        ("granularity=hour", "?granularity"),
        ("view=events&cursor=x", "?cursor"),
        ("view=events&limit=101", "?limit"),
        ("colour=red", "?colour"),
    ] {
        let (status, code, pointers) = reader.get(&format!("{PATH}&{query}")).await.refusal();
        assert_eq!((status, code.as_str(), pointers), (422, "validation_failed", vec![pointer.to_owned()]), "{query}");
    }
    assert_eq!(reader.get("/api/progress-history").await.refusal().1, "subject_required");
    assert_eq!(house.learner().get(PATH).await.refusal().1, "ability_missing");
    house.learner().get("/api/progress-history").await.expect(StatusCode::OK);
    assert_eq!(house.stranger().get(PATH).await.refusal().0, 404);
    house.settle().await;
}
