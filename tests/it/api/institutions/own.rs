//! The caller's institution over HTTP.

use serde_json::json;
use stoa_core::Ability;

use crate::support::TestHouse;

#[actix_web::test]
async fn an_institution_sees_itself_alone() {
    let house = TestHouse::new().await;
    let owner = house.owner();
    let list = owner.get("/api/institutions").await.json();
    assert_eq!((&list["meta"]["total"], &list["data"][0]["name"]), (&json!(1), &json!("Lyceum")));
    for key in
        [house.school.tenant.to_string(), house.school.number.to_string(), "external_id:home".into(), "lyceum".into()]
    {
        assert_eq!(owner.get(&format!("/api/institutions/{key}")).await.data(), list["data"][0], "{key}");
    }
    assert_eq!(list["data"][0].get("operations"), None, "how it does is the operators'");
    let unknown = owner.get("/api/institutions/999999").await.refusal();
    assert_eq!(unknown.0, 404);
    for foreign in ["external_id:abroad", "academy"] {
        assert_eq!(owner.get(&format!("/api/institutions/{foreign}")).await.refusal(), unknown);
        let change = owner.patch(&format!("/api/institutions/{foreign}"), json!({ "name": "Mine" })).await;
        assert_eq!(change.refusal(), unknown);
    }
}

#[actix_web::test]
async fn a_search_finds_the_own_one_or_nothing() {
    let house = TestHouse::new().await;
    let owner = house.owner();
    for (query, found) in [
        ("q=lyc", 1),
        ("q=Lyceum%20home", 1),
        ("q=academy", 0),
        ("q=%21", 0),
        ("status=active", 1),
        ("status=trial", 0),
        ("external_id=home", 1),
        ("external_id=abroad", 0),
        ("plan=team", 0),
        ("page=2", 0),
    ] {
        let list = owner.get(&format!("/api/institutions?{query}")).await.json();
        assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
    }
}

#[actix_web::test]
async fn an_admin_sets_it_up() {
    let house = TestHouse::new().await;
    let (admin, path) = (house.admin(), format!("/api/institutions/{}", house.school.tenant));
    let change = json!({
        "name": " Lyceum of Athens ", "locale": "EL", "time_zone": "Europe/Athens", "token_max_days": 90,
        "branding": { "logo_url": "https://lyceum.example/mark.svg", "primary_color": "#0A5C36", "support_email": "help@lyceum.example" },
        "retention": { "delivery_bodies_days": 7 },
    });
    let after = admin.patch(&path, change).await.data();
    assert_eq!(
        (&after["name"], &after["locale"], &after["time_zone"]),
        (&json!("Lyceum of Athens"), &json!("el"), &json!("Europe/Athens"))
    );
    assert_eq!(after["branding"]["primary_color"], "#0a5c36");
    assert_eq!(
        (&after["retention"]["delivery_bodies_days"], &after["retention"]["deliveries_days"]),
        (&json!(7), &json!(180))
    );
    assert_eq!(admin.get(&path).await.data(), after);
    let entry = &house.owner().get("/api/audit-log?action=institution.changed").await.data()[0];
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("Lyceum"), &json!("Lyceum of Athens")));
    assert_eq!(entry["after"]["branding"]["support_email"], "h***@lyceum.example", "a person's address is masked");
    assert_eq!(entry["before"].get("slug"), None, "only what is other");

    // Nothing new is no change.
    house.clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(
        admin.patch(&path, json!({ "name": "Lyceum of Athens" })).await.data()["updated_at"],
        after["updated_at"]
    );
    let cleared = admin.patch(&path, json!({ "token_max_days": null, "branding": {} })).await.data();
    assert_eq!((&cleared["token_max_days"], &cleared["branding"]["logo_url"]), (&json!(null), &json!(null)));
}

#[actix_web::test]
async fn what_cannot_be_is_named() {
    let house = TestHouse::new().await;
    let (admin, path) = (house.admin(), format!("/api/institutions/{}", house.school.tenant));
    for (change, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "locale": "english" }), "/locale"),
        (json!({ "time_zone": "Mars/Olympus" }), "/time_zone"),
        (json!({ "token_max_days": 0 }), "/token_max_days"),
        (json!({ "branding": { "primary_color": "green" } }), "/branding/primary_color"),
        (json!({ "branding": { "css": "x" } }), "/branding/css"),
        (json!({ "retention": { "events_days": 100_000 } }), "/retention/events_days"),
        (json!({ "retention": { "events_days": 30 } }), "/retention"),
        (json!({ "status": "active" }), "/status"),
        (json!({ "tenant_id": 7 }), "/tenant_id"),
    ] {
        let (status, _, pointers) = admin.patch(&path, change.clone()).await.refusal();
        assert_eq!((status, pointers), (422, vec![pointer.to_owned()]), "{change}");
    }
}

#[actix_web::test]
async fn what_is_the_operators_is_not_changed_by_its_own_people() {
    let house = TestHouse::new().await;
    let path = format!("/api/institutions/{}", house.school.tenant);
    let before = house.owner().get(&path).await.data();
    let change = json!({ "name": "Lyceum II", "plan": "everything", "seats_total": null, "external_id": "abroad" });
    let (status, code, pointers) = house.owner().patch(&path, change).await.refusal();
    assert_eq!((status, code.as_str()), (403, "ability_missing"));
    assert_eq!(pointers, ["/external_id", "/plan", "/seats_total"]);
    assert_eq!(house.owner().get(&path).await.data(), before);
    let reader = house.token(&[Ability::InstitutionsRead]).await;
    assert_eq!(reader.patch(&path, json!({ "name": "Other" })).await.refusal().0, 403);
    assert_eq!(house.learner().get(&path).await.refusal().0, 403);
}
