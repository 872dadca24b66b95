//! Leaderboards: ranks, pages, periods that freeze, teams.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_jobs::{
    queue::{HOUSE, NewJob, enqueue},
    record::gamification::CloseBoards,
};
use stoa_protocols::event::ItemKind::Material;

use super::{act, verify};
use crate::support::{TestHouse, callers::Caller};

pub(super) const KEYS: [&str; 7] = ["ana", "ben", "cho", "dan", "eve", "fay", "gus"];

/// Seven learners on a course of ten items.
pub(super) async fn school() -> TestHouse {
    let house = TestHouse::new().await;
    house.class(&[&[Material; 5], &[Material; 5]], &KEYS).await;
    house
}

/// Completes so many items of the first lesson, a minute after the other.
pub(super) async fn complete(house: &TestHouse, learner: &str, items: usize, hour: &str) {
    let done: Vec<Value> = (1..=items)
        .map(|nth| super::deed(learner, &format!("spanish/1/{nth}"), &format!("{hour}:{nth:02}:00Z"), "completed"))
        .collect();
    super::tell(house, &done).await;
}

pub(super) async fn board(caller: &Caller, query: &str) -> Value {
    caller.get(&format!("/api/gamification/leaderboard?{query}")).await.expect(StatusCode::OK).data()
}

fn ranks(rows: &Value) -> Vec<(i64, bool, i64)> {
    let of =
        |row: &Value| (row["rank"].as_i64().unwrap(), row["tied"].as_bool().unwrap(), row["value"].as_i64().unwrap());
    rows.as_array().unwrap().iter().map(of).collect()
}

async fn close(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &CloseBoards {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

#[actix_web::test]
async fn equal_scores_share_a_rank_and_who_was_there_first_stands_first() {
    let house = school().await;
    complete(&house, "ana", 1, "2026-11-21T08").await;
    complete(&house, "ben", 3, "2026-11-21T07").await;
    complete(&house, "cho", 3, "2026-11-21T06").await;
    complete(&house, "dan", 4, "2026-11-21T05").await;
    complete(&house, "eve", 1, "2026-11-21T04").await;
    let told = board(&house.admin(), "").await;
    let wanted = [(1, false, 45), (2, true, 35), (2, true, 35), (4, true, 15), (4, true, 15)];
    assert_eq!(ranks(&told["rows"]), wanted);
    let names: Vec<_> = told["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["D. L.", "C. L.", "B. L.", "E. L.", "A. L."]);
    assert_eq!((&told["participants"], &told["suppressed"]), (&json!(5), &json!(false)));
    let period = &told["period"];
    assert_eq!((&period["starts_on"], &period["ends_on"]), (&json!("2026-11-16"), &json!("2026-11-22")));
    assert_eq!((&period["time_zone"], &period["frozen_at"]), (&json!("UTC"), &Value::Null));
    let page = board(&house.admin(), "per_page=2&page=2").await;
    assert_eq!(ranks(&page["rows"]), [(2, true, 35), (4, true, 15)]);
    assert_eq!(page["page"], json!({ "current": 2, "per_page": 2, "total": 5 }));
    let last = board(&house.admin(), "per_page=2&page=3").await;
    assert_eq!(ranks(&last["rows"]), [(4, true, 15)]);
    let time = board(&house.admin(), "metric=time&period=month").await;
    assert_eq!(ranks(&time["rows"])[0], (1, false, 240));
    house.settle().await;
}

#[actix_web::test]
async fn whoever_asks_sees_his_place_and_his_neighbours_off_the_page() {
    let house = school().await;
    let me = house.school.learner.id.to_string();
    let path = format!("/api/institutions/{}/members/{me}", house.school.tenant);
    house.admin().patch(&path, json!({ "external_id": "me" })).await.expect(StatusCode::OK);
    for (items, key) in [(5, "ana"), (4, "ben"), (3, "cho"), (2, "dan"), (2, "eve"), (1, "fay")] {
        complete(&house, key, items, "2026-11-21T05").await;
    }
    house.admin().post("/api/courses/external_id:spanish/enrollments", json!({ "user": { "id": me } })).await;
    house.settle().await;
    complete(&house, "me", 2, "2026-11-21T07").await;
    let told = board(&house.learner(), "per_page=1").await;
    assert_eq!(told["rows"].as_array().unwrap().len(), 1);
    let own = &told["me"];
    assert_eq!((&own["rank"], &own["tied"], &own["value"]), (&json!(4), &json!(true), &json!(25)));
    assert_eq!(
        ranks(&own["neighbours"]),
        [(4, true, 25), (4, true, 25), (4, true, 25), (7, false, 15)],
        "two before, himself, and all that are behind"
    );
    let is_me: Vec<_> = own["neighbours"].as_array().unwrap().iter().map(|row| row["is_me"] == true).collect();
    assert_eq!(is_me, [false, false, true, false]);
    assert_eq!(own["neighbours"][0]["user_id"], Value::Null, "a learner is shown nobody's id");
    assert_eq!(own["neighbours"][2]["user_id"], json!(me));
    let staff = board(&house.admin(), "").await;
    assert_eq!(staff["me"]["rank"], Value::Null);
    house.settle().await;
}

#[actix_web::test]
async fn a_week_that_is_over_is_frozen_and_what_comes_later_counts_in_the_next() {
    let house = school().await;
    for key in &KEYS[..5] {
        complete(&house, key, 2, "2026-11-21T05").await;
    }
    house.advance(TimeDelta::hours(44)).await;
    act(&house, "fay", "spanish/1/1", "2026-11-22T23:00:00Z").await;
    close(&house).await;
    let before = board(&house.admin(), "date=2026-11-20").await;
    assert_eq!(
        (&before["participants"], &before["period"]["frozen_at"]),
        (&json!(6), &Value::Null),
        "five in the morning"
    );
    house.advance(TimeDelta::hours(1)).await;
    close(&house).await;
    let frozen = board(&house.admin(), "date=2026-11-20").await;
    assert_eq!(frozen["period"]["frozen_at"], "2026-11-23T06:00:00Z");
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    house.admin().patch(&path, json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    house
        .admin()
        .put("/api/gamification/leaderboard/opt-out", json!({ "user": "external_id:ben", "opted_out": true }))
        .await;
    act(&house, "cho", "spanish/1/3", "2026-11-22T22:00:00Z").await;
    let correction = json!({ "user": "external_id:dan", "amount": -20, "reason": "x" });
    house.admin().post("/api/gamification/corrections", correction).await.expect(StatusCode::CREATED);
    let after = board(&house.admin(), "date=2026-11-20").await;
    let places = |told: &Value| ranks(&told["rows"]);
    assert_eq!(places(&after), places(&frozen), "nothing changes a frozen week");
    let ben = after["rows"].as_array().unwrap().iter().filter(|row| row["name"] == Value::Null).count();
    assert_eq!(ben, 1, "but who opted out since is not named");
    let week = "SELECT xp FROM board_scores s JOIN users u ON u.id = s.user_id
      WHERE period = 'week' AND starts_on = '2026-11-23' AND u.external_id =";
    assert_eq!(house.database.value(&format!("{week} 'cho'")), 15, "told after the week was frozen");
    assert_eq!(house.database.value(&format!("{week} 'dan'")), -20, "a correction counts now");
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn groups_stand_by_the_mean_of_their_people() {
    let house = school().await;
    let admin = house.admin();
    let mut groups = Vec::new();
    for (name, members) in [("Red", &KEYS[..5]), ("Blue", &KEYS[2..7]), ("Small", &KEYS[..4])] {
        let group = admin.post("/api/groups", json!({ "name": name })).await.data()["id"].as_str().unwrap().to_owned();
        let users: Vec<String> = members.iter().map(|key| format!("external_id:{key}")).collect();
        admin.post(&format!("/api/groups/{group}/members"), json!({ "users": users })).await;
        groups.push(group);
    }
    complete(&house, "ana", 3, "2026-11-21T05").await;
    complete(&house, "cho", 1, "2026-11-21T05").await;
    let told = board(&admin, "scope=teams").await;
    let teams: Vec<_> = told["teams"].as_array().unwrap().iter().map(|team| (&team["name"], &team["total"])).collect();
    assert_eq!(teams, [(&json!("Red"), &json!(50)), (&json!("Blue"), &json!(15))], "a group of four is left out");
    assert_eq!((&told["teams"][0]["mean_per_member"], &told["teams"][0]["members"]), (&json!(10.0), &json!(5)));
    house.advance(TimeDelta::hours(48)).await;
    close(&house).await;
    let users = json!({ "users": ["external_id:gus"] });
    admin.post(&format!("/api/groups/{}/members", groups[0]), users).await;
    let frozen = board(&admin, "scope=teams&date=2026-11-21").await;
    assert_eq!((&frozen["teams"][0]["members"], &frozen["teams"][0]["mean_per_member"]), (&json!(5), &json!(10.0)));
    house.settle().await;
}
