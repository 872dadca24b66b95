//! The pages that links in letters lead to.

use actix_web::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::support::TestHouse;

#[actix_web::test]
async fn a_page_runs_what_is_on_it_and_nothing_else() {
    let house = TestHouse::new().await;
    let pages = [
        ("/accept", "account"),
        ("/reset", "account"),
        ("/verify", "verify"),
        ("/confirm-report", "confirm"),
        ("/report-file", "file"),
        ("/unsubscribe/stoa_u_x", "unsubscribe"),
    ];
    for (path, what) in pages {
        let page = house.anonymous().get(path).await.expect(StatusCode::OK);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        let (policy, text) = (page.header("content-security-policy").unwrap(), page.text());
        for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
            let inside = text.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
            let hash = BASE64_STANDARD.encode(Sha256::digest(inside.as_bytes()));
            assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{policy}");
        }
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        let form = if ["account", "verify"].contains(&what) { "'none'" } else { "'self'" };
        assert!(policy.contains(&format!("form-action {form};")), "{path}: {policy}");
        assert!(text.contains(&format!("<body data-what=\"{what}\">")) && !text.contains("/*"), "{path}: {text}");
        for once in ["\"use strict\"", "const WORDS = {", "function speak(", "function say(", "id=\"send\""] {
            assert_eq!(text.matches(once).count(), 1, "{path}: {once}");
        }
        let (_, without_script) = text.split_once("<noscript>").unwrap();
        assert_eq!(without_script.contains("<form method=\"post\">"), what == "unsubscribe", "{path}");
        assert!(!text.contains("http://") && !text.contains("https://"), "nothing is loaded from elsewhere");
    }
}

#[actix_web::test]
async fn everything_else_lets_nothing_run() {
    let house = TestHouse::new().await;
    let answer = house.anonymous().get("/api/public/courses?institution=external_id:home").await;
    let policy = answer.header("content-security-policy");
    assert_eq!(policy, Some("default-src 'none'; frame-ancestors 'none'"));
}
