//! The receivers of `docs/receivers`, as real processes with the official libraries, before the real server.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use awc::Client;
use serde_json::{Value, json};
use stoa_core::clock::{Clock, SystemClock};
use stoa_protocols::webhook::{
    DialectName, SigningKey,
    signature::{ed25519, hmac_sha1_hex, hmac_sha256_hex, secret_text, standard_key, standard_webhooks},
};

use super::server::Server;

/// Longest wait for a line of a receiver.
const PATIENCE: Duration = Duration::from_secs(30);
const OLD_SECONDS: i64 = 600;

/// A receiver that runs, and what it said.
struct Receiver {
    child: Child,
    url: String,
    said: mpsc::Receiver<Value>,
}

impl Receiver {
    fn start(program: &str, file: &Path, (name, key): (&str, &str)) -> Self {
        let mut child = Command::new(program)
            .arg(file)
            .arg("0")
            .env(name, key)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup test installs it"));
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let first = lines.next().expect("the receiver says where it listens");
        let url = first.strip_prefix("listening on ").expect("an address").to_owned();
        let (tell, said) = mpsc::channel();
        std::thread::spawn(move || {
            lines.for_each(|line| drop(tell.send(serde_json::from_str(&line).expect("a line of JSON"))));
        });
        Self { child, url, said }
    }

    /// Its next words of a dialect.
    fn next(&self) -> Value {
        self.said.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{} says nothing: {error}", self.url))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix_web::test]
async fn the_javascript_receiver_believes_what_verifies_and_nothing_else() {
    // Node looks for libraries beside the file.
    let file = peers().join(format!("receiver-{}.mjs", std::process::id()));
    fs::copy(receivers().join("receiver.mjs"), &file).expect("scripts/setup test makes target/peers");
    judge("javascript", "node", &file).await;
    fs::remove_file(file).expect("the copy");
}

#[actix_web::test]
async fn the_python_receiver_believes_what_verifies_and_nothing_else() {
    let python = peers().join("venv/bin/python");
    judge("python", python.to_str().expect("a path"), &receivers().join("receiver.py")).await;
}

#[actix_web::test]
async fn the_javascript_receiver_verifies_a_pair_of_keys_by_the_public_one() {
    let file = peers().join(format!("receiver-pair-{}.mjs", std::process::id()));
    fs::copy(receivers().join("receiver.mjs"), &file).expect("scripts/setup test makes target/peers");
    let server = Server::start("pair");
    let caller = Caller::of(&server);
    for dialect in DialectName::ALL {
        // The key is known once there is a webhook, and the address once there is a receiver.
        let url = format!("http://127.0.0.1:8009/{dialect}");
        let new = json!({ "url": url, "events": ["*"], "dialect": dialect, "signature_scheme": "v1a" });
        let made = caller.post("/api/integrations/webhooks", &new).await;
        let (webhook, key) = (made["id"].as_str().expect("an id"), made["public_key"].as_str().expect("a public key"));
        let receiver = Receiver::start("node", &file, ("PUBLIC_KEY", key));
        let stranger = Receiver::start("node", &file, ("PUBLIC_KEY", &ed25519_public(&[9; 32])));
        for (receiver, status, verdict) in [(&receiver, 204, "verified"), (&stranger, 401, "refused")] {
            caller.point(webhook, &format!("{}/{dialect}", receiver.url)).await;
            let answer = (caller.test(webhook).await, receiver.next()["verdict"].clone());
            assert_eq!(answer, (status, json!(verdict)), "{dialect}");
        }
        caller.remove(webhook).await;
    }
    fs::remove_file(file).expect("the copy");
}

/// The public key of another pair.
fn ed25519_public(seed: &[u8; 32]) -> String {
    let private = ed25519::private_text(*seed);
    SigningKey::of(private.as_bytes()).public_text().expect("a pair")
}

async fn judge(name: &str, program: &str, file: &Path) {
    let server = Server::start(name);
    let secret = secret_text([7; 32]);
    let receiver = Receiver::start(program, file, ("SECRET", &secret));
    let caller = Caller::of(&server);
    for dialect in DialectName::ALL {
        let url = format!("{}/{dialect}", receiver.url);
        let webhook = caller.webhook(dialect, &url, &secret).await;
        let strange = caller.webhook(dialect, &format!("{url}?other"), &secret_text([8; 32])).await;
        let (status, said) = (caller.test(&webhook).await, receiver.next());
        assert_eq!((status, &said["verdict"]), (204, &json!("verified")), "{dialect}: {said}");
        let (status, said) = (caller.test(&strange).await, receiver.next());
        assert_eq!((status, &said["verdict"]), (401, &json!("refused")), "{dialect}, another secret: {said}");
        caller.remove(&strange).await;
        refuses_what_was_touched(&receiver, dialect, &secret).await;
    }
    caller.enrol_somebody().await;
    let mut told: Vec<String> = (0..5).map(|_| receiver.next()).map(|said| summary(&said)).collect();
    told.sort();
    let expected = [
        "reach360 enrollments.created verified",
        "talktiko course_stat.created verified",
        "talktiko enrollment.created verified",
        "talktiko enrollments.created verified",
        "teachbase course_stat verified",
    ];
    assert_eq!(told, expected);
}

/// Deliveries of our own making, signed as the server signs them, so that each can be spoiled in one place.
async fn refuses_what_was_touched(receiver: &Receiver, dialect: DialectName, secret: &str) {
    let body = r#"{"type":"course_stat","event":"updated","data":{"id":1}}"#;
    let now = SystemClock.now().timestamp();
    let good = headers(dialect, secret, (dialect.as_str(), now), body.as_bytes());
    let post = async |headers: &[(&str, String)], body: &str| {
        let status = post(&format!("{}/{dialect}", receiver.url), headers, body).await;
        (status, receiver.next()["verdict"].as_str().expect("a verdict").to_owned())
    };
    assert_eq!(post(&good, body).await, (204, "verified".to_owned()), "{dialect}");
    assert_eq!(post(&good, body).await, (204, "repeated".to_owned()), "{dialect}");
    assert_eq!(post(&good, &body.replace('1', "2")).await, (401, "refused".to_owned()), "{dialect}, another body");
    let old = headers(dialect, secret, ("old", now - OLD_SECONDS), body.as_bytes());
    assert_eq!(post(&old, body).await, (401, "refused".to_owned()), "{dialect}, too old");
    for missing in 1..good.len() {
        let mut headers = good.clone();
        let (header, _) = headers.remove(missing);
        assert_eq!(post(&headers, body).await, (401, "refused".to_owned()), "{dialect}, without {header}");
    }
}

fn headers(dialect: DialectName, secret: &str, (id, at): (&str, i64), body: &[u8]) -> Vec<(&'static str, String)> {
    let key = standard_key(secret.as_bytes());
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", format!("evt_{id}")),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", standard_webhooks(&key, &format!("evt_{id}"), at, body)),
    ];
    match dialect {
        DialectName::Talktiko => {
            headers.push(("x-signature-256", format!("sha256={}", hmac_sha256_hex(secret.as_bytes(), body))));
        }
        DialectName::Reach360 => headers.push(("x-hook-signature", hmac_sha1_hex(secret.as_bytes(), body))),
        DialectName::Teachbase => {}
    }
    headers
}

fn summary(said: &Value) -> String {
    let word = |key: &str| said[key].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", word("dialect"), word("type"), word("verdict"))
}

#[expect(clippy::disallowed_methods, reason = "this is a stranger to the house, not a way out of it")]
fn client() -> Client {
    Client::builder().timeout(PATIENCE).finish()
}

async fn post(url: &str, headers: &[(&str, String)], body: &str) -> u16 {
    let request =
        headers.iter().fold(client().post(url), |request, header| request.insert_header((header.0, header.1.as_str())));
    request.send_body(body.to_owned()).await.expect("an answer").status().as_u16()
}

/// Who calls the server's API.
struct Caller {
    address: SocketAddr,
    token: String,
}

impl Caller {
    fn of(server: &Server) -> Self {
        Self { address: server.address, token: server.token() }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = client().post(format!("http://{}{path}", self.address)).bearer_auth(&self.token);
        let mut response = request.send_json(body).await.expect("an answer");
        let answer: Value = response.json().await.expect("JSON");
        assert!(response.status().is_success(), "{path}: {answer}");
        answer["data"].clone()
    }

    async fn webhook(&self, dialect: DialectName, url: &str, secret: &str) -> String {
        let new = json!({ "url": url, "events": ["*"], "dialect": dialect, "secret": secret, "coalesce_seconds": 0 });
        self.post("/api/integrations/webhooks", &new).await["id"].as_str().expect("an id").to_owned()
    }

    /// What the receiver answered to a test.
    async fn test(&self, webhook: &str) -> u64 {
        let result = self.post(&format!("/api/integrations/webhooks/{webhook}/test"), &json!({})).await;
        result["http_status"].as_u64().unwrap_or_else(|| panic!("no answer: {result}"))
    }

    /// Gives a webhook another address.
    async fn point(&self, webhook: &str, url: &str) {
        let path = format!("http://{}/api/integrations/webhooks/{webhook}", self.address);
        let request = client().patch(path).bearer_auth(&self.token);
        assert_eq!(request.send_json(&json!({ "url": url })).await.expect("an answer").status(), 200);
    }

    async fn remove(&self, webhook: &str) {
        let url = format!("http://{}/api/integrations/webhooks/{webhook}", self.address);
        assert_eq!(client().delete(url).bearer_auth(&self.token).send().await.expect("an answer").status(), 204);
    }

    async fn enrol_somebody(&self) {
        let event = json!({
            "id": "enrolled", "occurred_at": SystemClock.now(), "verb": "enrolled",
            "user": { "external_id": "learner-1" }, "object": { "kind": "course", "external_id": "korean-a1" },
        });
        let results = self.post("/api/progress-events", &json!({ "events": [event] })).await;
        assert_eq!(results[0]["status"], "accepted", "{results}");
    }
}

fn receivers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/receivers")
}

/// Where `scripts/setup test` installs the official libraries.
fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers")
}
