//! Reports by letter, over HTTP: made, listed, changed, paused and deleted.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::TestHouse;

pub(super) const REPORTS: &str = "/api/reports";

/// A report of each week.
#[expect(clippy::needless_pass_by_value, reason = "whoever calls writes it on the spot")]
pub(super) fn weekly(with: Value) -> Value {
    let mut body = json!({ "name": "Digest", "kind": "institution", "every": "week" });
    body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    body
}

#[actix_web::test]
async fn a_report_says_when_it_is_sent_and_by_whose_clocks() {
    let house = TestHouse::new().await;
    let made = house.owner().post(REPORTS, weekly(json!({}))).await.expect(StatusCode::CREATED);
    let report = made.data();
    let path = format!("{REPORTS}/{}", report["id"].as_str().unwrap());
    assert!(made.header("location").unwrap().ends_with(&path));
    let wanted = json!({
        "name": "Digest", "kind": "institution", "every": "week", "weekday": "monday", "month_day": null, "at": "08:00",
        "tz": "institution", "csv": "none", "send_when_empty": false, "quiet": null, "status": "active",
        "created_by": house.school.owner.id,
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&report[name], value, "{name}");
    }
    let recipient = &report["recipients"][0];
    let wanted = json!({
        "user_id": house.school.owner.id, "email": "owner@home.example", "status": "active", "locale": null,
        "trouble": null, "next_run_at": "2026-11-23T08:00:00Z", "last": null, "unsubscribed_at": null,
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&recipient[name], value, "{name}");
    }
    assert_eq!(house.owner().get(&path).await.data(), report);

    let change = json!({ "every": "month", "month_day": 31, "at": "07:30", "tz": "Asia/Seoul", "csv": "linked",
        "quiet": { "from": "20:00", "to": "07:00" }, "send_when_empty": true, "name": " Month " });
    let changed = house.owner().patch(&path, change).await.expect(StatusCode::OK).data();
    assert_eq!(
        (&changed["weekday"], &changed["month_day"], &changed["name"]),
        (&Value::Null, &json!(31), &json!("Month"))
    );
    let recipient = &changed["recipients"][0];
    assert_eq!(
        (&recipient["next_run_at"], &recipient["tz"]),
        (&json!("2026-11-29T22:30:00Z"), &json!("Asia/Seoul")),
        "the 30th in Seoul"
    );
    let back = house.owner().patch(&path, json!({ "every": "week", "quiet": null })).await.data();
    assert_eq!((&back["weekday"], &back["quiet"]), (&json!("monday"), &Value::Null));
    // What changes nothing leaves no trace.
    house.owner().patch(&path, json!({ "every": "week" })).await.expect(StatusCode::OK);
    let listed = house.owner().get(&format!("{REPORTS}?per_page=1")).await.json();
    assert_eq!((&listed["meta"]["total"], &listed["data"][0]["id"]), (&json!(1), &report["id"]));

    house.owner().delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(house.owner().get(&path).await.status, 404);
    let acts = house.database.rows("SELECT action FROM audit_log WHERE object_kind = 'report' ORDER BY id");
    let acts: Vec<&str> = acts.iter().map(|act| act["action"].as_str().unwrap()).collect();
    assert_eq!(acts, ["report.created", "report.updated", "report.updated", "report.deleted"]);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_with_its_field() {
    let house = TestHouse::new().await;
    for (with, pointer) in [
        (json!({ "name": " " }), "/name"),
        (json!({ "kind": "house" }), "/kind"),
        (json!({ "every": "day" }), "/every"),
        (json!({ "weekday": "funday" }), "/weekday"),
        (json!({ "month_day": 3 }), "/month_day"),
        (json!({ "every": "month", "weekday": "monday" }), "/weekday"),
        (json!({ "every": "month", "month_day": 0 }), "/month_day"),
        (json!({ "every": "month", "month_day": 32 }), "/month_day"),
        (json!({ "at": "8:00" }), "/at"),
        (json!({ "at": "24:00" }), "/at"),
        (json!({ "tz": "Mars/Olympus" }), "/tz"),
        (json!({ "tz": "" }), "/tz"),
        (json!({ "csv": "paper" }), "/csv"),
        (json!({ "quiet": { "from": "07:00", "to": "07:00" } }), "/quiet/to"),
        (json!({ "quiet": { "from": "07:00", "to": "09:00" } }), "/quiet"),
        (json!({ "quiet": { "from": "07:00" } }), "/quiet/to"),
        (json!({ "recipients": vec![json!({ "email": "a@b.example" }); 51] }), "/recipients"),
    ] {
        let refused = house.owner().post(REPORTS, weekly(with.clone())).await;
        let (status, code, pointers) = refused.refusal();
        assert_eq!((status, code.as_str()), (422, "validation_failed"), "{with}: {}", refused.text());
        assert!(pointers.contains(&pointer.to_owned()), "{with}: {pointers:?}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM reports"), 0);
}

#[actix_web::test]
async fn who_may_not_read_the_figures_sends_none() {
    let house = TestHouse::new().await;
    for caller in [house.learner(), house.token(&[Ability::ReportsWrite]).await] {
        let refused = caller.post(REPORTS, weekly(json!({}))).await;
        assert_eq!((refused.status, refused.refusal().1.as_str()), (403, "ability_missing"));
    }
    let token = house.token(&[Ability::ReportsWrite, Ability::ReportsRead, Ability::AnalyticsRead]).await;
    let made = token.post(REPORTS, weekly(json!({}))).await.expect(StatusCode::CREATED).data();
    assert_eq!(
        (&made["created_by"], &made["recipients"]),
        (&Value::Null, &json!([])),
        "an integration reads no letters"
    );
    for door in ["preview", "test"] {
        let path = format!("{REPORTS}/{}/{door}", made["id"].as_str().unwrap());
        let refused = token.post(&path, json!({})).await;
        assert_eq!((refused.status, refused.refusal().1.as_str()), (422, "subject_required"), "{door}");
    }
}

#[actix_web::test]
async fn a_manager_keeps_reports_of_his_groups_for_himself() {
    let house = TestHouse::new().await;
    let manager = house.manager();
    let refused = manager.post(REPORTS, weekly(json!({}))).await;
    assert!(refused.refusal().2.contains(&"/kind".to_owned()), "{}", refused.text());
    let others = house.owner().post(REPORTS, weekly(json!({}))).await.data();
    let groups = |with: Value| {
        let mut body = weekly(with);
        body["kind"] = json!("groups");
        body
    };
    for recipients in [json!([{ "email": "a@b.example" }]), json!([{ "user": house.school.owner.id }])] {
        let refused = manager.post(REPORTS, groups(json!({ "recipients": recipients }))).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
    }
    let own = manager.post(REPORTS, groups(json!({}))).await.expect(StatusCode::CREATED).data();
    assert_eq!(own["recipients"][0]["user_id"], json!(house.school.manager.id));
    let listed = manager.get(REPORTS).await.json();
    assert_eq!((&listed["meta"]["total"], &listed["data"][0]["id"]), (&json!(1), &own["id"]), "and no others");
    let path = format!("{REPORTS}/{}", others["id"].as_str().unwrap());
    for answer in
        [manager.get(&path).await, manager.patch(&path, json!({ "at": "09:00" })).await, manager.delete(&path).await]
    {
        assert_eq!(answer.status, 404);
    }
    assert_eq!(house.owner().get(REPORTS).await.json()["meta"]["total"], 2);
    let refused = house.owner().post(REPORTS, groups(json!({}))).await;
    assert!(refused.refusal().2.contains(&"/recipients/0/user".to_owned()), "{}", refused.text());
}
