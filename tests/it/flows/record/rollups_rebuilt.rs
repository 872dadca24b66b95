//! Sums made anew: what was there before them, another zone, rows that somebody changed, and whatever is in between. And
//! what is not made anew but proved: the game.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Code;
use stoa_jobs::record::operate;
use stoa_protocols::event::ItemKind::Material;
use stoa_record::rollups::rebuild::{self, Progress, Purpose};

use super::{
    storage_settings::refused,
    sums::{Sums, rebuild_what_is_wanted, verified},
};
use crate::{
    api::record::gamification::act,
    flows::steps::{accept, course, event_at, small_class},
    support::{TestHouse, builders::BuiltLearner},
};

async fn set_zone(house: &TestHouse, zone: &str) {
    let path = format!("/api/institutions/{}", house.school.tenant);
    house.owner().patch(&path, json!({ "time_zone": zone })).await.data();
}

fn did(id: &str, when: &str, who: &BuiltLearner, what: Value) -> Value {
    event_at(id, when.parse().expect("a time"), who, (what, "progressed"))
}

fn days(house: &TestHouse) -> Vec<String> {
    Sums::of(house).rows("activity_totals", "day, learners, events")
}

#[actix_web::test]
async fn what_was_there_before_is_made_without_anybody_asking() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    accept(&house, vec![did("a", "2026-11-20T09:00:00Z", &ana, course(&built))]).await;
    // As an upgrade finds it.
    house.database.run("UPDATE progress_events SET position = NULL");
    house.database.run("DELETE FROM enrolment_changes");
    house.follow().await;
    assert_eq!(days(&house), [""; 0]);
    rebuild_what_is_wanted(&house).await;
    assert_eq!(days(&house), ["2026-11-20 1 1"]);
    assert_eq!(Sums::of(&house).rows("course_starts", "enrolled, started"), ["1 1"]);
    accept(&house, vec![did("b", "2026-11-21T09:00:00Z", &ana, course(&built))]).await;
    house.follow().await;
    assert_eq!(days(&house), ["2026-11-20 1 1", "2026-11-21 1 1"]);
    verified(&house).await;
    house.skip_all().await;
}

#[actix_web::test]
async fn another_zone_makes_another_edition_that_is_read_when_it_is_whole() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[Material]], &["ana", "ben"]).await;
    let late = |id: &str, who| did(id, "2026-11-20T23:30:00Z", who, course(&built));
    accept(&house, vec![late("a", &learners[0])]).await;
    house.follow().await;
    rebuild_what_is_wanted(&house).await;
    house.skip_all().await;
    set_zone(&house, "Asia/Seoul").await;
    assert_eq!(days(&house), ["2026-11-20 1 1"], "the old edition is read");
    let step = rebuild::step(house.db(), house.school.tenant, Purpose::Rebuild).await.expect("it begins");
    assert_eq!(step, Progress::Going { learners: 0, differences: vec![] });
    accept(&house, vec![late("b", &learners[1])]).await;
    house.follow().await;
    assert_eq!(days(&house), ["2026-11-20 2 2"], "and kept up");
    rebuild_what_is_wanted(&house).await;
    assert_eq!(days(&house), ["2026-11-21 2 2"]);
    verified(&house).await;
    assert!(editions(&house) > 1, "whoever reads the old edition may not be done");
    house.skip_all().await;
    rebuild_what_is_wanted(&house).await;
    house.skip_all().await;
    assert_eq!(editions(&house), 1);
    assert_eq!(days(&house), ["2026-11-21 2 2"]);
}

fn editions(house: &TestHouse) -> i64 {
    let of = ["activity_days", "activity_gaps", "activity_levels", "activity_totals", "enrolments_counted"];
    let all = of.map(|table| format!("SELECT edition FROM {table}")).join(" UNION ");
    house.database.number(&format!("SELECT count(*) FROM ({all}) e"))
}

/// The node dies after any step; another goes on, and what happened meanwhile is in both editions.
#[actix_web::test]
async fn a_rebuilding_goes_on_after_a_crash() {
    let mut house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    accept(&house, vec![did("a", "2026-11-19T09:00:00Z", &ana, course(&built))]).await;
    house.follow().await;
    for at in 0..4 {
        let more = rebuild::step(house.db(), house.school.tenant, Purpose::Rebuild).await.expect("a step");
        house.crash();
        let when = format!("2026-11-{:02}T10:00:00Z", 10 + at);
        accept(&house, vec![did(&format!("b{at}"), &when, &ana, course(&built))]).await;
        if at % 2 == 0 {
            house.follow().await;
        }
        if matches!(more, Progress::Over { .. }) {
            break;
        }
    }
    rebuild_what_is_wanted(&house).await;
    house.follow().await;
    verified(&house).await;
    house.skip_all().await;
}

#[actix_web::test]
async fn whoever_changes_a_row_is_found_out_and_it_is_mended() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    accept(&house, vec![did("a", "2026-11-20T09:00:00Z", &ana, course(&built))]).await;
    house.follow().await;
    verified(&house).await;
    let changes = [
        ("activity_days", "UPDATE activity_days SET seconds = seconds + 1"),
        ("activity_gaps", "UPDATE activity_gaps SET learners = learners + 1"),
        ("activity_levels", "DELETE FROM activity_levels WHERE day = '2026-12-01'"),
        ("activity_totals", "UPDATE activity_totals SET events = 0"),
        ("activity_retention", "UPDATE activity_retention SET began_month = '2026-10-01'"),
        ("enrolments_counted", "UPDATE enrolments_counted SET started = false"),
        ("course_starts", "UPDATE course_starts SET enrolled = 7"),
        ("enrolments_due", "INSERT INTO enrolments_due SELECT tenant_id, edition, '2026-11-01', 1, 0 FROM rollups"),
    ];
    for (table, change) in changes {
        house.clock.advance(TimeDelta::minutes(2));
        house.database.run(change);
        let verified = operate::verify(house.db(), house.school.tenant).await.expect("it is compared");
        assert!(!verified.differences.is_empty(), "{table}");
        assert!(verified.differences.iter().all(|one| one.table == table), "{table}: {:?}", verified.differences);
        operate::rebuild(house.db(), house.school.tenant).await.expect("it is mended");
        self::verified(&house).await;
    }
    house.settle().await;
}

#[actix_web::test]
async fn a_comparison_and_a_rebuilding_do_not_disturb_each_other() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    accept(&house, vec![did("a", "2026-11-20T09:00:00Z", &ana, course(&built))]).await;
    house.follow().await;
    let (db, tenant) = (house.db(), house.school.tenant);
    rebuild::begin_verifying(db, tenant).await.expect("it begins");
    assert_eq!(rebuild::begin_verifying(db, tenant).await.unwrap_err().code(), Code::Conflict);
    assert_eq!(operate::rebuild(db, tenant).await.unwrap_err().code(), Code::Conflict);
    // Nobody goes on with it.
    house.clock.advance(TimeDelta::minutes(2));
    operate::rebuild(db, tenant).await.expect("it is made instead");
    verified(&house).await;
    house.settle().await;
}

/// Where what is kept differs, as table, what, and how much more is kept than counted.
async fn differing(house: &TestHouse) -> Vec<(&'static str, String, i64)> {
    let verified = operate::verify(house.db(), house.school.tenant).await.expect("it is compared");
    assert_eq!(verified.mendable(), 0, "no rebuilding mends it");
    let told = |one: &rebuild::Difference| {
        let (kept, rebuilt) = (one.kept.as_ref().expect("a number"), one.rebuilt.as_ref().expect("a number"));
        assert_eq!(kept["of"], rebuilt["of"]);
        let what = ["period", "what"].iter().filter_map(|key| kept["of"][key].as_str()).collect::<Vec<_>>().join(" ");
        (one.table, what, kept["n"].as_i64().expect("a number") - rebuilt["n"].as_i64().expect("a number"))
    };
    verified.differences.iter().map(told).collect()
}

#[actix_web::test]
async fn a_game_that_is_not_what_its_ledgers_say_is_told() {
    let house = TestHouse::new().await;
    house.class(&[&[Material]], &["ana", "ben"]).await;
    for who in ["ana", "ben"] {
        act(&house, who, "spanish/1/1", "2026-11-21T08:00:00Z").await;
    }
    verified(&house).await;
    let ana = "user_id = (SELECT id FROM users WHERE external_id = 'ana')";
    for (table, column, which, what) in [
        ("games", "xp", "", "xp"),
        ("games", "items", "", "items"),
        ("games", "lessons", "", "lessons"),
        ("games", "courses", "", "courses"),
        ("games", "perfect", "", "perfect"),
        ("games", "freezes", "", "freezes"),
        ("board_scores", "xp", "AND period = 'all'", "all xp"),
        ("board_scores", "lessons", "AND period = 'week'", "week lessons"),
    ] {
        let change = |by: &str| format!("UPDATE {table} SET {column} = {column} {by} WHERE {ana} {which}");
        assert_eq!(house.database.run(&change("+ 7")), 1);
        assert_eq!(differing(&house).await, [(table, what.to_owned(), 7)]);
        house.database.run(&change("- 7"));
    }
    verified(&house).await;
    house.database.run("UPDATE games SET xp = xp + 7");
    let (url, verb) = (house.database.endpoint().url, ["record", "verify", "--institution", "external_id:home"]);
    let said = refused(&verb, &[("STOA__DATABASE__URL", &url)]);
    for word in ["differs: 2 rows", "games", "\"what\":\"xp\"", "2 rows are kept otherwise", "mends 0 of them"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    house.database.run("UPDATE games SET xp = xp - 7");
    house.database.run(&format!("DELETE FROM board_scores WHERE {ana} AND period = 'month'"));
    let lost: Vec<String> = differing(&house).await.into_iter().map(|(_, what, _)| what).collect();
    assert_eq!(lost, ["month lessons", "month xp"], "also what is not kept at all");
    house.database.run(&format!("DELETE FROM games WHERE {ana}"));
    let lost = differing(&house).await;
    assert!(lost.iter().any(|(table, what, by)| (*table, what.as_str()) == ("games", "xp") && *by < 0), "{lost:?}");
    // An erasing takes table by table, so in its middle they differ.
    house.database.run(
        "INSERT INTO erasures (tenant_id, id, user_id, status, reason, requested_at, due_at, confirmed_at, erase_after, created_at, updated_at)
         SELECT g.tenant_id, gen_random_uuid(), g.id, 'running', 'x', m.at, m.at, m.at, m.at, m.at, m.at
         FROM users g CROSS JOIN (SELECT timestamptz '2026-11-20T00:00:00Z' AS at) m WHERE g.external_id = 'ana'"
    );
    assert_eq!(differing(&house).await, []);
    house.settle().await;
}
