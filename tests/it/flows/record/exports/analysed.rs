//! Exports as Parquet, from the request to the rows that an analyst reads: the same that the lines of JSON are.

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{super::storage_formats, PATH, ask, rows, whole::class};
use crate::support::TestHouse;

/// What `DuckDB` calls a column of a kind.
fn called(kind: &Value) -> &'static str {
    match kind.as_str().expect("a kind") {
        "text" => "VARCHAR",
        "integer" => "BIGINT",
        "number" => "DOUBLE",
        "boolean" => "BOOLEAN",
        "timestamp" => "TIMESTAMP WITH TIME ZONE",
        "date" => "DATE",
        "json" => "JSON",
        other => panic!("{other}"),
    }
}

/// A cell of either form as the same thing.
fn cell(kind: &Value, value: &Value) -> Value {
    let moment = |text: &str| {
        let spelled = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z");
        spelled.or_else(|_| DateTime::parse_from_rfc3339(text)).expect("a moment").with_timezone(&Utc)
    };
    match kind.as_str().expect("a kind") {
        _ if value.is_null() => Value::Null,
        "number" => json!(value.as_f64().expect("a number")),
        "timestamp" => json!(moment(value.as_str().expect("a moment"))),
        "json" => value.as_str().map_or_else(|| value.clone(), |text| serde_json::from_str(text).expect("JSON")),
        _ => value.clone(),
    }
}

#[actix_web::test]
async fn the_rows_of_parquet_are_those_of_json_lines_with_their_types() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    class(&house).await;
    let evidence = json!({ "user": "external_id:ana", "language": "es", "skill": "reading", "source": "teacher",
        "level": "B1", "occurred_at": "2026-11-21T08:00:00Z" });
    admin.post("/api/cefr/evidence", json!({ "evidence": [evidence] })).await.data();
    house.settle().await;
    for (kind, filters, count) in [
        ("learner_progress", json!({}), 9),
        ("completions", json!({}), 1),
        ("activity", json!({}), 5),
        ("members", json!({}), 7),
        ("cefr", json!({}), 1),
        ("audit", json!({ "actions": ["cefr_evidence.recorded"] }), 1),
        ("deliveries", json!({}), 0),
    ] {
        let body = json!({ "type": kind, "filters": filters, "tz": "Asia/Kathmandu" });
        let (lines, owner) = (rows(&house, &house.owner(), body.clone()).await, house.owner());
        assert_eq!(lines.len(), count, "{kind}: {lines:?}");
        let mut body = body;
        body["format"] = json!("parquet");
        let export = ask(&owner, body).await;
        house.settle().await;
        let export = owner.get(&format!("{PATH}/{export}")).await.data();
        assert_eq!((&export["status"], &export["row_count"]), (&json!("completed"), &json!(count)), "{export}");
        let path = format!("{PATH}/{}/download", export["id"].as_str().expect("an id"));
        let file = owner.get(&path).await.expect(StatusCode::OK);
        assert_eq!(file.header("content-type"), Some("application/vnd.apache.parquet"), "{kind}");
        assert!(file.header("content-disposition").is_some_and(|name| name.ends_with(".parquet\"")), "{kind}");
        // Whoever reads columns begins at the end.
        let end = owner.request(Method::GET, &path).header("Range", "bytes=-8").send().await;
        assert_eq!(end.expect(StatusCode::PARTIAL_CONTENT).body, file.body[file.body.len() - 8..]);
        assert!(file.body.starts_with(b"PAR1") && file.body.ends_with(b"PAR1"), "{kind}");
        let read = storage_formats::analysed(&format!("{kind}-{}.parquet", std::process::id()), &file.body);
        let columns = export["columns"].as_array().expect("columns");
        let wanted: Vec<Value> = columns.iter().map(|one| json!([one["name"], called(&one["type"])])).collect();
        assert_eq!(read["columns"], json!(wanted), "{kind}");
        let told = |value: &dyn Fn(usize, &Value) -> Value| -> Vec<Value> {
            columns
                .iter()
                .enumerate()
                .map(|(nth, column)| cell(&column["type"], &value(nth, &column["name"])))
                .collect()
        };
        let sorted = |mut rows: Vec<Vec<Value>>| {
            rows.sort_by_key(|row| json!(row).to_string());
            rows
        };
        let read = read["rows"].as_array().expect("rows").iter().map(|row| told(&|nth, _| row[nth].clone()));
        let lines = lines.iter().map(|row| told(&|_, name| row[name.as_str().expect("a name")].clone()));
        assert_eq!(sorted(read.collect()), sorted(lines.collect()), "{kind}");
    }
}
