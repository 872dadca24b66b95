//! What every table keeps to: the wall around each institution, keys led by it, words for everything, absolute times.

use serde_json::Value;

use crate::support::database::TestDatabase;

/// Tables that belong to no institution.
const WITHOUT_TENANT: [&str; 7] = [
    "paused_queues",
    "sign_in_failures",
    "staff",
    "staff_log",
    "staff_recovery_codes",
    "staff_second_factors",
    "staff_sessions",
];
/// What is unique beyond an institution: an institution's own names.
const UNIQUE_FOR_ALL: [&str; 4] = [
    "cefr_documents_code_key", // whoever holds a document belongs to none
    "institutions_external_id_key",
    "institutions_number_key",
    "institutions_slug_key",
];
/// Of PostgreSQL's types, those that rows are made of.
const TYPES: [&str; 13] = [
    "uuid",
    "text",
    "text[]",
    "uuid[]",
    "bigint",
    "integer",
    "boolean",
    "bytea",
    "jsonb",
    "double precision",
    "timestamp with time zone",
    "smallint",
    "date",
];

const TABLES: &str = "SELECT c.oid, c.relname AS name, obj_description(c.oid) AS words, c.relrowsecurity AS walled, c.relforcerowsecurity AS forced,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull) AS of_tenant,
    pg_get_userbyid(c.relowner) AS owner
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> '__diesel_schema_migrations'";

/// Partitions are parts of a table, and are reached through it alone: its wall and its words are theirs.
const PARTITIONS: &str = "SELECT c.oid, c.relname AS name, pg_get_userbyid(c.relowner) AS owner, pg_get_userbyid(p.relowner) AS owner_of_table
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relispartition";

fn names(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn few_tables_have_no_tenant() {
    let database = TestDatabase::new().await;
    let loose = database.rows(&format!("SELECT name FROM ({TABLES}) t WHERE NOT of_tenant ORDER BY name"));
    assert_eq!(names(&loose), WITHOUT_TENANT);
}

#[tokio::test]
async fn every_tenant_table_has_a_forced_wall() {
    let database = TestDatabase::new().await;
    let open = database.rows(&format!(
        "SELECT name FROM ({TABLES}) t WHERE of_tenant AND NOT (walled AND forced AND EXISTS (
           SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'tenant_wall' AND p.polcmd = '*' AND p.polpermissive
             AND p.polroles = ARRAY['stoa_app'::regrole::oid]
             AND pg_get_expr(p.polqual, p.polrelid) LIKE '%tenant_id IN%stoa.tenants%'
             AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%tenant_id IN%stoa.tenants%'))"
    ));
    assert_eq!(names(&open), [""; 0]);
    let more = database.rows(
        "SELECT polrelid::regclass::text || '.' || polname AS name FROM pg_policy
         WHERE 'stoa_app'::regrole = ANY (polroles) AND polpermissive AND polname <> 'tenant_wall' OR 0 = ANY (polroles)",
    );
    assert_eq!(names(&more), [""; 0], "a second policy would let more through");
}

/// Rows of a person that no list shows to others: what the person signs in with, what leads to the person, levels that
/// learners are compared by without their names, and what is still to be counted.
const NOT_SHOWN: [&str; 11] = [
    "cefr_levels",
    "credentials",
    "enrolment_changes",
    "group_managers",
    "letters",
    "password_resets",
    "progress_events",
    "recovery_codes",
    "second_factors",
    "tokens",
    "user_words",
];

/// A manager sees the people of his groups alone, whichever statement asks.
#[tokio::test]
async fn tables_of_people_are_led() {
    let database = TestDatabase::new().await;
    let open = database.rows(&format!(
        "SELECT name FROM ({TABLES}) t WHERE of_tenant
         AND (name = 'users' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'user_id'))
         AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'led' AND NOT p.polpermissive
           AND p.polroles = ARRAY['stoa_app'::regrole::oid]) ORDER BY name"
    ));
    assert_eq!(names(&open), NOT_SHOWN);
}

#[tokio::test]
async fn keys_are_led_by_the_tenant() {
    let database = TestDatabase::new().await;
    let led =
        "(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) = 'tenant_id'";
    let without = database.rows(&format!(
        "SELECT name FROM ({TABLES}) t WHERE of_tenant AND NOT EXISTS (
           SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND {led})"
    ));
    assert_eq!(names(&without), [""; 0], "these have no primary key led by tenant_id");
    let unique = database.rows(&format!(
        "SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN ({TABLES}) t ON t.oid = i.indrelid
         WHERE t.of_tenant AND i.indisunique AND NOT {led} ORDER BY 1"
    ));
    assert_eq!(names(&unique), UNIQUE_FOR_ALL);
    let foreign = database.rows(&format!(
        "SELECT k.conname AS name FROM pg_constraint k JOIN ({TABLES}) t ON t.oid = k.conrelid
         JOIN pg_attribute here ON here.attrelid = k.conrelid AND here.attnum = k.conkey[1]
         JOIN pg_attribute there ON there.attrelid = k.confrelid AND there.attnum = k.confkey[1]
         WHERE k.contype = 'f' AND t.of_tenant AND NOT (here.attname = 'tenant_id' AND there.attname = 'tenant_id')"
    ));
    assert_eq!(names(&foreign), [""; 0], "these lead across the wall");
}

#[tokio::test]
async fn everything_is_explained() {
    let database = TestDatabase::new().await;
    let silent = database.rows(&format!("SELECT name FROM ({TABLES}) t WHERE coalesce(words, '') = ''"));
    assert_eq!(names(&silent), [""; 0]);
    let silent = database.rows(&format!(
        "SELECT t.name || '.' || a.attname AS name FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid
         WHERE a.attnum > 0 AND NOT a.attisdropped AND coalesce(col_description(t.oid, a.attnum), '') = ''"
    ));
    assert_eq!(names(&silent), [""; 0]);
}

/// Times are absolute, texts have no length of the database's, numbers are no money.
#[tokio::test]
async fn columns_are_of_few_types() {
    let database = TestDatabase::new().await;
    let columns = database.rows(&format!(
        "SELECT t.name || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
         FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped"
    ));
    assert!(columns.len() > 100);
    for column in &columns {
        assert!(TYPES.contains(&column["type"].as_str().unwrap()), "{column}");
    }
    let untimed = columns.iter().filter(|column| column["name"].as_str().unwrap().ends_with("_at"));
    for column in untimed {
        assert_eq!(column["type"], "timestamp with time zone", "{column}");
    }
}

#[tokio::test]
async fn roles_have_no_privilege_but_what_was_granted() {
    let database = TestDatabase::new().await;
    let strong = database.rows(
        "SELECT rolname AS name FROM pg_roles WHERE rolname IN ('stoa_app', 'stoa_relay')
         AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)",
    );
    assert_eq!(names(&strong), [""; 0]);
    let owned = database.rows(&format!("SELECT name FROM ({TABLES}) t WHERE owner IN ('stoa_app', 'stoa_relay')"));
    assert_eq!(names(&owned), [""; 0]);
    let member = database.rows(
        "SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member IN ('stoa_app'::regrole, 'stoa_relay'::regrole)",
    );
    assert_eq!(names(&member), [""; 0], "a role may become another");
    let granted = database.rows(
        "SELECT grantee || ' ' || privilege_type || ' ' || table_name AS name FROM information_schema.role_table_grants
         WHERE table_schema = 'public' AND (grantee = 'PUBLIC' OR privilege_type = 'TRUNCATE' AND grantee LIKE 'stoa\\_%')",
    );
    assert_eq!(names(&granted), [""; 0]);
    let loose = database.rows(&format!(
        "SELECT name FROM ({TABLES}) t WHERE NOT of_tenant AND has_table_privilege('stoa_app', oid, 'SELECT')"
    ));
    assert_eq!(names(&loose), [""; 0], "the application sees what belongs to nobody");
}

#[tokio::test]
async fn no_role_touches_a_partition() {
    let database = TestDatabase::new().await;
    let made = database.rows("SELECT stoa_make_partitions('deliveries', '2031-01-01', '2031-01-10')");
    assert_eq!(made[0]["stoa_make_partitions"], 2, "a Monday lies between");
    let parts = names(&database.rows(PARTITIONS));
    for made in ["deliveries_20301230", "deliveries_20310106", "deliveries_default", "events_default"] {
        assert!(parts.iter().any(|name| name == made), "{made} is no partition: {parts:?}");
    }
    let open = database.rows(&format!(
        "SELECT p.name || ' ' || r.role || ' ' || g.may AS name FROM ({PARTITIONS}) p
           CROSS JOIN unnest(ARRAY['stoa_app', 'stoa_relay']) AS r(role)
           CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS g(may)
         WHERE has_table_privilege(r.role, p.oid, g.may)
           OR g.may IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(r.role, p.oid, g.may)"
    ));
    assert_eq!(names(&open), [""; 0]);
    let strange = database.rows(&format!("SELECT name FROM ({PARTITIONS}) p WHERE owner <> owner_of_table"));
    assert_eq!(names(&strange), [""; 0], "these are not the owner's");
}

/// What makes and drops them runs as the owner, so only the relay may call it, and nothing on the path may replace
/// what it names.
#[tokio::test]
async fn what_runs_as_the_owner_is_the_relays_alone() {
    let database = TestDatabase::new().await;
    let all = database.rows(
        "SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1",
    );
    assert!(names(&all).iter().any(|name| name == "stoa_drop_partition"), "{all:?}");
    let open = database.rows(
        "SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
           AND (has_function_privilege('stoa_app', p.oid, 'EXECUTE') OR NOT has_function_privilege('stoa_relay', p.oid, 'EXECUTE')
             OR NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=public, pg_temp'])",
    );
    assert_eq!(names(&open), [""; 0]);
}
