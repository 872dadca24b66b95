//! Tells whoever sent a file of people what became of it.
//!
//! Not here: when that is (`stoa_jobs::imports`).
//!
//! # Source
//! `templates/README.md` of this project.

use serde::Serialize;

use super::Mail;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Its plan is ready.
    Planned,
    /// Every row was applied.
    Completed,
    /// Applied, but for some rows.
    CompletedWithErrors,
    /// Not applied, or not to its end.
    Failed,
}

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct ImportFinished {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose people they are.
    pub institution_name: String,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// As the sender calls the file.
    pub file_name: Option<String>,
    /// Why it was not applied, or cannot be: a code.
    pub reason: Option<String>,
    /// People who are new.
    pub created: i32,
    /// People who changed.
    pub updated: i32,
    /// People who were as the file says.
    pub unchanged: i32,
    /// People who lost access.
    pub deactivated: i32,
    /// Rows that were left out.
    pub skipped: i32,
    /// Rows that were refused.
    pub refused: i32,
    /// Address of the import in the API.
    pub import_url: String,
}

impl Mail for ImportFinished {
    const NAME: &'static str = "import_finished";

    fn samples() -> Vec<Self> {
        let errors = Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            outcome: ImportOutcome::CompletedWithErrors,
            file_name: Some("students 2026 & co.csv".to_owned()),
            reason: None,
            created: 1_041,
            updated: 7,
            unchanged: 61_204,
            deactivated: 1,
            skipped: 3,
            refused: 2,
            import_url: "https://stoa.example.com/api/institutions/inst_01m7ynayqvemq8k9w39qsaekf4/imports/imp_01m7ynayrae8j5m2s7q9x3c6wd".to_owned(),
        };
        let fine =
            Self { outcome: ImportOutcome::Completed, file_name: None, skipped: 0, refused: 0, ..errors.clone() };
        let plan = Self { outcome: ImportOutcome::Planned, ..errors.clone() };
        let stopped =
            |reason: &str| Self { outcome: ImportOutcome::Failed, reason: Some(reason.to_owned()), ..errors.clone() };
        let blocked = Self { reason: Some("seats_exceeded".to_owned()), ..plan.clone() };
        vec![errors.clone(), fine, plan, blocked, stopped("change_threshold_exceeded"), stopped("internal")]
    }
}
