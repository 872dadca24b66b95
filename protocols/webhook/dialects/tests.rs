//! Every sample in every dialect: one snapshot for each dialect, one exact body and set of headers beside it.
//!
//! # Source
//! The vendors' pages, in each dialect; the signatures are the test vectors of `signature`.

use serde_json::Value;

use crate::{
    event::{EventType, sample},
    webhook::{Audience, Dialect, DialectName, RenderError, Signing, SigningKey},
};

const WEBHOOK: &str = "whk_01m7ynayr5ee9ag9yxnpgq1csr";
const AUDIENCE: Audience<'static> =
    Audience { webhook_id: WEBHOOK, api_version: None, base_url: "https://stoa.example.com" };

fn body(name: DialectName, event_type: EventType) -> String {
    let bytes = name.dialect().render(&sample(event_type), &AUDIENCE).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The body with a line for each key of the envelope and of `data`, in the order of the bytes.
fn spread(body: &str) -> String {
    let envelope: Value = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), body, "the spread shows the order of the bytes");
    let mut lines = Vec::new();
    for (key, value) in envelope.as_object().unwrap() {
        match (key.as_str(), value) {
            ("data", Value::Object(data)) => {
                lines.extend(data.iter().map(|(key, value)| format!("data.{key} = {value}")));
            }
            _ => lines.push(format!("{key} = {value}")),
        }
    }
    lines.join("\n")
}

fn every_sample(name: DialectName) -> String {
    let dialect = name.dialect();
    let spoken = EventType::ALL.iter().filter(|known| dialect.speaks(**known));
    let pages = spoken.map(|known| format!("## {}\n{}\n", dialect.name_of(*known), spread(&body(name, *known))));
    pages.collect::<Vec<_>>().join("\n")
}

#[test]
fn talktiko_says_every_sample() {
    insta::assert_snapshot!("talktiko", every_sample(DialectName::Talktiko));
}

#[test]
fn teachbase_says_every_sample() {
    insta::assert_snapshot!("teachbase", every_sample(DialectName::Teachbase));
}

#[test]
fn reach360_says_every_sample() {
    insta::assert_snapshot!("reach360", every_sample(DialectName::Reach360));
}

#[test]
fn a_body_is_these_bytes() {
    let expected = concat!(
        r#"{"id":"evt_01m7ynayr6f59r7xcc7ks9t3d9","type":"webhook.ping","api_version":"2026-11-21","#,
        r#""created_at":"2026-11-21T09:00:00.123Z","institution_id":"inst_01m7ynayqvemq8k9w39qsaekf4","#,
        r#""object":{"type":"webhook","id":"whk_01m7ynayr5ee9ag9yxnpgq1csr","revision":1},"test":true,"#,
        r#""data":{"message":"This is a test delivery. Nothing happened."}}"#,
    );
    assert_eq!(body(DialectName::Talktiko, EventType::WebhookPing), expected);
}

fn headers(name: DialectName, secrets: &[&str], test: bool) -> String {
    let keys: Vec<SigningKey> = secrets.iter().map(|secret| SigningKey::of(secret.as_bytes())).collect();
    let signing = Signing {
        message_id: "evt_1",
        timestamp: 1_795_251_600,
        body: br#"{"id":"evt_1","type":"user.created"}"#,
        keys: &keys,
        api_version: Some("2023-05-04").filter(|_| name == DialectName::Reach360),
        event_type: EventType::UserCreated,
        test,
    };
    let headers = name.dialect().headers(&signing);
    headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn headers_are_signed_in_each_dialects_own_terms_and_in_the_standard_ones() {
    insta::assert_snapshot!(headers(DialectName::Talktiko, &["whsec-example"], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1,2Pl31dRYe11CHdQqIXix9NxNKL0YNw1FvmAz5aSbE6Q=
    x-signature-256: sha256=f2f5c370f15231a22878ad3c00be444c822ef2bc4bd96535f9f8c9ab26b63658
    ");
    insta::assert_snapshot!(headers(DialectName::Teachbase, &["whsec-example"], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1,2Pl31dRYe11CHdQqIXix9NxNKL0YNw1FvmAz5aSbE6Q=
    ");
    insta::assert_snapshot!(headers(DialectName::Reach360, &["whsec-example"], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1,2Pl31dRYe11CHdQqIXix9NxNKL0YNw1FvmAz5aSbE6Q=
    api-version: 2023-05-04
    x-hook-signature: 6ab7656f34dce31bc0d5a9bde482825e3b2a4871
    ");
}

#[test]
fn without_a_secret_nothing_is_signed_but_the_id_is_there() {
    for name in DialectName::ALL {
        let sent = headers(name, &[], true);
        assert!(!sent.contains("signature"), "{sent}");
        assert!(sent.contains("webhook-id: evt_1\nwebhook-timestamp: 1795251600\nwebhook-test: true"), "{sent}");
    }
}

#[test]
fn a_whsec_secret_keys_the_legacy_header_by_its_text() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let expected =
        crate::webhook::signature::hmac_sha256_hex(secret.as_bytes(), br#"{"id":"evt_1","type":"user.created"}"#);
    assert!(headers(DialectName::Talktiko, &[secret], false).contains(&format!("sha256={expected}")));
}

#[test]
fn a_dialect_refuses_what_it_does_not_speak() {
    for name in DialectName::ALL {
        for event_type in EventType::ALL.iter().copied().filter(|known| !name.dialect().speaks(*known)) {
            let refused = name.dialect().render(&sample(event_type), &AUDIENCE);
            assert!(matches!(refused, Err(RenderError::NotSpoken { .. })), "{name} {event_type}");
        }
    }
}

#[test]
fn a_dialect_finds_its_types_by_both_names() {
    for name in DialectName::ALL {
        let dialect = name.dialect();
        for known in EventType::ALL.iter().copied() {
            let found = Some(known).filter(|known| dialect.speaks(*known));
            assert_eq!(dialect.event_named(known.as_str()), found, "{name} {known}");
            assert_eq!(dialect.event_named(dialect.name_of(known)), found, "{name} {known}");
        }
        assert_eq!(dialect.event_named("course.deleted"), None);
    }
    assert_eq!(super::REACH360.event_named("enrollments.created"), Some(EventType::EnrollmentsCreated));
    assert_eq!(super::REACH360.event_named("enrollment.created"), None);
}

#[test]
fn a_test_delivery_shows_a_type_that_the_dialect_speaks() {
    for name in DialectName::ALL {
        assert!(name.dialect().speaks(name.dialect().test_event()), "{name}");
    }
}

#[test]
fn names_read_back() {
    for name in DialectName::ALL {
        assert_eq!(name.as_str().parse(), Ok(name));
        assert_eq!(name.dialect().name(), name);
        assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
    }
}

#[test]
fn only_a_body_with_the_webhooks_id_inside_has_a_rendering_of_its_own() {
    assert_eq!(DialectName::Talktiko.dialect().rendering(WEBHOOK, None), "talktiko");
    assert_eq!(DialectName::Teachbase.dialect().rendering(WEBHOOK, None), "teachbase");
    let reach = DialectName::Reach360.dialect();
    assert_eq!(reach.rendering(WEBHOOK, None), format!("reach360:2023-04-04:{WEBHOOK}"));
    assert_eq!(reach.rendering(WEBHOOK, Some("2023-05-04")), format!("reach360:2023-05-04:{WEBHOOK}"));
}

#[test]
fn while_a_secret_is_replaced_the_old_headers_keep_their_key_and_the_new_one_stands_beside() {
    insta::assert_snapshot!(headers(DialectName::Talktiko, &["whsec-new-one", "whsec-example"], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1,4ouL3nB8TZUB0NiUTKawWH2AfYbsMw/jvAmICeoKmnQ= v1,2Pl31dRYe11CHdQqIXix9NxNKL0YNw1FvmAz5aSbE6Q=
    x-signature-256: sha256=f2f5c370f15231a22878ad3c00be444c822ef2bc4bd96535f9f8c9ab26b63658
    x-signature-256-next: sha256=53b2a20a167728bb5b6ad4e61823c521b2d730500912997b3031f5f532b95b43
    ");
    insta::assert_snapshot!(headers(DialectName::Reach360, &["whsec-new-one", "whsec-example"], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1,4ouL3nB8TZUB0NiUTKawWH2AfYbsMw/jvAmICeoKmnQ= v1,2Pl31dRYe11CHdQqIXix9NxNKL0YNw1FvmAz5aSbE6Q=
    api-version: 2023-05-04
    x-hook-signature: 6ab7656f34dce31bc0d5a9bde482825e3b2a4871
    x-hook-signature-next: 61de7ad47cade01ceaf4945f9623ca80672f2f8a
    ");
}

#[test]
fn a_pair_signs_the_standard_header_alone() {
    let pair = crate::webhook::signature::ed25519::private_text([7; 32]);
    insta::assert_snapshot!(headers(DialectName::Talktiko, &[&pair], false), @"
    content-type: application/json
    webhook-id: evt_1
    webhook-timestamp: 1795251600
    webhook-signature: v1a,D22KgORtHbS9f597SKN/gjcx/yGdcHd6led2cbgFgvjFMKFem91+NRLZN25LK9uyfVtk+HmHq66qQxpydR5KCg==
    ");
    let overlapping = headers(DialectName::Reach360, &[&pair, "whsec-example"], false);
    assert!(overlapping.contains("x-hook-signature: 6ab7656f34dce31bc0d5a9bde482825e3b2a4871"), "{overlapping}");
    assert!(!overlapping.contains("-next"), "{overlapping}");
}
