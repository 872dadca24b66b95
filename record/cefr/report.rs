//! Everything that is known of a learner's level in a language, put together.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use stoa_core::{Id, Result, content::Cefr, db::TenantTx, id, members::Member};

use super::{
    EvidenceSource, Percentile, Piece, Skill, Target,
    assessment::{Assessment, Overall, assess, overall},
    percentile::percentiles,
    queries::pieces,
    target::target_of,
};

/// Guided hours of study from the beginning to each level, few and many.
///
/// # Source
/// Cambridge English, Guided learning hours; the plus levels lie halfway.
const HOURS: [(i32, i32); 10] = [
    (0, 0),
    (90, 100),
    (180, 200),
    (265, 300),
    (350, 400),
    (425, 500),
    (500, 600),
    (600, 700),
    (700, 800),
    (1_000, 1_200),
];
/// Evidence of which a change comes to be told.
const DAYS_OF_A_YEAR: i64 = 365;

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The learner.
    pub learner: Member,
    /// Language that is learned.
    pub language: String,
    /// What was known then.
    pub as_of: DateTime<Utc>,
    /// The profile.
    pub overall: Overall,
    /// All four skills.
    pub skills: BTreeMap<Skill, SkillReport>,
    /// What the learner wants to reach.
    pub target: Option<Target>,
}

/// A skill of a report.
#[derive(Debug, Clone)]
pub struct SkillReport {
    /// The level.
    pub assessment: Assessment,
    /// What shows it, the oldest first.
    pub pieces: Vec<Piece>,
    /// Where the learner stands among the others; none where they are too few, and in a report of the past.
    pub percentile: Option<Percentile>,
}

/// What was shown of a can-do descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CanDo {
    /// Shown twice or more, and the last time too.
    Achieved,
    /// Shown, but not yet twice, or not the last time.
    Emerging,
    /// Never shown.
    NotYet,
}

impl CanDo {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Achieved => "achieved",
            Self::Emerging => "emerging",
            Self::NotYet => "not_yet",
        }
    }
}

/// Reads a report. Whoever names no time reads what is known now.
///
/// # Errors
/// As the database says.
pub async fn report(
    tx: &mut TenantTx,
    (learner, language): (Member, &str),
    as_of: Option<DateTime<Utc>>,
) -> Result<Report> {
    let at = as_of.unwrap_or_else(|| tx.now());
    let whose: (Id<id::User>, &str) = (learner.id, language);
    let mut found = pieces(tx, whose, at).await?;
    let mut ranks = if as_of.is_none() { percentiles(tx, whose).await? } else { BTreeMap::new() };
    let target = target_of(tx, whose).await?;
    let skills: BTreeMap<Skill, SkillReport> = Skill::ALL
        .iter()
        .map(|skill| {
            let pieces = found.remove(skill).unwrap_or_default();
            let assessment = assess(&pieces, at);
            let percentile = ranks.remove(skill).filter(|_| assessment.level.is_some());
            (*skill, SkillReport { assessment, pieces, percentile })
        })
        .collect();
    let overall = overall(&skills.values().map(|skill| &skill.assessment).collect::<Vec<_>>());
    Ok(Report { learner, language: language.to_owned(), as_of: at, overall, skills, target })
}

impl SkillReport {
    /// How many pieces there are of each source.
    pub fn by_source(&self) -> BTreeMap<&'static str, usize> {
        let mut counts: BTreeMap<_, _> = EvidenceSource::ALL.iter().map(|source| (source.as_str(), 0)).collect();
        for piece in &self.pieces {
            *counts.entry(piece.source.as_str()).or_default() += 1;
        }
        counts
    }

    /// Each descriptor that was looked for, and how often.
    pub fn can_do(&self) -> BTreeMap<String, (CanDo, usize)> {
        let mut seen = BTreeMap::<String, Vec<bool>>::new();
        for (key, shown) in self.pieces.iter().flat_map(|piece| &piece.descriptors) {
            seen.entry(key.clone()).or_default().push(*shown);
        }
        let state = |shown: &[bool]| match (shown.iter().filter(|shown| **shown).count(), shown.last()) {
            (0, _) => CanDo::NotYet,
            (2.., Some(true)) => CanDo::Achieved,
            _ => CanDo::Emerging,
        };
        seen.into_iter().map(|(key, shown)| (key, (state(&shown), shown.len()))).collect()
    }

    /// The next level, how far the learner is towards it, and the hours that are left, few and many.
    pub fn next_level(&self) -> Option<(Cefr, f64, (i64, i64))> {
        let level = self.assessment.level?;
        let next = level.next()?;
        let done = self.assessment.towards_next?;
        let left =
            |hours: fn((i32, i32)) -> i32| rounded(f64::from(hours(study(next)) - hours(study(level))) * (1.0 - done));
        Some((next, done, (left(|(few, _)| few), left(|(_, many)| many))))
    }
}

impl Report {
    /// Whether the learner will reach the target in time at the pace of the last year; none where nothing tells.
    pub fn on_track(&self) -> Option<bool> {
        let (target, now) = (self.target?, self.as_of);
        let level = self.overall.level?;
        if level >= target.level {
            return Some(true);
        }
        let left = days(now.date_naive(), target.due_on?);
        let since = now - chrono::TimeDelta::days(DAYS_OF_A_YEAR);
        let before = self.skills.values().map(|skill| assess(&skill.pieces, since)).collect::<Vec<_>>();
        let before = overall(&before.iter().collect::<Vec<_>>()).level?;
        let gained = i64::from(level.ordinal()) - i64::from(before.ordinal());
        let wanted = i64::from(target.level.ordinal()) - i64::from(level.ordinal());
        Some(gained * left.max(0) >= wanted * DAYS_OF_A_YEAR)
    }
}

fn days(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days()
}

fn study(level: Cefr) -> (i32, i32) {
    let place = usize::try_from(level.ordinal()).unwrap_or_default();
    HOURS.get(place).copied().unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a few hundred hours")]
fn rounded(hours: f64) -> i64 {
    hours.ceil() as i64
}
