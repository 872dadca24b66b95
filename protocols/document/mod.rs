//! Documents for paper: a learner's levels as a page of PDF that anybody can verify.
//!
//! The players: [`CefrDocument`] is what a document says; `sheet` is the page that is drawn on; `line` knows which font
//! has a letter and which way a text runs.
//!
//! Not here: what a level is worth and who may issue it (`stoa-record`), and the words (`templates/cefr_document`).
//!
//! # Source
//! ISO 32000-1 (PDF 1.7), by the library `krilla`; Unicode Standard Annex 9 for lines in two directions; ISO/IEC 18004
//! for the QR code.

mod cefr;
mod line;
mod sheet;

pub use cefr::{CefrDocument, CefrSkillFacts, CefrTargetFacts, CefrVerification};

/// A document that could not be drawn: a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The fonts that are compiled in cannot be read.
    #[error("the fonts cannot be read")]
    Fonts,
    /// Its words cannot be read.
    #[error("the words of documents cannot be read")]
    Words,
    /// The address of its verification does not fit a QR code.
    #[error("no QR code holds the address of the verification")]
    Code,
    /// The library refused.
    #[error("the document cannot be written: {0}")]
    Pdf(String),
}
