//! What there is to be told of: every event type, as each kind of receiver gets it.
//!
//! Not here: the types and their samples (`stoa_protocols::event`), nor the shapes (`stoa_protocols::webhook::dialects`).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Ability, Error, Result, id};
use stoa_protocols::{
    event::{EventType, sample},
    webhook::{Audience, DialectName},
};

use crate::doors::{Call, Data, Door, Fresh, Sample, sample as doors_sample};

const TAG: &str = "Events";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/event-types", list).needs(Ability::WebhooksRead).named(
        "listEventTypes",
        TAG,
        "Lists every type of event, with the schema and a sample of its body for each kind of receiver",
    )]
}

/// A type of event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventType")]
struct TypeView {
    /// Name in the catalogue, which subscriptions and `types` of the feed take.
    name: &'static str,
    /// What it tells, in a sentence.
    summary: &'static str,
    /// Announces its object: it is attempted before any other event of it.
    opens_object: bool,
    /// Tells of webhooks themselves, not of learning.
    operational: bool,
    /// How each kind of receiver that knows it is told.
    dialects: Vec<SayingView>,
}

/// How one kind of receiver is told of a type.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventTypeInDialect")]
struct SayingView {
    /// The kind of receiver.
    dialect: DialectName,
    /// Version that a webhook may be pinned to; null where there are none.
    api_version: Option<&'static str>,
    /// What the type is called there.
    name: &'static str,
    /// JSON Schema of the body.
    schema: Value,
    /// A body, which passes the schema.
    sample: Value,
}

async fn list(call: Call) -> Result<Fresh<Data<Vec<TypeView>>>> {
    let base = call.app.road.post_room.base_url();
    Ok(Fresh(Data(EventType::ALL.iter().map(|known| view(*known, base)).collect::<Result<_>>()?)))
}

fn view(event_type: EventType, base_url: &str) -> Result<TypeView> {
    let spoken = DialectName::ALL.into_iter().filter(|name| name.dialect().speaks(event_type));
    let sayings = spoken.flat_map(|name| match name.dialect().versions() {
        [] => vec![(name, None)],
        versions => versions.iter().map(|version| (name, Some(*version))).collect(),
    });
    let dialects = sayings.map(|(name, api_version)| saying(event_type, (name, api_version), base_url));
    Ok(TypeView {
        name: event_type.as_str(),
        summary: event_type.summary(),
        opens_object: event_type.opens(),
        operational: event_type.is_operational(),
        dialects: dialects.collect::<Result<_>>()?,
    })
}

fn saying(
    event_type: EventType,
    (dialect, api_version): (DialectName, Option<&'static str>),
    base_url: &str,
) -> Result<SayingView> {
    let speaker = dialect.dialect();
    let webhook_id = doors_sample::id::<id::Webhook>().to_string();
    let audience = Audience { webhook_id: &webhook_id, api_version, base_url };
    let body = speaker.render(&sample(event_type), &audience).map_err(Error::internal)?;
    let schema = speaker.schema(event_type, api_version);
    let schema = schema.ok_or_else(|| Error::internal(anyhow::anyhow!("{dialect} has no schema of {event_type}")))?;
    Ok(SayingView {
        dialect,
        api_version,
        name: speaker.name_of(event_type),
        schema: schema.to_value(),
        sample: serde_json::from_slice(&body).map_err(Error::internal)?,
    })
}

impl Sample for TypeView {
    fn sample() -> Self {
        let event_type = EventType::WebhookPing;
        let dialects = saying(event_type, (DialectName::Talktiko, None), "https://learn.example").into_iter().collect();
        Self {
            name: event_type.as_str(),
            summary: event_type.summary(),
            opens_object: false,
            operational: true,
            dialects,
        }
    }
}
