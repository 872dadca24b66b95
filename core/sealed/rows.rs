//! Putting everything sealed under the newest key, a batch at a time, while the servers run.
//!
//! Idempotent and resumable: what is under the newest key is not looked at again, so whatever ends a run, the next one
//! goes on where it stopped. Nobody waits: a row is locked for the moment of its own change.
//!
//! Not here: who asks for it (`stoa secrets rotate`).

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{COLUMNS, SealedColumn, Sealer, keys};
use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::TenantId,
};

/// Rows of one transaction.
const BATCH: i64 = 200;
/// Before the first row of a table.
const START: &str = "(0,0)";

/// Under which keys everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// A line for each column and each key in it.
    pub lines: Vec<(&'static SealedColumn, Standing, i64)>,
}

/// How a key stands to a sealer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It seals now.
    Current(String),
    /// It opens, and something else seals.
    Previous(String),
    /// Sealed before keys had names; which one it was only opening tells.
    Nameless,
    /// Nobody gave it to us.
    Unknown(String),
}

/// What a walk came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Put under the newest key.
    pub resealed: usize,
    /// Left as it was, because no key that is known opens it.
    pub unreadable: usize,
}

impl Census {
    /// How much lies under another key than the newest.
    pub fn remaining(&self) -> i64 {
        let left = self.lines.iter().filter(|(_, standing, _)| !matches!(standing, Standing::Current(_)));
        left.map(|(_, _, count)| count).sum()
    }

    /// How much certainly cannot be opened.
    pub fn unknown(&self) -> i64 {
        let lost = self.lines.iter().filter(|(_, standing, _)| matches!(standing, Standing::Unknown(_)));
        lost.map(|(_, _, count)| count).sum()
    }
}

impl PartialEq for SealedColumn {
    fn eq(&self, other: &Self) -> bool {
        (self.table, self.column) == (other.table, other.column)
    }
}

impl Eq for SealedColumn {}

/// Counts everything sealed by the key that it lies under.
///
/// # Errors
/// As the database says.
pub async fn census(db: &Db, sealer: &Sealer) -> Result<Census> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        head: Vec<u8>,
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut tx = db.house().await?;
    let mut lines = Vec::new();
    for column in COLUMNS {
        let rows: Vec<Row> = sql(column.count).load(tx.connection()).await.map_err(failed)?;
        let mut by_key: BTreeMap<Standing, i64> = BTreeMap::new();
        for row in rows {
            *by_key.entry(standing(sealer, &row.head)).or_default() += row.count;
        }
        lines.extend(by_key.into_iter().map(|(standing, count)| (column, standing, count)));
    }
    Ok(Census { lines })
}

fn standing(sealer: &Sealer, head: &[u8]) -> Standing {
    match keys::fingerprint_of(head) {
        Some(name) if name == sealer.current() => Standing::Current(name.to_string()),
        Some(name) if sealer.known().contains(&name) => Standing::Previous(name.to_string()),
        Some(name) => Standing::Unknown(name.to_string()),
        None => Standing::Nameless,
    }
}

/// Puts everything under the newest key. `progress` hears of each batch: its column, and how many were put.
///
/// # Errors
/// As the database says; what was put stays put.
pub async fn reseal(db: &Db, sealer: &Sealer, mut progress: impl FnMut(&SealedColumn, usize)) -> Result<Resealed> {
    let mut sum = Resealed::default();
    for column in COLUMNS {
        loop {
            let walked = walk(db, sealer, column, &mut progress).await?;
            sum.resealed += walked.resealed;
            // A row changed meanwhile lies behind the walk, under whichever key its node knew: once more.
            if walked.resealed == 0 {
                sum.unreadable += walked.unreadable;
                break;
            }
        }
    }
    Ok(sum)
}

#[derive(QueryableByName)]
struct StaleRow {
    #[diesel(sql_type = Text)]
    at: String,
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    key: Vec<String>,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// Walks a column from its first row to its last.
async fn walk(
    db: &Db,
    sealer: &Sealer,
    column: &'static SealedColumn,
    progress: &mut impl FnMut(&SealedColumn, usize),
) -> Result<Resealed> {
    let (mut sum, mut after) = (Resealed::default(), START.to_owned());
    loop {
        let mut tx = db.house().await?;
        let rows: Vec<StaleRow> = sql(column.stale)
            .bind::<Binary, _>(sealer.current().head())
            .bind::<Text, _>(after.as_str())
            .bind::<BigInt, _>(BATCH)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(sum) };
        after.clone_from(&last.at);
        let (read, unreadable) = anew(sealer, column, rows);
        let put = sql(column.replace)
            .bind::<Array<Text>, _>(read.iter().map(|(row, _)| row.at.as_str()).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(read.iter().map(|(row, _)| row.tenant_id).collect::<Vec<_>>())
            .bind::<Array<Binary>, _>(read.iter().map(|(row, _)| row.sealed.as_slice()).collect::<Vec<_>>())
            .bind::<Array<Binary>, _>(read.iter().map(|(_, sealed)| sealed.as_slice()).collect::<Vec<_>>())
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        tx.commit().await?;
        sum.resealed += put;
        sum.unreadable += unreadable;
        progress(column, put);
    }
}

/// Opens rows and seals them with the newest key; counts those that do not open.
fn anew(sealer: &Sealer, column: &SealedColumn, rows: Vec<StaleRow>) -> (Vec<(StaleRow, Vec<u8>)>, usize) {
    let (mut opened, mut unreadable) = (Vec::with_capacity(rows.len()), 0);
    for row in rows {
        let place = (column.place)(TenantId::from_uuid(row.tenant_id), &row.key).unwrap_or_default();
        match sealer.open(&row.sealed, &place).and_then(|secret| sealer.seal(&secret, &place)) {
            Ok(anew) => opened.push((row, anew)),
            Err(error) => {
                unreadable += 1;
                let why = error.inside().map(ToString::to_string).unwrap_or_default();
                tracing::error!(table = column.table, column = column.column, key = ?row.key, "left as it was: {why}");
            }
        }
    }
    (opened, unreadable)
}
