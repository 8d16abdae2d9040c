//! When a call is sent again, and how long to wait before.
//!
//! Pure, apart from [`Sleep`]. Owns the decision: what may pass by itself, what
//! may be repeated without doing it twice, how much patience there is. A write
//! is repeated only when the server certainly did nothing: it said 429, or was
//! never reached.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::error::ApiError;

/// How much patience there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first wait; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest wait between two tries that the server did not ask for.
    pub longest_wait: Duration,
    /// The longest wait that a server may ask for; more than that is an error at once.
    pub longest_request: Duration,
    /// All waits of one call together.
    pub patience: Duration,
    /// How many times a lost connection or a gateway's error is tried again.
    pub repeats: u32,
}

impl Default for RetryPolicy {
    /// Enough for a plugin that crashed: it comes back within 30 seconds.
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(5),
            longest_request: Duration::from_mins(1),
            patience: Duration::from_secs(90),
            repeats: 3,
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub const NEVER: Self = Self {
        first_wait: Duration::ZERO,
        longest_wait: Duration::ZERO,
        longest_request: Duration::ZERO,
        patience: Duration::ZERO,
        repeats: 0,
    };

    /// How long to wait before the next try; `None` if there is none.
    ///
    /// `tries` so far were made, and `waited` between them; `fraction` is in 0..=1.
    pub(super) fn wait(
        &self,
        error: &ApiError,
        tries: u32,
        waited: Duration,
        fraction: f64,
    ) -> Option<Duration> {
        let reads = error.attempt().is_some_and(|attempt| attempt.reads);
        let (repeats, asked) = match error {
            ApiError::RateLimited { retry_after, .. } => (self.repeats * 4, *retry_after),
            ApiError::Unreachable { .. } => (self.repeats, None),
            ApiError::Unavailable { retry_after, .. } if reads => (self.repeats, *retry_after),
            ApiError::Interrupted { .. } if reads => (self.repeats, None),
            // One try already took half a minute.
            ApiError::TimedOut { .. } if reads => (self.repeats.min(1), None),
            ApiError::PluginCrashed(_) if reads => (self.repeats * 4, None),
            _ => return None,
        };
        if tries > repeats || asked.is_some_and(|asked| asked > self.longest_request) {
            return None;
        }
        let doubled = self
            .first_wait
            .saturating_mul(1 << tries.saturating_sub(1).min(16));
        let own = doubled.min(self.longest_wait);
        // Full waits asked for by the server, plus something so that many clients do not come back
        // at once; else between half and all of our own.
        let wait = match asked {
            Some(asked) => asked + own.min(self.first_wait).mul_f64(fraction),
            None => own / 2 + (own / 2).mul_f64(fraction),
        };
        (waited + wait <= self.patience).then_some(wait)
    }
}

/// How long a server wants to be left alone: `Retry-After` in seconds or as a date, else
/// `X-RateLimit-Reset` in seconds. A header that was sent twice is joined with commas.
pub(super) fn asked_wait(
    retry_after: Option<&str>,
    rate_limit_reset: Option<&str>,
    now: Timestamp,
) -> Option<Duration> {
    let seconds = |text: &str| {
        let first = text.split(',').next().unwrap_or_default().trim();
        first.parse::<u64>().ok().map(Duration::from_secs)
    };
    let date = |text: &str| {
        let moment = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text.trim())
            .ok()?;
        // A moment that has passed asks for nothing.
        Some(Duration::try_from(moment.duration_since(now)).unwrap_or_default())
    };
    retry_after
        .and_then(|text| seconds(text).or_else(|| date(text)))
        .or_else(|| rate_limit_reset.and_then(seconds))
}

/// Waits. Tests give one that only takes notes.
pub trait Sleep: Debug + Send + Sync {
    /// Waits that long.
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Waits in real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealSleep;

impl Sleep for RealSleep {
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Numbers that differ from one client to the next: nothing secret hangs on them.
#[derive(Debug)]
pub(super) struct Jitter(AtomicU64);

impl Jitter {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number in 0..1 (the generator `SplitMix64`).
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
    pub(super) fn fraction(&self) -> f64 {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let mut z = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::{Attempt, Refusal};
    use super::*;

    fn attempt(reads: bool) -> Attempt {
        Attempt {
            what: "do it",
            method: if reads { "GET" } else { "POST" }.to_owned(),
            path: "/api/v4/x".to_owned(),
            site: "https://chat.example.com".to_owned(),
            reads,
        }
    }

    fn refusal(reads: bool, status: u16) -> Box<Refusal> {
        Box::new(Refusal {
            attempt: attempt(reads),
            status,
            message: String::new(),
            id: None,
            request_id: None,
        })
    }

    fn wait(error: &ApiError, tries: u32) -> Option<Duration> {
        RetryPolicy::default().wait(error, tries, Duration::ZERO, 0.0)
    }

    #[test]
    fn a_write_is_repeated_only_when_nothing_can_have_happened() {
        let again = |error: &ApiError| wait(error, 1).is_some();
        let problem = String::new;
        for reads in [true, false] {
            let limited = ApiError::RateLimited {
                refusal: refusal(reads, 429),
                retry_after: None,
            };
            let unreachable = ApiError::Unreachable {
                attempt: Box::new(attempt(reads)),
                problem: problem(),
            };
            let interrupted = ApiError::Interrupted {
                attempt: Box::new(attempt(reads)),
                problem: problem(),
            };
            let unavailable = ApiError::Unavailable {
                refusal: refusal(reads, 503),
                retry_after: None,
            };
            let late = ApiError::TimedOut {
                attempt: Box::new(attempt(reads)),
                after: Duration::from_secs(30),
            };
            assert!(again(&limited));
            assert!(again(&unreachable));
            assert_eq!(again(&interrupted), reads);
            assert_eq!(again(&unavailable), reads);
            assert_eq!(again(&late), reads);
            assert_eq!(again(&ApiError::PluginCrashed(refusal(reads, 500))), reads);
            assert!(!again(&ApiError::ServerFailed(refusal(reads, 500))));
            assert!(!again(&ApiError::Forbidden(refusal(reads, 403))));
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let error = ApiError::PluginCrashed(refusal(true, 500));
        let waits: Vec<_> = (1..20).map_while(|tries| wait(&error, tries)).collect();
        assert_eq!(waits.len(), 12);
        assert!(waits.is_sorted());
        let all: Duration = waits.iter().sum();
        assert!(
            all >= Duration::from_secs(20),
            "a plugin takes up to 25 s to come back: {all:?}"
        );
        let policy = RetryPolicy::default();
        assert_eq!(policy.wait(&error, 1, policy.patience, 0.0), None);
    }

    #[test]
    fn a_server_s_wish_is_honoured_unless_it_is_unreasonable() {
        let limited = |seconds| ApiError::RateLimited {
            refusal: refusal(false, 429),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(wait(&limited(7), 1), Some(Duration::from_secs(7)));
        assert_eq!(wait(&limited(3600), 1), None);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let asked = |retry, reset| asked_wait(retry, reset, now).map(|wait| wait.as_secs());
        assert_eq!(asked(Some("1"), Some("11")), Some(1));
        assert_eq!(asked(Some("1, 1"), None), Some(1));
        assert_eq!(asked(Some("Sat, 21 Nov 2026 12:00:30 GMT"), None), Some(30));
        assert_eq!(asked(Some("Sat, 21 Nov 2026 11:00:00 GMT"), None), Some(0));
        assert_eq!(asked(None, Some("11, 11")), Some(11));
        assert_eq!(asked(Some("soon"), None), None);
    }

    #[test]
    fn jitter_stays_in_its_bounds_and_moves() {
        let jitter = Jitter::seeded(7);
        let numbers: Vec<f64> = (0..100).map(|_| jitter.fraction()).collect();
        assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)));
        assert!(
            numbers
                .windows(2)
                .all(|pair| pair[0].to_bits() != pair[1].to_bits())
        );
    }
}
