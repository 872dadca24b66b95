//! Who is on which course.
//!
//! Not here: what a learner then does (`progress`), which also enrols, when activity says so.
//!
//! Being put on a course is the first thing that a learner's record of it tells: the enrolment and the standing on
//! the course are made together, and announced together; the act by which it happened is announced beside them.
//!
//! Players: [`Goal`], what learners are put on: a course, or a learning path with its courses; [`Enrolling`], an act;
//! [`Wave`], an act for a group, which goes on a handful at a time; [`sweep()`], which takes off those whom nothing
//! keeps any more.

mod acts;
mod commands;
mod goal;
mod groups;
mod put;
mod queries;
mod rows;
mod sweep;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use acts::USERS_PER_EVENT;
pub(crate) use commands::enrol_members;
pub use commands::{enrol_learner, enrol_named, remove, remove_learner};
pub(crate) use goal::courses_of_group;
pub use goal::{Goal, Target};
pub use groups::{Wave, enrol_group, remove_group, spread};
pub(crate) use groups::{joined, left};
pub use put::{Enrolled, Enrolling, enrol};
pub use queries::{find, list};
pub use rows::{Enrolment, EnrolmentOfMember};
pub use sweep::sweep;

use crate::{
    db::word_column,
    error::Result,
    fields::Fields,
    id::{self, Id},
    key::Key,
    progress::ActivityUser,
    time::Timestamp,
};

word_column!(EnrolmentStatus);

/// Most learners of one request.
pub const LEARNERS_MAX: usize = 500;

/// Names where an enrolment is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentStatus {
    /// The learner is on the course.
    Active,
    /// The learner has completed it.
    Completed,
    /// The learner was taken off; only the record remains.
    Removed,
}

impl EnrolmentStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Completed, Self::Removed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for EnrolmentStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Learners to be put on a course: `user`, or `users`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewEnrolments {
    /// The learner.
    pub user: Option<ActivityUser>,
    /// The learners, at most 500.
    pub users: Option<Vec<ActivityUser>>,
    /// When the course should be done.
    pub due_at: Option<Timestamp>,
    /// The institution's own key of the enrolment; with `user` only.
    pub external_id: Option<String>,
}

/// Which enrolments are wanted.
#[derive(Debug, Clone, Default)]
pub struct EnrolmentFilter {
    /// Of this status; all but the removed if left out.
    pub status: Option<EnrolmentStatus>,
    /// Changed then or later, the removed among them.
    pub updated_since: Option<DateTime<Utc>>,
    /// Of members of this group.
    pub group: Option<Id<id::Group>>,
}

impl NewEnrolments {
    /// Checks the fields; answers each learner's key with its pointer.
    fn learners(&self) -> Result<Vec<(String, Key<id::User>)>> {
        let mut fields = Fields::new();
        fields.external_id("/external_id", self.external_id.as_deref());
        let named: Vec<(String, &ActivityUser)> = match (&self.user, &self.users) {
            (Some(user), None) => vec![("/user".to_owned(), user)],
            (None, Some(users)) => {
                if users.is_empty() || users.len() > LEARNERS_MAX {
                    fields.fault("/users", "length", format!("wanted 1 to {LEARNERS_MAX} learners"));
                }
                if self.external_id.is_some() {
                    fields.fault(
                        "/external_id",
                        "value",
                        "wanted with `user` only: several learners are several enrolments",
                    );
                }
                users.iter().enumerate().map(|(at, user)| (format!("/users/{at}"), user)).collect()
            }
            _ => {
                fields.fault("/user", "required", "wanted one of user, users");
                Vec::new()
            }
        };
        let mut keys = Vec::with_capacity(named.len());
        for (pointer, user) in named {
            match key_of(user) {
                Some(key) => keys.push((pointer, key)),
                None => fields.fault(pointer, "required", "wanted one of id, external_id, email"),
            }
        }
        fields.finish()?;
        Ok(keys)
    }
}

fn key_of(user: &ActivityUser) -> Option<Key<id::User>> {
    match (user.id, &user.external_id, &user.email) {
        (Some(id), None, None) => Some(Key::Id(id)),
        (None, Some(external_id), None) => Some(Key::ExternalId(external_id.clone())),
        (None, None, Some(email)) => Some(Key::Word(email.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(String, Key<id::User>)>> {
        serde_json::from_str::<NewEnrolments>(json).unwrap().learners()
    }

    #[test]
    fn one_learner_or_several_by_any_of_three_keys() {
        let one = read(r#"{"user":{"email":"A@b.c"},"external_id":"e1"}"#).unwrap();
        assert_eq!(one, [("/user".to_owned(), Key::Word("A@b.c".to_owned()))]);
        let two = read(r#"{"users":[{"external_id":"x"},{"id":"usr_01h455vb4pex5vsknk084sn02q"}]}"#).unwrap();
        assert_eq!(two[0], ("/users/0".to_owned(), Key::ExternalId("x".to_owned())));
        assert!(two[1].1.id().is_some());
    }

    #[test]
    fn each_fault_has_its_pointer() {
        for (json, pointer) in [
            ("{}", "/user"),
            (r#"{"user":{"email":"a@b.c"},"users":[]}"#, "/user"),
            (r#"{"users":[]}"#, "/users"),
            (r#"{"users":[{"email":"a@b.c"},{}]}"#, "/users/1"),
            (r#"{"user":{"email":"a@b.c","external_id":"x"}}"#, "/user"),
            (r#"{"users":[{"email":"a@b.c"}],"external_id":"e"}"#, "/external_id"),
        ] {
            assert_eq!(read(json).unwrap_err().fields()[0].pointer, pointer, "{json}");
        }
    }
}
