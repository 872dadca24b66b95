//! Which verb means what on our road.
//!
//! # Source
//! adlnet.gov/expapi/verbs; w3id.org/xapi/adl/verbs and the cmi5 profile; activitystrea.ms/schema/1.0; each a verb of the
//! xAPI Registry.

/// What a verb says that a learner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Was put on a course.
    Enrolled,
    /// Began.
    Started,
    /// Went on.
    Progressed,
    /// Answered a question.
    Answered,
    /// Handed work in.
    Submitted,
    /// Completed.
    Completed,
    /// Passed.
    Passed,
    /// Failed.
    Failed,
}

/// Takes an earlier statement back.
pub const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

const KNOWN: [(&str, Meaning); 24] = [
    ("http://adlnet.gov/expapi/verbs/registered", Meaning::Enrolled),
    ("http://adlnet.gov/expapi/verbs/launched", Meaning::Started),
    ("http://adlnet.gov/expapi/verbs/initialized", Meaning::Started),
    ("http://adlnet.gov/expapi/verbs/attempted", Meaning::Started),
    ("http://activitystrea.ms/schema/1.0/start", Meaning::Started),
    ("http://adlnet.gov/expapi/verbs/experienced", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/interacted", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/progressed", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/resumed", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/suspended", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/terminated", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/exited", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/scored", Meaning::Progressed),
    ("https://w3id.org/xapi/adl/verbs/abandoned", Meaning::Progressed),
    ("https://w3id.org/xapi/video/verbs/played", Meaning::Progressed),
    ("https://w3id.org/xapi/video/verbs/paused", Meaning::Progressed),
    ("http://adlnet.gov/expapi/verbs/answered", Meaning::Answered),
    ("http://activitystrea.ms/schema/1.0/submit", Meaning::Submitted),
    ("http://adlnet.gov/expapi/verbs/completed", Meaning::Completed),
    ("http://activitystrea.ms/schema/1.0/complete", Meaning::Completed),
    ("https://w3id.org/xapi/adl/verbs/satisfied", Meaning::Completed),
    ("http://adlnet.gov/expapi/verbs/passed", Meaning::Passed),
    ("http://adlnet.gov/expapi/verbs/mastered", Meaning::Passed),
    ("http://adlnet.gov/expapi/verbs/failed", Meaning::Failed),
];

/// What a verb means; none for one that is not known here.
pub fn meaning(verb: &str) -> Option<Meaning> {
    KNOWN.into_iter().find_map(|(known, meaning)| (known == verb).then_some(meaning))
}

/// The verbs that are known.
pub fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().map(|(verb, _)| verb)
}
