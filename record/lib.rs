#![doc = include_str!("README.md")]

pub mod cefr;
pub mod history;
pub mod insights;
pub mod lesson_progress;
pub mod subject;
