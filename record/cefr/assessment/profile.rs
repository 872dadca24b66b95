//! The four skills together: a profile, not an average.

use stoa_core::content::Cefr;

use super::Assessment;
use crate::cefr::LevelStatus;

/// How many skills there are, and how many of them have to reach a level.
const SKILLS: usize = 4;
const ENOUGH: usize = 3;

/// The profile of a learner in a language.
#[derive(Debug, Clone, PartialEq)]
pub struct Overall {
    /// The level; none while fewer than three skills have one, or one lags too far behind for any.
    pub level: Option<Cefr>,
    /// How sure it is.
    pub status: LevelStatus,
    /// The same as a number, 0 to 1.
    pub confidence: f64,
}

impl Overall {
    /// How the level is made of those of the skills.
    pub const METHOD: &'static str = "profile_min3of4";
}

/// Makes the profile of the four skills.
pub fn overall(skills: &[&Assessment]) -> Overall {
    let known: Vec<Cefr> = skills.iter().filter_map(|skill| skill.level).collect();
    let level = Cefr::ALL.into_iter().rev().find(|level| {
        let reached = known.iter().filter(|skill| *skill >= level).count();
        reached >= ENOUGH && known.iter().all(|skill| band_above(*skill) >= level.band())
    });
    let statuses = |status| skills.iter().filter(|skill| skill.status == status).count();
    let status = match level {
        None => LevelStatus::InsufficientEvidence,
        Some(_) if statuses(LevelStatus::Expired) == known.len() => LevelStatus::Expired,
        Some(_) if statuses(LevelStatus::Assessed) == SKILLS => LevelStatus::Assessed,
        Some(_) => LevelStatus::Provisional,
    };
    let sum: f64 = skills.iter().map(|skill| skill.confidence).sum();
    let confidence = level.map_or(0.0, |_| (sum * 25.0).floor() / 100.0);
    Overall { level, status, confidence }
}

/// The next band up, itself at the top.
fn band_above(level: Cefr) -> Cefr {
    Cefr::ALL.into_iter().find(|other| other.band() == *other && *other > level.band()).unwrap_or(Cefr::C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill(level: Option<Cefr>, status: LevelStatus) -> Assessment {
        let confidence = if level.is_some() { 0.8 } else { 0.0 };
        Assessment { level, status, confidence, steps: Vec::new(), towards_next: None }
    }

    fn level(levels: [Option<Cefr>; 4]) -> Option<Cefr> {
        let skills = levels.map(|level| skill(level, LevelStatus::Assessed));
        overall(&skills.iter().collect::<Vec<_>>()).level
    }

    #[test]
    fn three_of_four_carry_a_level_and_the_fourth_may_lag_one_band() {
        use Cefr::{A1, A2, A2Plus, B1, B1Plus, B2};
        assert_eq!(level([Some(B1), Some(B1), Some(B1), Some(B1)]), Some(B1));
        assert_eq!(level([Some(B2), Some(B1), Some(B1), Some(A2)]), Some(B1), "not an average");
        assert_eq!(level([Some(B1), Some(B1), Some(B1), Some(A1)]), Some(A2Plus), "one lags two bands");
        assert_eq!(level([Some(B1Plus), Some(B1Plus), Some(B1Plus), Some(A2)]), Some(B1Plus));
        assert_eq!(level([Some(B1), Some(B1), Some(B1), None]), Some(B1), "what is unknown is not low");
        assert_eq!(level([Some(B1), Some(B1), None, None]), None);
        assert_eq!(level([None; 4]), None);
    }

    #[test]
    fn it_is_as_sure_as_its_skills() {
        let some = [LevelStatus::Assessed, LevelStatus::Assessed, LevelStatus::Assessed, LevelStatus::Provisional];
        let skills = some.map(|status| skill(Some(Cefr::B1), status));
        let all = overall(&skills.iter().collect::<Vec<_>>());
        assert_eq!((all.status, all.confidence), (LevelStatus::Provisional, 0.8));
        let old = [(); 4].map(|()| skill(Some(Cefr::B1), LevelStatus::Expired));
        assert_eq!(overall(&old.iter().collect::<Vec<_>>()).status, LevelStatus::Expired);
        assert_eq!(overall(&[]).status, LevelStatus::InsufficientEvidence);
    }
}
