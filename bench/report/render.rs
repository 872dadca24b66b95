//! Rows as text: for a terminal, and as Markdown for the documentation.

use std::fmt::Write;

use super::{Mark, Row};

const HEADINGS: [&str; 7] = ["Measure", "Figure", "Limit beside it", "Ratio", "Goal", "First mark", "Reached"];

/// One row in a line, while the others are still being measured.
pub(super) fn line(row: &Row) -> String {
    let ratio = row.ratio().map(|ratio| format!(" = {ratio:.2} × the limit")).unwrap_or_default();
    let notes = if row.notes.is_empty() { String::new() } else { format!(" ({})", row.notes.join("; ")) };
    format!("{}: {}{ratio}{notes}", row.measure, figure(row.figure, row.unit))
}

/// All rows under headings, in columns, the notes beneath.
pub(super) fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> =
        std::iter::once(HEADINGS.map(str::to_owned)).chain(rows.iter().map(cells_of)).collect();
    let mut widths = [0; 7];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &cells {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text.push_str(&notes(rows, ""));
    text
}

/// The same as Markdown.
pub(super) fn markdown(rows: &[Row], about: &str) -> String {
    let mut text =
        format!("Measured on {about}.\n\n| {} |\n|{}\n", HEADINGS.join(" | "), "---|".repeat(HEADINGS.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", cells_of(row).join(" | "));
    }
    text.push_str(&notes(rows, "- "));
    text
}

fn notes(rows: &[Row], bullet: &str) -> String {
    let mut text = String::from("\n");
    for row in rows.iter().filter(|row| !row.notes.is_empty()) {
        let _ = writeln!(text, "{bullet}{}: {}", row.measure, row.notes.join("; "));
    }
    text
}

fn cells_of(row: &Row) -> [String; 7] {
    let unit = if row.limit.is_some() { " ×" } else { row.unit };
    let limit = row.limit.as_ref().map(|(name, limit)| format!("{} {name}", figure(*limit, row.unit)));
    let (goal, first) = row.marks.map(|(goal, first)| (mark(goal, unit), mark(first, unit))).unwrap_or_default();
    [
        row.measure.clone(),
        figure(row.figure, row.unit),
        limit.unwrap_or_default(),
        row.ratio().map(|ratio| format!("{ratio:.2} ×")).unwrap_or_default(),
        goal,
        first,
        row.reached().as_str().to_owned(),
    ]
}

fn mark(mark: Mark, unit: &str) -> String {
    match mark {
        Mark::AtLeast(least) => format!("≥ {least}{unit}"),
        Mark::AtMost(most) => format!("≤ {most}{unit}"),
    }
}

/// A figure with as many digits as mean something.
fn figure(figure: f64, unit: &str) -> String {
    match figure.abs() {
        0.0 => format!("0{unit}"),
        size if size >= 100.0 => format!("{}{unit}", thousands(figure)),
        size if size >= 10.0 => format!("{figure:.1}{unit}"),
        _ => format!("{figure:.2}{unit}"),
    }
}

fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        let shown = [1_234_567.4, 100.0, 12.34, 0.5, -1_234.0].map(|number| figure(number, "/s"));
        assert_eq!(shown, ["1,234,567/s", "100/s", "12.3/s", "0.50/s", "-1,234/s"]);
    }

    #[test]
    fn a_row_has_every_column() {
        let row =
            Row::of("events", 50.0, "/s").beside("commits", 100.0).wanting(Mark::AtLeast(1.0), Mark::AtLeast(0.4));
        let markdown = markdown(&[row.note("a note")], "a machine");
        assert!(
            markdown.contains("| events | 50.0/s | 100/s commits | 0.50 × | ≥ 1 × | ≥ 0.4 × | first mark |"),
            "{markdown}"
        );
        assert!(markdown.ends_with("\n- events: a note\n"), "{markdown}");
    }
}
