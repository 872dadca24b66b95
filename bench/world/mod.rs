//! The institutions and learners of the benchmark: groups of institutions, each with learners on one course.
//!
//! Ids follow from numbers, so that the rows (`seed`) and the events (here) agree without asking each other.

pub mod record;
pub mod seed;

use std::{cell::RefCell, fmt::Write, io, rc::Rc};

use stoa_core::{
    Id, TenantId, id,
    tokens::{TokenKind, TokenText},
};
use uuid::Uuid;

/// Learners of a single institution.
const LEARNERS: u64 = 2_000;
/// Learners of each group that the same load is spread over.
const SPREAD_LEARNERS: u64 = 10_000;
/// Sizes of those groups.
pub const SPREADS: [u64; 3] = [1, 100, 10_000];
/// Steps of progress before a learner begins again.
const STEPS: u16 = 9_998;

/// Kinds of rows, in the third group of an id's digits.
#[derive(Debug, Clone, Copy)]
pub enum Row {
    /// An institution.
    Institution = 1,
    /// A learner.
    Learner = 2,
    /// The course of an institution.
    Course = 3,
    /// Its lesson.
    Lesson = 4,
    /// Its training.
    Training = 5,
    /// Its item.
    Item = 6,
    /// The enrolment of a learner.
    Enrolment = 7,
    /// The token of an institution.
    Token = 8,
    /// A learner's standing on the course.
    OnCourse = 9,
    /// On the lesson.
    OnLesson = 10,
    /// On the item.
    OnItem = 11,
}

impl Row {
    /// The digits that mark the kind.
    #[expect(clippy::as_conversions, reason = "the discriminants are the digits")]
    pub const fn digits(self) -> u8 {
        self as u8
    }

    /// The id of the n-th row of its kind.
    pub fn id(self, n: u64) -> Uuid {
        const BASE: u128 = 0x0195_0000_0000_7000_8000_0000_0000_0000;
        Uuid::from_u128(BASE | (u128::from(self.digits()) << 64) | u128::from(n))
    }
}

/// Institutions that a run sends to, and their learners in turn.
#[derive(Debug)]
pub struct Group {
    /// Number of the first institution.
    pub first_institution: u64,
    /// How many there are.
    pub institutions: u64,
    /// Number of the first learner.
    pub first_learner: u64,
    /// How many there are; the n-th belongs to the institution of that number, counted round.
    pub learners: u64,
    tokens: Vec<TokenText>,
    /// Events that each learner has sent.
    turns: RefCell<Vec<u16>>,
}

/// All groups.
#[derive(Debug)]
pub struct World {
    /// One institution without a receiver.
    pub plain: Rc<Group>,
    /// One with one receiver.
    pub one: Rc<Group>,
    /// One with ten.
    pub ten: Rc<Group>,
    /// One with ten of which one never answers.
    pub hanging: Rc<Group>,
    /// Those of [`SPREADS`], each institution with one receiver.
    pub spreads: Vec<Rc<Group>>,
    /// Two whose people come by files.
    pub people: Rc<Group>,
    /// Three whose learning record is of three sizes.
    pub record: Rc<Group>,
}

impl World {
    /// Lays the groups out, and makes a token for each institution.
    pub fn lay_out() -> Self {
        let mut next = (0, 0);
        let mut group = |institutions: u64, learners: u64| {
            let group = Group::new(next, institutions, learners);
            next = (next.0 + institutions, next.1 + learners);
            Rc::new(group)
        };
        Self {
            plain: group(1, LEARNERS),
            one: group(1, LEARNERS),
            ten: group(1, LEARNERS),
            hanging: group(1, LEARNERS),
            spreads: SPREADS.iter().map(|institutions| group(*institutions, SPREAD_LEARNERS)).collect(),
            people: group(2, 2),
            record: group(3, 3),
        }
    }

    /// Every group, in the order of their numbers.
    pub fn groups(&self) -> impl Iterator<Item = &Rc<Group>> {
        [&self.plain, &self.one, &self.ten, &self.hanging]
            .into_iter()
            .chain(&self.spreads)
            .chain([&self.people, &self.record])
    }
}

impl Group {
    fn new((first_institution, first_learner): (u64, u64), institutions: u64, learners: u64) -> Self {
        let tenant = |n: u64| TenantId::from_uuid(Row::Institution.id(first_institution + n));
        let tokens = (0..institutions).map(|n| TokenText::fresh(TokenKind::Integration, tenant(n))).collect();
        let turns = RefCell::new(vec![0; usize::try_from(learners).unwrap_or_default()]);
        Self { first_institution, institutions, first_learner, learners, tokens, turns }
    }

    /// Place, within the group, of the institution that a learner belongs to.
    pub const fn institution_of(&self, learner: u64) -> u64 {
        learner % self.institutions
    }

    /// Token of an institution, by its place within the group.
    pub fn token(&self, institution: u64) -> &str {
        self.tokens().get(usize::try_from(institution).unwrap_or(usize::MAX)).map_or("", TokenText::expose)
    }

    /// All tokens, in the order of the institutions.
    pub fn tokens(&self) -> &[TokenText] {
        &self.tokens
    }

    /// Writes the next event of a learner: progress on the item, never twice the same, so that exactly one
    /// `material_stat.updated` follows.
    pub fn write_event(&self, into: &mut String, learner: u64, (number, now): (u64, &str)) {
        let user: Id<id::User> = Id::from_uuid(Row::Learner.id(self.first_learner + learner));
        let place = self.first_institution + self.institution_of(learner);
        let item: Id<id::Item> = Id::from_uuid(Row::Item.id(place));
        let step = self.next_step(learner);
        // The quarter at the end keeps the share away from the borders between basis points, which a float may miss.
        let _ = write!(
            into,
            r#"{{"id":"bench-{number}","occurred_at":"{now}","user":{{"id":"{user}"}},"object":{{"kind":"item","id":"{item}"}},"verb":"progressed","result":{{"progress":0.{step:04}25}}}}"#,
        );
    }

    fn next_step(&self, learner: u64) -> u16 {
        let mut turns = self.turns.borrow_mut();
        let Some(turn) = usize::try_from(learner).ok().and_then(|place| turns.get_mut(place)) else { return 1 };
        *turn = (*turn + 1) % STEPS;
        *turn + 1
    }
}

/// An error of a group that cannot carry a load.
pub fn too_small() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a group needs a learner for each connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_numbers() {
        assert_eq!(Row::OnItem.id(0xab).to_string(), "01950000-0000-700b-8000-0000000000ab");
    }

    #[test]
    fn groups_follow_each_other_and_learners_are_dealt_round() {
        let world = World::lay_out();
        let spread = &world.spreads[1];
        assert_eq!((spread.first_institution, spread.institutions, spread.first_learner), (5, 100, 18_000));
        assert_eq!((spread.institution_of(0), spread.institution_of(101)), (0, 1));
        assert!(spread.token(99).starts_with("stoa_i_"));
    }

    #[test]
    fn a_learner_never_stands_still() {
        let world = World::lay_out();
        let mut last = String::new();
        for number in 0..20_000 {
            let mut event = String::new();
            world.plain.write_event(&mut event, 7, (0, "2026-11-21T09:00:00Z"));
            let event: serde_json::Value = serde_json::from_str(&event).unwrap();
            let progress = event["result"]["progress"].as_f64().unwrap();
            let points = (progress * 10_000.0).floor().to_string();
            assert!(points != last && progress > 0.0 && progress < 0.9999, "event {number}: {progress}");
            last = points;
        }
    }
}
