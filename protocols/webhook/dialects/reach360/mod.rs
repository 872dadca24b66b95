//! Articulate Reach 360: four events, with whole objects and links.
//!
//! Not here: what a delivery looks like (`shapes`), the objects in it (`objects`), the versions (`version`), Reach 360's
//! own endpoints (`http/reach`).
//!
//! # Shape
//! `{id, createdAt, type, webhookId, apiVersion, data}`, names in camel case, ids as text, `createdAt` in UTC with
//! milliseconds. Headers `API-Version` and, with a secret, `X-Hook-Signature`: the HMAC-SHA1 of the raw body in
//! lower-case hex without prefix, keyed by the secret's text.
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhooks API" and "Reach 360: Webhook Events"; help.rise.com, articles 4231303
//! (the signature) and 4457562. The signature of Reach 360 as BobbiSixkiller/FlawIS reads it
//! (`core/src/routes/reach360Webhook.ts`).

pub mod objects;
mod shapes;
mod version;

use schemars::Schema;

pub use self::version::{UnknownVersion, Version};
use self::{objects::Links, shapes::Frame};
use crate::{
    event::{Envelope, EventType},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing,
        dialect::{common_headers, legacy_headers},
        signature::hmac_sha1_hex,
    },
};

/// The dialect.
#[derive(Debug)]
pub struct Reach360;

/// The vendor's closed list.
#[derive(Clone, Copy)]
enum Word {
    CourseCompleted,
    CourseSubmitted,
    EnrollmentsCreated,
    UserCreated,
}

impl Word {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CourseCompleted => "course.completed",
            Self::CourseSubmitted => "course.submitted",
            Self::EnrollmentsCreated => "enrollments.created",
            Self::UserCreated => "user.created",
        }
    }
}

impl Dialect for Reach360 {
    fn name(&self) -> DialectName {
        DialectName::Reach360
    }

    fn speaks(&self, event_type: EventType) -> bool {
        word(event_type).is_some()
    }

    fn name_of(&self, event_type: EventType) -> &'static str {
        word(event_type).map_or(event_type.as_str(), Word::as_str)
    }

    fn versions(&self) -> &'static [&'static str] {
        Version::NAMES
    }

    /// A completion, because a receiver can only look its learner up in vain; of a `user.created` it might make one.
    fn test_event(&self) -> EventType {
        EventType::CourseCompleted
    }

    fn rendering(&self, webhook_id: &str, api_version: Option<&str>) -> String {
        let version = api_version.unwrap_or(Version::default().as_str());
        format!("{}:{version}:{webhook_id}", self.name())
    }

    fn render(&self, event: &Envelope, audience: &Audience<'_>) -> Result<Vec<u8>, RenderError> {
        let version = Version::parse(audience.api_version).map_err(|UnknownVersion| RenderError::UnknownVersion {
            dialect: self.name(),
            version: audience.api_version.unwrap_or_default().to_owned(),
        })?;
        let event_type = event.event_type;
        let word = word(event_type).ok_or(RenderError::NotSpoken { dialect: self.name(), event_type })?;
        let links = Links::new(audience.base_url);
        version.render(&Frame { word, event, webhook_id: audience.webhook_id, version, links })
    }

    fn schema(&self, event_type: EventType, api_version: Option<&str>) -> Option<Schema> {
        Some(Version::parse(api_version).ok()?.schema(word(event_type)?))
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        let mut headers = common_headers(signing);
        let version = signing.api_version.unwrap_or(Version::default().as_str());
        headers.push(("api-version", version.to_owned()));
        headers.extend(legacy_headers(signing, ("x-hook-signature", "x-hook-signature-next"), hmac_sha1_hex));
        headers
    }
}

/// Reach 360's word for a type, if it has one.
#[expect(clippy::too_many_lines, reason = "a line for each type: the compiler asks for that of a new one")]
const fn word(event_type: EventType) -> Option<Word> {
    use EventType as E;
    match event_type {
        E::CourseCompleted => Some(Word::CourseCompleted),
        E::CourseSubmitted => Some(Word::CourseSubmitted),
        E::EnrollmentsCreated => Some(Word::EnrollmentsCreated),
        E::UserCreated => Some(Word::UserCreated),
        E::CourseStatCreated
        | E::CourseStatUpdated
        | E::SectionStatCreated
        | E::SectionStatUpdated
        | E::QuizStatCreated
        | E::QuizStatUpdated
        | E::TaskStatCreated
        | E::TaskStatUpdated
        | E::ScormStatCreated
        | E::ScormStatUpdated
        | E::MaterialStatCreated
        | E::MaterialStatUpdated
        | E::LessonStarted
        | E::LessonCompleted
        | E::TrainingCompleted
        | E::EnrollmentCreated
        | E::EnrollmentCompleted
        | E::UserUpdated
        | E::UserDeactivated
        | E::MemberAdded
        | E::MemberUpdated
        | E::MemberRemoved
        | E::SeatsLimitReached
        | E::WebhookPing
        | E::WebhookDisabled
        | E::WebhookFailing
        | E::DeliveryExhausted
        | E::SubscriptionRequestApproved
        | E::SubscriptionRequestRejected
        | E::SubscriptionRequestExpired
        | E::WebhookSubscribed
        | E::WebhookUnsubscribed
        | E::MemberImportPlanned
        | E::MemberImportCompleted
        | E::MemberImportFailed
        | E::TokenCreated
        | E::TokenExpiring
        | E::InstitutionSuspended
        | E::InstitutionResumed
        | E::InstitutionClosing
        | E::InstitutionReopened
        | E::TrialConverted
        | E::TokenRevoked
        | E::CefrAssessed
        | E::ErasureRequested
        | E::ErasureCompleted
        | E::UserDeleted
        | E::CefrLevelChanged
        | E::CoursePublished
        | E::CourseArchived
        | E::ExportCompleted
        | E::ExportFailed
        | E::ExportExpired
        | E::XpAwarded
        | E::AchievementUnlocked
        | E::StreakExtended
        | E::StreakFrozen
        | E::StreakBroken => None,
    }
}

#[cfg(test)]
mod tests;
