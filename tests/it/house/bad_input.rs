//! What no door takes, swept over all doors: refused with its reason, and nothing is changed.

use serde_json::{Value, json};
use stoa_core::Code;
use stoa_http::{body::Presence, doors::Door};

use super::world::{World, guarded, refused, send_example};
use crate::support::callers::{Answer, Caller};

/// Fields that take any JSON.
const ANYTHING: [&str; 1] = ["answer_key"];

/// Doors that another standard says how to refuse; their own tests do.
const OF_ANOTHER_STANDARD: [&str; 1] = ["/api/xapi/statements"];

/// Doors that take JSON of our shape.
fn writing_ours() -> Vec<Door> {
    writing().into_iter().filter(|door| !OF_ANOTHER_STANDARD.contains(&door.path)).collect()
}

/// Doors that take JSON.
fn writing() -> Vec<Door> {
    let takes = |door: &Door| matches!(door.takes.presence, Presence::Optional | Presence::Required);
    guarded().into_iter().filter(takes).collect()
}

async fn send(caller: &Caller, door: &Door, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
    caller.request(door.method.clone(), path).bytes("application/json", body).send().await
}

#[actix_web::test]
async fn malformed_bodies_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let bodies: [&[u8]; 9] = [
        b"{",
        b"nonsense",
        b"{} {}",
        b"{\"a\": \"\xff\"}",
        b"{\"a\": \"\\u0000\"}",
        b"{\"a\": 1, \"a\": 2}",
        b"{\"a\": 1e999}",
        b"{\"a\": \"\\ud800\"}",
        deep.as_bytes(),
    ];
    for door in writing() {
        for body in bodies {
            let answer = send(&world.house.owner(), &door, &world.path(&door), body.to_vec()).await;
            refused(&door, &answer, Code::MalformedBody, None);
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn bodies_of_another_shape_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    for door in writing_ours() {
        let mut more = (door.takes.example)();
        more["no_such_field"] = json!(1);
        for (body, pointer) in [(json!([]), ""), (json!("x"), ""), (json!(7), ""), (more, "/no_such_field")] {
            let answer = send(&world.house.owner(), &door, &world.path(&door), body.to_string()).await;
            refused(&door, &answer, Code::ValidationFailed, Some(&[pointer]));
        }
    }
    assert_eq!(world.fingerprint(), before);
}

/// Each field of each example, given a value of another type.
#[actix_web::test]
async fn fields_of_another_type_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    for door in writing_ours() {
        let Value::Object(example) = (door.takes.example)() else { panic!("{} takes no object", door.path) };
        for name in example.keys().filter(|name| !ANYTHING.contains(&name.as_str())) {
            let mut body = example.clone();
            body.insert(name.clone(), json!({ "no": { "such": "type" } }));
            let answer = send(&world.house.owner(), &door, &world.path(&door), Value::Object(body).to_string()).await;
            refused(&door, &answer, Code::ValidationFailed, None);
            assert!(answer.text().contains(name), "{} {} with another {name}", door.method, door.path);
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn other_media_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    let owner = world.house.owner();
    for door in writing() {
        let (path, example) = (world.path(&door), (door.takes.example)().to_string());
        let request = || owner.request(door.method.clone(), &path);
        let refusals = [
            request().bytes("text/plain", example.clone()),
            request().bytes("application/x-www-form-urlencoded", example.clone()),
            request().bytes("application/json; charset=utf-16", example.clone()),
            request().bytes("application/json", example.clone()).header("content-encoding", "gzip"),
        ];
        for request in refusals {
            refused(&door, &request.send().await, Code::UnsupportedMediaType, Some(&[]));
        }
    }
    assert_eq!(world.fingerprint(), before);
}

/// Doors that take a file take nothing else.
#[actix_web::test]
async fn files_of_other_media_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    for door in guarded().iter().filter(|door| door.takes.presence == Presence::File) {
        let request = || world.house.owner().request(door.method.clone(), &world.path(door));
        let refusals = [
            request(),
            request().json(&json!({})),
            request().bytes("text/plain", "a"),
            request().bytes("text/csv", "a").header("content-encoding", "br"),
        ];
        for request in refusals {
            refused(door, &request.send().await, Code::UnsupportedMediaType, Some(&[]));
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn unknown_parameters_are_refused() {
    let world = World::new().await;
    let before = world.fingerprint();
    for door in guarded() {
        for (query, pointer) in [("no_such=1", "?no_such"), ("%00=1", "?\0"), ("%ff=1", "?")] {
            let path = format!("{}?{query}", world.path(&door));
            let request = world.house.owner().request(door.method.clone(), &path);
            refused(&door, &send_example(request, &door).await, Code::ValidationFailed, Some(&[pointer]));
        }
    }
    assert_eq!(world.fingerprint(), before);
}

/// What cannot be a row's name is the name of no row: the database is not troubled with it.
#[actix_web::test]
async fn absurd_ids_are_not_found() {
    let world = World::new().await;
    let before = world.fingerprint();
    for door in guarded().iter().filter(|door| door.path.contains('{')) {
        for id in ["%00", "%ff", "a%00b", "external_id:%00", "'%20OR%201=1", &"x".repeat(4000), "%F0%9F%A6%89"] {
            let path = door.path_with(|_| id.to_owned());
            let request = world.house.owner().request(door.method.clone(), &path);
            let answer = send_example(request, door).await;
            assert_eq!(answer.status, 404, "{} {path}: {}", door.method, answer.text());
        }
    }
    assert_eq!(world.fingerprint(), before);
}
