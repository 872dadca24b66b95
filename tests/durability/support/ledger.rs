//! What the server said of each event: the promises that it is held to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde_json::Value;

use super::eventually;

/// Of some hundred events.
const ACCEPTED_WITHIN: Duration = Duration::from_mins(1);

/// The promises, shared by all senders.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Kept>>);

/// The promises and how they came about.
#[derive(Default)]
pub(crate) struct Kept {
    /// By the sender's id: the events that were caused.
    pub(crate) told: HashMap<String, Vec<String>>,
    /// Events that were accepted and told so.
    pub(crate) accepted: usize,
    /// Events that were accepted before, the answer having been lost.
    pub(crate) found_accepted: usize,
    /// Events that were asked about again, and answered the same.
    pub(crate) confirmed: usize,
    /// Requests without an answer.
    pub(crate) unanswered: usize,
    /// Requests answered by 503.
    pub(crate) refused: usize,
}

impl Ledger {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no sender failed")
    }

    /// Waits until so many more events are accepted.
    pub(crate) async fn accepts(&self, more: usize) {
        let until = self.lock().accepted + more;
        eventually("events are accepted", ACCEPTED_WITHIN, async || {
            let accepted = self.lock().accepted;
            if accepted >= until { Ok(()) } else { Err(format!("{accepted} of {until}")) }
        })
        .await;
    }
}

impl Kept {
    /// Writes an answer down, and fails if it belies an earlier one.
    pub(crate) fn answered(&mut self, answer: &Value) {
        for result in answer["data"].as_array().expect("a result for each event") {
            let id = result["id"].as_str().expect("the sender's id").to_owned();
            let events = result["events"].as_array().expect("events").iter();
            let events: Vec<String> = events.map(|event| event.as_str().expect("an id").to_owned()).collect();
            match (result["status"].as_str(), self.told.get(&id)) {
                (Some("accepted"), None) => self.accepted += 1,
                (Some("duplicate"), None) => self.found_accepted += 1,
                (Some("duplicate"), Some(told)) => {
                    assert_eq!(*told, events, "{id}: other events than before");
                    self.confirmed += 1;
                }
                (_, told) => panic!("told before: {told:?}; now: {result}"),
            }
            self.told.insert(id, events);
        }
    }
}
