//! Requests shown without their secrets: what a log of deliveries may say of headers and addresses.
//!
//! Not here: what is shown to whom (`http/api`).
//!
//! # Rule
//! A signature keeps its scheme and loses its value: with the body beside it, it would be a proof to replay. A header
//! that the institution named itself loses its whole value, because it is there to be a secret. Of an address, what
//! stands for a person or a key is masked: the part before `@`, and in the query what is named like a secret or looks
//! like one.
//!
//! # Source
//! Standard Webhooks specification, "Signature scheme", for `webhook-signature`; RFC 3986 sections 3.2.1 and 3.4 for
//! the parts of an address.

/// What stands in the place of a secret.
pub const MASK: &str = "…";
/// What stands in the place of a header's value that the institution chose, as its webhook shows it.
const OWN_MASK: &str = "***";

/// Parts of a parameter's name that say it is a secret.
const SECRET_WORDS: [&str; 12] =
    ["token", "secret", "key", "sig", "auth", "pass", "pwd", "code", "cred", "jwt", "session", "hash"];
/// A value of at least so many letters and digits is taken for a secret whatever its name.
const LONG: usize = 20;

/// Masks a header that we or a dialect named; `None` is for what is no secret and stays.
fn signature(name: &str, value: &str) -> Option<String> {
    match name {
        "webhook-signature" => {
            let scheme = |one: &str| format!("{},{MASK}", one.split(',').next().unwrap_or_default());
            Some(value.split(' ').map(scheme).collect::<Vec<_>>().join(" "))
        }
        "x-signature-256" | "x-signature-256-next" => Some(format!("sha256={MASK}")),
        "x-hook-signature" | "x-hook-signature-next" => Some(MASK.to_owned()),
        _ => None,
    }
}

/// Shows the value of a header, named in lower case; `own` are the names that the institution added.
pub fn masked_header<'a>(name: &str, value: &str, mut own: impl Iterator<Item = &'a str>) -> String {
    if own.any(|one| one.eq_ignore_ascii_case(name)) {
        return OWN_MASK.to_owned();
    }
    signature(name, value).unwrap_or_else(|| value.to_owned())
}

/// Shows an address.
pub fn masked_url(url: &str) -> String {
    let (rest, fragment) = url.split_once('#').map_or((url, ""), |(rest, _)| (rest, "#…"));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let shown = query.map(|query| format!("?{}", query.split('&').map(parameter).collect::<Vec<_>>().join("&")));
    format!("{}{}{fragment}", without_person(place), shown.unwrap_or_default())
}

fn without_person(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else { return place.to_owned() };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{MASK}@{host}{path}"),
        None => place.to_owned(),
    }
}

fn parameter(text: &str) -> String {
    let Some((name, value)) = text.split_once('=') else {
        return if looks_secret(text) { MASK.to_owned() } else { text.to_owned() };
    };
    let lower = name.to_ascii_lowercase();
    let named = SECRET_WORDS.iter().any(|word| lower.contains(word));
    if !value.is_empty() && (named || looks_secret(value)) { format!("{name}={MASK}") } else { text.to_owned() }
}

/// Long, and of the letters that keys are written in.
fn looks_secret(value: &str) -> bool {
    let coded = |letter: char| letter.is_ascii_alphanumeric() || "-_.~+/=%".contains(letter);
    value.len() >= LONG && value.chars().all(coded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_keep_their_scheme_alone() {
        let shown = |name, value| masked_header(name, value, ["x-api-key", "Authorization"].into_iter());
        assert_eq!(shown("webhook-signature", "v1,abc= v1a,def="), "v1,… v1a,…");
        assert_eq!(shown("x-signature-256", "sha256=00ff"), "sha256=…");
        assert_eq!(shown("x-hook-signature-next", "00ff"), "…");
        assert_eq!(shown("webhook-id", "evt_1"), "evt_1");
        assert_eq!(shown("x-api-key", "k"), "***");
        assert_eq!(shown("authorization", "Bearer k"), "***");
    }

    #[test]
    fn addresses_lose_what_is_secret() {
        for (url, shown) in [
            ("https://example.com/a", "https://example.com/a"),
            ("https://example.com/a?v=2016-10-01&sig=Abc&name=", "https://example.com/a?v=2016-10-01&sig=…&name="),
            ("https://example.com/?API_KEY=1&page=2#top", "https://example.com/?API_KEY=…&page=2#…"),
            ("https://me:word@example.com/a@b", "https://…@example.com/a@b"),
            ("https://example.com/?x=0123456789abcdefghij", "https://example.com/?x=…"),
            ("https://example.com/?0123456789abcdefghij", "https://example.com/?…"),
        ] {
            assert_eq!(masked_url(url), shown);
        }
    }
}
