//! Somebody with the role of a manager sees the people of the groups that he leads, and nobody else, at every door.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa_core::{Id, Role, id};
use stoa_http::doors::Access;
use stoa_protocols::event::ItemKind;

use super::{MEMBERS, group, lead, somebody};
use crate::support::{TestHouse, builders::BuiltCourse, callers::Caller};

/// Names of the people of the manager's group, and of others.
const OURS: [&str; 2] = ["ana", "ben"];
const THEIRS: [&str; 2] = ["eva", "zoe"];

struct Led {
    house: TestHouse,
    manager: Caller,
    course: BuiltCourse,
    ours: String,
    theirs: String,
    foreign: Id<id::User>,
}

/// Four learners on a course, two in each of two groups, of which a manager leads one.
async fn led() -> Led {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "ben", "eva", "zoe"]).await;
    let (ours, theirs) = (group(&house, "ours", &OURS).await, group(&house, "theirs", &THEIRS).await);
    let (person, manager) = somebody(&house, "mara", Role::Manager).await;
    lead(&house, &ours, person).await;
    let events = learners.iter().map(|learner| {
        json!({ "id": format!("e-{}", learner.key), "occurred_at": "2026-11-21T09:00:00Z", "verb": "completed",
                "user": { "id": learner.id }, "object": { "kind": "item", "id": course.lessons[0].items[0].id } })
    });
    let events: Vec<Value> = events.collect();
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.settle().await;
    Led { house, manager, course, ours, theirs, foreign: learners[2].id }
}

#[actix_web::test]
async fn a_manager_lists_the_people_of_his_groups() {
    let Led { house, manager, course, ours, theirs, .. } = led().await;
    let names = |answer: &Value| {
        let mut names: Vec<String> = answer["data"].as_array().unwrap().iter().map(name_of).collect();
        names.sort();
        names
    };
    for path in [
        MEMBERS.to_owned(),
        format!("{MEMBERS}?cursor="),
        format!("{MEMBERS}?q=school.example&sort=name"),
        format!("/api/groups/{ours}/members"),
        format!("/api/courses/{}/enrollments", course.id),
    ] {
        let answer = manager.get(&path).await.json();
        let found = names(&answer);
        if path.contains("q=") {
            assert!(found.is_empty(), "no word of anybody's begins so: {found:?}");
        } else {
            assert_eq!(found, OURS, "{path}");
        }
    }
    assert_eq!(manager.get(MEMBERS).await.json()["meta"]["total"], 2);
    assert_eq!(names(&manager.get(&format!("{MEMBERS}?q=an")).await.json()), ["ana"]);
    assert!(names(&manager.get(&format!("{MEMBERS}?q=ev")).await.json()).is_empty());
    let groups = manager.get("/api/groups").await.json();
    assert_eq!(groups["data"].as_array().unwrap().iter().map(|group| &group["id"]).collect::<Vec<_>>(), [&ours]);
    assert_eq!(house.admin().get(&format!("/api/groups/{theirs}/members")).await.json()["meta"]["total"], 2);
    house.settle().await;
}

/// Names stand at different places.
fn name_of(row: &Value) -> String {
    let name = row.get("external_id").and_then(Value::as_str).or_else(|| row["user"]["external_id"].as_str());
    name.map(str::to_owned).unwrap_or_default()
}

/// The sweep: whatever a manager may ask, no answer has a name or an id of somebody of another group.
#[actix_web::test]
async fn no_door_shows_a_manager_anybody_else() {
    let Led { house, manager, course, foreign, theirs, ours } = led().await;
    let number = house.database.number(&format!("SELECT number FROM users WHERE id = '{}'", foreign.uuid()));
    let (app_doors, mut asked) = (stoa_http::doors(), 0);
    let own = house.database.value("SELECT id::text FROM users WHERE external_id = 'ana'");
    let own: Id<id::User> = Id::from_uuid(own.as_str().unwrap().parse().unwrap());
    for door in app_doors.list().iter().filter(|door| door.method == Method::GET) {
        let Access::Needs(ability) = door.access else { continue };
        if !Role::Manager.abilities().contains(&ability) {
            continue;
        }
        for person in [foreign, own] {
            for group in [&theirs, &ours] {
                let path = filled(door.path, &house, (&course, person, group));
                let answer = manager.get(&path).await;
                assert!(answer.status < 500, "{path}: {}", answer.text());
                let text = answer.text();
                for name in THEIRS {
                    assert!(!text.contains(&format!("{name}@")), "{path} shows {name}: {text}");
                }
                let shows = text.contains(&foreign.to_string()) && !path.contains(&foreign.to_string());
                assert!(!shows && !text.contains(&format!("\"id\":{number},")), "{path} shows somebody else: {text}");
                if path.contains(&foreign.to_string()) || path.contains(theirs.as_str()) {
                    assert!([404, 422].contains(&answer.status), "{path}: {} {text}", answer.status);
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 60, "the sweep asked at {asked} doors");
    house.settle().await;
}

/// A door's path with everything that it names.
fn filled(path: &str, house: &TestHouse, (course, person, group): (&BuiltCourse, Id<id::User>, &str)) -> String {
    let mut before = "";
    let parts = path.split('/').map(|part| {
        let numbered = path.contains("/endpoint/v1/");
        let filled = match (before, part.starts_with('{')) {
            (_, false) => part.to_owned(),
            ("institutions", _) => house.school.tenant.to_string(),
            ("members" | "learners" | "users" | "enrollments", _) if !numbered => person.to_string(),
            ("users", _) => {
                house.database.number(&format!("SELECT number FROM users WHERE id = '{}'", person.uuid())).to_string()
            }
            ("groups", _) => group.to_owned(),
            ("courses", _) => course.id.to_string(),
            ("course_sessions", _) => course.number.to_string(),
            (_, _) => format!("{}", course.lessons[0].id),
        };
        before = part;
        filled
    });
    parts.collect::<Vec<_>>().join("/")
}

#[actix_web::test]
async fn a_manager_writes_no_further_than_he_sees() {
    let Led { house, manager, course, ours, theirs, foreign } = led().await;
    let before = house.database.value("SELECT md5(string_agg(m::text, ',' ORDER BY m.user_id)) FROM memberships m");
    let one = format!("{MEMBERS}/{foreign}");
    for (answer, what) in [
        (manager.patch(&one, json!({ "name": "Mine" })).await, "changes"),
        (manager.delete(&one).await, "removes"),
        (manager.put(&format!("/api/groups/{ours}/members/{foreign}"), json!({})).await, "takes in"),
        (manager.patch(&format!("/api/groups/{theirs}"), json!({ "name": "Mine" })).await, "renames"),
        (manager.delete(&format!("/api/groups/{theirs}")).await, "deletes"),
        (manager.put(&format!("/courses/{}/groups/{theirs}", course.id), json!({})).await, "enrols"),
        (manager.put(&format!("/courses/{}/groups/everyone", course.id), json!({})).await, "enrols everyone"),
        (manager.delete(&format!("/api/courses/{}/enrollments/{foreign}", course.id)).await, "takes off"),
    ] {
        assert!([403, 404].contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
    }
    let enrol = json!({ "users": [{ "id": foreign }] });
    assert_eq!(manager.post(&format!("/api/courses/{}/enrollments", course.id), enrol).await.status, 422);
    let taken_in = json!({ "users": [foreign] });
    assert_eq!(manager.post(&format!("/api/groups/{ours}/members"), taken_in).await.status, 422);
    let after = house.database.value("SELECT md5(string_agg(m::text, ',' ORDER BY m.user_id)) FROM memberships m");
    assert_eq!(before, after);
    assert_eq!(house.database.number("SELECT count(*) FROM enrolments WHERE status <> 'removed'"), 4);
    house.settle().await;
}

#[actix_web::test]
async fn a_manager_adds_people_to_his_groups_alone() {
    let Led { house, manager, ours, theirs, .. } = led().await;
    let new = |groups: Value| json!({ "email": "new@school.example", "name": "New", "groups": groups });
    assert_eq!(
        manager.post(MEMBERS, new(json!([]))).await.refusal(),
        (422, "validation_failed".into(), vec!["/groups".into()])
    );
    assert_eq!(manager.post(MEMBERS, new(json!([theirs]))).await.refusal().2, ["/groups/0"]);
    let made = manager.post(MEMBERS, new(json!([ours]))).await.expect(StatusCode::CREATED).data();
    assert_eq!(made["groups"][0]["id"], ours.as_str());
    let one = format!("{MEMBERS}/{}", made["id"].as_str().unwrap());
    assert_eq!(manager.get(&one).await.status, 200);
    // Out of his groups, out of his sight.
    let member = format!("/api/groups/{ours}/members/{}", made["id"].as_str().unwrap());
    assert_eq!(manager.delete(&member).await.status, 204);
    assert_eq!(manager.get(&one).await.refusal().0, 404);
    assert_eq!(house.admin().get(&one).await.status, 200);
    // A group that he makes is his.
    let own = manager.post("/api/groups", json!({ "name": "Own" })).await.expect(StatusCode::CREATED).data();
    let managers = manager.get(&format!("/api/groups/{}/managers", own["id"].as_str().unwrap())).await.data();
    assert_eq!(managers[0]["external_id"], "mara");
    let appointed = format!("/api/groups/{ours}/managers/external_id:ana");
    assert_eq!(manager.put(&appointed, json!({})).await.refusal().1, "ability_missing");
    house.settle().await;
}

/// Somebody who is in another group too stays on what that one gives him, though his manager does not see it.
#[actix_web::test]
async fn what_another_group_gives_is_not_taken() {
    let Led { house, manager, ours, .. } = led().await;
    let french = house.course("french", &[&[ItemKind::Quiz]]).await;
    let other = group(&house, "other", &["ana"]).await;
    for group in [&ours, &other] {
        house.admin().put(&format!("/courses/{}/groups/{group}", french.id), json!({})).await;
    }
    house.settle().await;
    let on_french =
        format!("SELECT count(*) FROM enrolments WHERE status = 'active' AND course_id = '{}'", french.id.uuid());
    assert_eq!(house.database.number(&on_french), 2);
    assert_eq!(manager.delete(&format!("/api/groups/{ours}/members/external_id:ana")).await.status, 204);
    assert_eq!(house.database.number(&on_french), 2, "ana is in the other group");
    assert_eq!(manager.delete(&format!("/api/groups/{ours}")).await.status, 204);
    house.settle().await;
    assert_eq!(house.database.number(&on_french), 1, "ben has nothing that keeps him");
}

#[actix_web::test]
async fn whoever_leads_no_group_sees_himself() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let (me, manager) = somebody(&house, "mara", Role::Manager).await;
    assert_eq!(manager.get(MEMBERS).await.json()["meta"]["total"], 0);
    assert_eq!(manager.get(&format!("{MEMBERS}/{me}")).await.data()["role"], "manager");
    assert_eq!(manager.get(&format!("{MEMBERS}/external_id:ana")).await.refusal().0, 404);
    // Leading is of groups; seeing all is of roles.
    let (support, other) = somebody(&house, "sam", Role::Support).await;
    let led = group(&house, "led", &["ana"]).await;
    lead(&house, &led, support).await;
    assert!(other.get(MEMBERS).await.json()["meta"]["total"].as_i64().unwrap() > 4);
    house.settle().await;
}
