#![doc = include_str!("README.md")]

pub mod analytics;
pub mod cefr;
pub mod exports;
pub mod following;
pub mod gamification;
pub mod history;
pub mod history_imports;
pub mod insights;
pub mod lesson_progress;
pub mod library;
pub mod privacy;
pub mod reports;
pub mod rollups;
pub mod statements;
pub mod stats;
pub mod subject;
