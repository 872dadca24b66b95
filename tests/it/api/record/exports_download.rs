//! The file of an export on its way out: whole, in parts, under a name, written down, and for a while.

use std::io::Read;

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stoa_jobs::{
    exports::SweepExports,
    queue::{HOUSE, NewJob, enqueue},
};

use super::exports::{PATH, fetched, made};
use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

async fn part(caller: &Caller, export: &Value, headers: &[(&str, &str)]) -> Answer {
    let path = format!("{PATH}/{}/download", export["id"].as_str().unwrap());
    let request = caller.request(Method::GET, &path);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

async fn sweep(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &SweepExports {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

#[actix_web::test]
async fn a_file_comes_whole_or_in_parts_and_is_told_by_its_digest() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let export = made(&house, &admin, json!({ "type": "members" })).await;
    let whole = fetched(&admin, &export).await.expect(StatusCode::OK);
    let digest = hex::encode(Sha256::digest(&whole.body));
    assert_eq!(export["sha256"], json!(digest));
    let etag = format!("\"{digest}\"");
    assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (Some(&*etag), Some("bytes")));
    assert_eq!(whole.header("content-length"), Some(&*whole.body.len().to_string()));
    assert_eq!(whole.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    let size = whole.body.len();
    for (range, wanted) in [("bytes=0-9", 0..10), ("bytes=10-", 10..size), ("bytes=-5", size - 5..size)] {
        let got = part(&admin, &export, &[("Range", range)]).await.expect(StatusCode::PARTIAL_CONTENT);
        assert_eq!(got.body, whole.body[wanted.clone()], "{range}");
        let said = format!("bytes {}-{}/{size}", wanted.start, wanted.end - 1);
        assert_eq!(got.header("content-range"), Some(&*said), "{range}");
    }
    let beyond = part(&admin, &export, &[("Range", "bytes=99999999-")]).await;
    assert_eq!((beyond.refusal().0, beyond.refusal().1.as_str()), (416, "range_not_satisfiable"));
    assert_eq!(beyond.header("content-range"), Some(&*format!("bytes */{size}")));
    let same = part(&admin, &export, &[("Range", "bytes=0-9"), ("If-Range", &etag)]).await;
    let other = part(&admin, &export, &[("Range", "bytes=0-9"), ("If-Range", "\"other\"")]).await;
    assert_eq!((same.status, other.status), (206, 200));
    assert_eq!(part(&admin, &export, &[("If-None-Match", &etag)]).await.status, 304);
    assert_eq!(
        part(&admin, &export, &[("Range", "bytes=0-1,4-5")]).await.status,
        200,
        "several at once are not told apart"
    );
}

#[actix_web::test]
async fn each_download_is_written_down_with_what_it_was() {
    let house = TestHouse::new().await;
    let export = made(&house, &house.admin(), json!({ "type": "members" })).await;
    fetched(&house.owner(), &export).await.expect(StatusCode::OK);
    part(&house.admin(), &export, &[("Range", "bytes=0-9")]).await;
    part(&house.admin(), &export, &[("If-None-Match", &format!("\"{}\"", export["sha256"].as_str().unwrap()))]).await;
    let log = house.owner().get("/api/audit-log?action=export.downloaded").await.data();
    let by: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["actor"]["name"].clone()).collect();
    assert_eq!(by, [json!("Admin Example"), json!("Owner Example")], "what is known is not sent: {log}");
    assert_eq!(log[0]["after"], json!({ "type": "members", "rows": export["row_count"], "sha256": export["sha256"] }));
    let export = house.admin().get(&format!("{PATH}/{}", export["id"].as_str().unwrap())).await.data();
    assert_eq!(export["download_count"], 2);
    let asked = house.owner().get("/api/audit-log?action=export.requested").await.data();
    assert_eq!(asked[0]["after"]["type"], "members");
}

#[actix_web::test]
async fn a_file_has_a_name_in_the_schools_own_script() {
    let house = TestHouse::new().await;
    let path = format!("/api/institutions/{}", house.school.tenant);
    house.owner().patch(&path, json!({ "name": "톡티코 \"학교\"", "time_zone": "Asia/Seoul" })).await.data();
    let export = made(&house, &house.admin(), json!({ "type": "members", "gzip": true })).await;
    assert_eq!(export["tz"], "Asia/Seoul");
    let file = fetched(&house.admin(), &export).await;
    let named = "attachment; filename=\"___ __ members 2026-11-21.csv.gz\"; \
                 filename*=UTF-8''%ED%86%A1%ED%8B%B0%EC%BD%94%20%ED%95%99%EA%B5%90%20members%202026-11-21.csv.gz";
    assert_eq!(file.header("content-disposition"), Some(named));
    assert_eq!((file.header("content-type"), file.header("content-encoding")), (Some("application/gzip"), None));
    let mut text = String::new();
    GzDecoder::new(&file.body[..]).read_to_string(&mut text).unwrap();
    assert!(text.starts_with("user_id,number,external_id,email,"), "{text}");
    let owner = text.lines().find(|line| line.contains("home-owner")).unwrap();
    assert!(owner.starts_with(&format!("{},", house.school.owner.id)), "{owner}");
    assert!(owner.contains("2026-11-21T18:00:00+09:00"), "times are told in the file's zone: {owner}");
}

#[actix_web::test]
async fn for_spreadsheets_of_a_country_and_never_a_formula() {
    let house = TestHouse::new().await;
    let evil = json!({ "email": "evil@home.example", "name": "=HYPERLINK(\"http://x\",\"y\")", "external_id": "e" });
    house.admin().post(&format!("/api/institutions/{}/members", house.school.tenant), evil).await.data();
    house.settle().await;
    let columns = ["external_id", "name", "created_at"];
    let body = json!({ "type": "members", "columns": columns, "locale": "de-DE", "tz": "Europe/Berlin" });
    let export = made(&house, &house.admin(), body).await;
    assert_eq!(export["delimiter"], ";", "where the comma is in the numbers");
    let text = fetched(&house.admin(), &export).await.text();
    assert!(text.starts_with("\u{feff}external_id;name;created_at"), "{text}");
    let evil = text.lines().find(|line| line.starts_with("e;")).unwrap();
    assert!(evil.starts_with("e;\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\";21.11.2026 10:00"), "{evil}");
}

#[actix_web::test]
async fn after_its_time_a_file_is_deleted_and_that_is_told() {
    let house = TestHouse::new().await;
    let export = made(&house, &house.admin(), json!({ "type": "members" })).await;
    let path = format!("{PATH}/{}", export["id"].as_str().unwrap());
    let key = house.database.value("SELECT file_key FROM exports").as_str().unwrap().to_owned();
    let key = stoa_actors::storage::Key::parse(&key).unwrap();
    assert!(house.tools().storage.head(&key).await.unwrap().is_some());
    house.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(fetched(&house.owner(), &export).await.status, 200);
    house.clock.advance(TimeDelta::seconds(1));
    let late = fetched(&house.owner(), &export).await.refusal();
    assert_eq!((late.0, late.1.as_str()), (410, "export_expired"), "also before it is swept");
    sweep(&house).await;
    assert_eq!(house.owner().get(&path).await.data()["status"], "expired");
    assert_eq!(fetched(&house.owner(), &export).await.refusal().1, "export_expired");
    assert!(house.tools().storage.head(&key).await.unwrap().is_none(), "nothing of it is left");
    let told = "SELECT type, revision, data -> 'export' ->> 'status' AS status FROM events WHERE type LIKE 'export.%' ORDER BY revision";
    assert_eq!(
        json!(house.database.rows(told)),
        json!([
            { "type": "export.completed", "revision": 1, "status": "completed" },
            { "type": "export.expired", "revision": 2, "status": "expired" },
        ])
    );
    house.clock.advance(TimeDelta::days(91));
    sweep(&house).await;
    assert_eq!(house.database.number("SELECT count(*) FROM exports"), 0, "in the end the row goes too");
}
