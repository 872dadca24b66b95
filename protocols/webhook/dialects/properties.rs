//! Whatever an event carries, a dialect answers with an error or with JSON that no reader can misread.
//!
//! # Source
//! RFC 8259 section 4: names within an object should be unique; receivers disagree on what twice means.

use std::{collections::HashSet, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    event::{Envelope, EventData, EventType, Score, StandingFacts, StandingStatus, UserFacts, sample},
    webhook::{Audience, DialectName},
};

/// JSON of any kind whose objects name nothing twice.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_unit<E: Error>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Unambiguous, A::Error> {
        while list.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unambiguous, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("{key} twice")));
            }
            map.next_value::<Unambiguous>()?;
        }
        Ok(Unambiguous)
    }
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    any::<i64>().prop_map(DateTime::from_timestamp_nanos)
}

fn user() -> impl Strategy<Value = Arc<UserFacts>> {
    (any::<[String; 6]>(), any::<i64>(), any::<Option<String>>()).prop_map(|(words, number, external_id)| {
        let [id, email, name, first_name, last_name, role] = words;
        Arc::new(UserFacts { id, number, external_id, email, name, first_name, last_name, role })
    })
}

fn standing() -> impl Strategy<Value = StandingFacts> {
    let status = prop::sample::select(vec![
        StandingStatus::NotStarted,
        StandingStatus::InProgress,
        StandingStatus::Completed,
        StandingStatus::Passed,
        StandingStatus::Failed,
    ]);
    let score = any::<Option<(f64, f64, f64)>>().prop_map(|score| score.map(|(raw, min, max)| Score { raw, min, max }));
    let times = (instant(), instant(), prop::option::of(instant()), prop::option::of(instant()));
    (any::<(i64, i32, Option<bool>, i64)>(), status, score, times).prop_map(|(numbers, status, score, times)| {
        let (number, progress, success, time_spent_seconds) = numbers;
        let (created_at, updated_at, started_at, completed_at) = times;
        StandingFacts {
            id: "std_1".to_owned(),
            number,
            status,
            progress,
            success,
            score,
            best_score: None,
            attempts: progress,
            time_spent_seconds,
            started_at,
            completed_at,
            created_at,
            updated_at,
        }
    })
}

/// A sample whose parts are replaced, or gone, at random.
fn event() -> impl Strategy<Value = Envelope> {
    let parts = (user(), standing(), instant(), any::<String>());
    (prop::sample::select(EventType::ALL), parts, any::<[bool; 8]>()).prop_map(|(event_type, parts, keep)| {
        let (user, standing, occurred_at, words) = parts;
        let base = sample(event_type);
        let data = (*base.data).clone();
        let data = EventData {
            user: keep[0].then(|| Arc::clone(&user)).or(data.user.filter(|_| keep[1])),
            course: data.course.filter(|_| keep[2]),
            lesson: data.lesson.filter(|_| keep[3]),
            item: data.item.filter(|_| keep[4]),
            standing: data.standing.filter(|_| keep[5]).map(|_| standing),
            enrollment: data.enrollment.filter(|_| keep[6]),
            users: if keep[7] { vec![user] } else { Vec::new() },
            message: data.message.map(|_| words.clone()),
            ..data
        };
        Envelope { id: words, occurred_at, data: Arc::new(data), ..base }
    })
}

proptest! {
    #[test]
    fn a_body_is_unambiguous_and_the_same_again(event in event(), webhook_id: String, base_url: String) {
        for name in DialectName::ALL {
            let audience = Audience { webhook_id: &webhook_id, api_version: None, base_url: &base_url };
            let Ok(body) = name.dialect().render(&event, &audience) else { continue };
            let read = serde_json::from_slice::<Unambiguous>(&body);
            prop_assert!(read.is_ok(), "{name}: {:?}", read.err());
            prop_assert_eq!(&body, &name.dialect().render(&event, &audience).unwrap());
        }
    }

    #[test]
    fn a_payload_read_back_from_the_ledger_gives_the_same_body(event in event()) {
        let ledger = serde_json::to_value(&*event.data).unwrap();
        // A number that JSON cannot hold is refused before it is recorded.
        prop_assume!(serde_json::from_value::<EventData>(ledger.clone()).is_ok());
        let data = Arc::new(serde_json::from_value(ledger).unwrap());
        let read_back = Envelope { data, ..event.clone() };
        let audience = Audience { webhook_id: "whk_1", api_version: None, base_url: "https://stoa.example.com" };
        for name in DialectName::ALL {
            let bodies = [&event, &read_back].map(|event| name.dialect().render(event, &audience).ok());
            prop_assert_eq!(&bodies[0], &bodies[1]);
        }
    }
}

#[test]
fn the_reader_sees_a_name_that_is_there_twice() {
    assert!(serde_json::from_str::<Unambiguous>(r#"{"a":{"b":1,"b":2}}"#).is_err());
    assert!(serde_json::from_str::<Unambiguous>(r#"[{"a":1},{"a":null}]"#).is_ok());
    assert!(serde_json::from_str::<IgnoredAny>(r#"{"b":1,"b":2}"#).is_ok());
}
