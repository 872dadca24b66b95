//! Classes of requests, and how many of each an institution's tokens may make.
//!
//! Not here: counting them (`stoa_actors::tenant`), and telling of it (the edge).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fields::Fields;

crate::words! {
    /// Names kinds of requests, each with a limit of its own.
    RateClass {
        /// Asks.
        Read = "read",
        /// Changes something.
        Write = "write",
        /// Reports activity of learners.
        Ingest = "ingest",
        /// Takes out much at once.
        Export = "export",
        /// Proves who somebody is; counted for an address.
        Auth = "auth",
    }
}

/// So many requests in so much time. What gathers during a rest is as many again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests, 1 to 10,000,000.
    pub quota: u32,
    /// In so many seconds, 1 to 86,400.
    pub window_seconds: u32,
}

/// Limits that an institution has instead of the server's; what is left out is the server's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestLimits {
    /// Of each token, asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Quota>,
    /// Of each token, changing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<Quota>,
    /// Of each token, reporting activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingest: Option<Quota>,
    /// Of each token, taking out much at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<Quota>,
    /// Of all tokens of the institution together, whatever they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Quota>,
}

impl RequestLimits {
    /// The limit of a class; none where it is the server's.
    pub const fn of(&self, class: RateClass) -> Option<Quota> {
        match class {
            RateClass::Read => self.read,
            RateClass::Write => self.write,
            RateClass::Ingest => self.ingest,
            RateClass::Export => self.export,
            RateClass::Auth => None,
        }
    }

    /// Checks every figure. `pointer` is that of the whole.
    pub fn check(&self, pointer: &str, fields: &mut Fields) {
        let all = [
            ("read", self.read),
            ("write", self.write),
            ("ingest", self.ingest),
            ("export", self.export),
            ("tenant", self.tenant),
        ];
        for (name, Quota { quota, window_seconds }) in all.into_iter().filter_map(|(name, set)| Some((name, set?))) {
            fields.within(&format!("{pointer}/{name}/quota"), &quota, &(1..=10_000_000));
            fields.within(&format!("{pointer}/{name}/window_seconds"), &window_seconds, &(1..=86_400));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_bounds() {
        let set = |quota, window_seconds| RequestLimits {
            export: Some(Quota { quota, window_seconds }),
            ..RequestLimits::default()
        };
        let is_well = |limits: RequestLimits| {
            let mut fields = Fields::new();
            limits.check("/request_limits", &mut fields);
            fields.finish().is_ok()
        };
        assert!(is_well(RequestLimits::default()) && is_well(set(1, 1)) && is_well(set(10_000_000, 86_400)));
        assert!(!is_well(set(0, 60)) && !is_well(set(1, 0)) && !is_well(set(1, 86_401)));
    }
}
