//! How long the ledger and the log are kept, and the partitions that they are kept in.
//!
//! Ids are times, so a partition holds a span of time: a month of events, a week of the rest. What is old goes with
//! its partition in a moment, however much it is, and nothing has to be vacuumed after it. Partitions are made ahead;
//! what still falls outside of them, because a clock is wrong or nobody made them, waits in a default partition and is
//! moved when its own is made.
//!
//! Every step is a transaction of its own, so that nobody waits for a lock longer than one step takes. The statements
//! themselves run as the owner of the tables, in functions that only the relay may call (the migrations have them).
//!
//! Not here: when it is done (`stoa_jobs::housekeeping`), nor how long (`config/default.toml`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Db, HouseTx, failed, sql},
    error::{Error, Result},
};

/// Most rows of a default partition that are counted.
const STRAYS_COUNTED: i32 = 100_000;

/// How long each class of rows is kept, in days.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Events: the feed, and what bodies are rendered from.
    pub events_days: u32,
    /// Deliveries with their attempts, and events that were left out.
    pub deliveries_days: u32,
    /// Bodies as they were sent.
    pub delivery_bodies_days: u32,
    /// Jobs that were given up.
    pub discarded_jobs_days: u32,
    /// Sign-ins that failed.
    pub failed_sign_ins_days: u32,
    /// Letters, and what became of them.
    pub letters_days: u32,
    /// Files of people, and the reports made of them.
    pub import_files_days: u32,
    /// Files of exports.
    pub exports_days: u32,
    /// Entries of the audit log, and of what the staff did to their own accounts.
    pub audit_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events_days: 760,
            deliveries_days: 180,
            delivery_bodies_days: 30,
            discarded_jobs_days: 30,
            failed_sign_ins_days: 7,
            letters_days: 180,
            import_files_days: 7,
            exports_days: 7,
            audit_days: 400,
        }
    }
}

/// A table in partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parted {
    /// Deliveries.
    Deliveries,
    /// Their attempts.
    Attempts,
    /// Bodies as sent.
    Payloads,
    /// Events that were left out.
    Skips,
    /// The ledger.
    Events,
}

impl Parted {
    /// All of them, in the order in which old parts go: what keeps another one comes first.
    pub const ALL: [Self; 5] = [Self::Deliveries, Self::Attempts, Self::Payloads, Self::Skips, Self::Events];

    /// Name of the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Attempts => "attempts",
            Self::Payloads => "payloads",
            Self::Skips => "skips",
            Self::Events => "events",
        }
    }

    /// How far ahead its partitions are made: long enough that weeks without this job do no harm.
    const fn ahead(self) -> TimeDelta {
        match self {
            Self::Events => TimeDelta::days(62),
            Self::Deliveries | Self::Attempts | Self::Payloads | Self::Skips => TimeDelta::days(21),
        }
    }

    /// For how many days its rows are kept.
    pub(crate) const fn days(self, retention: &Retention) -> u32 {
        match self {
            Self::Events => retention.events_days,
            Self::Deliveries | Self::Attempts | Self::Skips => retention.deliveries_days,
            Self::Payloads => retention.delivery_bodies_days,
        }
    }

    /// What was made before this time may go.
    fn kept_since(self, retention: &Retention, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::days(self.days(retention).into())
    }
}

/// What became of an old partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is gone.
    Dropped,
    /// Something in it is still owed, or needed by what is.
    Kept,
}

/// Rows in a default partition that belong into the partition of one time.
#[derive(Debug, Clone, QueryableByName)]
pub struct Stray {
    /// Where that partition would begin.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// How many, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// Makes the partitions that are missing from now on, and those of the past that rows wait for. Answers how many.
///
/// # Errors
/// As the database says; what was made stays.
pub async fn make_partitions(db: &Db) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        made: i32,
    }
    let mut made = 0;
    for table in Parted::ALL {
        let mut tx = db.house().await?;
        let now = tx.now();
        let row: Row = sql("SELECT stoa_make_partitions($1, $2, $3) AS made")
            .bind::<Text, _>(table.as_str())
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(now + table.ahead())
            .get_result(tx.connection())
            .await
            .map_err(failed)?;
        tx.commit().await?;
        made += i64::from(row.made);
    }
    Ok(made)
}

/// Makes the partitions that rows of the default partitions wait for, as far as they are not of the future, and so moves
/// those rows. Answers how many partitions that were.
///
/// # Errors
/// As the database says; what was moved stays.
pub async fn move_strays(db: &Db) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        made: bool,
    }
    let mut moved = 0;
    for table in Parted::ALL {
        let mut tx = db.house().await?;
        let now = tx.now();
        let strays = strays(&mut tx, table).await?;
        tx.commit().await?;
        for stray in strays.into_iter().filter(|stray| stray.starts_at <= now) {
            let mut tx = db.house().await?;
            let row: Row = sql("SELECT stoa_make_partition($1, $2) AS made")
                .bind::<Text, _>(table.as_str())
                .bind::<Timestamptz, _>(stray.starts_at)
                .get_result(tx.connection())
                .await
                .map_err(failed)?;
            tx.commit().await?;
            moved += i64::from(row.made);
        }
    }
    Ok(moved)
}

/// Rows that lie in the default partition of a table.
///
/// # Errors
/// As the database says.
pub async fn strays(tx: &mut HouseTx, table: Parted) -> Result<Vec<Stray>> {
    sql("SELECT starts_at, count FROM stoa_strays($1, $2)")
        .bind::<Text, _>(table.as_str())
        .bind::<Integer, _>(STRAYS_COUNTED)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Drops the partitions that are older than the retention, and says what became of each. One with a delivery that is
/// still owed is kept, with the attempts and the events that belong to it; its bodies go, and are rendered again.
///
/// # Errors
/// As the database says; what was dropped stays so.
pub async fn drop_partitions(db: &Db, retention: &Retention) -> Result<Vec<(String, Fate)>> {
    #[derive(QueryableByName)]
    struct Part {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut fates = Vec::new();
    for table in Parted::ALL {
        let mut tx = db.house().await?;
        let before = table.kept_since(retention, tx.now());
        let old: Vec<Part> = sql("SELECT name FROM stoa_partitions($1) WHERE ends_at <= $2")
            .bind::<Text, _>(table.as_str())
            .bind::<Timestamptz, _>(before)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        tx.commit().await?;
        for part in old {
            if let Some(fate) = drop_partition(db, table, &part.name).await? {
                fates.push((part.name, fate));
            }
        }
    }
    Ok(fates)
}

async fn drop_partition(db: &Db, table: Parted, name: &str) -> Result<Option<Fate>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        fate: String,
    }
    let mut tx = db.house().await?;
    let row: Row = sql("SELECT stoa_drop_partition($1, $2) AS fate")
        .bind::<Text, _>(table.as_str())
        .bind::<Text, _>(name)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tx.commit().await?;
    match row.fate.as_str() {
        "dropped" => Ok(Some(Fate::Dropped)),
        "kept" => Ok(Some(Fate::Kept)),
        "gone" => Ok(None),
        other => Err(Error::internal(anyhow::anyhow!("unknown fate of a partition: {other}"))),
    }
}

/// Carries the positions of the feed over to this cluster, if the database was restored into it from another one.
/// Says whether that was so.
///
/// # Errors
/// As the database says.
pub async fn settle_positions(db: &Db) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        moved: bool,
    }
    let mut tx = db.house().await?;
    let row: Row = sql("SELECT stoa_settle_positions(stoa_highest_position()) AS moved")
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tx.commit().await?;
    Ok(row.moved)
}
