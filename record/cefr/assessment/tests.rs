//! The rule, by examples and by what must hold for any evidence.

use std::collections::BTreeMap;

use stoa_core::content::Cefr::{A1, A2, B1, B2, C2};

use super::*;

fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_000_000 + day * 86_400, 0).unwrap()
}

fn piece(source: EvidenceSource, level: Cefr, at: i64) -> Piece {
    Piece { evidence: None, source, level, at: day(at), expires_at: None, score: None, descriptors: BTreeMap::new() }
}

fn level(pieces: &[Piece], at: i64) -> (Option<Cefr>, LevelStatus) {
    let found = assess(pieces, day(at));
    (found.level, found.status)
}

#[test]
fn without_evidence_there_is_no_level_and_never_a1() {
    assert_eq!(level(&[], 0), (None, LevelStatus::InsufficientEvidence));
    let items: Vec<_> = (0..4).map(|at| piece(EvidenceSource::GradedItem, B1, at)).collect();
    assert_eq!(level(&items, 9), (None, LevelStatus::InsufficientEvidence), "four items weigh less than a teacher");
    let items: Vec<_> = (0..5).map(|at| piece(EvidenceSource::GradedItem, B1, at)).collect();
    assert_eq!(level(&items, 9), (Some(B1), LevelStatus::Provisional));
    assert_eq!(level(&items, 3), (None, LevelStatus::InsufficientEvidence), "as it was before the fifth");
}

#[test]
fn a_level_rises_at_once_and_falls_only_by_new_contrary_evidence() {
    let mut pieces = vec![piece(EvidenceSource::Placement, A2, 0), piece(EvidenceSource::ExternalCertificate, B2, 10)];
    assert_eq!(level(&pieces, 10), (Some(B2), LevelStatus::Assessed));
    pieces.push(piece(EvidenceSource::Teacher, A2, 20));
    assert_eq!(level(&pieces, 20).0, Some(B2), "one teacher does not undo a certificate");
    pieces.push(piece(EvidenceSource::Teacher, A2, 30));
    let found = assess(&pieces, day(30));
    assert_eq!(found.level, Some(A2));
    let steps: Vec<_> = found.steps.iter().map(|step| (step.from, step.to, step.reason.as_str())).collect();
    assert_eq!(
        steps,
        [(None, A2, "first_evidence"), (Some(A2), B2, "evidence_above"), (Some(B2), A2, "contrary_evidence")]
    );
}

#[test]
fn time_changes_the_status_and_not_the_level() {
    let pieces = [piece(EvidenceSource::ExternalCertificate, B1, 0)];
    assert_eq!(level(&pieces, 547), (Some(B1), LevelStatus::Assessed));
    assert_eq!(level(&pieces, 548), (Some(B1), LevelStatus::Expired));
    let expiring = Piece { expires_at: Some(day(5)), ..piece(EvidenceSource::ExternalCertificate, B1, 0) };
    assert_eq!(level(std::slice::from_ref(&expiring), 4), (Some(B1), LevelStatus::Assessed));
    assert_eq!(level(&[expiring], 5), (Some(B1), LevelStatus::Expired));
}

#[test]
fn evidence_that_comes_late_takes_its_place_in_time() {
    let (old, new) = (piece(EvidenceSource::Placement, A1, 0), piece(EvidenceSource::ExternalCertificate, B1, 9));
    assert_eq!(assess(&[new.clone(), old.clone()], day(9)), assess(&[old, new], day(9)));
}

#[test]
fn confidence_grows_with_agreement_and_the_next_level_with_what_lies_above() {
    let one = assess(&[piece(EvidenceSource::Teacher, B1, 0)], day(0));
    let two = assess(&[piece(EvidenceSource::Teacher, B1, 0), piece(EvidenceSource::Placement, B1, 1)], day(1));
    let mixed = assess(&[piece(EvidenceSource::Teacher, B1, 0), piece(EvidenceSource::Placement, A1, 1)], day(1));
    assert!(one.confidence < two.confidence && mixed.confidence < two.confidence, "{one:?} {two:?} {mixed:?}");
    assert_eq!(one.towards_next, Some(0.0));
    let above =
        assess(&[piece(EvidenceSource::ExternalCertificate, B1, 0), piece(EvidenceSource::Teacher, B2, 1)], day(1));
    assert_eq!((above.level, above.towards_next), (Some(B1), Some(0.66)));
    assert_eq!(assess(&[piece(EvidenceSource::ExternalCertificate, C2, 0)], day(0)).towards_next, None);
}

mod any_evidence {
    use proptest::prelude::*;

    use super::*;

    fn pieces() -> impl Strategy<Value = Vec<Piece>> {
        let source = proptest::sample::select(EvidenceSource::ALL);
        let level = proptest::sample::select(Cefr::ALL.to_vec());
        proptest::collection::vec((source, level, 0_i64..900), 0..30)
            .prop_map(|all| all.into_iter().map(|(source, level, at)| piece(source, level, at)).collect())
    }

    proptest! {
        #[test]
        fn the_level_lies_within_the_evidence_and_the_steps_lead_to_it(pieces in pieces()) {
            let found = assess(&pieces, day(1_000));
            let shown: Vec<_> = pieces.iter().map(|piece| piece.level).collect();
            if let Some(level) = found.level {
                prop_assert!(shown.contains(&level));
                prop_assert_eq!(found.steps.last().map(|step| step.to), Some(level));
            }
            prop_assert!((0.0..=1.0).contains(&found.confidence));
            prop_assert!(found.steps.iter().all(|step| step.from != Some(step.to)));
            prop_assert_eq!(found.level.is_none(), found.status == LevelStatus::InsufficientEvidence);
        }

        #[test]
        fn more_of_the_same_never_takes_a_level_away(pieces in pieces(), level in proptest::sample::select(Cefr::ALL.to_vec())) {
            let before = assess(&pieces, day(1_000)).level;
            let mut more = pieces;
            more.push(piece(EvidenceSource::ExternalCertificate, level, 999));
            let after = assess(&more, day(1_000)).level;
            prop_assert!(after.is_some());
            prop_assert!(before.is_none_or(|before| before > level || after >= Some(before)));
        }
    }
}
