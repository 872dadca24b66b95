//! Tokens that are limited to some courses.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::{ME, TOKENS, make_with};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    callers::Caller,
};

const ABILITIES: [&str; 7] = [
    "content:read",
    "content:write",
    "content:answers",
    "progress:read",
    "progress:write",
    "members:read",
    "members:write",
];

/// Two courses with a learner on both, and a holder of a token for the first.
struct Story {
    house: TestHouse,
    own: BuiltCourse,
    other: BuiltCourse,
    learner: BuiltLearner,
    holder: Caller,
}

impl Story {
    async fn new() -> Self {
        let house = TestHouse::new().await;
        let (own, mut learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
        let other = house.course("other", &[&[ItemKind::Quiz]]).await;
        house.enrol(&other, &learners).await;
        let learner = learners.remove(0);
        let token = make_with(&house.admin(), &ABILITIES, json!({ "course_ids": [own.id] })).await;
        assert_eq!(token["course_ids"], json!([own.id]));
        let holder = house.caller(token["token"].as_str());
        house.settle().await;
        Self { house, own, other, learner, holder }
    }

    fn event(&self, id: &str, course: &BuiltCourse) -> Value {
        json!({
            "id": id, "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": self.learner.id },
            "object": { "kind": "item", "id": course.lessons[0].items[0].id }, "verb": "started",
        })
    }
}

#[actix_web::test]
async fn there_are_no_other_courses() {
    let Story { house, own, other, holder, .. } = &Story::new().await;
    let ids = |rows: Value| rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(holder.get("/api/courses").await.data()), [json!(own.id)]);
    assert_eq!(holder.get("/api/courses").await.json()["meta"]["total"], 1);
    for (kind, (mine, foreign)) in [
        ("courses", (own.id.to_string(), other.id.to_string())),
        ("lessons", (own.lessons[0].id.to_string(), other.lessons[0].id.to_string())),
        ("trainings", (own.lessons[0].training.to_string(), other.lessons[0].training.to_string())),
        ("trainingItems", (own.lessons[0].items[0].id.to_string(), other.lessons[0].items[0].id.to_string())),
    ] {
        holder.get(&format!("/api/{kind}/{mine}")).await.expect(StatusCode::OK);
        for method in [Method::GET, Method::DELETE] {
            let answer = holder.request(method, &format!("/api/{kind}/{foreign}")).send().await;
            assert_eq!(answer.refusal().0, 404, "{kind}");
        }
        let answer = holder.patch(&format!("/api/{kind}/{foreign}"), json!({ "title": "Mine now" })).await;
        assert_eq!(answer.refusal().0, 404, "{kind}");
        house.admin().get(&format!("/api/{kind}/{foreign}")).await.expect(StatusCode::OK);
    }
}

#[actix_web::test]
async fn nothing_is_written_beside_them() {
    let Story { house, own, other, holder, .. } = &Story::new().await;
    let refused = holder.post("/api/courses", json!({ "title": "One more" })).await;
    assert_eq!(refused.refusal(), (403, "ability_missing".into(), vec![]));
    let lesson = |course: &BuiltCourse| json!({ "title": "One more", "course_id": course.id });
    holder.post("/api/lessons", lesson(own)).await.expect(StatusCode::CREATED);
    assert_eq!(holder.post("/api/lessons", lesson(other)).await.refusal().2, ["/course_id"]);
    assert_eq!(house.database.number("SELECT count(*) FROM lessons"), 3);
    house.settle().await;
}

#[actix_web::test]
async fn enrolments_and_progress_are_those_of_its_courses() {
    let story = Story::new().await;
    let Story { house, own, other, learner, holder } = &story;
    let enrolled = |course: &BuiltCourse| format!("/api/courses/{}/enrollments", course.id);
    assert_eq!(holder.get(&enrolled(own)).await.data().as_array().unwrap().len(), 1);
    assert_eq!(holder.get(&enrolled(other)).await.refusal().0, 404);
    assert_eq!(holder.post(&enrolled(other), json!({ "users": [{ "id": learner.id }] })).await.refusal().0, 404);
    assert_eq!(holder.delete(&format!("{}/{}", enrolled(other), learner.id)).await.refusal().0, 404);
    let events = json!({ "events": [story.event("mine", own), story.event("theirs", other)] });
    let outcomes = holder.post("/api/progress-events", events).await.json();
    let outcomes: Vec<&Value> = outcomes["data"].as_array().unwrap_or_else(|| panic!("{outcomes}")).iter().collect();
    assert_eq!((&outcomes[0]["status"], &outcomes[1]["status"]), (&json!("accepted"), &json!("rejected")));
    let theirs = format!("SELECT count(*) FROM standings WHERE object_id = '{}'", other.lessons[0].items[0].id.uuid());
    assert_eq!(house.database.number(&theirs), 0);
    let reports = holder.get("/reports/activity").await.expect(StatusCode::OK).text();
    assert!(reports.contains(&own.id.to_string()) && !reports.contains(&other.id.to_string()), "{reports}");
    house.settle().await;
}

#[actix_web::test]
async fn a_restriction_goes_with_abilities_within_courses() {
    let Story { house, own, .. } = &Story::new().await;
    let wanted =
        |abilities: Value, courses: Value| json!({ "name": "x", "abilities": abilities, "course_ids": courses });
    for (body, pointers) in [
        (
            wanted(json!(["content:read", "webhooks:read", "tokens:write"]), json!([own.id])),
            vec!["/abilities/1", "/abilities/2"],
        ),
        (wanted(json!(["content:read"]), json!([])), vec!["/course_ids"]),
        (wanted(json!(["content:read"]), json!([own.id, "crs_00000000000000000000000001"])), vec!["/course_ids/1"]),
    ] {
        let refused = house.admin().post(TOKENS, body.clone()).await.refusal();
        assert_eq!((refused.0, refused.2), (422, pointers.into_iter().map(String::from).collect()), "{body}");
    }
    let foreign = house.stranger().post(TOKENS, wanted(json!(["content:read"]), json!([own.id]))).await;
    assert_eq!(foreign.refusal().2, ["/course_ids/0"], "another institution's course is none");
}

/// Every door: whoever is limited to one course finds nothing of another behind it, nor what is no course's.
#[actix_web::test]
async fn no_door_leads_beyond() {
    let story = Story::new().await;
    let Story { house, own, other, learner, holder } = &story;
    let foreign = [
        other.id.to_string(),
        other.lessons[0].id.to_string(),
        other.lessons[0].training.to_string(),
        other.lessons[0].items[0].id.to_string(),
    ];
    let before = house.database.value("SELECT md5(string_agg(c::text, '' ORDER BY c::text)) FROM courses c");
    let fill = |door: &stoa_http::doors::Door| {
        door.path_with(|part| match part {
            "course" | "course_id" | "courseId" | "id" if door.path.contains("ourses") => foreign[0].clone(),
            "id" if door.path.contains("lessons") => foreign[1].clone(),
            "id" if door.path.contains("trainings") => foreign[2].clone(),
            "id" => foreign[3].clone(),
            _ => learner.id.to_string(),
        })
    };
    for door in stoa_http::doors().list().iter().filter(|door| door.access.admits_institutions()) {
        let path = fill(door);
        let request = holder.request(door.method.clone(), &path);
        let answer = match (door.takes.example)() {
            Value::Null => request.send().await,
            body => request.json(&body).send().await,
        };
        assert!(answer.status < 500, "{} {path}: {}", door.method, answer.text());
        for id in &foreign {
            let named = answer.text().matches(id.as_str()).count();
            assert!(named == 0 || path.contains(id.as_str()), "{} {path} shows {id}: {}", door.method, answer.text());
        }
        if !door.within_courses {
            assert_eq!(answer.status, 403, "{} {path}: {}", door.method, answer.text());
        }
        if path.contains(&foreign[0]) && door.within_courses && door.path != ME {
            assert!(answer.status >= 400, "{} {path}: {}", door.method, answer.text());
        }
    }
    assert_eq!(house.database.value("SELECT md5(string_agg(c::text, '' ORDER BY c::text)) FROM courses c"), before);
    holder.get(&format!("/api/courses/{}", own.id)).await.expect(StatusCode::OK);
    house.settle().await;
}
