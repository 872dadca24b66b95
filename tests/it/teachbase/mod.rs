//! Teachbase's surface, as a client of it sees it: the token endpoint, the statistics, and what they point at.

mod applications;
mod catalogue;
mod endpoint;
mod stats;
mod tokens;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

const APPLICATIONS: &str = "/api/integrations/applications";
const FORM: &str = "application/x-www-form-urlencoded";

/// An application, and what it shows for itself.
struct App {
    path: String,
    id: String,
    secret: String,
}

/// Makes an application.
async fn application(admin: &Caller, scopes: &[&str]) -> App {
    let made = admin.post(APPLICATIONS, json!({ "name": "Reporting bot", "scopes": scopes })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = made.header("location").expect("a place").to_owned();
    let made = made.data();
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    App {
        path: path[path.find("/api").expect("a path")..].to_owned(),
        id: text("client_id"),
        secret: text("client_secret"),
    }
}

/// What a client sends.
fn wanted(app: &App) -> Value {
    json!({
        "grant_type": "client_credentials", "client_id": app.id, "client_secret": app.secret, "scope": "public",
    })
}

/// A text as it stands in a form or a query.
fn form(parameters: &Value) -> String {
    let pairs = parameters.as_object().expect("parameters").iter();
    let pairs = pairs.map(|(name, value)| format!("{name}={}", value.as_str().expect("a text").replace(' ', "+")));
    pairs.collect::<Vec<_>>().join("&")
}

/// Asks for a token by a form.
async fn ask(house: &TestHouse, parameters: &Value) -> Answer {
    house.anonymous().request(Method::POST, "/oauth/token").bytes(FORM, form(parameters)).send().await
}

/// Takes a token; answers it alone.
async fn take(house: &TestHouse, app: &App) -> String {
    let answer = ask(house, &wanted(app)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

/// A client with a token of its own, which may do these things.
async fn client(house: &TestHouse, scopes: &[&str]) -> Caller {
    let app = application(&house.owner(), scopes).await;
    house.caller(Some(&take(house, &app).await))
}

/// Status, word and description of a refusal of the token endpoint.
fn oauth_refusal(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name} of {body}")).to_owned();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    (answer.status, text("error"), text("error_description"))
}

/// Status and words of a refusal below `/endpoint/v1`.
fn refusal(answer: &Answer) -> (u16, Vec<String>) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let words = match (&body["error"], &body["errors"]) {
        (Value::String(one), Value::Null) => vec![one.clone()],
        (Value::Null, Value::Array(all)) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        _ => panic!("{body}"),
    };
    assert!(words.iter().all(|words| !words.is_empty()), "{body}");
    (answer.status, words)
}
