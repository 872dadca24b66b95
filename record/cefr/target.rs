//! The level that a learner wants to reach.

use chrono::NaiveDate;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    audit::Entry,
    content::Cefr,
    db::{TenantTx, failed, sql},
    id,
};

/// A target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Target {
    /// The level.
    #[diesel(sql_type = Text)]
    pub level: Cefr,
    /// By when.
    #[diesel(sql_type = Nullable<Date>)]
    pub due_on: Option<NaiveDate>,
}

/// Sets the target of a learner in a language, in place of the one before; none takes it away.
///
/// # Errors
/// As the database says.
pub async fn set_target(
    tx: &mut TenantTx,
    (learner, language): (Id<id::User>, &str),
    target: Option<Target>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let before = target_of(tx, (learner, language)).await?;
    if before == target {
        return Ok(());
    }
    let text = if target.is_some() {
        "INSERT INTO cefr_targets (tenant_id, user_id, language, level, due_on, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, user_id, language)
         DO UPDATE SET level = excluded.level, due_on = excluded.due_on, updated_at = excluded.updated_at"
    } else {
        "DELETE FROM cefr_targets WHERE tenant_id = $1 AND user_id = $2 AND language = $3
           AND $4::text IS NULL AND $5::date IS NULL AND $6::timestamptz IS NOT NULL"
    };
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(learner)
        .bind::<Text, _>(language)
        .bind::<Nullable<Text>, _>(target.map(|target| target.level.as_str()))
        .bind::<Nullable<Date>, _>(target.and_then(|target| target.due_on))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let said = |target: Option<Target>| {
        target.map(|target| serde_json::json!({ "language": language, "level": target.level, "due_on": target.due_on }))
    };
    tx.audit(
        Entry::of("cefr_target.set", learner)
            .was(said(before).unwrap_or_default())
            .is(said(target).unwrap_or_default()),
    );
    Ok(())
}

/// The target of a learner in a language.
pub(super) async fn target_of(tx: &mut TenantTx, (learner, language): (Id<id::User>, &str)) -> Result<Option<Target>> {
    let tenant = tx.tenant();
    let one = sql(
        "SELECT t.level, t.due_on FROM cefr_targets t WHERE t.tenant_id = $1 AND t.user_id = $2 AND t.language = $3",
    )
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(learner)
    .bind::<Text, _>(language);
    one.get_result(tx.connection()).await.optional().map_err(failed)
}
