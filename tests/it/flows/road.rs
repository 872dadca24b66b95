//! A learner's way through a course: enrolled, started, progressed, completed; told to receivers of each kind.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, event, item, subscribe};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    receivers::{Call, Receiver},
};

/// A learner before the first step, and receivers of each kind.
struct Road {
    house: TestHouse,
    course: BuiltCourse,
    ana: BuiltLearner,
    talktiko: Receiver,
    teachbase: Receiver,
    reach: Receiver,
}

impl Road {
    async fn begin() -> Self {
        let house = TestHouse::new().await;
        let course = house.course("spanish", &[&[ItemKind::Quiz, ItemKind::Material], &[ItemKind::Task]]).await;
        let ana = house.learners(&["ana"]).await.remove(0);
        house.settle().await;
        let (talktiko, _) = subscribe(&house, "https://talktiko.example/hooks", json!({})).await;
        let (teachbase, _) =
            subscribe(&house, "https://teachbase.example/hooks", json!({ "dialect": "teachbase" })).await;
        let (reach, _) = subscribe(&house, "https://reach.example/hooks", json!({ "dialect": "reach360" })).await;
        Self { house, course, ana, talktiko, teachbase, reach }
    }

    /// A second later the learner does something with an item; answers what each receiver was told.
    async fn step(&self, id: &str, place: (usize, usize), verb: &str, result: Value) -> [Vec<String>; 3] {
        self.house.clock.advance(TimeDelta::seconds(1));
        let mut event = event(&self.house, id, &self.ana, item(&self.course, place), verb);
        if !result.is_null() {
            event["result"] = result;
        }
        let outcomes = accept(&self.house, vec![event]).await;
        self.house.settle().await;
        let calls = self.talktiko.take();
        // The answer to the sender names the very events that receivers get.
        let mut told: Vec<String> = calls.iter().map(|call| call.json()["id"].as_str().unwrap().to_owned()).collect();
        let mut promised: Vec<String> =
            outcomes[0]["events"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        told.sort();
        promised.sort();
        assert_eq!(told, promised, "{id}");
        let mut types: Vec<String> = calls.iter().map(Call::event_type).collect();
        types.sort();
        [types, self.stats(), self.reach.take_types()]
    }

    /// What the Teachbase receiver was told: type and event of each.
    fn stats(&self) -> Vec<String> {
        let line = |body: Value| format!("{} {}", body["type"].as_str().unwrap(), body["event"].as_str().unwrap());
        let mut stats: Vec<String> = self.teachbase.take().iter().map(|call| line(call.json())).collect();
        stats.sort();
        stats
    }
}

#[actix_web::test]
async fn a_course_from_the_first_day_to_the_last() {
    let road = Road::begin().await;
    let enrolments = format!("/api/courses/{}/enrollments", road.course.id);
    let enrolled = road.house.admin().post(&enrolments, json!({ "user": { "id": road.ana.id } })).await;
    assert!((200..300).contains(&enrolled.status), "{}", enrolled.text());
    road.house.settle().await;
    assert_eq!(road.talktiko.take_types(), ["course_stat.created", "enrollment.created", "enrollments.created"]);
    assert_eq!(road.stats(), ["course_stat created"]);
    assert_eq!(road.reach.take_types(), ["enrollments.created"]);

    let [all, stats, reach] = road.step("e1", (0, 0), "started", Value::Null).await;
    assert_eq!(all, ["course_stat.updated", "lesson.started", "quiz_stat.created", "section_stat.created"]);
    assert_eq!(stats, ["course_stat updated", "quiz_stat created", "section_stat created"]);
    assert_eq!(reach, [""; 0]);

    let half = json!({
        "progress": 0.5, "score": { "raw": 8, "min": 0, "max": 10 }, "success": true, "duration_seconds": 90, "attempt": 1,
    });
    let [all, stats, _] = road.step("e2", (0, 0), "progressed", half).await;
    assert_eq!(all, ["quiz_stat.updated"]);
    assert_eq!(stats, ["quiz_stat updated"]);

    let [all, ..] = road.step("e3", (0, 0), "passed", json!({ "score": { "raw": 9 } })).await;
    assert_eq!(all, ["quiz_stat.updated", "section_stat.updated"], "half of the lesson is done");

    let [all, ..] = road.step("e4", (0, 1), "completed", Value::Null).await;
    let lesson = [
        "course_stat.updated",
        "lesson.completed",
        "material_stat.created",
        "section_stat.updated",
        "training.completed",
    ];
    assert_eq!(all, lesson);

    let [all, stats, reach] = road.step("e5", (1, 0), "completed", Value::Null).await;
    let end = [
        "course.completed",
        "course_stat.updated",
        "enrollment.completed",
        "lesson.completed",
        "lesson.started",
        "section_stat.created",
        "section_stat.updated",
        "task_stat.created",
        "training.completed",
    ];
    assert_eq!(all, end);
    assert_eq!(stats, ["course_stat updated", "section_stat created", "section_stat updated", "task_stat created"]);
    assert_eq!(reach, ["course.completed"]);
    let enrolled = road.house.admin().get(&enrolments).await.data();
    assert_eq!(enrolled[0]["status"], "completed", "{enrolled}");
}

/// `enrolled` as activity does what the door of enrolments does.
#[actix_web::test]
async fn activity_may_enrol() {
    let road = Road::begin().await;
    let enrolled = event(&road.house, "e1", &road.ana, super::steps::course(&road.course), "enrolled");
    accept(&road.house, vec![enrolled]).await;
    road.house.settle().await;
    assert_eq!(road.talktiko.take_types(), ["course_stat.created", "enrollment.created", "enrollments.created"]);
    assert_eq!(road.stats(), ["course_stat created"]);
    assert_eq!(road.reach.take_types(), ["enrollments.created"]);
}

/// The request's name goes with the event to the receiver, so that both sides' logs can be laid side by side.
#[actix_web::test]
async fn a_request_keeps_its_name_to_the_receiver() {
    let road = Road::begin().await;
    let enrolled = event(&road.house, "e1", &road.ana, super::steps::course(&road.course), "enrolled");
    let request = road.house.admin().request(actix_web::http::Method::POST, "/api/progress-events");
    let answer = request.header("x-request-id", "lms-import-17").json(&json!({ "events": [enrolled] })).send().await;
    assert_eq!(answer.header("x-request-id"), Some("lms-import-17"));
    road.house.settle().await;
    for call in road.talktiko.take() {
        assert_eq!(call.header("x-request-id"), Some("lms-import-17"));
    }
    road.teachbase.take();
}
