//! Inviting people over HTTP, as an admin does it.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{
    Ability,
    members::invitations::{Inviting, invite_all},
};
use stoa_jobs::mail::promise_invitations;

use super::token_in;
use crate::support::{TestHouse, callers::Caller};

fn invitations(house: &TestHouse) -> String {
    format!("/api/institutions/{}/invitations", house.school.tenant)
}

async fn invite(house: &TestHouse, by: &Caller, body: Value) -> Value {
    by.post(&invitations(house), body).await.expect(StatusCode::CREATED).data()
}

fn olga() -> Value {
    json!({ "email": "Olga@home.example", "name": "Ольга Иванова", "locale": "ru" })
}

#[actix_web::test]
async fn an_invitation_is_a_letter_a_member_and_a_row() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let group = admin.post("/api/groups", json!({ "name": "Evening" })).await.data();
    let mut body = olga();
    body["groups"] = json!([group["id"]]);
    let made = admin.post(&invitations(&house), body).await.expect(StatusCode::CREATED);
    let location = made.header("location").unwrap().to_owned();
    let made = made.data();
    assert!(location.ends_with(made["id"].as_str().unwrap()), "{location}");
    assert_eq!((&made["status"], &made["role"], &made["sends"]), (&json!("pending"), &json!("learner"), &json!(1)));
    assert_eq!((&made["sent_at"], &made["expires_at"]), (&Value::Null, &json!("2026-12-05T09:00:00Z")));
    assert_eq!(made["invited_by"], house.school.admin.id.to_string());
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.address, "Olga@home.example");
    assert!(token_in(&letters[0]).starts_with("stoa_v_"));
    assert_eq!(letters[0].language, "ru");
    let shown = admin.get(&format!("{}/{}", invitations(&house), made["id"].as_str().unwrap())).await.data();
    assert_eq!(shown["sent_at"], "2026-11-21T09:00:00Z");
    let member = format!("/api/institutions/{}/members/olga@home.example", house.school.tenant);
    let member = admin.get(&member).await.data();
    assert_eq!((&member["status"], &member["provisioned_by"]), (&json!("invited"), &json!("invitation")));
    assert_eq!((&member["joined_at"], &member["invited_at"]), (&Value::Null, &json!("2026-11-21T09:00:00Z")));
    assert_eq!(house.database.number("SELECT count(*) FROM group_members"), 1);
}

#[actix_web::test]
async fn the_secret_is_in_the_letter_alone() {
    let house = TestHouse::new().await;
    let made = invite(&house, &house.admin(), olga()).await;
    assert!(!made.to_string().contains("stoa_v_"), "{made}");
    let payload = house.database.value("SELECT jsonb_agg(payload) FROM queue_jobs").to_string();
    assert!(!payload.contains("stoa_v_") && !payload.contains("home.example"), "{payload}");
    let sealed = house.database.value("SELECT encode(secret, 'escape') FROM invitations").to_string();
    assert!(!sealed.contains("stoa_v_") && sealed.len() > 80, "sealed until it has left");
    house.settle().await;
    assert_eq!(house.database.value("SELECT to_jsonb(secret) FROM invitations"), Value::Null, "forgotten since");
    let token = token_in(&house.take_letters()[0]);
    let audited = house.database.value("SELECT jsonb_agg(to_jsonb(a)) FROM audit_log a").to_string();
    assert!(!audited.contains(&token) && audited.contains("O***@home.example"), "{audited}");
}

#[actix_web::test]
async fn nobody_invites_to_more_than_he_has() {
    let house = TestHouse::new().await;
    let owner = json!({ "email": "boss@home.example", "role": "owner" });
    let refused = house.admin().post(&invitations(&house), owner.clone()).await;
    assert_eq!(refused.refusal(), (403, "ability_missing".into(), vec!["/role".into()]));
    assert_eq!(house.learner().post(&invitations(&house), olga()).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().post(&invitations(&house), olga()).await.refusal().0, 404);
    let made = invite(&house, &house.owner(), owner).await;
    let one = format!("{}/{}", invitations(&house), made["id"].as_str().unwrap());
    assert_eq!(house.admin().post(&format!("{one}/resend"), json!({})).await.refusal().1, "ability_missing");
    assert_eq!(house.admin().delete(&one).await.refusal().1, "ability_missing");
    let integration = house.token(&[Ability::MembersWrite, Ability::ContentRead]).await;
    let by_token = invite(&house, &integration, olga()).await;
    assert_eq!(by_token["invited_by"], Value::Null);
    house.settle().await;
}

#[actix_web::test]
async fn what_is_wrong_is_said_and_nothing_is_done() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let body = json!({ "email": "nobody", "name": " ", "locale": "??", "groups": ["grp_nothing"] });
    let (status, code, pointers) = admin.post(&invitations(&house), body).await.refusal();
    assert_eq!((status, code.as_str()), (422, "validation_failed"));
    assert_eq!(pointers, ["/email", "/name", "/locale"]);
    let body = json!({ "email": "olga@home.example", "groups": ["external_id:none"] });
    let (_, code, pointers) = admin.post(&invitations(&house), body).await.refusal();
    assert_eq!((code.as_str(), pointers), ("validation_failed", vec!["/groups/0".to_owned()]));
    let member = json!({ "email": "LEARNER@home.example" });
    assert_eq!(admin.post(&invitations(&house), member).await.refusal().1, "already_member");
    let learner = format!("/api/institutions/{}/members/{}", house.school.tenant, house.school.learner.id);
    admin.patch(&learner, json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    let member = json!({ "email": "learner@home.example" });
    assert_eq!(admin.post(&invitations(&house), member).await.refusal().1, "conflict");
    house.settle().await;
    assert!(house.take_letters().is_empty());
    assert_eq!(house.database.number("SELECT count(*) FROM invitations"), 0);
}

#[actix_web::test]
async fn seats_are_taken_by_those_who_are_asked() {
    let house = TestHouse::new().await;
    house.database.run("UPDATE institutions SET seats_total = 5 WHERE external_id = 'home'");
    let made = invite(&house, &house.admin(), olga()).await;
    let other = json!({ "email": "ivan@home.example" });
    let (status, code, _) = house.admin().post(&invitations(&house), other.clone()).await.refusal();
    assert_eq!((status, code.as_str()), (409, "seats_exceeded"));
    let one = format!("{}/{}", invitations(&house), made["id"].as_str().unwrap());
    house.admin().delete(&one).await.expect(StatusCode::NO_CONTENT);
    invite(&house, &house.admin(), other).await;
    house.settle().await;
}

#[actix_web::test]
async fn asked_again_is_another_letter_and_the_old_one_is_dead() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let made = invite(&house, &admin, olga()).await;
    house.settle().await;
    let old = token_in(&house.take_letters()[0]);
    house.clock.advance(TimeDelta::hours(1));
    let one = format!("{}/{}", invitations(&house), made["id"].as_str().unwrap());
    let resent = admin.post(&format!("{one}/resend"), json!({})).await.expect(StatusCode::OK).data();
    assert_eq!((&resent["sends"], &resent["expires_at"]), (&json!(2), &json!("2026-12-05T10:00:00Z")));
    let again = invite(&house, &admin, json!({ "email": "olga@home.example", "role": "manager" })).await;
    assert_eq!((&again["id"], &again["role"], &again["sends"]), (&made["id"], &json!("manager"), &json!(3)));
    assert_eq!(again["name"], "Ольга Иванова", "what is left out stays");
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1, "of two that wait, the newer one is sent");
    let preview = |token: String| {
        house
            .anonymous()
            .request(actix_web::http::Method::POST, "/api/invitations/preview")
            .json(&json!({ "token": token }))
            .send()
    };
    assert_eq!(preview(old).await.refusal().1, "invitation_not_found");
    preview(token_in(&letters[0])).await.expect(StatusCode::OK);
    let (status, code, _) = admin.post(&format!("{one}/resend"), json!({})).await.refusal();
    assert_eq!((status, code.as_str()), (429, "rate_limited"), "three a day are enough");
    house.clock.advance(TimeDelta::days(1));
    admin.post(&format!("{one}/resend"), json!({})).await.expect(StatusCode::OK);
    house.settle().await;
}

#[actix_web::test]
async fn what_is_taken_back_is_over_and_can_be_made_anew() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let made = invite(&house, &admin, olga()).await;
    house.settle().await;
    let old = token_in(&house.take_letters()[0]);
    let one = format!("{}/{}", invitations(&house), made["id"].as_str().unwrap());
    for _ in 0..2 {
        admin.delete(&one).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(admin.get(&one).await.data()["status"], "revoked");
    assert_eq!(admin.post(&format!("{one}/resend"), json!({})).await.refusal().1, "invitation_revoked");
    let preview = house.anonymous().post("/api/invitations/preview", json!({ "token": old })).await;
    assert_eq!(preview.refusal().1, "invitation_revoked");
    let member = format!("/api/institutions/{}/members/olga@home.example", house.school.tenant);
    assert_eq!(admin.get(&member).await.data()["status"], "removed");
    let anew = invite(&house, &admin, olga()).await;
    assert_ne!(anew["id"], made["id"]);
    assert_eq!(anew["user_id"], made["user_id"], "whoever left comes back as the same person");
    assert_eq!(admin.get(&member).await.data()["status"], "invited");
    house.settle().await;
    let actions =
        house.database.value("SELECT jsonb_agg(action ORDER BY id) FROM audit_log WHERE action LIKE 'invitation.%'");
    assert_eq!(actions, json!(["invitation.created", "invitation.revoked", "invitation.created"]));
}

#[actix_web::test]
async fn lists_tell_them_apart() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for name in ["ana", "ben", "eva"] {
        invite(&house, &admin, json!({ "email": format!("{name}@home.example") })).await;
    }
    let list = |query: &str| {
        let (path, admin) = (format!("{}?{query}", invitations(&house)), house.admin());
        async move { admin.get(&path).await.json() }
    };
    let all = list("per_page=2").await;
    assert_eq!((all["data"].as_array().unwrap().len(), &all["meta"]["total"]), (2, &json!(3)));
    assert_eq!(all["data"][0]["email"], "eva@home.example", "the newest first");
    let one = all["data"][0]["id"].as_str().unwrap().to_owned();
    admin.delete(&format!("{}/{one}", invitations(&house))).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(list("status=revoked").await["meta"]["total"], 1);
    assert_eq!(list("status=pending").await["meta"]["total"], 2);
    assert_eq!(list("email=ANA@home.example").await["meta"]["total"], 1);
    house.clock.advance(TimeDelta::days(14));
    assert_eq!(list("status=expired").await["meta"]["total"], 2);
    assert_eq!(list("status=pending").await["meta"]["total"], 0);
    let (status, code, _) = admin.get(&format!("{}?status=lost", invitations(&house))).await.refusal();
    assert_eq!((status, code.as_str()), (422, "validation_failed"));
    house.settle().await;
    assert!(house.take_letters().is_empty(), "a letter that nobody could use any more is not sent");
}

#[actix_web::test]
async fn a_manager_invites_into_the_own_groups_and_sees_those_alone() {
    let house = TestHouse::new().await;
    let (admin, manager) = (house.admin(), house.manager());
    let group = admin.post("/api/groups", json!({ "name": "Evening" })).await.data();
    let group = group["id"].as_str().unwrap();
    let leads = format!("/api/groups/{group}/managers/{}", house.school.manager.id);
    admin.put(&leads, json!({})).await;
    let (_, code, pointers) = manager.post(&invitations(&house), olga()).await.refusal();
    assert_eq!((code.as_str(), pointers), ("validation_failed", vec!["/groups".to_owned()]));
    let mine = invite(&house, &manager, json!({ "email": "ana@home.example", "groups": [group] })).await;
    let theirs = invite(&house, &admin, olga()).await;
    let listed = manager.get(&invitations(&house)).await.data();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], mine["id"]);
    let other = format!("{}/{}", invitations(&house), theirs["id"].as_str().unwrap());
    assert_eq!(manager.get(&other).await.refusal().0, 404);
    assert_eq!(manager.delete(&other).await.refusal().0, 404);
    house.settle().await;
}

#[actix_web::test]
async fn many_are_asked_at_once() {
    let house = TestHouse::new().await;
    let people: Vec<_> = house.learners(&["ana", "ben", "eva"]).await.into_iter().map(|learner| learner.id).collect();
    house
        .database
        .run("UPDATE memberships SET status = 'invited' FROM users u WHERE u.id = user_id AND u.name LIKE 'ana%'");
    house
        .database
        .run("UPDATE memberships SET status = 'invited' FROM users u WHERE u.id = user_id AND u.name LIKE 'ben%'");
    let rules = house.node.app.settings.accounts.invitations;
    let inviting = Inviting { sealer: &house.node.app.sealer, rules, by: None };
    for round in 1..=4 {
        let mut tx = house.tx().await;
        let asked = invite_all(&mut tx, inviting, &people).await.unwrap();
        promise_invitations(&mut tx, house.school.tenant, &asked).await.unwrap();
        tx.commit().await.unwrap();
        let users: Vec<_> = asked.iter().map(|one| (one.user, one.sends)).collect();
        match round {
            // Who is active is not asked; who got three letters today gets no fourth.
            1..=3 => assert_eq!(users, [(people[0], round), (people[1], round)]),
            _ => assert_eq!(users, []),
        }
    }
    house.settle().await;
    assert_eq!(house.take_letters().len(), 2, "the newest letter of each");
}
