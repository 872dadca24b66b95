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

/// All of a course is wanted at once.
const EVERYTHING: PageRequest = PageRequest { page: 1, per_page: 10_000 };

/// Reads all of a course that lives, in order.
///
/// # Errors
/// As the database says.
pub async fn outline(tx: &mut TenantTx, course: Id<id::Course>) -> Result<Vec<LessonOutline>> {
    let course = Some(course.uuid());
    let lessons = lessons::list(tx, &LessonFilter { course, ..LessonFilter::default() }, EVERYTHING).await?.rows;
    let trainings =
        trainings::list(tx, &TrainingFilter { course, ..TrainingFilter::default() }, EVERYTHING).await?.rows;
    let items = items::list(tx, &ItemFilter { course, ..ItemFilter::default() }, EVERYTHING).await?.rows;
    Ok(assemble(lessons, trainings, items))
}

fn assemble(lessons: Vec<Lesson>, trainings: Vec<Training>, items: Vec<Item>) -> Vec<LessonOutline> {
    let mut items_of: HashMap<_, Vec<Item>> = HashMap::new();
    for item in items {
        items_of.entry(item.training_id).or_default().push(item);
    }
    let mut trainings_of: HashMap<_, Vec<TrainingOutline>> = HashMap::new();
    for training in trainings {
        let items = items_of.remove(&training.id).unwrap_or_default();
        trainings_of.entry(training.lesson_id).or_default().push(TrainingOutline { training, items });
    }
    let with_trainings = |lesson: Lesson| {
        let trainings = trainings_of.remove(&lesson.id).unwrap_or_default();
        LessonOutline { lesson, trainings }
    };
    lessons.into_iter().map(with_trainings).collect()
}
