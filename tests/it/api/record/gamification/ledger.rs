//! The ledger of points, and corrections of it.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::Material;

use super::{act, stats, verify};
use crate::support::TestHouse;

const CORRECTIONS: &str = "/api/gamification/corrections";

fn points(amount: i64) -> Value {
    json!({ "user": "external_id:ana", "amount": amount, "reason": "a mistake" })
}

#[actix_web::test]
async fn an_entry_is_taken_back_by_another_entry_once() {
    let house = TestHouse::new().await;
    house.class(&[&[Material, Material]], &["ana", "ben"]).await;
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    let admin = house.admin();
    let entries = admin.get("/api/gamification/xp-entries?external_id=ana").await.expect(StatusCode::OK).data();
    let rules: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["item_completed", "active_day"]);
    let entry = &entries[0]["id"];
    let back = json!({ "user": "external_id:ana", "entry_id": entry, "reason": "It was somebody else" });
    let told = admin.post(CORRECTIONS, back.clone()).await.expect(StatusCode::CREATED).data();
    assert_eq!((&told["amount"], &told["corrects"], &told["rule"]), (&json!(-10), entry, &json!("correction")));
    assert_eq!(admin.post(CORRECTIONS, back.clone()).await.refusal().1, "conflict", "it was taken back already");
    let mut others = back;
    others["user"] = json!("external_id:ben");
    assert_eq!(admin.post(CORRECTIONS, others).await.refusal().0, 404, "an entry of somebody else");
    let told = stats(&house, "ana").await;
    assert_eq!((&told["xp"]["total"], &told["xp"]["week"]), (&json!(5), &json!(5)));
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:30:00Z").await;
    assert_eq!(stats(&house, "ana").await["xp"]["total"], 5, "doing it again gives nothing");
    verify(&house).await;
    let xp = house
        .database
        .value("SELECT data -> 'xp' AS xp FROM events WHERE type = 'xp.awarded' ORDER BY id DESC LIMIT 1");
    assert_eq!((&xp["awarded"], &xp["total"]), (&json!(-10), &json!(5)));
    let audited = house.owner().get("/api/audit-log?action=xp.corrected").await.data();
    assert_eq!(audited.as_array().unwrap().len(), 1);
    house.settle().await;
}

#[actix_web::test]
async fn points_are_given_and_taken_by_hand_and_nobody_has_fewer_than_none() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let mut gift = points(40);
    gift["external_id"] = json!("open-day");
    let first = admin.post(CORRECTIONS, gift.clone()).await.expect(StatusCode::CREATED).data();
    let again = admin.post(CORRECTIONS, gift).await.expect(StatusCode::CREATED).data();
    assert_eq!(first["id"], again["id"], "it counts once");
    assert_eq!(admin.post(CORRECTIONS, points(-41)).await.refusal().2, ["/amount"]);
    admin.post(CORRECTIONS, points(-40)).await.expect(StatusCode::CREATED);
    assert_eq!(stats(&house, "ana").await["xp"]["total"], 0);
    for (bad, pointer) in [(points(0), "/amount"), (points(100_001), "/amount")] {
        assert_eq!(admin.post(CORRECTIONS, bad).await.refusal().2, [pointer]);
    }
    let silent = json!({ "user": "external_id:ana", "amount": 1, "reason": " " });
    assert_eq!(admin.post(CORRECTIONS, silent).await.refusal().2, ["/reason"]);
    let nothing = json!({ "user": "external_id:ana", "reason": "x" });
    assert_eq!(admin.post(CORRECTIONS, nothing).await.refusal().2, ["/amount"]);
    let nobody = json!({ "user": "external_id:nobody", "amount": 1, "reason": "x" });
    assert_eq!(admin.post(CORRECTIONS, nobody).await.refusal().2, ["/user"]);
    let reader = house.token(&[Ability::GamificationRead]).await;
    assert_eq!(reader.post(CORRECTIONS, points(1)).await.refusal().1, "ability_missing");
    assert_eq!(house.manager().post(CORRECTIONS, points(1)).await.refusal().1, "ability_missing");
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn the_ledger_takes_rows_and_gives_none_back() {
    let house = TestHouse::new().await;
    let privileges = "SELECT string_agg(privilege_type, ' ' ORDER BY privilege_type) AS may
      FROM information_schema.role_table_grants WHERE table_name = 'xp_entries' AND grantee = 'stoa_app'";
    assert_eq!(house.database.value(privileges), "INSERT SELECT");
}
