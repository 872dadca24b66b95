//! Reading: the stored file, part by part, into rows of the plan; then the plan is closed.
//!
//! What was read before is read again and passed over: a file is read faster than any row of it is planned.

use serde_json::{Value, json};
use stoa_core::{
    Result,
    imports::{
        self, Import, ImportStatus, Obstacle, Turn, files,
        plan::{self, CHUNK, Places},
    },
};
use stoa_protocols::roster::{Entry, FileFault, Rows, Sheet};

use super::run::Run;

/// A file being read.
struct Reading<'a> {
    run: &'a Run<'a>,
    places: Places,
    /// What was found out about the file, until it was written down.
    sheet: Option<Value>,
    /// Last line that was planned.
    through: i32,
    read: i32,
}

/// Reads on for a while.
pub(super) async fn read(run: &Run<'_>, import: &Import) -> Result<()> {
    let mut tx = run.ctx.tools.db.tenant(&run.scope()).await?;
    let file = files::get(&mut tx, import.id).await?;
    tx.commit().await?;
    let mut rows = Rows::new(file.charset, plan::rules(&import.options()?));
    let (through, read) = (import.read_through, import.rows_read);
    let mut reading = Reading { run, places: Places::default(), sheet: None, through, read };
    let mut chunk = Vec::with_capacity(CHUNK);
    for part in 0.. {
        let mut tx = run.ctx.tools.db.tenant(&run.scope()).await?;
        let bytes = files::part(&mut tx, import.id, part).await?;
        tx.commit().await?;
        let last = bytes.is_none();
        match bytes {
            Some(bytes) => rows.feed(&bytes),
            None => rows.end(),
        }
        loop {
            match take(&mut rows, reading.through, &mut chunk) {
                Err(fault) => return refuse(run, &fault).await,
                Ok(false) => break,
                Ok(true) => {}
            }
            reading.know(rows.sheet());
            if !reading.stage(&mut chunk).await? {
                return Ok(());
            }
            if run.is_over() {
                return Ok(());
            }
        }
        if last {
            break;
        }
    }
    reading.know(rows.sheet());
    if !chunk.is_empty() && !reading.stage(&mut chunk).await? {
        return Ok(());
    }
    close(run, reading.through).await
}

/// Fills a chunk with people who were not planned yet. Answers whether it is full; otherwise more bytes are wanted.
fn take(rows: &mut Rows, through: i32, chunk: &mut Vec<Entry>) -> Result<bool, FileFault> {
    while chunk.len() < CHUNK {
        let Some(entry) = rows.next_entry()? else { return Ok(false) };
        if i32::try_from(entry.line).is_ok_and(|line| line > through) {
            chunk.push(entry);
        }
    }
    Ok(true)
}

impl Reading<'_> {
    /// Notes what the header says, once.
    fn know(&mut self, sheet: Option<&Sheet>) {
        if self.through == 0 && self.sheet.is_none() {
            self.sheet = sheet.map(told);
        }
    }

    /// Plans a chunk. Answers whether the import is to go on.
    async fn stage(&mut self, chunk: &mut Vec<Entry>) -> Result<bool> {
        let entries = std::mem::take(chunk);
        let mut tx = self.run.ctx.tools.db.tenant(&self.run.scope()).await?;
        let Turn::Yours(import) = imports::take_turn(&mut tx, self.run.job.import).await? else { return Ok(false) };
        if import.status != ImportStatus::Validating || import.read_through != self.through {
            return Ok(false);
        }
        plan::stage(&mut tx, &import, &mut self.places, (&entries, self.sheet.as_ref())).await?;
        tx.commit().await?;
        self.sheet = None;
        self.through = entries.last().and_then(|entry| i32::try_from(entry.line).ok()).unwrap_or(self.through);
        self.read = self.read.saturating_add(i32::try_from(entries.len()).unwrap_or(i32::MAX));
        self.run.tell(self.read, None).await;
        Ok(true)
    }
}

/// What was found out about a file.
fn told(sheet: &Sheet) -> Value {
    let separator = char::from(sheet.separator).to_string();
    let columns = sheet
        .columns
        .iter()
        .filter_map(|column| column.field.map(|field| json!({ "title": column.title, "field": field.as_str() })));
    json!({
        "encoding": sheet.charset.as_str(), "separator": separator, "header_line": sheet.line,
        "columns": columns.collect::<Vec<_>>(), "unknown_columns": sheet.unknown().collect::<Vec<_>>(),
    })
}

async fn close(run: &Run<'_>, last_line: i32) -> Result<()> {
    let mut tx = run.ctx.tools.db.tenant(&run.scope()).await?;
    let Turn::Yours(import) = imports::take_turn(&mut tx, run.job.import).await? else { return Ok(()) };
    if import.status != ImportStatus::Validating || import.read_through != last_line {
        return Ok(());
    }
    let closed = plan::close(&mut tx, &import, last_line).await?;
    if closed.status != ImportStatus::Applying {
        run.promise_letter(&mut tx, &closed).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends the import of a file that nobody can read.
async fn refuse(run: &Run<'_>, fault: &FileFault) -> Result<()> {
    let why = Obstacle::new(fault.kind.as_str(), fault.to_string());
    let mut tx = run.ctx.tools.db.tenant(&run.scope()).await?;
    let ended = imports::fail(&mut tx, run.job.import, &why).await?;
    run.promise_letter(&mut tx, &ended).await?;
    tx.commit().await?;
    Ok(())
}
