//! Files that lie in a bucket, of the S3 service of `tests/peers/s3`: an export from the request to the last byte, and a
//! bucket that goes and comes back.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::storage::{S3Options, Storage, StorageOptions};
use stoa_jobs::{
    exports::SweepExports,
    queue::{HOUSE, NewJob, enqueue},
};

use crate::support::{
    TestHouse,
    bucket::{ACCESS_KEY, BUCKET, SECRET_KEY, Server},
    callers::{Answer, Caller},
};

const PATH: &str = "/api/integrations/exports";

pub(super) fn storage(server: &Server) -> Storage {
    let options = S3Options {
        bucket: BUCKET.to_owned(),
        endpoint: Some(server.endpoint().parse().expect("an address")),
        region: "us-east-1".to_owned(),
        credentials: Some((ACCESS_KEY.to_owned(), SECRET_KEY.to_owned())),
        allow_http: true,
        path_style: true,
        prefix: "stoa".to_owned(),
    };
    Storage::open(&StorageOptions::S3(options)).expect("a bucket")
}

async fn ask(house: &TestHouse, body: Value) -> String {
    let asked = house.admin().post(PATH, body).await.expect(StatusCode::ACCEPTED).data();
    asked["id"].as_str().expect("an id").to_owned()
}

/// What every night does.
async fn sweep(house: &TestHouse) {
    let mut tx = house.db().house().await.expect("a transaction");
    enqueue(&mut tx, NewJob::of(HOUSE, &SweepExports {}).expect("a job")).await.expect("it is promised");
    tx.commit().await.expect("it is promised");
    house.settle().await;
}

async fn status(house: &TestHouse, export: &str) -> Value {
    house.admin().get(&format!("{PATH}/{export}")).await.data()
}

async fn download(house: &TestHouse, export: &str, how: &str) -> Answer {
    house.admin().get(&format!("{PATH}/{export}/download{how}")).await
}

#[actix_web::test]
async fn an_export_lies_in_the_bucket_until_it_expires() {
    let server = Server::start();
    let house = TestHouse::keeping(storage(&server)).await;
    for (format, ending) in [("csv", "csv"), ("jsonl", "jsonl"), ("parquet", "parquet")] {
        let export = ask(&house, json!({ "type": "members", "format": format })).await;
        house.settle().await;
        let told = status(&house, &export).await;
        assert_eq!(told["status"], "completed", "{told}");
        let whole = download(&house, &export, "").await.expect(StatusCode::OK);
        assert_eq!(told["size_bytes"], whole.body.len());
        let files = server.files();
        let file = files.iter().find(|file| file.ends_with(&format!(".{ending}"))).expect("a file in the bucket");
        assert!(file.starts_with(&format!("{BUCKET}/stoa/institutions/")), "{file}");
        assert!(!file.contains("home"), "no name stands in a key: {file}");
        let elsewhere = download(&house, &export, "?redirect=true").await.expect(StatusCode::FOUND);
        let location = elsewhere.header("location").expect("an address").to_owned();
        assert!(location.starts_with(&server.endpoint()) && location.contains("X-Amz-Signature="), "{location}");
    }
    house.advance(TimeDelta::days(8)).await;
    sweep(&house).await;
    assert_eq!(server.files(), Vec::<String>::new());
}

#[actix_web::test]
async fn whoever_is_sent_to_the_bucket_gets_the_same_file_under_the_same_name() {
    let server = Server::start();
    let house = TestHouse::keeping(storage(&server)).await;
    let school = format!("/api/institutions/{}", house.school.tenant);
    house.owner().patch(&school, json!({ "name": "톡티코 \"학교\" + 1" })).await.data();
    let export = ask(&house, json!({ "type": "members" })).await;
    house.settle().await;
    let whole = download(&house, &export, "").await.expect(StatusCode::OK);
    assert_eq!(whole.header("location"), None, "nobody is sent away who did not ask for it");
    let sent = download(&house, &export, "?redirect=true").await.expect(StatusCode::FOUND);
    assert_eq!((sent.body.len(), sent.header("cache-control")), (0, Some("no-store")));
    let address = sent.header("location").and_then(|address| address.strip_prefix(&server.endpoint()));
    let address = address.expect("an address of the bucket");
    assert!(address.contains("X-Amz-Expires=300"), "{address}");
    // It needs nothing but the address, and says no more than one file.
    let bucket = Caller::new(server.endpoint(), None);
    let there = bucket.get(address).await.expect(StatusCode::OK);
    assert_eq!(there.body, whole.body);
    assert_eq!(there.header("content-disposition"), whole.header("content-disposition"));
    let named = there.header("content-disposition").expect("a name");
    assert!(named.contains("filename*=UTF-8''%ED%86%A1%ED%8B%B0%EC%BD%94%20"), "{named}");
    let part = bucket.request(Method::GET, address).header("Range", "bytes=3-9").send().await;
    assert_eq!(part.expect(StatusCode::PARTIAL_CONTENT).body, whole.body[3..10]);
    for forged in [address.replace("X-Amz-Expires=300", "X-Amz-Expires=301"), address.replacen(".csv", ".csw", 1)] {
        assert_eq!(bucket.get(&forged).await.expect(StatusCode::FORBIDDEN).status, 403);
    }
    assert_eq!(bucket.get(address.split_once('?').expect("a signature").0).await.status, 403);
    // Through the house, in parts too.
    let path = format!("{PATH}/{export}/download");
    let ranged = |how: &str| house.admin().request(Method::GET, &format!("{path}{how}")).header("Range", "bytes=3-9");
    let part = ranged("").send().await.expect(StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, whole.body[3..10]);
    assert_eq!(part.header("content-range"), Some(&*format!("bytes 3-9/{}", whole.body.len())));
    ranged("?redirect=true").send().await.expect(StatusCode::FOUND);
    let log = house.owner().get("/api/audit-log?action=export.downloaded").await.data();
    assert_eq!(log.as_array().map(Vec::len), Some(4), "to be sent there is written down as a download is");
}

#[actix_web::test]
async fn a_bucket_that_is_gone_delays_an_export_and_loses_none() {
    let mut server = Server::start();
    let house = TestHouse::keeping(storage(&server)).await;
    server.stop();
    let export = ask(&house, json!({ "type": "members" })).await;
    house.settle().await;
    assert_ne!(status(&house, &export).await["status"], "completed");
    server.start_again();
    while status(&house, &export).await["status"] != "completed" {
        house.skip().await.expect("it is promised still");
    }
    let whole = download(&house, &export, "").await.expect(StatusCode::OK);
    assert!(whole.text().contains("home-admin"));
    server.stop();
    assert_eq!(download(&house, &export, "").await.refusal().1, "upstream_unavailable");
    server.start_again();
    download(&house, &export, "").await.expect(StatusCode::OK);
}
