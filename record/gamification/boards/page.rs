//! A page of a board, and the place of whoever asks with his neighbours.
//!
//! Rows are read along an index; who stands before somebody is counted in the index alone, and those who stand on no board
//! are few and counted apart.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{PageRequest, TenantTx, composed, failed},
    id,
    institutions::Institution,
};
use uuid::Uuid;

use super::{
    LEAST, Metric, Period, Span, has_opted_out,
    naming::{Row, Standing},
    ranks::{Rank, ranks},
    span_of,
};
use crate::gamification::settings::Names;

/// Rows shown on either side of whoever asks.
const NEIGHBOURS: i64 = 2;

/// Which board.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What kind of period.
    pub period: Period,
    /// A date in it; the period that goes on if none.
    pub date: Option<chrono::NaiveDate>,
    /// What it counts.
    pub metric: Metric,
    /// Of this group alone.
    pub group: Option<Id<id::Group>>,
    /// Who asks, where it is a person.
    pub own: Option<Id<id::User>>,
    /// Which page.
    pub page: PageRequest,
    /// How people are named.
    pub names: Names,
}

/// A page of a board.
#[derive(Debug, Clone)]
pub struct Board {
    /// The period.
    pub span: Span,
    /// How many stand on it.
    pub participants: i64,
    /// The rows of the page; none where too few stand on it.
    pub rows: Vec<Standing>,
    /// Whoever asks, where it is a person.
    pub own: Option<Own>,
}

impl Board {
    /// Too few stand on it to show anybody.
    pub fn is_suppressed(&self) -> bool {
        self.participants < LEAST
    }
}

/// The place of whoever asks.
#[derive(Debug, Clone)]
pub struct Own {
    /// The score.
    pub value: i64,
    /// The rank that it has, or would have; none without a score and for who can stand on no board.
    pub rank: Option<(i64, bool)>,
    /// He does not want to stand on boards.
    pub opted_out: bool,
    /// Those around him, himself among them where he stands on the board.
    pub neighbours: Vec<Standing>,
}

/// A place on a board: a score, when it was reached, and by whom.
#[derive(Debug, Clone, Copy, QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    value: i64,
    #[diesel(sql_type = Timestamptz)]
    reached_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Bool)]
    stands: bool,
    #[diesel(sql_type = Bool)]
    may_stand: bool,
}

#[derive(Debug, Clone, Copy, QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    participants: i64,
    #[diesel(sql_type = BigInt)]
    above: i64,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = BigInt)]
    equal: i64,
}

/// A board about to be read.
struct Reading<'a> {
    asked: &'a Asked,
    span: Span,
}

/// Reads a page of a board.
///
/// # Errors
/// As the database says.
pub async fn board(tx: &mut TenantTx, institution: &Institution, asked: Asked) -> Result<Board> {
    let span = span_of(tx, (asked.period, asked.date), institution).await?;
    let reading = Reading { asked: &asked, span };
    let place = match asked.own {
        Some(own) => reading.place(tx, own).await?,
        None => None,
    };
    let counted = reading.count(tx, place).await?;
    let is_suppressed = counted.participants < LEAST;
    let rows = if is_suppressed { Vec::new() } else { reading.page(tx).await? };
    let own = match asked.own {
        Some(own) => Some(reading.own(tx, own, (place, counted)).await?),
        None => None,
    };
    Ok(Board { span: reading.span, participants: counted.participants, rows, own })
}

impl Reading<'_> {
    const fn is_frozen(&self) -> bool {
        self.span.closed_at.is_some()
    }

    /// The rows of the period: of a group by its members, else along the index.
    fn from(&self) -> &'static str {
        match self.asked.group {
            Some(_) => {
                "group_members gm JOIN board_scores s ON s.tenant_id = gm.tenant_id AND s.user_id = gm.user_id
                   AND gm.tenant_id = $1 AND gm.group_id = $4"
            }
            None => "board_scores s",
        }
    }

    /// Who stands on the board, of users `u`, memberships `m` and those who opted out `o`.
    const fn stands(&self) -> &'static str {
        if self.is_frozen() { "s.listed" } else { "m.status = 'active' AND m.role = 'learner' AND o.user_id IS NULL" }
    }

    /// Rows with names, in the order of the board or against it.
    fn rows_text(&self, more: &str, order: [&str; 3]) -> String {
        let (value, at) = self.asked.metric.columns();
        let [by_value, by_time, by_id] = order;
        format!(
            "SELECT s.user_id, {value} AS value, {at} AS reached_at, u.name, u.first_name, u.last_name, o.user_id IS NOT NULL AS hidden
             FROM {} JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
             JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
             LEFT JOIN board_opt_outs o ON o.tenant_id = s.tenant_id AND o.user_id = s.user_id
             WHERE s.tenant_id = $1 AND s.period = $2 AND s.starts_on = $3 AND ($4 IS NULL OR $4 IS NOT NULL) AND {value} > 0 AND {}
               AND {more} ORDER BY {value} {by_value}, {at} {by_time}, s.user_id {by_id}",
            self.from(),
            self.stands(),
        )
    }

    async fn page(&self, tx: &mut TenantTx) -> Result<Vec<Standing>> {
        let text = self.rows_text("true", ["DESC", "ASC", "ASC"]) + " LIMIT $5 OFFSET $6";
        let (tenant, page) = (tx.tenant(), self.asked.page);
        let mut rows: Vec<Row> = composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(self.span.period.as_str())
            .bind::<Date, _>(self.span.starts_on)
            .bind::<Nullable<SqlUuid>, _>(self.asked.group)
            .bind::<BigInt, _>(page.per_page + 1)
            .bind::<BigInt, _>(page.offset())
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let behind = usize::try_from(page.per_page).ok().filter(|most| rows.len() > *most).and_then(|_| rows.pop());
        self.ranked(tx, rows, (page.offset(), behind)).await
    }

    /// Gives rows that stand next to each other their ranks.
    async fn ranked(
        &self,
        tx: &mut TenantTx,
        rows: Vec<Row>,
        (before, behind): (i64, Option<Row>),
    ) -> Result<Vec<Standing>> {
        let values: Vec<i64> = rows.iter().map(|row| row.value).collect();
        let above = match values.as_slice() {
            [first, ..] if before > 0 => {
                let user_id = Uuid::nil();
                let (stands, may_stand) = (true, true);
                let place = Place { value: *first, reached_at: DateTime::UNIX_EPOCH, user_id, stands, may_stand };
                self.count(tx, Some(place)).await?.above
            }
            _ => 0,
        };
        let ranks = ranks(&values, (before, above), behind.map(|row| row.value));
        Ok(rows.into_iter().zip(ranks).map(|(row, rank)| row.standing(rank, self.asked.names)).collect())
    }

    /// The score of somebody, and whether he stands, or could stand, on the board.
    async fn place(&self, tx: &mut TenantTx, own: Id<id::User>) -> Result<Option<Place>> {
        let (value, at) = self.asked.metric.columns();
        let text = format!(
            "SELECT {value} AS value, {at} AS reached_at, s.user_id, {} AS stands, m.status = 'active' AND m.role = 'learner' AS may_stand
             FROM {} JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
             LEFT JOIN board_opt_outs o ON o.tenant_id = s.tenant_id AND o.user_id = s.user_id
             WHERE s.tenant_id = $1 AND s.period = $2 AND s.starts_on = $3 AND ($4 IS NULL OR $4 IS NOT NULL) AND s.user_id = $5
               AND {value} > 0",
            self.stands(),
            self.from(),
        );
        let tenant = tx.tenant();
        composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(self.span.period.as_str())
            .bind::<Date, _>(self.span.starts_on)
            .bind::<Nullable<SqlUuid>, _>(self.asked.group)
            .bind::<SqlUuid, _>(own)
            .get_result(tx.connection())
            .await
            .optional()
            .map_err(failed)
    }

    /// How many stand on the board, and where a place is among them.
    async fn count(&self, tx: &mut TenantTx, place: Option<Place>) -> Result<Counted> {
        let (value, at) = self.asked.metric.columns();
        let counts = format!(
            "count(*) AS participants, count(*) FILTER (WHERE {value} > $5) AS above, count(*) FILTER (WHERE {value} = $5) AS equal,
             count(*) FILTER (WHERE {value} > $5 OR {value} = $5 AND ({at}, s.user_id) < ($6, $7)) AS before"
        );
        let within = format!("s.tenant_id = $1 AND s.period = $2 AND s.starts_on = $3 AND {value} > 0");
        let from = self.from();
        let text = if self.is_frozen() {
            format!("SELECT {counts} FROM {from} WHERE {within} AND s.listed AND ($4 IS NULL OR $4 IS NOT NULL)")
        } else {
            format!(
                "WITH away AS MATERIALIZED (
                   SELECT m.user_id FROM memberships m WHERE m.tenant_id = $1 AND m.status IN ('invited', 'deactivated', 'removed')
                   UNION SELECT m.user_id FROM memberships m WHERE m.tenant_id = $1 AND m.role <> 'learner'
                   UNION SELECT o.user_id FROM board_opt_outs o WHERE o.tenant_id = $1
                 ), everybody AS (SELECT {counts} FROM {from} WHERE {within} AND ($4 IS NULL OR $4 IS NOT NULL)
                 ), absent AS (SELECT {counts} FROM {from} JOIN away a ON a.user_id = s.user_id WHERE {within})
                 SELECT e.participants - a.participants AS participants, e.above - a.above AS above, e.equal - a.equal AS equal,
                   e.before - a.before AS before FROM everybody e CROSS JOIN absent a"
            )
        };
        let tenant = tx.tenant();
        composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(self.span.period.as_str())
            .bind::<Date, _>(self.span.starts_on)
            .bind::<Nullable<SqlUuid>, _>(self.asked.group)
            .bind::<Nullable<BigInt>, _>(place.map(|place| place.value))
            .bind::<Nullable<Timestamptz>, _>(place.map(|place| place.reached_at))
            .bind::<Nullable<SqlUuid>, _>(place.map(|place| place.user_id))
            .get_result(tx.connection())
            .await
            .map_err(failed)
    }

    async fn own(
        &self,
        tx: &mut TenantTx,
        own: Id<id::User>,
        (place, counted): (Option<Place>, Counted),
    ) -> Result<Own> {
        let opted_out = has_opted_out(tx, own).await?;
        let value = place.map_or(0, |place| place.value);
        let ranked = place.filter(|place| place.may_stand && counted.participants >= LEAST);
        let Some(place) = ranked else { return Ok(Own { value, rank: None, opted_out, neighbours: Vec::new() }) };
        let others = counted.equal - i64::from(place.stands);
        let rank = Rank { rank: counted.above + 1, tied: others > 0 };
        let mut around = self.beside(tx, place, "<").await?;
        around.reverse();
        let before = counted.before - i64::try_from(around.len()).unwrap_or_default();
        let mut after = self.beside(tx, place, if place.stands { ">=" } else { ">" }).await?;
        let most = usize::try_from(NEIGHBOURS + i64::from(place.stands)).unwrap_or_default();
        let behind = if after.len() > most { after.pop() } else { None };
        around.extend(after);
        let neighbours = self.ranked(tx, around, (before, behind)).await?;
        Ok(Own { value, rank: Some((rank.rank, rank.tied)), opted_out, neighbours })
    }

    /// Rows before a place, the nearest first, or from it on, and one behind them.
    async fn beside(&self, tx: &mut TenantTx, place: Place, side: &'static str) -> Result<Vec<Row>> {
        let (value, at) = self.asked.metric.columns();
        let text = if side == "<" {
            let more = format!("{value} >= $5 AND ({value} > $5 OR ({at}, s.user_id) < ($6, $7))");
            self.rows_text(&more, ["ASC", "DESC", "DESC"])
        } else {
            let more = format!("{value} <= $5 AND ({value} < $5 OR ({at}, s.user_id) {side} ($6, $7))");
            self.rows_text(&more, ["DESC", "ASC", "ASC"])
        };
        let limit = if side == "<" { NEIGHBOURS } else { NEIGHBOURS + 1 + i64::from(place.stands) };
        let tenant = tx.tenant();
        composed(text + " LIMIT $8")
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(self.span.period.as_str())
            .bind::<Date, _>(self.span.starts_on)
            .bind::<Nullable<SqlUuid>, _>(self.asked.group)
            .bind::<BigInt, _>(place.value)
            .bind::<Timestamptz, _>(place.reached_at)
            .bind::<SqlUuid, _>(place.user_id)
            .bind::<BigInt, _>(limit)
            .load(tx.connection())
            .await
            .map_err(failed)
    }
}
