//! Things to act on, made by the commands of the house in one transaction each.
//!
//! Everything has an external id that says what it is: course `spanish`, its first lesson `spanish/1`, that lesson's
//! second item `spanish/1/2`, learner `ana`.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stoa_core::{
    Id, Key,
    content::{courses, items, lessons, trainings},
    enrolments, id, members,
};
use stoa_protocols::event::ItemKind;

use super::house::TestHouse;

/// A course with its lessons.
#[derive(Debug, Clone)]
pub(crate) struct BuiltCourse {
    pub(crate) id: Id<id::Course>,
    pub(crate) number: i64,
    pub(crate) lessons: Vec<BuiltLesson>,
}

/// A lesson with its one training and the items of that.
#[derive(Debug, Clone)]
pub(crate) struct BuiltLesson {
    pub(crate) id: Id<id::Lesson>,
    pub(crate) number: i64,
    pub(crate) training: Id<id::Training>,
    pub(crate) items: Vec<BuiltItem>,
}

/// An item.
#[derive(Debug, Clone)]
pub(crate) struct BuiltItem {
    pub(crate) id: Id<id::Item>,
    pub(crate) number: i64,
}

/// A learner.
#[derive(Debug, Clone)]
pub(crate) struct BuiltLearner {
    pub(crate) id: Id<id::User>,
    pub(crate) number: i64,
    pub(crate) key: String,
    pub(crate) email: String,
}

impl TestHouse {
    /// Makes a course with a lesson for each list of items. Quizzes score to 10.
    pub(crate) async fn course(&self, key: &str, lessons: &[&[ItemKind]]) -> BuiltCourse {
        let mut tx = self.tx().await;
        let new = read(json!({ "title": format!("Course {key}"), "external_id": key, "status": "published" }));
        let course = courses::create(&mut tx, &self.scope(), new).await.expect("a course");
        let mut built = Vec::new();
        for (at, kinds) in (1..).zip(lessons) {
            let lesson_key = format!("{key}/{at}");
            let new =
                read(json!({ "course_id": course.id, "title": format!("Lesson {at}"), "external_id": lesson_key }));
            let lesson = lessons::create(&mut tx, new).await.expect("a lesson");
            let new =
                read(json!({ "lesson_id": lesson.id, "title": format!("Training {at}"), "external_id": lesson_key }));
            let training = trainings::create(&mut tx, new).await.expect("a training");
            let mut items = Vec::new();
            for (nth, kind) in (1..).zip(*kinds) {
                let new = read(json!({
                    "training_id": training.id,
                    "type": kind,
                    "title": format!("Item {nth}"),
                    "external_id": format!("{lesson_key}/{nth}"),
                    "max_score": (*kind == ItemKind::Quiz).then_some(10),
                }));
                let item = items::create(&mut tx, new).await.expect("an item");
                items.push(BuiltItem { id: item.id, number: item.number });
            }
            built.push(BuiltLesson { id: lesson.id, number: lesson.number, training: training.id, items });
        }
        tx.commit().await.expect("a course");
        // That it was published is told to whoever listens by now.
        self.settle().await;
        BuiltCourse { id: course.id, number: course.number, lessons: built }
    }

    /// Adds learners.
    pub(crate) async fn learners(&self, keys: &[&str]) -> Vec<BuiltLearner> {
        let mut tx = self.tx().await;
        let mut built = Vec::new();
        for key in keys {
            let email = format!("{key}@home.example");
            let new = read(json!({ "email": email, "name": format!("{key} Learner"), "external_id": key }));
            let member = members::add(&mut tx, &self.scope(), new).await.expect("a learner");
            built.push(BuiltLearner { id: member.id, number: member.number, key: (*key).to_owned(), email });
        }
        tx.commit().await.expect("the learners");
        built
    }

    /// Puts learners on a course.
    pub(crate) async fn enrol(&self, course: &BuiltCourse, learners: &[BuiltLearner]) {
        let mut tx = self.tx().await;
        let users: Vec<Value> = learners.iter().map(|learner| json!({ "id": learner.id })).collect();
        let new = read(json!({ "users": users }));
        enrolments::enrol_named(&mut tx, &self.scope(), &Key::Id(course.id), new).await.expect("the enrolments");
        tx.commit().await.expect("the enrolments");
    }

    /// Makes a course, adds learners and puts them on it, and relays what that announced: a place to begin from.
    pub(crate) async fn class(&self, lessons: &[&[ItemKind]], keys: &[&str]) -> (BuiltCourse, Vec<BuiltLearner>) {
        let course = self.course("spanish", lessons).await;
        let learners = self.learners(keys).await;
        self.enrol(&course, &learners).await;
        self.settle().await;
        (course, learners)
    }
}

fn read<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).expect("a body that fits")
}
