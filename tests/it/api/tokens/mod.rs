//! Tokens of integrations over HTTP.

mod addresses;
mod courses;
mod leaked;
mod lifetimes;
mod looking_after;
mod making;
mod rotation;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::callers::Caller;

const TOKENS: &str = "/api/integrations/tokens";
const ME: &str = "/api/auth/me";

/// Has a token made that may do these things.
async fn make(caller: &Caller, abilities: &[&str]) -> Value {
    make_with(caller, abilities, json!({})).await
}

/// Has a token made with more fields.
async fn make_with(caller: &Caller, abilities: &[&str], more: Value) -> Value {
    let mut body = json!({ "name": "Warehouse", "abilities": abilities });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    caller.post(TOKENS, body).await.expect(StatusCode::CREATED).data()
}

fn path(token: &Value) -> String {
    format!("{TOKENS}/{}", token["id"].as_str().expect("an id"))
}
