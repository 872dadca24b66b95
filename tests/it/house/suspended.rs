//! Sweeps over all doors for an institution that is suspended: each refuses, in the words of its surface, and changes
//! nothing; its neighbours notice nothing.

use chrono::TimeDelta;
use serde_json::json;
use stoa_core::{Ability, Code, staff::StaffRole};

use super::world::{World, fingerprint, guarded, knock, refused};
use crate::support::{TestHouse, schools::PASSWORD};

/// The doors that an institution whose doors are shut may still pass. May only shrink, or grow with a reason.
const OPEN: [(&str, &str); 1] = [
    // So that it learns what it is.
    ("GET", "/api/auth/me"),
];
/// A token is believed so long.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(500);

async fn suspend(house: &TestHouse) {
    let operator = house.staff("olga", StaffRole::Operator).await;
    let path = format!("/api/institutions/{}/suspend", house.school.tenant);
    operator.post(&path, json!({ "reason": "the invoice is open" })).await.data();
}

#[actix_web::test]
async fn every_door_refuses() {
    let world = World::new().await;
    let house = &world.house;
    let integration = house.token(Ability::ALL).await;
    suspend(house).await;
    house.clock.advance(BELIEVED);
    let before = fingerprint(house);
    for door in guarded() {
        let path = world.path(&door);
        for caller in [house.owner(), integration.clone()] {
            let answer = knock(&caller, &door, &path).await;
            if OPEN.contains(&(door.method.as_str(), door.path)) {
                assert_eq!(answer.status, 200, "{}: {}", door.path, answer.text());
                assert_eq!(answer.data()["institution"]["status"], "suspended");
            } else {
                refused(&door, &answer, Code::TenantSuspended, None);
            }
        }
    }
    assert_eq!(fingerprint(house), before);
    house.settle().await;
}

#[actix_web::test]
async fn nobody_comes_in_without_a_token_either() {
    let world = World::new().await;
    let house = &world.house;
    let made = house
        .admin()
        .post("/api/integrations/applications", json!({ "name": "bot", "scopes": ["content:read"] }))
        .await;
    let made = made.data();
    let wanted = json!({
        "grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["client_secret"],
    });
    let sign_in = json!({ "email": "admin@home.example", "password": PASSWORD });
    assert_eq!(house.anonymous().post("/oauth/token", wanted.clone()).await.status, 200);
    assert_eq!(house.anonymous().post("/api/auth/sign-in", sign_in.clone()).await.status, 200);
    suspend(house).await;
    let refused = house.anonymous().post("/oauth/token", wanted).await;
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("tenant_suspended")));
    let refused = house.anonymous().post("/api/auth/sign-in", sign_in.clone()).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (403, "tenant_suspended"));
    let wrong = json!({ "email": "admin@home.example", "password": "wrong horse battery" });
    assert_eq!(house.anonymous().post("/api/auth/sign-in", wrong).await.refusal().1, "invalid_credentials");
    let catalogue = house.anonymous().get("/api/public/courses?institution=home").await;
    assert_eq!(catalogue.status, 404, "{}", catalogue.text());
    house.settle().await;
}

#[actix_web::test]
async fn neighbours_and_the_staff_notice_nothing() {
    let world = World::new().await;
    let house = &world.house;
    suspend(house).await;
    house.clock.advance(BELIEVED);
    assert_eq!(house.stranger().get("/api/courses").await.status, 200);
    let operator = house.staff("otto", StaffRole::Operator).await;
    for path in ["/api/institutions", "/api/support/subscription-requests"] {
        assert_eq!(operator.get(path).await.status, 200, "{path}");
    }
    let own = format!("/api/institutions/{}", house.school.tenant);
    assert_eq!(operator.patch(&own, json!({ "plan": "small" })).await.data()["plan"], "small");
    house.settle().await;
}
