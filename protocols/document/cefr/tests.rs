//! Documents in every language, of every name.

use super::*;

fn document(name: &str) -> CefrDocument {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let skill = |level: Option<&str>, status: &str, evidence| CefrSkillFacts {
        level: level.map(ToOwned::to_owned),
        status: status.to_owned(),
        evidence,
    };
    CefrDocument {
        institution: "한빛학교 Hanbit School".to_owned(),
        name: name.to_owned(),
        language: "en".to_owned(),
        level: Some("B1".to_owned()),
        status: "provisional".to_owned(),
        confidence: 45,
        skills: [
            ("listening".to_owned(), skill(Some("B1"), "assessed", 2)),
            ("reading".to_owned(), skill(Some("B2+"), "assessed", 1)),
            ("speaking".to_owned(), skill(Some("C2"), "expired", 5)),
            ("writing".to_owned(), skill(None, "insufficient_evidence", 0)),
        ]
        .into(),
        target: Some(CefrTargetFacts { level: "B2".to_owned(), due_on: Some(day(30)) }),
        as_of: day(21),
        issued_on: day(22),
        valid_until: day(23),
        rules_version: 1,
    }
}

fn verification() -> CefrVerification {
    let code = "7XK2-9QPM-4TNB-W3HD".to_owned();
    CefrVerification { url: format!("https://stoa.example/verify#{code}"), code }
}

#[test]
fn every_language_and_every_name_is_drawn_and_the_same_again() {
    let made_at = DateTime::from_timestamp(1_795_251_600, 0).unwrap();
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(8);
    for language in Language::ALL {
        for name in ["김민준", "נועה לוי (Noa)", "Ингрид", "\u{202e}evil\u{0}", "", long.as_str(), "🦉"]
        {
            let document = document(name);
            let pdf = document.pdf(language, &verification(), made_at).unwrap();
            assert!(pdf.starts_with(b"%PDF-1.") && pdf.len() > 10_000, "{language:?} {name}");
            assert!(pdf.len() < 400_000, "only the letters that are used are in it: {}", pdf.len());
            assert_eq!(pdf, document.pdf(language, &verification(), made_at).unwrap());
        }
    }
}

#[test]
fn what_cannot_be_scanned_is_a_fault() {
    let endless = CefrVerification { code: String::new(), url: "x".repeat(10_000) };
    let made = document("Noa").pdf(Language::English, &endless, DateTime::UNIX_EPOCH);
    assert!(matches!(made, Err(DocumentError::Code)));
}
