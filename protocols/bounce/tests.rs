//! Reports as mail servers write them.
//!
//! # Source
//! RFC 3464 appendix E for the examples; the forms of Postfix, Exim and Exchange after what these write.

use proptest::prelude::*;

use super::*;

const LETTER: &str = "ltr_01m7ynayr5ee9ag9yxnpgq1csr.inst_01m7ynayr5ee9ag9yxnpgq1csr@stoa.example";

/// As Postfix writes it: the status, and the letter's headers.
fn postfix(action: &str, status: &str, said: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: stoa@stoa.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\nMIME-Version: 1.0\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\
         --b\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\nArrival-Date: Sat, 21 Nov 2026 09:00:00 +0000 (UTC)\r\n\r\n\
         Final-Recipient: rfc822; ana@example.com\r\nOriginal-Recipient: rfc822;ana@example.com\r\n\
         Action: {action}\r\nStatus: {status}\r\nRemote-MTA: dns; mail.example.com\r\n\
         Diagnostic-Code: smtp; {said}\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{LETTER}>\r\nSubject: Hello\r\n\r\n--b--\r\n"
    )
}

#[test]
fn a_mailbox_that_is_none() {
    let said = "550 5.1.1 <ana@example.com>: Recipient\r\n    address rejected: User unknown";
    let returned = read_report(&postfix("failed", "5.1.1", said)).unwrap();
    let wanted = Returned {
        message_id: LETTER.to_owned(),
        failed: true,
        status: "5.1.1".to_owned(),
        reason: "550 5.1.1 <ana@example.com>: Recipient address rejected: User unknown".to_owned(),
    };
    assert_eq!(returned, [wanted]);
    assert!(returned[0].is_hard());
}

#[test]
fn a_mailbox_that_is_full_is_not_closed_for_good() {
    let returned = read_report(&postfix("failed", "5.2.2", "552 5.2.2 mailbox full")).unwrap();
    assert!(returned[0].failed && !returned[0].is_hard());
    let delayed = read_report(&postfix("delayed", "4.4.1", "connection timed out")).unwrap();
    assert!(!delayed[0].failed && !delayed[0].is_hard());
}

#[test]
fn a_letter_that_arrived_did_not_come_back() {
    for action in ["delivered", "relayed", "expanded", "", "nonsense"] {
        assert_eq!(read_report(&postfix(action, "2.0.0", "250 ok")), Ok(Vec::new()), "{action}");
    }
}

#[test]
fn the_whole_letter_may_be_inside() {
    let report = postfix("failed", "5.1.1", "550 no").replace("text/rfc822-headers", "message/rfc822");
    assert_eq!(read_report(&report).unwrap()[0].message_id, LETTER);
}

#[test]
fn a_report_may_only_refer_to_the_letter() {
    let report = postfix("failed", "5.1.1", "550 no")
        .replace("MIME-Version", &format!("In-Reply-To: <{LETTER}>\r\nMIME-Version"))
        .replace("text/rfc822-headers", "text/plain");
    assert_eq!(read_report(&report).unwrap()[0].message_id, LETTER);
}

#[test]
fn what_is_no_report_says_why() {
    let bare = postfix("failed", "5.1.1", "550 no").replace("text/rfc822-headers", "text/plain");
    assert_eq!(read_report(&bare), Err(ReportFault::NoLetter));
    for text in ["", "hello", "Subject: I am on holiday\r\n\r\nBack on Monday.", "\0\0\0", "--b\r\n--b--"] {
        assert_eq!(read_report(text), Err(ReportFault::NoReport), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text: String) {
        let _ = read_report(&text);
    }

    /// Cut anywhere, a report is still an answer or a fault.
    #[test]
    fn no_cut_is_a_panic(at in 0_usize..1_400) {
        let report = postfix("failed", "5.1.1", "550 5.1.1 no");
        let _ = read_report(report.get(..at).unwrap_or(&report));
    }
}
