//! The caller's institution over HTTP.

use serde_json::json;

use crate::support::TestHouse;

#[actix_web::test]
async fn an_institution_sees_itself_alone() {
    let house = TestHouse::new().await;
    let owner = house.owner();
    let list = owner.get("/api/institutions").await.json();
    assert_eq!((&list["meta"]["total"], &list["data"][0]["name"]), (&json!(1), &json!("Lyceum")));
    for key in [house.school.tenant.to_string(), house.school.number.to_string(), "external_id:home".into()] {
        assert_eq!(owner.get(&format!("/api/institutions/{key}")).await.data(), list["data"][0], "{key}");
    }
    let unknown = owner.get("/api/institutions/999999").await.refusal();
    assert_eq!(unknown.0, 404);
    assert_eq!(owner.get("/api/institutions/external_id:abroad").await.refusal(), unknown);
}
