//! Statements of the Experience API, over HTTP.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

const VERSION: &str = "X-Experience-API-Version";

async fn post(caller: &Caller, version: &str, body: &Value) -> Answer {
    caller.request(Method::POST, "/api/xapi/statements").header(VERSION, version).json(body).send().await
}

fn statement(id: &str, actor: &str, verb: &str, object: &str) -> Value {
    json!({
        "id": id, "timestamp": "2026-11-20T18:00:00+09:00",
        "actor": { "account": { "homePage": "https://stoa.example", "name": actor } },
        "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}"), "display": { "ko": "통과" } },
        "object": { "id": object },
    })
}

const ONE: &str = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0";
const TWO: &str = "fd41c918-b88b-4b20-a0a5-a4c32391aaa1";

#[actix_web::test]
async fn statements_count_as_activity_by_either_version_and_once() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[Quiz], &[]], &["ana"]).await;
    let admin = house.admin();
    let iri = |id: String| format!("https://stoa.example/xapi/activities/{id}");
    let mut passed = statement(ONE, "ana", "passed", &iri(course.lessons[0].id.to_string()));
    passed["result"] = json!({ "success": true, "score": { "scaled": 0.85 }, "duration": "PT15M" });
    let mut read = statement(TWO, &learners[0].id.to_string(), "completed", &iri(course.lessons[1].id.to_string()));
    read["actor"] = json!({ "mbox": format!("mailto:{}", learners[0].email.to_uppercase()) });
    let answer = post(&admin, "1.0.3", &json!([passed, read])).await.expect(StatusCode::OK);
    assert_eq!((answer.json(), answer.header("x-experience-api-version")), (json!([ONE, TWO]), Some("1.0.3")));
    let answer = post(&admin, "2.0.0", &passed).await.expect(StatusCode::OK);
    assert_eq!((answer.json(), answer.header("x-experience-api-version")), (json!([ONE]), Some("2.0.0")));
    let path = format!("/api/courses/{}/lesson-progress?external_id=ana", course.id);
    let told = admin.get(&path).await.expect(StatusCode::OK).data();
    let lesson = &told["lessons"][0];
    assert_eq!(
        (&lesson["status"], &lesson["attempts"], &lesson["time_spent_seconds"]),
        (&json!("passed"), &json!(1), &json!(900))
    );
    assert_eq!((&lesson["score"]["scaled"], &told["course"]["status"]), (&json!(0.85), &json!("completed")));
    assert_eq!(house.database.number("SELECT count(*) FROM xapi_statements"), 2);
    house.settle().await;
}

#[actix_web::test]
async fn another_statement_of_the_same_id_is_a_conflict_and_the_same_in_another_order_is_not() {
    let house = TestHouse::new().await;
    house.class(&[&[]], &["ana"]).await;
    let admin = house.admin();
    let lesson = json!({ "course_id": house.course("more", &[]).await.id, "title": "One", "external_id": "https://lms.example/1" });
    admin.post("/api/lessons", lesson).await.expect(StatusCode::CREATED);
    let first = statement(ONE, "ana", "experienced", "https://lms.example/1");
    // Whoever is not on the course is put on it or refused by the road: here the institution enrols first.
    let course = admin.get("/api/courses?q=more").await.data()[0]["id"].as_str().unwrap().to_owned();
    admin.post(&format!("/api/courses/{course}/enrollments"), json!({ "user": { "external_id": "ana" } })).await;
    post(&admin, "2.0.0", &first).await.expect(StatusCode::OK);
    let mut again = first.clone();
    again["stored"] = json!("2026-11-21T00:00:00Z");
    again["verb"] = json!({ "display": { "ko": "통과" }, "id": first["verb"]["id"] });
    post(&admin, "2.0.0", &again).await.expect(StatusCode::OK);
    again["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/completed");
    assert_eq!(post(&admin, "2.0.0", &again).await.refusal().1, "conflict");
    house.settle().await;
}

#[actix_web::test]
async fn one_bad_statement_refuses_the_request_and_nothing_counts() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[]], &["ana"]).await;
    let admin = house.admin();
    let lesson = format!("https://stoa.example/xapi/activities/{}", course.lessons[0].id);
    let good = statement(ONE, "ana", "completed", &lesson);
    let bad = |change: fn(&mut Value)| {
        let mut bad = statement(TWO, "ana", "completed", &lesson);
        change(&mut bad);
        json!([good, bad])
    };
    for (body, pointer) in [
        (bad(|one| one["actor"]["account"]["name"] = json!("nobody")), "/1/actor"),
        (bad(|one| one["actor"]["account"]["homePage"] = json!("https://other.example")), "/1/actor"),
        (bad(|one| one["object"]["id"] = json!("https://lms.example/unknown")), "/1/object/id"),
        (bad(|one| one["verb"]["id"] = json!("http://id.example/verbs/liked")), "/1/verb/id"),
        (bad(|one| one["id"] = json!(ONE)), "/1/id"),
        (bad(|one| one["timestamp"] = json!("2036-01-01T00:00:00Z")), "/1"),
        (bad(|one| one["actor"] = Value::Null), "/1/actor"),
    ] {
        let (status, code, pointers) = post(&admin, "1.0.0", &body).await.refusal();
        assert_eq!((status, code.as_str(), pointers[0].as_str()), (400, "invalid_statement", pointer), "{body}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM progress_events"), 0);
    assert_eq!(post(&admin, "0.95", &good).await.refusal().0, 400);
    assert_eq!(admin.post("/api/xapi/statements", good.clone()).await.refusal().0, 400, "no version");
    assert_eq!(post(&house.learner(), "2.0.0", &good).await.refusal().1, "ability_missing");
    assert_eq!(
        post(&house.stranger(), "2.0.0", &good).await.refusal().0,
        400,
        "another institution's learner is nobody"
    );
    assert_eq!(post(&admin, "2.0.0", &json!([])).await.expect(StatusCode::OK).json(), json!([]));
    house.settle().await;
}

#[actix_web::test]
async fn an_id_is_given_where_the_sender_leaves_it_out_and_the_versions_are_told_to_anybody() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[]], &["ana"]).await;
    let mut one = statement(ONE, "ana", "experienced", &format!("https://stoa.example/xapi/activities/{}", course.id));
    one.as_object_mut().unwrap().remove("id");
    let ids = post(&house.admin(), "2.0.0", &one).await.expect(StatusCode::OK).json();
    assert_eq!(ids[0].as_str().map(str::len), Some(36));
    let about = house.anonymous().get("/api/xapi/about").await.expect(StatusCode::OK).json();
    assert_eq!(about, json!({ "version": ["2.0.0", "1.0.3"] }));
    house.settle().await;
}
