//! Pages that links in letters and on documents lead to, for whoever has no pages of an own (`accounts.app_url`): joining
//! by an invitation, setting another password, and verifying a document.
//!
//! Not here: what they do, which is what any program may do at the doors of `/api`; their words and looks
//! (`templates/pages`).
//!
//! The token of a link stands behind its `#`, which a browser sends to nobody: the page's script reads it there and sends
//! it in a body. The script and the style are part of the page, named by their hashes in its `Content-Security-Policy`,
//! so that nothing else runs. All pages are one frame (`page.html`, `page.css`, `page.js`), in which each has its own
//! `main` and behind the frame's script its own.
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
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use stoa_core::{Error, Result};

use super::doors::{Door, Reply, Visit, Wire};

const TAG: &str = "Pages";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/accept", account).named("pageToAccept", TAG, "The page that an invitation leads to"),
        Door::get("/reset", account).named("pageToReset", TAG, "The page for whoever lost a password"),
        Door::get("/confirm-report", confirm).named(
            "pageToConfirmReport",
            TAG,
            "The page on which a report is said yes to",
        ),
        Door::get("/report-file", file).named(
            "pageToFetchReportFile",
            TAG,
            "The page behind which a report's file lies",
        ),
        Door::get("/unsubscribe/{token}", unsubscribe).named(
            "pageToUnsubscribe",
            TAG,
            "The page with the button that ends a report; to open it ends nothing",
        ),
        Door::get("/verify", verify).named("pageToVerify", TAG, "The page on which a document is verified"),
    ]
}

/// A page, and what may run on it.
struct Page {
    text: Bytes,
    policy: String,
}

/// The text of a file of `templates/pages`.
macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/pages/", $name))
    };
}

static ACCOUNT: LazyLock<Page> = LazyLock::new(|| {
    let main = [template!("account.html"), template!("link.html")].concat();
    Page::new("account", (&main, template!("account.js")), "'none'")
});
static VERIFY: LazyLock<Page> =
    LazyLock::new(|| Page::new("verify", (template!("verify.html"), template!("verify.js")), "'none'"));
static CONFIRM: LazyLock<Page> = LazyLock::new(|| Page::of_report("confirm", template!("link.html")));
static FILE: LazyLock<Page> = LazyLock::new(|| Page::of_report("file", template!("link.html")));
static UNSUBSCRIBE: LazyLock<Page> = LazyLock::new(|| Page::of_report("unsubscribe", template!("unsubscribe.html")));
static LEFT: LazyLock<Page> = LazyLock::new(|| Page::of_report("left", template!("left.html")));

impl Page {
    /// A page of a report's letter, and what it is for a browser that runs no scripts.
    fn of_report(what: &str, without_script: &str) -> Self {
        let main = [template!("report.html"), without_script].concat();
        Self::new(what, (&main, template!("report.js")), "'self'")
    }

    /// What stands on a page and what it does, in the frame of all pages. A word says what it is for; its form may be sent
    /// to whom the policy names.
    fn new(what: &str, (main, script): (&str, &str), form_action: &str) -> Self {
        let style = template!("page.css");
        let script = [template!("page.js"), script].concat();
        let text = template!("page.html")
            .replace("/*what*/", what)
            .replace("/*style*/", style)
            .replace("/*main*/", main)
            .replace("/*script*/", &script);
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; \
             form-action {form_action}; frame-ancestors 'none'",
            hash(&script),
            hash(style)
        );
        Self { text: Bytes::from(text), policy }
    }
}

/// A page as an answer.
pub(super) struct Html(&'static Page);

/// What is said to whoever ended a report, of whichever browser or mail program.
pub(super) fn left() -> Html {
    Html(&LEFT)
}

#[derive(Deserialize, JsonSchema)]
struct Leaving {
    /// The token of the letter; the page itself does not look at it.
    #[serde(rename = "token")]
    _token: String,
}

async fn confirm(_: Visit) -> Result<Html> {
    Ok(Html(&CONFIRM))
}

async fn file(_: Visit) -> Result<Html> {
    Ok(Html(&FILE))
}

async fn unsubscribe(_: Visit<Leaving>) -> Result<Html> {
    Ok(Html(&UNSUBSCRIBE))
}

async fn account(_: Visit) -> Result<Html> {
    Ok(Html(&ACCOUNT))
}

async fn verify(_: Visit) -> Result<Html> {
    Ok(Html(&VERIFY))
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
        let Page { text, policy } = self.0;
        let policy = HeaderValue::from_str(policy).map_err(Error::internal)?;
        Ok(HttpResponse::Ok()
            .content_type(Self::MEDIA)
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(text.clone()))
    }
}
