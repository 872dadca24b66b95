//! The OpenAPI document: complete, and the one that lies in `docs/`.

use serde_json::Value;
use stoa_http::{
    body::Presence,
    doors::{Access, Door},
};

use super::sources::{read, root};
use crate::support::TestHouse;

/// Where the document lies for those who read it without a server.
const FILE: &str = "docs/openapi.json";

async fn served() -> (Value, String) {
    let house = TestHouse::new().await;
    let answer = house.anonymous().get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    (answer.json(), answer.text())
}

fn operation<'a>(document: &'a Value, door: &Door) -> &'a Value {
    &document["paths"][door.path][door.method.as_str().to_ascii_lowercase()]
}

/// `OPENAPI=write cargo test --test it openapi` writes it anew.
#[actix_web::test]
async fn openapi_is_current() {
    let (_, text) = served().await;
    let text = format!("{}\n", text.trim_end());
    if std::env::var_os("OPENAPI").is_some_and(|wish| wish == "write") {
        std::fs::write(root().join(FILE), &text).unwrap();
    }
    let differs = read(FILE).lines().zip(text.lines()).position(|(kept, now)| kept != now);
    assert!(
        read(FILE) == text,
        "{FILE} is not current from line {differs:?}: write it by `OPENAPI=write cargo test --test it openapi`"
    );
}

#[actix_web::test]
async fn every_door_is_documented() {
    let (document, _) = served().await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut documented = 0;
    for methods in document["paths"].as_object().unwrap().values() {
        documented += methods.as_object().unwrap().len();
    }
    let doors = stoa_http::doors();
    assert_eq!(documented, doors.list().len());
    for door in doors.list() {
        let operation = operation(&document, door);
        assert_eq!(operation["operationId"], door.operation, "{} {}", door.method, door.path);
    }
}

#[actix_web::test]
async fn every_operation_has_examples_and_errors() {
    let (document, _) = served().await;
    for door in stoa_http::doors().list() {
        let operation = operation(&document, door);
        let what = format!("{} {}", door.method, door.path);
        if door.takes.presence != Presence::None {
            assert!(has_example(&operation["requestBody"]), "the body of {what} has no example");
        }
        let responses = operation["responses"].as_object().unwrap_or_else(|| panic!("{what} answers nothing"));
        let good = &responses[&door.gives.status.to_string()];
        assert!(door.gives.status == 204 || has_example(good), "the answer of {what} has no example");
        let mut wanted = vec!["500"];
        if door.access != Access::Public {
            wanted.push("401");
        }
        if door.access.ability().is_some() || door.access.role().is_some() {
            wanted.push("403");
        }
        if door.path.contains('{') {
            wanted.push("404");
        }
        wanted.extend(door.errors.iter().map(|code| status_text(door.surface().status(*code))));
        for status in wanted {
            assert!(responses.contains_key(status), "{what} does not say that it may answer {status}");
        }
    }
}

fn has_example(body: &Value) -> bool {
    let media = body["content"].as_object().into_iter().flat_map(|content| content.values());
    let mut any = media.map(|one| one.get("example").is_some() || one.get("examples").is_some()).peekable();
    any.peek().is_some() && any.all(|has| has)
}

fn status_text(status: u16) -> &'static str {
    match status {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        409 => "409",
        410 => "410",
        412 => "412",
        416 => "416",
        422 => "422",
        429 => "429",
        503 => "503",
        other => panic!("{other} is new; add it"),
    }
}
