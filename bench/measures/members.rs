//! How fast the people of an institution of a million are listed and found.
//!
//! The million is written straight into the database, in one statement for each table. Listed is all of them, once, through
//! the REST door by its cursor, in parts of a hundred, over one connection, as an integration that keeps a copy does it;
//! searched is by the beginnings of names, addresses and keys, of which some are everybody's and some are one person's.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;

use super::Bench;
use crate::{
    figures::{Spans, micros, per_second},
    peer::caller::Caller,
    report::{Mark, Row},
    say::progress,
};

const MEMBERS: i64 = 1_000_000;
const MEMBERS_QUICK: i64 = 100_000;
/// Searches that are timed, after as many that are not: each connection of the server plans anew.
const SEARCHES: usize = 400;
/// What lists are asked to reach: the goal, and the first mark on the way.
const LISTED: (Mark, Mark) = (Mark::AtLeast(30_000.0), Mark::AtLeast(10_000.0));
/// And a search, in milliseconds.
const FOUND: (Mark, Mark) = (Mark::AtMost(25.0), Mark::AtMost(100.0));

const PEOPLE: &str =
    "INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, created_at, updated_at)
  SELECT $1::text::uuid, ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'm-' || n, address, address,
    first || ' ' || last, first, last, now(), now()
  FROM (SELECT n, 'm' || n || '@school.example' AS address,
      (ARRAY['Olga', 'Ivan', 'Minjun', 'Zoé', 'Ana', 'Benoît', 'Carla', 'Dmitri', 'Haneul', 'Farid'])[1 + n % 10] AS first,
      (ARRAY['Ivanova', 'Petrov', 'Kim', 'Martin', 'López', 'Smith', 'Khan', 'Sato', 'Weber', 'Rossi'])[1 + (n / 10) % 10]
        || lower(to_hex(n / 100)) AS last
    FROM generate_series(1, $2::bigint) AS n) AS people";
const MEMBERSHIPS: &str = "INSERT INTO memberships (tenant_id, user_id, role, joined_at, created_at, updated_at)
  SELECT tenant_id, id, CASE WHEN number % 100000 = 0 THEN 'support' ELSE 'learner' END, created_at, created_at, created_at
  FROM users WHERE tenant_id = $1::text::uuid AND external_id LIKE 'm-%'";

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let group = std::rc::Rc::clone(&bench.world.plain);
    let tenant = crate::world::Row::Institution.id(group.first_institution).to_string();
    let members = if bench.pace.is_quick() { MEMBERS_QUICK } else { MEMBERS };
    progress(format_args!("an institution of {members} people"));
    bench.session.execute(PEOPLE, &[&tenant, &members]).await?;
    bench.session.execute(MEMBERSHIPS, &[&tenant]).await?;
    let may = "UPDATE tokens SET abilities = abilities || '{members:read}' WHERE tenant_id = $1::text::uuid";
    bench.session.execute(may, &[&tenant]).await?;
    bench.session.batch_execute("VACUUM ANALYZE users, memberships, user_words").await?;
    // A token is believed to be what it was for half a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut caller = Caller::open(bench.server.address).await?;
    let list = format!("GET /api/institutions/inst_{}/members", text_of(&tenant)?);
    list_all(bench, (&mut caller, group.token(0)), (&list, members)).await?;
    search(bench, (&mut caller, group.token(0)), &list).await
}

/// The text of an institution's id, behind its prefix.
fn text_of(tenant: &str) -> anyhow::Result<String> {
    let id = stoa_core::TenantId::from_uuid(tenant.parse()?).to_string();
    id.split_once('_').map(|(_, text)| text.to_owned()).context("an id without a prefix")
}

async fn list_all(
    bench: &mut Bench,
    (caller, token): (&mut Caller, &str),
    (list, members): (&str, i64),
) -> anyhow::Result<()> {
    let (mut listed, mut cursor, mut took) = (0_u64, String::new(), Vec::new());
    let began = Instant::now();
    loop {
        let asked = Instant::now();
        let part = caller.call(&format!("{list}?per_page=100&cursor={cursor}"), Some(token), None).await?;
        took.push(micros(asked.elapsed()));
        let rows = part.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        listed += u64::try_from(rows)?;
        let Some(next) = part.pointer("/meta/next_cursor").and_then(Value::as_str) else { break };
        next.clone_into(&mut cursor);
    }
    let rate = per_second(listed, began.elapsed());
    anyhow::ensure!(listed >= u64::try_from(members)?, "{listed} of {members} members were listed");
    let spans = Spans::of(took);
    let note = format!(
        "all {listed} once, by the cursor, one connection; a part of 100 takes p50 {:.2} ms, p95 {:.2} ms",
        spans.percentile_ms(50),
        spans.percentile_ms(95)
    );
    let name = format!("members listed per second at {members} members");
    bench.report.add(Row::of(name, rate, "/s").wanting(LISTED.0, LISTED.1).note(note));
    Ok(())
}

async fn search(bench: &mut Bench, (caller, token): (&mut Caller, &str), list: &str) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for nth in 0..SEARCHES * 2 {
        let q = match nth % 5 {
            0 => "iva".to_owned(),
            1 => format!("petrov{nth:x}"),
            2 => format!("m{nth}@school"),
            3 => format!("m-{nth}"),
            _ => format!("olga+ivanova{:x}", nth % 16),
        };
        let asked = Instant::now();
        caller.exchange(&format!("{list}?q={q}"), Some(token)).await?;
        if nth >= SEARCHES {
            took.push(micros(asked.elapsed()));
        }
    }
    let spans = Spans::of(took);
    let note =
        format!("a counted page of 15, from everybody's words to one person's; p50 {:.2} ms", spans.percentile_ms(50));
    let row = Row::of("search of members, p95", spans.percentile_ms(95), " ms");
    bench.report.add(row.wanting(FOUND.0, FOUND.1).note(note));
    Ok(())
}
