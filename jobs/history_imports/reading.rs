//! A file of history while it is read, from cells to handfuls.

use stoa_core::Result;
use stoa_protocols::roster::{Cells, Charset, FileFault};
use stoa_record::{
    history::Zone,
    history_imports::{self, AT_ONCE, Columns, HistoryFault, HistoryImport, Read},
};

use crate::context::JobCtx;

/// A file while it is read.
pub(super) struct Reading<'a> {
    ctx: &'a JobCtx,
    import: HistoryImport,
    pub(super) cells: Cells,
    columns: Option<Columns>,
    zone: Zone,
    /// Rows that came out of the file so far.
    row: u64,
    rows: Vec<Read>,
    faults: Vec<HistoryFault>,
}

impl<'a> Reading<'a> {
    /// Begins to read an import's file.
    pub(super) fn new(ctx: &'a JobCtx, import: HistoryImport, (charset, zone): (Charset, Zone)) -> Self {
        let cells = Cells::new(charset);
        Self { ctx, import, cells, columns: None, zone, row: 0, rows: Vec::new(), faults: Vec::new() }
    }

    /// Fills a handful with rows that are not behind the import yet. Answers whether it is full; otherwise more bytes are
    /// wanted.
    pub(super) fn take(&mut self) -> Result<bool, String> {
        let done = u64::try_from(self.import.rows_done).unwrap_or_default();
        let words = |fault: FileFault| fault.to_string();
        while self.rows.len() + self.faults.len() < AT_ONCE {
            let Some(row) = self.cells.next_row().map_err(words)? else { return Ok(false) };
            if row.number.is_none() {
                continue;
            }
            self.row += 1;
            if self.row <= done {
                continue;
            }
            let columns = if let Some(columns) = &self.columns {
                columns
            } else {
                let sheet = self.cells.sheet().ok_or("the file has no header")?;
                self.columns.insert(Columns::of(sheet)?)
            };
            match history_imports::read(columns, &row, self.zone) {
                Ok(read) => self.rows.push(read),
                Err(fault) => self.faults.push(fault),
            }
        }
        Ok(true)
    }

    /// Counts the handful. Answers whether the import is to go on.
    pub(super) async fn count(&mut self) -> Result<bool> {
        let handful = (std::mem::take(&mut self.rows), std::mem::take(&mut self.faults));
        if handful.0.is_empty() && handful.1.is_empty() {
            return Ok(true);
        }
        let (db, scope) = (&self.ctx.tools.db, &self.ctx.scope);
        let came = history_imports::count(db, scope, handful, self.row).await?;
        let mut tx = db.tenant(scope).await?;
        let goes_on = history_imports::advance(&mut tx, self.import.id, &came).await?;
        tx.commit().await?;
        Ok(goes_on)
    }
}
