//! Sweeps over all doors of the public listener: whoever has no business there learns nothing and changes nothing.

use std::collections::{HashMap, hash_map::Entry};

use actix_web::http::Method;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Role};
use stoa_http::doors::Access;

use super::world::{PUBLIC, World, guarded, knock, refused};
use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

/// What nobody of the world has, so that a sweep may erase people.
const LACKING: [&str; 1] = ["/api/users/{id}/legal-hold"];
/// What a manager sees of his own making alone.
const OWN_OF_MANAGERS: [&str; 3] = ["/imports/", "/api/reports/", "/exports/"];
/// Everybody reads his own there; what the world has is somebody else's.
const OF_OTHERS: [(&str, Ability); 2] =
    [("/api/cefr/documents/{document}", Ability::CefrRead), ("/api/users/{id}/data-export", Ability::PrivacyManage)];
/// A token as nobody has one: well-formed, of no institution.
const MADE_UP: &str = "stoa_i_000000000000000000000000000000000000000000000000000000000000000";

#[actix_web::test]
async fn doors_are_covered() {
    let world = World::new().await;
    let doors = stoa_http::doors();
    let open: Vec<_> = doors.list().iter().filter(|door| door.access == Access::Public).collect();
    let open: Vec<(&str, &str)> = open.iter().map(|door| (door.method.as_str(), door.path)).collect();
    for door in &open {
        assert!(PUBLIC.contains(door), "{door:?} lets anybody pass; if it must, list it in PUBLIC");
    }
    assert_eq!(open.len(), PUBLIC.len(), "PUBLIC lists doors that are not there: {open:?}");
    for door in guarded() {
        // Fails for a path to something that the sweeps do not know.
        let path = world.path(&door);
        if door.method == Method::GET {
            let answer = world.house.owner().get(&path).await;
            let expected = if LACKING.contains(&door.path) { 404 } else { 200 };
            assert_eq!(answer.status, expected, "{} {}: {}", door.method, path, answer.text());
        }
    }
}

#[actix_web::test]
async fn anonymous_gets_401() {
    let world = World::new().await;
    let before = world.fingerprint();
    let house = &world.house;
    for door in guarded() {
        let path = world.path(&door);
        for caller in [house.anonymous(), house.caller(Some(MADE_UP)), house.caller(Some("Bearer"))] {
            let answer = knock(&caller, &door, &path).await;
            refused(&door, &answer, Code::Unauthenticated, None);
            assert!(answer.header("www-authenticate").is_some(), "{} {}", door.method, door.path);
        }
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn strangers_get_404() {
    let world = World::new().await;
    let before = world.fingerprint();
    let stranger = world.house.stranger();
    for door in guarded().iter().filter(|door| door.path.contains('{')) {
        let answer = knock(&stranger, door, &world.path(door)).await;
        assert_eq!(answer.status, 404, "{} {}: {}", door.method, door.path, answer.text());
        // What is somebody else's looks like what was never there.
        let nowhere = knock(&stranger, door, &world.path_to_nothing(door)).await;
        assert_eq!(words(&answer), words(&nowhere), "{} {}", door.method, door.path);
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn strangers_find_nothing_in_lists() {
    let world = World::new().await;
    for door in guarded().iter().filter(|door| door.method == Method::GET && !door.path.contains('{')) {
        let answer = knock(&world.house.stranger(), door, door.path).await;
        assert_eq!(answer.status, 200, "{}: {}", door.path, answer.text());
        for id in world.ids() {
            assert!(!answer.text().contains(id), "{} shows a stranger {id}", door.path);
        }
    }
}

/// An id in a body is as foreign as one in a path: the answer is that of an id that was never there.
#[actix_web::test]
async fn strangers_point_at_nothing() {
    let world = World::new().await;
    let before = world.fingerprint();
    let stranger = world.house.stranger();
    let pointing = |course: &str, lesson: &str, training: &str, user: &str| {
        [
            ("/api/courses", json!({ "title": "Mine", "prerequisite_ids": [course] })),
            ("/api/courses", json!({ "title": "Mine", "instructor_ids": [user] })),
            ("/api/lessons", json!({ "title": "Mine", "course_id": course })),
            ("/api/trainings", json!({ "title": "Mine", "lesson_id": lesson })),
            ("/api/trainingItems", json!({ "title": "Mine", "type": "quiz", "training_id": training })),
            (
                "/api/integrations/webhooks",
                json!({
                    "url": "https://mine.example", "events": ["*"], "scope": { "courses": [course], "lessons": [lesson] },
                }),
            ),
        ]
    };
    let there = pointing(world.id("courses"), world.id("lessons"), world.id("trainings"), world.id("members"));
    let nowhere = pointing(
        "crs_00000000000000000000000001",
        "lsn_00000000000000000000000001",
        "trn_00000000000000000000000001",
        "usr_00000000000000000000000001",
    );
    for ((path, foreign), (_, unknown)) in there.into_iter().zip(nowhere) {
        let answer = stranger.post(path, foreign).await;
        assert_eq!(answer.refusal().0, 422, "{path}: {}", answer.text());
        assert_eq!(words(&answer), words(&stranger.post(path, unknown).await), "{path}");
    }
    assert_eq!(world.fingerprint(), before);
}

#[actix_web::test]
async fn weak_tokens_get_403() {
    let world = World::new().await;
    let before = world.fingerprint();
    let mut tokens: HashMap<Ability, Caller> = HashMap::new();
    for door in guarded() {
        let Some(ability) = door.access.ability() else { continue };
        let others: Vec<Ability> = Ability::ALL.iter().copied().filter(|other| *other != ability).collect();
        let token = match tokens.entry(ability) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(missing) => missing.insert(world.house.token(&others).await),
        };
        let answer = knock(token, &door, &world.path(&door)).await;
        refused(&door, &answer, Code::AbilityMissing, None);
        assert!(answer.text().contains(ability.as_str()), "{} {} does not say which", door.method, door.path);
    }
    let changed = differing(&before, &world.fingerprint());
    assert_eq!(
        changed,
        ["audit_log", "events", "outbox", "tokens"],
        "the tokens of this test, and what is told of them"
    );
}

/// The other side of the sweep: one ability is enough, so each door asks for the one that it names.
#[actix_web::test]
async fn one_ability_is_enough() {
    let world = World::new().await;
    for door in guarded() {
        let Some(ability) = door.access.ability() else { continue };
        let caller = world.house.token(&[ability]).await;
        let answer = knock(&caller, &door, &world.path(&door)).await;
        // Nobody gives what he has not: that is another refusal, and a right one.
        let gives = answer.status == 403 && answer.text().contains("role");
        // Whoever has figures sent or written to a file needs to be one who may read them.
        let reads = answer.status == 403
            && ["/api/reports", "/api/integrations/exports"].iter().any(|root| door.path.starts_with(root));
        assert!(
            gives || reads || ![401, 403].contains(&answer.status),
            "{} {}: {}",
            door.method,
            door.path,
            answer.text()
        );
        assert!(answer.status < 500, "{} {}: {}", door.method, door.path, answer.text());
    }
    world.house.settle().await;
}

/// A session may do what its person's role may: an owner passes every door, a learner few.
#[actix_web::test]
async fn sessions_pass_by_their_role() {
    let world = World::new().await;
    let house = &world.house;
    let people = [
        (Role::Owner, house.owner()),
        (Role::Admin, house.admin()),
        (Role::Manager, house.manager()),
        (Role::Learner, house.learner()),
    ];
    for door in guarded().iter().filter(|door| door.method == Method::GET) {
        for (role, caller) in &people {
            let ability = door.access.ability().or_else(|| {
                OF_OTHERS.into_iter().find_map(|(root, needs)| door.path.starts_with(root).then_some(needs))
            });
            let may = ability.is_none_or(|ability| role.abilities().contains(&ability));
            let answer = caller.get(&world.path(door)).await;
            // A file of people speaks of the whole institution, of which a manager sees a part.
            let is_manager = *role == Role::Manager;
            let unseen = is_manager && OWN_OF_MANAGERS.iter().any(|part| door.path.contains(part));
            let unseen = unseen || LACKING.contains(&door.path);
            let expected = if !may {
                403
            } else if unseen {
                404
            } else {
                200
            };
            assert_eq!(answer.status, expected, "{role:?} at {}: {}", door.path, answer.text());
            assert!(may || *role != Role::Owner, "an owner may not pass {}", door.path);
        }
    }
}

/// The operator's listener is another one: none of its doors is found here.
#[actix_web::test]
async fn operators_doors_are_elsewhere() {
    let house = TestHouse::new().await;
    for door in stoa_http::ops::doors().list() {
        assert_eq!(house.owner().get(door.path).await.refusal().0, 404, "{}", door.path);
    }
}

/// What a refusal says, without what names this request.
fn words(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem["instance"] = Value::Null;
    problem
}

fn differing(before: &Value, after: &Value) -> Vec<String> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { panic!("fingerprints are objects") };
    after.iter().filter(|(table, print)| before[*table] != **print).map(|(table, _)| table.clone()).collect()
}
