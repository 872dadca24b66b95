//! The sums of an institution: what counts, and on which day.

use actix_web::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::{Material, Quiz};

use super::sums::{Sums, verified};
use crate::{
    flows::steps::{accept, course, event_at, item, lesson, send, small_class},
    support::{TestHouse, builders::BuiltLearner, callers::Answer},
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Something that lasted a minute.
fn minute(id: &str, when: &str, learner: &BuiltLearner, what: (Value, &str)) -> Value {
    let mut event = event_at(id, at(when), learner, what);
    event["result"] = json!({ "duration_seconds": 60 });
    event
}

async fn set_zone(house: &TestHouse, zone: &str) {
    let path = format!("/api/institutions/{}", house.school.tenant);
    house.owner().patch(&path, json!({ "time_zone": zone })).await.data();
}

#[actix_web::test]
async fn activity_counts_once_on_the_day_on_which_it_happened() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[Material, Quiz]], &["ana", "ben"]).await;
    house.follow().await;
    let [ana, ben] = [&learners[0], &learners[1]];
    let began = |id: &str, when: &str, who: &BuiltLearner| minute(id, when, who, (item(&built, (0, 0)), "started"));
    accept(&house, vec![began("a", "2026-11-20T09:00:00Z", ana), began("b", "2026-11-20T10:00:00Z", ana)]).await;
    house.follow().await;
    house.follow().await;
    let sums = Sums::of(&house);
    assert_eq!(sums.totals(), ["2026-11-20 1 2 120"]);
    assert_eq!(sums.gaps(), ["2026-11-20 0 1"]);
    let outcomes = send(&house, vec![began("a", "2026-11-20T09:00:00Z", ana)]).await;
    assert_eq!(outcomes[0]["status"], "duplicate");
    accept(&house, vec![began("c", "2026-11-21T08:00:00Z", ana), began("d", "2026-11-21T08:00:00Z", ben)]).await;
    house.follow().await;
    assert_eq!(sums.gaps(), ["2026-11-20 0 1", "2026-11-21 0 1", "2026-11-21 1 1"]);
    assert_eq!((sums.active("2026-11-20", "2026-11-21"), sums.active("2026-11-21", "2026-11-21")), (2, 2));
    assert_eq!(sums.levels_on("2026-11-21"), ["1 1", "2 1"]);
    assert_eq!(sums.levels_on("2026-12-17"), ["1 1", "2 1"], "the last day of which the first is one of 28");
    assert_eq!(sums.levels_on("2026-12-18"), ["1 2"]);
    assert_eq!(sums.levels_on("2026-12-19"), [""; 0]);
    verified(&house).await;
}

#[actix_web::test]
async fn what_is_told_a_year_late_counts_when_it_happened() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let began = |id: &str, when: &str| minute(id, when, &ana, (course(&built), "progressed"));
    accept(&house, vec![began("now", "2026-11-20T09:00:00Z")]).await;
    house.follow().await;
    let sums = Sums::of(&house);
    let retention = || sums.rows("activity_retention", "began_month, month, learners");
    assert_eq!(retention(), ["2026-11-01 2026-11-01 1"]);
    accept(&house, vec![began("late", "2025-11-21T09:00:00Z")]).await;
    house.follow().await;
    assert_eq!(sums.gaps(), ["2025-11-21 0 1", "2026-11-20 364 1"]);
    assert_eq!(retention(), ["2025-11-01 2025-11-01 1", "2025-11-01 2026-11-01 1"], "the learner began then");
    accept(&house, vec![began("between", "2025-12-01T09:00:00Z"), began("first", "2020-01-01T09:00:00Z")]).await;
    house.follow().await;
    let gaps = ["2020-01-01 0 1", "2025-11-21 400 1", "2025-12-01 10 1", "2026-11-20 354 1"];
    assert_eq!(sums.gaps(), gaps, "gaps of more than 400 days are of 400");
    assert_eq!(sums.active("2025-11-21", "2026-11-20"), 1);
    verified(&house).await;
}

#[actix_web::test]
async fn what_has_not_happened_yet_is_refused_but_for_a_day() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let far = minute("far", "2126-11-21T09:00:00Z", &ana, (course(&built), "progressed"));
    let near = minute("near", "2026-11-22T08:00:00Z", &ana, (course(&built), "progressed"));
    let outcomes = send(&house, vec![far, near]).await;
    assert_eq!((&outcomes[0]["status"], &outcomes[1]["status"]), (&json!("rejected"), &json!("accepted")));
    house.follow().await;
    assert_eq!(Sums::of(&house).totals(), ["2026-11-22 1 1 60"]);
    verified(&house).await;
}

#[actix_web::test]
async fn being_enrolled_is_no_activity() {
    let house = TestHouse::new().await;
    let built = house.course("spanish", &[&[Material]]).await;
    let ana = &house.learners(&["ana"]).await[0];
    accept(&house, vec![event_at("in", at("2026-11-20T09:00:00Z"), ana, (course(&built), "enrolled"))]).await;
    house.follow().await;
    let sums = Sums::of(&house);
    assert_eq!((sums.gaps(), sums.totals()), (vec![], vec![]));
    let starts = sums.rows("course_starts", "enrolled_on, enrolled, started, completed");
    assert_eq!(starts, ["2026-11-20 1 0 0"], "it is an enrolment, of the day on which it happened");
    verified(&house).await;
    house.settle().await;
}

/// Where midnight does not exist, where an hour comes twice, on the leap day, and across the date line.
#[actix_web::test]
async fn days_are_those_of_the_institutions_zone() {
    let cases = [
        ("America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04"),
        ("America/New_York", "2025-11-02T05:30:00Z", "2025-11-02"),
        ("America/New_York", "2025-11-02T06:30:00Z", "2025-11-02"),
        ("America/New_York", "2025-11-03T04:59:59Z", "2025-11-02"),
        ("America/New_York", "2025-03-09T07:00:00Z", "2025-03-09"),
        ("Europe/London", "2024-02-29T23:59:59Z", "2024-02-29"),
        ("Asia/Seoul", "2024-02-29T15:00:00Z", "2024-03-01"),
        ("Pacific/Kiritimati", "2025-12-31T10:00:00Z", "2026-01-01"),
    ];
    for zone in ["America/Sao_Paulo", "America/New_York", "Europe/London", "Asia/Seoul", "Pacific/Kiritimati"] {
        let house = TestHouse::new().await;
        set_zone(&house, zone).await;
        let (built, ana) = small_class(&house).await;
        let of_zone: Vec<_> = cases.iter().filter(|case| case.0 == zone).collect();
        let did = |case: &(&str, &str, &str)| minute(case.1, case.1, &ana, (course(&built), "progressed"));
        accept(&house, of_zone.iter().map(|case| did(case)).collect()).await;
        house.follow().await;
        let mut days: Vec<String> = of_zone.iter().map(|case| case.2.to_owned()).collect();
        days.sort();
        days.dedup();
        assert_eq!(Sums::of(&house).rows("activity_days", "day"), days, "{zone}");
        verified(&house).await;
    }
}

/// Of one statement, they stand at one place, and are taken at once however many they are.
#[actix_web::test]
async fn many_thousands_of_one_learner_in_a_second_are_one_day() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    house.follow().await;
    let (tenant, user, course) = (house.school.tenant.uuid(), ana.id.uuid(), built.id.uuid());
    for (name, count) in [("a", 12_000), ("b", 10_000), ("c", 1)] {
        house.database.run(&format!(
            "INSERT INTO progress_events (tenant_id, client_id, user_id, object_kind, object_id, verb, result, event_ids, occurred_at, received_at)
             SELECT '{tenant}', '{name}' || n, '{user}', 'course', '{course}', 'progressed', '{{\"duration_seconds\": 1.9}}', '{{}}',
               timestamptz '2026-11-21T08:59:59Z' + n % 1000 * interval '1 millisecond', '2026-11-21T09:00:00Z'
             FROM generate_series(1, {count}) AS n"
        ));
    }
    house.follow().await;
    let sums = Sums::of(&house);
    assert_eq!(sums.totals(), ["2026-11-21 1 22001 22001"]);
    assert_eq!(sums.gaps(), ["2026-11-21 0 1"]);
    verified(&house).await;
}

#[actix_web::test]
async fn who_left_and_what_was_removed_still_count() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[Material, Quiz]], &["ana", "ben"]).await;
    let did = |id: &str, who: &BuiltLearner, what: Value| minute(id, "2026-11-20T09:00:00Z", who, (what, "started"));
    accept(&house, vec![did("a", &learners[0], item(&built, (0, 1))), did("b", &learners[1], lesson(&built, 0))]).await;
    let member = format!("/api/institutions/{}/members/{}", house.school.tenant, learners[0].id);
    let gone: Answer = house.admin().request(Method::DELETE, &member).send().await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    let gone = house.admin().delete(&format!("/api/courses/{}", built.id)).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    house.follow().await;
    let sums = Sums::of(&house);
    let totals = sums.rows("activity_totals", "course_id, day, learners, events");
    assert_eq!(totals, [format!("{} 2026-11-20 2 2", built.id.uuid())], "followed after it was removed");
    assert_eq!(sums.rows("course_starts", "enrolled_on, enrolled, started"), ["2026-11-21 2 2"]);
    verified(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn enrolments_are_counted_as_they_stand() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let sums = Sums::of(&house);
    let starts = || sums.rows("course_starts", "enrolled_on, enrolled, started, completed");
    let due = || sums.rows("enrolments_due", "day, fell_due, settled");
    house.follow().await;
    assert_eq!((starts(), due()), (vec!["2026-11-21 1 0 0".to_owned()], vec![]));
    let path = format!("/api/courses/{}/enrollments", built.id);
    house.admin().delete(&format!("{path}/{}", ana.id)).await;
    house.follow().await;
    assert_eq!(starts(), [""; 0], "it was taken off before it was completed");
    let again = json!({ "user": { "id": ana.id }, "due_at": "2026-11-23T12:00:00Z" });
    house.admin().post(&path, again).await.data();
    house.follow().await;
    assert_eq!((starts(), due()), (vec!["2026-11-21 1 0 0".to_owned()], vec!["2026-11-23 1 0".to_owned()]));
    house.clock.advance(TimeDelta::days(4));
    accept(&house, vec![event_at("done", at("2026-11-25T08:00:00Z"), &ana, (course(&built), "completed"))]).await;
    house.follow().await;
    assert_eq!(starts(), ["2026-11-21 1 1 1"]);
    assert_eq!(due(), ["2026-11-23 1 0", "2026-11-25 0 1"], "overdue for two days");
    let completed = sums.rows("activity_totals", "day, courses_completed");
    assert_eq!(completed, ["2026-11-25 1"]);
    house.admin().delete(&format!("{path}/{}", ana.id)).await;
    house.follow().await;
    assert_eq!(starts(), ["2026-11-21 1 1 1"], "what was completed stays so");
    verified(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn lessons_count_on_the_day_of_the_first_completion() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[Material], &[Quiz]], &["ana"]).await;
    let ana = &learners[0];
    let done = |id: &str, when: &str, what: Value| event_at(id, at(when), ana, (what, "completed"));
    let lessons = || Sums::of(&house).rows("activity_totals", "day, lessons_completed, courses_completed");
    accept(&house, vec![done("a", "2026-11-20T09:00:00Z", item(&built, (0, 0)))]).await;
    house.follow().await;
    assert_eq!(lessons(), ["2026-11-20 1 0"], "the lesson by its last item");
    accept(&house, vec![done("b", "2026-11-19T09:00:00Z", lesson(&built, 0))]).await;
    accept(&house, vec![done("c", "2026-11-20T10:00:00Z", lesson(&built, 1))]).await;
    house.follow().await;
    assert_eq!(lessons(), ["2026-11-19 0 0", "2026-11-20 2 1"]);
    verified(&house).await;
    house.settle().await;
}

/// Whoever leads groups sees the days of his people, and no sums of everybody.
#[actix_web::test]
async fn a_manager_sees_his_people_and_no_sums() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[Material]], &["ana", "ben"]).await;
    let group = house.admin().post("/api/groups", json!({ "name": "Hers" })).await.data();
    let group = group["id"].as_str().expect("an id");
    house.admin().put(&format!("/api/groups/{group}/members/{}", learners[0].id), json!({})).await;
    house.admin().put(&format!("/api/groups/{group}/managers/{}", house.school.manager.id), json!({})).await;
    let did = |id: &str, who: &BuiltLearner| minute(id, "2026-11-20T09:00:00Z", who, (course(&built), "progressed"));
    accept(&house, vec![did("a", &learners[0]), did("b", &learners[1])]).await;
    house.follow().await;
    house.settle().await;
    let scope = stoa_core::Scope { led_by: Some(house.school.manager.id), ..house.scope() };
    let mut tx = house.db().tenant(&scope).await.expect("a transaction");
    for (table, wanted) in
        [("activity_days", 1), ("enrolments_counted", 1), ("activity_gaps", 0), ("activity_totals", 0)]
    {
        assert_eq!(super::sums::count(&mut tx, table).await, wanted, "{table}");
    }
}
