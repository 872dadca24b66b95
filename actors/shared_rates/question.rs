//! One question to Redis, and what its answer says.

use chrono::{DateTime, TimeDelta, Utc};
use redis::{RedisResult, Script, aio::MultiplexedConnection};

use crate::tenant::{Level, RateLimit};

/// A bucket that nodes share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name in Redis. Buckets of one question have the same part in braces, so that they lie on one server.
    pub key: String,
    /// Its size and how fast it fills.
    pub limit: RateLimit,
}

/// Runs the script.
pub(super) async fn ask(
    script: &Script,
    connection: &mut MultiplexedConnection,
    buckets: &[Bucket],
) -> RedisResult<Vec<String>> {
    let mut invocation = script.prepare_invoke();
    for Bucket { key, limit } in buckets {
        // Less than a microsecond for one token would be none.
        let each = limit.time_for(1).num_microseconds().unwrap_or(i64::MAX).max(1);
        invocation.key(key).arg(each).arg(limit.burst);
    }
    invocation.invoke_async(connection).await
}

/// Reads the answer, told in this node's time: clocks of nodes and of Redis need not agree. None where it is no answer.
pub(super) fn levels(now: DateTime<Utc>, buckets: &[Bucket], answer: &[String]) -> Option<Vec<Level>> {
    let (clock, of_buckets) = answer.split_first()?;
    let clock: i64 = clock.parse().ok()?;
    let pairs = of_buckets.chunks_exact(2);
    let levels = buckets.iter().zip(pairs).map(|(bucket, pair)| {
        let [full, enough] = pair else { return None };
        let (full, enough): (i64, i64) = (full.parse().ok()?, enough.parse().ok()?);
        let until_full = TimeDelta::microseconds((full - clock).max(0));
        let enough_at = (enough > 0).then(|| now + TimeDelta::microseconds((enough - clock).max(0)));
        Some(Level { limit: bucket.limit, left: left(bucket.limit, until_full), full_at: now + until_full, enough_at })
    });
    let levels: Vec<Level> = levels.collect::<Option<_>>()?;
    (levels.len() == buckets.len()).then_some(levels)
}

/// What is there of a bucket that is full again in so long.
fn left(limit: RateLimit, until_full: TimeDelta) -> u32 {
    let each = limit.time_for(1).num_microseconds().unwrap_or(i64::MAX).max(1);
    let missing = until_full.num_microseconds().unwrap_or(i64::MAX).saturating_add(each - 1) / each;
    limit.burst.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { count: 10, window_secs: 60, burst: 10 };

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn read(answer: &[&str]) -> Option<Vec<Level>> {
        let buckets = [Bucket { key: "a".to_owned(), limit: LIMIT }];
        levels(at(0), &buckets, &answer.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn an_answer_is_told_in_this_nodes_time() {
        let taken = read(&["5000000", "17000000", "0"]).unwrap();
        assert_eq!(taken, [Level { limit: LIMIT, left: 8, full_at: at(12), enough_at: None }]);
        let refused = read(&["5000000", "65000000", "11000000"]).unwrap();
        assert_eq!(refused, [Level { limit: LIMIT, left: 0, full_at: at(60), enough_at: Some(at(6)) }]);
    }

    #[test]
    fn nonsense_is_no_answer() {
        for nonsense in [&[][..], &["now"], &["1", "x", "0"], &["1", "2", "y"]] {
            assert_eq!(read(nonsense), None, "{nonsense:?}");
        }
    }
}
