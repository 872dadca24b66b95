//! The door of files of people: what it takes, what is asked with it, and what an upload that ends badly leaves.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use actix_web::http::Method;
use bytes::Bytes;
use chrono::TimeDelta;
use flate2::{Compression, write::GzEncoder};
use futures::channel::mpsc;
use serde_json::{Value, json};
use stoa_core::Ability;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller, Request},
};

/// Three people.
pub(crate) const PEOPLE: &str =
    "external_id,email,name,groups\n1,ann@b.example,Ann,\n2,bob@b.example,Bob,\n3,cid@b.example,Cid,\n";

pub(crate) fn path(house: &TestHouse) -> String {
    format!("/api/institutions/{}/members/bulk", house.school.tenant)
}

fn request(house: &TestHouse, query: &str) -> Request {
    house.owner().request(Method::POST, &format!("{}{query}", path(house)))
}

pub(crate) async fn send(house: &TestHouse, body: impl Into<Bytes>) -> Answer {
    request(house, "").bytes("text/csv", body).send().await
}

pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// What is stored: uploads, parts, imports.
pub(crate) fn stored(house: &TestHouse) -> [i64; 3] {
    ["import_files", "import_file_parts", "imports"]
        .map(|table| house.database.number(&format!("SELECT count(*) FROM {table}")))
}

/// Waits for what happens on the node's own thread.
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_mins(2), "{what} did not come");
        std::thread::yield_now();
    }
}

/// A form of fields and files, with `xx` as its boundary.
pub(crate) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, value) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        write!(body, "--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").unwrap();
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xx--\r\n");
    body
}

async fn send_form(house: &TestHouse, query: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    request(house, query).bytes("multipart/form-data; boundary=xx", form(parts)).send().await
}

/// Name, media type and bytes of a part of a form.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

#[actix_web::test]
async fn a_file_is_the_body_or_a_part_of_a_form() {
    let house = TestHouse::new().await;
    let answer = request(&house, "?match_on=email&clear_empty=true").bytes("text/csv", PEOPLE).send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let import = answer.data();
    assert_eq!((&import["status"], &import["mode"]), (&json!("validating"), &json!("dry_run")));
    assert_eq!((&import["options"]["match_on"], &import["options"]["clear_empty"]), (&json!("email"), &json!(true)));
    assert_eq!((&import["file_bytes"], &import["file_name"]), (&json!(PEOPLE.len()), &Value::Null));
    let parts: &[(&str, Option<&str>, &[u8])] = &[
        ("strategy", None, b"create_only"),
        ("data_set", None, b""),
        ("file", Some("/home/olga/people.csv"), PEOPLE.as_bytes()),
        ("override", None, b"true"),
    ];
    let import = send_form(&house, "?mode=dry_run", parts).await.data();
    assert_eq!(import["file_name"], "people.csv");
    assert_eq!((&import["options"]["strategy"], &import["options"]["override"]), (&json!("create_only"), &json!(true)));
    assert_eq!(stored(&house), [2, 2, 2]);
    house.settle().await;
    // One import of an institution at a time: the second one asks again a little later.
    house.advance(TimeDelta::seconds(5)).await;
    let shown = format!("/api/institutions/{}/imports/{}", house.school.tenant, import["id"].as_str().unwrap());
    let shown = house.owner().get(&shown).await.data();
    assert_eq!((&shown["status"], &shown["plan"]["create"]), (&json!("planned"), &json!(3)), "{shown}");
}

#[actix_web::test]
async fn a_packed_file_is_the_same_file() {
    let house = TestHouse::new().await;
    let plain = send(&house, PEOPLE).await.data();
    let gzip = packed(PEOPLE.as_bytes());
    let said =
        request(&house, "").bytes("text/csv", gzip.clone()).header("content-encoding", "gzip").send().await.data();
    let unsaid = send(&house, gzip.clone()).await.data();
    let in_form = send_form(&house, "", &[("file", None, &gzip)]).await.data();
    for twin in [said, unsaid, in_form] {
        assert_eq!(twin["id"], plain["id"], "the same file, while it is open, is the same import");
    }
    assert_eq!(stored(&house), [1, 1, 1], "nothing is stored of a twin");
    let other = request(&house, "?strategy=create_only").bytes("text/csv", PEOPLE).send().await.data();
    assert_ne!(other["id"], plain["id"], "what is asked belongs to it");
    house.settle().await;
}

#[actix_web::test]
async fn a_file_of_many_parts_is_stored_whole() {
    let house = TestHouse::new().await;
    let rows = (0..30_000).map(|at| format!("{at},person{at}@b.example,Ольга {at},\n"));
    let file = format!("external_id,email,name,groups\n{}", rows.collect::<String>());
    let (pieces, body) = mpsc::unbounded();
    file.as_bytes().chunks(100_003).for_each(|piece| pieces.unbounded_send(Bytes::copy_from_slice(piece)).unwrap());
    drop(pieces);
    let import = request(&house, "").stream("text/csv", body).await.data();
    assert_eq!(import["file_bytes"], file.len());
    let hash = "SELECT (sha256(string_agg(bytes, '' ORDER BY part)) = (SELECT sha256 FROM import_files))::int
        FROM import_file_parts";
    assert_eq!(house.database.number(hash), 1);
    assert!(stored(&house)[1] > 4);
    house.settle().await;
}

#[actix_web::test]
async fn what_is_asked_wrongly_is_refused_by_name() {
    let house = TestHouse::new().await;
    let file: Part = ("file", None, PEOPLE.as_bytes());
    let cases: [(&str, &[Part], u16, &str); 9] = [
        ("?mode=perhaps", &[file], 422, "?mode"),
        ("?no_such=1", &[file], 422, "?no_such"),
        ("?on_missing=deactivate", &[file], 422, "?data_set"),
        ("", &[("mode", None, b"perhaps"), file], 422, "/mode"),
        ("", &[file, ("no_such", None, b"1")], 422, "/no_such"),
        ("?mode=apply", &[("mode", None, b"apply"), file], 422, "/mode"),
        ("", &[("mode", None, b"apply")], 422, "/file"),
        ("", &[file, file], 400, "/file"),
        ("", &[("mode", None, b"apply"), ("mode", None, b"apply"), file], 400, "/mode"),
    ];
    for (query, parts, status, pointer) in cases {
        let refusal = send_form(&house, query, parts).await.refusal();
        assert_eq!((refusal.0, refusal.2), (status, vec![pointer.to_owned()]), "{query} {}", refusal.1);
    }
    let raw = request(&house, "?on_missing=deactivate").bytes("text/csv", PEOPLE).send().await.refusal();
    assert_eq!((raw.0, raw.2), (422, vec!["?data_set".to_owned()]));
    let broken = request(&house, "").bytes("multipart/form-data; boundary=xx", "--xx\r\nContent-").send().await;
    assert_eq!(broken.refusal().1, "malformed_body");
    assert_eq!(stored(&house), [0, 0, 0]);
}

#[actix_web::test]
async fn other_media_and_other_people_are_refused() {
    let house = TestHouse::new().await;
    for (media, coding) in [("application/json", None), ("text/csv", Some("br")), ("application/vnd.ms-excel", None)] {
        let asked = request(&house, "").bytes(media, PEOPLE);
        let asked = coding.into_iter().fold(asked, |asked, coding| asked.header("content-encoding", coding));
        assert_eq!(asked.send().await.refusal().0, 415, "{media}");
    }
    let callers: [(Caller, u16); 4] = [
        (house.anonymous(), 401),
        (house.learner(), 403),
        (house.token(&[Ability::MembersRead]).await, 403),
        (house.stranger(), 404),
    ];
    for (caller, status) in callers {
        let answer = caller.request(Method::POST, &path(&house)).bytes("text/csv", PEOPLE).send().await;
        assert_eq!(answer.refusal().0, status);
    }
    assert_eq!(stored(&house), [0, 0, 0]);
}

#[actix_web::test]
async fn a_named_upload_is_answered_again() {
    let house = TestHouse::new().await;
    let named =
        |body: &str| request(&house, "").bytes("text/csv", body.to_owned()).header("Idempotency-Key", "once").send();
    let first = named(PEOPLE).await;
    house.settle().await;
    let again = named(PEOPLE).await;
    assert_eq!((first.data(), again.header("idempotency-replayed")), (again.data(), Some("true")));
    // Its bytes go after the answer, and until then another file would be refused as one too many.
    wait_until("the end of the twin", || stored(&house) == [1, 1, 1]);
    let other = named("email\nx@b.example\n").await.refusal();
    assert_eq!((other.0, other.1.as_str()), (422, "idempotency_mismatch"));
    wait_until("the end of both twins", || stored(&house) == [1, 1, 1]);
}

#[actix_web::test]
async fn an_upload_that_is_broken_off_leaves_nothing() {
    let house = TestHouse::new().await;
    let mut upload = Slow::begin(&house, 2_000_000).await;
    upload.0.write_all("ann@b.example\n".repeat(40_000).as_bytes()).await.unwrap();
    wait_until("the first part", || stored(&house)[1] > 0);
    drop(upload);
    wait_until("the end of the upload", || stored(&house) == [0, 0, 0]);
    assert_eq!(send(&house, PEOPLE).await.status, 202, "the next one is taken at once");
    house.settle().await;
}

/// An upload, byte by byte.
struct Slow(TcpStream);

impl Slow {
    /// Begins one, and waits until the house has begun to store it.
    async fn begin(house: &TestHouse, length: usize) -> Self {
        let owner = house.owner();
        let (host, token) = owner.wire();
        let mut wire = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n",
            path(house)
        );
        wire.write_all(head.as_bytes()).await.unwrap();
        wire.write_all(b"email\n").await.unwrap();
        wait_until("the upload", || stored(house)[0] == 1);
        Self(wire)
    }

    /// Sends the rest and reads the answer.
    async fn end(mut self, rest: &[u8]) -> String {
        self.0.write_all(rest).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), self.0.read_to_end(&mut answer));
        read.await.expect("an answer").unwrap();
        String::from_utf8(answer).unwrap()
    }
}

#[actix_web::test]
async fn an_institution_sends_one_file_at_a_time() {
    let house = TestHouse::new().await;
    let first = Slow::begin(&house, 20).await;
    let second = send(&house, PEOPLE).await;
    assert_eq!((second.refusal().0, second.refusal().1.as_str()), (409, "upload_in_progress"));
    assert!(second.header("retry-after").is_some());
    let answer = first.end(b"ann@b.example\n").await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(send(&house, PEOPLE).await.status, 202);
    house.settle().await;
}

#[actix_web::test]
async fn an_upload_that_stops_is_given_up() {
    let house = TestHouse::new().await;
    let answer = Slow::begin(&house, 1_000).await.end(b"").await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"body_timeout\""), "{answer}");
    assert_eq!(stored(&house), [0, 0, 0]);
}

/// A sender who announces too much is told so before he sends it.
#[actix_web::test]
async fn what_is_announced_too_large_is_refused_at_once() {
    let house = TestHouse::new().await;
    let owner = house.owner();
    let (host, token) = owner.wire();
    let wire = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n\
         Content-Length: 999999999999\r\nConnection: close\r\n\r\n",
        path(&house)
    );
    let answer = Slow(wire).end(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"body_too_large\""), "{answer}");
    assert_eq!(stored(&house), [0, 0, 0]);
}
