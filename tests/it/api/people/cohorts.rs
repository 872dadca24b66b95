//! Groups and cohorts, and who leads them.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Role;

use super::{group, lead, somebody};
use crate::support::TestHouse;

#[actix_web::test]
async fn a_cohort_learns_for_a_time() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "name": "Spring", "kind": "cohort", "starts_on": "2027-03-01", "ends_on": "2027-06-30" });
    let made = admin.post("/api/groups", new).await.expect(StatusCode::CREATED).data();
    assert_eq!(
        (&made["kind"], &made["starts_on"], &made["provisioned_by"]),
        (&json!("cohort"), &json!("2027-03-01"), &json!("manual"))
    );
    let one = format!("/api/groups/{}", made["id"].as_str().unwrap());
    let longer = admin.patch(&one, json!({ "ends_on": null })).await.data();
    assert_eq!((&longer["starts_on"], &longer["ends_on"]), (&json!("2027-03-01"), &Value::Null));
    let plain = admin.patch(&one, json!({ "kind": "group" })).await.data();
    assert_eq!((&plain["kind"], &plain["starts_on"]), (&json!("group"), &Value::Null));
    assert_eq!(admin.get(&one).await.data(), plain);
    for (body, pointer) in [
        (json!({ "name": "A", "starts_on": "2027-03-01" }), "/starts_on"),
        (json!({ "name": "A", "kind": "cohort", "starts_on": "2027-03-01", "ends_on": "2027-02-28" }), "/ends_on"),
        (json!({ "name": "A", "kind": "cohort", "starts_on": "2027-02-29" }), "/starts_on"),
        (json!({ "name": "A", "kind": "class" }), "/kind"),
    ] {
        let refusal = admin.post("/api/groups", body.clone()).await.refusal();
        assert_eq!((refusal.0, refusal.2), (422, vec![pointer.to_owned()]), "{body}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn a_group_has_managers() {
    let house = TestHouse::new().await;
    let spring = group(&house, "spring", &[]).await;
    let (mara, _) = somebody(&house, "mara", Role::Manager).await;
    let admin = house.admin();
    lead(&house, &spring, mara).await;
    lead(&house, &spring, mara).await;
    let managers = admin.get(&format!("/api/groups/{spring}/managers")).await.data();
    assert_eq!(managers.as_array().unwrap().len(), 1);
    assert_eq!((&managers[0]["user_id"], &managers[0]["role"]), (&json!(mara), &json!("manager")));
    let one = format!("/api/groups/{spring}/managers/{mara}");
    assert_eq!(admin.delete(&one).await.status, 204);
    assert_eq!(admin.delete(&one).await.refusal().0, 404);
    assert_eq!(admin.get(&format!("/api/groups/{spring}/managers")).await.data(), json!([]));
    // Not the owner, by somebody who is less; not somebody who has left; not of another institution.
    let owner = format!("/api/groups/{spring}/managers/{}", house.school.owner.id);
    assert_eq!(admin.put(&owner, json!({})).await.refusal().1, "ability_missing");
    admin.delete(&format!("{}/{mara}", super::MEMBERS)).await;
    assert_eq!(admin.put(&one, json!({})).await.refusal().0, 404);
    assert_eq!(house.stranger().get(&format!("/api/groups/{spring}/managers")).await.refusal().0, 404);
    house.settle().await;
}

#[actix_web::test]
async fn what_is_done_with_groups_is_written_down() {
    let house = TestHouse::new().await;
    let spring = group(&house, "spring", &["home-learner"]).await;
    let admin = house.admin();
    admin.patch(&format!("/api/groups/{spring}"), json!({ "name": "Summer" })).await.data();
    admin.patch(&format!("/api/groups/{spring}"), json!({ "name": "Summer" })).await.data();
    lead(&house, &spring, house.school.manager.id).await;
    admin.delete(&format!("/api/groups/{spring}/managers/{}", house.school.manager.id)).await;
    admin.delete(&format!("/api/groups/{spring}/members/external_id:home-learner")).await;
    admin.delete(&format!("/api/groups/{spring}")).await;
    let actions: Vec<Value> =
        house.database.rows("SELECT action FROM audit_log WHERE action LIKE 'group%' ORDER BY id");
    let actions: Vec<&str> = actions.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let expected = [
        "group.created",
        "group_member.added",
        "group.changed",
        "group_manager.added",
        "group_manager.removed",
        "group_member.removed",
        "group.deleted",
    ];
    assert_eq!(actions, expected);
    house.settle().await;
}
