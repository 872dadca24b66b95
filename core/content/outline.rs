//! A course from top to bottom.

use std::collections::HashMap;

use super::{
    items::{self, Item, ItemFilter},
    lessons::{self, Lesson, LessonFilter},
    trainings::{self, Training, TrainingFilter},
};
use crate::{
    db::{PageRequest, TenantTx},
    error::Result,
    id::{self, Id},
};

/// A lesson with all that it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonOutline {
    /// The lesson.
    pub lesson: Lesson,
    /// Its trainings, in order.
    pub trainings: Vec<TrainingOutline>,
}

/// A training with its items.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingOutline {
    /// The training.
    pub training: Training,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// How far down a course is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Its lessons.
    Lessons,
    /// And their trainings.
    Trainings,
    /// And their items.
    Items,
}

/// All of a course is wanted at once.
const EVERYTHING: PageRequest = PageRequest { page: 1, per_page: i64::MAX };

/// Reads all of some courses that lives, course by course in order.
///
/// # Errors
/// As the database says.
pub async fn outline(tx: &mut TenantTx, courses: &[Id<id::Course>]) -> Result<Vec<LessonOutline>> {
    outline_to(tx, courses, Depth::Items).await
}

/// Reads some courses down to a depth, course by course in order.
///
/// # Errors
/// As the database says.
pub async fn outline_to(tx: &mut TenantTx, courses: &[Id<id::Course>], depth: Depth) -> Result<Vec<LessonOutline>> {
    let courses = Some(courses.iter().map(|course| course.uuid()).collect());
    let lessons = lessons::list(tx, &LessonFilter { courses, ..LessonFilter::default() }, EVERYTHING).await?.rows;
    lessons_with(tx, lessons, depth).await
}

/// Adds to lessons what they hold.
///
/// # Errors
/// As the database says.
pub async fn lessons_with(tx: &mut TenantTx, lessons: Vec<Lesson>, depth: Depth) -> Result<Vec<LessonOutline>> {
    let trainings = if depth == Depth::Lessons {
        Vec::new()
    } else {
        let lessons = Some(lessons.iter().map(|lesson| lesson.id.uuid()).collect());
        trainings::list(tx, &TrainingFilter { lessons, ..TrainingFilter::default() }, EVERYTHING).await?.rows
    };
    let mut trainings_of: HashMap<_, Vec<TrainingOutline>> = HashMap::new();
    for outline in trainings_with(tx, trainings, depth == Depth::Items).await? {
        trainings_of.entry(outline.training.lesson_id).or_default().push(outline);
    }
    let with_trainings = |lesson: Lesson| {
        let trainings = trainings_of.remove(&lesson.id).unwrap_or_default();
        LessonOutline { lesson, trainings }
    };
    Ok(lessons.into_iter().map(with_trainings).collect())
}

/// Adds to trainings their items, where they are wanted.
///
/// # Errors
/// As the database says.
pub async fn trainings_with(
    tx: &mut TenantTx,
    trainings: Vec<Training>,
    wants_items: bool,
) -> Result<Vec<TrainingOutline>> {
    let mut items_of: HashMap<_, Vec<Item>> = HashMap::new();
    if wants_items && !trainings.is_empty() {
        let trainings = Some(trainings.iter().map(|training| training.id.uuid()).collect());
        let items = items::list(tx, &ItemFilter { trainings, ..ItemFilter::default() }, EVERYTHING).await?.rows;
        for item in items {
            items_of.entry(item.training_id).or_default().push(item);
        }
    }
    let with_items = |training: Training| {
        let items = items_of.remove(&training.id).unwrap_or_default();
        TrainingOutline { training, items }
    };
    Ok(trainings.into_iter().map(with_items).collect())
}
