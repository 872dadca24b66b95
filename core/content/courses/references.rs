//! The people and courses that a course names, found by whatever key they were named by.

use uuid::Uuid;

use super::{Course, CourseChange, NewCourse, queries};
use crate::{db::TenantTx, error::Result, id, key::Key, members};

type Person = Key<id::User>;

/// What a request names; `None` leaves the course as it is. The author and the reviewer are lists of one or none.
#[derive(Debug)]
pub(super) struct References {
    author: Option<Vec<Person>>,
    reviewer: Option<Vec<Person>>,
    instructors: Option<Vec<Person>>,
    prerequisites: Option<Vec<Key<id::Course>>>,
}

/// The same, found.
#[derive(Debug)]
pub(super) struct Resolved {
    author: Option<Vec<Uuid>>,
    reviewer: Option<Vec<Uuid>>,
    instructors: Option<Vec<Uuid>>,
    prerequisites: Option<Vec<Uuid>>,
}

impl References {
    pub(super) fn of_new(new: &mut NewCourse) -> Self {
        Self {
            author: Some(new.author_id.take().into_iter().collect()),
            reviewer: Some(new.reviewer_id.take().into_iter().collect()),
            instructors: Some(std::mem::take(&mut new.instructor_ids)),
            prerequisites: Some(std::mem::take(&mut new.prerequisite_ids)),
        }
    }

    pub(super) fn of_change(change: &mut CourseChange) -> Self {
        Self {
            author: change.author_id.take().map(|author| author.into_iter().collect()),
            reviewer: change.reviewer_id.take().map(|reviewer| reviewer.into_iter().collect()),
            instructors: change.instructor_ids.take(),
            prerequisites: change.prerequisite_ids.take(),
        }
    }

    /// Finds all of them, by one statement for people and one for courses.
    ///
    /// # Errors
    /// `validation_failed` with the pointer of each that does not exist.
    pub(super) async fn resolve(self, tx: &mut TenantTx) -> Result<Resolved> {
        let one = |pointer: &'static str, keys: &Option<Vec<Person>>| {
            keys.iter().flatten().map(|key| (pointer.to_owned(), key.clone())).collect::<Vec<_>>()
        };
        let instructors = self.instructors.iter().flatten().enumerate();
        let named: Vec<(String, Person)> = one("/author_id", &self.author)
            .into_iter()
            .chain(one("/reviewer_id", &self.reviewer))
            .chain(instructors.map(|(at, key)| (format!("/instructor_ids/{at}"), key.clone())))
            .collect();
        let mut found = members::resolve(tx, &named).await?.into_iter().map(|member| member.id.uuid());
        let mut next = |keys: Option<Vec<Person>>| keys.map(|keys| found.by_ref().take(keys.len()).collect());
        let (author, reviewer, instructors) = (next(self.author), next(self.reviewer), next(self.instructors));
        let prerequisites = match self.prerequisites {
            Some(keys) => Some(queries::resolve(tx, "/prerequisite_ids", &keys).await?),
            None => None,
        };
        Ok(Resolved { author, reviewer, instructors, prerequisites })
    }
}

impl Resolved {
    pub(super) fn apply(self, course: &mut Course) {
        let first = |ids: Vec<Uuid>| ids.into_iter().next().map(id::Id::from_uuid);
        if let Some(author) = self.author {
            course.author_id = first(author);
        }
        if let Some(reviewer) = self.reviewer {
            course.reviewer_id = first(reviewer);
        }
        if let Some(instructors) = self.instructors {
            course.instructor_ids = without_repeats(instructors);
        }
        if let Some(prerequisites) = self.prerequisites {
            course.prerequisite_ids = without_repeats(prerequisites);
        }
    }
}

fn without_repeats(ids: Vec<Uuid>) -> Vec<Uuid> {
    let mut seen = std::collections::HashSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}
