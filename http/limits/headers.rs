//! What an answer says of limits.
//!
//! # Shape
//! `RateLimit-Policy: "read";q=3000;w=10;pk=:8dK1x0aB:;stoa-scope=node, "tenant";q=4000;w=2;…`, for each limit so many in
//! so many seconds; `stoa-scope` is `node` where each node counts by itself and `shared` where all count together.
//! `RateLimit: "read";r=2999;t=1;pk=:…:, …` what is left of each, and in how many seconds all is there again, or, where
//! nothing is left, the next one. `X-RateLimit-*` say it of the limit that is nearest to its end; `Reset` is a Unix time.
//!
//! # Source
//! draft-ietf-httpapi-ratelimit-headers-10 sections 3 and 4, RFC 9651 for the form; section 6 of the draft has
//! `Retry-After` not before `t`. Laravel's `ThrottleRequests` for the three others.

use std::fmt::Write as _;

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use stoa_actors::tenant::Level;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const OLD_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const OLD_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const OLD_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How one limit stands after a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    name: &'static str,
    level: Level,
    partition: Option<[u8; 6]>,
}

/// How the limits stand after a request, kept with it until it is answered.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    measured: Vec<Measured>,
    is_shared: bool,
    now: DateTime<Utc>,
}

impl Measured {
    pub(super) const fn new(name: &'static str, level: Level, partition: Option<[u8; 6]>) -> Self {
        Self { name, level, partition }
    }

    /// When something happens: all is there again, or, where there is nothing, the next one.
    fn turns_at(&self) -> DateTime<Utc> {
        self.level.enough_at.unwrap_or(self.level.full_at)
    }

    fn left(&self) -> u32 {
        if self.level.enough_at.is_some() { 0 } else { self.level.left }
    }

    fn key(&self) -> String {
        self.partition.map_or_else(String::new, |bytes| format!(";pk=:{}:", BASE64_STANDARD.encode(bytes)))
    }
}

impl Standing {
    pub(super) const fn new(measured: Vec<Measured>, is_shared: bool, now: DateTime<Utc>) -> Self {
        Self { measured, is_shared, now }
    }

    /// Names of the limits that have nothing left for the request.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.measured.iter().filter(|one| one.level.enough_at.is_some()).map(|one| one.name).collect()
    }

    /// Seconds until the request may be sent again.
    pub(super) fn wait_secs(&self) -> u64 {
        let ends = self.measured.iter().filter_map(|one| one.level.enough_at).max();
        ends.map_or(0, |end| secs(end - self.now).max(1))
    }

    fn policies(&self) -> String {
        let scope = if self.is_shared { "shared" } else { "node" };
        let mut text = String::with_capacity(128);
        for (at, one) in self.measured.iter().enumerate() {
            let (between, limit) = (if at == 0 { "" } else { ", " }, one.level.limit);
            let (name, quota, window, key) = (one.name, limit.count, limit.window_secs, one.key());
            // Writing into a text does not fail.
            let _ = write!(text, "{between}\"{name}\";q={quota};w={window}{key};stoa-scope={scope}");
        }
        text
    }

    fn limits(&self) -> String {
        let mut text = String::with_capacity(96);
        for (at, one) in self.measured.iter().enumerate() {
            let between = if at == 0 { "" } else { ", " };
            let (name, left, turns, key) = (one.name, one.left(), secs(one.turns_at() - self.now), one.key());
            let _ = write!(text, "{between}\"{name}\";r={left};t={turns}{key}");
        }
        text
    }
}

/// Whole seconds, rounded up.
fn secs(span: TimeDelta) -> u64 {
    let millis = u64::try_from(span.num_milliseconds()).unwrap_or_default();
    millis.div_ceil(1_000)
}

/// Writes what the answer to a request says of limits; nothing where none was asked.
pub(crate) fn write(request: &HttpRequest, headers: &mut HeaderMap) {
    let extensions = request.extensions();
    let Some(standing) = extensions.get::<Standing>() else { return };
    let Some(nearest) = standing.measured.iter().min_by_key(|one| (one.level.enough_at.is_none(), one.left())) else {
        return;
    };
    let texts = [(POLICY, standing.policies()), (LIMIT, standing.limits())];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    headers.insert(OLD_LIMIT, HeaderValue::from(nearest.level.limit.burst));
    headers.insert(OLD_REMAINING, HeaderValue::from(nearest.left()));
    let reset = u64::try_from(nearest.turns_at().timestamp()).unwrap_or_default();
    let is_whole = nearest.turns_at().timestamp_subsec_nanos() == 0;
    headers.insert(OLD_RESET, HeaderValue::from(if is_whole { reset } else { reset + 1 }));
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use stoa_actors::tenant::RateLimit;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn written(levels: &[(&'static str, Level)], is_shared: bool) -> Vec<String> {
        let measured = levels.iter().map(|(name, level)| Measured::new(name, *level, Some([1, 2, 3, 4, 5, 6])));
        let request = TestRequest::default().to_http_request();
        request.extensions_mut().insert(Standing::new(measured.collect(), is_shared, at(0)));
        let mut headers = HeaderMap::new();
        write(&request, &mut headers);
        let names = [POLICY, LIMIT, OLD_LIMIT, OLD_REMAINING, OLD_RESET];
        names.iter().map(|name| headers.get(name).unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn level(quota: u32, left: u32, (full, enough): (i64, Option<i64>)) -> Level {
        let limit = RateLimit { count: quota, window_secs: 10, burst: quota };
        Level { limit, left, full_at: at(full), enough_at: enough.map(at) }
    }

    #[test]
    fn what_is_left_is_said_in_each_form() {
        let levels = [("read", level(3000, 2999, (4, None))), ("tenant", level(4000, 17, (9_957, None)))];
        insta::assert_snapshot!(written(&levels, false).join("\n"), @r#"
        "read";q=3000;w=10;pk=:AQIDBAUG:;stoa-scope=node, "tenant";q=4000;w=10;pk=:AQIDBAUG:;stoa-scope=node
        "read";r=2999;t=1;pk=:AQIDBAUG:, "tenant";r=17;t=10;pk=:AQIDBAUG:
        4000
        17
        1800000010
        "#);
    }

    #[test]
    fn a_refusal_says_when_the_next_one_goes() {
        let levels = [("write", level(5, 0, (10_000, Some(1_200)))), ("tenant", level(9, 0, (10_000, None)))];
        insta::assert_snapshot!(written(&levels, true).join("\n"), @r#"
        "write";q=5;w=10;pk=:AQIDBAUG:;stoa-scope=shared, "tenant";q=9;w=10;pk=:AQIDBAUG:;stoa-scope=shared
        "write";r=0;t=2;pk=:AQIDBAUG:, "tenant";r=0;t=10;pk=:AQIDBAUG:
        5
        0
        1800000002
        "#);
        let measured = levels.iter().map(|(name, level)| Measured::new(name, *level, None)).collect();
        let standing = Standing::new(measured, true, at(0));
        assert_eq!((standing.violated(), standing.wait_secs()), (vec!["write"], 2));
    }

    #[test]
    fn where_nothing_was_counted_nothing_is_said() {
        let mut headers = HeaderMap::new();
        write(&TestRequest::default().to_http_request(), &mut headers);
        assert_eq!(headers.len(), 0);
    }
}
