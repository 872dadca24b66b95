//! What people may ask for: to be shown everything that is held of them, and to be erased. And what stands against that.
//!
//! Not here: what is held where (`stoa_record::privacy::held`), and how it is erased (`stoa_record::privacy`).

mod data_export;
mod erasures;
mod holds;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Key, id};

use crate::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Privacy";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    [data_export::doors(), erasures::doors(), holds::doors()].into_iter().flatten().collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OnePerson {
    /// Id of the person, e-mail address, or `external_id:` and the institution's own key.
    id: Key<id::User>,
}
