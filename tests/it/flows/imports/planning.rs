//! What a plan says of each row, and that it changes nobody.

use serde_json::json;

use super::{counted, counts, lines};
use crate::support::TestHouse;

const HEADER: &str = "external_id,email,name,role,groups,courses,locale";

#[actix_web::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    let lms = house.receivers.at("https://lms.example/hooks");
    let hook = json!({ "url": lms.url(), "events": ["*"], "coalesce_seconds": 0 });
    house.admin().post("/api/integrations/webhooks", hook).await.data();
    house.settle().await;
    lms.take();
    let before = (house.people(), house.person("ana@home.example"));
    let file = format!(
        "{HEADER}\nana,ana@home.example,Ana Maria Learner,,,,\nben,BEN@home.example,ben Learner,,,,\n,new@home.example,New Person,,,,ko\n\
         ,no-address,Nobody,,,,\n"
    );
    let (sent, shown) = house.import("send_invites=true", &file).await;
    assert_eq!(shown["status"], "planned");
    assert_eq!(shown["mode"], "dry_run");
    assert_eq!(counts(&shown["plan"]), counted(&[("update", 1), ("unchanged", 1), ("create", 1), ("invalid", 1)]));
    assert_eq!(shown["applied"], json!(null));
    assert_eq!(shown["progress"]["rows_done"], 4);
    assert_eq!(shown["progress"]["rows_total"], 4);
    assert_eq!(
        house.planned_lines(&sent),
        lines(&[(2, "update", &[]), (3, "unchanged", &[]), (4, "create", &[]), (5, "invalid", &["format"])])
    );
    assert_eq!((house.people(), house.person("ana@home.example")), before);
    assert_eq!(lms.take_types(), ["member_import.planned"]);
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1, "to whoever sent it, and no invitations");
    assert!(letters[0].subject.contains("plan"), "{}", letters[0].subject);
    assert_eq!(letters[0].to.address, "owner@home.example");
}

#[actix_web::test]
async fn what_is_found_out_about_the_file_is_shown() {
    let house = TestHouse::new().await;
    let (_, shown) = house.import("", "Фамилия;Имя;Почта;Рост\nИванова;Ольга;olga@home.example;170\n").await;
    let sheet = &shown["sheet"];
    assert_eq!(sheet["separator"], ";");
    assert_eq!(sheet["unknown_columns"], json!(["Рост"]));
    let fields: Vec<_> = sheet["columns"].as_array().unwrap().iter().map(|column| column["field"].clone()).collect();
    assert_eq!(fields, ["last_name", "first_name", "email"]);
    assert_eq!(counts(&shown["plan"]), counted(&[("create", 1)]));
}

#[actix_web::test]
async fn twins_in_the_file_are_both_refused() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let file = "external_id,email,name\n,twin@home.example,One\n,TWIN@home.example,Other\nx,x1@home.example,X\nx,x2@home.example,X\n\
                ana,,Ana\n,ana@home.example,Anna\n,fine@home.example,Fine\n";
    let (sent, shown) = house.import("", file).await;
    assert_eq!(
        house.planned_lines(&sent),
        lines(&[
            (2, "invalid", &["duplicate"]),
            (3, "invalid", &["duplicate"]),
            (4, "invalid", &["duplicate"]),
            (5, "invalid", &["duplicate"]),
            (6, "invalid", &["duplicate"]),
            (7, "invalid", &["duplicate"]),
            (8, "create", &[]),
        ])
    );
    assert_eq!(counts(&shown["plan"]), counted(&[("invalid", 6), ("create", 1)]));
    let faults = house.database.value("SELECT faults FROM import_rows WHERE line = 2");
    assert_eq!(faults[0]["message"], "the same address stands on lines 2, 3");
}

#[actix_web::test]
async fn two_keys_of_two_people_name_nobody() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    house.settle().await;
    let file = "external_id,email,name\nana,ben@home.example,Ana\nother,ben@home.example,Ben\n";
    let (sent, _) = house.import("", file).await;
    assert_eq!(
        house.planned_lines(&sent),
        lines(&[(2, "invalid", &["taken", "duplicate"]), (3, "invalid", &["mismatch", "duplicate"])])
    );
    let file = "external_id,email,name\nana,ben@home.example,Ana\n";
    let (sent, _) = house.import("match_on=email", file).await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "invalid", &["taken"])]));
    let (sent, _) =
        house.import("match_on=email", "external_id,email,name\nnew-key,ben@home.example,ben Learner\n").await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "update", &[])]));
    let (sent, _) = house.import("match_on=external_id", "external_id,email,name\n,ben@home.example,B\n").await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "invalid", &["required", "taken"])]));
}

#[actix_web::test]
async fn what_nobody_knows_is_named() {
    let house = TestHouse::new().await;
    let file = format!(
        "{HEADER}\n,a@home.example,A,wizard,,,\n,b@home.example,B,,No such group,,\n,c@home.example,C,,,no-course,\n\
         ,d@home.example,D,,,,xx_yy!\nonly-key,,E,,,,\n,f@home.example,,,,,\n"
    );
    let (sent, _) = house.import("", &file).await;
    assert_eq!(
        house.planned_lines(&sent),
        lines(&[
            (2, "invalid", &["unknown_word"]),
            (3, "invalid", &["group_not_found"]),
            (4, "invalid", &["course_not_found"]),
            (5, "invalid", &["format"]),
            (6, "invalid", &["required"]),
            (7, "invalid", &["required"]),
        ])
    );
}

#[actix_web::test]
async fn the_strategy_leaves_rows_out() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let file = "email,name\nana@home.example,Ana\nnew@home.example,New\n";
    let (sent, _) = house.import("strategy=create_only", file).await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "skipped", &["known"]), (3, "create", &[])]));
    let (sent, _) = house.import("strategy=update_only", file).await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "update", &[]), (3, "skipped", &["unknown"])]));
}

#[actix_web::test]
async fn the_same_file_is_the_same_import_while_it_is_open() {
    let house = TestHouse::new().await;
    let file = "email,name\nnew@home.example,New\n";
    let (first, _) = house.import("", file).await;
    let again = house.send_file("", file).await;
    assert_eq!(first.id, again.id);
    let other = house.send_file("atomic=true", file).await;
    assert_ne!(first.id, other.id);
    house.settle().await;
    house.apply(&first).await;
    let anew = house.send_file("", file).await;
    assert_ne!(first.id, anew.id, "one that has ended is not open");
    house.settle().await;
}
