//! The API, door by door: one file for each feature.

mod courses;
mod enrollments;
mod institutions;
mod lessons;
mod members;
mod public_courses;
mod training_items;
mod trainings;
