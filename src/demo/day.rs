//! What happens: a morning of three learners, with all that makes mornings interesting to a receiver.

use std::{fmt, time::Instant};

use chrono::{DateTime, Days, NaiveTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa_core::clock::{Clock, SystemClock};

use super::school::{LEARNERS, MINJUN, OLGA, School, ZOE};

/// One request to the way in.
pub(super) struct Hour {
    /// When it is sent, as the story has it.
    pub(super) clock: &'static str,
    /// What happens, in words.
    pub(super) told: &'static str,
    /// The request's events.
    pub(super) events: Vec<Value>,
    /// What must become of them.
    pub(super) counts: Counts,
    /// Tells of something older than what is known already.
    pub(super) late: bool,
}

/// What became of the events of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) accepted: usize,
    pub(super) duplicate: usize,
    pub(super) rejected: usize,
}

/// The answer to a request.
pub(super) struct Outcome {
    /// When the request was sent.
    pub(super) sent: Instant,
    /// One result for each event, in order.
    pub(super) results: Vec<Value>,
}

impl Outcome {
    pub(super) fn counts(&self) -> Counts {
        let of = |status: &str| self.results.iter().filter(|result| status_of(result) == status).count();
        Counts { accepted: of("accepted"), duplicate: of("duplicate"), rejected: of("rejected") }
    }

    /// Ids of the events that it caused.
    pub(super) fn events(&self) -> impl Iterator<Item = &str> {
        let accepted = self.results.iter().filter(|result| status_of(result) == "accepted");
        accepted.filter_map(|result| result.get("events")?.as_array()).flatten().filter_map(Value::as_str)
    }

    /// What was not accepted, and why.
    pub(super) fn faults(&self) -> String {
        let refused = self.results.iter().filter(|result| status_of(result) != "accepted");
        format!("{}: {}", self.counts(), refused.map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }
}

fn status_of(result: &Value) -> &str {
    result.get("status").and_then(Value::as_str).unwrap_or_default()
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.accepted, "accepted"), (self.duplicate, "duplicate"), (self.rejected, "rejected")];
        let said: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        f.write_str(&said.join(", "))
    }
}

/// Writes events of a run.
struct Pen<'a> {
    school: &'a School,
    /// Nine o'clock yesterday: past, whatever the time is now.
    nine: DateTime<Utc>,
}

impl Pen<'_> {
    /// One event; its id is made of what it says, so that sending it again is sending the same.
    fn event(&self, minute: i64, (learner, verb): (&str, &str), (kind, key): (&str, &str), result: Value) -> Value {
        let at = self.nine + TimeDelta::minutes(minute);
        let mut event = json!({
            "id": format!("{}-{verb}-{minute}", self.school.key(&format!("{learner}-{key}"))),
            "occurred_at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "user": { "external_id": self.school.key(learner) },
            "object": { "kind": kind, "external_id": self.school.key(key) },
            "verb": verb,
        });
        if let (Some(event), false) = (event.as_object_mut(), result.is_null()) {
            event.insert("result".to_owned(), result);
        }
        event
    }

    fn item(&self, minute: i64, who: (&str, &str), item: &str, result: Value) -> Value {
        self.event(minute, who, ("item", item), result)
    }

    fn course(&self, minute: i64, who: (&str, &str)) -> Value {
        self.event(minute, who, ("course", "course"), Value::Null)
    }
}

fn score(raw: f64, max: f64, attempt: u32) -> Value {
    json!({ "score": { "raw": raw, "min": 0, "max": max }, "duration_seconds": 240, "attempt": attempt })
}

impl Hour {
    /// A request whose events are all new.
    fn new(clock: &'static str, told: &'static str, events: Vec<Value>) -> Self {
        let counts = Counts { accepted: events.len(), ..Counts::default() };
        Self { clock, told, events, counts, late: false }
    }
}

/// The morning, in the order in which the server hears of it.
pub(super) fn hours(school: &School) -> Vec<Hour> {
    let yesterday = SystemClock.now().date_naive() - Days::new(1);
    let pen = Pen { school, nine: yesterday.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(9) };
    let mut hours = first_lesson(&pen);
    hours.extend(second_lesson(&pen));
    hours
}

fn first_lesson(pen: &Pen<'_>) -> Vec<Hour> {
    let enrolled = LEARNERS.map(|(who, _)| pen.course(0, (who, "enrolled")));
    let reading = json!({ "progress": 0.4, "duration_seconds": 300 });
    let read = json!({ "duration_seconds": 420 });
    vec![
        Hour::new("09:00", "All three are enrolled", enrolled.into()),
        Hour::new(
            "09:05",
            "Minjun and Olga read about syllables",
            vec![
                pen.item(5, (MINJUN, "progressed"), "syllables", reading.clone()),
                pen.item(6, (OLGA, "progressed"), "syllables", reading),
            ],
        ),
        Hour::new(
            "09:20",
            "Both have read it all",
            vec![
                pen.item(20, (MINJUN, "completed"), "syllables", read.clone()),
                pen.item(22, (OLGA, "completed"), "syllables", read),
            ],
        ),
        Hour::new(
            "09:40",
            "The quiz: Minjun passes with 9 of 10, Olga fails with 4",
            vec![
                pen.item(39, (MINJUN, "answered"), "quiz", score(9.0, 10.0, 1)),
                pen.item(40, (MINJUN, "passed"), "quiz", score(9.0, 10.0, 1)),
                pen.item(42, (OLGA, "failed"), "quiz", score(4.0, 10.0, 1)),
            ],
        ),
        Hour::new("10:00", "Zoe starts the course", vec![pen.course(60, (ZOE, "started"))]),
    ]
}

fn second_lesson(pen: &Pen<'_>) -> Vec<Hour> {
    let market = vec![
        pen.item(90, (MINJUN, "completed"), "market", score(85.0, 100.0, 1)),
        pen.item(95, (MINJUN, "submitted"), "letter", json!({ "duration_seconds": 300 })),
        pen.item(98, (MINJUN, "passed"), "letter", score(8.5, 10.0, 1)),
    ];
    let first_look =
        pen.item(2, (MINJUN, "progressed"), "syllables", json!({ "progress": 0.1, "duration_seconds": 60 }));
    let again = pen.item(124, (OLGA, "passed"), "quiz", score(8.0, 10.0, 2));
    let stranger = pen.item(125, ("Nobody", "started"), "quiz", Value::Null);
    vec![
        Hour::new("10:40", "Minjun does the second lesson, and so the course", market.clone()),
        Hour {
            late: true,
            ..Hour::new("10:50", "A tablet was offline: Minjun's first look, from 09:02", vec![first_look])
        },
        Hour {
            counts: Counts { duplicate: market.len(), ..Counts::default() },
            ..Hour::new("10:55", "The sender is unsure and sends 10:40 again", market)
        },
        Hour {
            counts: Counts { accepted: 1, rejected: 1, ..Counts::default() },
            ..Hour::new("11:05", "Olga tries again and passes; beside it a learner unknown", vec![again, stranger])
        },
    ]
}
