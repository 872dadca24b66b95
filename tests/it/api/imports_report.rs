//! The report: the file with what became of each row, as long as the file is kept.

use chrono::TimeDelta;
use stoa_jobs::{
    housekeeping::ForgetImportFiles,
    queue::{HOUSE, NewJob, enqueue},
};

use super::imports_upload::{send, stored};
use crate::support::{TestHouse, callers::Answer};

async fn report(house: &TestHouse, import: &str) -> Answer {
    house.owner().get(&format!("/api/institutions/{}/imports/{import}/report", house.school.tenant)).await
}

async fn sent(house: &TestHouse, file: impl Into<bytes::Bytes>) -> String {
    send(house, file).await.data()["id"].as_str().unwrap().to_owned()
}

async fn forget(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &ForgetImportFiles {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

#[actix_web::test]
async fn the_file_comes_back_with_what_became_of_each_row() {
    let house = TestHouse::new().await;
    let file = "E-Mail;Name;Role\r\nann@b.example;\"=HYPERLINK(\"\"x\"\")\";learner\r\n;;\r\nbob;Bob;wizard\r\n";
    let import = sent(&house, file).await;
    let early = report(&house, &import).await;
    assert_eq!((early.refusal().0, early.refusal().1.as_str()), (409, "conflict"));
    house.settle().await;
    let answer = report(&house, &import).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some(&*format!("attachment; filename=\"{import}.csv\"")));
    let text = answer.text();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "\u{feff}E-Mail;Name;Role;stoa_action;stoa_message");
    assert_eq!(rows[1], "ann@b.example;\"'=HYPERLINK(\"\"x\"\")\";learner;create;");
    assert_eq!(rows[2], ";;;;");
    assert!(rows[3].starts_with("bob;Bob;wizard;invalid;\"email: wanted an e-mail address"), "{}", rows[3]);
    assert!(rows[3].contains("role: no such role is known"), "{}", rows[3]);
    assert_eq!(rows.len(), 4);
}

#[actix_web::test]
async fn a_long_report_is_whole() {
    let house = TestHouse::new().await;
    let rows = (0..12_000).map(|at| format!("person{at}@b.example,{}\n", if at % 10 == 0 { "\u{1}" } else { "Ольга" }));
    let import = sent(&house, format!("email,name\n{}", rows.collect::<String>())).await;
    house.settle().await;
    let text = report(&house, &import).await.text();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 12_001);
    for (at, row) in rows[1..].iter().enumerate() {
        let wanted = if at % 10 == 0 { "invalid" } else { "create" };
        assert_eq!(row.split(',').nth(2), Some(wanted), "row {at}: {row}");
    }
}

#[actix_web::test]
async fn a_report_is_kept_for_a_week() {
    let house = TestHouse::new().await;
    let import = sent(&house, "email\nann@b.example\n").await;
    house.settle().await;
    house
        .admin()
        .post(&format!("/api/institutions/{}/imports/{import}/cancel", house.school.tenant), serde_json::json!({}))
        .await;
    house.clock.advance(TimeDelta::days(6));
    forget(&house).await;
    assert_eq!(report(&house, &import).await.status, 200);
    house.clock.advance(TimeDelta::days(2));
    forget(&house).await;
    let answer = report(&house, &import).await;
    assert_eq!((answer.refusal().0, answer.refusal().1.as_str()), (410, "import_file_expired"));
    assert_eq!(stored(&house), [1, 0, 1], "that there was a file is remembered");
    assert_eq!(house.database.number("SELECT count(*) FROM import_rows"), 0, "and nobody's name");
}

#[actix_web::test]
async fn a_plan_that_nobody_applied_is_stale_after_a_week() {
    let house = TestHouse::new().await;
    let import = sent(&house, "email\nann@b.example\n").await;
    house.settle().await;
    let path = format!("/api/institutions/{}/imports/{import}", house.school.tenant);
    assert_eq!(house.admin().get(&path).await.data()["status"], "planned");
    house.clock.advance(TimeDelta::days(8));
    forget(&house).await;
    assert_eq!(house.admin().get(&path).await.data()["status"], "stale");
    assert_eq!(house.admin().post(&format!("{path}/apply"), serde_json::json!({})).await.refusal().0, 409);
    assert_eq!(house.database.number("SELECT count(*) FROM import_rows"), 0);
}

/// What a crash left: an upload that nobody ends.
#[actix_web::test]
async fn what_was_left_behind_is_swept() {
    let house = TestHouse::new().await;
    house.database.run(
        "INSERT INTO import_files (tenant_id, id, touched_at, created_at)
           SELECT tenant_id, gen_random_uuid(), '2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z' FROM institutions LIMIT 1",
    );
    house.database.run(
        "INSERT INTO import_file_parts (tenant_id, file_id, part, bytes) SELECT tenant_id, id, 0, 'x' FROM import_files",
    );
    house.clock.advance(TimeDelta::minutes(59));
    forget(&house).await;
    assert_eq!(stored(&house), [1, 1, 0]);
    house.clock.advance(TimeDelta::minutes(2));
    forget(&house).await;
    assert_eq!(stored(&house), [0, 0, 0]);
}
