//! Files that lie in a bucket, of the S3 service of `tests/peers/s3`: an export from the request to the last byte, and a
//! bucket that goes and comes back.

use actix_web::http::StatusCode;
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
    callers::Answer,
};

const PATH: &str = "/api/integrations/exports";

fn storage(server: &Server) -> Storage {
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
