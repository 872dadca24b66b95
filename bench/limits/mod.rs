//! What this machine can do at most, measured in the same run: the same HTTP client to the same receivers, and
//! commits on the same PostgreSQL. Every rate of the server is read beside one of these.

pub mod commits;
pub mod copy;
pub mod posts;

use stoa_protocols::{
    event::{EventType, sample},
    webhook::{Audience, DialectName},
};

/// The body of a real webhook, as the server renders it.
pub fn webhook_body() -> anyhow::Result<Vec<u8>> {
    let audience =
        Audience { webhook_id: "whk_01m7ynayr6f59r7xcc7ks9t3d9", api_version: None, base_url: "http://localhost" };
    Ok(DialectName::Talktiko.dialect().render(&sample(EventType::MaterialStatUpdated), &audience)?)
}

/// What the ledger of events keeps of the same event.
pub fn event_data() -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&*sample(EventType::MaterialStatUpdated).data)?)
}
