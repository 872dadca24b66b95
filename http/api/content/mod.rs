//! What is learned: courses and what they hold, their way to the learners, and the public catalogue.
//!
//! Every list takes `fields`, and those of what holds something `include`; every reading has a strong `ETag`, and every
//! change takes `If-Match`.
//!
//! Not here: who is on a course (`enrollments`), and where a learner stands (`record`).

mod courses;
mod lessons;
mod public_courses;
mod review;
mod sparse;
mod tombstone;
mod training_items;
mod trainings;
mod versions;
mod views;
mod waivers;

use crate::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Content";

/// The doors of this feature.
pub(super) fn doors() -> Vec<Door> {
    [
        courses::doors(),
        review::doors(),
        versions::doors(),
        lessons::doors(),
        waivers::doors(),
        trainings::doors(),
        training_items::doors(),
        public_courses::doors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
