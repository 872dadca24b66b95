//! For what points are given, and what is achieved: data, with keys that stay and versions that count their changes.
//!
//! # Rule
//! A change of a rule counts for what is done from then on; entries and tiers that are there keep the version by which
//! they came to be. A key is never used for something else.

use stoa_core::words;

/// What a rule gives points for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// The first activity of a date.
    ActiveDay,
    /// A training item completed for the first time.
    ItemCompleted,
    /// A training item with the whole score for the first time.
    PerfectScore,
    /// A lesson completed for the first time.
    LessonCompleted,
    /// A course completed for the first time.
    CourseCompleted,
}

/// A rule of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XpRule {
    /// Its key.
    pub key: &'static str,
    /// Counts its changes, from 1.
    pub version: i32,
    /// What it gives points for.
    pub deed: Deed,
    /// Points.
    pub amount: i32,
    /// Most points of it on a date of the learner's.
    pub daily_cap: i32,
}

/// The rules of points.
pub const XP_RULES: [XpRule; 5] = [
    XpRule { key: "active_day", version: 1, deed: Deed::ActiveDay, amount: 5, daily_cap: 5 },
    XpRule { key: "item_completed", version: 1, deed: Deed::ItemCompleted, amount: 10, daily_cap: 200 },
    XpRule { key: "perfect_score", version: 1, deed: Deed::PerfectScore, amount: 5, daily_cap: 50 },
    XpRule { key: "lesson_completed", version: 1, deed: Deed::LessonCompleted, amount: 20, daily_cap: 200 },
    XpRule { key: "course_completed", version: 1, deed: Deed::CourseCompleted, amount: 100, daily_cap: 300 },
];

/// Key of what somebody entered by hand, in the place of a rule's.
pub const CORRECTION: &str = "correction";

impl Deed {
    /// The rule for it.
    pub fn rule(self) -> Option<&'static XpRule> {
        XP_RULES.iter().find(|rule| rule.deed == self)
    }
}

words! {
    /// Names how much of an achievement was reached.
    Tier {
        /// The first.
        Bronze = "bronze",
        /// The second.
        Silver = "silver",
        /// The last.
        Gold = "gold",
    }
}

/// What an achievement counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Dates of the longest streak.
    LongestStreak,
    /// Training items completed.
    Items,
    /// Lessons completed.
    Lessons,
    /// Courses completed.
    Courses,
    /// Training items with the whole score.
    PerfectScores,
    /// Points.
    Xp,
}

/// An achievement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Achievement {
    /// Its key.
    pub key: &'static str,
    /// Counts its changes, from 1.
    pub version: i32,
    /// What it counts.
    pub counts: Counted,
    /// How many each tier takes, the least first.
    pub tiers: [(Tier, i64); 3],
}

const fn tiers(bronze: i64, silver: i64, gold: i64) -> [(Tier, i64); 3] {
    [(Tier::Bronze, bronze), (Tier::Silver, silver), (Tier::Gold, gold)]
}

/// The achievements.
pub const ACHIEVEMENTS: [Achievement; 6] = [
    Achievement { key: "streak", version: 1, counts: Counted::LongestStreak, tiers: tiers(7, 30, 100) },
    Achievement { key: "items", version: 1, counts: Counted::Items, tiers: tiers(10, 100, 1_000) },
    Achievement { key: "lessons", version: 1, counts: Counted::Lessons, tiers: tiers(1, 25, 250) },
    Achievement { key: "courses", version: 1, counts: Counted::Courses, tiers: tiers(1, 5, 20) },
    Achievement { key: "perfect_scores", version: 1, counts: Counted::PerfectScores, tiers: tiers(5, 50, 500) },
    Achievement { key: "xp", version: 1, counts: Counted::Xp, tiers: tiers(500, 5_000, 50_000) },
];

/// What the learner has counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Dates of the longest streak.
    pub longest: i64,
    /// Training items completed.
    pub items: i64,
    /// Lessons completed.
    pub lessons: i64,
    /// Courses completed.
    pub courses: i64,
    /// Training items with the whole score.
    pub perfect: i64,
    /// Points.
    pub xp: i64,
}

impl Counted {
    /// How many there are.
    pub const fn of(self, counts: Counts) -> i64 {
        match self {
            Self::LongestStreak => counts.longest,
            Self::Items => counts.items,
            Self::Lessons => counts.lessons,
            Self::Courses => counts.courses,
            Self::PerfectScores => counts.perfect,
            Self::Xp => counts.xp,
        }
    }
}

/// How far somebody has come by points: each level takes a hundred more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// From 1.
    pub number: i64,
    /// Points at which it begins.
    pub from: i64,
    /// Points at which the next one begins.
    pub next: i64,
}

impl Level {
    /// The level of so many points.
    pub fn of(xp: i64) -> Self {
        let begins = |number: i64| 50 * number * (number - 1);
        // Twice the points over a hundred is about the square of the level.
        let near = (xp.max(0) / 50).isqrt();
        let number = (near.max(1)..=near + 1).rev().find(|number| begins(*number) <= xp.max(0)).unwrap_or(1);
        Self { number, from: begins(number), next: begins(number + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_tiers_rise() {
        let mut keys: Vec<_> = XP_RULES.iter().map(|rule| rule.key).chain([CORRECTION]).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), XP_RULES.len() + 1);
        for rule in XP_RULES {
            assert!(rule.amount > 0 && rule.amount <= rule.daily_cap, "{rule:?}");
            assert_eq!(rule.deed.rule(), XP_RULES.iter().find(|known| known.key == rule.key));
        }
        for one in ACHIEVEMENTS {
            assert!(one.tiers.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{one:?}");
            assert_eq!(ACHIEVEMENTS.iter().filter(|other| other.key == one.key).count(), 1);
        }
    }

    #[test]
    fn each_level_takes_a_hundred_more() {
        let level = |xp| (Level::of(xp).number, Level::of(xp).from, Level::of(xp).next);
        assert_eq!([level(0), level(99), level(100)], [(1, 0, 100), (1, 0, 100), (2, 100, 300)]);
        assert_eq!([level(299), level(300), level(-5)], [(2, 100, 300), (3, 300, 600), (1, 0, 100)]);
        for xp in 0..20_000 {
            let level = Level::of(xp);
            assert!(level.from <= xp && xp < level.next, "{xp}: {level:?}");
        }
    }
}
