//! Pages that links in letters lead to, for whoever has no pages of an own (`accounts.app_url`): joining by an
//! invitation, and setting another password.
//!
//! Not here: what they do, which is what any program may do at `/api/invitations` and `/api/auth/password-reset`; their
//! words and looks (`templates/pages`).
//!
//! The token of a link stands behind its `#`, which a browser sends to nobody: the page's script reads it there, takes it
//! out of the address bar, and sends it in a body. The script and the style are part of the page, named by their hashes
//! in its `Content-Security-Policy`, so that nothing else runs.
//!
//! # Source
//! Content Security Policy Level 3 (w3.org/TR/CSP3) section 2.3.1 for hashes.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::Bytes,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use sha2::{Digest, Sha256};
use stoa_core::{Error, Result};

use super::doors::{Door, Reply, Visit, Wire};

const TAG: &str = "Pages";

const LAYOUT: &str = include_str!("../../templates/pages/account.html");
const STYLE: &str = include_str!("../../templates/pages/account.css");
const SCRIPT: &str = include_str!("../../templates/pages/account.js");

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/accept", page).named("pageToAccept", TAG, "The page that an invitation leads to"),
        Door::get("/reset", page).named("pageToReset", TAG, "The page for whoever lost a password"),
    ]
}

/// The page, and what may run on it.
static PAGE: LazyLock<(Bytes, String)> = LazyLock::new(|| {
    let text = LAYOUT.replace("/*style*/", STYLE).replace("/*script*/", SCRIPT);
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    (Bytes::from(text), policy)
});

/// A page.
struct Html;

async fn page(_: Visit) -> Result<Html> {
    Ok(Html)
}

impl Reply for Html {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "text/html; charset=utf-8";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "string" }))
    }

    fn example(_: &str) -> Option<Value> {
        Some("<!doctype html>…".into())
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let (text, policy) = &*PAGE;
        let policy = HeaderValue::from_str(policy).map_err(Error::internal)?;
        Ok(HttpResponse::Ok()
            .content_type(Self::MEDIA)
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(text.clone()))
    }
}
