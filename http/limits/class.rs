//! Which class a door's requests are of, where the door itself says nothing.

use actix_web::http::Method;
use stoa_core::tokens::RateClass;

use crate::doors::Access;

/// The door through which activity of learners comes in.
const INGEST: &str = "/api/progress-events";

/// The class of a door's requests by its method, its path and who passes it.
pub(crate) fn class_of(method: &Method, path: &str, access: Access) -> RateClass {
    let asks = matches!(*method, Method::GET | Method::HEAD);
    match access {
        // Whoever sends something without a token is about to prove who he is.
        Access::Public if !asks => RateClass::Auth,
        _ if path == INGEST => RateClass::Ingest,
        _ if takes_much(path) => RateClass::Export,
        _ if asks => RateClass::Read,
        _ => RateClass::Write,
    }
}

/// What is answered is a file, or makes one.
fn takes_much(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.clone().next_back() == Some("report") || parts.any(|part| part == "exports")
}

#[cfg(test)]
mod tests {
    use stoa_core::Ability;

    use super::*;

    #[test]
    fn a_door_has_a_class_by_what_it_does() {
        let needs = Access::Needs(Ability::ContentRead);
        for (method, path, access, class) in [
            (Method::GET, "/api/courses", needs, RateClass::Read),
            (Method::POST, "/api/courses", needs, RateClass::Write),
            (Method::DELETE, "/api/courses/{id}", needs, RateClass::Write),
            (Method::POST, "/api/progress-events", needs, RateClass::Ingest),
            (Method::POST, "/api/exports", needs, RateClass::Export),
            (Method::GET, "/api/exports/{export}", needs, RateClass::Export),
            (Method::GET, "/api/institutions/{id}/imports/{import}/report", needs, RateClass::Export),
            (Method::GET, "/reports/activity", needs, RateClass::Read),
            (Method::POST, "/api/auth/sign-in", Access::Public, RateClass::Auth),
            (Method::GET, "/api/public/courses", Access::Public, RateClass::Read),
        ] {
            assert_eq!(class_of(&method, path, access), class, "{method} {path}");
        }
    }
}
