//! The report as it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, content::Cefr, id};
use stoa_record::cefr::{
    EvidenceSource, FRAMEWORK, LevelStatus, Piece, RULES_VERSION, Report, Skill, SkillReport,
    assessment::{Overall, Step},
};

use super::super::lesson_progress::SubjectView;

/// Pieces of a skill that a report shows, the newest.
const PIECES_SHOWN: usize = 20;

/// At which level a learner is in a language, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrReport")]
pub(super) struct ReportView {
    /// The learner.
    pub(super) user: SubjectView,
    /// Language that is learned.
    pub(super) language: String,
    /// What was known then.
    pub(super) as_of: DateTime<Utc>,
    /// Edition of the framework.
    pub(super) framework: &'static str,
    /// Version of the rule by which evidence becomes a level.
    pub(super) rules_version: i32,
    /// The profile.
    pub(super) overall: OverallView,
    /// The four skills.
    pub(super) skills: BTreeMap<Skill, SkillView>,
    /// Every change of a level, the oldest first.
    pub(super) history: Vec<StepView>,
    /// What the learner wants to reach; null where nothing was set.
    pub(super) target: Option<AimView>,
}

/// The profile of the four skills.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrOverall")]
pub(super) struct OverallView {
    /// The level without its plus; null while fewer than three skills have one.
    pub(super) level: Option<Cefr>,
    /// The upper half of the level.
    pub(super) plus: bool,
    /// How sure it is.
    pub(super) status: LevelStatus,
    /// How it is made of the skills: `profile_min3of4`, the highest level that three of four have reached, the known
    /// others at most one band lower.
    pub(super) method: &'static str,
    /// 0 to 1.
    pub(super) confidence: f64,
}

/// A skill.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrSkill")]
pub(super) struct SkillView {
    /// The level without its plus; null without enough evidence, and never A1 for want of it.
    pub(super) level: Option<Cefr>,
    /// The upper half of the level.
    pub(super) plus: bool,
    /// How sure it is.
    pub(super) status: LevelStatus,
    /// 0 to 1.
    pub(super) confidence: f64,
    /// Newest score of a test or certificate.
    pub(super) score: Option<CefrScoreView>,
    /// What shows it.
    pub(super) evidence: EvidenceSummary,
    /// Can-do descriptors that were looked for, by their keys.
    pub(super) can_do: Vec<CanDoView>,
    /// Where the learner stands in the institution; null with fewer than ten people, and in a report of the past.
    pub(super) percentile: Option<PercentileView>,
    /// The next level; null without a level, and at C2.
    pub(super) next_level: Option<NextLevelView>,
}

/// A score on a scale.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrScore")]
pub(super) struct CefrScoreView {
    /// The score.
    pub(super) value: f64,
    /// The scale.
    pub(super) scale: String,
    /// What kind of evidence it is.
    pub(super) source: EvidenceSource,
}

/// What shows a level.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrEvidenceSummary")]
pub(super) struct EvidenceSummary {
    /// All pieces.
    pub(super) count: usize,
    /// The same by their source.
    pub(super) by_source: BTreeMap<&'static str, usize>,
    /// The oldest.
    pub(super) first_at: Option<DateTime<Utc>>,
    /// The newest.
    pub(super) last_at: Option<DateTime<Utc>>,
    /// The newest 20, the newest first.
    pub(super) items: Vec<PieceView>,
}

/// A piece as the report weighs it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrPiece")]
pub(super) struct PieceView {
    /// Id of the evidence; null for a graded item.
    pub(super) evidence_id: Option<Id<id::Evidence>>,
    /// What kind of evidence it is.
    pub(super) source: EvidenceSource,
    /// Level that it shows.
    pub(super) level: Cefr,
    /// When it was shown.
    pub(super) at: DateTime<Utc>,
}

/// A can-do descriptor.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrCanDo")]
pub(super) struct CanDoView {
    /// Its key; the text is the Council of Europe's.
    pub(super) descriptor_key: String,
    /// `achieved`, `emerging` or `not_yet`.
    pub(super) state: &'static str,
    /// How often it was looked for.
    pub(super) evidence_count: usize,
}

/// Where the learner stands among the others.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrPercentile")]
pub(super) struct PercentileView {
    /// Percents of people below, and half of those at the same level.
    pub(super) value: i64,
    /// With whom: `institution`.
    pub(super) population: &'static str,
    /// How many.
    pub(super) n: i64,
}

/// The next level.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrNextLevel")]
pub(super) struct NextLevelView {
    /// The level, with its plus.
    pub(super) level: Cefr,
    /// How much of what it wants has been shown, 0 to 1.
    pub(super) progress: f64,
    /// What is left.
    pub(super) remaining: RemainingView,
}

/// What is left to the next level.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrRemaining")]
pub(super) struct RemainingView {
    /// Guided hours of study.
    pub(super) estimated_hours: HoursView,
}

/// Guided hours of study.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrHours")]
pub(super) struct HoursView {
    /// At least.
    pub(super) low: i64,
    /// At most.
    pub(super) high: i64,
}

/// A change of a level.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrReportStep")]
pub(super) struct StepView {
    /// When what changed it was shown.
    pub(super) at: DateTime<Utc>,
    /// The skill.
    pub(super) skill: Skill,
    /// The level before, with its plus; null at first.
    pub(super) from: Option<Cefr>,
    /// The level after, with its plus.
    pub(super) to: Cefr,
    /// `first_evidence`, `evidence_above` or `contrary_evidence`.
    pub(super) reason: &'static str,
    /// The piece that did it; null for a graded item.
    pub(super) evidence_id: Option<Id<id::Evidence>>,
}

/// What the learner wants to reach.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrAim")]
pub(super) struct AimView {
    /// The level, with its plus.
    pub(super) level: Cefr,
    /// By when.
    pub(super) by: Option<NaiveDate>,
    /// At the pace of the last year; null where nothing tells.
    pub(super) on_track: Option<bool>,
}

/// A level without its plus, and whether it has one.
fn halves(level: Option<Cefr>) -> (Option<Cefr>, bool) {
    (level.map(Cefr::band), level.is_some_and(|level| level.band() != level))
}

impl ReportView {
    pub(super) fn of(report: Report) -> Self {
        let target =
            report.target.map(|target| AimView { level: target.level, by: target.due_on, on_track: report.on_track() });
        let steps = |(skill, found): (&Skill, &SkillReport)| {
            let skill = *skill;
            found.assessment.steps.iter().map(move |step| StepView::of(skill, step)).collect::<Vec<_>>()
        };
        let mut history: Vec<StepView> = report.skills.iter().flat_map(steps).collect();
        history.sort_by_key(|step| (step.at, step.skill));
        Self {
            language: report.language,
            as_of: report.as_of,
            framework: FRAMEWORK,
            rules_version: RULES_VERSION,
            overall: OverallView::of(&report.overall),
            skills: report.skills.iter().map(|(skill, found)| (*skill, SkillView::of(found))).collect(),
            history,
            target,
            user: SubjectView::of(report.learner),
        }
    }
}

impl OverallView {
    fn of(overall: &Overall) -> Self {
        let (level, plus) = halves(overall.level);
        Self { level, plus, status: overall.status, method: Overall::METHOD, confidence: overall.confidence }
    }
}

impl SkillView {
    fn of(found: &SkillReport) -> Self {
        let (level, plus) = halves(found.assessment.level);
        let scored =
            found.pieces.iter().rev().find(|piece| piece.source != EvidenceSource::GradedItem && piece.score.is_some());
        let score = scored.and_then(|piece| {
            let score = piece.score.clone()?;
            Some(CefrScoreView { value: score.value, scale: score.scale, source: piece.source })
        });
        let can_do = found.can_do().into_iter().map(|(descriptor_key, (state, evidence_count))| CanDoView {
            descriptor_key,
            state: state.as_str(),
            evidence_count,
        });
        let next_level = found.next_level().map(|(level, progress, (low, high))| NextLevelView {
            level,
            progress,
            remaining: RemainingView { estimated_hours: HoursView { low, high } },
        });
        Self {
            level,
            plus,
            status: found.assessment.status,
            confidence: found.assessment.confidence,
            score,
            evidence: EvidenceSummary::of(found),
            can_do: can_do.collect(),
            percentile: found.percentile.map(|percentile| PercentileView {
                value: percentile.value,
                population: "institution",
                n: percentile.people,
            }),
            next_level,
        }
    }
}

impl EvidenceSummary {
    fn of(found: &SkillReport) -> Self {
        let mut pieces: Vec<&Piece> = found.pieces.iter().collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.at));
        Self {
            count: pieces.len(),
            by_source: found.by_source(),
            first_at: pieces.last().map(|piece| piece.at),
            last_at: pieces.first().map(|piece| piece.at),
            items: pieces.into_iter().take(PIECES_SHOWN).map(PieceView::of).collect(),
        }
    }
}

impl PieceView {
    fn of(piece: &Piece) -> Self {
        Self { evidence_id: piece.evidence, source: piece.source, level: piece.level, at: piece.at }
    }
}

impl StepView {
    fn of(skill: Skill, step: &Step) -> Self {
        Self {
            at: step.at,
            skill,
            from: step.from,
            to: step.to,
            reason: step.reason.as_str(),
            evidence_id: step.evidence,
        }
    }
}
