//! Thousands at once: a handful in a transaction, each learner once, events of bounded size.

use std::collections::HashSet;

use serde_json::Value;
use stoa_core::enrolments::USERS_PER_EVENT;

use super::steps::{delete, put, subscribe_to};
use crate::support::TestHouse;

/// Adds people to the school without their news.
fn crowd(house: &TestHouse, count: usize) {
    let tenant = house.school.tenant.uuid();
    house.database.run(&format!(
        "WITH made AS (
           INSERT INTO users (tenant_id, id, email, email_key, name, first_name, last_name, created_at, updated_at)
           SELECT '{tenant}', ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n || '@crowd.example',
             n || '@crowd.example', 'Number ' || n, 'Number', n::text, '2026-11-21', '2026-11-21'
           FROM generate_series(1, {count}) AS n RETURNING id)
         INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
         SELECT '{tenant}', id, 'learner', '2026-11-21', '2026-11-21' FROM made"
    ));
}

fn enrolled(house: &TestHouse, status: &str) -> i64 {
    house.database.number(&format!("SELECT count(*) FROM enrolments WHERE status = '{status}'"))
}

#[actix_web::test]
async fn everyone_is_put_on_a_course_by_handfuls() {
    let house = TestHouse::new().await;
    let course = house.course("safety", &[]).await;
    crowd(&house, 1_200);
    let all = house.database.number(
        "SELECT count(*) FROM memberships m JOIN courses c ON c.tenant_id = m.tenant_id WHERE m.status <> 'removed'",
    );
    let receiver = subscribe_to(&house, "https://hooks.example/a", &["enrollments.created"]).await;
    let path = format!("/courses/{}/groups/everyone", course.id);
    put(&house, &path).await;
    assert_eq!(enrolled(&house, "active"), 500, "the answer waits for the first handful alone");
    house.settle().await;
    assert_eq!(enrolled(&house, "active"), all);
    let calls = receiver.take();
    let mut seen = HashSet::new();
    for call in &calls {
        let data = call.json()["data"].clone();
        assert_eq!(data["groups"][0]["id"], "everyone");
        let users = data["users"].as_array().expect("a list").clone();
        assert!((1..=USERS_PER_EVENT).contains(&users.len()), "{}", users.len());
        assert!(call.body.len() < 64 * 1024, "{}", call.body.len());
        for user in users {
            assert!(seen.insert(user["id"].as_str().expect("an id").to_owned()), "told twice: {user}");
        }
    }
    assert_eq!(i64::try_from(seen.len()).unwrap(), all);
    // Once more changes nothing and tells nothing.
    put(&house, &path).await;
    house.settle().await;
    assert_eq!((enrolled(&house, "active"), receiver.take().len()), (all, 0));
    // Who comes later is put on it by coming.
    house.learners(&["late"]).await;
    house.settle().await;
    assert_eq!(enrolled(&house, "active"), all + 1);
    let told = receiver.take().remove(0).json();
    assert_eq!(
        (&told["data"]["users"][0]["firstName"], &told["data"]["groups"][0]["id"]),
        (&Value::from("late"), &Value::from("everyone"))
    );
    delete(&house, &path).await;
    house.settle().await;
    assert_eq!((enrolled(&house, "active"), enrolled(&house, "removed")), (0, all + 1));
}

/// The process dies between two handfuls: the promise is there, and nobody is enrolled or told of twice.
#[actix_web::test]
async fn a_crash_between_handfuls_loses_nobody() {
    let mut house = TestHouse::new().await;
    let course = house.course("safety", &[]).await;
    crowd(&house, 1_100);
    let receiver = subscribe_to(&house, "https://hooks.example/a", &["enrollments.created"]).await;
    put(&house, &format!("/courses/{}/groups/everyone", course.id)).await;
    house.crash();
    house.settle().await;
    let told: usize = receiver.take().iter().map(|call| call.json()["data"]["users"].as_array().unwrap().len()).sum();
    let all = enrolled(&house, "active");
    assert!(all >= 1_100);
    assert_eq!(i64::try_from(told).unwrap(), all);
}
