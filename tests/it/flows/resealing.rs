//! A new key for everything that is sealed, while the servers run.

use std::fmt::Write as _;

use actix_web::http::Method;
use chrono::TimeDelta;
use futures::{
    FutureExt,
    future::{Either, select},
};
use serde_json::json;
use stoa_core::{
    Id, id,
    sealed::{Resealed, Sealer, Secret, Standing, census, reseal},
};
use stoa_protocols::webhook::SigningKey;
use uuid::Uuid;

use super::steps::{deliveries, subscribe};
use crate::support::{
    TestHouse,
    house::{SEALING_KEY, settle},
    receivers::{Call, Receiver},
};

const NEW: &str = "a new key";
/// More than two batches.
const MANY: usize = 450;

fn knowing(keys: &[&str]) -> Sealer {
    Sealer::with_keys(&keys.iter().map(ToString::to_string).collect::<Vec<_>>())
}

async fn reseal_all(house: &TestHouse, keys: &[&str]) -> Resealed {
    reseal(house.db(), &knowing(keys), |_, _| {}).await.unwrap()
}

/// Was a call signed with a secret, in the manner of Standard Webhooks.
fn is_signed(call: &Call, secret: &str) -> bool {
    let (message, at) = (call.header("webhook-id").unwrap(), call.header("webhook-timestamp").unwrap());
    let signature = SigningKey::of(secret.as_bytes()).sign(message, at.parse().unwrap(), &call.body);
    call.header("webhook-signature").unwrap().split(' ').any(|one| one == signature)
}

/// Webhooks made behind the server's back, each with a secret of its own.
fn many_webhooks(house: &TestHouse, sealer: &Sealer) {
    let tenant = house.school.tenant.uuid();
    let mut values = String::new();
    for nth in 0..MANY {
        let id = Uuid::from_u128(0x0190_8a5d_ac96_774b_bcce_0000_0000_0000 + u128::try_from(nth).unwrap());
        let place = format!("webhook:{}", Id::<id::Webhook>::from_uuid(id));
        let locked = sealer.seal(&Secret::new(format!("secret {nth}").into_bytes()), &place).unwrap();
        let comma = if nth == 0 { "" } else { "," };
        let locked = hex::encode(locked);
        write!(
            values,
            "{comma}('{tenant}', '{id}', 'https://{nth}.example/', 'talktiko', '\\x{locked}', '', now(), now())"
        )
        .unwrap();
    }
    house.database.run(&format!(
        "INSERT INTO webhooks (tenant_id, id, url, dialect, secret, secret_hint, created_at, updated_at) VALUES {values}"
    ));
}

/// How many secrets of webhooks lie under a key that is known, the newest or an earlier one.
async fn under(house: &TestHouse, keys: &[&str]) -> (i64, i64) {
    let found = census(house.db(), &knowing(keys)).await.unwrap();
    let of = |wanted: fn(&Standing) -> bool| {
        let lines = found.lines.iter().filter(|(column, standing, _)| column.column == "secret" && wanted(standing));
        lines.map(|(_, _, count)| count).sum()
    };
    (of(|one| matches!(one, Standing::Current(_))), of(|one| matches!(one, Standing::Previous(_))))
}

#[actix_web::test]
async fn every_kind_of_secret_is_put_under_the_new_key_and_still_works() {
    let house = TestHouse::new().await;
    let more =
        json!({ "secret": "the-first-secret", "headers": { "x-api-key": "opensesame" }, "events": ["user.created"] });
    let (receiver, hook) = subscribe(&house, "https://a.example", more).await;
    let rotate = format!("/api/integrations/webhooks/{}/secret/rotate", hook["id"].as_str().unwrap());
    assert_eq!(house.admin().post(&rotate, json!({ "secret": "the-second-secret" })).await.status, 200);
    let new_token = || {
        let request = house.admin().request(Method::POST, "/api/integrations/tokens").header("Idempotency-Key", "once");
        request.json(&json!({ "name": "Warehouse", "abilities": ["content:read"] })).send()
    };
    let token = new_token().await.data();
    let done = reseal_all(&house, &[NEW, SEALING_KEY]).await;
    assert_eq!(done, Resealed { resealed: 4, unreadable: 0 }, "a secret, the one before it, headers, a kept answer");
    assert_eq!(census(house.db(), &knowing(&[NEW])).await.unwrap().remaining(), 0);
    assert_eq!(reseal_all(&house, &[NEW, SEALING_KEY]).await.resealed, 0, "once is enough");
    let node = house.another_node_knowing(&[NEW]);
    let again = TestHouse::caller_of(&node, Some(&house.school.admin.token));
    let again = again.request(Method::POST, "/api/integrations/tokens").header("Idempotency-Key", "once");
    let again = again.json(&json!({ "name": "Warehouse", "abilities": ["content:read"] })).send().await;
    assert_eq!(again.data(), token, "the same answer, opened with the new key");
    house.learners(&["ana"]).await;
    settle(&node.tools).await;
    let call = receiver.take().remove(0);
    assert!(is_signed(&call, "the-first-secret") && is_signed(&call, "the-second-secret"), "{call:?}");
    assert_eq!(call.header("x-api-key"), Some("opensesame"));
}

#[actix_web::test]
async fn a_run_that_is_killed_between_batches_is_gone_on_with() {
    let house = TestHouse::new().await;
    many_webhooks(&house, &knowing(&[SEALING_KEY]));
    let keys = [NEW, SEALING_KEY];
    let sealer = knowing(&keys);
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let killed = {
        let running = reseal(house.db(), &sealer, |_, _| {
            let _ = tell.take().map(|tell| tell.send(()));
        });
        // The run is dropped where it waits for the database next: within its second batch.
        matches!(select(told.boxed_local(), running.boxed_local()).await, Either::Left(_))
    };
    assert!(killed);
    let (done, left) = under(&house, &keys).await;
    assert!(done > 0 && left > 0, "{done} and {left}");
    assert_eq!(usize::try_from(done + left).unwrap(), MANY);
    let rest = reseal_all(&house, &keys).await;
    assert_eq!(rest, Resealed { resealed: usize::try_from(left).unwrap(), unreadable: 0 });
    assert_eq!(under(&house, &[NEW]).await, (i64::try_from(MANY).unwrap(), 0));
}

#[actix_web::test]
async fn what_no_known_key_opens_is_left_and_counted() {
    let house = TestHouse::new().await;
    many_webhooks(&house, &knowing(&["a lost key"]));
    let (_, _) = subscribe(&house, "https://a.example", json!({})).await;
    let done = reseal_all(&house, &[NEW, SEALING_KEY]).await;
    assert_eq!(done, Resealed { resealed: 1, unreadable: MANY });
    let found = census(house.db(), &knowing(&[NEW, SEALING_KEY])).await.unwrap();
    assert_eq!((found.unknown(), found.remaining()), (i64::try_from(MANY).unwrap(), i64::try_from(MANY).unwrap()));
}

/// Until a node knows the new key, it can sign nothing that lies under it. Then it must lose nothing either.
#[actix_web::test]
async fn a_node_that_does_not_know_the_key_yet_loses_nothing() {
    let house = TestHouse::new().await;
    let (receiver, hook) =
        subscribe(&house, "https://a.example", json!({ "secret": "a-plain-secret", "events": ["user.created"] })).await;
    reseal_all(&house, &[NEW, SEALING_KEY]).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    assert!(receiver.take().is_empty(), "it cannot be signed here");
    let waiting = deliveries(&house, &hook).await.remove(0);
    assert_eq!((&waiting["status"], &waiting["attempt_count"]), (&json!("pending"), &json!(0)), "{waiting}");
    let test = format!("/api/integrations/webhooks/{}/test", hook["id"].as_str().unwrap());
    assert_eq!(house.admin().post(&test, json!({})).await.refusal().0, 503);
    // A node that knows both keys sends it, when its turn comes.
    let knowing = house.another_node_knowing(&[NEW, SEALING_KEY]);
    house.clock.advance(TimeDelta::seconds(31));
    settle(&knowing.tools).await;
    let call = first(&receiver);
    assert!(is_signed(&call, "a-plain-secret"), "{call:?}");
    let sent = deliveries(&house, &hook).await.remove(0);
    assert_eq!((&sent["status"], &sent["attempt_count"]), (&json!("succeeded"), &json!(1)), "{sent}");
}

fn first(receiver: &Receiver) -> Call {
    let mut calls = receiver.take();
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}
