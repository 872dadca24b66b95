//! What every request meets, whatever its door.

use actix_web::{
    http::{Method, StatusCode},
    test::{self, TestRequest},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_core::Result;
use stoa_http::doors::{Data, Door, Doors, Sample, Visit};

use crate::support::{TestHouse, node::BODY_LIMIT_BYTES};

#[actix_web::test]
async fn large_bodies_are_refused() {
    let house = TestHouse::new().await;
    let path = "/api/integrations/tokens";
    let body = |len: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(len - 11));
    let owner = house.owner();
    let send = |body: String| owner.request(Method::POST, path).bytes("application/json", body).send();
    assert_eq!(send(body(BODY_LIMIT_BYTES)).await.refusal().0, 422);
    assert_eq!(send(body(BODY_LIMIT_BYTES + 1)).await.refusal(), (413, "body_too_large".into(), vec![]));
    // Who has no token is not listened to at all.
    let anonymous = house.anonymous().request(Method::POST, path).bytes("application/json", body(BODY_LIMIT_BYTES + 1));
    assert_eq!(anonymous.send().await.status, 401);
    assert_eq!(owner.get(path).await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn where_no_door_is_a_problem_says_so() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    for path in ["/", "/api", "/api/nowhere", "/api/auth/me/", "/API/auth/me", "/api/auth//me", "/livez", "/metrics"] {
        assert_eq!(anybody.get(path).await.refusal(), (404, "not_found".into(), vec![]), "{path}");
    }
    let answer = anybody.delete("/api/auth/me").await;
    assert_eq!(answer.refusal(), (405, "method_not_allowed".into(), vec![]));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    let options =
        anybody.request(Method::OPTIONS, "/api/integrations/tokens").send().await.expect(StatusCode::NO_CONTENT);
    assert_eq!(options.header("allow"), Some("GET, POST, HEAD, OPTIONS"));
    let head = house.owner().request(Method::HEAD, "/api/auth/me").send().await.expect(StatusCode::OK);
    assert!(head.body.is_empty());
}

#[actix_web::test]
async fn every_answer_has_a_name_and_its_guards() {
    let house = TestHouse::new().await;
    for path in ["/api/auth/me", "/api/nowhere", "/api/openapi.json"] {
        let named = |name: &'static str| house.owner().request(Method::GET, path).header("x-request-id", name).send();
        assert_eq!(named("order-66_a.b").await.header("x-request-id"), Some("order-66_a.b"));
        for bad in ["a b", "", "{}", "a\"b"] {
            let given = named(bad).await;
            let made = given.header("x-request-id").unwrap();
            assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
        }
        let answer = named("n").await;
        for (header, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(answer.header(header), Some(value), "{path}");
        }
    }
    assert_eq!(house.owner().get("/api/auth/me").await.header("cache-control"), Some("no-store"));
    let problem = house.anonymous().request(Method::GET, "/api/auth/me").header("x-request-id", "n").send().await;
    assert_eq!(problem.json()["instance"], "urn:request:n");
}

/// Errors of the inside stay inside: here the database is gone.
#[actix_web::test]
async fn an_outage_is_a_problem_that_passes() {
    let house = TestHouse::new().await;
    house.node.app.db.close();
    let sign_in = json!({ "email": "a@b.example", "password": "correct horse" });
    for answer in [house.owner().get("/api/auth/me").await, house.anonymous().post("/api/auth/sign-in", sign_in).await]
    {
        assert_eq!(answer.refusal(), (503, "upstream_unavailable".into(), vec![]));
        assert_eq!(answer.header("retry-after"), Some("1"));
        for inner in ["pool", "deadpool", "postgres", "closed"] {
            assert!(!answer.text().to_lowercase().contains(inner), "{}", answer.text());
        }
    }
}

/// What a door answers that never does.
#[derive(Serialize, JsonSchema)]
struct Nothing {}

impl Sample for Nothing {
    fn sample() -> Self {
        Self {}
    }
}

async fn falls(_: Visit) -> Result<Data<Nothing>> {
    panic!("a secret of the inside")
}

#[actix_web::test]
async fn a_panic_is_a_problem_of_ours() {
    let house = TestHouse::new().await;
    let doors = Doors::new([Door::get("/falls", falls).named("fall", "Tests", "Falls")]);
    let app = actix_web::App::new().configure(|config| doors.mount(config, &house.node.app));
    let service = test::init_service(app).await;
    let response = test::call_service(&service, TestRequest::get().uri("/falls").to_request()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("x-request-id"));
    let problem: Value = test::read_body_json(response).await;
    assert_eq!(problem["code"], "internal");
    assert!(!problem.to_string().contains("secret"), "{problem}");
    let again = test::call_service(&service, TestRequest::get().uri("/nowhere").to_request()).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
}
