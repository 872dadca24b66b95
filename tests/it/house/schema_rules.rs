//! What every table keeps to: the wall around each institution, keys led by it, words for everything, absolute times.

use serde_json::Value;

use crate::support::database::TestDatabase;

/// Tables that belong to no institution.
const WITHOUT_TENANT: [&str; 2] = ["paused_queues", "sign_in_failures"];
/// What is unique beyond an institution: an institution's own names.
const UNIQUE_FOR_ALL: [&str; 2] = ["institutions_external_id_key", "institutions_number_key"];
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
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '__diesel_schema_migrations'";

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
         WHERE 'stoa_app'::regrole = ANY (polroles) AND polname <> 'tenant_wall' OR 0 = ANY (polroles)",
    );
    assert_eq!(names(&more), [""; 0], "a second policy would let more through");
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
         WHERE k.contype = 'f' AND NOT (here.attname = 'tenant_id' AND there.attname = 'tenant_id')"
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
