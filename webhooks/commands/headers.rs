//! Headers of an institution's own, such as a key that its gateway wants: checked, sealed, shown masked.
//!
//! # Rule
//! A name that the protocol, a signature or the server itself needs is refused, so that no header contradicts what is
//! sent. Values are secrets: they are sealed at rest, and shown as `***`. That mask, given back, keeps the value.
//!
//! # Source
//! RFC 9110 section 5.1 (names are tokens) and 5.5 (visible ASCII and spaces in values), section 7.6.1 (connection);
//! RFC 9112 section 6 (framing); Fetch Standard, "forbidden request-header".

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Binary, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::outgoing::open_headers;
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
    sealed::{Sealer, Secret, webhook_headers},
};

/// What stands for a value that is not shown.
pub const MASK: &str = "***";
/// Most headers of one endpoint.
const HEADERS_MAX: usize = 16;
/// Longest name and longest value, in bytes.
const NAME_MAX: usize = 64;
const VALUE_MAX: usize = 1_024;
/// All names and values together, in bytes: receivers commonly refuse more than 8 KiB of headers.
const TOGETHER_MAX: usize = 4_096;

/// What the connection, the framing, the body and the server's own headers need.
const TAKEN: [&str; 23] = [
    "accept",
    "accept-encoding",
    "api-version",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "origin",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-http-method-override",
    "x-method-override",
    "x-request-id",
];
const TAKEN_FAMILIES: [&str; 4] = ["webhook-", "proxy-", "sec-", "x-webhook-"];

/// Checks headers and writes their names in lower case.
pub(super) fn check_headers(fields: &mut Fields, headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    if headers.len() > HEADERS_MAX {
        fields.fault("/headers", "length", format!("wanted at most {HEADERS_MAX} headers"));
    }
    let together: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if together > TOGETHER_MAX {
        fields.fault("/headers", "length", format!("wanted at most {TOGETHER_MAX} bytes of names and values together"));
    }
    let mut checked = BTreeMap::new();
    for (name, value) in headers {
        let pointer = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
        let lower = name.to_ascii_lowercase();
        if let Some((code, why)) = fault_of_name(&lower).or_else(|| fault_of_value(value)) {
            fields.fault(pointer, code, why);
        } else if checked.insert(lower, value.clone()).is_some() {
            fields.fault(pointer, "taken", "wanted each name once, whatever its case");
        }
    }
    checked
}

fn fault_of_name(name: &str) -> Option<(&'static str, String)> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(allowed) {
        return Some(("format", format!("wanted a name of 1 to {NAME_MAX} letters, digits and hyphens")));
    }
    let taken = TAKEN.contains(&name)
        || TAKEN_FAMILIES.iter().any(|family| name.starts_with(family))
        || name.contains("signature");
    taken.then(|| ("reserved", format!("{name} is written by the server or belongs to the connection")))
}

fn fault_of_value(value: &str) -> Option<(&'static str, String)> {
    let around = value.starts_with(' ') || value.ends_with(' ');
    if value.is_empty() || value.len() > VALUE_MAX {
        return Some(("length", format!("wanted a value of 1 to {VALUE_MAX} characters")));
    }
    let visible = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (!visible || around).then(|| ("format", "wanted visible ASCII, without spaces around it".to_owned()))
}

/// Headers as they are kept: names to be shown, and all of it sealed; nothing sealed where there are none.
pub(super) struct Kept {
    pub(super) names: Vec<String>,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Seals checked headers.
pub(super) fn seal(headers: &BTreeMap<String, String>, webhook: Id<id::Webhook>, sealer: &Sealer) -> Result<Kept> {
    let names = headers.keys().cloned().collect();
    if headers.is_empty() {
        return Ok(Kept { names, sealed: None });
    }
    let text = serde_json::to_vec(headers).map_err(Error::internal)?;
    Ok(Kept { names, sealed: Some(sealer.seal(&Secret::new(text), &webhook_headers(webhook))?) })
}

/// Puts the values that an endpoint has in the place of masks.
///
/// # Errors
/// `validation_failed` for a mask of a header that it does not have.
pub(super) async fn unmask(
    tx: &mut TenantTx,
    sealer: &Sealer,
    webhook: Option<Id<id::Webhook>>,
    mut headers: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    if !headers.values().any(|value| value == MASK) {
        return Ok(headers);
    }
    let present = match webhook {
        Some(webhook) => present(tx, sealer, webhook).await?,
        None => BTreeMap::new(),
    };
    let mut fields = Fields::new();
    for (name, value) in headers.iter_mut().filter(|(_, value)| *value == MASK) {
        if let Some(kept) = present.get(name) {
            kept.clone_into(value);
        } else {
            fields.fault(format!("/headers/{name}"), "value", "there is no such header whose value could be kept");
        }
    }
    fields.finish()?;
    Ok(headers)
}

async fn present(tx: &mut TenantTx, sealer: &Sealer, webhook: Id<id::Webhook>) -> Result<BTreeMap<String, String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Binary>)]
        headers: Option<Vec<u8>>,
    }
    let tenant = tx.tenant().uuid();
    let row: Row = sql("SELECT headers FROM webhooks WHERE tenant_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    open_headers(row.headers.as_deref(), webhook, sealer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(headers: &[(&str, &str)]) -> Vec<String> {
        let mut fields = Fields::new();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_headers(&mut fields, &headers);
        match fields.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error.fields().iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect(),
        }
    }

    #[test]
    fn usual_ones_pass() {
        let usual = [("Authorization", "Bearer a b"), ("X-Api-Key", "k=1;v=\"2\""), ("cookie", "a=b")];
        assert_eq!(faults(&usual), [""; 0]);
    }

    #[test]
    fn a_name_that_something_else_needs_is_refused() {
        for name in TAKEN.iter().chain(&["X-Signature-256", "x-hook-signature-next", "Webhook-Id", "SIGNATURE", "Host"])
        {
            assert_eq!(faults(&[(name, "a")]), [format!("/headers/{name} reserved")], "{name}");
        }
    }

    #[test]
    fn nothing_slips_a_line_in() {
        for (name, value, code) in [
            ("a\r\nb", "c", "format"),
            ("a b", "c", "format"),
            ("", "c", "format"),
            ("é", "c", "format"),
            ("a", "b\r\nc: d", "format"),
            ("a", "b\0", "format"),
            ("a", "é", "format"),
            ("a", " b", "format"),
            ("a", "", "length"),
        ] {
            let found = faults(&[(name, value)]);
            assert_eq!(found.len(), 1, "{name:?}: {value:?}");
            assert!(found[0].ends_with(code), "{found:?}");
        }
        assert_eq!(faults(&[("a", &"x".repeat(1025))]), ["/headers/a length"]);
        assert_eq!(faults(&[("A", "1"), ("a", "2")]), ["/headers/a taken"]);
    }

    #[test]
    fn there_are_bounds_on_all_together() {
        let names: Vec<String> = (0..17).map(|nth| format!("x-{nth}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(faults(&many), ["/headers length"]);
        let long = "x".repeat(1_024);
        let large: Vec<(&str, &str)> = names.iter().take(4).map(|name| (name.as_str(), long.as_str())).collect();
        assert_eq!(faults(&large), ["/headers length"]);
    }
}
