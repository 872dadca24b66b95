//! Which import of an institution runs, how far it is, and whether it is to stop.
//!
//! Not here: the rows, which decide between nodes; this is a node's fast view of them.
//!
//! # Rule
//! An institution has one import running at a time. What this node was told counts until the rows were read after it;
//! from then on the rows do.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use stoa_core::{
    Id,
    id::Import,
    institutions::{OpenImport, Settings},
};

use super::Read;

/// Imports that are to stop, remembered at most.
const CANCELLED_MAX: usize = 16;
/// Whoever runs an import tells of it more often than this.
const SILENT_AFTER: TimeDelta = TimeDelta::seconds(10);

/// How far an import is, as it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportProgress {
    /// Rows done so far.
    pub rows_done: u64,
    /// Rows to be done, where that is known.
    pub rows_total: Option<u64>,
}

/// Whether an import may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// As far as this node knows, none other runs. The rows have the last word.
    Its,
    /// Another one runs.
    Anothers(Id<Import>),
}

/// The import that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Running {
    id: Id<Import>,
    /// When this node was told of it; none where the rows say so.
    told_at: Option<DateTime<Utc>>,
    begun_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    progress: ImportProgress,
}

/// What is remembered of imports.
#[derive(Debug, Default)]
pub struct Imports {
    running: Option<Running>,
    /// Imports that are to stop, the latest last.
    cancelled: VecDeque<Id<Import>>,
    /// Imports that have not ended, as the rows said last.
    open: Vec<OpenImport>,
}

/// What there is to see of the import that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportObservation {
    /// `imp_…`
    pub id: Id<Import>,
    /// Runs on this node.
    pub here: bool,
    /// How far it is.
    #[serde(flatten)]
    pub progress: ImportProgress,
    /// For how long this node has known it.
    pub known_for_ms: i64,
    /// How old the progress is.
    pub age_ms: i64,
    /// It is to stop.
    pub cancelled: bool,
}

impl Imports {
    /// Lets an import begin, or go on, unless another one runs.
    pub fn admit(&mut self, now: DateTime<Utc>, import: Id<Import>) -> Turn {
        match &mut self.running {
            Some(running) if running.id != import => Turn::Anothers(running.id),
            Some(running) => {
                running.told_at = Some(now);
                Turn::Its
            }
            None => {
                self.running = Some(Running::told(now, import));
                Turn::Its
            }
        }
    }

    /// Notes how far an import is. A successor of the actor that admitted it learns so that it runs.
    pub fn tell(&mut self, now: DateTime<Utc>, import: Id<Import>, progress: ImportProgress) {
        let running = self.running.take().filter(|running| running.id == import);
        let running = running.unwrap_or_else(|| Running::told(now, import));
        self.running = Some(Running { told_at: Some(now), seen_at: now, progress, ..running });
    }

    /// Notes that an import ended, in whatever way.
    pub fn end(&mut self, import: Id<Import>) {
        self.running.take_if(|running| running.id == import);
        self.cancelled.retain(|id| *id != import);
        self.open.retain(|open| open.id != import);
    }

    /// Tells an import to stop.
    pub fn cancel(&mut self, import: Id<Import>) {
        if !self.is_cancelled(import) {
            self.cancelled.push_back(import);
        }
        if self.cancelled.len() > CANCELLED_MAX {
            self.cancelled.pop_front();
        }
    }

    /// Is an import to stop: because it was told so here, or because the rows said that it ended.
    pub fn is_cancelled(&self, import: Id<Import>) -> bool {
        self.cancelled.contains(&import)
    }

    /// Takes in what the rows say.
    pub fn learn(&mut self, read: &Read<Settings>) {
        self.open.clone_from(&read.what.imports);
        let told = self.running.as_ref().filter(|running| running.told_at.is_some_and(|told| told >= read.at));
        // What was told after the rows were read is younger than they are.
        if told.is_some() {
            return;
        }
        let was = self.running.take();
        let row = |id: Id<Import>| read.what.imports.iter().find(|row| row.id == id);
        match (read.what.imports.iter().find(|row| row.running), was) {
            (Some(row), Some(was)) if row.id == was.id => self.running = Some(was.seen_in(row, read.at)),
            (Some(row), was) => {
                self.running = Some(Running::of(row, read.at));
                was.into_iter().filter(|was| was.told_at.is_some()).for_each(|was| self.cancel(was.id));
            }
            // It may not have taken its turn yet.
            (None, Some(was)) if was.told_at.is_some() && row(was.id).is_some() => self.running = Some(was),
            (None, Some(was)) if was.told_at.is_some() => self.cancel(was.id),
            (None, _) => {}
        }
    }

    /// Imports that have not ended, as the rows said last.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// What there is to see of the import that runs.
    pub fn observe(&self, now: DateTime<Utc>) -> Option<ImportObservation> {
        let running = self.running.as_ref()?;
        Some(ImportObservation {
            id: running.id,
            here: running.told_at.is_some(),
            progress: running.progress,
            known_for_ms: (now - running.begun_at).num_milliseconds().max(0),
            age_ms: (now - running.seen_at).num_milliseconds().max(0),
            cancelled: self.is_cancelled(running.id),
        })
    }
}

impl Running {
    fn told(now: DateTime<Utc>, id: Id<Import>) -> Self {
        Self { id, told_at: Some(now), begun_at: now, seen_at: now, progress: ImportProgress::default() }
    }

    fn of(row: &OpenImport, at: DateTime<Utc>) -> Self {
        Self { id: row.id, told_at: None, begun_at: at, seen_at: at, progress: ImportProgress::of(row) }
    }

    /// The same, seen in the rows: they count where nobody of this node has told anything for a while.
    fn seen_in(self, row: &OpenImport, at: DateTime<Utc>) -> Self {
        match self.told_at {
            Some(told) if at - told < SILENT_AFTER => self,
            _ => Self { begun_at: self.begun_at, ..Self::of(row, at) },
        }
    }
}

impl ImportProgress {
    fn of(row: &OpenImport) -> Self {
        Self {
            rows_done: u64::try_from(row.rows_done).unwrap_or_default(),
            rows_total: row.rows_total.and_then(|total| u64::try_from(total).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn import(number: u128) -> Id<Import> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn row(number: u128, running: bool) -> OpenImport {
        OpenImport { id: import(number), status: "applying".into(), running, rows_done: 5, rows_total: Some(9) }
    }

    fn rows(imports: Vec<OpenImport>, secs: i64) -> Read<Settings> {
        Read { what: Settings { imports, ..Settings::sample() }, at: at(secs), took: TimeDelta::zero() }
    }

    fn done(rows_done: u64) -> ImportProgress {
        ImportProgress { rows_done, rows_total: Some(9) }
    }

    #[test]
    fn one_at_a_time_and_the_same_one_again() {
        let mut imports = Imports::default();
        assert_eq!(imports.admit(at(0), import(1)), Turn::Its);
        assert_eq!(imports.admit(at(1), import(2)), Turn::Anothers(import(1)));
        assert_eq!(imports.admit(at(1), import(1)), Turn::Its, "a repeated job goes on");
        imports.end(import(2));
        assert_eq!(imports.admit(at(2), import(2)), Turn::Anothers(import(1)), "the end of another frees nothing");
        imports.end(import(1));
        assert_eq!(imports.admit(at(3), import(2)), Turn::Its);
    }

    #[test]
    fn what_runs_elsewhere_is_known_from_the_rows() {
        let mut imports = Imports::default();
        imports.learn(&rows(vec![row(1, true), row(3, false)], 0));
        assert_eq!(imports.admit(at(1), import(2)), Turn::Anothers(import(1)));
        let seen = imports.observe(at(4)).unwrap();
        assert_eq!((seen.here, seen.progress.rows_done, seen.age_ms, imports.open()), (false, 5, 4_000, 2));
        imports.learn(&rows(vec![row(3, false)], 5));
        assert_eq!(imports.admit(at(6), import(2)), Turn::Its);
    }

    #[test]
    fn what_was_told_counts_until_the_rows_are_younger() {
        let mut imports = Imports::default();
        imports.admit(at(10), import(1));
        imports.learn(&rows(vec![], 9));
        assert!(!imports.is_cancelled(import(1)), "rows from before it began say nothing of it");
        imports.learn(&rows(vec![row(1, false)], 11));
        assert_eq!(imports.admit(at(11), import(2)), Turn::Anothers(import(1)), "its turn is not in the rows yet");
        imports.tell(at(12), import(1), done(7));
        imports.learn(&rows(vec![row(1, true)], 13));
        assert_eq!(imports.observe(at(13)).unwrap().progress.rows_done, 7, "further than its row");
        imports.learn(&rows(vec![row(1, true)], 60));
        let seen = imports.observe(at(60)).unwrap();
        assert_eq!((seen.here, seen.progress.rows_done), (false, 5), "it went on elsewhere");
    }

    #[test]
    fn stops_when_it_is_told_and_when_its_row_ended() {
        let mut imports = Imports::default();
        imports.admit(at(0), import(1));
        imports.cancel(import(1));
        imports.cancel(import(1));
        assert!(imports.is_cancelled(import(1)) && imports.observe(at(1)).unwrap().cancelled);
        imports.end(import(1));
        assert!(!imports.is_cancelled(import(1)));
        imports.admit(at(2), import(2));
        imports.learn(&rows(vec![], 3));
        assert!(imports.is_cancelled(import(2)), "somebody cancelled it on another node");
        imports.admit(at(4), import(3));
        imports.learn(&rows(vec![row(4, true), row(3, false)], 5));
        assert!(imports.is_cancelled(import(3)), "the rows gave the turn to another");
        assert_eq!(imports.admit(at(6), import(5)), Turn::Anothers(import(4)));
    }

    #[test]
    fn a_successor_learns_from_the_next_word_what_runs() {
        let mut imports = Imports::default();
        imports.tell(at(0), import(1), done(3));
        assert_eq!(imports.admit(at(1), import(2)), Turn::Anothers(import(1)));
        assert_eq!(imports.observe(at(1)).unwrap().progress, done(3));
    }

    #[test]
    fn remembers_few_that_were_cancelled() {
        let mut imports = Imports::default();
        (0..100).for_each(|number| imports.cancel(import(number)));
        assert!(!imports.is_cancelled(import(0)) && imports.is_cancelled(import(99)));
    }
}
