//! People whom the next edition of a data set does not name.

use super::{counted, counts, lines};
use crate::support::TestHouse;

const DEACTIVATE: &str = "mode=apply&data_set=students&on_missing=deactivate";

fn file(people: std::ops::Range<usize>) -> String {
    let rows: Vec<String> = people.map(|n| format!("s{n},s{n}@home.example,Student {n}")).collect();
    format!("external_id,email,name\n{}\n", rows.join("\n"))
}

#[actix_web::test]
async fn whoever_is_missing_loses_access_and_gets_it_back() {
    let house = TestHouse::new().await;
    house.learners(&["by-hand"]).await;
    house.settle().await;
    house.import(DEACTIVATE, &file(0..10)).await;
    let (sent, shown) = house.import(DEACTIVATE, &file(0..9)).await;
    assert_eq!(shown["status"], "completed", "{shown}");
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 9), ("deactivate", 1)]));
    assert_eq!(house.planned_lines(&sent).last(), lines(&[(11, "deactivate", &[])]).last());
    assert_eq!(house.person("s9@home.example")["status"], "deactivated");
    assert_eq!(house.person("by-hand@home.example")["status"], "active", "he was never in the set");
    let (_, shown) = house.import(DEACTIVATE, &file(0..9)).await;
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 9)]), "he is gone already");
    let (_, shown) = house.import(DEACTIVATE, &file(0..10)).await;
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 9), ("update", 1)]));
    assert_eq!(house.person("s9@home.example")["status"], "active");
}

#[actix_web::test]
async fn too_many_stop_the_import() {
    let house = TestHouse::new().await;
    house.import(DEACTIVATE, &file(0..10)).await;
    let (_, shown) = house.import(DEACTIVATE, &file(0..8)).await;
    assert_eq!(shown["status"], "failed");
    assert_eq!(shown["obstacle"]["code"], "change_threshold_exceeded");
    assert_eq!(counts(&shown["plan"]), counted(&[("unchanged", 8), ("deactivate", 2)]), "the plan is there to look at");
    assert_eq!(house.person("s9@home.example")["status"], "active");
    let (_, shown) = house.import(&format!("{DEACTIVATE}&change_threshold=20"), &file(0..8)).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(house.person("s9@home.example")["status"], "deactivated");
}

#[actix_web::test]
async fn a_row_that_is_refused_is_not_missing() {
    let house = TestHouse::new().await;
    house.import(DEACTIVATE, &file(0..10)).await;
    let broken = file(0..10).replace("s9,s9@home.example,Student 9", "s9,not-an-address,Student 9");
    let (_, shown) = house.import(DEACTIVATE, &broken).await;
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 9), ("invalid", 1)]));
    assert_eq!(house.person("s9@home.example")["status"], "active");
}

#[actix_web::test]
async fn whoever_was_deactivated_by_hand_stays_so() {
    let house = TestHouse::new().await;
    house.import(DEACTIVATE, &file(0..3)).await;
    let path = format!("/api/institutions/{}/members/external_id:s1", house.school.tenant);
    house.owner().patch(&path, serde_json::json!({ "status": "deactivated" })).await.data();
    house.settle().await;
    let (_, shown) = house.import(DEACTIVATE, &file(0..3)).await;
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 3)]));
    assert_eq!(house.person("s1@home.example")["status"], "deactivated");
}

#[actix_web::test]
async fn without_a_set_nobody_can_be_missing() {
    let house = TestHouse::new().await;
    let refused = house.upload("on_missing=deactivate", &file(0..1)).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (422, "validation_failed"));
    assert_eq!(refused.2, ["?data_set"]);
}
