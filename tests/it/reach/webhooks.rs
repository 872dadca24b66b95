//! `/webhooks`.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::steps::{path_of, refusal, walk};
use crate::support::{TestHouse, callers::Answer};

async fn create(house: &TestHouse, body: Value) -> Answer {
    house.admin().post("/webhooks", body).await
}

fn hook(number: usize) -> Value {
    json!({ "targetUrl": format!("https://hooks.example/{number}"), "events": ["course.completed"] })
}

#[actix_web::test]
async fn a_webhook_is_made_shown_and_deleted_once() {
    let house = TestHouse::new().await;
    let new = json!({ "targetUrl": "https://hooks.example/a", "events": ["course.completed", "user.created"], "sharedSecret": "s3cret" });
    let made = create(&house, new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let id = made["id"].as_str().expect("an id");
    let wanted = json!({
        "id": id,
        "targetUrl": "https://hooks.example/a",
        "events": ["course.completed", "user.created"],
        "apiVersion": "2023-04-04",
        "url": format!("https://stoa.example/webhooks/{id}"),
        "sharedSecret": "s3cret",
    });
    assert_eq!(made, wanted);
    let shown = house.admin().get(path_of(&made["url"])).await.json();
    let mut without = wanted.clone();
    without.as_object_mut().expect("an object").remove("sharedSecret");
    assert_eq!(shown, without, "the secret is shown once");
    let list = house.admin().get("/webhooks").await.json();
    assert_eq!(list, json!({ "webhooks": [without], "nextUrl": null }));
    let gone = house.admin().delete(path_of(&made["url"])).await;
    assert_eq!((gone.status, gone.text().as_str()), (204, ""));
    for again in [house.admin().delete(path_of(&made["url"])).await, house.admin().get(path_of(&made["url"])).await] {
        assert_eq!(refusal(&again), (404, "webhook_not_found".to_owned()));
    }
}

#[actix_web::test]
async fn without_a_secret_nothing_is_signed() {
    let house = TestHouse::new().await;
    let (unsigned, signed) =
        (house.receivers.at("https://hooks.example/a"), house.receivers.at("https://hooks.example/b"));
    let new = json!({ "targetUrl": unsigned.url(), "events": ["user.created"], "sharedSecret": null });
    let made = create(&house, new).await.json();
    assert!(made.get("sharedSecret").is_none(), "{made}");
    let new = json!({ "targetUrl": signed.url(), "events": ["user.created"], "sharedSecret": "k" });
    create(&house, new).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let (unsigned, signed) = (unsigned.take().remove(0), signed.take().remove(0));
    assert!(!unsigned.headers.iter().any(|(name, _)| name.contains("signature")), "{:?}", unsigned.headers);
    assert_eq!(signed.header("x-hook-signature").map(str::len), Some(40));
}

#[actix_web::test]
async fn one_address_has_one_webhook() {
    let house = TestHouse::new().await;
    let made = create(&house, hook(1)).await.json();
    let same = json!({ "targetUrl": "HTTPS://Hooks.Example:443/1", "events": ["user.created"] });
    assert_eq!(refusal(&create(&house, same.clone()).await), (409, "duplicate_target_url".to_owned()));
    house.admin().delete(path_of(&made["url"])).await;
    assert_eq!(create(&house, same).await.status, 201);
}

#[actix_web::test]
async fn the_version_is_the_bodys_or_the_requests_or_the_first() {
    let house = TestHouse::new().await;
    let send = async |body: Value, header: Option<&str>| {
        let request = house.admin().request(Method::POST, "/webhooks").json(&body);
        match header {
            Some(version) => request.header("api-version", version).send().await,
            None => request.send().await,
        }
    };
    let with = |number: usize, version: Value| {
        let mut body = hook(number);
        body["apiVersion"] = version;
        body
    };
    let cases = [
        (hook(1), None, "2023-04-04", "2023-04-04"),
        (hook(2), Some("2023-05-04"), "2023-05-04", "2023-05-04"),
        (with(3, json!("2023-05-04")), None, "2023-05-04", "2023-04-04"),
        (with(4, json!("2023-04-04")), Some("2023-05-04"), "2023-04-04", "2023-05-04"),
        (with(5, json!(null)), Some("2023-05-04"), "2023-05-04", "2023-05-04"),
    ];
    for (body, header, pinned, echoed) in cases {
        let answer = send(body, header).await;
        assert_eq!(answer.header("api-version"), Some(echoed));
        assert_eq!(answer.json()["apiVersion"], pinned);
    }
    for (body, header) in
        [(hook(6), Some("2020-07-16")), (with(6, json!("2099-01-01")), None), (with(6, json!("")), None)]
    {
        let answer = send(body, header).await;
        assert_eq!(refusal(&answer), (400, "invalid_api_version".to_owned()));
        assert_eq!(answer.header("api-version"), Some("2023-04-04"));
    }
    assert_eq!(house.admin().get("/webhooks").await.json()["webhooks"].as_array().expect("a list").len(), 5);
}

/// One event, rendered anew for each version that somebody is pinned to.
#[actix_web::test]
async fn each_webhook_is_told_in_its_own_version() {
    let house = TestHouse::new().await;
    let mut receivers = Vec::new();
    for version in ["2023-04-04", "2023-05-04"] {
        let receiver = house.receivers.at(&format!("https://hooks.example/{version}"));
        let new = json!({ "targetUrl": receiver.url(), "events": ["user.created"], "apiVersion": version });
        create(&house, new).await;
        receivers.push((receiver, version));
    }
    house.learners(&["ana"]).await;
    house.settle().await;
    for (receiver, version) in receivers {
        let call = receiver.take().remove(0);
        assert_eq!(call.header("api-version"), Some(version));
        assert_eq!(call.json()["apiVersion"], version);
    }
}

#[actix_web::test]
async fn what_is_wrong_is_named_in_this_surfaces_words() {
    let house = TestHouse::new().await;
    let cases = [
        (json!({ "events": ["user.created"] }), "targetUrl"),
        (json!({ "targetUrl": "https://hooks.example/a" }), "events"),
        (json!({ "targetUrl": "https://hooks.example/a", "events": [] }), "events"),
        (json!({ "targetUrl": "https://hooks.example/a", "events": ["course.started"] }), "events/0"),
        (
            json!({ "targetUrl": "https://hooks.example/a", "events": ["user.created"], "sharedSecret": "" }),
            "sharedSecret",
        ),
        (
            json!({ "targetUrl": "https://hooks.example/a", "events": ["user.created"], "sharedSecret": "x".repeat(257) }),
            "sharedSecret",
        ),
        (json!({ "targetUrl": "https://hooks.example/a", "events": ["user.created"], "secret": "x" }), "secret"),
        (json!({ "targetUrl": 7, "events": ["user.created"] }), "targetUrl"),
    ];
    for (body, name) in cases {
        let answer = create(&house, body.clone()).await;
        assert_eq!(refusal(&answer), (400, "validation_failed".to_owned()), "{body}");
        let message = answer.json()["errors"][0]["message"].as_str().expect("a message").to_owned();
        assert!(message.starts_with(&format!("{name}: ")), "{body}: {message}");
    }
    for address in ["https://127.0.0.1/", "http://hooks.example/", "no address"] {
        let answer = create(&house, json!({ "targetUrl": address, "events": ["user.created"] })).await;
        assert_eq!(refusal(&answer), (400, "unsafe_url".to_owned()), "{address}");
        assert!(answer.text().contains("targetUrl: "), "{}", answer.text());
    }
    assert_eq!(house.admin().get("/webhooks").await.json()["webhooks"], json!([]));
}

#[actix_web::test]
async fn the_limit_has_bounds() {
    let house = TestHouse::new().await;
    for good in ["1", "2000"] {
        assert_eq!(house.admin().get(&format!("/webhooks?limit={good}")).await.status, 200, "{good}");
    }
    for bad in ["0", "2001", "-1", "x", "", "1.5"] {
        let answer = house.admin().get(&format!("/webhooks?limit={bad}")).await;
        assert_eq!(refusal(&answer), (400, "validation_failed".to_owned()), "{bad}");
    }
    for number in 0..51 {
        create(&house, hook(number)).await;
    }
    let page = house.admin().get("/webhooks").await.json();
    assert_eq!(page["webhooks"].as_array().expect("a list").len(), 50, "the default");
    assert!(page["nextUrl"].as_str().expect("an address").starts_with("https://stoa.example/webhooks?"));
}

#[actix_web::test]
async fn pages_stay_as_they_are_while_rows_come_and_go() {
    let house = TestHouse::new().await;
    let mut made = Vec::new();
    for number in 0..6 {
        made.push(create(&house, hook(number)).await.json());
    }
    let id = |at: usize| made[at]["id"].as_str().expect("an id").to_owned();
    let admin = house.admin();
    let found = walk(&admin, ("/webhooks?limit=2", "webhooks"), async |page| {
        if page == 1 {
            // Some that were seen, one that the next page begins after, and a new one.
            admin.delete(&format!("/webhooks/{}", id(0))).await;
            admin.delete(&format!("/webhooks/{}", id(1))).await;
            admin.post("/webhooks", hook(7)).await;
        }
    })
    .await;
    assert_eq!(found[..6], (0..6).map(id).collect::<Vec<_>>(), "each once, in order");
    assert_eq!(found.len(), 7, "and the new one at the end");
}

#[actix_web::test]
async fn other_webhooks_are_not_of_this_surface() {
    let house = TestHouse::new().await;
    let new = json!({ "url": "https://hooks.example/a", "events": ["*"] });
    let other = house.admin().post("/api/integrations/webhooks", new).await.data();
    let path = format!("/webhooks/{}", other["id"].as_str().expect("an id"));
    assert_eq!(house.admin().get("/webhooks").await.json()["webhooks"], json!([]));
    assert_eq!(refusal(&house.admin().get(&path).await), (404, "webhook_not_found".to_owned()));
    assert_eq!(refusal(&house.admin().delete(&path).await), (404, "webhook_not_found".to_owned()));
    let same = json!({ "targetUrl": "https://hooks.example/a", "events": ["user.created"] });
    assert_eq!(refusal(&create(&house, same).await).0, 409, "an address has one webhook in all");
}

#[actix_web::test]
async fn strangers_see_and_delete_nothing() {
    let house = TestHouse::new().await;
    let made = create(&house, hook(1)).await.json();
    let path = path_of(&made["url"]);
    assert_eq!(house.stranger().get("/webhooks").await.json()["webhooks"], json!([]));
    for answer in [house.stranger().get(path).await, house.stranger().delete(path).await] {
        assert_eq!(refusal(&answer), (404, "webhook_not_found".to_owned()));
    }
    assert_eq!(house.admin().get(path).await.status, 200);
    // Nobody else's address is taken.
    assert_eq!(house.stranger().post("/webhooks", hook(1)).await.status, 201);
}
