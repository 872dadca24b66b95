//! At which level of the Common European Framework of Reference a learner is, and what shows it.
//!
//! The players: [`Evidence`], which somebody recorded, and graded items, which are read where they stand; the mapping
//! tables ([`scales`]) by which a score becomes a level; [`assessment`], the rule by which evidence becomes the level of
//! a skill and the skills become a profile; the [`Report`], which tells all of it.
//!
//! # Rule
//! - Levels are an ordered scale; nothing is an average. Without evidence there is no level, and never A1.
//! - A level rises with the weight of evidence and falls only by new contrary evidence, not by time. Time changes the
//!   status alone.
//! - A mapping that changes changes no level that was recorded: each piece keeps the version by which it was read.
//! - Descriptors are told by their keys; the texts are the Council of Europe's.
//!
//! # Source
//! Council of Europe, CEFR Companion Volume (2020).

pub mod assessment;
mod commands;
mod documents;
mod evidence;
mod following;
mod levels;
mod percentile;
mod queries;
mod report;
pub mod scales;
mod target;

use stoa_core::words;

pub use commands::{NewEvidence, Recorded, record, withdraw};
pub use documents::{Document, DocumentStatus, Issue, find_document, issue, list_documents, revoke_document, verify};
pub use evidence::{Evidence, Piece};
pub use following::Levels;
pub use levels::{LevelMove, Whose};
pub use percentile::Percentile;
pub use queries::{list_evidence, newest_language};
pub use report::{Report, SkillReport, report};
pub use target::{Target, set_target};

/// Which edition of the framework the levels are those of.
pub const FRAMEWORK: &str = "cefr-2020";
/// Counts changes of the rule in [`assessment`].
pub const RULES_VERSION: i32 = 1;

words! {
    /// What is assessed.
    Skill {
        /// Understanding speech.
        Listening = "listening",
        /// Understanding texts.
        Reading = "reading",
        /// Talking, alone and with others.
        Speaking = "speaking",
        /// Writing, alone and with others.
        Writing = "writing",
    }
}

words! {
    /// What kind of evidence a piece is.
    EvidenceSource {
        /// A test that places newcomers.
        Placement = "placement",
        /// Items of courses, scored as they were learned.
        GradedItem = "graded_item",
        /// A teacher's judgement.
        Teacher = "teacher",
        /// A certificate of somebody else.
        ExternalCertificate = "external_certificate",
    }
}

words! {
    /// How sure a level is.
    LevelStatus {
        /// Enough evidence, none of it too old.
        Assessed = "assessed",
        /// Some evidence.
        Provisional = "provisional",
        /// Too little to name a level.
        InsufficientEvidence = "insufficient_evidence",
        /// All evidence is too old or has expired; the level is the last that was shown.
        Expired = "expired",
    }
}

impl EvidenceSource {
    /// What a piece weighs, in hundredths of a certificate.
    pub const fn weight(self) -> i64 {
        match self {
            Self::ExternalCertificate => 100,
            Self::Placement => 75,
            Self::Teacher => 50,
            Self::GradedItem => 10,
        }
    }
}
