//! Which doors lead to courses and what hangs below them: the only ones that a token passes which is limited to some.
//!
//! Not here: which courses those are. The wall around them stands in PostgreSQL (`core::db::tenancy`), so that no handler
//! has to think of it; this list keeps such a token from what is no course's at all.

/// First parts of the paths.
const WITHIN: [&str; 11] = [
    "/api/auth/me",
    "/api/courses",
    "/api/lessons",
    "/api/trainings",
    "/api/trainingItems",
    "/api/training-items",
    "/api/progress-events",
    // Of the types that are of courses, and of the holder's courses alone.
    "/api/integrations/exports",
    "/courses",
    "/reports",
    "/endpoint/v1",
];
/// What lies below one of them and is no course's.
const BEYOND: [&str; 1] = ["/endpoint/v1/users"];

/// Does a door lead to courses alone.
pub(super) fn is_within(path: &str) -> bool {
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    WITHIN.into_iter().any(below) && !BEYOND.into_iter().any(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_a_whole_part() {
        assert!(is_within("/api/courses") && is_within("/api/courses/{id}") && is_within("/endpoint/v1/courses"));
        for beyond in ["/api/coursesx", "/api/public/courses", "/endpoint/v1/users/{user_id}", "/users", "/api/groups"]
        {
            assert!(!is_within(beyond), "{beyond}");
        }
    }
}
