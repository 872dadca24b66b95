//! Files of the record.
//!
//! - `whole` – what is in them, for whom, and what becomes of attempts that die
//! - `since` – what changed, and nothing lost between two
//! - `analysed` – the same rows as Parquet, read by a program of other people
//! - `stopped` – one that somebody stops while its rows flow

mod analysed;
mod since;
mod stopped;
mod whole;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{TestHouse, callers::Caller};

const PATH: &str = "/api/integrations/exports";

/// Asks for an export.
async fn ask(caller: &Caller, body: Value) -> String {
    caller.post(PATH, body).await.expect(StatusCode::ACCEPTED).data()["id"].as_str().unwrap().to_owned()
}

/// The rows of an export of JSON lines that is made.
async fn rows_of(caller: &Caller, export: &str) -> Vec<Value> {
    let file = caller.get(&format!("{PATH}/{export}/download")).await.expect(StatusCode::OK).text();
    let mut rows: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    rows.sort_by_key(Value::to_string);
    rows
}

/// Has an export made and reads it.
async fn rows(house: &TestHouse, caller: &Caller, mut body: Value) -> Vec<Value> {
    body["format"] = json!("jsonl");
    let export = ask(caller, body).await;
    house.settle().await;
    rows_of(caller, &export).await
}
