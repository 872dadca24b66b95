//! Tables by which a score becomes a level: data, keyed by scale, skill and version.
//!
//! No scale maps one to one onto the framework, and one scale's thresholds differ by skill, so each skill has a table of
//! its own. A table that has been used is never changed: a better one gets the next version.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use stoa_core::content::Cefr;

use super::Skill;

/// The tables as they are written.
const TABLES: &str = include_str!("scales.json");

static SCALES: LazyLock<BTreeMap<String, Scale>> = LazyLock::new(|| serde_json::from_str(TABLES).unwrap_or_default());

/// A scale of scores.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Shown to people.
    pub name: String,
    /// Who says so.
    pub source: String,
    /// Languages that are tested by it.
    pub languages: Vec<String>,
    /// Its tables, all versions.
    pub tables: Vec<Table>,
}

/// A table of some skills.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// From 1.
    pub version: i32,
    /// Skills that it is for.
    pub skills: Vec<Skill>,
    /// Lowest and highest score that there is.
    pub range: (f64, f64),
    /// Lowest score of each level, rising. What lies below the first shows no level.
    pub bands: Vec<(f64, Cefr)>,
}

/// A score that became a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// The level.
    pub level: Cefr,
    /// Version of the table.
    pub version: i32,
}

/// Why a score is no level.
#[derive(Debug, Clone, PartialEq)]
pub enum Unmapped {
    /// No such scale.
    Scale,
    /// The scale does not test this skill, or this language.
    Skill,
    /// There is no such score.
    Range(f64, f64),
    /// The score is below the first level of the table, and says only what the learner is not.
    Below(Cefr),
}

/// All scales, by name.
pub fn all() -> &'static BTreeMap<String, Scale> {
    &SCALES
}

/// Turns a score into a level, by the newest table.
///
/// # Errors
/// Why it is none.
pub fn map(scale: &str, (language, skill): (&str, Skill), value: f64) -> Result<Mapped, Unmapped> {
    let scale = SCALES.get(scale).ok_or(Unmapped::Scale)?;
    if !scale.languages.iter().any(|known| known == language) {
        return Err(Unmapped::Skill);
    }
    let tables = scale.tables.iter().filter(|table| table.skills.contains(&skill));
    let table = tables.max_by_key(|table| table.version).ok_or(Unmapped::Skill)?;
    let (lowest, highest) = table.range;
    if !(lowest..=highest).contains(&value) {
        return Err(Unmapped::Range(lowest, highest));
    }
    let level = table.bands.iter().rev().find(|(from, _)| value >= *from).map(|(_, level)| *level);
    match (level, table.bands.first()) {
        (Some(level), _) => Ok(Mapped { level, version: table.version }),
        (None, Some((_, first))) => Err(Unmapped::Below(*first)),
        (None, None) => Err(Unmapped::Skill),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole_and_rise() {
        assert!(all().len() >= 4, "the tables cannot be read");
        for (name, scale) in all() {
            for table in &scale.tables {
                let (lowest, highest) = table.range;
                assert!(table.bands.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{name}: {:?}", table.bands);
                assert!(table.bands.iter().all(|(from, _)| (lowest..=highest).contains(from)), "{name}");
            }
            for skill in Skill::ALL {
                let mut versions: Vec<_> =
                    scale.tables.iter().filter(|table| table.skills.contains(skill)).map(|t| t.version).collect();
                versions.dedup();
                assert_eq!(versions, (1..).take(versions.len()).collect::<Vec<_>>(), "{name} {skill}");
            }
        }
    }

    #[test]
    fn one_score_is_two_levels_in_two_skills() {
        let level = |skill, value| map("toefl_ibt", ("en", skill), value).map(|mapped| mapped.level);
        assert_eq!(level(Skill::Listening, 17.0), Ok(Cefr::B2));
        assert_eq!(level(Skill::Reading, 17.0), Ok(Cefr::B1));
        assert_eq!(level(Skill::Reading, 3.9), Err(Unmapped::Below(Cefr::B1)), "below the table is not A1");
    }

    #[test]
    fn what_is_no_score_is_no_level() {
        assert_eq!(map("ielts", ("en", Skill::Reading), 9.5), Err(Unmapped::Range(0.0, 9.0)));
        assert_eq!(map("ielts", ("en", Skill::Reading), f64::NAN), Err(Unmapped::Range(0.0, 9.0)));
        assert_eq!(map("ielts", ("ko", Skill::Reading), 6.0), Err(Unmapped::Skill));
        assert_eq!(map("toeic", ("en", Skill::Writing), 100.0), Err(Unmapped::Skill));
        assert_eq!(map("klingon", ("en", Skill::Reading), 6.0), Err(Unmapped::Scale));
        assert_eq!(map("topik", ("ko", Skill::Reading), 3.0).unwrap().level, Cefr::B1);
    }
}
