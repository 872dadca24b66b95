//! Files of what learners did, over HTTP and through the worker.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Quiz;

use crate::{
    api::imports_upload::{Part, form, stored},
    support::{
        TestHouse,
        callers::{Answer, Caller},
    },
};

const IMPORTS: &str = "/api/progress-imports";

async fn send_form(house: &TestHouse, query: &str, parts: &[Part<'_>]) -> Answer {
    let request = house.admin().request(Method::POST, &format!("{IMPORTS}{query}"));
    request.bytes("multipart/form-data; boundary=xx", form(parts)).send().await
}

async fn send(caller: &Caller, query: &str, file: &str) -> Value {
    let path = format!("{IMPORTS}{query}");
    caller
        .request(Method::POST, &path)
        .bytes("text/csv", file.to_owned())
        .send()
        .await
        .expect(StatusCode::ACCEPTED)
        .data()
}

async fn ended(house: &TestHouse, import: &Value) -> Value {
    house.settle().await;
    house.admin().get(&format!("{IMPORTS}/{}", import["id"].as_str().unwrap())).await.expect(StatusCode::OK).data()
}

#[actix_web::test]
async fn a_file_counts_row_by_row_and_a_file_that_is_sent_again_counts_nothing_twice() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Quiz], &[]], &["ana", "bo"]).await;
    let admin = house.admin();
    let [first, second] = [course.lessons[0].id, course.lessons[1].id];
    let file = format!(
        "external_id;object;kind;verb;date;score;max score;duration (seconds)\n\
         ana;{first};lesson;passed;2024-02-29 09:30;17,5;20;900\n\
         ana;{second};;completed;2025-03-01;;;60\n\
         bo;{first};lesson;failed;2025-03-01T08:00:00+09:00;3;20;\n\
         nobody;{first};;completed;2025-03-01;;;\n\
         ana;no-such-thing;;completed;2025-03-01;;;\n\
         ana;{first};poem;completed;2025-03-01;;;\n"
    );
    let import = send(&admin, "?tz=Asia/Seoul", &file).await;
    assert_eq!((&import["status"], &import["tz"]), (&json!("running"), &json!("Asia/Seoul")));
    let done = ended(&house, &import).await;
    assert_eq!(done["status"], "completed_with_errors");
    assert_eq!(done["progress"], json!({ "rows_done": 6, "accepted": 3, "duplicates": 0, "rejected": 3 }));
    let faults: Vec<_> =
        done["faults"].as_array().unwrap().iter().map(|fault| (&fault["line"], &fault["code"])).collect();
    assert_eq!(
        faults,
        [(&json!(5), &json!("not_found")), (&json!(6), &json!("not_found")), (&json!(7), &json!("value"))]
    );
    let progress = admin.get(&format!("/api/courses/{}/lesson-progress?external_id=ana", course.id)).await.data();
    assert_eq!(
        (&progress["course"]["status"], &progress["lessons"][0]["score"]["raw"]),
        (&json!("completed"), &json!(17.5))
    );
    let history = "/api/progress-history?external_id=ana&from=2024-02-29&to=2024-02-29&tz=Asia/Seoul";
    assert_eq!(admin.get(history).await.data()["buckets"][0]["time_spent_seconds"], 900);
    // The same again, and the same with a row more.
    let again = ended(&house, &send(&admin, "?tz=Asia/Seoul", &file).await).await;
    assert_eq!(again["progress"], json!({ "rows_done": 6, "accepted": 0, "duplicates": 3, "rejected": 3 }));
    let more =
        ended(&house, &send(&admin, "?tz=Asia/Seoul", &format!("{file}bo;{second};;started;2025-03-02;;;\n")).await)
            .await;
    assert_eq!((&more["progress"]["accepted"], &more["progress"]["duplicates"]), (&json!(1), &json!(3)));
    assert_eq!(admin.get(&format!("{IMPORTS}?per_page=2")).await.json()["meta"]["total"], 3);
}

#[actix_web::test]
async fn many_rows_go_in_by_handfuls_whatever_node_goes_on() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[]], &["ana"]).await;
    let lesson = course.lessons[0].id;
    let row = |nth: u32| format!("e{nth},ana,{lesson},progressed,2025-01-01T00:{:02}:{:02}Z,0.5,1", nth / 60, nth % 60);
    let rows = (0..1_250).map(row).collect::<Vec<_>>().join("\n");
    let file = format!("event_id,external_id,object,verb,occurred_at,progress,duration_seconds\n{rows}\n");
    let done = ended(&house, &send(&house.admin(), "", &file).await).await;
    assert_eq!(done["status"], "completed");
    assert_eq!(done["progress"], json!({ "rows_done": 1250, "accepted": 1250, "duplicates": 0, "rejected": 0 }));
    assert_eq!(house.database.number("SELECT time_spent_seconds FROM standings WHERE object_kind = 'lesson'"), 1_250);
}

/// Every handful keeps as many faults as there is room for, in the order of the file.
#[actix_web::test]
async fn the_first_thousand_faults_are_kept() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[]], &["ana"]).await;
    let lesson = course.lessons[0].id.to_string();
    let row = |nth: u32| {
        format!("e{nth},ana,{},completed,2025-01-01", if nth.is_multiple_of(5) { &*lesson } else { "nothing" })
    };
    let rows = (0..2_100).map(row).collect::<Vec<_>>().join("\n");
    let file = format!("event_id,external_id,object,verb,occurred_at\n{rows}\n");
    let done = ended(&house, &send(&house.admin(), "", &file).await).await;
    assert_eq!(done["progress"], json!({ "rows_done": 2100, "accepted": 420, "duplicates": 0, "rejected": 1680 }));
    let faults = done["faults"].as_array().unwrap().iter().map(|fault| fault["line"].as_u64().unwrap());
    let bad = (0..2_100_u64).filter(|nth| !nth.is_multiple_of(5)).map(|nth| nth + 2);
    assert!(faults.eq(bad.take(1_000)), "{}", done["faults"]);
}

#[actix_web::test]
async fn a_form_brings_a_file_and_nothing_else() {
    let house = TestHouse::new().await;
    house.class(&[&[]], &["ana"]).await;
    let file: Part = ("file", Some("old.csv"), b"external_id,object,date\nana,x,2025-01-01\n");
    for (field, words) in [("tz", "?tz=Asia/Seoul"), ("mode", "no such parameter"), ("a/b", "no such parameter")] {
        let beside: Part = (field, None, b"Asia/Seoul");
        for parts in [[beside, file], [file, beside]] {
            let answer = send_form(&house, "", &parts).await;
            assert_eq!(answer.refusal().0, 422);
            let fault = &answer.json()["errors"][0];
            let pointer = format!("/{}", field.replace('/', "~1"));
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!("unknown")));
            assert!(fault["detail"].as_str().unwrap().contains(words), "{fault}");
        }
    }
    assert_eq!(stored(&house)[..2], [0, 0], "nothing is stored of what is refused");
    assert_eq!(house.database.number("SELECT count(*) FROM history_imports"), 0);
    let import = send_form(&house, "?tz=Asia/Seoul", &[file, ("tz", None, b"")]).await.expect(StatusCode::ACCEPTED);
    assert_eq!((&import.data()["tz"], &import.data()["file_name"]), (&json!("Asia/Seoul"), &json!("old.csv")));
    house.settle().await;
}

#[actix_web::test]
async fn a_file_that_cannot_be_read_says_why_and_one_that_was_stopped_stays_stopped() {
    let house = TestHouse::new().await;
    house.class(&[&[]], &["ana"]).await;
    let admin = house.admin();
    let refused = ended(&house, &send(&admin, "", "external_id,verb\nana,passed\n").await).await;
    assert_eq!((&refused["status"], &refused["reason"]), (&json!("failed"), &json!("there is no column object")));
    let empty = admin.request(Method::POST, IMPORTS).bytes("text/csv", "").send().await;
    assert_eq!(empty.refusal().1, "unreadable_file");
    let zone = admin.request(Method::POST, &format!("{IMPORTS}?tz=Mars/Olympus"));
    assert_eq!(zone.bytes("text/csv", "external_id,object,date\na,b,2025-01-01\n").send().await.refusal().2, ["?tz"]);
    let import = send(&admin, "", "external_id,object,date\nana,x,2025-01-01\n").await;
    let twin = send(&admin, "", "external_id,object,date\nana,x,2025-01-01\n").await;
    assert_eq!(import["id"], twin["id"], "a twin of a file that is being read is the same import");
    let path = format!("{IMPORTS}/{}/cancel", import["id"].as_str().unwrap());
    assert_eq!(admin.post(&path, json!({})).await.expect(StatusCode::OK).data()["status"], "cancelled");
    let stopped = ended(&house, &import).await;
    assert_eq!((&stopped["status"], &stopped["progress"]["rows_done"]), (&json!("cancelled"), &json!(0)));
    let learner = house.learner().request(Method::POST, IMPORTS).bytes("text/csv", "external_id,object,date\n");
    assert_eq!(learner.send().await.refusal().1, "ability_missing");
}

/// A row is refused, and never the file; what the header says that nobody knows is passed over, whatever it says.
#[actix_web::test]
async fn a_hostile_row_is_a_fault_of_its_own() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[]], &["ana"]).await;
    let lesson = course.lessons[0].id;
    let long = "x".repeat(70_000);
    let file = format!(
        "external_id,object,date,evil\0title\nana,{lesson},2025-01-01,\0\nana,a\0b,2025-01-01,\na\0na,{lesson},2025-01-01,\n\
         ana,{long},2025-01-01,\nana,{lesson},2025-01-01\u{202e},\nana,{lesson},2025-02-30,\nana,\u{fffd}\u{7},2025-01-01,\n\
         ana,{lesson},2025-01-02,\n"
    );
    let done = ended(&house, &send(&house.admin(), "", &file).await).await;
    assert_eq!(
        (&done["status"], &done["progress"]["rows_done"]),
        (&json!("completed_with_errors"), &json!(8)),
        "{done}"
    );
    let faults = done["faults"].as_array().unwrap().iter();
    let faults: Vec<_> =
        faults.map(|fault| (&fault["line"], &fault["column"], fault["code"].as_str().unwrap())).collect();
    let at = |line: u64, column: &str| (json!(line), json!(column));
    let wanted = [
        (at(3, "object"), "nul"),
        (at(4, "external_id"), "nul"),
        (at(5, "object"), "not_found"),
        (at(6, "occurred_at"), "format"),
        (at(7, "occurred_at"), "format"),
        (at(8, "object"), "not_found"),
    ];
    assert_eq!(faults, wanted.iter().map(|((line, column), code)| (line, column, *code)).collect::<Vec<_>>());
    assert_eq!(done["progress"]["accepted"], 2);
}
