//! Letters that come back: at the mail server's door or afterwards, and the way back for their address.

use serde_json::{Value, json};
use stoa_core::{Ability, staff::StaffRole};

use super::{
    outcomes::{newest, write_again, write_to},
    sink::Sink,
};
use crate::support::{TestHouse, callers::Caller};

const BOUNCES: &str = "/api/support/bounces";

/// A report as Postfix writes it, of a letter that was sent from the house.
fn report(message_id: &str, (action, status): (&str, &str)) -> Value {
    let report = format!(
        "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; ana.lee@example.com\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {status} <ana.lee@example.com>: no such user\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    );
    json!({ "report": report })
}

struct Story {
    house: TestHouse,
    vera: Caller,
    letter: String,
    message_id: String,
}

impl Story {
    /// A letter to the admin was sent.
    async fn new() -> Self {
        let house = TestHouse::new().await;
        write_to(&house, "ana.lee@example.com").await;
        let sent = house.take_letters().remove(0);
        let vera = house.staff("bert", StaffRole::Support).await;
        let letter = newest(&house).await["id"].as_str().unwrap().to_owned();
        Self { house, vera, letter, message_id: format!("{}@stoa.example", sent.id) }
    }

    async fn letter(&self) -> Value {
        self.house.owner().get(&format!("/api/letters/{}", self.letter)).await.data()
    }
}

#[actix_web::test]
async fn a_letter_that_came_back_for_good_suspends_its_address_until_an_admin_says_so() {
    let story = Story::new().await;
    let house = &story.house;
    let hard = report(&story.message_id, ("failed", "5.1.1"));
    let noted = story.vera.post(BOUNCES, hard.clone()).await.data();
    let wanted = json!({ "id": story.letter, "institution_id": house.school.tenant.to_string(), "status": "bounced", "address_suspended": true });
    assert_eq!(noted["letters"], json!([wanted]));
    house.settle().await;
    let letter = story.letter().await;
    assert_eq!(
        (&letter["status"], &letter["last_error"]),
        (&json!("bounced"), &json!("5.1.1 <a***@example.com>: no such user"))
    );
    assert!(letter["bounced_at"].is_string() && letter["address_suspended_at"].is_string(), "{letter}");

    // Owners are told, and not whose own address it is.
    let told = house.take_letters();
    let to: Vec<&str> = told.iter().map(|letter| letter.to.address.as_str()).collect();
    assert_eq!(to, ["owner@home.example"]);
    assert!(told[0].subject.ends_with("come back") && told[0].text.contains("a***@example.com"), "{}", told[0].text);
    assert!(told[0].text.contains(&format!("/api/letters/{}/readmit", story.letter)));

    // Its member shows it.
    let member = format!("/api/institutions/{}/members/{}", house.school.tenant, house.school.admin.id);
    let email_status = async || house.owner().get(&member).await.data()["email_status"].clone();
    assert_eq!(email_status().await, "suspended");

    // Nothing more is sent there.
    write_again(house).await;
    assert_eq!((house.take_letters(), newest(house).await["status"].clone()), (vec![], json!("suspended")));
    // The report once more is no news.
    let again = story.vera.post(BOUNCES, hard).await.data();
    assert_eq!(again["letters"][0]["address_suspended"], false);

    let readmit = format!("/api/letters/{}/readmit", story.letter);
    assert_eq!(house.token(&[Ability::AuditRead]).await.post(&readmit, json!({})).await.status, 403);
    assert_eq!(house.stranger().post(&readmit, json!({})).await.status, 404);
    assert_eq!(house.owner().post(&readmit, json!({})).await.data()["address_suspended_at"], Value::Null);
    assert_eq!(house.owner().post(&readmit, json!({})).await.status, 409);
    assert_eq!(email_status().await, "ok");
    write_again(house).await;
    assert_eq!((house.take_letters().len(), newest(house).await["status"].clone()), (1, json!("sent")));

    let acts = house.database.rows("SELECT action, actor_kind FROM audit_log WHERE object_kind = 'letter' ORDER BY id");
    let acts: Vec<&str> = acts.iter().map(|act| act["action"].as_str().unwrap()).collect();
    let wanted = ["letter.bounced", "letter.address_suspended", "letter.bounced", "letter.address_readmitted"];
    assert_eq!(acts, wanted);
}

#[actix_web::test]
async fn a_letter_that_is_late_or_arrived_changes_nothing() {
    let story = Story::new().await;
    let late = story.vera.post(BOUNCES, report(&story.message_id, ("delayed", "4.4.1"))).await.data();
    assert_eq!(late["letters"][0]["status"], "sent");
    let letter = story.letter().await;
    assert!(letter["last_error"].as_str().unwrap().starts_with("4.4.1") && letter["bounced_at"].is_null(), "{letter}");
    let arrived = story.vera.post(BOUNCES, report(&story.message_id, ("delivered", "2.0.0"))).await.data();
    assert_eq!(arrived["letters"], json!([]));
    let full = json!({ "message_id": format!("<{}>", story.message_id), "status": "5.2.2", "reason": "mailbox full" });
    let full = story.vera.post(BOUNCES, full).await.data();
    assert_eq!(
        (&full["letters"][0]["status"], &full["letters"][0]["address_suspended"]),
        (&json!("bounced"), &json!(false))
    );
}

#[actix_web::test]
async fn what_names_no_letter_of_ours_is_refused() {
    let story = Story::new().await;
    let fields = |message_id: &str, status: &str| json!({ "message_id": message_id, "status": status });
    let other = story.message_id.replace("ltr_", "ltr_0");
    for (body, status) in [
        (report("somebody@else.example", ("failed", "5.1.1")), 404),
        (fields("ltr_00000000000000000000000000.inst_00000000000000000000000000@x", "5.1.1"), 404),
        (fields(&other, "5.1.1"), 404),
        (fields(&story.message_id, "5"), 422),
        (fields(&story.message_id, "2.0.0"), 422),
        (json!({ "status": "5.1.1" }), 422),
        (json!({ "message_id": story.message_id }), 422),
        (json!({ "report": "Subject: I am on holiday\r\n\r\nBack on Monday." }), 422),
        (json!({ "report": "\u{fffd}\u{1}" }), 422),
        (json!({}), 422),
    ] {
        assert_eq!(story.vera.post(BOUNCES, body.clone()).await.status, status, "{body}");
    }
    assert_eq!(story.house.owner().post(BOUNCES, report(&story.message_id, ("failed", "5.1.1"))).await.status, 401);
    assert_eq!(story.letter().await["status"], "sent");
}

#[actix_web::test]
async fn a_mailbox_that_the_server_does_not_know_is_suspended_at_once() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer("smtp://app:secret@{}?tls=required")).await;
    house.database.run("UPDATE users SET locale = 'he' WHERE email = 'owner@home.example'");
    write_to(&house, "never-ana@example.com").await;
    assert_eq!(sink.next()["refused"], "never-ana@example.com");
    let told = sink.next();
    assert_eq!(told["recipients"], json!(["owner@home.example"]));
    assert!(told["headers"]["Subject"].as_str().unwrap().starts_with("הודעות אל"), "{told}");
    let letters = house.owner().get("/api/letters").await.data();
    let lines: Vec<String> =
        letters.as_array().unwrap().iter().map(|one| format!("{} {}", one["kind"], one["status"])).collect();
    assert_eq!(lines, [r#""address_suspended" "sent""#, r#""subscription_request_decided" "refused""#]);
    assert_eq!(house.skip().await, None, "never again");
}
