//! Evidence and the report as the documentation shows them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use stoa_core::content::Cefr;
use stoa_record::cefr::{EvidenceSource, FRAMEWORK, LevelStatus, RULES_VERSION, Skill, assessment::Overall, scales};

use super::{
    super::lesson_progress::SubjectView,
    evidence_views::{EvidenceView, RecordedView, ScaleView, TargetView},
    views::{
        AimView, CanDoView, CefrScoreView, EvidenceSummary, HoursView, NextLevelView, OverallView, PercentileView,
        PieceView, RemainingView, ReportView, SkillView, StepView,
    },
};
use crate::doors::{Sample, sample};

fn date() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2027, 6, 30)
}

impl Sample for ReportView {
    fn sample() -> Self {
        Self {
            user: SubjectView::sample(),
            language: "en".into(),
            as_of: sample::time(),
            framework: FRAMEWORK,
            rules_version: RULES_VERSION,
            overall: OverallView {
                level: Some(Cefr::B1),
                plus: false,
                status: LevelStatus::Provisional,
                method: Overall::METHOD,
                confidence: 0.45,
            },
            skills: Skill::ALL.iter().map(|skill| (*skill, SkillView::sample())).collect(),
            history: vec![StepView {
                at: sample::time(),
                skill: Skill::Reading,
                from: Some(Cefr::B1),
                to: Cefr::B2,
                reason: "evidence_above",
                evidence_id: Some(sample::id()),
            }],
            target: Some(AimView { level: Cefr::B2, by: date(), on_track: Some(true) }),
        }
    }
}

impl Sample for SkillView {
    fn sample() -> Self {
        let score = CefrScoreView { value: 6.5, scale: "ielts".into(), source: EvidenceSource::ExternalCertificate };
        let piece = PieceView {
            evidence_id: Some(sample::id()),
            source: EvidenceSource::ExternalCertificate,
            level: Cefr::B2,
            at: sample::time(),
        };
        let can_do = CanDoView { descriptor_key: "rd.b2.articles".into(), state: "emerging", evidence_count: 1 };
        let hours = HoursView { low: 67, high: 67 };
        Self {
            level: Some(Cefr::B2),
            plus: false,
            status: LevelStatus::Assessed,
            confidence: 0.66,
            score: Some(score),
            evidence: EvidenceSummary {
                count: 1,
                by_source: BTreeMap::from([("external_certificate", 1)]),
                first_at: Some(sample::time()),
                last_at: Some(sample::time()),
                items: vec![piece],
            },
            can_do: vec![can_do],
            percentile: Some(PercentileView { value: 72, population: "institution", n: 48 }),
            next_level: Some(NextLevelView {
                level: Cefr::B2Plus,
                progress: 0.33,
                remaining: RemainingView { estimated_hours: hours },
            }),
        }
    }
}

impl Sample for EvidenceView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            language: "en".into(),
            skill: Skill::Reading,
            source: EvidenceSource::ExternalCertificate,
            level: Cefr::B2,
            scale: Some("ielts".into()),
            value: Some(6.5),
            mapping_version: Some(1),
            descriptors: BTreeMap::from([("rd.b2.articles".into(), true)]),
            external_id: Some("ielts-20261001".into()),
            note: None,
            occurred_at: sample::time(),
            expires_at: Some(sample::time()),
            created_at: sample::time(),
            withdrawn_at: None,
        }
    }
}

impl Sample for RecordedView {
    fn sample() -> Self {
        Self { evidence: EvidenceView::sample(), is_new: true }
    }
}

impl Sample for TargetView {
    fn sample() -> Self {
        Self { user_id: sample::id(), language: "en".into(), level: Some(Cefr::B2), due_on: date() }
    }
}

impl Sample for ScaleView {
    fn sample() -> Self {
        let (key, scale) = scales::all().iter().next().unzip();
        Self::of(
            key.map_or("", String::as_str),
            &scale.cloned().unwrap_or_else(|| scales::Scale {
                name: String::new(),
                source: String::new(),
                languages: Vec::new(),
                tables: Vec::new(),
            }),
        )
    }
}
