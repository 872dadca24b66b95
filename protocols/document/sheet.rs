//! One page of A4, drawn from its beginning side: what reads from right to left begins at the right.
//!
//! Every line of text is told to readers of the blind in the order in which it is drawn; lines and boxes are not.
//!
//! # Shape
//! Points of 1/72 inch, from the top.
//!
//! # Source
//! ISO 32000-1: 8.3.2.3 for the unit, 14.8 for tagged text; ISO 216 for the size.

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime as PdfTime, Metadata, TextDirection},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagTree},
};

use super::{DocumentError, line};

/// Of A4.
pub(super) const WIDTH: f32 = 595.276;
const HEIGHT: f32 = 841.89;
/// The smallest part of its size to which a line shrinks so that it fits.
const SMALLEST: f32 = 0.6;

/// What a document says of itself.
pub(super) struct About<'a> {
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) language: &'a str,
    pub(super) is_rtl: bool,
    pub(super) made_at: DateTime<Utc>,
}

/// A colour of print.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    Text,
    Faint,
    Accent,
    Rule,
}

impl Ink {
    fn fill(self) -> Fill {
        let (red, green, blue) = match self {
            Self::Text => (27, 31, 36),
            Self::Faint => (92, 99, 110),
            Self::Accent => (31, 79, 138),
            Self::Rule => (217, 222, 228),
        };
        Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
    }
}

/// The page while it is drawn.
pub(super) struct Sheet<'a> {
    surface: Surface<'a>,
    tags: TagTree,
    is_rtl: bool,
    language: &'a str,
    failed: Option<DocumentError>,
}

/// Draws a page and writes the document.
///
/// # Errors
/// As the drawing and the library say.
pub(super) fn write(
    about: &About<'_>,
    draw: impl FnOnce(&mut Sheet<'_>) -> Result<(), DocumentError>,
) -> Result<Vec<u8>, DocumentError> {
    let mut document = Document::new();
    let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| DocumentError::Pdf("no page".to_owned()))?;
    let mut page = document.start_page_with(size);
    let tags = drawn(page.surface(), about, draw)?;
    page.finish();
    let direction = if about.is_rtl { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
    let metadata = Metadata::new()
        .title(about.title.to_owned())
        .authors(vec![about.author.to_owned()])
        .language(about.language.to_owned())
        .creator("Stoa".to_owned())
        .text_direction(direction)
        .creation_date(written(about.made_at));
    document.set_metadata(metadata);
    document.set_tag_tree(tags);
    document.finish().map_err(|error| DocumentError::Pdf(format!("{error:?}")))
}

fn drawn<'a>(
    surface: Surface<'a>,
    about: &'a About<'_>,
    draw: impl FnOnce(&mut Sheet<'_>) -> Result<(), DocumentError>,
) -> Result<TagTree, DocumentError> {
    let tags = TagTree::new().with_lang(Some(about.language.to_owned()));
    let mut sheet = Sheet { surface, tags, is_rtl: about.is_rtl, language: about.language, failed: None };
    draw(&mut sheet)?;
    let Sheet { surface, tags, failed, .. } = sheet;
    surface.finish();
    failed.map_or(Ok(tags), Err)
}

fn written(at: DateTime<Utc>) -> PdfTime {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    PdfTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

impl Sheet<'_> {
    /// Draws a line whose baseline is at `y`, so many points from the beginning side, in at most `room` points: it is
    /// shrunk as far as it is readable, and cut where that is not enough. Returns the room that it took.
    pub(super) fn line(&mut self, (x, y): (f32, f32), (size, ink): (f32, Ink), room: f32, text: &str) -> f32 {
        let (runs, size) = match fitted(text, self.is_rtl, (size, room)) {
            Ok(fitted) => fitted,
            Err(error) => {
                self.failed.get_or_insert(error);
                return 0.0;
            }
        };
        let width: f32 = runs.iter().map(|run| run.width * size).sum();
        let mut left = if self.is_rtl { WIDTH - x - width } else { x };
        let tag = ContentTag::Span(SpanTag::empty().with_lang(Some(self.language)));
        let told = self.surface.start_tagged(tag);
        self.surface.set_fill(Some(ink.fill()));
        for run in runs {
            let wide = run.width * size;
            self.surface.draw_text(Point::from_xy(left, y), run.font, size, &run.text, false, run.direction);
            left += wide;
        }
        self.surface.end_tagged();
        let mut group = TagGroup::new(Tag::P);
        group.push(told);
        self.tags.push(group);
        width
    }

    /// Fills a box whose upper corner of the beginning side is at `x`, `y`.
    pub(super) fn fill(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        let left = if self.is_rtl { WIDTH - x - width } else { x };
        self.fill_at((left, y), (width, height), ink);
    }

    /// The same from the left, whatever the direction.
    pub(super) fn fill_at(&mut self, (left, top): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        let Some(area) = Rect::from_xywh(left, top, width, height) else { return };
        let mut path = PathBuilder::new();
        path.push_rect(area);
        let Some(path) = path.finish() else { return };
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)));
        self.surface.set_fill(Some(ink.fill()));
        self.surface.draw_path(&path);
        self.surface.end_tagged();
    }

    /// Draws a text over as many lines as it needs, and returns the baseline after the last.
    pub(super) fn paragraph(&mut self, (x, y): (f32, f32), (size, ink): (f32, Ink), room: f32, text: &str) -> f32 {
        let mut y = y;
        let mut line = String::new();
        for word in text.split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && measured(&longer, self.is_rtl) * size > room {
                self.line((x, y), (size, ink), room, &line);
                y += size * 1.5;
                word.clone_into(&mut line);
            } else {
                line = longer;
            }
        }
        self.line((x, y), (size, ink), room, &line);
        y + size * 1.5
    }
}

fn measured(text: &str, is_rtl: bool) -> f32 {
    line::runs(text, is_rtl).map_or(0.0, |runs| runs.iter().map(|run| run.width).sum())
}

fn fitted(text: &str, is_rtl: bool, (size, room): (f32, f32)) -> Result<(Vec<line::Run>, f32), DocumentError> {
    let mut text = text.to_owned();
    loop {
        let runs = line::runs(&text, is_rtl)?;
        let width: f32 = runs.iter().map(|run| run.width).sum();
        if width * size <= room {
            return Ok((runs, size));
        }
        if width * size * SMALLEST <= room {
            return Ok((runs, room / width));
        }
        let letters = text.chars().count();
        let kept = letters * 9 / 10;
        if kept == 0 || kept == letters {
            return Ok((runs, size * SMALLEST));
        }
        text = text.chars().take(kept).chain(['…']).collect();
    }
}
