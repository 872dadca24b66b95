//! Whatever is written leaves an entry in the audit log: a sweep over every door that is not for reading.
//!
//! Each is called with its example, as the documentation shows it, at something that is there; what it then did must
//! stand in the log under the name of that very request. Those that write nothing worth an entry are named with why.

use actix_web::http::Method;
use serde_json::{Value, json};
use stoa_core::staff::StaffRole;
use stoa_http::doors::{Access, Door};

use super::world::World;
use crate::support::{
    Left,
    callers::{Answer, Caller},
    schools::PASSWORD,
};

/// Doors that leave no entry, and why. May only shrink, or grow with a reason.
const WITHOUT: [(&str, &str, &str); 11] = [
    ("POST", "/api/progress-events", "what learners do is the ledger itself: every activity is an event"),
    ("POST", "/api/xapi/statements", "as progress events: what learners do is the ledger itself"),
    ("POST", "/api/public/cefr-verifications", "shows what a document says: a code is read from a body and no address"),
    ("POST", "/api/invitations/preview", "shows what an invitation is to: a secret is read from a body and no address"),
    ("POST", "/api/auth/password-reset", "nobody is known yet whose log it could stand in; the letter is the record"),
    ("POST", "/oauth/token", "the token is the record: when, of which application, until when"),
    ("POST", "/api/integrations/webhooks/{webhook}/test", "a call to the receiver, which stands in the webhook's log"),
    ("POST", "/api/reports/{report}/preview", "shows a letter and sends none; it may read many rows, so it is no GET"),
    ("POST", "/api/reports/{report}/test", "sends a letter to whoever asks for it; the letter's own row is the record"),
    (
        "POST",
        "/api/report-confirmations/preview",
        "shows what a letter asks: a secret is read from a body and no address",
    ),
    ("POST", "/api/report-files", "answers the file of a letter: a secret is read from a body and no address"),
];

/// Doors that nobody has to sign in for, or that need what a sweep has not; their own tests look for the entry.
const ELSEWHERE: [(&str, &str); 35] = [
    ("POST", "/api/auth/sign-in"),
    ("POST", "/api/auth/password-reset/complete"),
    ("POST", "/api/auth/second-factor/confirm"),
    ("POST", "/api/auth/second-factor/recovery-codes"),
    ("POST", "/api/auth/second-factor/remove"),
    ("DELETE", "/api/auth/sessions"),
    ("POST", "/api/invitations/accept"),
    ("PUT", "/api/institutions/{id}/sign-in-policy"),
    ("DELETE", "/api/institutions/{id}/members/{user}/second-factor"),
    ("POST", "/api/tokens/leaked"),
    ("POST", "/api/integrations/webhooks/{webhook}/replays/{replay}/cancel"),
    ("POST", "/api/institutions/{id}/activate"),
    ("POST", "/api/support/subscription-requests/{subscription_request}/approve"),
    ("POST", "/api/support/bounces"),
    ("DELETE", "/api/support/institutions/{institution}/subscriptions/{subscription}"),
    ("POST", "/api/support/session"),
    ("DELETE", "/api/support/session"),
    ("POST", "/api/support/second-factor/confirm"),
    ("POST", "/api/support/second-factor/recovery-codes"),
    ("POST", "/api/support/second-factor/remove"),
    ("POST", "/api/reports/{report}/resume"),
    ("POST", "/api/reports/{report}/recipients/{recipient}/ask"),
    ("DELETE", "/api/reports/{report}/recipients/{recipient}"),
    ("POST", "/api/report-confirmations/accept"),
    ("POST", "/unsubscribe/{token}"),
    ("POST", "/api/courses/{course}/lessons/{lesson}/waivers"),
    ("POST", "/api/courses/{id}/submit"),
    ("POST", "/api/courses/{id}/approve"),
    ("POST", "/api/courses/{id}/reject"),
    ("PUT", "/api/support/institutions/{institution}/shared-courses/{course}"),
    ("DELETE", "/api/support/institutions/{institution}/shared-courses/{course}"),
    ("DELETE", "/api/support/institutions/{institution}/library"),
    ("POST", "/api/integrations/exports/{export}/cancel"),
    ("DELETE", "/api/users/{id}/legal-hold"),
    ("POST", "/api/progress-imports/{import}/cancel"),
];

/// The doors that take a file.
const FILE: &str = "/api/institutions/{id}/members/bulk";
const HISTORY: &str = "/api/progress-imports";

/// The example with what it names exchanged for what is there, or another one that changes something.
async fn body(world: &World, door: &Door) -> Value {
    match (door.method.as_str(), door.path) {
        ("PUT", "/api/auth/password") => {
            json!({ "current_password": PASSWORD, "password": "wrong donkey accumulator" })
        }
        ("PATCH", "/api/courses/{course}" | "/api/training-items/{id}") => json!({ "title": "Another title" }),
        ("PATCH", "/api/groups/{group}") => json!({ "name": "Another name" }),
        ("POST", "/api/courses/{course}/enrollments") => json!({ "users": [{ "id": newcomer(world).await }] }),
        ("POST", "/api/groups/{group}/members") => json!({ "users": [newcomer(world).await] }),
        ("POST", HISTORY) => json!("external_id,object,date\nnobody,nothing,2025-01-02\n"),
        ("POST", "/api/cefr/documents") => json!({ "user_id": world.id("members") }),
        ("POST", FILE) => json!("email,name\nfrom.a.file@home.example,From A File\n"),
        _ => {
            let mut example = (door.takes.example)();
            come_home(world, &mut example);
            example
        }
    }
}

/// Somebody who is nowhere yet.
async fn newcomer(world: &World) -> String {
    let nth = world.house.database.number("SELECT count(*) FROM users");
    let person = json!({ "email": format!("newcomer{nth}@home.example"), "name": "New Comer" });
    let path = format!("/api/institutions/{}/members", world.id("institutions"));
    world.house.owner().post(&path, person).await.data()["id"].as_str().expect("an id").to_owned()
}

/// Names somebody as the example does: by a key, or by a key in an object.
fn named(example: &Value, id: &str) -> Value {
    if example.is_object() { json!({ "id": id }) } else { json!(id) }
}

/// People and things that an example names become those of the world.
fn come_home(world: &World, example: &mut Value) {
    let Value::Object(fields) = example else {
        example.as_array_mut().into_iter().flatten().for_each(|value| come_home(world, value));
        return;
    };
    for (name, value) in fields {
        match name.as_str() {
            "user" => *value = named(value, world.id("members")),
            "users" => *value = json!([named(&value[0], world.id("members"))]),
            "groups" => *value = json!([]),
            "training_id" => *value = json!(world.id("trainings")),
            _ => come_home(world, value),
        }
    }
}

fn writing() -> Vec<Door> {
    let mut doors: Vec<Door> = stoa_http::doors().list().to_vec();
    doors.retain(|door| ![Method::GET, Method::HEAD].contains(&door.method));
    // The deepest first, and what ends things last: so that one world lasts for many.
    doors.sort_by_key(|door| (door.method == Method::DELETE, std::cmp::Reverse(door.path.matches('/').count())));
    doors
}

fn is_named(list: &[(&str, &str)], door: &Door) -> bool {
    list.contains(&(door.method.as_str(), door.path))
}

async fn call(world: &World, staff: &Caller, door: &Door) -> Answer {
    let caller = match door.access {
        Access::Staff(_) | Access::AnyStaff => staff.clone(),
        _ => world.house.owner(),
    };
    let path = world.path(door);
    if path.ends_with("/secret/previous") {
        caller.post(&path.replace("/previous", "/rotate"), json!({})).await.data();
    }
    send(&caller, door.method.clone(), &path, body(world, door).await).await
}

async fn send(caller: &Caller, method: Method, path: &str, body: Value) -> Answer {
    let request = caller.request(method, path);
    match body {
        Value::Null => request.send().await,
        Value::String(file) => request.bytes("text/csv", file).send().await,
        body => request.json(&body).send().await,
    }
}

/// What is there already is put there anew, and what is not is taken away again.
async fn undone(world: &World, door: &Door) {
    let opposite = match door.method {
        Method::PUT => Method::DELETE,
        Method::DELETE => Method::PUT,
        _ => return,
    };
    send(&world.house.owner(), opposite, &world.path(door), Value::Null).await;
}

/// Entries that name a request.
fn entries_of(world: &World, answer: &Answer) -> i64 {
    let request = answer.header("x-request-id").expect("every answer names its request");
    let count = |table: &str| {
        world.house.database.number(&format!("SELECT count(*) FROM {table} WHERE request_id = '{request}'"))
    };
    count("audit_log") + count("staff_log")
}

/// A world, and somebody of the staff. What is done in it is not waited for.
async fn fresh() -> (World, Caller) {
    let world = World::new().await;
    for left in [Left::Events, Left::Jobs, Left::Discarded, Left::Calls] {
        world.house.leaves(left);
    }
    let staff = world.house.staff("vera", StaffRole::Operator).await;
    (world, staff)
}

#[actix_web::test]
async fn every_door_that_writes_leaves_an_entry() {
    let (mut world, mut staff) = fresh().await;
    let mut wrong = Vec::new();
    for door in writing() {
        let without: Vec<(&str, &str)> = WITHOUT.iter().map(|(method, path, _)| (*method, *path)).collect();
        if is_named(&without, &door) || is_named(&ELSEWHERE, &door) {
            continue;
        }
        let mut answer = call(&world, &staff, &door).await;
        if answer.status >= 300 {
            // What went before may have taken away what it needs.
            (world, staff) = fresh().await;
            answer = call(&world, &staff, &door).await;
        }
        if answer.status < 300 && entries_of(&world, &answer) == 0 {
            undone(&world, &door).await;
            answer = call(&world, &staff, &door).await;
        }
        if answer.status >= 300 {
            wrong.push(format!(
                "{} {} could not be called: {} {}",
                door.method,
                door.path,
                answer.status,
                answer.text()
            ));
        } else if entries_of(&world, &answer) == 0 {
            wrong.push(format!("{} {} leaves no entry: {}", door.method, door.path, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{} doors:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn exceptions_are_doors_that_are_there() {
    let doors = writing();
    for (method, path, why) in WITHOUT {
        assert!(doors.iter().any(|door| door.method == method && door.path == path), "{method} {path} is no door");
        assert!(!why.is_empty());
    }
    for (method, path) in ELSEWHERE {
        assert!(doors.iter().any(|door| door.method == method && door.path == path), "{method} {path} is no door");
    }
}
