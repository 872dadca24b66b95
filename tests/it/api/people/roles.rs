//! Roles: what each may do, as it is documented, and that nobody gives or takes more than he has.

use serde_json::json;
use stoa_core::{Ability, Role};
use stoa_http::doors::Access;

use super::{MEMBERS, group, lead, somebody};
use crate::support::TestHouse;

const CHAPTER: &str = include_str!("../../../../docs/members.md");

/// The table of the chapter has a row for each ability and a column for each role.
#[test]
fn roles_are_as_documented() {
    let mut rows = CHAPTER.lines().skip_while(|line| !line.starts_with("| Ability")).map(|line| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>()
    });
    let head = rows.next().expect("a table");
    let roles: Vec<Role> = head[1..].iter().map(|name| name.parse().expect("a role")).collect();
    assert_eq!(roles, Role::ALL);
    let mut documented = 0;
    for row in rows.skip(1).take_while(|row| row.len() == head.len()) {
        let ability: Ability = row[0].parse().unwrap_or_else(|()| panic!("{} is no ability", row[0]));
        for (role, cell) in roles.iter().zip(&row[1..]) {
            assert_eq!(role.abilities().contains(&ability), cell == "x", "{} {ability}", role.as_str());
        }
        documented += 1;
    }
    assert_eq!(documented, Ability::ALL.len());
}

/// The whole matrix over HTTP: at each door that is read, whoever lacks the ability is refused for that, and nobody else.
#[actix_web::test]
async fn each_role_passes_the_doors_of_its_abilities() {
    let house = TestHouse::new().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, somebody(&house, role.as_str(), role).await.1));
    }
    let (doors, mut asked) = (stoa_http::doors(), 0);
    for door in doors.list().iter().filter(|door| door.method == actix_web::http::Method::GET) {
        let Access::Needs(ability) = door.access else { continue };
        let path = door.path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        for (role, caller) in &people {
            let answer = caller.get(&path).await;
            let lacks = answer.status == 403 && answer.text().contains("ability");
            assert_eq!(!lacks, role.abilities().contains(&ability), "{} at {path}: {}", role.as_str(), answer.text());
            asked += 1;
        }
    }
    assert!(asked > 300, "{asked}");
    house.settle().await;
}

/// Every pair of roles: who may make, change and remove whom.
#[actix_web::test]
async fn nobody_gives_or_takes_more_than_he_has() {
    let house = TestHouse::new().await;
    let led = group(&house, "led", &[]).await;
    let mut asked = 0;
    for giver in Role::ALL.into_iter().filter(|role| role.abilities().contains(&Ability::MembersWrite)) {
        let (person, caller) = somebody(&house, &format!("g-{}", giver.as_str()), giver).await;
        if giver == Role::Manager {
            lead(&house, &led, person).await;
        }
        for role in Role::ALL {
            let may = role.abilities().iter().all(|ability| giver.abilities().contains(ability));
            let name = format!("{}-by-{}", role.as_str(), giver.as_str());
            let new = json!({
                "email": format!("{name}@school.example"), "name": name, "role": role, "groups": [led], "external_id": name,
            });
            let made = caller.post(MEMBERS, new.clone()).await;
            assert_eq!(made.status, if may { 201 } else { 403 }, "{name}: {}", made.text());
            if !may {
                house.owner().post(MEMBERS, new).await.data();
            }
            let path = format!("{MEMBERS}/external_id:{name}");
            let renamed = caller.patch(&path, json!({ "name": "Somebody" })).await;
            assert_eq!(renamed.status, if may { 200 } else { 403 }, "{name}: {}", renamed.text());
            let raised = caller.patch(&path, json!({ "role": "owner" })).await;
            // Whoever is owner already is not made one.
            let raises = giver == Role::Owner || role == Role::Owner;
            assert_eq!(raised.status, if raises { 200 } else { 403 }, "{name}: {}", raised.text());
            let removed = caller.delete(&path).await;
            assert_eq!(removed.status, if may { 204 } else { 403 }, "{name}: {}", removed.text());
            asked += 1;
        }
    }
    assert_eq!(asked, 4 * Role::ALL.len());
    house.settle().await;
}
