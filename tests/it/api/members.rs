//! Members of an institution over HTTP.

use actix_web::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::TestHouse;

const MEMBERS: &str = "/api/institutions/external_id:home/members";

#[actix_web::test]
async fn a_member_joins_changes_and_leaves() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "email": " Olga@School.Example ", "name": "Ольга Иванова", "external_id": "s-1", "time_zone": "Asia/Seoul" });
    let made = admin.post(MEMBERS, new).await.expect(StatusCode::CREATED);
    let member = made.data();
    assert_eq!(
        (&member["email"], &member["role"], &member["status"]),
        (&json!("Olga@School.Example"), &json!("learner"), &json!("active"))
    );
    assert_eq!((&member["first_name"], &member["last_name"]), (&json!("Ольга"), &json!("Иванова")));
    let id = member["id"].as_str().unwrap();
    for key in [id, "external_id:s-1", "olga@school.example"] {
        assert_eq!(admin.get(&format!("{MEMBERS}/{key}")).await.data(), member, "{key}");
    }
    let path = format!("{MEMBERS}/{id}");
    assert!(made.header("location").unwrap().ends_with(&format!("/members/{id}")));

    let change = json!({ "name": "Ольга Петрова", "external_id": null, "locale": "ru-ru", "status": "deactivated" });
    let changed = admin.patch(&path, change).await.data();
    assert_eq!((&changed["last_name"], &changed["external_id"]), (&json!("Петрова"), &Value::Null));
    assert_eq!((&changed["locale"], &changed["status"]), (&json!("ru-RU"), &json!("deactivated")));

    admin.delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.delete(&path).await.refusal().0, 404);
    assert_eq!(admin.get(&path).await.data()["status"], "removed");
    assert_eq!(admin.patch(&path, json!({ "status": "active" })).await.data()["status"], "active");
    house.settle().await;
}

#[actix_web::test]
async fn a_new_member_is_announced() {
    let house = TestHouse::new().await;
    let lms = house.receivers.at("https://lms.example/hooks");
    house
        .admin()
        .post("/api/integrations/webhooks", json!({ "url": lms.url(), "events": ["user.created"] }))
        .await
        .data();
    house.admin().post(MEMBERS, json!({ "email": "a@b.example", "name": "A" })).await.data();
    house.admin().post(MEMBERS, json!({ "email": "a@b.example", "name": "A" })).await.refusal();
    house.settle().await;
    assert_eq!(lms.take_types(), ["user.created"]);
}

#[actix_web::test]
async fn addresses_and_external_ids_are_unique_in_an_institution() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "email": "a@b.example", "name": "A", "external_id": "a" });
    admin.post(MEMBERS, new.clone()).await.data();
    for (body, pointer) in [
        (json!({ "email": "A@B.EXAMPLE", "name": "A" }), "/email"),
        (json!({ "email": "b@b.example", "name": "B", "external_id": "a" }), "/external_id"),
    ] {
        let answer = admin.post(MEMBERS, body).await;
        assert_eq!(answer.refusal(), (409, "conflict".into(), vec![pointer.into()]));
        assert_eq!(answer.json()["errors"][0]["code"], "taken");
    }
    let abroad = "/api/institutions/external_id:abroad/members";
    house.stranger().post(abroad, new).await.expect(StatusCode::CREATED);
    house.settle().await;
}

#[actix_web::test]
async fn the_same_person_added_at_once_is_added_once() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "email": "a@b.example", "name": "A" });
    let mut answers: Vec<_> =
        join_all((0..6).map(|_| admin.post(MEMBERS, new.clone()))).await.iter().map(|a| a.status).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409]);
    house.settle().await;
}

#[actix_web::test]
async fn nobody_hands_out_more_than_he_has() {
    let house = TestHouse::new().await;
    let (manager, admin, owner) = (house.manager(), house.admin(), house.owner());
    let of_role = |role: &str| json!({ "email": format!("{role}@b.example"), "name": "A", "role": role, "groups": ["external_id:led"] });
    admin.post("/api/groups", json!({ "name": "Led", "external_id": "led" })).await.data();
    admin.put(&format!("/api/groups/external_id:led/managers/{}", house.school.manager.id), json!({})).await;
    for person in ["home-learner", "home-admin"] {
        admin.put(&format!("/api/groups/external_id:led/members/external_id:{person}"), json!({})).await;
    }
    for (caller, role, status) in [
        (&manager, "learner", 201),
        (&manager, "admin", 403),
        (&admin, "owner", 403),
        (&admin, "admin", 201),
        (&owner, "owner", 201),
    ] {
        assert_eq!(caller.post(MEMBERS, of_role(role)).await.status, status, "{role}");
    }
    let refusal =
        manager.patch(&format!("{MEMBERS}/external_id:home-learner"), json!({ "role": "admin" })).await.refusal();
    assert_eq!(refusal, (403, "ability_missing".into(), vec!["/role".into()]));
    for (caller, above) in [(&manager, "home-admin"), (&admin, "home-owner")] {
        let path = format!("{MEMBERS}/external_id:{above}");
        assert_eq!(caller.patch(&path, json!({ "role": "learner" })).await.refusal().0, 403, "{above}");
        assert_eq!(caller.patch(&path, json!({ "name": "Mallory" })).await.refusal().0, 403, "{above}");
        assert_eq!(caller.delete(&path).await.refusal().0, 403, "{above}");
    }
    let integration = house.token(&[Ability::MembersWrite, Ability::ContentRead]).await;
    assert_eq!(integration.post(MEMBERS, of_role("support")).await.refusal().0, 403);
    house.settle().await;
}

#[actix_web::test]
async fn an_institution_keeps_an_owner() {
    let house = TestHouse::new().await;
    let owner = house.owner();
    let me = format!("{MEMBERS}/{}", house.school.owner.id);
    for answer in [
        owner.delete(&me).await,
        owner.patch(&me, json!({ "role": "admin" })).await,
        owner.patch(&me, json!({ "status": "deactivated" })).await,
    ] {
        assert_eq!(answer.refusal().1, "conflict");
    }
    let second = json!({ "email": "second@b.example", "name": "Second", "role": "owner" });
    let second = format!("{MEMBERS}/{}", owner.post(MEMBERS, second).await.data()["id"].as_str().unwrap());
    let (first, second) = futures::join!(owner.delete(&me), owner.delete(&second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    // Whoever leaves first may lose the session before the other is asked.
    assert!(matches!(statuses, [204, 409 | 401]), "{statuses:?}");
    assert_eq!(house.database.number(&owners(&house)), 1);
    house.settle().await;
}

fn owners(house: &TestHouse) -> String {
    let tenant = house.school.tenant.uuid();
    format!("SELECT count(*) FROM memberships WHERE role = 'owner' AND status = 'active' AND tenant_id = '{tenant}'")
}

#[actix_web::test]
async fn lists_are_filtered() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben", "eva"]).await;
    let admin = house.admin();
    house.clock.advance(chrono::TimeDelta::hours(1));
    admin.delete(&format!("{MEMBERS}/external_id:ben")).await.expect(StatusCode::NO_CONTENT);
    for (query, total) in [
        ("", 6),
        ("role=learner", 3),
        ("q=ANA", 1),
        ("q=home-own", 1),
        ("status=removed", 1),
        ("status=invited", 0),
        ("updated_since=2026-11-21T10:00:00Z", 1),
    ] {
        assert_eq!(admin.get(&format!("{MEMBERS}?{query}")).await.json()["meta"]["total"], total, "{query}");
    }
    assert_eq!(admin.get(&format!("{MEMBERS}?role=teacher")).await.refusal().2, ["?role"]);
    house.settle().await;
}

#[actix_web::test]
async fn bad_members_are_refused() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (body, pointers) in [
        (json!({}), vec!["/email"]),
        (json!({ "email": "nobody", "name": "A" }), vec!["/email"]),
        (json!({ "email": "a@b.example" }), vec!["/name"]),
        (json!({ "email": "a@b.example", "name": "\u{1b}[31m" }), vec!["/name"]),
        (json!({ "email": "a@b.example", "name": "A", "role": "god" }), vec!["/role"]),
        (json!({ "email": "a@b.example", "name": "A", "time_zone": "Mars/Olympus" }), vec!["/time_zone"]),
        (json!({ "email": "a@b.example", "name": "A", "locale": "klingon" }), vec!["/locale"]),
        (json!({ "email": "a@b.example", "name": "A", "password": "x" }), vec!["/password"]),
        (json!({ "email": "@", "name": "", "external_id": "" }), vec!["/email", "/name", "/external_id"]),
    ] {
        let (status, _, found) = admin.post(MEMBERS, body.clone()).await.refusal();
        assert_eq!((status, found), (422, pointers.iter().map(|p| (*p).to_owned()).collect()), "{body}");
    }
    let status = json!({ "status": "removed" });
    assert_eq!(admin.patch(&format!("{MEMBERS}/external_id:home-learner"), status).await.refusal().2, ["/status"]);
}

#[actix_web::test]
async fn another_institutions_members_do_not_exist() {
    let house = TestHouse::new().await;
    let (stranger, admin) = (house.stranger(), house.admin());
    let id = house.school.learner.id;
    let foreign = [format!("/api/institutions/external_id:abroad/members/{id}"), format!("{MEMBERS}/{id}")];
    for path in &foreign {
        assert_eq!(stranger.get(path).await.refusal().0, 404, "{path}");
        assert_eq!(stranger.patch(path, json!({ "name": "Mine" })).await.refusal().0, 404, "{path}");
        assert_eq!(stranger.delete(path).await.refusal().0, 404, "{path}");
    }
    assert_eq!(stranger.post(MEMBERS, json!({ "email": "a@b.example", "name": "A" })).await.refusal().0, 404);
    let abroad = "/api/institutions/external_id:abroad/members";
    assert_eq!(
        admin.get(abroad).await.refusal(),
        admin.get("/api/institutions/external_id:nowhere/members").await.refusal()
    );
    assert_eq!(admin.get(&format!("/api/institutions/{}/members", house.school.number)).await.status, 200);
}
