//! How often the server wants to be asked, as far as it says so.
//!
//! Pure. Owns a picture of the server's bucket, made of `X-RateLimit-Limit`,
//! `-Remaining` and `-Reset`, which come with every answer where the limiter is on.
//! `Reset` is rounded up to seconds, so each answer tells a rate that is a little too
//! low, and the best of all answers is the nearest. Numbers lag behind by what is
//! under way: the picture is corrected only where they contradict it.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

/// The rate limit as one answer tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mattermost) struct Quota {
    /// What a full bucket holds.
    limit: u32,
    /// What is left in it.
    remaining: u32,
    /// When it is full again, in seconds.
    reset: u32,
}

impl Quota {
    /// What the headers of an answer say; core sends each twice, joined by a comma or as two.
    pub(in crate::mattermost) fn of(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| -> Option<u32> {
            let text = headers.get(name)?.to_str().ok()?;
            text.split(',').next()?.trim().parse().ok()
        };
        Some(Self {
            limit: number("x-ratelimit-limit")?,
            remaining: number("x-ratelimit-remaining")?,
            reset: number("x-ratelimit-reset")?,
        })
    }

    /// Requests per second, never more than the server grants.
    fn per_second(self) -> Option<f64> {
        let used = self.limit.saturating_sub(self.remaining);
        (used > 0 && self.reset > 0).then(|| f64::from(used) / f64::from(self.reset))
    }
}

/// When the next request may be sent.
#[derive(Debug)]
pub(super) struct Pace {
    bucket: Option<Bucket>,
    /// Nothing is sent before: the server said so.
    closed_until: Timestamp,
    /// Up to when this was brought.
    at: Timestamp,
}

#[derive(Debug)]
struct Bucket {
    size: f64,
    left: f64,
    per_second: f64,
}

impl Pace {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            bucket: None,
            closed_until: now,
            at: now,
        }
    }

    /// Counts a request, and says how long it has to wait before it is sent.
    pub(super) fn send(&mut self, now: Timestamp) -> Duration {
        self.bring_to(now);
        let mut wait = span(self.closed_until, self.at);
        if let Some(bucket) = &mut self.bucket {
            let after = bucket.left + wait.as_secs_f64() * bucket.per_second;
            if after < 1.0 {
                wait += Duration::from_secs_f64((1.0 - after) / bucket.per_second);
            }
        }
        // Whoever has waited has waited, whatever the clock says.
        self.bring_to(later(self.at, wait));
        if let Some(bucket) = &mut self.bucket {
            bucket.left -= 1.0;
        }
        wait
    }

    /// An answer arrived to a request sent at `sent`, while `others` are under way.
    pub(super) fn heard(&mut self, quota: Quota, sent: Timestamp, others: usize, now: Timestamp) {
        self.bring_to(now);
        let Some(told) = quota.per_second() else {
            return;
        };
        let (size, remaining) = (f64::from(quota.limit), f64::from(quota.remaining));
        let others = f64::from(u32::try_from(others).unwrap_or(u32::MAX));
        let bucket = self.bucket.get_or_insert(Bucket {
            size,
            left: remaining,
            per_second: told,
        });
        if (bucket.size - size).abs() < 0.5 {
            bucket.per_second = bucket.per_second.max(told);
        } else {
            // The limiter was set anew.
            bucket.size = size;
            bucket.per_second = told;
        }
        let since = span(self.at, sent).as_secs_f64();
        // The server rounds down what is left.
        let most = remaining + 1.0 + since * bucket.per_second;
        bucket.left = bucket.left.clamp(remaining - others, most.max(remaining));
    }

    /// The server refuses everything for that long.
    pub(super) fn close(&mut self, wait: Duration, now: Timestamp) {
        self.bring_to(now);
        self.closed_until = self.closed_until.max(later(self.at, wait));
        if let Some(bucket) = &mut self.bucket {
            bucket.left = bucket.left.min(0.0);
        }
    }

    /// Refills the bucket; a clock that went back is not followed.
    fn bring_to(&mut self, now: Timestamp) {
        let passed = span(now, self.at).as_secs_f64();
        if let Some(bucket) = &mut self.bucket {
            bucket.left = (bucket.left + passed * bucket.per_second).min(bucket.size);
        }
        self.at = self.at.max(now);
    }
}

/// From `earlier` to `later`; nothing when it is the other way round.
fn span(later: Timestamp, earlier: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

fn later(moment: Timestamp, wait: Duration) -> Timestamp {
    moment.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn quota(remaining: u32, reset: u32) -> Quota {
        Quota {
            limit: 101,
            remaining,
            reset,
        }
    }

    #[test]
    fn headers_that_core_sends_twice_are_read_once() {
        let mut headers = HeaderMap::new();
        assert_eq!(Quota::of(&headers), None);
        for (name, value) in [
            ("x-ratelimit-limit", "101, 101"),
            ("x-ratelimit-remaining", "100"),
            ("x-ratelimit-remaining", "100"),
            ("x-ratelimit-reset", "1"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        assert_eq!(Quota::of(&headers), Some(quota(100, 1)));
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let mut pace = Pace::new(at(0));
        assert!((0..1000).all(|_| pace.send(at(0)).is_zero()));
    }

    #[test]
    fn an_emptying_bucket_slows_down_before_it_is_empty() {
        let mut pace = Pace::new(at(0));
        pace.send(at(0));
        pace.heard(quota(3, 10), at(0), 0, at(0));
        // Three are left: they go at once, the next a tenth of a second apart.
        let waits: Vec<u128> = (0..6).map(|_| pace.send(at(0)).as_millis()).collect();
        assert_eq!(waits[..3], [0, 0, 0]);
        assert!((100..=103).contains(&waits[3]), "{waits:?}");
        assert_eq!(waits[3], waits[4]);
    }

    #[test]
    fn the_best_of_several_rates_counts_since_each_is_rounded_down() {
        let mut pace = Pace::new(at(0));
        pace.heard(quota(1, 10), at(0), 0, at(0));
        pace.heard(quota(0, 11), at(0), 0, at(0));
        pace.send(at(0));
        assert_eq!(pace.send(at(0)).as_millis(), 100);
    }

    #[test]
    fn what_others_use_up_is_seen() {
        let mut pace = Pace::new(at(0));
        pace.heard(quota(50, 5), at(0), 0, at(0));
        pace.heard(quota(0, 11), at(0), 0, at(0));
        pace.send(at(0));
        assert!(!pace.send(at(0)).is_zero());
    }

    #[test]
    fn a_closed_door_is_waited_for_once() {
        let mut pace = Pace::new(at(0));
        pace.close(Duration::from_secs(7), at(0));
        assert_eq!(pace.send(at(0)).as_secs(), 7);
        assert_eq!(
            pace.send(at(0)).as_secs(),
            0,
            "the clock of a test stands still"
        );
        assert_eq!(pace.send(at(8000)).as_secs(), 0);
    }

    #[test]
    fn a_clock_that_goes_back_stops_nothing() {
        let mut pace = Pace::new(at(3_600_000));
        pace.heard(quota(0, 10), at(3_600_000), 0, at(3_600_000));
        let waits: Duration = (0..10).map(|_| pace.send(at(0))).sum();
        assert!(waits < Duration::from_secs(2), "{waits:?}");
    }
}
