//! The sums of the school as its rows hold them, for assertions in words.

use stoa_jobs::{
    queue::{self, HOUSE, NewJob},
    record::{WatchRollups, operate},
};

use crate::support::TestHouse;

/// The sums that are read.
pub(super) struct Sums<'a>(&'a TestHouse);

impl<'a> Sums<'a> {
    pub(super) const fn of(house: &'a TestHouse) -> Self {
        Self(house)
    }

    /// Columns of the rows of a table, each row in words, sorted; without sums that came back to nothing.
    pub(super) fn rows(&self, table: &str, columns: &str) -> Vec<String> {
        self.rows_where(table, columns, "true")
    }

    fn rows_where(&self, table: &str, columns: &str, condition: &str) -> Vec<String> {
        let tenant = self.0.school.tenant.uuid();
        let rows = self.0.database.rows(&format!(
            "SELECT concat_ws(' ', {columns}) AS row FROM {table} x WHERE tenant_id = '{tenant}' AND {condition}
               AND edition = (SELECT edition FROM rollups WHERE tenant_id = '{tenant}')
               AND EXISTS (SELECT FROM jsonb_each(to_jsonb(x)) v WHERE v.key NOT IN ('edition', 'gap', 'active_days')
                 AND (jsonb_typeof(v.value) = 'number' AND v.value <> '0' OR jsonb_typeof(v.value) = 'boolean'))
             ORDER BY 1"
        ));
        rows.iter().map(|row| row["row"].as_str().expect("words").to_owned()).collect()
    }

    /// Day, gap, learners.
    pub(super) fn gaps(&self) -> Vec<String> {
        self.rows("activity_gaps", "day, gap, learners")
    }

    /// Active days and learners of the 28 days that end on a date.
    pub(super) fn levels_on(&self, day: &str) -> Vec<String> {
        self.rows_where("activity_levels", "active_days, learners", &format!("day = '{day}'"))
    }

    /// Day, learners, events, seconds.
    pub(super) fn totals(&self) -> Vec<String> {
        self.rows_where("activity_totals", "day, learners, events, seconds", "learners > 0")
    }

    /// Different learners within some days, by their gaps.
    pub(super) fn active(&self, from: &str, to: &str) -> i64 {
        let tenant = self.0.school.tenant.uuid();
        self.0.database.number(&format!(
            "SELECT coalesce(sum(learners), 0)::bigint FROM activity_gaps WHERE tenant_id = '{tenant}'
               AND edition = (SELECT edition FROM rollups WHERE tenant_id = '{tenant}')
               AND day BETWEEN '{from}' AND '{to}' AND (gap = 0 OR gap > day - date '{from}')"
        ))
    }
}

/// Insists that what is kept is what the rows come to.
pub(super) async fn verified(house: &TestHouse) {
    let verified = operate::verify(house.db(), house.school.tenant).await.expect("the sums are compared");
    assert!(verified.learners > 0, "nobody was looked at");
    assert_eq!(verified.differences, []);
    house.settle().await;
}

/// Looks for sums that have to be made anew, as the calendar does, and makes them.
pub(super) async fn rebuild_what_is_wanted(house: &TestHouse) {
    let mut tx = house.db().house().await.expect("a transaction");
    queue::enqueue(&mut tx, NewJob::of(HOUSE, &WatchRollups {}).expect("a job")).await.expect("a job");
    tx.commit().await.expect("a job");
    house.settle().await;
}

/// Rows of a table that a transaction sees.
pub(super) async fn count(tx: &mut stoa_core::db::TenantTx, table: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
    let row: Row = diesel_async::RunQueryDsl::get_result(query, tx.connection()).await.expect("a count");
    row.count
}

/// Gives a transaction a number, so that nothing that began after it is behind everybody.
pub(super) async fn write_something(tx: &mut stoa_core::db::TenantTx) {
    let query = diesel::sql_query("SELECT pg_current_xact_id()");
    diesel_async::RunQueryDsl::execute(query, tx.connection()).await.expect("a number");
}

/// Holds the followers of the transaction's institutions, as a step does.
pub(super) async fn hold_followers(tx: &mut stoa_core::db::TenantTx) {
    let query = diesel::sql_query("SELECT * FROM followers FOR UPDATE");
    diesel_async::RunQueryDsl::execute(query, tx.connection()).await.expect("the followers");
}
