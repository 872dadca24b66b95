//! A refusal told to the owner of a receiver: what its status says, and what to look at.
//!
//! Not here: answers that never came (`actors/egress`), and what follows for the delivery (`verdict`).
//!
//! # Source
//! RFC 9110 section 15, for what each status says.

use super::{Verdict, judge, masking::masked_url};

/// What a receiver answered besides its status.
#[derive(Debug, Clone, Copy, Default)]
pub struct Remarks<'a> {
    /// Where a redirect points.
    pub location: Option<&'a str>,
    /// Seconds that it asks us to wait.
    pub retry_after: Option<u64>,
}

/// Tells a status that is no success in a sentence; none for a success.
pub fn refusal(status: u16, remarks: Remarks<'_>) -> Option<String> {
    if judge(status) == Verdict::Received {
        return None;
    }
    let to = remarks.location.map(|to| format!(" to {}", masked_url(to))).unwrap_or_default();
    let wait = remarks.retry_after.map(|secs| format!(", and asks to wait {secs} s")).unwrap_or_default();
    let advice = match status {
        300..=399 => "redirects are not followed; give the webhook the address that it points to",
        400 | 422 => "it does not like the body or the signature; its log and the start of its answer say why",
        401 | 403 => "it does not let us in; check its secret, the webhook's headers and what stands in front of it",
        404 => "nothing is at this path; check the address",
        405 | 501 => "it takes no POST at this path; check the address",
        408 => "it waited for the request in vain; is a proxy in front of it busy?",
        410 => "it never wants any again, so the webhook is disabled",
        411..=415 => "it does not take the body in this form; check the limits of what stands in front of it",
        429 => "that is too much at once; lower the webhook's rate_per_second or max_in_flight, or let it take more",
        502..=504 => "what stands in front of it does not reach it; is it running?",
        500..=599 => "it broke down over the request; its log says where",
        _ => "only 2xx means received",
    };
    Some(format!("answered {status}{to}{wait}: {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_success_is_told() {
        for status in 100..=999 {
            assert_eq!(refusal(status, Remarks::default()).is_none(), (200..300).contains(&status), "{status}");
        }
    }

    #[test]
    fn a_redirect_names_where_it_points_without_its_secrets() {
        let remarks = Remarks { location: Some("https://example.com/new?token=hidden"), retry_after: None };
        let said = "answered 301 to https://example.com/new?token=…: redirects are not followed; give the webhook the \
                    address that it points to";
        assert_eq!(refusal(301, remarks).unwrap(), said);
    }

    #[test]
    fn a_wish_to_wait_is_repeated() {
        let remarks = Remarks { location: None, retry_after: Some(120) };
        assert!(refusal(429, remarks).unwrap().starts_with("answered 429, and asks to wait 120 s: that is too much"));
    }
}
