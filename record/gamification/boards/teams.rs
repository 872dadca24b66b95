//! Groups beside each other: by what their learners reached on the mean, so that a large one has no advantage.
//!
//! # Rule
//! The mean is over all active learners of the group who did not opt out, those who did nothing too. A group of fewer than
//! five is left out. Of a period that is frozen the groups stand as they were then.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Double, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{Paged, TenantTx, composed, failed, sql},
    id,
    institutions::Institution,
};

use super::{LEAST, Metric, Span, page::Asked, span_of};

/// A group on a board.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Team {
    /// The group.
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Id<id::Group>,
    /// What it is called; of a frozen period what it was called.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// From 1; equal means have equal ranks.
    #[diesel(sql_type = BigInt)]
    pub rank: i64,
    /// Another group has the same.
    #[diesel(sql_type = Bool)]
    pub tied: bool,
    /// Learners in it.
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    /// Sum of what they reached.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// What they reached on the mean, to a hundredth.
    #[diesel(sql_type = Double)]
    pub mean: f64,
    #[diesel(sql_type = BigInt)]
    teams: i64,
}

/// A board of groups.
#[derive(Debug, Clone)]
pub struct Teams {
    /// The period.
    pub span: Span,
    /// The page.
    pub paged: Paged<Team>,
}

/// What the learners of each group have reached in the period `$2`, `$3`.
pub(super) fn totals(metric: Metric) -> String {
    let (value, _) = metric.columns();
    format!(
        "SELECT g.id AS group_id, g.name, count(*) AS members, coalesce(sum(greatest({value}, 0)), 0)::bigint AS total
         FROM groups g JOIN group_members gm ON gm.tenant_id = g.tenant_id AND gm.group_id = g.id
         JOIN memberships m ON m.tenant_id = gm.tenant_id AND m.user_id = gm.user_id AND m.status = 'active' AND m.role = 'learner'
         LEFT JOIN board_scores s ON s.tenant_id = gm.tenant_id AND s.period = $2 AND s.starts_on = $3 AND s.user_id = gm.user_id
         WHERE g.tenant_id = $1 AND NOT g.everyone
           AND NOT EXISTS (SELECT FROM board_opt_outs o WHERE o.tenant_id = $1 AND o.user_id = gm.user_id)
         GROUP BY g.id, g.name HAVING count(*) >= {LEAST}"
    )
}

/// Reads a page of the groups beside each other.
///
/// # Errors
/// As the database says.
pub async fn teams(tx: &mut TenantTx, institution: &Institution, asked: &Asked) -> Result<Teams> {
    let span = span_of(tx, (asked.period, asked.date), institution).await?;
    let of = if span.closed_at.is_some() {
        format!(
            "SELECT t.group_id, t.name, t.members::bigint AS members, t.total FROM board_teams t
             WHERE t.tenant_id = $1 AND t.period = $2 AND t.starts_on = $3 AND t.metric = '{}'",
            asked.metric.as_str()
        )
    } else {
        totals(asked.metric)
    };
    let text = format!(
        "SELECT r.group_id, r.name, r.members, r.total, r.mean::double precision AS mean, rank() OVER (ORDER BY r.mean DESC) AS rank,
           count(*) OVER (PARTITION BY r.mean) > 1 AS tied, count(*) OVER () AS teams
         FROM (SELECT t.*, round(t.total::numeric / t.members, 2) AS mean FROM ({of}) t) r
         ORDER BY r.mean DESC, r.group_id LIMIT $4 OFFSET $5"
    );
    let (tenant, request) = (tx.tenant(), asked.page);
    let rows: Vec<Team> = composed(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(span.period.as_str())
        .bind::<Date, _>(span.starts_on)
        .bind::<BigInt, _>(request.per_page)
        .bind::<BigInt, _>(request.offset())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let total = rows.as_slice().first().map_or(0, |team| team.teams);
    Ok(Teams { span, paged: Paged { rows, total, request } })
}

/// Keeps what the groups have reached in a period that ends.
pub(super) async fn keep(tx: &mut TenantTx, span: &Span) -> Result<()> {
    let tenant = tx.tenant();
    for metric in Metric::ALL {
        let text = format!(
            "INSERT INTO board_teams (tenant_id, period, starts_on, metric, group_id, name, members, total)
             SELECT $1, $2, $3, '{}', t.group_id, t.name, t.members, t.total FROM ({}) t WHERE t.total > 0 ON CONFLICT DO NOTHING",
            metric.as_str(),
            totals(*metric)
        );
        composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(span.period.as_str())
            .bind::<Date, _>(span.starts_on)
            .execute(tx.connection())
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Takes those off a period that ends who do not stand on its board.
pub(super) async fn unlist(tx: &mut TenantTx, span: &Span) -> Result<()> {
    let tenant = tx.tenant();
    sql("UPDATE board_scores s SET listed = false FROM memberships m
         LEFT JOIN board_opt_outs o ON o.tenant_id = m.tenant_id AND o.user_id = m.user_id
         WHERE s.tenant_id = $1 AND s.period = $2 AND s.starts_on = $3 AND m.tenant_id = s.tenant_id AND m.user_id = s.user_id
           AND NOT (m.status = 'active' AND m.role = 'learner' AND o.user_id IS NULL)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Text, _>(span.period.as_str())
    .bind::<Date, _>(span.starts_on)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}
