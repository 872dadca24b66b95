//! Charts as pictures, for letters: columns over time, and a whole in its parts.
//!
//! Not here: what they show, and the words and numbers beside them (`render`). A picture holds no text, so it needs no font
//! and is right in every language; what runs from right to left is drawn from right to left. Whoever sees no pictures
//! finds the same numbers in the letter.
//!
//! # Source
//! Portable Network Graphics (w3.org/TR/png-3), written by tiny-skia.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

use crate::render::Direction;

/// Pixels of a picture for one of its letter: screens show letters at twice the density and more.
const DENSITY: u32 = 2;
/// Width of a chart as it stands in a letter.
pub const WIDTH: u32 = 560;
const COLUMNS_HEIGHT: u32 = 140;
const PARTS_HEIGHT: u32 = 28;
/// Share of a column's place that is left free.
const GAP: f32 = 0.25;
const RADIUS: f32 = 6.0;
const GRID: (u8, u8, u8) = (0xd1, 0xd5, 0xdb);
/// Where nothing is told.
const HIDDEN: (u8, u8, u8) = (0x9c, 0xa3, 0xaf);

/// A colour, as red, green and blue.
pub type Rgb = (u8, u8, u8);

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width at which it is shown.
    pub width: u32,
    /// Height at which it is shown.
    pub height: u32,
    /// The file.
    pub png: Vec<u8>,
}

/// Columns over time, the first where reading begins. None where there is nothing to draw.
pub fn columns(values: &[i64], colour: Rgb, direction: Direction) -> Option<Picture> {
    let most = values.iter().copied().max().filter(|most| *most > 0)?;
    let mut canvas = Canvas::new(COLUMNS_HEIGHT)?;
    let (width, height) = (canvas.width(), canvas.height());
    for quarter in 1..=4_u8 {
        let y = height - height * f32::from(quarter) / 4.0;
        canvas.fill(&block((0.0, y.max(1.0) - 1.0, width, 2.0), 0.0)?, GRID);
    }
    let place = width / approximate(i64::try_from(values.len()).ok()?);
    for (value, nth) in values.iter().zip(0_i64..) {
        let tall = height * approximate((*value).max(0)) / approximate(most);
        let from = place * (approximate(nth) + GAP / 2.0);
        let wide = place * (1.0 - GAP);
        if tall >= 1.0 {
            let column = block((mirrored((from, wide), width, direction), height - tall, wide, tall), RADIUS)?;
            canvas.fill(&column, colour);
        }
    }
    canvas.fill(&block((0.0, height - 2.0, width, 2.0), 0.0)?, HIDDEN);
    canvas.picture()
}

/// A whole in its parts, the first where reading begins. What is not told of it is left grey by whoever says how much that
/// is. None where there is nothing to draw.
pub fn parts(shares: &[(i64, Rgb)], direction: Direction) -> Option<Picture> {
    let all: i64 = shares.iter().map(|(share, _)| (*share).max(0)).sum();
    if all == 0 {
        return None;
    }
    let mut canvas = Canvas::new(PARTS_HEIGHT)?;
    let (width, height) = (canvas.width(), canvas.height());
    let mut from = 0.0;
    for (share, colour) in shares.iter().filter(|(share, _)| *share > 0) {
        let wide = width * approximate(*share) / approximate(all);
        // A line between two parts, where there is room for one.
        let shown = if wide > 4.0 { wide - 2.0 } else { wide };
        canvas.fill(
            &block((mirrored((from, shown), width, direction), 0.0, shown, height), RADIUS.min(shown / 2.0))?,
            *colour,
        );
        from += wide;
    }
    canvas.picture()
}

/// The grey of what is not told.
pub const fn hidden() -> Rgb {
    HIDDEN
}

struct Canvas(Pixmap);

impl Canvas {
    fn new(height: u32) -> Option<Self> {
        Pixmap::new(WIDTH * DENSITY, height * DENSITY).map(Self)
    }

    fn width(&self) -> f32 {
        approximate(i64::from(self.0.width()))
    }

    fn height(&self) -> f32 {
        approximate(i64::from(self.0.height()))
    }

    fn fill(&mut self, path: &Path, (red, green, blue): Rgb) {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(Color::from_rgba8(red, green, blue, 0xff));
        self.0.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    fn picture(self) -> Option<Picture> {
        let (width, height) = (self.0.width() / DENSITY, self.0.height() / DENSITY);
        Some(Picture { width, height, png: self.0.encode_png().ok()? })
    }
}

/// Where a stretch begins that begins so far from where reading does.
fn mirrored((from, wide): (f32, f32), width: f32, direction: Direction) -> f32 {
    match direction {
        Direction::LeftToRight => from,
        Direction::RightToLeft => width - from - wide,
    }
}

/// A rectangle (x, y, width, height) whose upper corners are round.
fn block((x, y, wide, tall): (f32, f32, f32, f32), radius: f32) -> Option<Path> {
    let radius = radius.min(wide / 2.0).min(tall);
    if radius <= 0.5 {
        return Some(PathBuilder::from_rect(Rect::from_xywh(x, y, wide, tall)?));
    }
    let (right, bottom) = (x + wide, y + tall);
    let mut path = PathBuilder::new();
    path.move_to(x, bottom);
    path.line_to(x, y + radius);
    path.quad_to(x, y, x + radius, y);
    path.line_to(right - radius, y);
    path.quad_to(right, y, right, y + radius);
    path.line_to(right, bottom);
    path.close();
    path.finish()
}

/// A number for drawing, where the last digits of large ones do not matter.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a picture is a thousand pixels wide")]
fn approximate(number: i64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLUE: Rgb = (0x1d, 0x5f, 0xd1);
    const RED: Rgb = (0xb9, 0x1c, 0x1c);

    /// Colour of a pixel at a share of the width and the height.
    fn at(picture: &Picture, x: f32, y: f32) -> (u8, u8, u8, u8) {
        let map = Pixmap::decode_png(&picture.png).unwrap();
        let place = |share: f32, all: u32| (share * approximate(i64::from(all))).floor().to_string().parse().unwrap();
        let pixel = map.pixel(place(x, map.width()), place(y, map.height())).unwrap();
        (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha())
    }

    #[test]
    fn columns_are_as_tall_as_their_values() {
        let chart = columns(&[10, 0, 5], BLUE, Direction::LeftToRight).unwrap();
        assert_eq!((chart.width, chart.height), (560, 140));
        assert_eq!(at(&chart, 1.0 / 6.0, 0.1), (0x1d, 0x5f, 0xd1, 0xff));
        assert_eq!(at(&chart, 3.0 / 6.0, 0.9).3, 0, "nothing stands over zero");
        assert_eq!((at(&chart, 5.0 / 6.0, 0.4).3, at(&chart, 5.0 / 6.0, 0.6).3), (0, 0xff), "half as tall");
        assert_eq!(&chart.png[1..4], b"PNG");
    }

    #[test]
    fn what_is_read_from_right_to_left_is_drawn_so() {
        let chart = columns(&[10, 0, 5], BLUE, Direction::RightToLeft).unwrap();
        assert_eq!(at(&chart, 5.0 / 6.0, 0.1).3, 0xff);
        let bar = |direction| parts(&[(3, BLUE), (1, RED)], direction).unwrap();
        assert_eq!(at(&bar(Direction::LeftToRight), 0.9, 0.5).0, 0xb9);
        assert_eq!(at(&bar(Direction::RightToLeft), 0.1, 0.5).0, 0xb9);
        assert_eq!(at(&bar(Direction::RightToLeft), 0.5, 0.5).0, 0x1d);
    }

    #[test]
    fn nothing_is_no_picture_and_no_number_is_too_large() {
        assert_eq!(columns(&[], BLUE, Direction::LeftToRight), None);
        assert_eq!(columns(&[0, 0], BLUE, Direction::LeftToRight), None);
        assert_eq!(parts(&[(0, BLUE), (-3, RED)], Direction::LeftToRight), None);
        assert!(columns(&[i64::MAX, 1, -5], BLUE, Direction::LeftToRight).is_some());
        assert!(columns(&vec![1; 400], BLUE, Direction::RightToLeft).is_some());
    }
}
