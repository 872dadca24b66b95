//! The pages that links in letters lead to.

use actix_web::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::support::TestHouse;

#[actix_web::test]
async fn a_page_runs_what_is_on_it_and_nothing_else() {
    let house = TestHouse::new().await;
    for path in ["/accept", "/reset"] {
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
