//! Replays over HTTP: what may be asked for, and what is refused.
//!
//! Not here: what receivers get of it (`flows/replays`).

use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::TestHouse;

const WEBHOOKS: &str = "/api/integrations/webhooks";

/// A house with a webhook; answers the path of its replays.
async fn with_webhook(url: &str) -> (TestHouse, String) {
    let house = TestHouse::new().await;
    let path = add_webhook(&house, url).await;
    (house, path)
}

async fn add_webhook(house: &TestHouse, url: &str) -> String {
    let receiver = house.receivers.at(url);
    let body = json!({ "url": receiver.url(), "events": ["*"] });
    let webhook = house.admin().post(WEBHOOKS, body).await.data();
    format!("{WEBHOOKS}/{}/replays", webhook["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn an_empty_replay_is_complete_at_once() {
    let (house, path) = with_webhook("https://lms.example/hooks").await;
    let answer = house.admin().post(&path, json!({ "since": "2026-11-20T00:00:00Z" })).await;
    assert_eq!(answer.status, 202);
    let mut replay = answer.data();
    assert!(replay["id"].as_str().unwrap().starts_with("rpl_"));
    replay["id"] = json!("[rpl]");
    replay["webhook_id"] = json!("[whk]");
    insta::assert_json_snapshot!(replay, @r#"
    {
      "id": "[rpl]",
      "webhook_id": "[whk]",
      "status": "completed",
      "status_reason": null,
      "total": 0,
      "done": 0,
      "rate_per_second": 50,
      "seconds_left": null,
      "filter": {
        "since": "2026-11-20T00:00:00Z",
        "until": "2026-11-21T09:00:00.001Z",
        "statuses": [
          "exhausted",
          "cancelled"
        ],
        "event_types": null,
        "of_object": false,
        "include_skipped": false
      },
      "created_at": "2026-11-21T09:00:00Z",
      "updated_at": "2026-11-21T09:00:00Z",
      "finished_at": "2026-11-21T09:00:00Z"
    }
    "#);
    house.settle().await;
    assert!(house.skip().await.is_none(), "nothing is promised");
}

#[actix_web::test]
async fn every_fault_of_a_request_is_named() {
    let (house, path) = with_webhook("https://lms.example/hooks").await;
    let refused = async |body: Value| {
        let (status, code, pointers) = house.admin().post(&path, body).await.refusal();
        assert_eq!((status, code.as_str()), (422, "validation_failed"));
        pointers
    };
    assert_eq!(refused(json!({})).await, ["/since"]);
    assert_eq!(refused(json!({ "since": "yesterday" })).await, ["/since"]);
    let all = json!({
        "since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z", "event_types": ["course.completed", "course.eaten"],
        "object_id": "한국어", "statuses": [], "rate_per_second": 1001,
    });
    assert_eq!(refused(all).await, ["/until", "/rate_per_second", "/event_types/1", "/object_id", "/statuses"]);
    let since = "2026-11-20T00:00:00Z";
    assert_eq!(refused(json!({ "since": since, "rate_per_second": 0 })).await, ["/rate_per_second"]);
    assert_eq!(refused(json!({ "since": since, "event_types": [] })).await, ["/event_types"]);
    assert_eq!(refused(json!({ "since": since, "statuses": ["pending"] })).await, ["/statuses/0"]);
    assert_eq!(refused(json!({ "since": since, "since_when": 1 })).await, ["/since_when"]);
    assert_eq!(house.database.number("SELECT count(*) FROM replays"), 0);
}

#[actix_web::test]
async fn only_an_enabled_webhook_is_replayed() {
    let (house, path) = with_webhook("https://lms.example/hooks").await;
    let webhook = path.trim_end_matches("/replays").to_owned();
    for status in ["paused", "disabled_by_user"] {
        house.admin().patch(&webhook, json!({ "status": status })).await.data();
        let (code, word, _) = house.admin().post(&path, json!({ "since": "2026-11-20T00:00:00Z" })).await.refusal();
        assert_eq!((code, word.as_str()), (409, "webhook_disabled"), "{status}");
    }
}

#[actix_web::test]
async fn one_runs_at_a_time_and_the_refusal_names_it() {
    let (house, path) = with_webhook("https://lms.example/hooks").await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let body = json!({ "since": "2026-11-20T00:00:00Z", "statuses": ["succeeded"] });
    let replay = house.admin().post(&path, body.clone()).await.data();
    assert_eq!((&replay["status"], &replay["total"]), (&json!("running"), &json!(2)), "new, and a member");
    let refused = house.admin().post(&path, body.clone()).await;
    assert_eq!(refused.refusal().1, "conflict");
    assert!(refused.text().contains(replay["id"].as_str().unwrap()), "{}", refused.text());
    house.settle().await;
    house.skip_all().await;
    let list = house.admin().get(&path).await.data();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["status"]), (1, &json!("completed")));
    assert_eq!(house.admin().post(&path, body).await.status, 202, "and another may follow");
    house.settle().await;
    house.skip_all().await;
}

#[actix_web::test]
async fn a_replay_is_found_at_its_own_webhook_alone() {
    let (house, path) = with_webhook("https://lms.example/hooks").await;
    let other = add_webhook(&house, "https://other.example/hooks").await;
    let replay = house.admin().post(&path, json!({ "since": "2026-11-20T00:00:00Z" })).await.data();
    let id = replay["id"].as_str().unwrap();
    assert_eq!(house.admin().get(&format!("{path}/{id}")).await.status, 200);
    assert_eq!(house.admin().get(&format!("{other}/{id}")).await.refusal().0, 404);
    assert_eq!(house.admin().post(&format!("{other}/{id}/cancel"), json!({})).await.refusal().0, 404);
    for (caller, wanted) in [(house.stranger(), 404), (house.token(&[Ability::WebhooksRead]).await, 403)] {
        let (status, _, _) = caller.post(&path, json!({ "since": "2026-11-20T00:00:00Z" })).await.refusal();
        assert_eq!(status, wanted);
    }
    assert_eq!(house.stranger().get(&format!("{path}/{id}")).await.refusal().0, 404);
    assert_eq!(house.stranger().post(&format!("{path}/{id}/cancel"), json!({})).await.refusal().0, 404);
}
