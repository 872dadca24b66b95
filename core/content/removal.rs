//! Deleting from the top down: each level is marked before the next is read, so that a part which somebody adds
//! at the same moment either waits and finds its whole gone, or is there to be marked.

use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
};

macro_rules! bury {
    ($table:literal, $which:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET deleted_at = $3, updated_at = $3, version = version + 1
              WHERE tenant_id = $1 AND deleted_at IS NULL AND ",
            $which
        )
    };
}

/// Statements that delete a course and all of it.
pub(super) const COURSE: &[&str] = &[
    bury!("courses", "id = $2"),
    bury!("lessons", "course_id = $2"),
    bury!("trainings", "lesson_id IN (SELECT id FROM lessons WHERE tenant_id = $1 AND course_id = $2)"),
    bury!(
        "training_items",
        "training_id IN (SELECT t.id FROM trainings t JOIN lessons l ON l.tenant_id = t.tenant_id AND l.id = t.lesson_id
                         WHERE t.tenant_id = $1 AND l.course_id = $2)"
    ),
];

/// Statements that delete a lesson and all of it.
pub(super) const LESSON: &[&str] = &[
    bury!("lessons", "id = $2"),
    bury!("trainings", "lesson_id = $2"),
    bury!("training_items", "training_id IN (SELECT id FROM trainings WHERE tenant_id = $1 AND lesson_id = $2)"),
];

/// Statements that delete a training and all of it.
pub(super) const TRAINING: &[&str] = &[bury!("trainings", "id = $2"), bury!("training_items", "training_id = $2")];

/// Statement that deletes an item.
pub(super) const ITEM: &[&str] = &[bury!("training_items", "id = $2")];

/// Marks an object and all of it as deleted.
pub(super) async fn bury(tx: &mut TenantTx, id: Uuid, statements: &[&'static str]) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    for text in statements {
        let statement = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
        statement.execute(tx.connection()).await.map_err(failed)?;
    }
    Ok(())
}
