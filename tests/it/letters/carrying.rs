//! The way out, before a real mail server.

use std::time::Duration;

use serde_json::json;
use stoa_actors::mailer::{Mail, MailError, Mailer, Party, Smtp, Transport};

use super::sink::Sink;

const STARTTLS: &str = "smtp://app:secret@{}?tls=required";
const IMPLICIT: &str = "smtps://app:secret@{}";
const PLAIN: &str = "smtp://{}";

fn letter(to: &str) -> Mail {
    Mail {
        id: "ltr_01m7ynayr5ee9ag9yxnpgq1csr.inst_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
        date: "2026-11-21T09:00:00Z".parse().unwrap(),
        from: Party { name: Some("Stoa".to_owned()), address: "stoa@stoa.example".to_owned() },
        to: Party { name: Some("박소라".to_owned()), address: to.to_owned() },
        language: "he",
        subject: "תקלה במסירה ל-Webhook: hooks.example.com".to_owned(),
        text: "שלום \u{2068}박소라\u{2069},\n\n.\nA line with a dot alone, and one of many letters: ".to_owned()
            + &"한".repeat(2_000),
        html: "<p>שלום &lt;박소라&gt;</p>".to_owned(),
        enclosures: Vec::new(),
        unsubscribe: None,
    }
}

#[actix_rt::test]
async fn a_letter_arrives_by_starttls_and_by_implicit_tls() {
    for (mode, url) in
        [("starttls", STARTTLS), ("starttls", "smtp://app:secret@{}?tls=opportunistic"), ("implicit", IMPLICIT)]
    {
        let sink = Sink::start(mode);
        sink.mailer(url).send(&letter("ana@example.com")).await.unwrap();
        let came = sink.next();
        assert_eq!((&came["tls"], &came["authenticated"]), (&json!(true), &json!(true)), "{url}: {came}");
        assert_eq!((&came["sender"], &came["recipients"]), (&json!("stoa@stoa.example"), &json!(["ana@example.com"])));
        assert_eq!(sink.so_far(), Vec::<serde_json::Value>::new(), "once");
    }
}

#[actix_rt::test]
async fn headers_and_bodies_arrive_as_they_were_written() {
    let sink = Sink::start("plain");
    let written = letter("ana@example.com");
    sink.mailer(PLAIN).send(&written).await.unwrap();
    let came = sink.next();
    assert_eq!(came["defects"], json!([]), "{came}");
    let headers = &came["headers"];
    assert_eq!((&headers["Subject"], &headers["To"]), (&json!(written.subject), &json!("박소라 <ana@example.com>")));
    assert_eq!((&headers["Content-Language"], &headers["Auto-Submitted"]), (&json!("he"), &json!("auto-generated")));
    assert_eq!(headers["Message-ID"], json!(format!("<{}@stoa.example>", written.id)));
    assert!(came["raw_headers"].as_str().unwrap().is_ascii(), "encoded words: {came}");
    let part = |kind: &str| came["parts"][kind].as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
    assert_eq!((part("text/plain"), part("text/html")), (written.text, written.html));
}

#[actix_rt::test]
async fn an_address_in_another_script_needs_a_server_that_takes_it() {
    let sink = Sink::start("plain");
    sink.mailer(PLAIN).send(&letter("박소라@example.com")).await.unwrap();
    let came = sink.next();
    assert_eq!((&came["smtputf8"], &came["recipients"]), (&json!(true), &json!(["박소라@example.com"])));

    let old = Sink::start("ascii");
    let refused = old.mailer(PLAIN).send(&letter("박소라@example.com")).await;
    assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
    old.mailer(PLAIN).send(&letter("sora@example.com")).await.unwrap();
}

#[actix_rt::test]
async fn what_is_not_safe_is_not_sent() {
    let sink = Sink::start("starttls");
    let plain = sink.mailer(PLAIN).send(&letter("ana@example.com")).await;
    assert!(matches!(plain, Err(MailError::Deferred(_))), "the server wants TLS first: {plain:?}");
    let stranger = Smtp { further_authorities: None, ..sink.settings(STARTTLS) };
    let stranger = Mailer::new(Transport::Smtp(stranger)).unwrap().send(&letter("ana@example.com")).await;
    let Err(MailError::Deferred(why)) = stranger else { panic!("{stranger:?}") };
    assert!(why.contains("certificate"), "{why}");
    // Vouched for, but for another name.
    let elsewhere =
        Smtp { url: sink.settings(STARTTLS).url.replace("localhost", "127.0.0.2"), ..sink.settings(STARTTLS) };
    let elsewhere = Mailer::new(Transport::Smtp(elsewhere)).unwrap().send(&letter("ana@example.com")).await;
    assert!(matches!(elsewhere, Err(MailError::Deferred(_))), "{elsewhere:?}");

    let without = Sink::start("plain");
    let without = without.mailer("smtp://{}?tls=required").send(&letter("ana@example.com")).await;
    assert!(matches!(without, Err(MailError::Deferred(_))), "a server without STARTTLS: {without:?}");
    assert_eq!(sink.so_far(), Vec::<serde_json::Value>::new());
}

#[actix_rt::test]
async fn a_wrong_password_loses_no_letter() {
    for (mode, url) in [("starttls", STARTTLS), ("implicit", IMPLICIT)] {
        let sink = Sink::start(mode);
        let refused = sink.mailer(&url.replace("secret", "guess")).send(&letter("ana@example.com")).await;
        let Err(MailError::Deferred(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("535"), "{why}");
        let unknown = sink.mailer(&url.replace("app:secret@", "")).send(&letter("ana@example.com")).await;
        assert!(matches!(unknown, Err(MailError::Deferred(_))), "{unknown:?}");
    }
}

#[actix_rt::test]
async fn refusals_are_told_apart() {
    let sink = Sink::start("starttls");
    let mailer = sink.mailer(STARTTLS);
    let later = mailer.send(&letter("later-ana@example.com")).await;
    assert!(matches!(later, Err(MailError::Deferred(_))), "{later:?}");
    mailer.send(&letter("later-ana@example.com")).await.unwrap();
    let never = mailer.send(&letter("never-ana@example.com")).await;
    assert!(matches!(never, Err(MailError::NoSuchAddress(_))), "{never:?}");
    let unwanted = mailer.send(&letter("unwanted-ana@example.com")).await;
    assert!(matches!(unwanted, Err(MailError::Refused(_))), "{unwanted:?}");
    assert_eq!((mailer.observe().sent, mailer.observe().refused, mailer.observe().deferred), (1, 2, 1));
}

#[actix_rt::test]
async fn a_slow_server_gets_a_letter_once_and_a_dropped_connection_is_tried_again() {
    let sink = Sink::start("starttls");
    let mailer = sink.mailer(STARTTLS);
    mailer.send(&letter("slow-ana@example.com")).await.unwrap();
    assert_eq!(sink.next()["recipients"], json!(["slow-ana@example.com"]));
    let dropped = mailer.send(&letter("drop-ana@example.com")).await;
    assert!(matches!(dropped, Err(MailError::Deferred(_))), "{dropped:?}");
    mailer.send(&letter("drop-ana@example.com")).await.unwrap();
    let said: Vec<_> = [sink.next(), sink.next()].into();
    assert_eq!(
        (&said[0]["dropped"], &said[1]["recipients"]),
        (&json!("drop-ana@example.com"), &json!(["drop-ana@example.com"]))
    );
}

#[actix_rt::test]
async fn silence_ends() {
    let sink = Sink::start("plain");
    let impatient = Smtp { letter_within: Duration::from_millis(300), ..sink.settings(PLAIN) };
    let mailer = Mailer::new(Transport::Smtp(impatient)).unwrap();
    let silent = mailer.send(&letter("silent-ana@example.com")).await;
    assert!(matches!(silent, Err(MailError::Deferred(_))), "{silent:?}");
    assert_eq!(mailer.observe().in_flight, 0);
}
