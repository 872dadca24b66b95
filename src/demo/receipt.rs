//! One request to a receiver, in a line: how long after its cause, of what type, about what, and how it was found.

use std::time::Duration;

use serde_json::Value;
use stoa_protocols::webhook::DialectName;

/// A request that a receiver got.
pub(super) struct Receipt {
    pub(super) dialect: DialectName,
    /// Id of the event.
    pub(super) event: String,
    /// Its type, as the dialect says it.
    pub(super) event_type: String,
    /// What it is about, as the dialect says it.
    pub(super) about: String,
    /// Since its cause was sent in.
    pub(super) after: Duration,
    /// Status of the receiver's answer.
    pub(super) answered: u16,
    /// 1 for the first request with this event.
    pub(super) attempt: usize,
    /// What is wrong with it.
    pub(super) fault: Option<String>,
}

impl Receipt {
    pub(super) const fn is_received(&self) -> bool {
        matches!(self.answered, 200..300)
    }

    pub(super) fn line(&self) -> String {
        let mark = match &self.fault {
            Some(fault) => format!("✗ {fault}"),
            None if self.is_received() => "✓".to_owned(),
            None => format!("✓ answered {}", self.answered),
        };
        let nth = if self.attempt > 1 { format!("  attempt {}", self.attempt) } else { String::new() };
        format!("    {:>8}  {:<24}{:<58}{mark}{nth}", span(self.after), self.event_type, self.about)
    }
}

/// A span of time, in the unit that reads well.
pub(super) fn span(of: Duration) -> String {
    if of < Duration::from_secs(1) { format!("{} ms", of.as_millis()) } else { format!("{:.1} s", of.as_secs_f64()) }
}

/// The text at a place of a body; empty where there is none.
pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The type of an event, as its dialect says it.
pub(super) fn type_of(dialect: DialectName, body: &Value) -> String {
    match dialect {
        DialectName::Teachbase => format!("{} {}", text(body, "/type"), text(body, "/event")),
        DialectName::Talktiko | DialectName::Reach360 => text(body, "/type").to_owned(),
    }
}

/// What an event is about, as its dialect says it.
pub(super) fn about(dialect: DialectName, body: &Value) -> String {
    let first_of = |pointers: &[&str]| {
        let texts = pointers.iter().map(|pointer| text(body, pointer));
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    match dialect {
        DialectName::Talktiko => {
            let title =
                first_of(&["/data/item/title", "/data/training/title", "/data/lesson/title", "/data/course/title"]);
            let status = first_of(&["/data/standing/status", "/data/enrollment/status"]);
            format!("{}: {title}, {status}", text(body, "/data/user/first_name"))
        }
        DialectName::Teachbase => {
            let (id, user, progress) = (number("/data/id"), number("/data/user_id"), number("/data/progress"));
            format!("id {id}, user {user}: {}, {progress} %", text(body, "/data/status"))
        }
        DialectName::Reach360 => {
            let user = first_of(&["/data/user/firstName", "/data/users/0/firstName"]);
            let quiz = body.pointer("/data/course/quiz/score").map(|score| format!(", quiz {score} %"));
            match text(body, "/data/course/title") {
                "" => user,
                title => format!("{user}: {title}{}", quiz.unwrap_or_default()),
            }
        }
    }
}
