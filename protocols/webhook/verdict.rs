//! What a receiver's answer means for its delivery.
//!
//! Not here: answers that never came (a timeout or a refused connection is [`Verdict::Failed`] to whoever waited).
//!
//! # Source
//! Standard Webhooks specification, "Operational considerations": success is 2xx alone, redirects are not followed,
//! 410 switches the endpoint off. Teachbase (help.teachbase.ru, managers/api-and-integrations/04) asks for 200 and
//! repeats on 4xx and 5xx, which this contains.

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The receiver has it.
    Received,
    /// It has not; to be tried again.
    Failed,
    /// It never wants any again: the webhook is to be switched off.
    Gone,
}

/// Judges an HTTP status.
///
/// # Rule
/// Any 2xx is received. 410 is gone. All else is a failure, also 3xx: following a redirect would carry a signed
/// body to an address that nobody checked.
pub const fn judge(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Received,
        410 => Verdict::Gone,
        _ => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_is_received() {
        for status in 0..=u16::MAX {
            assert_eq!(judge(status) == Verdict::Received, (200..300).contains(&status), "{status}");
        }
    }

    #[test]
    fn redirects_and_not_found_are_failures_but_gone_is_gone() {
        for status in [100, 301, 302, 307, 308, 400, 404, 408, 409, 429, 500, 503] {
            assert_eq!(judge(status), Verdict::Failed, "{status}");
        }
        assert_eq!(judge(410), Verdict::Gone);
    }
}
