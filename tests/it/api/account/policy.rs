//! A second factor that an institution demands of those who keep it.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;

use super::Authenticator;
use crate::support::{TestHouse, callers::Caller, schools::PASSWORD};

fn policy(house: &TestHouse) -> String {
    format!("/api/institutions/{}/sign-in-policy", house.school.tenant)
}

fn demand(yes: bool) -> Value {
    json!({ "require_second_factor": yes })
}

async fn set_up(house: &TestHouse, who: &Caller) -> Authenticator {
    let begun = who.post("/api/auth/second-factor", json!({})).await.expect(StatusCode::CREATED).data();
    let authenticator = Authenticator::of(begun["secret"].as_str().unwrap());
    let otp = json!({ "otp": authenticator.shows(house) });
    who.post("/api/auth/second-factor/confirm", otp).await.expect(StatusCode::OK);
    authenticator
}

#[actix_web::test]
async fn who_has_none_gets_only_the_doors_to_one() {
    let house = TestHouse::new().await;
    let (owner, admin) = (house.owner(), house.admin());
    assert_eq!(owner.put(&policy(&house), demand(true)).await.refusal().1, "second_factor_required", "himself first");
    set_up(&house, &owner).await;
    let set = owner.put(&policy(&house), demand(true)).await.data();
    assert_eq!((&set["people"], &set["without"]), (&json!(2), &json!(1)), "owner and admin");
    house.clock.advance(chrono::TimeDelta::seconds(1));
    for door in ["/api/institutions", "/api/courses", "/api/audit-log", "/courses"] {
        let answer = admin.get(door).await;
        assert_eq!(answer.status, 403, "{door}: {}", answer.text());
        assert!(answer.text().contains("second_factor_required"), "{door}");
    }
    admin.get("/api/auth/me").await.expect(StatusCode::OK);
    admin.get("/api/auth/sessions").await.expect(StatusCode::OK);
    house.learner().get("/api/courses").await.expect(StatusCode::OK);
    house.manager().get("/api/courses").await.expect(StatusCode::OK);
    set_up(&house, &admin).await;
    house.clock.advance(chrono::TimeDelta::seconds(1));
    admin.get("/api/institutions").await.expect(StatusCode::OK);
    assert_eq!(admin.get(&policy(&house)).await.data()["without"], 0);
    owner.put(&policy(&house), demand(false)).await.expect(StatusCode::OK);
    let audited = house
        .database
        .rows("SELECT before, after FROM audit_log WHERE action = 'institution.sign_in_policy_changed' ORDER BY id");
    assert_eq!((audited.len(), &audited[0]["after"]), (2, &demand(true)));
}

#[actix_web::test]
async fn integrations_go_on() {
    let house = TestHouse::new().await;
    let integration = house.token(&[Ability::ContentRead, Ability::InstitutionsWrite]).await;
    integration.put(&policy(&house), demand(true)).await.expect(StatusCode::OK);
    house.clock.advance(chrono::TimeDelta::seconds(1));
    integration.get("/api/courses").await.expect(StatusCode::OK);
    assert_eq!(house.owner().get("/api/courses").await.refusal().1, "second_factor_required");
}

#[actix_web::test]
async fn only_who_keeps_the_institution_decides() {
    let house = TestHouse::new().await;
    assert_eq!(house.manager().put(&policy(&house), demand(true)).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().put(&policy(&house), demand(true)).await.refusal().0, 404);
    assert_eq!(house.owner().get(&policy(&house)).await.data()["require_second_factor"], false);
}

#[actix_web::test]
async fn whoever_lost_it_is_helped_by_somebody_who_may_as_much() {
    let house = TestHouse::new().await;
    let (owner, admin) = (house.owner(), house.admin());
    let of = |person: stoa_core::Id<stoa_core::id::User>| {
        format!("/api/institutions/{}/members/{person}/second-factor", house.school.tenant)
    };
    assert_eq!(owner.delete(&of(house.school.admin.id)).await.refusal().1, "not_found", "there is none");
    set_up(&house, &owner).await;
    set_up(&house, &admin).await;
    assert_eq!(admin.delete(&of(house.school.owner.id)).await.refusal().1, "ability_missing");
    assert_eq!(house.learner().delete(&of(house.school.admin.id)).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().delete(&of(house.school.admin.id)).await.refusal().0, 404);
    owner.delete(&of(house.school.admin.id)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.get("/api/auth/me").await.status, 401, "open sessions have ended");
    let credentials = json!({ "email": "admin@home.example", "password": PASSWORD });
    house.anonymous().post("/api/auth/sign-in", credentials).await.expect(StatusCode::OK);
}
