//! The name of a request, from the edge to the outgoing call and the log.

use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, in and out.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LEN_MAX: usize = 128;

/// Takes the caller's own name if it is a plain word, or makes one.
pub(crate) fn of(headers: &HeaderMap) -> Arc<str> {
    let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
    match given.filter(|text| is_plain(text)) {
        Some(text) => text.into(),
        None => hex(rand::random()).into(),
    }
}

/// Writes it into an answer.
pub(crate) fn write(headers: &mut HeaderMap, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HEADER, value);
    }
}

fn is_plain(text: &str) -> bool {
    (1..=LEN_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn hex(bits: u128) -> String {
    format!("{bits:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_plain_words() {
        for good in ["a", "0af7651916cd43dd8448eb211c80319c", "job-7.retry_1"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "a b", "a\nb", "é", "a\"b", "${jndi}", &"x".repeat(129)] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
