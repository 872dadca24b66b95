//! From rows to activity.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sha2::{Digest, Sha256};
use stoa_core::{
    Result, Scope,
    db::Db,
    progress::{
        self, ActivityKind, ActivityObject, ActivityResult, ActivityScore, ActivityUser, EventStatus, ProgressEvent,
        Submission, Verb, check_event,
    },
    time::Timestamp,
};
use stoa_protocols::roster::RawRow;

use super::{
    HistoryFault,
    columns::{Column, Columns},
    commands::Advance,
};
use crate::{history::Zone, statements::named};

/// Rows that are counted in one transaction.
pub const AT_ONCE: usize = 500;

/// A row that was read, and of which only its object is to be found.
#[derive(Debug, Clone)]
pub struct Read {
    line: u64,
    kind: Option<ActivityKind>,
    object: String,
    event: ProgressEvent,
}

struct Cells<'a> {
    columns: &'a Columns,
    row: &'a RawRow,
}

/// Reads a row.
///
/// # Errors
/// What is wrong with it.
pub fn read(columns: &Columns, row: &RawRow, zone: Zone) -> Result<Read, HistoryFault> {
    let cells = Cells { columns, row };
    if let Some(column) = columns.with_nul(row) {
        return Err(cells.fault(column, "nul", "wanted text without a NUL"));
    }
    let external_id = cells.get(Column::ExternalId).map(str::to_owned);
    let email = cells.get(Column::Email).filter(|_| external_id.is_none()).map(str::to_owned);
    if external_id.is_none() && email.is_none() {
        return Err(cells.fault(Column::ExternalId, "required", "wanted external_id or email of the learner"));
    }
    let object = cells.wanted(Column::Object)?.to_owned();
    let kind = cells
        .get(Column::Kind)
        .map(|word| kind(word).ok_or_else(|| cells.fault(Column::Kind, "value", "wanted course, lesson or item")));
    let kind = kind.transpose()?;
    let at = cells.wanted(Column::At)?;
    let at = instant(at, zone).ok_or_else(|| {
        cells.fault(Column::At, "format", "wanted RFC 3339, or a date and a time such as 2026-11-21 09:00")
    })?;
    let result = cells.result()?;
    let verb = cells.verb(result.as_ref())?;
    let id = cells.get(Column::EventId).map_or_else(|| cells.fingerprint(), |id| format!("csv:{id}"));
    let event = ProgressEvent {
        id,
        occurred_at: Timestamp::from(at),
        user: ActivityUser { id: None, external_id, email },
        object: ActivityObject { kind: kind.unwrap_or(ActivityKind::Course), id: None, external_id: None },
        verb,
        result,
    };
    Ok(Read { line: row.line, kind, object, event })
}

impl<'a> Cells<'a> {
    fn get(&self, column: Column) -> Option<&'a str> {
        self.columns.cell(self.row, column)
    }

    fn fault(&self, column: Column, code: &str, message: impl Into<String>) -> HistoryFault {
        let column = Some(column.name().to_owned());
        HistoryFault { line: self.row.line, column, code: code.to_owned(), message: message.into() }
    }

    fn wanted(&self, column: Column) -> Result<&'a str, HistoryFault> {
        self.get(column).ok_or_else(|| self.fault(column, "required", "wanted"))
    }

    fn number(&self, column: Column) -> Result<Option<f64>, HistoryFault> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        let text = cell.trim_end_matches('%').trim_end();
        let number = text.parse::<f64>().or_else(|_| text.replacen(',', ".", 1).parse()).ok();
        let number = number.filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.fault(column, "type", "wanted a number"))
    }

    fn flag(&self, column: Column) -> Result<Option<bool>, HistoryFault> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        match cell.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "passed" | "pass" => Ok(Some(true)),
            "false" | "no" | "0" | "failed" | "fail" => Ok(Some(false)),
            _ => Err(self.fault(column, "value", "wanted true or false")),
        }
    }

    fn result(&self) -> Result<Option<ActivityResult>, HistoryFault> {
        let is_percent = self.get(Column::Progress).is_some_and(|cell| cell.ends_with('%'));
        let progress = self.number(Column::Progress)?.map(|share| if is_percent { share / 100.0 } else { share });
        let (min, max) = (self.number(Column::ScoreMin)?, self.number(Column::ScoreMax)?);
        let score = self.number(Column::Score)?.map(|raw| ActivityScore { raw, min, max });
        let attempt = self
            .get(Column::Attempt)
            .map(|cell| cell.parse::<i32>().map_err(|_| self.fault(Column::Attempt, "type", "wanted a whole number")));
        let result = ActivityResult {
            progress,
            score,
            success: self.flag(Column::Success)?,
            duration_seconds: self.number(Column::Seconds)?,
            attempt: attempt.transpose()?,
        };
        Ok((result != ActivityResult::default()).then_some(result))
    }

    /// The verb, and where the file has none what the result says.
    fn verb(&self, result: Option<&ActivityResult>) -> Result<Verb, HistoryFault> {
        let Some(word) = self.get(Column::Verb) else {
            return Ok(match result.and_then(|result| result.success) {
                Some(true) => Verb::Passed,
                Some(false) => Verb::Failed,
                None if result.and_then(|result| result.progress).is_some_and(|share| share < 1.0) => Verb::Progressed,
                None => Verb::Completed,
            });
        };
        let word = word.to_lowercase();
        Verb::ALL.into_iter().find(|verb| verb.as_str() == word).ok_or_else(|| {
            let known = Verb::ALL.map(Verb::as_str).join(", ");
            self.fault(Column::Verb, "value", format!("wanted one of {known}"))
        })
    }

    /// What a row says, in so many letters: the same row of the same file counts once.
    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for cell in self.row.iter() {
            hash.update(u64::try_from(cell.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(cell.as_bytes());
        }
        format!("csv:{}", hex::encode(hash.finalize()))
    }
}

fn kind(word: &str) -> Option<ActivityKind> {
    match word.to_ascii_lowercase().as_str() {
        "course" => Some(ActivityKind::Course),
        "lesson" | "section" => Some(ActivityKind::Lesson),
        "item" | "training_item" | "quiz" | "task" | "material" | "scorm" => Some(ActivityKind::Item),
        _ => None,
    }
}

/// RFC 3339; else a local time of the zone, or a date, which stands for its noon.
fn instant(text: &str, zone: Zone) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let noon = || {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(date.and_time(NaiveTime::from_hms_opt(12, 0, 0)?))
    };
    local.or_else(noon).map(|local| zone.instant(local))
}

/// Counts a handful of rows and says what came of it; `done` of the file's rows are behind it then.
///
/// # Errors
/// As the database says; then nothing of the handful was counted.
pub async fn count(
    db: &Db,
    scope: &Scope,
    (rows, faults): (Vec<Read>, Vec<HistoryFault>),
    done: u64,
) -> Result<Advance> {
    let objects = {
        let keys: HashSet<&str> = rows.iter().map(|row| row.object.as_str()).collect();
        let mut tx = db.tenant(scope).await?;
        named(&mut tx, &keys.into_iter().collect::<Vec<_>>()).await?
    };
    let now = db.clock().now();
    let mut advance = Advance { rows_done: done, faults, ..Advance::default() };
    let mut lines = Vec::with_capacity(rows.len());
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        match with_object(row, &objects) {
            Ok((line, event)) => {
                events.push(check_event(event, now));
                lines.push(line);
            }
            Err(fault) => advance.faults.push(fault),
        }
    }
    advance.rejected = u64::try_from(advance.faults.len()).unwrap_or(u64::MAX);
    let outcomes = progress::backfill(db, Submission { scope: scope.clone(), events }).await?;
    for (line, outcome) in lines.into_iter().zip(outcomes) {
        match outcome.status {
            EventStatus::Accepted => advance.accepted += 1,
            EventStatus::Duplicate => advance.duplicates += 1,
            EventStatus::Rejected => {
                advance.rejected += 1;
                let code = outcome.code.unwrap_or("validation_failed").to_owned();
                let message = outcome.detail.unwrap_or_default();
                advance.faults.push(HistoryFault { line, column: None, code, message });
            }
        }
    }
    advance.faults.sort_by_key(|fault| fault.line);
    Ok(advance)
}

fn with_object(
    row: Read,
    objects: &HashMap<String, Vec<ActivityObject>>,
) -> Result<(u64, ProgressEvent), HistoryFault> {
    let Read { line, kind, object, mut event } = row;
    let found = objects.get(&object).into_iter().flatten().find(|found| kind.is_none_or(|kind| found.kind == kind));
    let Some(found) = found else {
        let message = format!("no course, lesson or item has the key {object:?}");
        let column = Some(Column::Object.name().to_owned());
        return Err(HistoryFault { line, column, code: "not_found".to_owned(), message });
    };
    event.object = found.clone();
    Ok((line, event))
}

#[cfg(test)]
mod tests;
