//! The demo institution, made on the first start.

use stoa::seed::seed_demo;

use crate::support::TestHouse;

#[actix_web::test]
async fn the_demo_school_is_made_once_and_is_whole() {
    let house = TestHouse::new().await;
    let made = seed_demo(house.db()).await.unwrap();
    let again = seed_demo(house.db()).await.unwrap();
    assert_eq!((again.institution, again.admin), (made.institution.clone(), made.admin));
    let tenant = made.institution.tenant_id.uuid();
    let count =
        |table: &str| house.database.number(&format!("SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}'"));
    assert_eq!((count("courses"), count("memberships")), (3, 14));
    let kinds = house.database.rows("SELECT DISTINCT kind FROM training_items");
    assert_eq!(kinds.len(), 6, "an item of every kind: {kinds:?}");
    let catalogue = house.anonymous().get("/api/public/courses?institution=external_id:demo").await.json();
    assert_eq!(catalogue["meta"]["total"], 3);
    house.settle().await;
}

#[actix_web::test]
async fn a_start_cut_short_is_made_good_by_the_next() {
    let house = TestHouse::new().await;
    let made = seed_demo(house.db()).await.unwrap();
    house.settle().await;
    // As it stands when the process dies between the institution and what it holds.
    let whose = made.institution.tenant_id.uuid();
    for table in ["training_items", "trainings", "lessons", "course_versions", "courses", "memberships", "users"] {
        house.database.run(&format!("DELETE FROM {table} WHERE tenant_id = '{whose}'"));
    }
    let again = seed_demo(house.db()).await.unwrap();
    assert_eq!(again.institution, made.institution);
    assert_eq!(house.database.number("SELECT count(*) FROM courses"), 3);
    house.settle().await;
}
