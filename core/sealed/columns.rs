//! Every column that holds sealed bytes. A new one gets a line here; a structural test refuses a `bytea` column that
//! stands neither here nor in its own list of the others.
//!
//! Not here: the statements' callers (`rows`).

use uuid::Uuid;

use crate::{
    auth::{password_reset, second_factor},
    id::{Id, TenantId},
    idempotency,
    members::invitations,
    staff,
};

/// A column of sealed bytes.
#[derive(Debug)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// `$1` is how bytes under the current key begin, `$2` the place after which to go on, `$3` how many.
    pub(super) stale: &'static str,
    /// Sealed bytes counted by how they begin.
    pub(super) count: &'static str,
    /// `$1` are places, `$2` institutions, `$3` the bytes as they were, `$4` as they shall be.
    pub(super) replace: &'static str,
    /// What a row's bytes are sealed to.
    pub(super) place: fn(TenantId, &[String]) -> Option<String>,
}

/// Writes the three statements. `$key` is a list of texts in SQL from which the place is made.
///
/// Rows are walked by their physical place, which no index is needed for. A row changed by somebody else meanwhile is
/// not the bytes that were read, so it is left to the next walk.
macro_rules! sealed {
    ($table:literal, $column:literal, $key:literal, $place:expr) => {
        sealed!($table, $column, $key, $place, "tenant_id", " AND t.tenant_id = k.tenant_id")
    };
    // Of a table that belongs to no institution.
    (house $table:literal, $column:literal, $key:literal, $place:expr) => {
        sealed!($table, $column, $key, $place, "'00000000-0000-0000-0000-000000000000'::uuid AS tenant_id", "")
    };
    ($table:literal, $column:literal, $key:literal, $place:expr, $tenant:literal, $and_tenant:literal) => {
        SealedColumn {
            table: $table,
            column: $column,
            stale: concat!(
                "SELECT ctid::text AS at, ",
                $tenant,
                ", ",
                $key,
                " AS key, ",
                $column,
                " AS sealed FROM ",
                $table,
                " WHERE ctid > $2::tid AND ",
                $column,
                " IS NOT NULL AND substring(",
                $column,
                " FROM 1 FOR 9) <> $1 ORDER BY ctid LIMIT $3"
            ),
            count: concat!(
                "SELECT substring(",
                $column,
                " FROM 1 FOR CASE get_byte(",
                $column,
                ", 0) WHEN 2 THEN 9 ELSE 1 END) AS head,
                   count(*) AS count FROM ",
                $table,
                " WHERE octet_length(",
                $column,
                ") > 0 GROUP BY 1 ORDER BY 1"
            ),
            replace: concat!(
                "UPDATE ",
                $table,
                " t SET ",
                $column,
                " = k.sealed FROM unnest($1, $2, $3, $4) AS k(at, tenant_id, before, sealed)
                 WHERE t.ctid = k.at::tid AND t.",
                $column,
                " = k.before",
                $and_tenant
            ),
            place: $place,
        }
    };
}

/// Every column of sealed bytes.
pub const COLUMNS: &[SealedColumn] = &[
    sealed!("webhooks", "secret", "ARRAY[id::text]", |_, key| Some(webhook_secret(id(key)?))),
    sealed!("webhooks", "previous_secret", "ARRAY[id::text]", |_, key| Some(webhook_secret(id(key)?))),
    sealed!("webhooks", "headers", "ARRAY[id::text]", |_, key| Some(webhook_headers(id(key)?))),
    sealed!("second_factors", "secret", "ARRAY[user_id::text]", |_, key| Some(second_factor::sealed_to(id(key)?))),
    sealed!("invitations", "secret", "ARRAY[user_id::text]", |_, key| Some(invitations::sealed_to(id(key)?))),
    sealed!("password_resets", "secret", "ARRAY[id::text]", |_, key| Some(password_reset::sealed_to(id(key)?))),
    sealed!(house "staff_second_factors", "secret", "ARRAY[staff_id::text]", |_, key| {
        Some(staff::second_factor::sealed_to(id(key)?))
    }),
    sealed!("idempotency_keys", "body", "ARRAY[holder_id::text, operation, key]", |tenant, key| {
        let [holder, operation, key] = key else { return None };
        Some(idempotency::sealed_to(tenant, holder.parse::<Uuid>().ok()?, operation, key))
    }),
    sealed!("report_recipients", "secret", "ARRAY[id::text]", |_, key| Some(report_recipient(id(key)?))),
];

fn id<K: crate::id::Kind>(key: &[String]) -> Option<Id<K>> {
    key.first()?.parse::<Uuid>().ok().map(Id::from_uuid)
}

/// Where a webhook's secret is sealed to, the present one and the previous.
pub fn webhook_secret(webhook: Id<crate::id::Webhook>) -> String {
    format!("webhook:{webhook}")
}

/// Where a webhook's own headers are sealed to.
pub fn webhook_headers(webhook: Id<crate::id::Webhook>) -> String {
    format!("webhook:{webhook}:headers")
}

/// Where what the tokens of a report's recipient are made of is sealed to.
pub fn report_recipient(recipient: Id<crate::id::ReportRecipient>) -> String {
    format!("report_recipient:{recipient}")
}
