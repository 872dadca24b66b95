//! What is written, told and invited when a plan is applied, and what a second time does.

use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::{counted, counts, lines};
use crate::support::{
    TestHouse,
    receivers::{Call, Receiver},
};

async fn listening(house: &TestHouse) -> Receiver {
    let lms = house.receivers.at("https://lms.example/hooks");
    let hook = json!({ "url": lms.url(), "events": ["*"], "coalesce_seconds": 0 });
    house.admin().post("/api/integrations/webhooks", hook).await.data();
    house.settle().await;
    lms.take();
    lms
}

#[actix_web::test]
async fn people_are_written_as_planned_and_told_of() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let lms = listening(&house).await;
    let file = "external_id,email,name,role,locale,time_zone\n\
                ana,ana@home.example,Ana Maria,learner,,\nn1,new@home.example,Ольга Иванова,manager,ru,Europe/Berlin\n";
    let (sent, shown) = house.import("mode=apply", file).await;
    assert_eq!(shown["status"], "completed", "{shown}");
    assert_eq!(shown["plan"], shown["applied"]);
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 1), ("update", 1)]));
    assert_eq!(shown["progress"]["rows_done"], 2);
    assert_eq!(
        house.person("new@home.example"),
        json!({
            "name": "Ольга Иванова", "first_name": "Ольга", "last_name": "Иванова", "external_id": "n1", "locale": "ru",
            "time_zone": "Europe/Berlin", "role": "manager", "status": "active", "provisioned_by": "csv", "sticky": [],
        })
    );
    let ana = house.person("ana@home.example");
    assert_eq!([&ana["name"], &ana["first_name"], &ana["last_name"]], ["Ana Maria", "Ana", "Maria"]);
    assert_eq!(ana["provisioned_by"], "manual", "who came by hand came by hand");
    let told: Vec<Value> = lms.take().iter().map(Call::json).collect();
    let types: Vec<_> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    for event_type in
        ["user.updated", "user.created", "member.added", "member_import.planned", "member_import.completed"]
    {
        assert_eq!(types.iter().filter(|known| **known == event_type).count(), 1, "{event_type} of {types:?}");
    }
    let created = told.iter().find(|event| event["type"] == "user.created").unwrap();
    assert_eq!(created["data"]["user"]["email"], "new@home.example");
    assert!(created["data"]["user"]["number"].as_i64().unwrap() > 0);
    let updated = told.iter().find(|event| event["type"] == "user.updated").unwrap();
    assert_eq!(updated["data"]["member"]["changed"], json!(["name", "first_name", "last_name"]));
    let ended = told.iter().find(|event| event["type"] == "member_import.completed").unwrap();
    assert_eq!(ended["data"]["member_import"]["applied"]["create"], 1);
    assert_eq!(ended["object"]["id"], json!(sent.id));
}

#[actix_web::test]
async fn the_same_file_again_changes_nothing() {
    let house = TestHouse::new().await;
    let lms = listening(&house).await;
    let course = house.course("korean", &[&[ItemKind::Quiz]]).await;
    house.admin().post("/api/groups", json!({ "name": "Class 7a" })).await.data();
    house.settle().await;
    let file = "external_id,email,first name,last name,groups,courses\n\
                s1,one@home.example,One,First,Class 7a,korean\ns2,two@home.example,Two,,Class 7a,\n";
    let (_, shown) = house.import("mode=apply", file).await;
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 2)]));
    let types = lms.take_types();
    for event_type in ["enrollment.created", "course_stat.created", "enrollments.created"] {
        assert_eq!(types.iter().filter(|known| *known == event_type).count(), 1, "{event_type} of {types:?}");
    }
    let enrolled = format!("SELECT count(*) FROM enrolments WHERE course_id = '{}' AND NOT derived", course.id.uuid());
    assert_eq!(house.database.number(&enrolled), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM group_members"), 2);
    let (_, shown) = house.import("mode=apply", file).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(counts(&shown["applied"]), counted(&[("unchanged", 2)]));
    let mut types = lms.take_types();
    types.sort();
    assert_eq!(types, ["member_import.completed", "member_import.planned"]);
}

#[actix_web::test]
async fn groups_are_made_when_asked_for_and_give_their_courses() {
    let house = TestHouse::new().await;
    let course = house.course("korean", &[&[ItemKind::Quiz]]).await;
    let group = house.admin().post("/api/groups", json!({ "name": "Old", "external_id": "old" })).await.data();
    let path = format!("/courses/{}/groups/{}", course.id, group["id"].as_str().unwrap());
    house.admin().put(&path, json!({})).await.expect(actix_web::http::StatusCode::NO_CONTENT);
    house.settle().await;
    let file = "email,name,groups\na@home.example,A,New;old\nb@home.example,B,New\n";
    let (_, shown) = house.import("mode=apply&create_groups=true", file).await;
    assert_eq!(shown["status"], "completed", "{shown}");
    let groups = house.database.rows(
        "SELECT g.name, g.provisioned_by, count(*) AS people FROM groups g JOIN group_members m ON m.group_id = g.id
         GROUP BY 1, 2 ORDER BY 1",
    );
    assert_eq!(
        groups,
        [
            json!({ "name": "New", "provisioned_by": "csv", "people": 2 }),
            json!({ "name": "Old", "provisioned_by": "manual", "people": 1 }),
        ]
    );
    let enrolled = "SELECT count(*) FROM enrolments e JOIN users u ON u.id = e.user_id WHERE u.email = 'a@home.example' AND e.derived";
    assert_eq!(house.database.number(enrolled), 1, "what the group is on");
}

#[actix_web::test]
async fn cells_have_three_states() {
    let house = TestHouse::new().await;
    let file = "external_id,email,name,locale,time_zone\nk,kim@home.example,Kim Lee,ko,Asia/Seoul\n";
    house.import("mode=apply", file).await;
    let (_, shown) = house.import("mode=apply", "external_id,locale,time_zone\nk,,\\N\n").await;
    assert_eq!(counts(&shown["applied"]), counted(&[("update", 1)]), "{shown}");
    let kim = house.person("kim@home.example");
    assert_eq!([&kim["locale"], &kim["time_zone"], &kim["name"]], [&json!("ko"), &json!(null), &json!("Kim Lee")]);
    house.import("mode=apply&clear_empty=true", "external_id,locale\nk,\n").await;
    let kim = house.person("kim@home.example");
    assert_eq!([&kim["locale"], &kim["name"]], [&json!(null), &json!("Kim Lee")]);
}

#[actix_web::test]
async fn what_was_edited_by_hand_stays_unless_overridden() {
    let house = TestHouse::new().await;
    house.import("mode=apply", "external_id,email,name\nk,kim@home.example,Kim Lee\n").await;
    let path = format!("/api/institutions/{}/members/external_id:k", house.school.tenant);
    house.owner().patch(&path, json!({ "name": "Kim B. Lee" })).await.data();
    house.settle().await;
    let file = "external_id,name,locale\nk,Kim Lee,ko\n";
    let (sent, shown) = house.import("mode=apply", file).await;
    assert_eq!(house.planned_lines(&sent)[0].2[0], "sticky");
    assert_eq!(counts(&shown["applied"]), counted(&[("update", 1)]));
    let kim = house.person("kim@home.example");
    assert_eq!([&kim["name"], &kim["locale"]], ["Kim B. Lee", "ko"]);
    house.import("mode=apply&override=true", file).await;
    assert_eq!(house.person("kim@home.example")["name"], "Kim Lee");
}

#[actix_web::test]
async fn good_rows_are_applied_although_others_fail_unless_all_or_none() {
    let house = TestHouse::new().await;
    let file = "email,name\na@home.example,A\nnot-an-address,B\n";
    let (_, shown) = house.import("mode=apply&atomic=true", file).await;
    assert_eq!(shown["status"], "failed");
    assert_eq!(shown["obstacle"]["code"], "invalid_rows");
    assert_eq!(house.person("a@home.example"), Value::Null);
    let (sent, shown) = house.import("atomic=true", file).await;
    assert_eq!(shown["status"], "planned");
    let refused = house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (409, "conflict"));
    let (_, shown) = house.import("mode=apply", file).await;
    assert_eq!(shown["status"], "completed_with_errors");
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 1), ("invalid", 1)]));
    assert_eq!(house.person("a@home.example")["status"], "active");
}

#[actix_web::test]
async fn new_people_are_invited_when_asked_for() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let file = "email,name\nana@home.example,Ana L\nnew@home.example,New One\n";
    let (sent, _) = house.import("send_invites=true", file).await;
    house.take_letters();
    house.apply(&sent).await;
    assert_eq!(house.person("new@home.example")["status"], "invited");
    let letters = house.take_letters();
    let to: Vec<_> = letters.iter().map(|letter| letter.to.address.as_str()).collect();
    assert!(to.contains(&"new@home.example"), "{to:?}");
    assert!(!to.contains(&"ana@home.example"), "{to:?}");
    assert_eq!(house.database.number("SELECT count(*) FROM invitations WHERE accepted_at IS NULL"), 1);
}

#[actix_web::test]
async fn whom_the_directory_looks_after_is_left_alone() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    house.database.run("UPDATE memberships SET provisioned_by = 'scim' WHERE user_id IN (SELECT id FROM users WHERE external_id = 'ana')");
    let (sent, shown) = house.import("mode=apply", "external_id,name\nana,Changed\n").await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "skipped", &["provisioned_by_scim"])]));
    assert_eq!(shown["status"], "completed");
    assert_eq!(house.person("ana@home.example")["name"], "ana Learner");
}

#[actix_web::test]
async fn whoever_left_comes_back_and_whoever_goes_is_out() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    let lms = listening(&house).await;
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    house.owner().delete(&path).await;
    house.settle().await;
    lms.take();
    let (_, shown) = house.import("mode=apply", "external_id,status\nana,active\nben,deactivated\n").await;
    assert_eq!(counts(&shown["applied"]), counted(&[("update", 1), ("deactivate", 1)]), "{shown}");
    let ana = house.person("ana@home.example");
    assert_eq!([&ana["status"], &ana["provisioned_by"]], ["active", "csv"]);
    assert_eq!(house.person("ben@home.example")["status"], "deactivated");
    let mut types = lms.take_types();
    types.sort();
    assert_eq!(types, ["member.added", "member_import.completed", "member_import.planned", "user.deactivated"]);
}
