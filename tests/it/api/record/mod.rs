//! The learning record, over HTTP.

mod analytics;
mod analytics_course;
mod analytics_groups;
mod analytics_levels;
mod cefr;
mod cefr_documents;
mod exports;
mod exports_download;
pub(crate) mod gamification;
mod insights;
mod lesson_progress;
mod privacy;
mod progress_history;
mod progress_imports;
mod reports;
mod reports_people;
mod stats;
mod xapi;
