use actix_web::test::TestRequest;
use proptest::prelude::*;

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
fn what_is_not_one_document_is_malformed() {
    for (body, wanted) in [
        (&b""[..], r#""" syntax"#),
        (b"{", r#""" syntax"#),
        (b"{\"title\": \"x\"} {}", r#""" syntax"#),
        (b"{\"title\": \"x\",}", r#""" syntax"#),
        (b"{title: 1}", r#""" syntax"#),
        (b"{\"title\": 01}", r#""" syntax"#),
        (b"{\"title\": +1}", r#""" syntax"#),
        (b"{\"title\": NaN}", r#""" syntax"#),
        (b"{\"title\": \"a\tb\"}", r#""" control"#),
        (b"{\"title\": \"\\x\"}", r#""" syntax"#),
        (b"\xef\xbb\xbf{}", r#""" syntax"#),
        (b"{\"title\": \"\xff\"}", r#""" utf8"#),
    ] {
        let refusal = refusal(body);
        let refusal = refusal.replace("\"/title\"", "\"\"");
        assert_eq!(refusal, format!("malformed_body {wanted}"), "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn what_parsers_read_differently_is_malformed() {
    let long = format!("{{\"title\": {}}}", "1".repeat(65));
    for (body, wanted) in [
        (r#"{"title": "x", "title": "y"}"#, r#""/title" duplicate_key"#),
        (r#"{"title": "x", "t\u0069tle": "y"}"#, r#""/title" duplicate_key"#),
        (r#"{"title": "x", "tags": [{"a/b": 1, "a/b": 2}]}"#, r#""/tags/0/a~1b" duplicate_key"#),
        (r#"{"title": "a\u0000b"}"#, r#""/title" nul"#),
        (r#"{"\u0000": 1}"#, r#""" nul"#),
        (r#"{"title": "\ud800"}"#, r#""/title" surrogate"#),
        (r#"{"title": "\udc00\ud800"}"#, r#""/title" surrogate"#),
        (r#"{"title": 1e999}"#, r#""/title" number"#),
        (&long, r#""/title" number"#),
    ] {
        assert_eq!(refusal(body.as_bytes()), format!("malformed_body {wanted}"), "{body}");
    }
}

#[test]
fn the_nest_has_a_bottom() {
    let nest = |depth: usize| format!("{{\"title\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(refusal(nest(scan::DEPTH).as_bytes()).ends_with(" depth"));
    assert!(refusal(nest(scan::DEPTH - 1).as_bytes()).starts_with("validation_failed"));
    // No stack is used up by what is refused.
    assert!(refusal("[".repeat(1_000_000).as_bytes()).ends_with(" depth"));
}

#[test]
fn what_does_not_fit_is_invalid() {
    assert_eq!(refusal(b"[]"), "validation_failed \"\" type");
    assert_eq!(refusal(b"{}"), "validation_failed \"/title\" required");
    assert_eq!(refusal(br#"{"title": "x", "nmae": 1}"#), "validation_failed \"/nmae\" unknown");
    assert_eq!(refusal(br#"{"title": "x", "tags": ["a", 1]}"#), "validation_failed \"/tags/1\" type");
}

#[test]
fn good_bodies_are_read() {
    for body in [r#" {"title": "Español 👋 \ud83d\udc4b \"\\\/\b\f\n\r\t"} "#, r#"{"tags":[],"title":""}"#] {
        read::<Course>(body.as_bytes()).unwrap();
    }
    assert!(read::<Option<Course>>(b"").unwrap().is_none());
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

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
        if let Err(error) = read::<Course>(&bytes) {
            prop_assert!(matches!(error.code(), Code::MalformedBody | Code::ValidationFailed));
        }
    }

    #[test]
    fn near_json_is_refused_or_read(text in r#"[\[\]{}:,"\\tnu0-9a-f.eE+\- ]{0,40}"#) {
        if let Err(error) = read::<Course>(text.as_bytes()) {
            prop_assert!(matches!(error.code(), Code::MalformedBody | Code::ValidationFailed));
        }
    }

    /// What the scan lets through, the parser reads; what it refuses, the parser refuses or reads differently.
    #[test]
    fn scan_and_parser_agree(text in r#"[\[\]{}:,"\\tnu0-9a-f.eE+\- ]{0,40}"#) {
        if scan::check(text.as_bytes()).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }

    #[test]
    fn what_serde_writes_is_read(title: String, tags: Vec<String>) {
        let text = serde_json::json!({ "title": title, "tags": tags }).to_string();
        let has_nul = text.contains("\\u0000");
        prop_assert_eq!(read::<Course>(text.as_bytes()).is_ok(), !has_nul);
    }
}
