//! The check of the event types of a subscription.

use std::collections::BTreeSet;

use stoa_protocols::{event::EventType, webhook::Dialect};

use stoa_core::fields::Fields;

/// Most event types of a subscription.
const EVENTS_MAX: usize = 64;

/// Checks event types and writes them in the dialect's own names, each once.
pub(crate) fn check_events(fields: &mut Fields, dialect: &dyn Dialect, events: &[String]) -> Vec<String> {
    if events.is_empty() || events.len() > EVENTS_MAX {
        fields.fault("/events", "length", format!("wanted 1 to {EVENTS_MAX} event types"));
    }
    let mut known = BTreeSet::new();
    for (at, name) in events.iter().enumerate() {
        match dialect.event_named(name) {
            Some(event_type) => {
                known.insert(dialect.name_of(event_type).to_owned());
            }
            None if name == "*" => {
                known.insert("*".to_owned());
            }
            None => fields.fault(format!("/events/{at}"), "unknown", suggestion(dialect, name)),
        }
    }
    known.into_iter().collect()
}

/// Names the likeliest types, so that a slip of the pen is mended without the documentation.
fn suggestion(dialect: &dyn Dialect, name: &str) -> String {
    let spoken: Vec<&str> =
        EventType::ALL.iter().filter(|known| dialect.speaks(**known)).map(|known| dialect.name_of(*known)).collect();
    let stem = name.split(['.', '_']).next().unwrap_or_default();
    let near: Vec<&str> = spoken.iter().copied().filter(|known| !stem.is_empty() && known.starts_with(stem)).collect();
    let shown = if near.is_empty() { spoken } else { near };
    format!("no such event type in this dialect; wanted one of {}, *", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use stoa_protocols::webhook::DialectName;

    use super::*;

    fn faults(events: &[&str], dialect: DialectName) -> Vec<String> {
        let mut fields = Fields::new();
        let events: Vec<String> = events.iter().map(ToString::to_string).collect();
        check_events(&mut fields, dialect.dialect(), &events);
        match fields.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error.fields().iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect(),
        }
    }

    #[test]
    fn events_are_those_of_the_dialect() {
        assert!(faults(&["quiz_stat.created"], DialectName::Teachbase).is_empty());
        assert_eq!(faults(&["course.completed", "*"], DialectName::Teachbase), ["/events/0 unknown"]);
        assert!(faults(&["enrollments.created"], DialectName::Reach360).is_empty());
        assert_eq!(faults(&[], DialectName::Talktiko), ["/events length"]);
    }
}
