//! Bodies that are not kept any more, rendered from their events again.
//!
//! Bodies are dropped earlier than deliveries (`retention`), so a delivery that is owed for very long, or sent once more
//! after a long time, may have lost its own. Rendering is pure, so these are the bytes that were sent before, unless the
//! public address of the server or the words of a dialect changed since. They are not stored again.
//!
//! Not here: bodies that are kept, which are sent as they are.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::webhook::DialectName;
use uuid::Uuid;

use super::outgoing::render;
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::{Error, Result},
    events::{EventRow, RecordedEvent},
    id::{self, Id},
};

/// A delivery without a body.
pub(super) struct Lost<'a> {
    pub(super) tenant: Uuid,
    pub(super) event: Uuid,
    pub(super) webhook: Id<id::Webhook>,
    /// What the payload was called.
    pub(super) rendering: &'a str,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    institution_number: i64,
    #[diesel(embed)]
    event: EventRow,
}

/// Renders what is lost. Answers bodies by their place; one whose event is gone too, or cannot be said, has none.
///
/// # Errors
/// As the database says.
pub(super) async fn render_again(
    tx: &mut HouseTx,
    base_url: &str,
    lost: &[(usize, Lost<'_>)],
) -> Result<HashMap<usize, Vec<u8>>> {
    if lost.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = sql(
        "SELECT k.nth - 1 AS place, i.number AS institution_number, e.tenant_id, e.id, e.type, e.object_kind, e.object_id,
           e.revision, e.scope_ids, e.data, e.request_id, e.occurred_at, e.created_at
         FROM unnest($1, $2) WITH ORDINALITY AS k(tenant_id, id, nth)
         CROSS JOIN LATERAL (SELECT * FROM events x WHERE x.tenant_id = k.tenant_id AND x.id = k.id OFFSET 0) e
         CROSS JOIN LATERAL (SELECT number FROM institutions x WHERE x.tenant_id = k.tenant_id OFFSET 0) i",
    )
    .bind::<Array<SqlUuid>, _>(lost.iter().map(|(_, one)| one.tenant).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(lost.iter().map(|(_, one)| one.event).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let mut bodies = HashMap::new();
    for row in rows {
        let Some((place, one)) = usize::try_from(row.place).ok().and_then(|place| lost.get(place)) else { continue };
        let event = RecordedEvent::try_from(row.event)?;
        match said(one, &event, (row.institution_number, base_url)) {
            Ok(body) => drop(bodies.insert(*place, body)),
            Err(error) => {
                tracing::error!(event.id = %event.id, webhook.id = %one.webhook, %error, "an event cannot be rendered again");
            }
        }
    }
    Ok(bodies)
}

fn said(lost: &Lost<'_>, event: &RecordedEvent, (number, base_url): (i64, &str)) -> Result<Vec<u8>> {
    let (name, version) = saying(lost.rendering, lost.webhook)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("unknown rendering in a row: {}", lost.rendering)))?;
    render(name.dialect(), &event.envelope(number), (lost.webhook, version, base_url))
}

/// The dialect and version that a rendering was made in: the webhook may be pinned to another one by now.
fn saying(rendering: &str, webhook: Id<id::Webhook>) -> Option<(DialectName, Option<&'static str>)> {
    let webhook = webhook.to_string();
    let mut known = DialectName::ALL.into_iter().flat_map(|name| {
        let versions = name.dialect().versions().iter().map(|version| Some(*version));
        [None].into_iter().chain(versions).map(move |version| (name, version))
    });
    known.find(|(name, version)| name.dialect().rendering(&webhook, *version) == rendering)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendering_is_traced_to_its_dialect_and_version() {
        let webhook = Id::from_uuid(Uuid::from_u128(1));
        for name in DialectName::ALL {
            for version in name.dialect().versions().iter().map(|version| Some(*version)).chain([None]) {
                let rendering = name.dialect().rendering(&webhook.to_string(), version);
                let (found, found_version) = saying(&rendering, webhook).unwrap();
                assert_eq!(found, name);
                assert_eq!(found.dialect().rendering(&webhook.to_string(), found_version), rendering);
            }
        }
        assert!(saying("nonsense", webhook).is_none());
    }
}
