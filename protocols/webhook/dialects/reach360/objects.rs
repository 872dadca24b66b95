//! The objects inside Reach 360's payloads and answers, with absolute links, keys in the order of the vendor's examples.
//!
//! Not here: which event carries which (`shapes`), and the doors that the links lead to (`http/reach`).
//!
//! # Rule
//! What we do not know is null, as the vendor does with `coverImageUrl`. `contentType` and `source` name the vendor's
//! authoring tools and are left out, as in the vendor's own event examples.
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhook Events" (course, user) and "Reach 360: Users API" (User Object, roles).
//! Groups: `id` and `name` by mindcloud-inc/universal-api-reference, `membersUrl` by nimit2801/mcp-articulate-reach360,
//! `url` by secc/RockPlugins. The vendor's Learning Path Object is not publicly known; ours follows the others.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::event::{CourseFacts, GroupFacts, LearningPathFacts, StandingFacts, UserFacts, instant};

/// Where links begin.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a>(&'a str);

impl<'a> Links<'a> {
    /// Begins them at the root of an installation, written with or without a slash at the end.
    pub fn new(base_url: &'a str) -> Self {
        Self(base_url.trim_end_matches('/'))
    }

    /// The address of one object of a collection.
    pub fn to(self, collection: &str, id: &str) -> String {
        format!("{}/{collection}/{id}", self.0)
    }
}

/// A course.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachCourse")]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub struct Course<'a> {
    /// Its author; null if unknown.
    author_url: Option<String>,
    /// Picture, if there is one.
    cover_image_url: Option<&'a str>,
    /// `crs_…`
    id: &'a str,
    /// How its learners stand.
    course_report_url: String,
    /// Shown to people.
    title: &'a str,
    /// Itself.
    url: String,
    /// In `course.completed` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiz: Option<Quiz>,
}

/// The result of a quiz; `{}` when the course has none.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ReachQuiz")]
struct Quiz {
    /// Passed or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<bool>,
    /// Whole per cent, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i32>,
}

/// A person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachUser")]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub struct User<'a> {
    /// Address as it was given.
    email: &'a str,
    /// Given name.
    first_name: &'a str,
    /// The groups that the person is in.
    groups_url: String,
    /// `usr_…`
    id: &'a str,
    /// Family name, possibly empty.
    last_name: &'a str,
    /// How the person stands on each course.
    learner_report_url: String,
    /// `learner`, `author`, `reporter` or `admin`.
    role: &'static str,
    /// Itself.
    url: String,
    /// Courses that the person marked.
    favorites_url: String,
    /// Last activity; null before the first, and where it is not known.
    last_active_at: Option<String>,
    /// Managed in Articulate 360: nobody of ours is.
    articulate360_user: bool,
}

/// A group.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachGroup")]
pub struct Group<'a> {
    /// `grp_…`, or `everyone`.
    id: &'a str,
    /// Shown to people.
    name: &'a str,
    /// Itself.
    url: String,
    /// Who is in it.
    members_url: String,
}

/// A learning path.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachLearningPath")]
pub struct LearningPath<'a> {
    /// `lpt_…`
    id: &'a str,
    /// Shown to people.
    title: &'a str,
    /// Itself.
    url: String,
    /// Its courses, in their order.
    courses_url: String,
}

impl<'a> Course<'a> {
    /// Writes a course.
    pub fn new(facts: &'a CourseFacts, links: Links<'_>) -> Self {
        Self {
            author_url: facts.author_id.as_deref().map(|id| links.to("users", id)),
            cover_image_url: facts.cover_url.as_deref(),
            id: &facts.id,
            course_report_url: links.to("reports/courses", &facts.id),
            title: &facts.title,
            url: links.to("courses", &facts.id),
            quiz: None,
        }
    }

    /// Adds the result of the quiz: both its parts, or `{}` unless both are known.
    pub(super) fn with_quiz(self, standing: &StandingFacts) -> Self {
        let (passed, score) = match (standing.success, standing.score) {
            (Some(passed), Some(score)) => (Some(passed), Some(score.basis_points() / 100)),
            _ => (None, None),
        };
        Self { quiz: Some(Quiz { passed, score }), ..self }
    }
}

impl<'a> User<'a> {
    /// Writes a person of whose activity nothing is known.
    pub fn new(facts: &'a UserFacts, links: Links<'_>) -> Self {
        let own = links.to("users", &facts.id);
        Self {
            email: &facts.email,
            first_name: &facts.first_name,
            groups_url: format!("{own}/groups"),
            id: &facts.id,
            last_name: &facts.last_name,
            learner_report_url: links.to("reports/learners", &facts.id),
            role: role_word(&facts.role),
            favorites_url: format!("{own}/favorites"),
            url: own,
            last_active_at: None,
            articulate360_user: false,
        }
    }

    /// Adds the time at which the person was last active.
    #[must_use]
    pub fn active_at(self, instant: DateTime<Utc>) -> Self {
        Self { last_active_at: Some(instant::with_z(instant)), ..self }
    }
}

impl<'a> Group<'a> {
    /// Writes a group.
    pub fn new(facts: &'a GroupFacts, links: Links<'_>) -> Self {
        let url = links.to("groups", &facts.id);
        Self { id: &facts.id, name: &facts.name, members_url: format!("{url}/users"), url }
    }
}

impl<'a> LearningPath<'a> {
    /// Writes a learning path.
    pub fn new(facts: &'a LearningPathFacts, links: Links<'_>) -> Self {
        let url = links.to("learning-paths", &facts.id);
        Self { id: &facts.id, title: &facts.title, courses_url: format!("{url}/courses"), url }
    }
}

/// Reach 360 has four roles. Each of ours becomes the one that may do no more than it: a receiver may grant rights
/// by it, so who is unknown is a learner.
fn role_word(role: &str) -> &'static str {
    match role {
        "owner" | "admin" => "admin",
        "manager" | "author" => "author",
        "auditor" | "support" | "reporter" => "reporter",
        _ => "learner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_never_raised() {
        let pairs = [
            ("owner", "admin"),
            ("admin", "admin"),
            ("manager", "author"),
            ("auditor", "reporter"),
            ("support", "reporter"),
            ("billing_admin", "learner"),
            ("integrator", "learner"),
            ("learner", "learner"),
            ("something new", "learner"),
        ];
        for (ours, theirs) in pairs {
            assert_eq!(role_word(ours), theirs, "{ours}");
        }
    }

    #[test]
    fn links_take_a_base_with_and_without_a_slash() {
        assert_eq!(Links::new("https://a.example/").to("users", "u1"), "https://a.example/users/u1");
        assert_eq!(Links::new("https://a.example").to("users", "u1"), "https://a.example/users/u1");
    }
}
