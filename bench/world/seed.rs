//! The rows of the world, written straight into the database: 10,000 institutions are more than a benchmark has
//! time to make over the API. A statement per table, each over all groups.
//!
//! Sums of the learning record begin with nothing, as those of an institution that is new: nothing has to be added up first.
//! Every learner stands on course, lesson and item already, so that from the first event on one event changes one
//! standing and is told once.

use std::fmt::Write;

use anyhow::Context;
use tokio_postgres::Client;

use super::{Group, Row, World};

/// When everything began: long enough ago that every event is later.
const BEGAN: &str = "2026-01-01T00:00:00Z";
const ABILITIES: &[&str] =
    &["content:read", "progress:write", "webhooks:read", "webhooks:write", "members:read", "members:write"];

const PLACES: &str = "
CREATE FUNCTION pg_temp.row_id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT ('01950000-0000-7' || lpad(to_hex(kind), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE TEMPORARY TABLE seeded (learner bigint, institution bigint);";

const PLACE_GROUP: &str = "INSERT INTO seeded
  SELECT $1::bigint + n, $3::bigint + n % $4::bigint FROM generate_series(0, $2::bigint - 1) AS n";

const PLACE_TOKENS: &str =
    "INSERT INTO tokens (tenant_id, id, kind, name, hash, last4, abilities, created_at, last_used_at)
  SELECT pg_temp.row_id($5::int, $1::bigint + t.place - 1), pg_temp.row_id($6::int, $1::bigint + t.place - 1), 'integration', 'Benchmark', t.hash,
    t.last4, $4,
    $7::text::timestamptz, statement_timestamp()
  FROM unnest($2::bytea[], $3::text[]) WITH ORDINALITY AS t(hash, last4, place)";

/// Writes all rows and tells PostgreSQL to look at them.
///
/// # Errors
/// As the database says.
pub async fn seed(database: &mut Client, world: &World) -> anyhow::Result<()> {
    let tx = database.transaction().await?;
    tx.batch_execute(PLACES).await?;
    for group in world.groups() {
        let numbers = [group.first_learner, group.learners, group.first_institution, group.institutions];
        let [first, learners, institution, institutions] = numbers.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        tx.execute(PLACE_GROUP, &[&first, &learners, &institution, &institutions]).await?;
    }
    tx.batch_execute(&rows()).await.context("writing the world")?;
    for group in world.groups() {
        let (hashes, endings) = tokens_of(group);
        let first = i64::try_from(group.first_institution)?;
        let kinds = [Row::Institution, Row::Token].map(|row| i32::from(row.digits()));
        tx.execute(PLACE_TOKENS, &[&first, &hashes, &endings, &ABILITIES, &kinds[0], &kinds[1], &BEGAN]).await?;
    }
    tx.commit().await?;
    database.batch_execute("VACUUM ANALYZE").await?;
    Ok(())
}

fn tokens_of(group: &Group) -> (Vec<Vec<u8>>, Vec<String>) {
    group.tokens().iter().map(|token| (token.hash().to_vec(), token.last4().to_owned())).unzip()
}

/// Statements that make a row for each place in `seeded`.
fn rows() -> String {
    let of = |row: Row, n: &str| format!("pg_temp.row_id({}, {n})", row.digits());
    let tenant = of(Row::Institution, "institution");
    let (course, lesson) = (of(Row::Course, "institution"), of(Row::Lesson, "institution"));
    let (training, item) = (of(Row::Training, "institution"), of(Row::Item, "institution"));
    let user = of(Row::Learner, "learner");
    let now = format!("timestamptz '{BEGAN}'");
    let places = "(SELECT DISTINCT institution FROM seeded) AS places";
    let enrolment = of(Row::Enrolment, "learner");
    let mut sql = format!(
        "INSERT INTO institutions (tenant_id, name, created_at, updated_at)
           SELECT {tenant}, 'Institution ' || institution, {now}, {now} FROM {places};
         INSERT INTO rollups (tenant_id, edition, last_edition, is_clean, time_zone, built_at, rebuild_wanted, updated_at)
           SELECT {tenant}, 1, 1, true, 'UTC', {now}, false, {now} FROM {places};
         INSERT INTO courses (tenant_id, id, slug, title, status, created_at, updated_at)
           SELECT {tenant}, {course}, 'spanish-a1', 'Spanish A1', 'published', {now}, {now} FROM {places};
         INSERT INTO lessons (tenant_id, id, course_id, title, position, created_at, updated_at)
           SELECT {tenant}, {lesson}, {course}, 'Saying hello', 1, {now}, {now} FROM {places};
         INSERT INTO trainings (tenant_id, id, lesson_id, title, position, created_at, updated_at)
           SELECT {tenant}, {training}, {lesson}, 'First words', 1, {now}, {now} FROM {places};
         INSERT INTO training_items (tenant_id, id, training_id, kind, title, position, created_at, updated_at)
           SELECT {tenant}, {item}, {training}, 'material', 'Greetings', 1, {now}, {now} FROM {places};
         INSERT INTO users (tenant_id, id, email, email_key, name, first_name, last_name, created_at, updated_at)
           SELECT {tenant}, {user}, address, address, 'Learner ' || learner, 'Learner', learner::text, {now}, {now}
           FROM (SELECT *, 'learner-' || learner || '@example.com' AS address FROM seeded) AS people;
         INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
           SELECT {tenant}, {user}, 'learner', {now}, {now} FROM seeded;
         INSERT INTO enrolments (tenant_id, id, course_id, user_id, enrolled_at, created_at, updated_at)
           SELECT {tenant}, {enrolment}, {course}, {user}, {now}, {now}, {now} FROM seeded;",
    );
    for (row, kind, object) in
        [(Row::OnCourse, "course", &course), (Row::OnLesson, "lesson", &lesson), (Row::OnItem, "item", &item)]
    {
        let id = of(row, "learner");
        let _ = write!(
            sql,
            "INSERT INTO standings (tenant_id, user_id, object_id, object_kind, id, course_id, progress, attempts,
               time_spent_seconds, revision, started_at, last_occurred_at, created_at, updated_at)
             SELECT {tenant}, {user}, {object}, '{kind}', {id}, {course}, 0, 0, 0, 1, {now}, {now}, {now}, {now} FROM seeded;"
        );
    }
    sql
}
