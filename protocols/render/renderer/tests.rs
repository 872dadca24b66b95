//! Every letter in every branch, and what a template may not do.
//!
//! # Source
//! `templates/README.md` of this project.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{super::Direction, *};

fn letter(at: usize) -> Letter {
    Renderer::new().unwrap().letter(&WebhookDisabled::samples()[at], &["en"]).unwrap()
}

#[test]
fn a_receiver_that_is_gone() {
    let letter = letter(0);
    assert_eq!(letter.subject, "A webhook was switched off, its receiver is gone: hooks.example.com");
    insta::assert_snapshot!("webhook_disabled_gone_text", letter.text);
    insta::assert_snapshot!("webhook_disabled_gone_html", letter.html);
}

#[test]
fn a_receiver_that_kept_failing() {
    let letter = letter(1);
    assert_eq!(letter.subject, "A webhook was switched off, its receiver kept failing: hooks.example.com");
    insta::assert_snapshot!("webhook_disabled_failing_text", letter.text);
}

#[test]
fn a_receiver_that_fails() {
    let letters: Vec<Letter> = WebhookFailing::samples().iter().map(write).collect();
    let subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    let last_day = "A webhook will soon be switched off: hooks.example.com";
    assert_eq!(subjects, ["A webhook is failing: hooks.example.com", last_day]);
    insta::assert_snapshot!("webhook_failing_first_text", letters[0].text);
    insta::assert_snapshot!("webhook_failing_last_day_text", letters[1].text);
    insta::assert_snapshot!("webhook_failing_last_day_html", letters[1].html);
}

#[test]
fn a_request_that_was_decided() {
    let letters: Vec<Letter> = SubscriptionRequestDecided::samples().iter().map(write).collect();
    let subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    insta::assert_snapshot!(subjects.join("\n"), @r"
    Your subscription request was approved in part: ticket-4711
    Your subscription request was approved: srq_01m7ynayr8exw9m4d2b6c0t5ka
    Your subscription request was rejected: ticket-4711
    Your subscription request expired: ticket-4711
    ");
    for (name, letter) in ["partly_text", "approved_text", "rejected_text", "expired_text"].iter().zip(&letters) {
        insta::assert_snapshot!(format!("subscription_request_{name}"), letter.text);
    }
    insta::assert_snapshot!("subscription_request_partly_html", letters[0].html);
}

fn write<M: Mail>(sample: &M) -> Letter {
    Renderer::new().unwrap().letter(sample, &["en"]).unwrap()
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let letter = letter(0);
    assert!(letter.html.contains("Seoul &amp; Partners &lt;Academy&gt;"), "{}", letter.html);
    assert!(!letter.html.contains("<Academy>"));
    assert!(letter.text.contains("Seoul & Partners <Academy>"));
}

#[test]
fn an_unknown_language_gets_english() {
    let renderer = Renderer::new().unwrap();
    let sample = &WebhookDisabled::samples()[0];
    for wanted in [&["ko-KR", "he"][..], &[], &["ptbr", "../x"], &["xx", "en-GB"]] {
        let letter = renderer.letter(sample, wanted).unwrap();
        assert!(letter.html.contains(r#"<html lang="en" dir="ltr">"#), "{wanted:?}");
    }
}

#[test]
fn a_language_from_right_to_left_turns_the_frame() {
    #[derive(Serialize)]
    struct Frame {
        institution_name: &'static str,
    }
    let renderer = Renderer::new().unwrap();
    let mut context = Context::from_serialize(&Frame { institution_name: "סטואה" }).unwrap();
    let hebrew = Locale::new("he", Direction::RightToLeft);
    context.insert("locale", hebrew.tag());
    context.insert("dir", &hebrew.direction());
    let html = renderer.tera.render("mail/_frame.html", &context).unwrap();
    assert!(html.contains(r#"<html lang="he" dir="rtl">"#), "{html}");
}

#[test]
fn a_subject_is_one_line_whatever_is_in_it() {
    assert_eq!(one_line("  Hello\r\nBcc: all@example.com\u{0}\u{2028}x \n"), "Hello Bcc: all@example.com x");
}

#[test]
fn a_name_that_the_context_lacks_is_an_error() {
    #[derive(Serialize)]
    struct Empty {}
    impl Mail for Empty {
        const NAME: &'static str = "webhook_disabled";
        fn samples() -> Vec<Self> {
            vec![Self {}]
        }
    }
    assert!(Renderer::new().unwrap().letter(&Empty {}, &[]).is_err());
}

/// A file that nobody embeds would never be sent.
#[test]
fn every_file_is_embedded() {
    fn names_under(folder: &std::path::Path, prefix: &str, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                names_under(&entry.path(), &format!("{name}/"), names);
            } else {
                names.insert(name);
            }
        }
    }
    let mut files = BTreeSet::new();
    names_under(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/mail"), "mail/", &mut files);
    assert_eq!(files, TEMPLATES.iter().map(|(name, _)| (*name).to_owned()).collect());
}
