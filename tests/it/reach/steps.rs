//! What the tests of this surface do again and again.

use serde_json::{Value, json};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
    node::BASE_URL,
    receivers::Receiver,
};

/// Registers a receiver of everything that the surface has a word for.
pub(super) async fn subscribe(house: &TestHouse, url: &str) -> Receiver {
    let events = ["course.completed", "course.submitted", "enrollments.created", "user.created"];
    subscribe_to(house, url, &events).await
}

/// Registers a receiver of some events.
pub(super) async fn subscribe_to(house: &TestHouse, url: &str, events: &[&str]) -> Receiver {
    let receiver = house.receivers.at(url);
    let answer = house.admin().post("/webhooks", json!({ "targetUrl": url, "events": events })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    receiver
}

/// The path of an address of this installation.
pub(super) fn path_of(url: &Value) -> &str {
    let url = url.as_str().unwrap_or_else(|| panic!("{url} is no address"));
    url.strip_prefix(BASE_URL).unwrap_or_else(|| panic!("{url} does not begin at the root"))
}

/// Status and code of a refusal, which must be of this surface's shape and no other.
pub(super) fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
    let body = answer.json();
    assert_eq!(body.as_object().expect("an object").len(), 1, "{body}");
    let errors = body["errors"].as_array().expect("errors");
    for error in errors {
        assert_eq!(error.as_object().expect("an object").len(), 2, "{body}");
        assert!(!error["message"].as_str().expect("a message").is_empty(), "{body}");
    }
    (answer.status, errors[0]["code"].as_str().expect("a code").to_owned())
}

/// Walks a list from page to page by `nextUrl`, with something done between the pages.
pub(super) async fn walk(
    caller: &Caller,
    (path, list): (&str, &str),
    mut between: impl AsyncFnMut(usize),
) -> Vec<String> {
    let (mut path, mut found, mut pages) = (path.to_owned(), Vec::new(), 0);
    loop {
        let answer = caller.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let body = answer.json();
        let rows = body[list].as_array().unwrap_or_else(|| panic!("no {list} in {body}"));
        found.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        pages += 1;
        assert!(pages < 100, "there is no end of pages");
        match &body["nextUrl"] {
            Value::Null => return found,
            next => path_of(next).clone_into(&mut path),
        }
        between(pages).await;
    }
}

/// Makes a group of some people.
pub(super) async fn group(house: &TestHouse, name: &str, members: &[String]) -> String {
    let group = house.admin().post("/api/groups", json!({ "name": name })).await.data();
    let id = group["id"].as_str().expect("an id").to_owned();
    if !members.is_empty() {
        let answer = house.admin().post(&format!("/api/groups/{id}/members"), json!({ "users": members })).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    id
}

/// Makes a learning path.
pub(super) async fn learning_path(house: &TestHouse, title: &str, courses: &[String]) -> String {
    let new = json!({ "title": title, "course_ids": courses });
    let path = house.admin().post("/api/learning-paths", new).await.data();
    path["id"].as_str().expect("an id").to_owned()
}

/// Who is on a course, by e-mail address.
pub(super) async fn on_course(house: &TestHouse, course: &str) -> Vec<String> {
    let page = house.admin().get(&format!("/api/courses/{course}/enrollments?per_page=100")).await.data();
    let rows = page.as_array().expect("rows");
    let mut found: Vec<String> = rows
        .iter()
        .map(|row| row["user"]["email"].as_str().expect("an address").replace("@home.example", ""))
        .collect();
    found.sort();
    found
}

/// Asks for something that answers 204.
pub(super) async fn put(house: &TestHouse, path: &str) {
    let answer = house.admin().put(path, json!({})).await;
    assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{path}");
}

/// Takes something away, which answers 204.
pub(super) async fn delete(house: &TestHouse, path: &str) {
    let answer = house.admin().delete(path).await;
    assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{path}");
}
