//! What a learner's record says, over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::{TestHouse, callers::Caller};

async fn insights(caller: &Caller, query: &str) -> Value {
    caller.get(&format!("/api/learning-insights?external_id=ana{query}")).await.expect(StatusCode::OK).data()
}

async fn did(house: &TestHouse, what: &str, at: &str, said: Value) {
    let mut event = json!({
        "id": format!("{what} {at}"), "occurred_at": at, "user": { "external_id": "ana" }, "verb": "progressed",
        "object": { "kind": "item", "external_id": what },
    });
    for (name, value) in said.as_object().unwrap() {
        event[name] = value.clone();
    }
    let told = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(told[0]["status"], "accepted", "{told}");
}

#[actix_web::test]
async fn who_has_done_nothing_is_judged_by_nothing() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let told = insights(&house.admin(), "").await;
    assert_eq!((&told["data_sufficiency"], &told["engagement"]["tier"]), (&json!("none"), &Value::Null));
    assert_eq!((&told["recommendations"], &told["risk"]), (&json!([]), &json!({ "tier": "low", "factors": [] })));
    assert_eq!(
        (&told["study_pattern"]["best_hour"], &told["pace"], &told["goal"]),
        (&Value::Null, &json!([]), &Value::Null)
    );
    house.settle().await;
}

#[actix_web::test]
async fn what_is_said_follows_from_what_was_done_in_the_learners_language() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Quiz, Quiz, Quiz], &[Material]], &["ana"]).await;
    let admin = house.admin();
    for item in &course.lessons[0].items {
        let skills = json!({ "skills": ["listening"] });
        admin.patch(&format!("/api/training-items/{}", item.id), skills).await.expect(StatusCode::OK);
    }
    for nth in 1..=3 {
        let at = format!("2026-11-1{nth}T10:30:00Z");
        let low = json!({ "verb": "submitted", "result": { "score": { "raw": 4 } } });
        did(&house, &format!("spanish/1/{nth}"), &at, low).await;
    }
    let told = insights(&admin, "&tz=Asia/Seoul").await;
    assert_eq!((&told["data_sufficiency"], &told["engagement"]["active_days_28"]), (&json!("limited"), &json!(3)));
    assert_eq!((&told["study_pattern"]["best_hour"], &told["study_pattern"]["tz"]), (&json!(19), &json!("Asia/Seoul")));
    assert_eq!(told["weaknesses"], json!([{ "skill": "listening", "score": 0.4, "evidence_count": 3 }]));
    let codes: Vec<_> = told["recommendations"].as_array().unwrap().iter().map(|one| &one["reason_code"]).collect();
    assert_eq!(codes, ["course_resting", "skill_weak"]);
    let resting = &told["recommendations"][0];
    assert_eq!((&resting["course_id"], &resting["evidence"]), (&json!(course.id), &json!({ "days_inactive": 7 })));
    assert_eq!(resting["text"], "Nothing was done in “Course spanish” for 7 days. Go on where it was left.");
    let korean = insights(&admin, "&locale=ko-KR").await;
    assert_eq!(korean["locale"], "ko");
    assert_eq!(
        korean["recommendations"][1]["text"],
        "“listening” 영역의 점수가 낮습니다(연습 3개). 다음에는 이 영역을 연습하세요."
    );
    assert_eq!(insights(&admin, "&locale=ptbr").await["locale"], "en", "an unknown tag never fails");
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    admin.patch(&path, json!({ "locale": "ru" })).await.expect(StatusCode::OK);
    assert_eq!(insights(&admin, "").await["locale"], "ru");
    assert_eq!(
        insights(&admin, "&locale=en").await["recommendations"],
        told["recommendations"],
        "the same facts, the same words"
    );
    house.settle().await;
}

#[actix_web::test]
async fn everybody_reads_his_own_and_others_need_the_ability() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.learner().get("/api/learning-insights").await.expect(StatusCode::OK);
    assert_eq!(house.learner().get("/api/learning-insights?external_id=ana").await.refusal().1, "ability_missing");
    let reader = house.token(&[Ability::InsightsRead]).await;
    insights(&reader, "").await;
    assert_eq!(reader.get("/api/learning-insights").await.refusal().1, "subject_required");
    assert_eq!(reader.get("/api/learning-insights?external_id=ana&tz=Mars/Olympus").await.refusal().2, ["?tz"]);
    assert_eq!(house.stranger().get("/api/learning-insights?external_id=ana").await.refusal().0, 404);
    house.settle().await;
}
