//! Limits of requests, as whoever calls meets them: by class, by token, by institution, by address.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use stoa_core::{
    Ability,
    tokens::{NewToken, Quota, create},
};
use stoa_http::limits::Quotas;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
    node::{Edge, Node},
};

const ME: &str = "/api/auth/me";

fn quota(quota: u32, window_seconds: u32) -> Quota {
    Quota { quota, window_seconds }
}

fn node(house: &TestHouse, quotas: Quotas) -> Node {
    house.another_node_with(Edge { quotas, ..Edge::default() })
}

async fn token(house: &TestHouse) -> String {
    let mut tx = house.tx().await;
    let abilities = [Ability::ContentRead, Ability::ContentWrite, Ability::ProgressWrite, Ability::WebhooksRead];
    let new = NewToken { name: "limited".to_owned(), abilities: abilities.to_vec(), ..NewToken::default() };
    let issued = create(&mut tx, &house.scope(), new).await.unwrap();
    tx.commit().await.unwrap();
    issued.text.expose().to_owned()
}

/// What stands behind a name in a list of the structured headers, without the partition.
fn said(answer: &Answer, header: &str) -> Vec<String> {
    let text = answer.header(header).unwrap_or_else(|| panic!("no {header}: {:?}", answer.headers));
    let without = |item: &str| item.split(';').filter(|part| !part.starts_with("pk=")).collect::<Vec<_>>().join(";");
    text.split(", ").map(without).collect()
}

async fn course(caller: &Caller) -> Answer {
    caller.post("/api/courses", json!({ "title": "One more" })).await
}

#[actix_web::test]
async fn each_class_has_a_limit_of_its_own() {
    let house = TestHouse::new().await;
    let quotas =
        Quotas { read: Some(quota(3, 30)), write: Some(quota(2, 60)), ingest: Some(quota(1, 10)), ..Quotas::default() };
    let node = node(&house, quotas);
    let caller = TestHouse::caller_of(&node, Some(&token(&house).await));
    for left in ["2", "1", "0"] {
        let answer = caller.get(ME).await.expect(StatusCode::OK);
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
    }
    assert_eq!(caller.get(ME).await.refusal().1, "rate_limited");
    for _ in 0..2 {
        course(&caller).await.expect(StatusCode::CREATED);
    }
    assert_eq!(course(&caller).await.status, 429);
    let event = json!({ "events": [] });
    assert_eq!(caller.post("/api/progress-events", event.clone()).await.status, 422, "this one came through");
    assert_eq!(caller.post("/api/progress-events", event).await.status, 429);
    house.clock.advance(TimeDelta::seconds(10));
    caller.get(ME).await.expect(StatusCode::OK);
    assert_eq!(caller.get(ME).await.status, 429, "one came back in a third of the window");
    assert_eq!(course(&caller).await.status, 429);
    house.settle().await;
}

#[actix_web::test]
async fn every_answer_says_what_is_left() {
    let house = TestHouse::new().await;
    let node = node(&house, Quotas { read: Some(quota(10, 60)), tenant: Some(quota(100, 10)), ..Quotas::default() });
    let caller = TestHouse::caller_of(&node, Some(&token(&house).await));
    let good = caller.get(ME).await.expect(StatusCode::OK);
    assert_eq!(
        said(&good, "ratelimit-policy"),
        ["\"read\";q=10;w=60;stoa-scope=node", "\"tenant\";q=100;w=10;stoa-scope=node"]
    );
    assert_eq!(said(&good, "ratelimit"), ["\"read\";r=9;t=6", "\"tenant\";r=99;t=1"]);
    let old =
        ["limit", "remaining", "reset"].map(|name| good.header(&format!("x-ratelimit-{name}")).unwrap().to_owned());
    assert_eq!(old, ["10", "9", "1795251606"]);
    // A refusal and an error tell it too, on each surface.
    for (path, status) in [
        ("/api/audit-log", 403),
        ("/api/courses/nothing", 404),
        ("/webhooks?limit=x", 400),
        ("/endpoint/v1/courses/0", 404),
    ] {
        let answer = caller.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(answer.header("ratelimit").is_some() && answer.header("x-ratelimit-limit").is_some(), "{path}");
    }
    for (path, token) in [(ME, None), (ME, Some("stoa_i_nonsense"))] {
        assert!(TestHouse::caller_of(&node, token).get(path).await.header("ratelimit").is_none(), "nobody was counted");
    }
    assert!(caller.get("/api/openapi.json").await.header("ratelimit").is_none(), "nor is what anybody may read");
}

#[actix_web::test]
async fn a_refusal_says_when_to_come_again() {
    let house = TestHouse::new().await;
    let node = node(&house, Quotas { read: Some(quota(1, 90)), ..Quotas::default() });
    let caller = TestHouse::caller_of(&node, Some(&token(&house).await));
    caller.get(ME).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::milliseconds(500));
    let refused = caller.get(ME).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("90"));
    assert_eq!(said(&refused, "ratelimit"), ["\"read\";r=0;t=90"], "Retry-After is not before t");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    let problem = refused.json();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!((&problem["code"], &problem["violated-policies"]), (&json!("rate_limited"), &json!(["read"])));
    assert_eq!(problem["retry_after"], 90);
    // As Reach 360 and as Teachbase say it.
    let reach = caller.get("/courses").await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(reach.json()["errors"][0]["code"], "rate_limited");
    let teachbase = caller.get("/endpoint/v1/courses").await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(teachbase.json()["error"].is_string(), "{}", teachbase.text());
    for answer in [&reach, &teachbase] {
        assert_eq!(answer.header("retry-after"), Some("90"));
    }
    house.clock.advance(TimeDelta::seconds(90));
    caller.get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn tokens_cannot_be_multiplied() {
    let house = TestHouse::new().await;
    let node = node(&house, Quotas { read: Some(quota(100, 60)), tenant: Some(quota(4, 60)), ..Quotas::default() });
    let (one, two) = (token(&house).await, token(&house).await);
    for token in [&one, &two, &one, &two] {
        TestHouse::caller_of(&node, Some(token)).get(ME).await.expect(StatusCode::OK);
    }
    let refused = TestHouse::caller_of(&node, Some(&one)).get(ME).await;
    assert_eq!(refused.json()["violated-policies"], json!(["tenant"]));
    assert_eq!(
        said(&refused, "ratelimit")[0],
        "\"read\";r=98;t=2",
        "what was refused was not taken of the token's own"
    );
    TestHouse::caller_of(&node, house.stranger().token()).get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn an_institution_may_have_limits_of_its_own() {
    let house = TestHouse::new().await;
    let node = node(&house, Quotas { read: Some(quota(100, 60)), tenant: Some(quota(1000, 10)), ..Quotas::default() });
    let caller = TestHouse::caller_of(&node, Some(&token(&house).await));
    let policy = async || said(&caller.get(ME).await, "ratelimit-policy")[0].clone();
    assert_eq!(policy().await, "\"read\";q=100;w=60;stoa-scope=node");
    house.database.run(
        r#"UPDATE institutions SET request_limits = '{"read": {"quota": 7, "window_seconds": 5}}' WHERE external_id = 'home'"#,
    );
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(policy().await, "\"read\";q=7;w=5;stoa-scope=node", "and that is heard of within a second");
    let stranger = TestHouse::caller_of(&node, house.stranger().token());
    assert_eq!(said(&stranger.get(ME).await, "ratelimit-policy")[0], "\"read\";q=100;w=60;stoa-scope=node");
}

#[actix_web::test]
async fn who_has_no_token_yet_is_counted_by_address() {
    let house = TestHouse::new().await;
    let edge = Edge {
        quotas: Quotas { auth: Some(quota(2, 60)), ..Quotas::default() },
        proxies: vec!["127.0.0.0/8"],
        ..Edge::default()
    };
    let node = house.another_node_with(edge);
    let sign_in = async |address: &str| {
        let body = json!({ "email": "nobody@home.example", "password": "wrong" });
        let request = TestHouse::caller_of(&node, None).request(Method::POST, "/api/auth/sign-in");
        request.header("X-Forwarded-For", address).json(&body).send().await
    };
    for _ in 0..2 {
        assert_eq!(sign_in("203.0.113.7").await.status, 401);
    }
    let refused = sign_in("203.0.113.7").await;
    assert_eq!((refused.refusal().1.as_str(), refused.header("retry-after")), ("rate_limited", Some("30")));
    assert_eq!(refused.json()["violated-policies"], json!(["auth"]));
    assert_eq!(sign_in("203.0.113.8").await.status, 401, "others are not held up");
    let form = "grant_type=client_credentials&client_id=x&client_secret=y";
    let oauth = TestHouse::caller_of(&node, None).request(Method::POST, "/oauth/token");
    let oauth = oauth.header("X-Forwarded-For", "203.0.113.7").bytes("application/x-www-form-urlencoded", form);
    let refused = oauth.send().await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["error"], "rate_limited");
}

#[actix_web::test]
async fn staff_is_counted_too() {
    let house = TestHouse::new().await;
    let node = node(&house, Quotas { read: Some(quota(1, 60)), ..Quotas::default() });
    let staff = house.staff("sara", stoa_core::staff::StaffRole::Operator).await;
    let token = staff.token().expect("a token").to_owned();
    let caller = TestHouse::caller_of(&node, Some(&token));
    let first = caller.get("/api/support/me").await;
    assert_eq!(first.header("x-ratelimit-remaining"), Some("0"), "{} {}", first.status, first.text());
    assert_eq!(caller.get("/api/support/me").await.status, 429);
}
