//! Seats, owners and roles: what stands against a plan, or against a row of it.

use actix_web::http::Method;
use serde_json::Value;

use super::{counted, counts, lines};
use crate::support::TestHouse;

fn seats(house: &TestHouse, total: &str) {
    let tenant = house.school.tenant.uuid();
    house.database.run(&format!("UPDATE institutions SET seats_total = {total} WHERE tenant_id = '{tenant}'"));
}

fn reserved(house: &TestHouse) -> i64 {
    let tenant = house.school.tenant.uuid();
    house.database.number(&format!("SELECT seats_reserved FROM institutions WHERE tenant_id = '{tenant}'"))
}

#[actix_web::test]
async fn a_plan_that_needs_more_seats_than_there_are_is_not_applied() {
    let house = TestHouse::new().await;
    let file = "email,name\na@home.example,A\nb@home.example,B\n";
    let there = house.people();
    seats(&house, &(there + 1).to_string());
    let (_, shown) = house.import("mode=apply", file).await;
    assert_eq!(shown["status"], "failed");
    assert_eq!(shown["obstacle"]["code"], "seats_exceeded");
    assert_eq!(house.people(), there, "none of them");
    let (sent, shown) = house.import("", file).await;
    assert_eq!(shown["obstacle"]["code"], "seats_exceeded", "the plan says so");
    let refused = house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (409, "seats_exceeded"));
    seats(&house, &(there + 2).to_string());
    let (_, shown) = house.import("mode=apply&send_invites=true", file).await;
    assert_eq!(shown["status"], "completed", "{shown}");
    assert_eq!((house.people(), reserved(&house)), (there + 2, 0));
}

#[actix_web::test]
async fn seats_are_kept_for_the_whole_plan_and_given_back() {
    let house = TestHouse::new().await;
    let there = house.people();
    seats(&house, &(there + 2).to_string());
    let (sent, _) = house.import("", "email,name\na@home.example,A\nb@home.example,B\n").await;
    house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
    assert_eq!(reserved(&house), 2);
    let path = format!("/api/institutions/{}/members", house.school.tenant);
    let other = serde_json::json!({ "email": "c@home.example", "name": "C" });
    assert_eq!(house.owner().post(&path, other.clone()).await.refusal().1, "seats_exceeded");
    house.owner().post(&format!("{}/cancel", sent.path), Value::Null).await.data();
    assert_eq!(reserved(&house), 0);
    house.owner().post(&path, other).await.data();
    house.settle().await;
    assert_eq!(house.people(), there + 1);
}

#[actix_web::test]
async fn an_institution_keeps_an_owner() {
    let house = TestHouse::new().await;
    let (sent, _) = house.import("mode=apply", "email,role\nowner@home.example,learner\n").await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "invalid", &["last_owner"])]));
    let (_, shown) = house.import("mode=apply", "email,name,role\nsecond@home.example,Second,owner\n").await;
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 1)]));
    let (sent, _) = house.import("", "email,role\nowner@home.example,learner\n").await;
    assert_eq!(house.planned_lines(&sent), lines(&[(2, "update", &[])]));
    // The other one leaves between plan and chunk, behind the back of everybody.
    let started = house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
    assert_eq!(started["status"], "applying");
    house.database.run("UPDATE memberships SET role = 'admin' WHERE user_id IN (SELECT id FROM users WHERE email = 'second@home.example')");
    house.settle().await;
    assert_eq!(house.person("owner@home.example")["role"], "owner");
}

#[actix_web::test]
async fn nobody_hands_out_more_than_he_has() {
    let house = TestHouse::new().await;
    let path = format!("/api/institutions/{}/members/bulk", house.school.tenant);
    let file =
        "email,name,role\nnew@home.example,New,owner\nowner@home.example,Renamed,\nfine@home.example,Fine,admin\n";
    let sent = house.admin().request(Method::POST, &path).bytes("text/csv", file).send().await.data();
    house.settle().await;
    let rows = house.database.rows("SELECT line, action, faults FROM import_rows ORDER BY line");
    let codes: Vec<_> = rows.iter().map(|row| (row["action"].clone(), row["faults"][0]["code"].clone())).collect();
    let refused = (Value::from("invalid"), Value::from("ability_missing"));
    assert_eq!(codes, [refused.clone(), refused, (Value::from("create"), Value::Null)], "{sent}");
}

#[actix_web::test]
async fn only_those_who_may_write_members_send_files() {
    let house = TestHouse::new().await;
    let path = format!("/api/institutions/{}/members/bulk", house.school.tenant);
    let file = "email,name\nnew@home.example,New\n";
    let send = |caller: crate::support::callers::Caller| {
        let path = path.clone();
        async move { caller.request(Method::POST, &path).bytes("text/csv", file).send().await }
    };
    assert_eq!(send(house.learner()).await.refusal().1, "ability_missing");
    assert_eq!(send(house.manager()).await.refusal().1, "ability_missing", "he sees his groups alone");
    assert_eq!(send(house.stranger()).await.refusal().0, 404);
    assert_eq!(house.database.number("SELECT count(*) FROM imports"), 0);
}
