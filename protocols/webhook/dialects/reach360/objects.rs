//! The objects inside Reach 360's payloads, with absolute links, keys in the order of the vendor's examples.
//!
//! Not here: which event carries which (`reach360`).
//!
//! # Rule
//! What we do not know is null, as the vendor does with `coverImageUrl`. `contentType` and `source` name the vendor's
//! authoring tools and are left out, as in the vendor's own event examples.
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhook Events" (course, user) and "Reach 360: Users API" (User Object, roles).

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::event::{CourseFacts, StandingFacts, UserFacts, instant};

/// Where links begin.
#[derive(Clone, Copy)]
pub(super) struct Links<'a>(&'a str);

impl<'a> Links<'a> {
    pub(super) fn new(base_url: &'a str) -> Self {
        Self(base_url.trim_end_matches('/'))
    }

    fn to(self, collection: &str, id: &str) -> String {
        format!("{}/{collection}/{id}", self.0)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(super) struct Course<'a> {
    author_url: Option<String>,
    cover_image_url: Option<&'a str>,
    id: &'a str,
    course_report_url: String,
    title: &'a str,
    url: String,
    /// In `course.completed` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiz: Option<Quiz>,
}

/// `{}` when the course has no quiz.
#[derive(Serialize)]
struct Quiz {
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<bool>,
    /// Whole per cent, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(super) struct User<'a> {
    email: &'a str,
    first_name: &'a str,
    groups_url: String,
    id: &'a str,
    last_name: &'a str,
    learner_report_url: String,
    role: &'static str,
    url: String,
    favorites_url: String,
    last_active_at: Option<String>,
    /// Managed in Articulate 360: nobody of ours is.
    articulate360_user: bool,
}

/// The vendor's example shows links and name; nobody is enrolled by group yet, so the list is empty.
#[derive(Serialize)]
pub(super) enum Group {}

impl<'a> Course<'a> {
    pub(super) fn new(facts: &'a CourseFacts, links: Links<'_>) -> Self {
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
    pub(super) fn new(facts: &'a UserFacts, links: Links<'_>) -> Self {
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

    /// Adds the time at which the person was active, known of whoever caused the event.
    pub(super) fn active_at(self, instant: DateTime<Utc>) -> Self {
        Self { last_active_at: Some(instant::with_z(instant)), ..self }
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
