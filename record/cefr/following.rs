//! Keeps levels up with items as they are scored, after the activity and not in its way.
//!
//! Not here: evidence that somebody records; its levels are worked out with it.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
    progress::lock_learners,
};
use uuid::Uuid;

use super::{Whose, levels};
use crate::following::{Activity, Follower, Object};

/// Works out the levels of learners whose items were scored.
#[derive(Debug, Clone, Copy)]
pub struct Levels;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = Text)]
    language: String,
}

/// Learners and the languages of what they did, where it shows a level.
const TOUCHED: &str = "SELECT DISTINCT a.user_id, split_part(lower(c.language), '-', 1) AS language
  FROM unnest($2, $3) AS a(user_id, item_id)
  JOIN training_items i ON i.tenant_id = $1 AND i.id = a.item_id AND i.cefr IS NOT NULL AND i.skills <> '{}'
  JOIN trainings t ON t.tenant_id = i.tenant_id AND t.id = i.training_id
  JOIN lessons l ON l.tenant_id = t.tenant_id AND l.id = t.lesson_id
  JOIN courses c ON c.tenant_id = l.tenant_id AND c.id = l.course_id";

impl Follower for Levels {
    const NAME: &'static str = "cefr_levels";

    async fn take(&self, tx: &mut TenantTx, activities: &[Activity]) -> Result<()> {
        let items: (Vec<Uuid>, Vec<Uuid>) = activities
            .iter()
            .filter_map(|activity| match activity.object {
                Object::Item(item) => Some((activity.user_id.uuid(), item.uuid())),
                Object::Course(_) | Object::Lesson(_) => None,
            })
            .unzip();
        if items.0.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        let rows: Vec<Row> = sql(TOUCHED)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<SqlUuid>, _>(items.0)
            .bind::<Array<SqlUuid>, _>(items.1)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let touched: BTreeMap<Whose, Vec<_>> =
            rows.into_iter().map(|row| ((row.user_id, row.language), Vec::new())).collect();
        let learners: Vec<_> = touched.keys().map(|(user, _)| (tenant, user.uuid())).collect();
        lock_learners(tx, &learners).await?;
        levels::keep(tx, touched, levels::Cause::Graded).await?;
        Ok(())
    }
}
