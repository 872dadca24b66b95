//! Files of people that nobody can read: a clear answer with a stable word, and nothing half done.

use std::fmt::Write;

use actix_web::http::Method;
use bytes::Bytes;
use futures::channel::mpsc;
use serde_json::Value;

use crate::{
    api::imports_upload::{packed, path, send, stored},
    support::{TestHouse, callers::Answer},
};

/// Code of the refusal, and the word of its fault.
fn word(answer: &Answer) -> (u16, String, String) {
    let (status, code, pointers) = answer.refusal();
    assert_eq!(pointers, ["/file"], "{}", answer.text());
    (status, code, answer.json()["errors"][0]["code"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn each_is_refused_with_its_reason() {
    let house = TestHouse::new().await;
    let (korean, _, _) = encoding_rs::EUC_KR.encode("c@b.example,김영희\n");
    let mixed = ["email,name\na@b.example,Zoé Ça\nb@b.example,Ольга\n".as_bytes(), &korean].concat();
    let gzip = packed("email\na@b.example\n".repeat(100).as_bytes());
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("empty", Vec::new(), "file_empty"),
        ("a workbook", b"PK\x03\x04\x14\0\x06\0".to_vec(), "file_not_text"),
        ("mixed encodings", mixed, "mixed_encodings"),
        ("no header", b"a@b.example,Ann\nb@b.example,Bob\n".to_vec(), "header_missing"),
        ("header only", b"email,name\n".to_vec(), "header_only"),
        ("a column twice", b"email,name,E-Mail\na@b.example,Ann,\n".to_vec(), "header_twice"),
        ("nobody is told", b"name,role\nAnn,learner\n".to_vec(), "key_column_missing"),
        ("300 columns", format!("email{}\nx\n", ",x".repeat(300)).into_bytes(), "too_many_columns"),
        ("truncated gzip", gzip[..gzip.len() / 2].to_vec(), "gzip_truncated"),
        ("gzip with something behind", [&gzip[..], b"email\nb@b.example\n"].concat(), "gzip_damaged"),
        ("gzip in gzip", packed(&gzip), "file_not_text"),
        ("a packed workbook", packed(b"PK\x03\x04\x14\0\x06\0"), "file_not_text"),
    ];
    for (what, file, wanted) in cases {
        let answer = send(&house, file).await;
        assert_eq!(word(&answer), (422, "unreadable_file".to_owned(), wanted.to_owned()), "{what}: {}", answer.text());
        assert_eq!(stored(&house), [0, 0, 0], "{what}");
    }
    let line = send(&house, "\nemail,E-Mail\na@b.example,\n").await.json()["errors"][0]["detail"].clone();
    assert!(line.as_str().unwrap().starts_with("line 2: columns 1"), "{line}");
}

#[actix_web::test]
async fn bombs_and_floods_are_refused() {
    let house = TestHouse::new().await;
    let bomb = send(&house, packed(&vec![b'x'; 100 << 20])).await;
    assert_eq!(word(&bomb), (413, "body_too_large".to_owned(), "unpack_ratio".to_owned()));
    // Noise that packs to a fiftieth, so that only its size is at fault.
    let mut rows = String::from("email,name\n");
    (0..1_300_000_u32)
        .for_each(|at| writeln!(rows, "{:08x}@b.example,{}", at.wrapping_mul(2_654_435_761), "x".repeat(20)).unwrap());
    let large = send(&house, packed(rows.as_bytes())).await;
    assert_eq!(word(&large), (413, "body_too_large".to_owned(), "unpacked_too_large".to_owned()));
    let (pieces, body) = mpsc::unbounded();
    (0..30).for_each(|_| pieces.unbounded_send(Bytes::from(vec![b'x'; 1 << 20])).unwrap());
    drop(pieces);
    let flood = house.owner().request(Method::POST, &path(&house)).stream("text/csv", body).await;
    assert_eq!((flood.refusal().0, flood.refusal().1.as_str()), (413, "body_too_large"));
    assert_eq!(stored(&house), [0, 0, 0]);
}

/// Bad rows stop nothing: a NUL, a cell of 10 MB and the rest are refused each for itself.
#[actix_web::test]
async fn bad_rows_are_refused_one_by_one() {
    let house = TestHouse::new().await;
    let cell = "x".repeat(10 << 20);
    let file = format!(
        "external_id,email,name\n1,ann@b.example,Ann\n2,b\0b@b.example,Bob\n3,cid@b.example,\"{cell}\"\n4,dan@b.example\n\
         external_id,email,name\n,,Eve\n7,fay@b.example,Fay\n"
    );
    let import = send(&house, file).await.data()["id"].as_str().unwrap().to_owned();
    house.settle().await;
    let path = format!("/api/institutions/{}/imports/{import}", house.school.tenant);
    let shown = house.owner().get(&path).await.data();
    assert_eq!(shown["status"], "planned", "{shown}");
    assert_eq!((&shown["plan"]["create"], &shown["plan"]["invalid"]), (&Value::from(2), &Value::from(5)));
    let report = house.owner().get(&format!("{path}/report")).await.text();
    let told: Vec<&str> =
        report.lines().skip(1).filter_map(|row| row.rsplit_once("invalid,")).map(|row| row.1).collect();
    let reasons = ["without a NUL", "longer than", "2 cells", "header once more", "neither an external_id"];
    assert_eq!(told.len(), reasons.len(), "{told:?}");
    for (told, reason) in told.iter().zip(reasons) {
        assert!(told.contains(reason), "{told} is not about {reason}");
    }
    assert!(report.len() < 1 << 20, "a cell of 10 MB does not come back whole");
}

/// A quote that swallows the rest of a file shows only when all of it was read: the import fails and changes nobody.
#[actix_web::test]
async fn a_quote_that_is_never_closed_ends_the_import() {
    let house = TestHouse::new().await;
    let before = house.database.number("SELECT count(*) FROM users");
    let file = "email,name\nann@b.example,Ann\nbob@b.example,\"Bob\ncid@b.example,Cid\ndan@b.example,Dan\n";
    let asked = house.owner().request(Method::POST, &format!("{}?mode=apply", path(&house)));
    let import = asked.bytes("text/csv", file).send().await.data()["id"].as_str().unwrap().to_owned();
    house.settle().await;
    let path = format!("/api/institutions/{}/imports/{import}", house.school.tenant);
    let shown = house.owner().get(&path).await.data();
    assert_eq!(
        (&shown["status"], &shown["obstacle"]["code"]),
        (&"failed".into(), &"quote_never_closed".into()),
        "{shown}"
    );
    assert!(shown["obstacle"]["message"].as_str().unwrap().starts_with("line 3: "), "{shown}");
    assert_eq!(house.database.number("SELECT count(*) FROM users"), before);
}
