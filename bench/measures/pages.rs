//! What a page of the feed and of a log costs as they grow: the same ledger and log at 1, 10 and 100 parts.
//!
//! The rows are copies of one event that the server recorded, spread over five institutions and over the partitions of
//! half a year, written straight into the database. Asked over HTTP and one connection, by an institution that has a
//! fifth of them, at places with enough behind them that a page looks as far as it ever does; what is timed is the exchange, so server, database and loopback together.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use stoa_core::{Id, id};
use uuid::Uuid;

use super::Bench;
use crate::{
    figures::{Spans, micros},
    peer::caller::Caller,
    report::{Mark, Row},
    say::progress,
};

/// Rows of one part: a fifth of it is twice what a page looks at.
const PART: u64 = 10_000;
/// How often the ledger is measured, in parts.
const PARTS: [u64; 3] = [1, 10, 100];
/// Requests of one kind at one size.
const ASKED: u64 = 400;
/// Of them, those that are not counted.
const PLANNING: usize = 200;
/// The goal and the first mark of a page, in milliseconds.
const MARKS: (Mark, Mark) = (Mark::AtMost(10.0), Mark::AtMost(20.0));
/// How much more a page may cost at 100 parts than at one.
const FLAT: (Mark, Mark) = (Mark::AtMost(1.25), Mark::AtMost(1.5));

/// What is asked for, and how it is called.
struct Kind {
    name: &'static str,
    /// From a place, which is an event or a delivery.
    line: fn(webhook: &str, place: Uuid) -> String,
    /// Places are deliveries.
    log: bool,
    /// Asked of everybody's page; what filters leave is told in the notes.
    flat: bool,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "page of 100 events of the feed",
        line: |_, place| format!("GET /api/events?after={}", Id::<id::Event>::from_uuid(place)),
        log: false,
        flat: true,
    },
    Kind {
        name: "page of the feed whose filter lets nothing through",
        line: |_, place| format!("GET /api/events?types=course.submitted&after={}", Id::<id::Event>::from_uuid(place)),
        log: false,
        flat: false,
    },
    Kind {
        name: "page of 15 deliveries of a log",
        line: |webhook, place| {
            let cursor = Id::<id::Delivery>::from_uuid(place);
            format!("GET /api/integrations/webhooks/{webhook}/deliveries?cursor={cursor}")
        },
        log: true,
        flat: true,
    },
    Kind {
        name: "page of a log whose filter lets nothing through",
        line: |webhook, place| {
            let cursor = Id::<id::Delivery>::from_uuid(place);
            format!("GET /api/integrations/webhooks/{webhook}/deliveries?status=exhausted&cursor={cursor}")
        },
        log: true,
        flat: false,
    },
];

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let group = std::rc::Rc::clone(&bench.world.plain);
    let tenant = crate::world::Row::Institution.id(group.first_institution);
    let mut caller = Caller::open(bench.server.address).await?;
    // Owed nothing: its log is written here.
    let body = json!({ "url": bench.sink.url(0), "events": ["webhook.disabled"], "dialect": "talktiko" });
    let made = caller.call("POST /api/integrations/webhooks", Some(group.token(0)), Some(&body)).await?;
    let webhook = made.pointer("/data/id").and_then(serde_json::Value::as_str).context("no id")?.to_owned();
    let hook: Id<id::Webhook> = webhook.parse().map_err(|_| anyhow::anyhow!("{webhook} is no id"))?;
    let mut medians = Vec::new();
    let mut there = 0;
    for parts in PARTS {
        let wanted = parts * PART;
        progress(format_args!("a ledger and a log of {wanted} rows"));
        fill(bench, (tenant, hook.uuid()), (there, wanted)).await?;
        // The server does not keep a connection open that says nothing for so long.
        let mut caller = Caller::open(bench.server.address).await?;
        there = wanted;
        let mut asked = Vec::new();
        for kind in &KINDS {
            let places = places(bench, tenant, (kind.log, hook.uuid())).await?;
            asked.push(
                ask(&mut caller, group.token(0), places.iter().map(|place| (kind.line)(&webhook, *place))).await?,
            );
        }
        medians.push(asked);
    }
    report(bench, &medians, there);
    Ok(())
}

/// Writes rows up to a number, over the partitions of half a year, and has them counted.
async fn fill(bench: &Bench, (tenant, webhook): (Uuid, Uuid), (from, to): (u64, u64)) -> anyhow::Result<()> {
    let (from, to) = (i64::try_from(from)?, i64::try_from(to)?);
    let session = &bench.session;
    if from == 0 {
        let make = "SELECT stoa_make_partitions(t, now() - interval '183 days', now())
           FROM unnest(ARRAY['events', 'deliveries', 'attempts']) AS t";
        session.batch_execute(make).await?;
    }
    // The g-th row of each size lies at the same share of the half year, so every partition grows alike. Positions are
    // in the order of time, below those that the server gives out.
    let ids = "SELECT g, CASE g % 5 WHEN 0 THEN $1::text::uuid ELSE md5((g % 5)::text)::uuid END AS tenant_id, at, share,
          (left(stoa_uuid_floor(at)::text, 14) || '7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid AS id
        FROM (SELECT g, share, now() - interval '182 days' + interval '181 days' * share AS at
          FROM (SELECT g, ((g * 0.6180339887498949) % 1)::float8 AS share FROM generate_series($2::bigint + 1, $3::bigint) g) s) r";
    let events = format!(
        "INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, occurred_at, created_at, position)
         SELECT r.tenant_id, r.id, e.type, e.object_kind, gen_random_uuid(), 1, e.scope_ids, e.data, r.at, r.at, (r.share * 1000)::bigint
         FROM ({ids}) r, (SELECT * FROM events WHERE type = 'material_stat.updated' ORDER BY id DESC LIMIT 1) e ORDER BY r.id"
    );
    session.execute(&events, &[&tenant.to_string(), &from, &to]).await?;
    let deliveries = format!(
        "INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, status, attempts,
           created_at, first_attempt_at, finished_at)
         SELECT tenant_id, id, CASE tenant_id WHEN $1::text::uuid THEN $4::text::uuid ELSE tenant_id END, id, 'material_stat.updated', gen_random_uuid(), 'talktiko',
           'https://hooks.example.com/stoa', false, 'succeeded', 1, at, at, at FROM ({ids}) r ORDER BY id"
    );
    session.execute(&deliveries, &[&tenant.to_string(), &from, &to, &webhook.to_string()]).await?;
    let attempts = format!(
        "INSERT INTO attempts (tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, address)
         SELECT tenant_id, id, 1, at, 12, 204, '203.0.113.7:443' FROM ({ids}) r ORDER BY id"
    );
    session.execute(&attempts, &[&tenant.to_string(), &from, &to]).await?;
    session.batch_execute("VACUUM ANALYZE events, deliveries, attempts").await?;
    Ok(())
}

/// Events of the institution from the older half, or deliveries from the newer one: a page of the feed looks forward, one
/// of the log back.
async fn places(bench: &Bench, tenant: Uuid, (log, webhook): (bool, Uuid)) -> anyhow::Result<Vec<Uuid>> {
    let (table, half, of) = if log {
        ("deliveries", "nth > all_of / 2", "webhook_id = $2::text::uuid")
    } else {
        ("events", "nth <= all_of / 2", "$2::text <> ''")
    };
    let query = format!(
        "SELECT id::text FROM (SELECT id, row_number() OVER (ORDER BY id) AS nth, count(*) OVER () AS all_of
           FROM {table} WHERE tenant_id = $1::text::uuid AND {of} AND id < stoa_uuid_floor(now() - interval '1 day')) r
         WHERE {half} AND nth % greatest(all_of / 2 / $3::bigint, 1) = 0 ORDER BY md5(id::text) LIMIT $3::bigint"
    );
    let rows =
        bench.session.query(&query, &[&tenant.to_string(), &webhook.to_string(), &i64::try_from(ASKED)?]).await?;
    rows.iter().map(|row| Ok(row.try_get::<_, &str>(0)?.parse()?)).collect()
}

/// Asks one after the other, and tells how long each exchange took.
async fn ask(caller: &mut Caller, token: &str, lines: impl Iterator<Item = String>) -> anyhow::Result<Spans> {
    let mut took = Vec::new();
    for (nth, line) in lines.enumerate() {
        let began = Instant::now();
        caller.exchange(&line, Some(token)).await?;
        // Each connection of the server makes its plans anew after so much was written.
        if nth >= PLANNING {
            took.push(micros(began.elapsed()));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    anyhow::ensure!(!took.is_empty(), "no places to ask from");
    Ok(Spans::of(took))
}

fn report(bench: &mut Bench, sizes: &[Vec<Spans>], rows: u64) {
    let (Some(small), Some(large)) = (sizes.first(), sizes.last()) else { return };
    for (nth, kind) in KINDS.iter().enumerate() {
        let of = |spans: &[Spans], percent| spans.get(nth).map_or(0.0, |spans| spans.percentile_ms(percent));
        let each = PARTS.iter().zip(sizes);
        let each: Vec<String> =
            each.map(|(parts, spans)| format!("{parts}: {:.2}/{:.2}", of(spans, 50), of(spans, 95))).collect();
        let note = format!("p50/p95 in ms at so many parts, the last of {rows} rows: {}", each.join(", "));
        let row = Row::of(format!("{}, p95", kind.name), of(large, 95), " ms").wanting(MARKS.0, MARKS.1).note(note);
        bench.report.add(row);
        if !kind.flat {
            continue;
        }
        let row = Row::of(format!("{}, at 100 parts", kind.name), of(large, 50), " ms");
        bench.report.add(row.beside("at one part", of(small, 50)).wanting(FLAT.0, FLAT.1));
    }
}
