//! Who gets a report, over HTTP: added, asked again, taken off.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::reports::{REPORTS, weekly};
use crate::support::TestHouse;

async fn report(house: &TestHouse) -> String {
    let made = house.owner().post(REPORTS, weekly(json!({}))).await.expect(StatusCode::CREATED).data();
    format!("{REPORTS}/{}", made["id"].as_str().unwrap())
}

#[actix_web::test]
async fn members_are_on_it_at_once_and_addresses_are_asked() {
    let house = TestHouse::new().await;
    let path = report(&house).await;
    let all = format!("{path}/recipients");
    let admin = json!({ "user": "admin@home.example", "locale": "KO" });
    let admin = house.owner().post(&all, admin).await.expect(StatusCode::CREATED).data();
    assert_eq!((&admin["status"], &admin["locale"]), (&json!("active"), &json!("ko")));
    assert_eq!(admin["next_run_at"], "2026-11-23T08:00:00Z");
    let board = json!({ "email": "Board@partner.example" });
    let board = house.owner().post(&all, board).await.expect(StatusCode::CREATED).data();
    assert_eq!((&board["status"], &board["next_run_at"]), (&json!("unconfirmed"), &Value::Null));
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to.address, "Board@partner.example");
    assert!(letters[0].unsubscribe.is_some() && letters[0].text.contains("/confirm-report#token=stoa_c_"));
    let one = format!("{all}/{}", board["id"].as_str().unwrap());
    let soon = house.owner().post(&format!("{one}/ask"), json!({})).await;
    assert_eq!((soon.status, soon.refusal().1.as_str()), (429, "rate_limited"));
    house.clock.advance(TimeDelta::hours(1));
    house.owner().post(&format!("{one}/ask"), json!({})).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    assert_eq!(house.take_letters().len(), 1);
    let taken = format!("{all}/{}/ask", admin["id"].as_str().unwrap());
    assert_eq!(house.owner().post(&taken, json!({})).await.status, 409, "gets it already");
    house.owner().delete(&one).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(house.owner().delete(&one).await.status, 404);
    assert_eq!(house.owner().get(&path).await.data()["recipients"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn whoever_cannot_get_it_is_refused() {
    let house = TestHouse::new().await;
    let all = format!("{}/recipients", report(&house).await);
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "user": "admin@home.example", "email": "a@b.example" }), ""),
        (json!({ "user": "usr_00000000000000000000000001" }), "/user"),
        (json!({ "user": "nobody@home.example" }), "/user"),
        (json!({ "user": house.school.learner.id }), "/user"),
        (json!({ "user": house.school.manager.id }), "/user"),
        (json!({ "email": "nobody" }), "/email"),
        (json!({ "email": "a@b.example, c@d.example" }), "/email"),
        (json!({ "email": "a@b.example", "locale": "english" }), "/locale"),
    ] {
        let refused = house.owner().post(&all, body.clone()).await;
        assert_eq!(
            (refused.status, refused.refusal().2),
            (422, vec![pointer.to_owned()]),
            "{body}: {}",
            refused.text()
        );
    }
    house.owner().post(&all, json!({ "email": "a@b.example" })).await.expect(StatusCode::CREATED);
    for again in [json!({ "email": "A@B.example" }), json!({ "user": house.school.owner.id })] {
        assert_eq!(house.owner().post(&all, again).await.status, 409);
    }
    let twice = json!({ "recipients": [{ "email": "x@y.example" }, { "email": "X@Y.example" }] });
    let refused = house.owner().post(REPORTS, weekly(twice)).await;
    assert_eq!((refused.status, refused.refusal().2), (422, vec!["/recipients/1".to_owned()]));
    house.settle().await;
    assert_eq!(house.take_letters().len(), 1);
}

#[actix_web::test]
async fn another_reports_recipient_is_not_this_ones() {
    let house = TestHouse::new().await;
    let (one, other) = (report(&house).await, report(&house).await);
    let recipient = house.owner().get(&one).await.data()["recipients"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(house.owner().delete(&format!("{other}/recipients/{recipient}")).await.status, 404);
    assert_eq!(house.stranger().delete(&format!("{one}/recipients/{recipient}")).await.status, 404);
    assert_eq!(house.stranger().get(REPORTS).await.json()["meta"]["total"], 0);
}
