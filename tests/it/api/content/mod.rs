//! What is learned: courses, lessons, trainings, items, and the public catalogue.

mod conditions;
mod courses;
mod lessons;
mod library;
mod locks;
mod public_courses;
mod review;
mod rules;
mod shapes;
mod training_items;
mod trainings;
mod versions;
mod waivers;
