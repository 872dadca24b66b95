//! Whoever is deactivated or leaves is out at once, on every node; an institution keeps an owner.

use chrono::TimeDelta;
use futures::{future::join_all, join};
use serde_json::{Value, json};
use stoa_core::Role;

use super::{MEMBERS, somebody};
use crate::support::TestHouse;

#[actix_web::test]
async fn sessions_and_tokens_die_with_their_person_on_every_node() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let (_, ada) = somebody(&house, "ada", Role::Admin).await;
    let new = json!({ "name": "warehouse", "abilities": ["content:read"] });
    let made = ada.post("/api/integrations/tokens", new).await.data();
    let text = made["token"].as_str().unwrap_or_else(|| panic!("{made}"));
    let here = house.caller(Some(text));
    let there = TestHouse::caller_of(&other, Some(text));
    assert_eq!((here.get("/api/courses").await.status, there.get("/api/courses").await.status), (200, 200));
    let one = format!("{MEMBERS}/external_id:ada");
    house.owner().patch(&one, json!({ "status": "deactivated" })).await.data();
    assert_eq!(ada.get("/api/courses").await.refusal().0, 401, "the session");
    assert_eq!(here.get("/api/courses").await.refusal().0, 401, "the token, on the node that was asked");
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(there.get("/api/courses").await.refusal().0, 401, "and on every other, within half a second");
    // Back again: the integration works again, the person signs in anew.
    house.owner().patch(&one, json!({ "status": "active" })).await.data();
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(here.get("/api/courses").await.status, 200);
    assert_eq!(ada.get("/api/courses").await.refusal().0, 401);
    // A token never does more than its maker may.
    house.owner().patch(&one, json!({ "role": "learner" })).await.data();
    assert_eq!(here.get("/api/courses").await.status, 200);
    house.owner().patch(&one, json!({ "role": "auditor" })).await.data();
    assert_eq!(here.get("/api/courses").await.refusal().1, "ability_missing");
    house.owner().delete(&one).await;
    assert_eq!(here.get("/api/courses").await.refusal().0, 401);
    house.settle().await;
    drop(other);
}

#[actix_web::test]
async fn of_two_owners_who_make_each_other_less_one_stays() {
    let house = TestHouse::new().await;
    let (otto, second) = somebody(&house, "otto", Role::Owner).await;
    let owner = house.owner();
    let (first_path, second_path) = (format!("{MEMBERS}/{}", house.school.owner.id), format!("{MEMBERS}/{otto}"));
    let less = json!({ "role": "admin" });
    let (a, b) = join!(owner.patch(&second_path, less.clone()), second.patch(&first_path, less));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    // Whoever comes second finds himself the last, or finds that he is no owner any more.
    assert!(matches!(statuses, [200, 401 | 403 | 409]), "{statuses:?}");
    assert_eq!(house.database.number(OWNERS), 1);
    house.settle().await;
}

#[actix_web::test]
async fn of_many_owners_who_leave_at_once_one_stays() {
    let house = TestHouse::new().await;
    let mut paths = vec![format!("{MEMBERS}/{}", house.school.owner.id)];
    for name in ["otto", "olaf", "ursa"] {
        paths.push(format!("{MEMBERS}/{}", somebody(&house, name, Role::Owner).await.0));
    }
    let (_, keeper) = somebody(&house, "kai", Role::Owner).await;
    let answers = join_all(paths.iter().map(|path| keeper.patch(path, json!({ "status": "deactivated" })))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let me = format!("{MEMBERS}/external_id:kai");
    for answer in [
        keeper.delete(&me).await,
        keeper.patch(&me, json!({ "role": "learner" })).await,
        keeper.patch(&me, json!({ "status": "deactivated" })).await,
    ] {
        assert_eq!(answer.refusal().1, "conflict");
    }
    assert_eq!(house.database.number(OWNERS), 1);
    house.settle().await;
}

const OWNERS: &str = "SELECT count(*) FROM memberships m JOIN institutions i USING (tenant_id)
  WHERE i.external_id = 'home' AND m.role = 'owner' AND m.status = 'active'";

#[actix_web::test]
async fn what_becomes_of_people_is_told_and_written_down() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "email": "ana@school.example", "name": "Ana Lopez", "external_id": "ana" });
    admin.post(MEMBERS, new).await.data();
    let one = format!("{MEMBERS}/external_id:ana");
    for change in [
        json!({ "name": "Ana Ruiz", "email": "ruiz@school.example" }),
        json!({ "role": "support" }),
        json!({ "status": "deactivated" }),
        json!({ "status": "active" }),
        json!({ "status": "active" }),
    ] {
        admin.patch(&one, change).await.data();
    }
    admin.delete(&one).await;
    admin.patch(&one, json!({ "status": "active" })).await.data();
    let told = house.database.rows(
        "SELECT type, revision, data->'member'->'changed' AS changed FROM events
         WHERE object_kind = 'user' AND data->'user'->>'external_id' = 'ana' ORDER BY position, revision, id",
    );
    let told: Vec<(&str, i64, Value)> = told
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event["revision"].as_i64().unwrap(), event["changed"].clone()))
        .collect();
    let expected = [
        ("user.created", 1, Value::Null),
        ("member.added", 1, json!([])),
        ("user.updated", 2, json!(["name", "last_name", "email"])),
        ("member.updated", 3, json!(["role"])),
        ("user.deactivated", 4, json!(["status"])),
        ("member.updated", 5, json!(["status"])),
        ("member.removed", 6, json!(["status"])),
        ("member.added", 7, json!([])),
    ];
    assert_eq!(told, expected);
    let written =
        house.database.rows("SELECT action, before, after FROM audit_log WHERE action LIKE 'member.%' AND actor_kind = 'person' ORDER BY id");
    let actions: Vec<&str> = written.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions.iter().filter(|action| **action == "member.changed").count(), 5);
    let change = &written[1];
    assert_eq!(
        change["after"],
        json!({ "email": "r***@school.example", "full_name": "***", "last_name": "***", "sticky": ["name", "last_name", "email"] })
    );
    assert_eq!(written[2]["before"]["role"], "learner");
    house.settle().await;
}

#[actix_web::test]
async fn somebody_invited_comes_in_by_accepting() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.database.run(
        "UPDATE memberships m SET status = 'invited' FROM users u WHERE u.id = m.user_id AND u.external_id = 'ana'",
    );
    let one = format!("{MEMBERS}/external_id:ana");
    assert_eq!(house.admin().patch(&one, json!({ "status": "active" })).await.refusal().1, "conflict");
    assert_eq!(house.admin().delete(&one).await.status, 204);
    house.settle().await;
}
