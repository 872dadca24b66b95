//! Making institutions: by operators and resellers, once for each customer.

use serde_json::{Value, json};
use stoa_core::staff::StaffRole;

use crate::support::{TestHouse, callers::Caller};

const ALL: &str = "/api/institutions";

fn seoul() -> Value {
    json!({
        "name": "Academy of Seoul", "external_id": "crm-1042", "admin_email": "Head@Academy.example",
        "admin_name": "Kim Minjun", "locale": "ko", "time_zone": "Asia/Seoul", "region": "apac", "plan": "team",
        "seats_total": 250, "branding": { "primary_color": "#0a5c36" },
    })
}

async fn operator(house: &TestHouse) -> Caller {
    house.staff("olga", StaffRole::Operator).await
}

#[actix_web::test]
async fn an_institution_begins_with_an_invited_owner_and_a_trial() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let answer = operator.post(ALL, seoul()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.data();
    assert_eq!(
        (&made["slug"], &made["status"], &made["plan"]),
        (&json!("academy-of-seoul"), &json!("trial"), &json!("team"))
    );
    assert_eq!((&made["trial"]["status"], &made["trial"]["days_remaining"]), (&json!("active"), &json!(14)));
    assert_eq!((&made["retention"]["events_days"], &made["seats_total"]), (&json!(760), &json!(250)));
    assert_eq!(made["operations"]["usage"]["members_invited"], 1);
    let id = made["id"].as_str().unwrap();
    assert_eq!(operator.get(&format!("{ALL}/external_id:crm-1042")).await.data()["id"], id);

    let owner = house.database.rows(
        "SELECT u.email, u.name, m.role, m.status FROM users u JOIN memberships m USING (tenant_id) JOIN institutions i USING (tenant_id)
         WHERE m.user_id = u.id AND i.external_id = 'crm-1042'",
    );
    assert_eq!(
        owner,
        [json!({ "email": "Head@Academy.example", "name": "Kim Minjun", "role": "owner", "status": "invited" })]
    );
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1, "the owner is asked to join");
    let log = house.database.rows(
        "SELECT action, actor_kind, actor_name FROM audit_log JOIN institutions i USING (tenant_id) WHERE i.external_id = 'crm-1042' ORDER BY action",
    );
    let created = json!({ "action": "institution.created", "actor_kind": "staff", "actor_name": "olga" });
    assert!(log.contains(&created), "{log:?}");
}

#[actix_web::test]
async fn what_is_left_out_is_the_platforms() {
    let house = TestHouse::new().await;
    let least = json!({ "name": "서울 학원", "admin_email": "head@academy.example", "trial_days": 0 });
    let made = operator(&house).await.post(ALL, least).await.data();
    assert_eq!((&made["locale"], &made["time_zone"], &made["status"]), (&json!("en"), &json!("UTC"), &json!("active")));
    assert_eq!((&made["trial"]["status"], &made["external_id"]), (&json!("none"), &Value::Null));
    assert!(made["slug"].as_str().unwrap().starts_with("institution-"), "{}", made["slug"]);
    house.settle().await;
}

#[actix_web::test]
async fn the_same_request_again_makes_nothing() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let made = operator.post(ALL, seoul()).await.data();
    house.settle().await;
    let count = || house.database.number("SELECT count(*) FROM institutions");
    let before = count();
    let renamed = json!({ "name": "Seoul Academy" });
    operator.patch(&format!("{ALL}/{}", made["id"].as_str().unwrap()), renamed).await.data();
    let again = operator.post(ALL, seoul()).await;
    assert_eq!((again.status, &again.data()["id"]), (200, &made["id"]), "whatever became of it since");
    assert_eq!(again.data()["name"], "Seoul Academy");
    assert_eq!(count(), before);
    house.settle().await;
    assert_eq!(house.take_letters().len(), 1, "the owner is asked once");

    let mut other = seoul();
    other["plan"] = json!("enterprise");
    let (status, code, pointers) = operator.post(ALL, other).await.refusal();
    assert_eq!((status, code.as_str(), pointers), (409, "conflict", vec!["/external_id".to_owned()]));
    assert_eq!(count(), before);
}

#[actix_web::test]
async fn of_two_at_once_one_makes_it() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let both = futures::future::join_all((0..6).map(|_| operator.post(ALL, seoul()))).await;
    let mut statuses: Vec<u16> = both.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
    let first = both[0].data()["id"].clone();
    assert!(both.iter().all(|answer| answer.data()["id"] == first));
    assert_eq!(house.database.number("SELECT count(*) FROM institutions WHERE external_id = 'crm-1042'"), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM users WHERE email_key = 'head@academy.example'"), 1);
    house.settle().await;
}

#[actix_web::test]
async fn two_of_the_same_name_are_told_apart() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let named = |admin: &str| json!({ "name": "Lyceum", "admin_email": admin });
    let second = operator.post(ALL, named("a@two.example")).await.data();
    let third = operator.post(ALL, named("a@three.example")).await.data();
    let slugs = [&second["slug"], &third["slug"]].map(|slug| slug.as_str().unwrap().to_owned());
    assert!(slugs.iter().all(|slug| slug.starts_with("lyceum-")) && slugs[0] != slugs[1], "{slugs:?}");
    let taken = json!({ "name": "Other", "slug": "lyceum", "admin_email": "a@four.example" });
    let (status, _, pointers) = operator.post(ALL, taken).await.refusal();
    assert_eq!((status, pointers), (409, vec!["/slug".to_owned()]));
    house.settle().await;
}

#[actix_web::test]
async fn what_cannot_be_made_leaves_nothing() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let before = house.database.number("SELECT count(*) FROM institutions");
    for (field, value, pointer) in [
        ("name", json!(" "), "/name"),
        ("admin_email", json!("nobody"), "/admin_email"),
        ("admin_name", json!(""), "/admin_name"),
        ("slug", json!("Not A Slug"), "/slug"),
        ("slug", json!("42"), "/slug"),
        ("locale", json!("klingonisch"), "/locale"),
        ("time_zone", json!("Mars/Olympus"), "/time_zone"),
        ("seats_total", json!(0), "/seats_total"),
        ("trial_days", json!(1_000), "/trial_days"),
        ("external_id", json!(" x"), "/external_id"),
        ("branding", json!({ "logo_url": "ftp://x" }), "/branding/logo_url"),
        ("status", json!("active"), "/status"),
    ] {
        let mut new = seoul();
        new[field] = value;
        let (status, _, pointers) = operator.post(ALL, new.clone()).await.refusal();
        assert_eq!((status, pointers), (422, vec![pointer.to_owned()]), "{new}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM institutions"), before);
    assert_eq!(house.database.number("SELECT count(*) FROM invitations"), 0);
}

#[actix_web::test]
async fn nobody_else_makes_one() {
    let house = TestHouse::new().await;
    let support = house.staff("vera", StaffRole::Support).await;
    assert_eq!(support.post(ALL, seoul()).await.refusal().0, 403);
    assert_eq!(support.get(ALL).await.refusal().0, 403);
    for caller in [house.owner(), house.anonymous()] {
        assert_eq!(caller.post(ALL, seoul()).await.refusal().0, 401);
    }
    assert_eq!(house.database.number("SELECT count(*) FROM institutions"), 2);
}

#[actix_web::test]
async fn a_reseller_keeps_to_those_that_he_brought() {
    let house = TestHouse::new().await;
    let (rita, rolf) = (house.staff("rita", StaffRole::Reseller).await, house.staff("rolf", StaffRole::Reseller).await);
    let made = rita.post(ALL, seoul()).await.data();
    let path = format!("{ALL}/{}", made["id"].as_str().unwrap());
    assert!(made["operations"]["reseller_id"].as_str().unwrap().starts_with("stf_"));
    assert_eq!(rita.post(ALL, seoul()).await.status, 200);
    assert_eq!(rita.patch(&path, json!({ "seats_total": 500 })).await.data()["seats_total"], 500);
    let seen = |list: Value| list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(seen(rita.get(ALL).await.data()), [made["id"].clone()]);
    assert_eq!(seen(rolf.get(ALL).await.data()), [Value::Null; 0]);
    let unknown = rolf.get(&format!("{ALL}/inst_00000000000000000000000001")).await.refusal();
    assert_eq!(unknown.0, 404);
    assert_eq!(rolf.get(&path).await.refusal(), unknown);
    assert_eq!(rolf.patch(&path, json!({ "name": "Mine" })).await.refusal(), unknown);
    assert_eq!(rita.get(&format!("{ALL}/{}", house.school.tenant)).await.refusal(), unknown);
    assert_eq!(rolf.post(ALL, seoul()).await.refusal().0, 409);
    let refused = rita.post(&format!("{path}/suspend"), json!({ "reason": "unpaid" })).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (403, "ability_missing"), "its life is the operators'");
    for support in ["/api/support/subscription-requests", "/api/support/staff"] {
        assert_eq!(rita.get(support).await.refusal().0, 403, "{support}");
    }
    house.settle().await;
}
