//! Rotation: both secrets sign during the overlap, and neither kind of receiver breaks at any moment of it.
//!
//! Signatures are computed here from the secret and the raw body, not by the code under test.

use actix_web::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::support::{
    TestHouse,
    receivers::{Call, Receiver},
};

const WEBHOOKS: &str = "/api/integrations/webhooks";
const OLD: &str = "the-old-secret";
const NEW: &str = "the-new-secret";

/// How a vendor's own header is made of a body and a secret.
type Sign = fn(&Call, &str) -> String;

async fn with_hook(more: Value) -> (TestHouse, Receiver, String, Value) {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let mut new = json!({ "url": receiver.url(), "events": ["user.created"] });
    for (name, value) in more.as_object().expect("fields") {
        new[name] = value.clone();
    }
    let hook = house.admin().post(WEBHOOKS, new).await.expect(StatusCode::CREATED).data();
    let path = format!("{WEBHOOKS}/{}", hook["id"].as_str().expect("an id"));
    (house, receiver, path, hook)
}

/// Something happens, and the receiver is told.
async fn told(house: &TestHouse, receiver: &Receiver, learner: &str) -> Call {
    house.learners(&[learner]).await;
    house.settle().await;
    receiver.take().remove(0)
}

fn message(call: &Call) -> Vec<u8> {
    let [id, timestamp] = ["webhook-id", "webhook-timestamp"].map(|name| call.header(name).expect(name));
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", &call.body].concat()
}

/// By the rule of Standard Webhooks: the message is genuine if any of the signatures is.
fn verifies(call: &Call, secret: &str) -> bool {
    let key = secret.strip_prefix("whsec_").map_or(secret.as_bytes().to_vec(), |text| STANDARD.decode(text).unwrap());
    let wanted = format!("v1,{}", STANDARD.encode(hmac::<sha2::Sha256>(&key, &message(call))));
    signatures(call).any(|signature| signature == wanted)
}

fn verifies_by_public_key(call: &Call, public: &str) -> bool {
    let public = STANDARD.decode(public.strip_prefix("whpk_").expect("a public key")).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, public);
    signatures(call)
        .filter_map(|signature| signature.strip_prefix("v1a,"))
        .any(|coded| key.verify(&message(call), &STANDARD.decode(coded).unwrap()).is_ok())
}

fn signatures(call: &Call) -> impl Iterator<Item = &str> {
    call.header("webhook-signature").unwrap_or_default().split(' ')
}

fn hmac<D: hmac::digest::block_api::EagerHash>(key: &[u8], message: &[u8]) -> Vec<u8>
where
    Hmac<D>: KeyInit + Mac,
{
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn x_signature(call: &Call, secret: &str) -> String {
    format!("sha256={}", hex::encode(hmac::<sha2::Sha256>(secret.as_bytes(), &call.body)))
}

fn x_hook_signature(call: &Call, secret: &str) -> String {
    hex::encode(hmac::<sha1::Sha1>(secret.as_bytes(), &call.body))
}

#[actix_web::test]
async fn during_the_overlap_both_secrets_verify_and_after_it_the_new_one_alone() {
    let (house, receiver, path, _) = with_hook(json!({ "secret": OLD })).await;
    let rotated =
        house.admin().post(&format!("{path}/secret/rotate"), json!({ "secret": NEW, "overlap_seconds": 3600 })).await;
    let rotated = rotated.expect(StatusCode::OK).data();
    assert_eq!((&rotated["secret"], &rotated["secret_hint"]), (&json!(NEW), &json!("cret")));
    assert_eq!(rotated["previous_secret_until"], "2026-11-21T10:00:00Z");
    let call = told(&house, &receiver, "ana").await;
    assert!(verifies(&call, OLD) && verifies(&call, NEW), "{:?}", call.headers);
    let first = signatures(&call).next().map(str::to_owned);
    house.clock.advance(TimeDelta::minutes(59));
    let call = told(&house, &receiver, "bob").await;
    assert!(verifies(&call, OLD) && verifies(&call, NEW));
    assert_ne!(signatures(&call).next().map(str::to_owned), first);
    house.clock.advance(TimeDelta::minutes(1));
    let call = told(&house, &receiver, "cleo").await;
    assert!(!verifies(&call, OLD) && verifies(&call, NEW));
    let shown = house.admin().get(&path).await.data();
    assert_eq!(shown["previous_secret_until"], Value::Null);
}

/// A header with room for one signature stays with the secret that its receiver has, so rotating breaks nothing.
#[actix_web::test]
async fn a_header_of_one_signature_changes_at_the_end_of_the_overlap() {
    let kinds: [(&str, &str, &str, Sign); 2] = [
        ("talktiko", "x-signature-256", "x-signature-256-next", x_signature),
        ("reach360", "x-hook-signature", "x-hook-signature-next", x_hook_signature),
    ];
    for (dialect, header, next, sign) in kinds {
        let (house, receiver, path, _) = with_hook(json!({ "secret": OLD, "dialect": dialect })).await;
        let body = json!({ "secret": NEW, "overlap_seconds": 60 });
        house.admin().post(&format!("{path}/secret/rotate"), body).await.data();
        let call = told(&house, &receiver, "ana").await;
        assert_eq!(call.header(header), Some(sign(&call, OLD).as_str()), "{dialect}");
        assert_eq!(call.header(next), Some(sign(&call, NEW).as_str()), "{dialect}");
        house.clock.advance(TimeDelta::minutes(1));
        let call = told(&house, &receiver, "bob").await;
        assert_eq!(call.header(header), Some(sign(&call, NEW).as_str()), "{dialect}");
        assert_eq!(call.header(next), None, "{dialect}");
    }
}

#[actix_web::test]
async fn an_overlap_can_be_ended_early_and_there_is_one_at_a_time() {
    let (house, receiver, path, _) = with_hook(json!({ "secret": OLD })).await;
    let rotate = format!("{path}/secret/rotate");
    let made = house.admin().post(&rotate, json!({})).await.data();
    assert_eq!(made["previous_secret_until"], "2026-11-22T09:00:00Z", "a day, if nothing is said");
    let (status, code, _) = house.admin().post(&rotate, json!({})).await.refusal();
    assert_eq!((status, code.as_str()), (409, "conflict"));
    assert_eq!(house.admin().delete(&format!("{path}/secret/previous")).await.status, 204);
    let call = told(&house, &receiver, "ana").await;
    assert!(!verifies(&call, OLD) && verifies(&call, made["secret"].as_str().unwrap()));
    assert_eq!(house.admin().delete(&format!("{path}/secret/previous")).await.status, 204, "and nothing to end");
    let at_once = house.admin().post(&rotate, json!({ "overlap_seconds": 0, "secret": NEW })).await.data();
    assert_eq!(at_once["previous_secret_until"], Value::Null);
    let call = told(&house, &receiver, "bob").await;
    assert_eq!(signatures(&call).count(), 1);
    assert!(verifies(&call, NEW));
}

#[actix_web::test]
async fn a_pair_of_keys_signs_alone_and_its_private_half_is_never_shown() {
    let (house, receiver, path, hook) = with_hook(json!({ "signature_scheme": "v1a" })).await;
    assert_eq!((&hook["secret"], &hook["secret_hint"]), (&Value::Null, &Value::Null));
    let public = hook["public_key"].as_str().expect("a public key").to_owned();
    let call = told(&house, &receiver, "ana").await;
    assert!(verifies_by_public_key(&call, &public), "{:?}", call.headers);
    assert_eq!((call.header("x-signature-256"), signatures(&call).count()), (None, 1));
    // A new pair, both signing for a while.
    let rotated = house.admin().post(&format!("{path}/secret/rotate"), json!({ "overlap_seconds": 60 })).await;
    assert!(!rotated.text().contains("whsk_"));
    let newer = rotated.data()["public_key"].as_str().unwrap().to_owned();
    assert_ne!(newer, public);
    let call = told(&house, &receiver, "bob").await;
    assert!(verifies_by_public_key(&call, &public) && verifies_by_public_key(&call, &newer));
    house.clock.advance(TimeDelta::minutes(1));
    let call = told(&house, &receiver, "cleo").await;
    assert!(!verifies_by_public_key(&call, &public) && verifies_by_public_key(&call, &newer));
    assert_eq!(house.admin().get(&path).await.data()["public_key"], newer);
}

#[actix_web::test]
async fn the_scheme_changes_with_the_secret() {
    let (house, receiver, path, _) = with_hook(json!({ "secret": OLD })).await;
    let (status, _, pointers) = house.admin().patch(&path, json!({ "signature_scheme": "v1a" })).await.refusal();
    assert_eq!((status, pointers), (422, vec!["/signature_scheme".to_owned()]));
    let body = json!({ "signature_scheme": "v1a", "overlap_seconds": 60 });
    let rotated = house.admin().post(&format!("{path}/secret/rotate"), body).await.data();
    let public = rotated["public_key"].as_str().unwrap().to_owned();
    let call = told(&house, &receiver, "ana").await;
    assert!(verifies(&call, OLD) && verifies_by_public_key(&call, &public), "{:?}", call.headers);
    assert_eq!(call.header("x-signature-256"), Some(x_signature(&call, OLD).as_str()));
    house.clock.advance(TimeDelta::minutes(1));
    let call = told(&house, &receiver, "bob").await;
    assert!(!verifies(&call, OLD) && verifies_by_public_key(&call, &public));
    assert_eq!((call.header("x-signature-256"), call.header("x-signature-256-next")), (None, None));
}

#[actix_web::test]
async fn a_secret_has_a_form_and_an_overlap_has_bounds() {
    let (house, _, path, _) = with_hook(json!({ "secret": OLD })).await;
    for (body, pointer) in [
        (json!({ "overlap_seconds": -1 }), "/overlap_seconds"),
        (json!({ "overlap_seconds": 604_801 }), "/overlap_seconds"),
        (json!({ "secret": "short" }), "/secret"),
        (json!({ "secret": "whsk_a-private-key" }), "/secret"),
        (json!({ "secret": NEW, "signature_scheme": "v1a" }), "/secret"),
        (json!({ "overlap": 1 }), "/overlap"),
    ] {
        let (status, _, pointers) = house.admin().post(&format!("{path}/secret/rotate"), body.clone()).await.refusal();
        assert_eq!((status, pointers), (422, vec![pointer.to_owned()]), "{body}");
    }
    let new = json!({ "url": "https://lms.example/2", "events": ["*"], "signature_scheme": "v1a", "secret": NEW });
    assert_eq!(house.admin().post(WEBHOOKS, new).await.refusal().2, ["/secret"]);
}

#[actix_web::test]
async fn both_secrets_are_sealed_at_rest() {
    let (house, _, path, _) = with_hook(json!({ "secret": OLD })).await;
    house.admin().post(&format!("{path}/secret/rotate"), json!({ "secret": NEW })).await.data();
    let kept = house.database.value("SELECT string_agg(w::text, '') FROM webhooks w").to_string();
    for secret in [OLD, NEW] {
        assert!(!kept.contains(secret) && !kept.contains(&hex::encode(secret)), "{secret}");
    }
}
