//! The export of an institution: for each table a file of JSON lines, compressed, as all of them were at one moment.
//!
//! # Shape
//! A file is kept in parts, each a gzip member (RFC 1952 section 2.2) of about a megabyte of lines: one after the other they
//! are the file. A line is a row with all its columns but those of bytes, which are secrets and hashes of them.
//!
//! Not here: which tables those are (`tables`).

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use flate2::{Compression, write::GzEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::tables::{NOT_EXPORTED, in_order};
use crate::{
    db::{Db, HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
    scope::Scope,
    words,
};

/// Lines of a part before they are compressed, in bytes, about.
const PART_BYTES: usize = 1024 * 1024;
/// Rows that are read at once.
const ROWS: &str = "FETCH 500 FROM exported";

words! {
    /// Names where an export is.
    #[schemars(rename = "ClosingExportStatus")]
    ExportStatus {
        /// It is being written.
        Running = "running",
        /// It is whole.
        Completed = "completed",
        /// It was given up.
        Failed = "failed",
    }
}

/// An export.
#[derive(Debug, Clone, QueryableByName)]
pub struct Export {
    /// `exp_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Export>,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub status: ExportStatus,
    /// For each table what its file holds.
    #[diesel(sql_type = Jsonb)]
    contents: serde_json::Value,
    /// Why it was given up.
    #[diesel(sql_type = Nullable<Text>)]
    pub error: Option<String>,
    /// The moment that it shows.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it was whole.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it is deleted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedTable {
    /// Name of the table.
    pub table: String,
    /// Rows in it.
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl Export {
    /// For each table what its file holds.
    ///
    /// # Errors
    /// `internal` when the row cannot be read.
    pub fn tables(&self) -> Result<Vec<ExportedTable>> {
        serde_json::from_value(self.contents.clone()).map_err(Error::internal)
    }
}

const NEWEST: &str = "SELECT id, status, contents, error, created_at, completed_at, expires_at FROM institution_exports
  WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1";
const BEGIN: &str =
    "INSERT INTO institution_exports (tenant_id, id, status, created_at) VALUES ($1, $2, 'running', $3)";
const PART: &str =
    "INSERT INTO institution_export_parts (tenant_id, export_id, table_name, part, bytes) VALUES ($1, $2, $3, $4, $5)";
/// The one before goes with its parts, and so does one that was broken off.
const END: &str = "WITH others AS (DELETE FROM institution_exports WHERE tenant_id = $1 AND id <> $2)
  UPDATE institution_exports SET status = 'completed', contents = $3, completed_at = $4 WHERE tenant_id = $1 AND id = $2";
const GIVE_UP: &str = "UPDATE institution_exports SET status = 'failed', error = $3 WHERE tenant_id = $1 AND id = $2";
const READ_PART: &str = "SELECT bytes FROM institution_export_parts WHERE tenant_id = $1 AND export_id = $2 AND table_name = $3 AND part = $4";
const FORGET: &str = "DELETE FROM institution_exports WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM institution_exports WHERE expires_at <= $1 ORDER BY expires_at LIMIT 10))";

/// Writes an export of an institution, in place of the one before. What is written so far is nobody's until it is whole.
///
/// # Errors
/// As the database says; what was written then goes with the next export.
pub async fn write(db: &Db, tenant: TenantId) -> Result<Id<id::Export>> {
    let mut house = db.house().await?;
    let (id, now) = (house.new_id(), house.now());
    let begin = sql(BEGIN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    begin.execute(house.connection()).await.map_err(failed)?;
    house.commit().await?;
    let contents = match files(db, (tenant, id)).await {
        Ok(contents) => serde_json::to_value(contents).map_err(Error::internal)?,
        Err(error) => {
            give_up(db, (tenant, id), error.outside()).await?;
            return Err(error);
        }
    };
    let mut house = db.house().await?;
    let now = house.now();
    let end = sql(END).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Jsonb, _>(contents);
    end.bind::<Timestamptz, _>(now).execute(house.connection()).await.map_err(failed)?;
    house.commit().await?;
    Ok(id)
}

async fn give_up(db: &Db, (tenant, id): (TenantId, Id<id::Export>), why: &str) -> Result<()> {
    let mut house = db.house().await?;
    let give_up = sql(GIVE_UP).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Text, _>(why);
    give_up.execute(house.connection()).await.map_err(failed)?;
    house.commit().await
}

/// All tables in one transaction that sees one moment.
async fn files(db: &Db, (tenant, id): (TenantId, Id<id::Export>)) -> Result<Vec<ExportedTable>> {
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    let one_moment = sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    one_moment.execute(tx.connection()).await.map_err(failed)?;
    let mut names = in_order(tx.connection()).await?;
    names.retain(|name| !NOT_EXPORTED.contains(&name.as_str()));
    names.push("institutions".to_owned());
    names.sort();
    let mut contents = Vec::with_capacity(names.len());
    for name in names {
        contents.push(file(db, &mut tx, (tenant, id), name).await?);
    }
    Ok(contents)
}

async fn file(
    db: &Db,
    tx: &mut TenantTx,
    (tenant, id): (TenantId, Id<id::Export>),
    table: String,
) -> Result<ExportedTable> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    declare(tx, (tenant, &table)).await?;
    let mut file = File::new(table);
    loop {
        let lines: Vec<Line> = sql(ROWS).load(tx.connection()).await.map_err(failed)?;
        let is_last = lines.is_empty();
        for Line { line } in lines {
            file.add(&line);
        }
        if let Some(part) = file.part(is_last)? {
            keep(db, (tenant, id), (&file.table, part)).await?;
        }
        if is_last {
            break;
        }
    }
    sql("CLOSE exported").execute(tx.connection()).await.map_err(failed)?;
    Ok(file.ended())
}

/// Opens a cursor over a table's rows, as lines. The columns of bytes are left out.
async fn declare(tx: &mut TenantTx, (tenant, table): (TenantId, &str)) -> Result<()> {
    #[derive(QueryableByName)]
    struct Columns {
        #[diesel(sql_type = Array<Text>)]
        names: Vec<String>,
    }
    let columns: Columns = sql("SELECT coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attnum), '{}') AS names FROM pg_attribute a
         WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid <> 'bytea'::regtype")
    .bind::<Text, _>(table)
    .get_result(tx.connection())
    .await
    .map_err(failed)?;
    // Names come from the catalogue, where no request can write; the id is made of digits and hyphens.
    let text = format!(
        "DECLARE exported NO SCROLL CURSOR FOR SELECT row_to_json(x)::text AS line FROM (SELECT {} FROM {table} WHERE tenant_id = '{}') x",
        columns.names.join(", "),
        tenant.uuid()
    );
    diesel::sql_query(text).execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

async fn keep(
    db: &Db,
    (tenant, id): (TenantId, Id<id::Export>),
    (table, (part, bytes)): (&str, (i32, Vec<u8>)),
) -> Result<()> {
    let mut house = db.house().await?;
    sql(PART)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(table)
        .bind::<Integer, _>(part)
        .bind::<Binary, _>(bytes)
        .execute(house.connection())
        .await
        .map_err(failed)?;
    house.commit().await
}

/// A file on its way into parts.
struct File {
    table: String,
    lines: Vec<u8>,
    parts: i32,
    rows: u64,
    bytes: u64,
    digest: Sha256,
}

impl File {
    fn new(table: String) -> Self {
        Self { table, lines: Vec::new(), parts: 0, rows: 0, bytes: 0, digest: Sha256::new() }
    }

    fn add(&mut self, line: &str) {
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
        self.rows += 1;
    }

    /// The next part, where there are lines enough for one; a file has at least one.
    fn part(&mut self, is_last: bool) -> Result<Option<(i32, Vec<u8>)>> {
        if self.lines.len() < PART_BYTES && !(is_last && (self.parts == 0 || !self.lines.is_empty())) {
            return Ok(None);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.lines).map_err(Error::internal)?;
        let bytes = encoder.finish().map_err(Error::internal)?;
        self.lines.clear();
        self.digest.update(&bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let part = self.parts;
        self.parts += 1;
        Ok(Some((part, bytes)))
    }

    fn ended(self) -> ExportedTable {
        let Self { table, rows, bytes, digest, .. } = self;
        ExportedTable { table, rows, bytes, sha256: hex::encode(digest.finalize()) }
    }
}

/// Finds the newest export of an institution.
///
/// # Errors
/// As the database says.
pub async fn newest(house: &mut HouseTx, tenant: TenantId) -> Result<Option<Export>> {
    let rows: Vec<Export> = sql(NEWEST).bind::<SqlUuid, _>(tenant).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().next())
}

/// Reads a part of a file; none behind the last.
///
/// # Errors
/// As the database says.
pub async fn read_part(
    house: &mut HouseTx,
    (tenant, export): (TenantId, Id<id::Export>),
    (table, part): (&str, i32),
) -> Result<Option<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        bytes: Vec<u8>,
    }
    let rows: Vec<Row> = sql(READ_PART)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(export)
        .bind::<Text, _>(table)
        .bind::<Integer, _>(part)
        .load(house.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| row.bytes))
}

/// Deletes a few exports whose time is over; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_expired(house: &mut HouseTx) -> Result<usize> {
    let now = house.now();
    sql(FORGET).bind::<Timestamptz, _>(now).execute(house.connection()).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn parts_one_after_the_other_are_the_file() {
        let mut file = File::new("users".to_owned());
        let line = "x".repeat(PART_BYTES / 2);
        let (mut whole, mut wanted) = (Vec::new(), String::new());
        for _ in 0..5 {
            file.add(&line);
            wanted.push_str(&line);
            wanted.push('\n');
            whole.extend(file.part(false).unwrap().map(|(_, bytes)| bytes).unwrap_or_default());
        }
        whole.extend(file.part(true).unwrap().map(|(_, bytes)| bytes).unwrap_or_default());
        let mut read = String::new();
        MultiGzDecoder::new(whole.as_slice()).read_to_string(&mut read).unwrap();
        assert!(read == wanted);
        let ended = file.ended();
        assert_eq!((ended.rows, ended.bytes), (5, u64::try_from(whole.len()).unwrap()));
        assert_eq!(ended.sha256, hex::encode(Sha256::digest(&whole)));
    }

    #[test]
    fn an_empty_table_is_an_empty_file() {
        let mut file = File::new("users".to_owned());
        assert!(file.part(false).unwrap().is_none());
        let (part, bytes) = file.part(true).unwrap().unwrap();
        let mut read = String::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut read).unwrap();
        assert_eq!((part, read.as_str()), (0, ""));
    }
}
