//! All learners of a course, or those of a group among them, a page at a time.

use stoa_core::{
    Result,
    content::{courses::Course, lessons},
    db::{PageRequest, Paged, TenantTx},
    enrolments::{self, Enrolment, EnrolmentFilter},
    members::Member,
    progress::standings_of,
};

use super::{Outline, by_learner, unmet};

/// A learner of a matrix.
#[derive(Debug)]
pub struct MatrixRow {
    /// The learner.
    pub learner: Member,
    /// The enrolment.
    pub enrolment: Enrolment,
    /// How the learner stands, lessons in the order of the columns.
    pub outline: Outline,
}

/// Reads a page of the learners on a course.
///
/// # Errors
/// As the database says.
pub async fn matrix(
    tx: &mut TenantTx,
    course: &Course,
    filter: &EnrolmentFilter,
    request: PageRequest,
) -> Result<Paged<MatrixRow>> {
    let page = enrolments::list(tx, course.id, filter, request).await?;
    let lessons = lessons::of_course(tx, course.id).await?;
    let learners: Vec<_> = page.rows.iter().map(|row| row.learner.id).collect();
    let mut standings = by_learner(standings_of(tx, course.id, &learners).await?);
    let mut unmet = unmet(tx, course, &learners).await?;
    Ok(page.map(|row| {
        let own = standings.remove(&row.learner.id).unwrap_or_default();
        let unmet = unmet.remove(&row.learner.id).unwrap_or_default();
        let outline = Outline::of(course, &lessons, own, unmet);
        MatrixRow { learner: row.learner, enrolment: row.enrolment, outline }
    }))
}
