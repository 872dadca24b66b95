//! Every column of bytes is sealed, and is known to whoever puts everything under a new key; or it is known why not.

use stoa_core::sealed::COLUMNS;

use crate::support::database::TestDatabase;

/// Columns of bytes that are no secrets, or only prove that somebody else has one.
const NOT_SEALED: &[&str] = &[
    "applications.previous_hash",        // SHA-256 of a secret
    "applications.secret_hash",          // the same
    "idempotency_keys.fingerprint",      // SHA-256 of a request
    "payloads.body",                     // what was sent to a receiver
    "recovery_codes.hash",               // SHA-256 of a code
    "sign_in_failures.key",              // SHA-256 of an address
    "staff.hash",                        // SHA-256 of a token
    "subscription_requests.fingerprint", // SHA-256 of a request
    "institution_export_parts.bytes",    // an institution's own rows, without its secrets
    "import_file_parts.bytes",           // a file of people, kept for a few days behind their wall
    "import_files.sha256",               // SHA-256 of it
    "institutions.made_of",              // SHA-256 of a request
    "invitations.hash",                  // SHA-256 of a token
    "letters.address_hash",              // SHA-256 of an address
    "suspended_addresses.address_hash",  // the same
    "password_resets.hash",              // SHA-256 of a token
    "report_recipients.confirm_hash",    // the same
    "report_recipients.leave_hash",      // the same
    "report_runs.file",                  // figures of an institution, kept for a few days behind its wall
    "report_runs.file_hash",             // SHA-256 of a token
    "staff_recovery_codes.hash",         // SHA-256 of a code
    "staff_sessions.hash",               // SHA-256 of a token
    "tokens.hash",                       // SHA-256 of a token
    "xapi_statements.digest",            // SHA-256 of what a statement says
];

#[tokio::test]
async fn every_column_of_bytes_is_sealed_or_known_not_to_be() {
    let database = TestDatabase::new().await;
    let columns = database.rows(
        "SELECT c.relname || '.' || a.attname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype ORDER BY 1",
    );
    let found: Vec<&str> = columns.iter().map(|row| row["name"].as_str().expect("a name")).collect();
    let sealed = COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.column));
    let mut known: Vec<String> = sealed.chain(NOT_SEALED.iter().map(ToString::to_string)).collect();
    known.sort();
    assert_eq!(found, known, "a new column of bytes stands in core/sealed/columns.rs, or here with the reason");
}
