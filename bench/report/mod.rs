//! What was found: rows of a figure, the limit beside it, what it must reach, and whether it does.

mod render;

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use crate::figures::share;

/// What a figure, or its ratio, must reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
}

impl Mark {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }
}

/// How far a row came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Nothing was asked of it.
    Unasked,
    /// Not even the first mark.
    Missed,
    /// The first mark.
    FirstMark,
    /// The goal.
    Goal,
}

impl Reached {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "",
            Self::Missed => "missed",
            Self::FirstMark => "first mark",
            Self::Goal => "goal",
        }
    }
}

/// One measure.
#[derive(Debug, Clone)]
pub struct Row {
    measure: String,
    figure: f64,
    unit: &'static str,
    limit: Option<(String, f64)>,
    marks: Option<(Mark, Mark)>,
    notes: Vec<String>,
}

impl Row {
    /// Makes the row of a figure.
    pub fn of(measure: impl Into<String>, figure: f64, unit: &'static str) -> Self {
        Self { measure: measure.into(), figure, unit, limit: None, marks: None, notes: Vec::new() }
    }

    /// Puts the limit beside it; its ratio is what is judged then.
    pub fn beside(mut self, name: impl Into<String>, limit: f64) -> Self {
        self.limit = Some((name.into(), limit));
        self
    }

    /// Says what must be reached: the goal, and the first mark on the way to it.
    pub const fn wanting(mut self, goal: Mark, first: Mark) -> Self {
        self.marks = Some((goal, first));
        self
    }

    /// Adds what else there is to know, if anything.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.extend(Some(note.into()).filter(|note| !note.is_empty()));
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.as_ref().map(|(_, limit)| share(self.figure, *limit))
    }

    fn reached(&self) -> Reached {
        let judged = self.ratio().unwrap_or(self.figure);
        match self.marks {
            None => Reached::Unasked,
            Some((goal, _)) if goal.holds(judged) => Reached::Goal,
            Some((_, first)) if first.holds(judged) => Reached::FirstMark,
            Some(_) => Reached::Missed,
        }
    }

    fn json(&self) -> Value {
        json!({
            "measure": self.measure,
            "figure": self.figure,
            "unit": self.unit,
            "limit": self.limit.as_ref().map(|(name, limit)| json!({ "name": name, "figure": limit })),
            "ratio": self.ratio(),
            "reached": self.reached().as_str(),
            "notes": self.notes,
        })
    }
}

/// All rows, in the order in which they were measured.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a row, and shows it at once.
    pub fn add(&mut self, row: Row) {
        crate::say::progress(render::line(&row));
        self.rows.push(row);
    }

    /// The table for a terminal.
    pub fn table(&self) -> String {
        render::table(&self.rows)
    }

    /// Writes `results.json` and `results.md` into a folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path, about: &str) -> anyhow::Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        let json = serde_json::to_string_pretty(&json!({ "machine": about, "rows": rows }))?;
        std::fs::write(folder.join("results.json"), json).context("writing results.json")?;
        let markdown = render::markdown(&self.rows, about);
        std::fs::write(folder.join("results.md"), markdown).context("writing results.md")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_judged_where_there_is_a_limit() {
        let row = |figure| {
            Row::of("a", figure, "/s").beside("b", 100.0).wanting(Mark::AtLeast(1.0), Mark::AtLeast(0.6)).reached()
        };
        assert_eq!([row(100.0), row(60.0), row(59.0)], [Reached::Goal, Reached::FirstMark, Reached::Missed]);
        let memory = Row::of("a", 150.0, "MiB").wanting(Mark::AtMost(100.0), Mark::AtMost(200.0));
        assert_eq!((memory.reached(), Row::of("a", 1.0, "").reached()), (Reached::FirstMark, Reached::Unasked));
    }
}
