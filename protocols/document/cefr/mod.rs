//! A learner's levels on a page: who, in which language, at which level, skill by skill, and how to verify it.
//!
//! # Shape
//! What it says is frozen when it is issued, and drawn the same whenever it is asked for, in the language in which it was
//! issued.
//!
//! # Source
//! Council of Europe, CEFR Companion Volume (2020).

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use qrcode::{Color, QrCode};
use serde::{Deserialize, Serialize};

use super::{
    DocumentError,
    sheet::{About, Ink, Sheet, WIDTH, write},
};
use crate::render::{Direction, Language, Phrases, forms::Forms};

/// The levels of the scale, lowest first.
const SCALE: [&str; 10] = ["Pre-A1", "A1", "A2", "A2+", "B1", "B1+", "B2", "B2+", "C1", "C2"];
const SKILLS: [&str; 4] = ["listening", "reading", "speaking", "writing"];
const MARGIN: f32 = 56.0;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Side of the QR code.
const CODE_SIDE: f32 = 108.0;

static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::of_cefr_document().ok());

/// What a document says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CefrDocument {
    /// Name of the institution that issued it.
    pub institution: String,
    /// Name of the learner.
    pub name: String,
    /// Language that is learned, such as `ko`.
    pub language: String,
    /// Level of the four skills together; none while too few of them have one.
    pub level: Option<String>,
    /// Word of its status.
    pub status: String,
    /// Confidence in whole percents.
    pub confidence: i64,
    /// The four skills.
    pub skills: BTreeMap<String, CefrSkillFacts>,
    /// What the learner wants to reach.
    pub target: Option<CefrTargetFacts>,
    /// What was known then.
    pub as_of: NaiveDate,
    /// Civil date on which it was issued.
    pub issued_on: NaiveDate,
    /// Last civil date on which it is said to be valid.
    pub valid_until: NaiveDate,
    /// Version of the rule by which evidence became levels.
    pub rules_version: i32,
}

/// A skill on a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CefrSkillFacts {
    /// The level; none where nothing shows one.
    pub level: Option<String>,
    /// Word of its status.
    pub status: String,
    /// Pieces of evidence.
    pub evidence: i64,
}

/// What a learner wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CefrTargetFacts {
    /// The level.
    pub level: String,
    /// By when.
    pub due_on: Option<NaiveDate>,
}

/// How a document is verified.
#[derive(Debug, Clone)]
pub struct CefrVerification {
    /// The code, in groups for people.
    pub code: String,
    /// Address of the page with the code in its fragment.
    pub url: String,
}

/// Words and forms of a language.
struct Words {
    phrases: &'static Phrases,
    forms: Forms,
    language: Language,
}

impl Words {
    fn of(language: Language) -> Result<Self, DocumentError> {
        let phrases = PHRASES.as_ref().ok_or(DocumentError::Words)?;
        let forms = Forms::of(language).map_err(|_| DocumentError::Words)?;
        Ok(Self { phrases, forms, language })
    }

    fn say(&self, code: &str) -> String {
        self.with(code, 0, &[])
    }

    fn with(&self, code: &str, count: i64, names: &[(&str, &str)]) -> String {
        self.phrases.say(self.language, code, count, names)
    }

    fn status(&self, status: &str) -> String {
        self.say(&format!("status-{status}"))
    }

    fn day(&self, day: NaiveDate) -> String {
        self.forms.day(day).unwrap_or_else(|| day.to_string())
    }

    fn language_name(&self, tag: &str) -> String {
        let code = format!("language-{tag}");
        let name = self.say(&code);
        if name == code { tag.to_owned() } else { name }
    }
}

impl CefrDocument {
    /// Draws the document as PDF.
    ///
    /// # Errors
    /// [`DocumentError`], each a fault of ours.
    pub fn pdf(
        &self,
        language: Language,
        verification: &CefrVerification,
        made_at: DateTime<Utc>,
    ) -> Result<Vec<u8>, DocumentError> {
        let words = Words::of(language)?;
        let title = words.say("title");
        let about = About {
            title: &title,
            author: &self.institution,
            language: language.tag(),
            is_rtl: language.direction() == Direction::RightToLeft,
            made_at,
        };
        write(&about, |sheet| {
            self.draw_head(sheet, &words);
            self.draw_skills(sheet, &words);
            self.draw_foot(sheet, &words);
            draw_verification(sheet, &words, verification)
        })
    }

    fn draw_head(&self, sheet: &mut Sheet<'_>, words: &Words) {
        sheet.fill((MARGIN, 58.0), (ROOM, 3.0), Ink::Accent);
        sheet.line((MARGIN, 82.0), (11.0, Ink::Faint), ROOM, &apart(&self.institution));
        sheet.line((MARGIN, 116.0), (24.0, Ink::Text), ROOM, &words.say("title"));
        let facts = [
            ("name", apart(&self.name)),
            ("lang", words.language_name(&self.language)),
            ("as_of", words.day(self.as_of)),
        ];
        let mut y = 152.0;
        for (label, value) in facts {
            sheet.line((MARGIN, y), (9.0, Ink::Faint), 110.0, &words.say(label));
            sheet.line((MARGIN + 120.0, y), (14.0, Ink::Text), ROOM - 120.0, &value);
            y += 24.0;
        }
        sheet.fill((MARGIN, 226.0), (ROOM, 1.0), Ink::Rule);
        sheet.line((MARGIN, 252.0), (9.0, Ink::Faint), ROOM, &words.say("overall"));
        let level = apart(self.level.as_deref().unwrap_or("—"));
        let wide = sheet.line((MARGIN, 296.0), (40.0, Ink::Accent), ROOM / 2.0, &level);
        let mut sure = words.status(&self.status);
        if self.level.is_some() {
            sure = format!("{sure} · {}", words.with("confidence", self.confidence, &[]));
        }
        sheet.line((MARGIN + wide + 16.0, 296.0), (11.0, Ink::Faint), ROOM - wide - 16.0, &sure);
        if let Some(target) = &self.target {
            let said = match target.due_on {
                Some(day) => words.with("target_by", 0, &[("level", &target.level), ("date", &words.day(day))]),
                None => words.with("target", 0, &[("level", &target.level)]),
            };
            sheet.line((MARGIN, 322.0), (11.0, Ink::Text), ROOM, &said);
        }
    }

    fn draw_skills(&self, sheet: &mut Sheet<'_>, words: &Words) {
        sheet.line((MARGIN, 358.0), (9.0, Ink::Faint), ROOM, &words.say("skills"));
        let mut x = MARGIN;
        for level in SCALE {
            sheet.line((x, 374.0), (6.5, Ink::Faint), ROOM / 10.0, &apart(level));
            x += ROOM / 10.0;
        }
        let mut y = 392.0;
        for name in SKILLS {
            let skill = self.skills.get(name);
            let level = skill.and_then(|skill| skill.level.as_deref());
            sheet.line((MARGIN, y), (12.0, Ink::Text), 150.0, &words.say(name));
            sheet.line((MARGIN + 160.0, y), (14.0, Ink::Accent), 60.0, &apart(level.unwrap_or("—")));
            let status = words.status(skill.map_or("insufficient_evidence", |skill| skill.status.as_str()));
            let count = skill.map_or(0, |skill| skill.evidence);
            let said = if count == 0 { status } else { format!("{status} · {}", words.with("evidence", count, &[])) };
            sheet.line((MARGIN + 230.0, y), (10.0, Ink::Faint), ROOM - 230.0, &said);
            draw_scale(sheet, y + 9.0, level);
            y += 42.0;
        }
    }

    fn draw_foot(&self, sheet: &mut Sheet<'_>, words: &Words) {
        let y = sheet.paragraph((MARGIN, 572.0), (8.5, Ink::Faint), ROOM, &words.say("method"));
        let issued = words.with("issued", 0, &[("date", &words.day(self.issued_on))]);
        let valid = words.with("valid", 0, &[("date", &words.day(self.valid_until))]);
        sheet.line((MARGIN, y + 6.0), (9.0, Ink::Text), ROOM, &format!("{issued} · {valid}"));
    }
}

/// Kept apart from the direction of the words around it (first strong isolate).
fn apart(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

/// A bar of the ten levels, filled up to the one that was reached.
fn draw_scale(sheet: &mut Sheet<'_>, y: f32, level: Option<&str>) {
    let reached = level.and_then(|level| SCALE.iter().position(|known| *known == level));
    let step = ROOM / 10.0;
    let mut x = MARGIN;
    for place in 0..SCALE.len() {
        let ink = if reached.is_some_and(|reached| place <= reached) { Ink::Accent } else { Ink::Rule };
        sheet.fill((x, y), (step - 3.0, 4.0), ink);
        x += step;
    }
}

fn draw_verification(
    sheet: &mut Sheet<'_>,
    words: &Words,
    verification: &CefrVerification,
) -> Result<(), DocumentError> {
    const TOP: f32 = 660.0;
    let code = QrCode::new(verification.url.as_bytes()).map_err(|_| DocumentError::Code)?;
    let wide = u16::try_from(code.width()).map_err(|_| DocumentError::Code)?;
    let dot = CODE_SIDE / f32::from(wide);
    sheet.fill((MARGIN, TOP), (ROOM, 1.0), Ink::Rule);
    let left = if words.language.direction() == Direction::RightToLeft { WIDTH - MARGIN - CODE_SIDE } else { MARGIN };
    let dark = code.to_colors().into_iter().map(|colour| colour == Color::Dark);
    for (place, _) in (0_u16..).zip(dark).filter(|(_, dark)| *dark) {
        let (row, column) = (f32::from(place / wide), f32::from(place % wide));
        // A hair wider than the dot, so that no line shows between two.
        sheet.fill_at((left + column * dot, TOP + 16.0 + row * dot), (dot + 0.1, dot + 0.1), Ink::Text);
    }
    let x = MARGIN + CODE_SIDE + 20.0;
    let room = ROOM - CODE_SIDE - 20.0;
    sheet.line((x, TOP + 32.0), (12.0, Ink::Text), room, &words.say("verify"));
    let y = sheet.paragraph((x, TOP + 52.0), (9.0, Ink::Faint), room, &words.say("verify_how"));
    sheet.line((x, y + 8.0), (9.0, Ink::Accent), room, verification.url.split('#').next().unwrap_or_default());
    sheet.line(
        (x, y + 30.0),
        (13.0, Ink::Text),
        room,
        &format!("{}: {}", words.say("code"), apart(&verification.code)),
    );
    Ok(())
}

#[cfg(test)]
mod tests;
