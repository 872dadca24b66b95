//! Every letter in every branch and language, and what a layout may not do.
//!
//! # Source
//! `templates/README.md` of this project.

mod catalogues;
mod rendered;

use serde::Serialize;

use super::{super::mail::WebhookDisabled, *};

fn letter(manner: Manner) -> Letter {
    Renderer::new().unwrap().letter(&WebhookDisabled::samples()[0], manner).unwrap()
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let letter = letter(Manner::plain(Language::English));
    assert!(letter.html.contains("Seoul &amp; Partners &lt;Academy&gt;"), "{}", letter.html);
    assert!(!letter.html.contains("<Academy>"));
    assert!(letter.text.contains("Seoul & Partners <Academy>"));
}

#[test]
fn an_unknown_language_gets_the_institutions_and_then_english() {
    let language = |wanted, institution| letter(Manner::of(wanted, institution, "UTC")).language;
    assert_eq!(language("it-IT", "fr"), Language::French);
    assert_eq!(language("ptbr", "../x"), Language::English);
}

#[test]
fn times_are_the_readers() {
    let letter = letter(Manner::of("ko", "en", "Asia/Seoul"));
    assert!(letter.text.contains("(한국 표준시)"), "{}", letter.text);
}

#[test]
fn a_language_from_right_to_left_turns_the_frame_and_isolates_what_runs_the_other_way() {
    let letter = letter(Manner::plain(Language::Hebrew));
    assert!(letter.html.contains(r#"<html lang="he" dir="rtl">"#), "{}", letter.html);
    assert!(letter.html.contains(r#"<div lang="he" dir="rtl""#), "programs drop what <html> says: {}", letter.html);
    assert!(letter.html.contains("text-align:right"));
    assert!(letter.html.contains(r#"<code dir="ltr""#), "ids and addresses run from left to right");
    let isolated = letter.text.matches("\u{2068}Seoul & Partners <Academy>\u{2069}").count();
    assert_eq!(isolated, 2, "in the sentence and below: {}", letter.text);
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
    assert!(Renderer::new().unwrap().letter(&Empty {}, Manner::plain(Language::English)).is_err());
}
