//! Articulate Reach 360: four events, with whole objects and links.
//!
//! Not here: the objects (`objects`), the versions (`version`), Reach 360's own endpoints (`src/http/reach`).
//!
//! # Shape
//! `{id, createdAt, type, webhookId, apiVersion, data}`, names in camel case, ids as text, `createdAt` in UTC with
//! milliseconds. Headers `API-Version` and, with a secret, `X-Hook-Signature`: the HMAC-SHA1 of the raw body in
//! lower-case hex without prefix, keyed by the secret's text.
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhooks API" and "Reach 360: Webhook Events"; help.rise.com, articles 4231303
//! (the signature) and 4457562. The keys of `course.submitted`, `enrollments.created` and `user.created` are read by
//! secc/RockPlugins (`Plugins/org.secc.Rise`), the signature of Reach 360 by BobbiSixkiller/FlawIS
//! (`core/src/routes/reach360Webhook.ts`). The key `learningPath` is ours: the vendor's text says that `course` is
//! null for a learning path and does not name its sibling.

mod objects;
mod version;

use serde::Serialize;

use self::objects::{Course, Group, Links, User};
pub use self::version::{UnknownVersion, Version};
use crate::{
    event::{Envelope, EventType, instant},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing,
        dialect::{common_headers, required},
        signature::hmac_sha1_hex,
    },
};

/// The dialect.
#[derive(Debug)]
pub struct Reach360;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: &'a str,
    created_at: String,
    #[serde(rename = "type")]
    event_type: &'static str,
    webhook_id: &'a str,
    api_version: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Data<'a> {
    CourseCompleted {
        course: Course<'a>,
        user: User<'a>,
    },
    CourseSubmitted {
        is_initial_submission: bool,
        course: Course<'a>,
        submitter: Option<User<'a>>,
        reviewer: Option<User<'a>>,
    },
    EnrollmentsCreated {
        course: Course<'a>,
        /// Null when the enrolment is on a course, which it always is so far.
        learning_path: Option<()>,
        enrolled_by: Option<User<'a>>,
        groups: Vec<Group>,
        users: Vec<User<'a>>,
    },
    UserCreated {
        user: User<'a>,
    },
}

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
        &Version::NAMES
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
        let body = Body {
            id: &event.id,
            created_at: instant::with_z(event.occurred_at),
            event_type: word.as_str(),
            webhook_id: audience.webhook_id,
            api_version: version.as_str(),
            data: data(word, event, Links::new(audience.base_url))?,
        };
        Ok(serde_json::to_vec(&body)?)
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        let mut headers = common_headers(signing);
        let version = signing.api_version.unwrap_or(Version::default().as_str());
        headers.push(("api-version", version.to_owned()));
        if let Some(secret) = signing.secret {
            headers.push(("x-hook-signature", hmac_sha1_hex(secret, signing.body)));
        }
        headers
    }
}

/// Reach 360's word for a type, if it has one.
const fn word(event_type: EventType) -> Option<Word> {
    use EventType as E;
    match event_type {
        E::CourseCompleted => Some(Word::CourseCompleted),
        E::CourseSubmitted => Some(Word::CourseSubmitted),
        E::EnrollmentCreated => Some(Word::EnrollmentsCreated),
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
        | E::EnrollmentCompleted
        | E::WebhookPing
        | E::WebhookDisabled => None,
    }
}

fn data<'a>(word: Word, event: &'a Envelope, links: Links<'_>) -> Result<Data<'a>, RenderError> {
    match word {
        Word::CourseCompleted => course_completed(event, links),
        Word::CourseSubmitted => course_submitted(event, links),
        Word::EnrollmentsCreated => enrollments_created(event, links),
        Word::UserCreated => Ok(Data::UserCreated { user: user(event, links)? }),
    }
}

fn course_completed<'a>(event: &'a Envelope, links: Links<'_>) -> Result<Data<'a>, RenderError> {
    let standing = required(event.data.standing.as_ref(), "standing", event)?;
    Ok(Data::CourseCompleted {
        course: course(event, links)?.with_quiz(standing),
        user: user(event, links)?.active_at(event.occurred_at),
    })
}

fn course_submitted<'a>(event: &'a Envelope, links: Links<'_>) -> Result<Data<'a>, RenderError> {
    let submission = required(event.data.submission.as_ref(), "submission", event)?;
    Ok(Data::CourseSubmitted {
        is_initial_submission: submission.is_initial,
        course: course(event, links)?,
        submitter: submission.submitter.as_deref().map(|user| User::new(user, links)),
        reviewer: submission.reviewer.as_deref().map(|user| User::new(user, links)),
    })
}

fn enrollments_created<'a>(event: &'a Envelope, links: Links<'_>) -> Result<Data<'a>, RenderError> {
    let enrolment = event.data.enrollment.as_ref();
    let users = if event.data.users.is_empty() {
        vec![user(event, links)?]
    } else {
        event.data.users.iter().map(|user| User::new(user, links)).collect()
    };
    Ok(Data::EnrollmentsCreated {
        course: course(event, links)?,
        learning_path: None,
        enrolled_by: enrolment.and_then(|one| one.enrolled_by.as_deref()).map(|user| User::new(user, links)),
        groups: Vec::new(),
        users,
    })
}

fn course<'a>(event: &'a Envelope, links: Links<'_>) -> Result<Course<'a>, RenderError> {
    Ok(Course::new(required(event.data.course.as_deref(), "course", event)?, links))
}

fn user<'a>(event: &'a Envelope, links: Links<'_>) -> Result<User<'a>, RenderError> {
    Ok(User::new(required(event.data.user.as_deref(), "user", event)?, links))
}

#[cfg(test)]
mod tests;
