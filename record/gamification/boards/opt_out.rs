//! Who does not want to stand on boards.

use diesel::{
    QueryableByName,
    sql_types::{Bool, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Id, Result,
    audit::Entry,
    db::{TenantTx, failed, sql},
    id,
};

/// Whether somebody wants to stand on boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// He does.
    In,
    /// He does not.
    Out,
}

impl From<bool> for Wish {
    fn from(opted_out: bool) -> Self {
        if opted_out { Self::Out } else { Self::In }
    }
}

const IS_OUT: &str = "SELECT EXISTS (SELECT FROM board_opt_outs o WHERE o.tenant_id = $1 AND o.user_id = $2) AS is_out";
const OUT: &str = "INSERT INTO board_opt_outs (tenant_id, user_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const IN: &str = "DELETE FROM board_opt_outs WHERE tenant_id = $1 AND user_id = $2 AND since <= $3";

/// Does somebody not stand on boards.
///
/// # Errors
/// As the database says.
pub async fn has_opted_out(tx: &mut TenantTx, user: Id<id::User>) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        is_out: bool,
    }
    let tenant = tx.tenant();
    let asked = sql(IS_OUT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user);
    let row: Row = asked.get_result(tx.connection()).await.map_err(failed)?;
    Ok(row.is_out)
}

/// Takes somebody off the boards, or lets him stand there again.
///
/// # Errors
/// As the database says.
pub async fn set_opt_out(tx: &mut TenantTx, user: Id<id::User>, wish: Wish) -> Result<()> {
    let text = match wish {
        Wish::Out => OUT,
        Wish::In => IN,
    };
    let (tenant, now) = (tx.tenant(), tx.now());
    let change = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(now);
    if change.execute(tx.connection()).await.map_err(failed)? > 0 {
        let is_out = wish == Wish::Out;
        let said = |is_out: bool| json!({ "leaderboard_opt_out": is_out });
        tx.audit(Entry::of("leaderboard.opt_out_set", user).was(said(!is_out)).is(said(is_out)));
    }
    Ok(())
}
