//! Seats: counted with pending invitations, never exceeded, and told of when the last is taken.

use futures::future::join_all;
use serde_json::{Value, json};
use stoa_core::members;

use super::MEMBERS;
use crate::support::TestHouse;

const SEATS: &str = "/api/institutions/external_id:home/seats";

fn limit(house: &TestHouse, total: i64) {
    let tenant = house.school.tenant.uuid();
    house.database.run(&format!("UPDATE institutions SET seats_total = {total} WHERE tenant_id = '{tenant}'"));
}

fn new(name: &str) -> Value {
    json!({ "email": format!("{name}@school.example"), "name": name, "external_id": name })
}

async fn seats(house: &TestHouse) -> Value {
    house.admin().get(SEATS).await.data()
}

#[actix_web::test]
async fn everybody_who_may_come_in_takes_a_seat() {
    let house = TestHouse::new().await;
    assert_eq!(
        seats(&house).await,
        json!({ "total": null, "in_use": 4, "pending_invite": 0, "reserved": 0, "available": null })
    );
    limit(&house, 6);
    let admin = house.admin();
    admin.post(MEMBERS, new("ana")).await.data();
    house.database.run(
        "UPDATE memberships m SET status = 'invited' FROM users u WHERE u.id = m.user_id AND u.external_id = 'ana'",
    );
    let now = seats(&house).await;
    assert_eq!((&now["in_use"], &now["pending_invite"], &now["available"]), (&json!(4), &json!(1), &json!(1)));
    admin.post(MEMBERS, new("ben")).await.data();
    let refusal = admin.post(MEMBERS, new("eva")).await;
    assert_eq!(refusal.refusal(), (409, "seats_exceeded".into(), vec![]));
    // Whoever is deactivated gives up a seat, and takes it again when there is one.
    let ben = format!("{MEMBERS}/external_id:ben");
    assert_eq!(admin.patch(&ben, json!({ "status": "deactivated" })).await.data()["seat"], Value::Null);
    admin.post(MEMBERS, new("eva")).await.data();
    assert_eq!(admin.patch(&ben, json!({ "status": "active" })).await.refusal().1, "seats_exceeded");
    admin.delete(&format!("{MEMBERS}/external_id:eva")).await;
    assert_eq!(admin.patch(&ben, json!({ "status": "active" })).await.data()["seat"], "in_use");
    house.settle().await;
}

#[actix_web::test]
async fn of_many_at_once_as_many_come_in_as_there_are_seats() {
    let house = TestHouse::new().await;
    limit(&house, 7);
    let admin = house.admin();
    let names: Vec<String> = (0..8).map(|n| format!("p{n}")).collect();
    let answers = join_all(names.iter().map(|name| admin.post(MEMBERS, new(name)))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409, 409, 409, 409]);
    assert_eq!(seats(&house).await["available"], 0);
    house.settle().await;
}

#[actix_web::test]
async fn the_last_seat_is_told_of_once() {
    let house = TestHouse::new().await;
    limit(&house, 6);
    let admin = house.admin();
    for name in ["ana", "ben", "eva"] {
        admin.post(MEMBERS, new(name)).await;
    }
    admin.delete(&format!("{MEMBERS}/external_id:ben")).await;
    admin.post(MEMBERS, new("eva")).await.data();
    let told = house.database.rows("SELECT data->'seats' AS seats FROM events WHERE type = 'seats.limit_reached'");
    let full = json!({ "seats": { "total": 6, "in_use": 6, "pending_invite": 0 } });
    assert_eq!(told, [full.clone(), full], "once each time that the last seat is taken");
    house.settle().await;
}

#[actix_web::test]
async fn an_import_keeps_its_seats() {
    let house = TestHouse::new().await;
    limit(&house, 8);
    let mut tx = house.tx().await;
    members::reserve_seats(&mut tx, 3).await.unwrap();
    tx.commit().await.unwrap();
    let now = seats(&house).await;
    assert_eq!((&now["reserved"], &now["available"]), (&json!(3), &json!(1)));
    house.admin().post(MEMBERS, new("ana")).await.data();
    assert_eq!(house.admin().post(MEMBERS, new("ben")).await.refusal().1, "seats_exceeded");
    let mut tx = house.tx().await;
    assert!(members::reserve_seats(&mut tx, 1).await.is_err());
    drop(tx);
    let mut tx = house.tx().await;
    members::take_reserved_seats(&mut tx, 2).await.unwrap();
    members::release_seats(&mut tx, 1).await.unwrap();
    members::release_seats(&mut tx, 5).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(seats(&house).await["reserved"], 0);
    house.settle().await;
}
