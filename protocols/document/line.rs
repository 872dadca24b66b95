//! A line of text, cut where the font or the direction changes, in the order in which it is seen.
//!
//! # Source
//! Unicode Standard Annex 9 for the order; the fonts say which letters they have.

use std::{ops::Range, sync::LazyLock};

use krilla::text::{Font, TextDirection};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

use super::DocumentError;

/// Latin, Greek, Cyrillic, Hebrew, Arabic; then Hangul, Kana and the common Han.
const FONTS: [&[u8]; 2] =
    [include_bytes!("../../templates/fonts/DejaVuSans.ttf"), include_bytes!("../../templates/fonts/NanumSquareR.ttf")];

static TYPES: LazyLock<Option<Vec<Type>>> = LazyLock::new(|| FONTS.iter().map(|bytes| Type::read(bytes)).collect());

/// A font, to draw with and to measure by.
struct Type {
    font: Font,
    face: Face<'static>,
}

/// A part of a line that one font draws in one direction.
pub(super) struct Run {
    pub(super) text: String,
    pub(super) font: Font,
    pub(super) direction: TextDirection,
    /// At a size of one.
    pub(super) width: f32,
}

impl Type {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(bytes.into(), 0)?, face: Face::from_slice(bytes, 0)? })
    }

    fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a line is far shorter than 2^24 units")]
    fn width(&self, text: &str, direction: Direction) -> f32 {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(direction);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let units: i32 = shaped.glyph_positions().iter().map(|place| place.x_advance).sum();
        units as f32 / self.face.units_per_em() as f32
    }
}

/// Cuts a line into runs, the leftmost first. Letters that no font has are drawn as the first font draws what it lacks.
///
/// # Errors
/// [`DocumentError::Fonts`].
pub(super) fn runs(text: &str, is_rtl: bool) -> Result<Vec<Run>, DocumentError> {
    let types = TYPES.as_ref().ok_or(DocumentError::Fonts)?;
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let base = if is_rtl { Level::rtl() } else { Level::ltr() };
    let info = BidiInfo::new(&text, Some(base));
    let Some(paragraph) = info.paragraphs.first() else { return Ok(Vec::new()) };
    let (levels, ranges) = info.visual_runs(paragraph, paragraph.range.clone());
    let mut runs = Vec::new();
    for Range { start, end } in ranges {
        let is_rtl = levels.get(start).is_some_and(Level::is_rtl);
        let mut parts = of_one_font(types, text.get(start..end).unwrap_or_default(), is_rtl);
        if is_rtl {
            parts.reverse();
        }
        runs.append(&mut parts);
    }
    Ok(runs)
}

/// Marks that order a text and are not seen.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn of_one_font(types: &[Type], text: &str, is_rtl: bool) -> Vec<Run> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    for letter in text.chars().filter(|letter| !is_mark(*letter)) {
        let wanted = types.iter().position(|font| font.has(letter)).unwrap_or_default();
        match parts.last_mut() {
            Some((font, part)) if *font == wanted || letter == ' ' => part.push(letter),
            _ => parts.push((wanted, letter.to_string())),
        }
    }
    let (direction, shaped) = if is_rtl {
        (TextDirection::RightToLeft, Direction::RightToLeft)
    } else {
        (TextDirection::LeftToRight, Direction::LeftToRight)
    };
    let run = |(font, text): (usize, String)| {
        let font = types.get(font)?;
        Some(Run { width: font.width(&text, shaped), font: font.font.clone(), direction, text })
    };
    parts.into_iter().filter_map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, is_rtl: bool) -> Vec<String> {
        runs(text, is_rtl).unwrap().into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn a_line_is_cut_where_font_or_direction_changes() {
        assert_eq!(seen("Kim 김민준 (B1)", false), ["Kim ", "김민준 ", "(B1)"]);
        assert_eq!(seen("נועה Kim", true), ["Kim", "נועה "]);
        assert_eq!(seen("\u{2068}נועה\u{2069} 1", false), ["נועה", " 1"]);
        assert!(seen("", false).is_empty());
    }

    #[test]
    fn wider_text_is_wider_and_every_script_of_ours_has_letters() {
        let width = |text| runs(text, false).unwrap().iter().map(|run| run.width).sum::<f32>();
        assert!(width("mm") > width("m") && width("m") > width("i"));
        let types = TYPES.as_ref().unwrap();
        for letter in "Aé Яж א 한글 日本 かな ع".chars() {
            assert!(types.iter().any(|font| font.has(letter)), "{letter}");
        }
    }
}
