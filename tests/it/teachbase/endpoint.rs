//! What every call below `/endpoint/v1` keeps to: where the token may stand, which account, how lists and refusals look.

use actix_web::http::Method;
use serde_json::json;
use stoa_core::Ability;
use stoa_protocols::event::ItemKind;

use super::{FORM, application, client, refusal, take};
use crate::support::{TestHouse, callers::Caller};

const PING: &str = "/endpoint/v1/_ping";

#[actix_web::test]
async fn a_ping_answers_a_good_token_alone() {
    let house = TestHouse::new().await;
    let good = client(&house, &["content:read"]).await;
    assert_eq!(good.get(PING).await.status, 200);
    // A token of another kind is as good.
    assert_eq!(house.token(&[Ability::ContentRead]).await.get(PING).await.status, 200);
    for bad in
        [house.anonymous(), house.caller(Some("nonsense")), house.caller(Some(&format!("stoa_a_{}", "0".repeat(64))))]
    {
        let answer = bad.get(PING).await;
        assert_eq!(refusal(&answer).0, 401);
        assert!(answer.header("www-authenticate").is_some());
    }
}

#[actix_web::test]
async fn the_token_may_stand_in_header_query_or_body() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let token = take(&house, &app).await;
    let nobody = house.anonymous();
    let get = |path: &str| nobody.request(Method::GET, path);
    let parameter = format!("access_token={token}");
    for request in [
        get(PING).header("authorization", &format!("bearer {token}")),
        get(&format!("{PING}?{parameter}")),
        get(&format!("/endpoint/v1/courses?page=1&{parameter}&per_page=5")),
        get(PING).bytes(FORM, parameter.clone()),
        get(PING).json(&json!({ "access_token": token })),
        // The header goes before the others.
        get(&format!("{PING}?access_token=x")).header("authorization", &format!("Bearer {token}")),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    for (request, status) in [
        (get(&format!("{PING}?access_token=")), 401),
        (get(&format!("{PING}?access_token=nonsense")), 401),
        (get(PING).bytes(FORM, "access_token=nonsense"), 401),
        (get(PING).bytes(FORM, "other=1"), 401),
        (get(PING).bytes("text/plain", parameter.clone()), 415),
        (get(PING).bytes("application/json", "{"), 400),
        (get(&format!("{PING}?{parameter}&{parameter}")), 422),
    ] {
        assert_eq!(refusal(&request.send().await).0, status);
    }
}

#[actix_web::test]
async fn another_account_is_refused() {
    let house = TestHouse::new().await;
    let caller = client(&house, &["content:read"]).await;
    let with = async |account: &str| caller.request(Method::GET, PING).header("x-account-id", account).send().await;
    assert_eq!(with(&house.school.number.to_string()).await.status, 200);
    for other in [(house.school.number + 1).to_string(), "0".to_owned(), "home".to_owned(), String::new()] {
        assert_eq!(refusal(&with(&other).await).0, 403, "{other:?}");
    }
}

#[actix_web::test]
async fn lists_are_bare_arrays_with_the_total_in_a_header() {
    let house = TestHouse::new().await;
    let caller = client(&house, &["content:read", "progress:read"]).await;
    let page = async |caller: &Caller, query: &str| {
        let answer = caller.get(&format!("/endpoint/v1/courses{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let rows = answer.json().as_array().expect("a bare array").len();
        (rows, answer.header("total").expect("a total").to_owned())
    };
    assert_eq!(page(&caller, "").await, (0, "0".to_owned()));
    for key in ["a", "b", "c"] {
        house.course(key, &[&[ItemKind::Quiz]]).await;
    }
    house.settle().await;
    for (query, rows) in [
        ("", 3),
        ("?per_page=2", 2),
        ("?per_page=2&page=2", 1),
        ("?per_page=2&page=3", 0),
        ("?page=1000000000&per_page=100", 0),
        ("?per_page=100", 3),
    ] {
        assert_eq!(page(&caller, query).await, (rows, "3".to_owned()), "{query}");
    }
}

#[actix_web::test]
async fn parameters_at_fault_are_named() {
    let house = TestHouse::new().await;
    let caller = client(&house, &["content:read", "progress:read"]).await;
    for (query, name) in [
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=-1", "per_page"),
        ("per_page=ten", "per_page"),
        ("page=0", "page"),
        ("page=99999999999999999999", "page"),
        ("page=1&page=2", "page"),
        ("filter=active", "filter"),
    ] {
        for list in ["courses", "course_stats"] {
            let (status, words) = refusal(&caller.get(&format!("/endpoint/v1/{list}?{query}")).await);
            assert_eq!((status, words.len()), (422, 1), "{query}");
            assert!(words[0].starts_with(&format!("{name}: ")), "{words:?}");
        }
    }
}

#[actix_web::test]
async fn what_is_not_there_is_refused_in_this_surfaces_words() {
    let house = TestHouse::new().await;
    let caller = client(&house, &["content:read", "progress:read", "members:read"]).await;
    for path in ["nothing", "courses/1/nothing", "", "courses/abc", "courses/99999999999999999999", "users/%00"] {
        assert_eq!(refusal(&caller.get(&format!("/endpoint/v1/{path}")).await).0, 404, "{path}");
    }
    assert_eq!(refusal(&caller.post("/endpoint/v1/courses", json!({})).await).0, 405);
    let weak = client(&house, &["content:read"]).await;
    let (status, words) = refusal(&weak.get("/endpoint/v1/course_stats").await);
    assert!(status == 403 && words[0].contains("progress:read"), "{words:?}");
}
