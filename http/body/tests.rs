//! Media types, and the order of refusals; the grammar is tested in `stoa_core::json`.

use actix_web::test::TestRequest;

use super::*;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Course {
    title: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Body for Course {
    fn example() -> Value {
        serde_json::json!({ "title": "Spanish A1" })
    }
}

/// Code, pointer, and word of the fault.
fn refusal(body: &[u8]) -> String {
    let error = read::<Course>(body).unwrap_err();
    let fault = error.fields().first().unwrap();
    format!("{} {:?} {}", error.code(), fault.pointer, fault.code)
}

#[test]
fn a_bad_form_goes_before_a_bad_shape() {
    assert_eq!(refusal(b""), r#"malformed_body "" syntax"#);
    assert_eq!(refusal(br#"{"title": 1, "title": 2}"#), r#"malformed_body "/title" duplicate_key"#);
    assert_eq!(refusal(b"[]"), r#"validation_failed "" type"#);
    assert_eq!(refusal(b"{}"), r#"validation_failed "/title" required"#);
    assert_eq!(refusal(br#"{"title": "x", "nmae": 1}"#), r#"validation_failed "/nmae" unknown"#);
    assert_eq!(refusal(br#"{"title": "x", "tags": ["a", 1]}"#), r#"validation_failed "/tags/1" type"#);
}

#[test]
fn good_bodies_are_read() {
    read::<Course>(br#" {"title": "x", "tags": []} "#).unwrap();
    assert!(read::<Option<Course>>(b"").unwrap().is_none());
    assert!(read::<Option<Course>>(br#"{"title": "x"}"#).unwrap().is_some());
}

#[test]
fn only_plain_json_is_taken() {
    let is = |kind: &str, more: Option<(&str, &str)>| {
        let request = TestRequest::default().insert_header(("content-type", kind));
        let request = more.into_iter().fold(request, TestRequest::append_header);
        is_json(&request.to_http_request()).is_ok()
    };
    assert!(is("application/json", None));
    assert!(is("Application/JSON; Charset=\"UTF-8\"", None));
    assert!(is("application/json", Some(("content-encoding", "identity"))));
    assert!(!is("application/json", Some(("content-encoding", "gzip"))));
    assert!(!is("application/json", Some(("content-type", "text/plain"))));
    assert!(!is("application/json; charset=utf-16", None));
    assert!(!is("application/jsonx", None));
    assert!(!is("text/plain", None));
    assert!(is_json(&TestRequest::default().to_http_request()).is_err());
}
