//! Rows per second of plain `COPY`: what an import wrote, once more, into the same tables of another institution.

use std::{pin::pin, time::Instant};

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use futures::{SinkExt, TryStreamExt};
use uuid::Uuid;

use crate::{database::Session, figures::per_second};

/// The tables that an import writes, in the order of their keys, and how a row of each is told of another institution.
/// Where the outbox was relayed meanwhile, its rows are those of the events.
const TABLES: [(&str, &str); 4] = [
    (
        "users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, locale, time_zone, created_at, updated_at)",
        "SELECT '{to}', id, external_id, email, email_key, name, first_name, last_name, locale, time_zone, created_at, updated_at
         FROM users WHERE tenant_id = '{of}' AND external_id IS NOT NULL",
    ),
    (
        "memberships (tenant_id, user_id, role, status, provisioned_by, invited_at, joined_at, created_at, updated_at)",
        "SELECT '{to}', user_id, role, status, provisioned_by, invited_at, joined_at, created_at, updated_at
         FROM memberships WHERE tenant_id = '{of}' AND provisioned_by = 'csv'",
    ),
    (
        "events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at, position)",
        "SELECT '{to}', id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at, position
         FROM events WHERE tenant_id = '{of}' AND object_kind = 'user'",
    ),
    (
        "outbox (tenant_id, event_id, object_id, concludes, relay_after)",
        "SELECT '{to}', id, object_id, false, created_at FROM events WHERE tenant_id = '{of}' AND object_kind = 'user'",
    ),
];

/// Copies what one institution has into another, in one transaction, and answers how many people a second that is.
///
/// # Errors
/// As PostgreSQL says.
pub async fn copied_per_sec(session: &mut Session, (of, to): (Uuid, Uuid)) -> anyhow::Result<f64> {
    let mut tables = Vec::new();
    for (table, query) in TABLES {
        let query = query.replace("{of}", &of.to_string()).replace("{to}", &to.to_string());
        let mut rows = BytesMut::new();
        let mut stream = pin!(session.copy_out(&format!("COPY ({query}) TO STDOUT")).await?);
        while let Some(piece) = stream.try_next().await? {
            rows.extend_from_slice(&piece);
        }
        tables.push((table, rows.freeze()));
    }
    let began = Instant::now();
    let tx = session.transaction().await?;
    let mut people = 0;
    for (table, rows) in tables {
        let copied = copy(&tx, table, rows).await.with_context(|| table.to_owned())?;
        people = if people == 0 { copied } else { people };
    }
    tx.commit().await?;
    Ok(per_second(people, began.elapsed()))
}

async fn copy(tx: &tokio_postgres::Transaction<'_>, table: &str, rows: Bytes) -> anyhow::Result<u64> {
    let mut sink = pin!(tx.copy_in::<_, Bytes>(&format!("COPY {table} FROM STDIN")).await?);
    // In pieces, as psql sends them.
    for piece in rows.chunks(64 * 1024) {
        sink.send(rows.slice_ref(piece)).await?;
    }
    Ok(sink.finish().await?)
}
