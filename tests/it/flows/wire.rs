//! The last metre: what leaves by the real way out and arrives at a real server.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use serde_json::json;

use super::{
    dialects::verify_standard,
    steps::{accept, course, deliveries, event, small_class, subscribe},
};
use crate::support::{TestHouse, receivers::Call, schools::start};

/// A server that remembers what came, by path.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<(String, Call)>>>);

impl Sink {
    /// Listens; answers its address.
    #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
    fn listen(&self) -> String {
        let sink = self.clone();
        let serve = move || {
            let sink = sink.clone();
            App::new().default_service(web::to(move |request: HttpRequest, body: Bytes| {
                let answer = sink.answer(&request, body);
                async move { answer }
            }))
        };
        let server = HttpServer::new(serve).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        address
    }

    fn answer(&self, request: &HttpRequest, body: Bytes) -> HttpResponse {
        let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        self.0.lock().unwrap().push((request.path().to_owned(), Call { at: start(), headers, body }));
        match request.path() {
            "/moved" => HttpResponse::Found().insert_header(("location", "/secret")).body("over there"),
            "/chatty" => HttpResponse::InternalServerError().body("no ".repeat(10_000)),
            _ => HttpResponse::NoContent().finish(),
        }
    }

    fn take(&self) -> Vec<(String, Call)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[actix_web::test]
async fn bytes_and_signatures_arrive_as_they_left() {
    let (house, sink) = (TestHouse::over_the_wire().await, Sink::default());
    let (built, ana) = small_class(&house).await;
    let url = format!("{}/hooks?source=stoa", sink.listen());
    let (_, webhook) = subscribe(&house, &url, json!({ "events": ["course.completed"] })).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let (path, call) = sink.take().remove(0);
    assert_eq!(path, "/hooks");
    verify_standard(&call, webhook["secret"].as_str().unwrap());
    assert_eq!(call.header("content-length"), Some(call.body.len().to_string().as_str()));
    assert!(call.header("user-agent").unwrap().starts_with("Stoa/"), "{call:?}");
    let log = deliveries(&house, &webhook).await.remove(0);
    assert_eq!(log["attempts"][0]["http_status"], 204);
    assert!(log["attempts"][0]["address"].as_str().unwrap().starts_with("127.0.0.1:"), "{log}");
}

#[actix_web::test]
async fn a_redirect_is_never_followed() {
    let (house, sink) = (TestHouse::over_the_wire().await, Sink::default());
    let (built, ana) = small_class(&house).await;
    let url = format!("{}/moved", sink.listen());
    let (_, webhook) = subscribe(&house, &url, json!({ "events": ["course.completed"] })).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let paths: Vec<String> = sink.take().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/moved"]);
    let log = deliveries(&house, &webhook).await.remove(0);
    assert_eq!((&log["status"], &log["attempts"][0]["error"]), (&json!("retrying"), &json!("http_302")));
}

#[actix_web::test]
async fn of_a_long_answer_the_beginning_is_kept() {
    let (house, sink) = (TestHouse::over_the_wire().await, Sink::default());
    let (built, ana) = small_class(&house).await;
    let url = format!("{}/chatty", sink.listen());
    let (_, webhook) = subscribe(&house, &url, json!({ "events": ["course.completed"] })).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let log = deliveries(&house, &webhook).await.remove(0);
    let kept = log["attempts"][0]["response_excerpt"].as_str().unwrap();
    assert!(kept.starts_with("no no no") && kept.len() <= 1024 && kept.len() > 1000, "{} bytes", kept.len());
}

#[actix_web::test]
async fn the_log_shows_the_head_that_arrived_and_how_long_each_part_took() {
    let (house, sink) = (TestHouse::over_the_wire().await, Sink::default());
    let (built, ana) = small_class(&house).await;
    let more = json!({ "events": ["course.completed"], "headers": { "X-Gateway": "a key" } });
    let (_, webhook) = subscribe(&house, &format!("{}/hooks", sink.listen()), more).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let (_, call) = sink.take().remove(0);
    let log = deliveries(&house, &webhook).await.remove(0);
    let path = format!("/api/integrations/webhooks/{}/deliveries/", webhook["id"].as_str().unwrap());
    let shown = house.admin().get(&format!("{path}{}", log["id"].as_str().unwrap())).await.data();
    let headers = shown["request"]["headers"].as_object().unwrap();
    assert_eq!(headers.len(), call.headers.len(), "{headers:?} of {call:?}");
    for (name, value) in &call.headers {
        let expected = match name.as_str() {
            "webhook-signature" => "v1,…",
            "x-signature-256" => "sha256=…",
            "x-gateway" => "***",
            _ => value,
        };
        assert_eq!(headers[name], expected, "{name}");
    }
    assert_eq!(shown["request"]["body"].as_str().unwrap().as_bytes(), call.body);
    let attempt = &shown["attempts"][0];
    assert!(attempt["connect_ms"].is_i64() && attempt["first_byte_ms"].is_i64(), "{attempt}");
    assert_eq!((&attempt["dns_ms"], &attempt["tls_ms"]), (&json!(null), &json!(null)), "neither happened");
}
