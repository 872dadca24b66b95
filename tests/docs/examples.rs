//! The commands of the documents, run one after the other in one shell, as a reader would.
//!
//! - A block `sh` is run and must end well; `sh fails` must not.
//! - A block `json` after it is what the last one printed.
//! - A block `http` is a request that a receiver got meanwhile.
//! - Other blocks are for the eye.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

use super::{
    likeness::{difference, texts_are_alike},
    server::Server,
};

/// Headers of every request that say nothing of ours.
const OF_THE_WIRE: [&str; 5] = ["host", "content-length", "accept", "accept-encoding", "date"];
/// Where the documents say that server and receiver listen.
const SERVER: &str = "127.0.0.1:8080";
const OPERATORS: &str = "127.0.0.1:8081";
const RECEIVER: &str = "127.0.0.1:9000";
/// Where they start receivers of their own.
const OWN_RECEIVER: &str = "9100";

/// How secrets and tokens begin. None stands in the log, also where a client put it into a query.
const SECRETS: [&str; 11] = [
    "stoa_k_", "stoa_a_", "stoa_s_", "whsec_", "stoa_v_", "stoa_r_", "stoa_p_", "stoa_w_", "stoa_c_", "stoa_u_",
    "stoa_f_",
];

struct Block {
    kind: String,
    line: usize,
    text: String,
}

/// A request that came.
struct Arrival {
    path: String,
    headers: Vec<(String, String)>,
    body: Value,
}

type Arrivals = web::Data<Mutex<Vec<Arrival>>>;

#[actix_web::test]
async fn the_examples_for_integrators_are_true() {
    check("docs/integrating.md").await;
}

#[actix_web::test]
async fn the_examples_of_activity_are_true() {
    check("docs/activity.md").await;
}

#[actix_web::test]
async fn the_examples_of_endpoints_are_true() {
    check("docs/endpoints.md").await;
}

#[actix_web::test]
async fn the_transcript_of_a_teachbase_client_is_true() {
    let log = check("docs/teachbase.md").await;
    assert!(log.contains("/oauth/token") && log.contains("/endpoint/v1/course_stats/{id}"), "{log}");
}

#[actix_web::test]
async fn the_examples_of_catching_up_are_true() {
    check("docs/catching-up.md").await;
}

#[actix_web::test]
async fn the_examples_of_gamification_are_true() {
    check("docs/gamification.md").await;
}

#[actix_web::test]
async fn the_examples_of_the_audit_log_are_true() {
    check("docs/audit.md").await;
}

#[actix_web::test]
async fn the_examples_of_content_are_true() {
    check("docs/content.md").await;
}

#[actix_web::test]
async fn the_examples_of_outages_are_true() {
    check("docs/outages.md").await;
}

#[actix_web::test]
async fn the_transcript_of_a_reach_client_is_true() {
    check("docs/reach360.md").await;
}

#[actix_web::test]
async fn the_examples_for_support_are_true() {
    check("docs/support.md").await;
}

#[actix_web::test]
async fn the_examples_of_letters_are_true() {
    check("docs/letters.md").await;
}

#[actix_web::test]
async fn the_examples_of_institutions_are_true() {
    check("docs/institutions.md").await;
}

#[actix_web::test]
async fn the_examples_of_members_are_true() {
    check("docs/members.md").await;
}

#[actix_web::test]
async fn the_examples_of_imports_are_true() {
    check("docs/imports.md").await;
}

#[actix_web::test]
async fn the_examples_of_tokens_are_true() {
    check("docs/tokens.md").await;
}

#[actix_web::test]
async fn the_examples_of_privacy_are_true() {
    check("docs/privacy.md").await;
}

#[actix_web::test]
async fn the_examples_of_accounts_are_true() {
    let log = check("docs/accounts.md").await;
    assert!(log.contains("/api/invitations/accept"), "{log}");
}

#[actix_web::test]
async fn the_examples_of_exports_are_true() {
    check("docs/exports.md").await;
}

#[actix_web::test]
async fn the_examples_of_reports_are_true() {
    check("docs/reports.md").await;
}

#[actix_web::test]
async fn the_examples_of_the_learning_record_are_true() {
    check("docs/learning-record.md").await;
}

#[actix_web::test]
async fn the_examples_for_operators_are_true() {
    check("docs/operating.md").await;
}

/// Runs a document; answers what the server logged meanwhile.
async fn check(document: &str) -> String {
    let server = Server::start(&document.replace(['/', '.'], "-"));
    let (receiver, arrivals) = open_receiver();
    let text = fs::read_to_string(root().join(document)).expect("the document");
    let text = text
        .replace(SERVER, &server.address.to_string())
        .replace(OPERATORS, &server.ops_address.to_string())
        .replace(RECEIVER, &receiver)
        .replace(OWN_RECEIVER, &free_port())
        .replace(" docs/clients/", &format!(" {}/docs/clients/", root().display()))
        .replace(" var/", &format!(" {}/", server.data().display()));
    let blocks = blocks(&text);
    let folder = server.data().join("examples");
    let printed = web::block({
        let (script, folder, shell) = (script(&blocks), folder.clone(), server.shell());
        move || run(&script, &folder, shell)
    })
    .await
    .expect("the shell");
    let mut faults = Vec::new();
    faults.extend(printed.err());
    let mut shown = String::new();
    for (at, block) in blocks.iter().enumerate() {
        let fault = match block.kind.as_str() {
            "sh" | "sh fails" => {
                shown = fs::read_to_string(folder.join(format!("{at}.out"))).unwrap_or_default();
                None
            }
            "json" => documents_differ(&block.text, &shown),
            "http" => request_fault(block, &arrivals.lock().expect("the arrivals")),
            _ => None,
        };
        faults.extend(fault.map(|fault| format!("{document}:{}: {fault}\n  printed: {shown}", block.line)));
    }
    let log = server.log();
    faults.extend(
        SECRETS.iter().filter(|secret| log.contains(**secret)).map(|secret| format!("the log tells a {secret}…")),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    log
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some(Block { kind: kind.to_owned(), line: number, text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => writeln!(block.text, "{line}").expect("a line"),
            (None, None) => {}
        }
    }
    blocks
}

/// A reader is slower than a delivery; a script waits until nothing is owed.
const REST: &str = r#"
owed() { psql --host="$(realpath "$STOA__DATA__DIR/postgres")/run" --username=stoa --no-psqlrc -Atc "SELECT
  (SELECT count(*) FROM outbox) + (SELECT count(*) FROM deliveries d JOIN webhooks w ON w.tenant_id = d.tenant_id
  AND w.id = d.webhook_id WHERE w.status = 'enabled' AND d.status IN ('pending', 'retrying'))"; }
rest() { local owed; for _ in {1..600}; do owed=$(owed); [ "$owed" != 0 ] || return 0; done; echo "$owed are owed for ever" >&2; return 1; }
"#;

/// One script, so that what one block sets the next one has. Each block prints into a file of its own.
fn script(blocks: &[Block]) -> String {
    let mut script = format!("set -euo pipefail\n{REST}");
    for (at, block) in blocks.iter().enumerate() {
        let Block { kind, line, text } = block;
        let part = match kind.as_str() {
            "sh" => text.clone(),
            "sh fails" => format!("if ! {{\n{text}}}; then :; else false; fi\n"),
            _ => continue,
        };
        write!(script, "exec 1>{at}.out\necho 'line {line}' >at\n{part}rest\n").expect("a part");
    }
    script
}

fn run(script: &str, folder: &Path, mut shell: Command) -> Result<(), String> {
    fs::create_dir_all(folder).expect("a folder");
    let output = shell.args(["-c", script]).current_dir(folder).stdin(Stdio::null()).output().expect("bash");
    if output.status.success() {
        return Ok(());
    }
    let at = fs::read_to_string(folder.join("at")).unwrap_or_default();
    Err(format!("{} ends with {}: {}", at.trim(), output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Both may be several documents, one behind the other.
fn documents_differ(expected: &str, printed: &str) -> Option<String> {
    let read = |text: &str| serde_json::Deserializer::from_str(text).into_iter().collect::<Result<Vec<Value>, _>>();
    match (read(expected), read(printed)) {
        (Ok(expected), Ok(printed)) => difference(&expected.into(), &printed.into()),
        (Err(error), _) | (_, Err(error)) => Some(error.to_string()),
    }
}

fn request_fault(block: &Block, arrivals: &[Arrival]) -> Option<String> {
    let (head, body) = block.text.split_once("\n\n").expect("a head and a body");
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a path");
    let wanted: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").expect("a header")).collect();
    let body: Value = serde_json::from_str(body).expect("a body in JSON");
    let candidates = arrivals.iter().filter(|arrival| arrival.path == path);
    let mut faults: Vec<String> = Vec::new();
    for arrival in candidates {
        match headers_differ(&wanted, &arrival.headers).or_else(|| difference(&body, &arrival.body)) {
            None => return None,
            Some(fault) => faults.push(format!("{fault} of {} {:?}", arrival.body, arrival.headers)),
        }
    }
    Some(format!("no such request to {path}: {}", faults.join("\n  ")))
}

fn headers_differ(wanted: &[(&str, &str)], given: &[(String, String)]) -> Option<String> {
    let stray = given.iter().find(|(name, _)| !wanted.iter().any(|(known, _)| known == name));
    let is_like = |name: &str, text: &str, given: &str| {
        texts_are_alike(text, given) || (name == "webhook-timestamp" && given.parse::<i64>().is_ok())
    };
    let lacking = wanted
        .iter()
        .find(|(name, text)| !given.iter().any(|(known, value)| known == name && is_like(name, text, value)));
    let stray = stray.map(|header| format!("{header:?} is not expected"));
    stray.or_else(|| lacking.map(|header| format!("{header:?} did not come")))
}

fn free_port() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    port.expect("a port").port().to_string()
}

/// A receiver that thanks for everything and keeps it.
fn open_receiver() -> (String, Arrivals) {
    let arrivals: Arrivals = web::Data::new(Mutex::new(Vec::new()));
    let kept = arrivals.clone();
    let app = move || App::new().app_data(kept.clone()).default_service(web::to(keep));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("a port");
    let address = server.addrs()[0].to_string();
    drop(spawn(server.run()));
    (address, arrivals)
}

async fn keep(request: HttpRequest, body: web::Bytes, arrivals: Arrivals) -> HttpResponse {
    let headers = request.headers().iter().filter(|(name, _)| !OF_THE_WIRE.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("a text").to_owned())).collect();
    let body = serde_json::from_slice(&body).expect("a body in JSON");
    arrivals.lock().expect("the arrivals").push(Arrival { path: request.path().to_owned(), headers, body });
    HttpResponse::NoContent().finish()
}

#[expect(clippy::disallowed_methods, reason = "it ends with the runtime of its test")]
fn spawn(server: actix_web::dev::Server) -> actix_web::rt::task::JoinHandle<std::io::Result<()>> {
    actix_web::rt::spawn(server)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
