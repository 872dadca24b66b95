//! Many changes of one standing told as the last of them.
//!
//! # Rule
//! A receiver's time is cut into windows of its own length. An update of a standing waits for the end of the window
//! that it was recorded in; when that has come, it is skipped if the log has a later revision of the same statistic
//! for the same receiver whose own time has come too. So the last state of a window is told, a steady stream is told
//! once in a window, and no look at what came before is needed when an update is recorded.
//!
//! What is the first of its object, or completes, passes or fails it for the first time, waits for nothing and is never
//! skipped. What was owed again by a person is not skipped either.

use chrono::{DateTime, Utc};
use stoa_protocols::event::Phase;

use super::{DeliveryStatus, Promised, order, outgoing::Receiver};
use stoa_core::{
    db::HouseTx,
    error::Result,
    events::RecordedEvent,
    id::{self, Id, TenantId},
};

/// Windows of receivers begin at as many places, so that not all end at once. Few, so that those of one batch that end
/// together share a promise.
const PHASES: u128 = 8;

/// Is the event one of those that replace each other at this receiver.
pub(super) fn applies(receiver: &Receiver, event: &RecordedEvent) -> bool {
    receiver.coalesce_seconds > 0 && matches!(event.fact.event_type.stat(), Some((_, Phase::Updated)))
}

/// Until when an event waits for later states of its object; none if it goes at once.
pub(super) fn waits_until(receiver: &Receiver, event: &RecordedEvent) -> Option<DateTime<Utc>> {
    let waits = applies(receiver, event) && !event.fact.concludes;
    waits.then(|| window_end(receiver.webhook, receiver.coalesce_seconds, event.created_at))
}

/// The end of the receiver's window that a time is in.
fn window_end(webhook: Id<id::Webhook>, seconds: i32, at: DateTime<Utc>) -> DateTime<Utc> {
    let width = i64::from(seconds.max(1)) * 1_000;
    // The last bits of an id are random.
    let phase = i64::try_from(webhook.uuid().as_u128() % PHASES).unwrap_or_default() * width
        / i64::try_from(PHASES).unwrap_or(1);
    let into = (at.timestamp_millis() - phase).rem_euclid(width);
    DateTime::from_timestamp_millis(at.timestamp_millis() - into + width).unwrap_or(at)
}

/// Ends deliveries that a later state of their object has replaced. Answers what waited behind them at ordered
/// receivers.
pub(super) async fn skip(tx: &mut HouseTx, replaced: &[(TenantId, Id<id::Delivery>)]) -> Result<Vec<Promised>> {
    order::end(tx, replaced, (DeliveryStatus::Skipped, "coalesced")).await
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_window_ends_after_what_is_in_it_and_soon() {
        for (bits, seconds) in [(0, 5), (3, 5), (7, 1), (5, 300)] {
            let webhook = Id::from_uuid(Uuid::from_u128(bits));
            for millis in (0..20_000).step_by(7) {
                let ends = window_end(webhook, seconds, at(millis));
                assert!(ends > at(millis) && ends - at(millis) <= TimeDelta::seconds(seconds.into()));
                assert_eq!(
                    window_end(webhook, seconds, ends - TimeDelta::milliseconds(1)),
                    ends,
                    "one end for all in it"
                );
                assert_eq!(window_end(webhook, seconds, ends), ends + TimeDelta::seconds(seconds.into()));
            }
        }
    }

    #[test]
    fn receivers_take_turns() {
        let ends = |bits| window_end(Id::from_uuid(Uuid::from_u128(bits)), 8, at(0)) - at(0);
        let ends: std::collections::BTreeSet<TimeDelta> = (0..64).map(ends).collect();
        assert_eq!(ends.len(), 8);
    }
}
