//! Sweeps over the doors of the platform's staff: no institution's token passes them, and no staff token any other.

use actix_web::http::Method;
use serde_json::Value;
use stoa_core::{Ability, staff::StaffRole};
use stoa_http::doors::{Access, Door};

use super::world::{World, guarded, knock, staffed};
use crate::support::{TestHouse, callers::Caller};

/// A staff token as nobody has one, with a checksum that is none.
const MADE_UP: &str = "stoa_p_00000000000000000000000000000000000000";

/// The path of a staff door that leads to what is there, or to nothing.
fn path(world: &World, door: &Door, is_there: bool) -> String {
    let nothing = |prefix: &str| format!("{prefix}_{:026}", 1);
    door.path_with(|part| match (part, is_there) {
        ("institution" | "id", true) => world.id("institutions").to_owned(),
        ("institution" | "id", false) => nothing("inst"),
        ("subscription_request", true) => world.id("subscription-requests").to_owned(),
        ("subscription_request", false) => nothing("srq"),
        ("course", true) => world.id("courses").to_owned(),
        ("course", false) => nothing("crs"),
        ("table", _) => "users".to_owned(),
        // The world's own is the institution's, which is none of support's.
        ("subscription", _) => nothing("sub"),
        (part, _) => panic!("the world has no {part}"),
    })
}

async fn is_refused(world: &World, caller: &Caller, door: &Door) {
    let answer = knock(caller, door, &path(world, door, true)).await;
    let (status, code, _) = answer.refusal();
    assert_eq!((status, code.as_str()), (401, "unauthenticated"), "{} {}", door.method, door.path);
    assert!(answer.header("www-authenticate").is_some(), "{} {}", door.method, door.path);
}

#[actix_web::test]
async fn no_institutions_token_passes() {
    let world = World::new().await;
    let house = &world.house;
    let everything = house.token(Ability::ALL).await;
    let before = world.fingerprint();
    let callers = [
        house.anonymous(),
        house.caller(Some(MADE_UP)),
        house.owner(),
        house.admin(),
        house.learner(),
        house.stranger(),
        everything,
    ];
    assert!(staffed().len() > 5);
    for door in staffed() {
        for caller in &callers {
            is_refused(&world, caller, &door).await;
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn no_staff_token_passes_an_institutions_door() {
    let world = World::new().await;
    let before = world.fingerprint();
    for role in StaffRole::ALL {
        let staff = world.house.staff(role.as_str(), role).await;
        for door in guarded().iter().filter(|door| door.access.role().is_none()) {
            let answer = knock(&staff, door, &world.path(door)).await;
            assert_eq!(answer.status, 401, "{role:?} at {} {}: {}", door.method, door.path, answer.text());
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn staff_pass_by_their_role() {
    let world = World::new().await;
    let mut staff = Vec::new();
    for role in StaffRole::ALL {
        staff.push((role, world.house.staff(role.as_str(), role).await));
    }
    // So that there is an export to look at.
    let operator = &staff.last().expect("an operator").1;
    let export = format!("/api/institutions/{}/export", world.id("institutions"));
    operator.request(Method::POST, &export).send().await.data();
    world.house.settle().await;
    for door in staffed().iter().filter(|door| door.method == Method::GET && !door.path.ends_with("{subscription}")) {
        let path = path(&world, door, true);
        for (role, caller) in &staff {
            let answer = caller.get(&path).await;
            if door.access == Access::AnyStaff || door.access.role().is_some_and(|wanted| role.covers(wanted)) {
                assert_eq!(answer.status, 200, "{role:?} at {path}: {}", answer.text());
            } else {
                let (status, code, _) = answer.refusal();
                assert_eq!((status, code.as_str()), (403, "ability_missing"), "{role:?} at {path}");
            }
        }
    }
}

/// A door of both: the staff passes by its role and an institution by its ability, and neither by the other's.
#[actix_web::test]
async fn a_door_of_both_lets_each_pass_by_his_own() {
    let world = World::new().await;
    let both: Vec<Door> = guarded().into_iter().filter(|door| door.access.role().is_some()).collect();
    assert!(both.len() >= 3, "{}", both.len());
    for role in StaffRole::ALL {
        let staff = world.house.staff(role.as_str(), role).await;
        for door in &both {
            let answer = knock(&staff, door, &world.path(door)).await;
            let wanted = door.access.role().expect("a role");
            match role {
                _ if !role.covers(wanted) => assert_eq!(answer.refusal().0, 403, "{role:?} at {}", door.path),
                // A reseller looks after none of the world's.
                StaffRole::Reseller if door.path.contains('{') => assert_eq!(answer.refusal().0, 404, "{}", door.path),
                _ => assert_eq!(answer.status, 200, "{role:?} at {} {}: {}", door.method, door.path, answer.text()),
            }
        }
    }
    world.house.settle().await;
}

#[actix_web::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let before = world.fingerprint();
    let operator = world.house.staff("olga", StaffRole::Operator).await;
    for door in staffed().iter().filter(|door| door.path.contains('{')) {
        let answer = knock(&operator, door, &path(&world, door, false)).await;
        let (status, code, _) = answer.refusal();
        assert_eq!((status, code.as_str()), (404, "not_found"), "{} {}", door.method, door.path);
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn tokens_end_by_time_and_by_word() {
    let house = TestHouse::new().await;
    let queue = "/api/support/subscription-requests";
    let vera = house.staff("vera", StaffRole::Support).await;
    assert_eq!(vera.get(queue).await.status, 200);
    let used = house.database.value("SELECT last_used_at FROM staff");
    assert_eq!(used, Value::String("2026-11-21T09:00:00+00:00".to_owned()));
    house.clock.advance(chrono::TimeDelta::days(90));
    let (status, code, _) = vera.get(queue).await.refusal();
    assert_eq!((status, code.as_str()), (401, "token_expired"));
    let kept = house.database.value("SELECT last_used_at FROM staff");
    assert_eq!(kept, used, "a token that has expired is not used");

    let olga = house.staff("olga", StaffRole::Operator).await;
    let listed = olga.get("/api/support/staff").await.data();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(listed[0]["status"], "expired");
    house.revoke_staff(ids[1]).await;
    let (status, code, _) = olga.get("/api/support/staff").await.refusal();
    assert_eq!((status, code.as_str()), (401, "unauthenticated"));
    let text = house.database.value("SELECT string_agg(s::text, '') FROM staff s").to_string();
    assert!(!text.contains("stoa_p_"), "only the hash is kept");
}
