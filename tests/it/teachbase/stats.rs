//! A statistic asked for is the statistic that was told: the same keys in the same order with the same values.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_protocols::event::ItemKind;

use super::{client, refusal};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    callers::Caller,
};

const KINDS: [ItemKind; 4] = [ItemKind::Quiz, ItemKind::Task, ItemKind::Scorm, ItemKind::Material];

/// Type and id of a statistic, and its data as text, which shows the order of the keys.
type Told = BTreeMap<(String, i64), (String, Value)>;

/// A receiver of everything, told so far; what comes later in time replaces what came before.
struct Listener {
    receiver: crate::support::receivers::Receiver,
    told: Told,
}

impl Listener {
    async fn subscribe(house: &TestHouse) -> Self {
        let receiver = house.receivers.at("https://teachbase.example/");
        let webhook = json!({ "url": receiver.url(), "events": ["*"], "dialect": "teachbase" });
        let answer = house.admin().post("/api/integrations/webhooks", webhook).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Self { receiver, told: Told::new() }
    }

    /// Waits for all that is owed, coalesced or not, and takes it in.
    async fn hear(&mut self, house: &TestHouse) {
        house.settle().await;
        house.skip_all().await;
        for call in self.receiver.take() {
            let text = String::from_utf8(call.body.to_vec()).expect("UTF-8");
            let (_, data) = text.split_once(r#","data":"#).expect("data");
            let data = data.strip_suffix('}').expect("an end").to_owned();
            let hook = call.json();
            let key = (hook["type"].as_str().unwrap().to_owned(), hook["data"]["id"].as_i64().unwrap());
            let newer = |known: &(String, Value)| known.1["updated_at"].as_str() <= hook["data"]["updated_at"].as_str();
            if self.told.get(&key).is_none_or(newer) {
                self.told.insert(key, (data, hook["data"].clone()));
            }
        }
    }

    /// Insists that each statistic, alone and in its list, is what was last told of it.
    async fn is_what_is_asked(&self, caller: &Caller) {
        for ((kind, id), (text, data)) in &self.told {
            let course = &data["course_id"];
            let list = match kind.as_str() {
                "course_stat" => "/endpoint/v1/course_stats".to_owned(),
                part => format!("/endpoint/v1/courses/{course}/{part}s"),
            };
            let answer = caller.get(&format!("{list}/{id}")).await;
            assert_eq!(answer.status, 200, "{list}/{id}: {}", answer.text());
            assert_eq!(answer.text(), *text, "{kind} {id}");
            let listed = caller.get(&format!("{list}?per_page=100")).await;
            assert!(listed.json().as_array().unwrap().contains(data), "{list}: {}", listed.text());
        }
    }
}

async fn act(house: &TestHouse, learner: &BuiltLearner, (object, verb): (Value, &str), result: Value) {
    let at = house.clock.now();
    let id = format!("{at:?} {object} {verb}");
    let event = json!({
        "id": id.chars().take(128).collect::<String>(), "occurred_at": at, "user": { "id": learner.id },
        "object": object, "verb": verb, "result": result,
    });
    let outcome = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(outcome[0]["status"], "accepted", "{outcome}");
    house.clock.advance(TimeDelta::milliseconds(1_234));
}

fn item(course: &BuiltCourse, nth: usize) -> Value {
    json!({ "kind": "item", "id": course.lessons[0].items[nth].id })
}

#[actix_web::test]
async fn all_six_kinds_are_what_their_last_webhook_said_after_several_updates() {
    let house = TestHouse::new().await;
    let mut listener = Listener::subscribe(&house).await;
    let (course, learners) = house.class(&[&KINDS], &["Ольга", "김민준"]).await;
    let caller = client(&house, &["progress:read"]).await;
    listener.hear(&house).await;
    listener.is_what_is_asked(&caller).await;
    assert_eq!(listener.told.len(), 2, "two learners on a course");

    for learner in &learners {
        act(
            &house,
            learner,
            (item(&course, 0), "answered"),
            json!({ "score": { "raw": 3.5 }, "duration_seconds": 40 }),
        )
        .await;
        act(&house, learner, (item(&course, 1), "submitted"), json!({ "duration_seconds": 600, "progress": 0.999 }))
            .await;
        act(&house, learner, (item(&course, 2), "started"), json!({ "duration_seconds": 7 })).await;
    }
    listener.hear(&house).await;
    listener.is_what_is_asked(&caller).await;
    assert_eq!(listener.told.len(), 2 * 5);

    for learner in &learners {
        // Time alone inside the course and the lesson is not told, so it is not answered either.
        act(&house, learner, (item(&course, 0), "progressed"), json!({ "duration_seconds": 3600 })).await;
        act(&house, learner, (item(&course, 0), "passed"), json!({ "score": { "raw": 9 }, "attempt": 2 })).await;
        act(&house, learner, (item(&course, 3), "completed"), json!({ "duration_seconds": 90 })).await;
    }
    listener.hear(&house).await;
    listener.is_what_is_asked(&caller).await;
    assert_eq!(listener.told.len(), 2 * 6);

    for nth in [1, 2] {
        act(&house, &learners[0], (item(&course, nth), "passed"), json!({ "success": true, "score": { "raw": 1.25 } }))
            .await;
    }
    listener.hear(&house).await;
    listener.is_what_is_asked(&caller).await;
    let done = listener.told.values().filter(|(_, data)| data["user_id"] == learners[0].number);
    assert!(done.clone().all(|(_, data)| data["progress"] == 100), "{:?}", done.collect::<Vec<_>>());
}

#[actix_web::test]
async fn an_earlier_start_that_comes_late_is_told_and_answered() {
    let house = TestHouse::new().await;
    let mut listener = Listener::subscribe(&house).await;
    let (course, learners) = house.class(&[&KINDS], &["ana"]).await;
    let caller = client(&house, &["progress:read"]).await;
    act(&house, &learners[0], (item(&course, 0), "progressed"), json!({ "progress": 0.5 })).await;
    let late = json!({
        "id": "late", "occurred_at": house.clock.now() - TimeDelta::hours(3), "user": { "id": learners[0].id },
        "object": item(&course, 0), "verb": "progressed", "result": { "progress": 0.25, "duration_seconds": 5 },
    });
    house.admin().post("/api/progress-events", json!({ "events": [late] })).await.data();
    listener.hear(&house).await;
    listener.is_what_is_asked(&caller).await;
}

#[actix_web::test]
async fn lists_have_their_own_kind_alone() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&KINDS, &[ItemKind::Dialogue]], &["ana", "ben", "eva"]).await;
    let other = house.course("french", &[&KINDS]).await;
    house.enrol(&other, &learners[..1]).await;
    for learner in &learners {
        for nth in 0..4 {
            act(&house, learner, (item(&course, nth), "started"), json!({})).await;
        }
        act(&house, learner, (json!({ "kind": "item", "id": course.lessons[1].items[0].id }), "started"), json!({}))
            .await;
    }
    act(&house, &learners[0], (item(&other, 0), "started"), json!({})).await;
    house.settle().await;
    let caller = client(&house, &["progress:read"]).await;
    let count = async |path: String| {
        let answer = caller.get(&path).await;
        let rows = answer.json().as_array().unwrap_or_else(|| panic!("{}", answer.text())).len();
        assert_eq!(answer.header("total"), Some(rows.to_string().as_str()), "{path}");
        rows
    };
    assert_eq!(count("/endpoint/v1/course_stats".into()).await, 4);
    let (here, there) = (course.number, other.number);
    for (kind, number, rows) in [
        ("section", here, 6),
        ("quiz", here, 3),
        ("task", here, 3),
        ("scorm", here, 3),
        ("material", here, 3),
        ("section", there, 1),
        ("quiz", there, 1),
        ("task", there, 0),
    ] {
        assert_eq!(count(format!("/endpoint/v1/courses/{number}/{kind}_stats")).await, rows, "{kind} of {number}");
    }
    // Page by page nothing is lost and nothing is there twice.
    let mut seen = Vec::new();
    for page in 1..=4 {
        let answer = caller.get(&format!("/endpoint/v1/courses/{here}/section_stats?per_page=2&page={page}")).await;
        seen.extend(answer.json().as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
    }
    assert!(seen.len() == 6 && seen.is_sorted_by(|one, next| one < next), "{seen:?}");
}

#[actix_web::test]
async fn a_statistic_is_found_in_its_place_alone() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&KINDS], &["ana"]).await;
    let other = house.course("french", &[&KINDS]).await;
    act(&house, &learners[0], (item(&course, 0), "started"), json!({})).await;
    house.settle().await;
    let caller = client(&house, &["progress:read"]).await;
    let number =
        |kind: &str| house.database.number(&format!("SELECT number FROM standings WHERE object_kind = '{kind}'"));
    let (on_course, on_lesson, on_item) = (number("course"), number("lesson"), number("item"));
    let (here, there) = (course.number, other.number);
    let paths = [
        (format!("course_stats/{on_course}"), 200),
        (format!("courses/{here}/section_stats/{on_lesson}"), 200),
        (format!("courses/{here}/quiz_stats/{on_item}"), 200),
        (format!("course_stats/{on_lesson}"), 404),
        (format!("courses/{there}/section_stats/{on_lesson}"), 404),
        (format!("courses/{here}/task_stats/{on_item}"), 404),
        (format!("courses/{here}/section_stats/{on_item}"), 404),
        (format!("courses/0/section_stats/{on_lesson}"), 404),
        ("course_stats/0".to_owned(), 404),
        ("course_stats/-1".to_owned(), 404),
        ("courses/0/quiz_stats".to_owned(), 404),
    ];
    for (path, status) in &paths {
        let path = format!("/endpoint/v1/{path}");
        let answer = caller.get(&path).await;
        assert_eq!(answer.status, *status, "{path}: {}", answer.text());
        // To a stranger nothing of it exists.
        assert_eq!(refusal(&house.stranger().get(&path).await).0, 404, "{path}");
    }
    assert_eq!(house.stranger().get("/endpoint/v1/course_stats").await.json(), json!([]));
}

#[actix_web::test]
async fn who_has_left_and_what_is_deleted_has_no_statistics() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&KINDS], &["ana", "ben"]).await;
    for learner in &learners {
        act(&house, learner, (item(&course, 0), "started"), json!({})).await;
        act(&house, learner, (item(&course, 1), "started"), json!({})).await;
    }
    house.settle().await;
    let caller = client(&house, &["progress:read"]).await;
    let quizzes = format!("/endpoint/v1/courses/{}/quiz_stats", course.number);
    let total = async |path: &str| caller.get(path).await.header("total").unwrap_or("none").to_owned();
    assert_eq!((total(&quizzes).await, total("/endpoint/v1/course_stats").await), ("2".into(), "2".into()));
    let gone = format!("/api/institutions/{}/members/{}", house.school.tenant, learners[1].id);
    assert_eq!(house.admin().delete(&gone).await.status, 204);
    assert_eq!((total(&quizzes).await, total("/endpoint/v1/course_stats").await), ("1".into(), "1".into()));
    let gone = format!("/api/trainingItems/{}", course.lessons[0].items[0].id);
    assert_eq!(house.admin().delete(&gone).await.status, 204);
    assert_eq!((total(&quizzes).await, total("/endpoint/v1/course_stats").await), ("0".into(), "1".into()));
    assert_eq!(house.admin().delete(&format!("/api/courses/{}", course.id)).await.status, 204);
    assert_eq!((total(&quizzes).await, total("/endpoint/v1/course_stats").await), ("none".into(), "0".into()));
    house.settle().await;
}
