//! How fast the server answers, and how often it may be asked.
//!
//! Owns the rate limiter of core: one bucket per token over all routes, in the form
//! that Mattermost has it (a generic cell rate algorithm), with its headers. Pure: the
//! time is handed in. The server waits and refuses.

use std::collections::BTreeMap;
use std::time::Duration;

use super::reply::Reply;

/// How often one account may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per second that are answered for ever.
    pub per_second: u32,
    /// Requests that are answered at once after a pause.
    pub burst: u32,
}

/// The buckets of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    /// When each bucket is full again, in nanoseconds since 1970.
    full_at: BTreeMap<String, i128>,
}

/// What the limiter says about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    limit: u32,
    remaining: i128,
    reset: Duration,
    /// How long to stay away; none for a request that may pass.
    pub(crate) retry_after: Option<Duration>,
}

impl Buckets {
    /// Takes a request of the bucket `whose`, or refuses it; `now` in nanoseconds since 1970.
    pub(crate) fn take(&mut self, limit: RateLimit, whose: &str, now: i128) -> Verdict {
        let interval = 1_000_000_000 / i128::from(limit.per_second.max(1));
        let size = limit.burst + 1;
        let room = interval * i128::from(size);
        let full_at = self.full_at.entry(whose.to_owned()).or_insert(now);
        let next = (*full_at).max(now) + interval;
        let early = next - room - now;
        if early <= 0 {
            *full_at = next;
        }
        let empty = *full_at - now;
        Verdict {
            limit: size,
            remaining: (room - empty) / interval,
            reset: nanoseconds(empty),
            retry_after: (early > 0).then(|| nanoseconds(early)),
        }
    }
}

impl Verdict {
    /// The refusal.
    pub(crate) fn refusal() -> Reply {
        Reply::text(429, "limit exceeded\n")
    }

    /// What is sent with the answer. Core sends all but the first twice.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("x-ratelimit-limit", self.limit.to_string()),
            ("x-ratelimit-remaining", self.remaining.max(0).to_string()),
            ("x-ratelimit-reset", seconds(self.reset)),
        ];
        if let Some(wait) = self.retry_after {
            headers.push(("retry-after", seconds(wait)));
        }
        headers
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> String {
    let rounded = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    rounded.to_string()
}

fn nanoseconds(nanoseconds: i128) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        per_second: 10,
        burst: 100,
    };

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let mut buckets = Buckets::default();
        for left in (0..=100).rev() {
            let verdict = buckets.take(LIMIT, "alice", 0);
            assert_eq!((verdict.retry_after, verdict.remaining), (None, left));
        }
        let refused = buckets.take(LIMIT, "alice", 0);
        // As it was recorded of Mattermost.
        assert_eq!(
            refused.headers(),
            [
                ("x-ratelimit-limit", "101".to_owned()),
                ("x-ratelimit-remaining", "0".to_owned()),
                ("x-ratelimit-reset", "11".to_owned()),
                ("retry-after", "1".to_owned()),
            ]
        );
        let later = |ms: i128| ms * 1_000_000;
        assert!(
            buckets
                .take(LIMIT, "alice", later(99))
                .retry_after
                .is_some()
        );
        assert!(
            buckets
                .take(LIMIT, "alice", later(100))
                .retry_after
                .is_none()
        );
        assert!(
            buckets
                .take(LIMIT, "alice", later(150))
                .retry_after
                .is_some()
        );
        assert!(buckets.take(LIMIT, "bob", later(150)).retry_after.is_none());
    }
}
