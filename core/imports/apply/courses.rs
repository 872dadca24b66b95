//! The courses that the people of a chunk are put on by name.

use uuid::Uuid;

use super::{chunk::Chunk, groups::people, people::WrittenPeople};
use crate::{
    content::courses,
    db::TenantTx,
    enrolments::{self, Goal},
    error::Result,
    progress,
    scope::Scope,
};

/// Locks all who are put on something, before anything is changed.
pub(super) async fn lock(tx: &mut TenantTx, chunk: &Chunk) -> Result<()> {
    let tenant = tx.tenant();
    let learners: Vec<_> = chunk.learners().into_iter().map(|person| (tenant, person)).collect();
    progress::lock_learners(tx, &learners).await
}

/// Puts people on courses: all of a course by one act. A course that was deleted since is left out.
pub(super) async fn enrol(tx: &mut TenantTx, scope: &Scope, chunk: &Chunk, written: &WrittenPeople) -> Result<()> {
    let ids = chunk.courses();
    for course in courses::find_many(tx, &ids).await? {
        let wants = |course: Uuid| {
            let wanting = chunk.all.iter().filter(move |row| row.course_ids.iter().flatten().any(|id| *id == course));
            wanting.filter(|row| written.has(row.user_id)).filter_map(|row| row.user_id).collect::<Vec<_>>()
        };
        let learners = people(tx, wants(course.id.uuid())).await?;
        enrolments::enrol_members(tx, scope, &Goal::course(&course), &learners).await?;
    }
    Ok(())
}
