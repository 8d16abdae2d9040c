//! How many requests are under way, and when the next one goes.
//!
//! One for each connection, shared by its clones. Owns the lanes (so many reads and so
//! many writes at the same time, fewer while the server is in trouble), the pace that
//! the server's headers ask for, and the number of requests that the user allows.
//! Whoever waits is let through in the order of arrival. Must not decide what is
//! repeated: that is `retry`.

mod lanes;
mod quota;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::retry::Sleep;
use crate::clock::Clock;
use lanes::{Lanes, Pass};
use quota::Pace;

pub(super) use quota::Quota;

/// Reads that are under way at the same time.
const READS: usize = 8;
/// Writes that are under way at the same time.
const WRITES: usize = 4;

/// Lets requests through.
#[derive(Debug)]
pub(super) struct Limiter {
    reads: Lanes,
    writes: Lanes,
    /// Whoever holds it is the next to be sent.
    turn: tokio::sync::Mutex<()>,
    pace: Mutex<Pace>,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn Sleep>,
    /// How many more may be sent.
    allowed: AtomicU64,
}

/// A request that was let through; its lane is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Admitted<'a> {
    limiter: &'a Limiter,
    pass: Pass<'a>,
    sent: Timestamp,
}

/// No request is allowed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

impl Limiter {
    pub(super) fn new(clock: Arc<dyn Clock>, sleep: Arc<dyn Sleep>) -> Self {
        Self {
            reads: Lanes::new(READS),
            writes: Lanes::new(WRITES),
            turn: tokio::sync::Mutex::default(),
            pace: Mutex::new(Pace::new(clock.now())),
            clock,
            sleep,
            allowed: AtomicU64::new(u64::MAX),
        }
    }

    /// Lets at most that many more requests through.
    pub(super) fn allow(&self, requests: u64) {
        self.allowed.store(requests, Ordering::Relaxed);
    }

    /// How many more requests are let through; none when nobody counts.
    pub(super) fn left(&self) -> Option<u64> {
        let left = self.allowed.load(Ordering::Relaxed);
        (left != u64::MAX).then_some(left)
    }

    /// Waits until a request may be sent.
    pub(super) async fn admit(&self, reads: bool) -> Result<Admitted<'_>, Spent> {
        let lanes = if reads { &self.reads } else { &self.writes };
        let pass = lanes.enter().await;
        let turn = self.turn.lock().await;
        self.spend()?;
        let wait = self.pace().send(self.clock.now());
        if !wait.is_zero() {
            self.sleep.sleep(wait).await;
        }
        drop(turn);
        let sent = self.clock.now();
        Ok(Admitted {
            limiter: self,
            pass,
            sent,
        })
    }

    /// Lets nothing through for that long.
    pub(super) fn close(&self, wait: Duration) {
        self.pace().close(wait, self.clock.now());
    }

    fn spend(&self) -> Result<(), Spent> {
        let one_less = |left: u64| match left {
            u64::MAX => Some(left),
            left => left.checked_sub(1),
        };
        let spent = self
            .allowed
            .try_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        spent.map(drop).map_err(|_| Spent)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted<'_> {
    /// The server answered with this status.
    pub(super) fn answered(&self, status: u16, quota: Option<Quota>) {
        if let Some(quota) = quota {
            let under_way = self.limiter.reads.under_way() + self.limiter.writes.under_way();
            let others = under_way.saturating_sub(1);
            let now = self.limiter.clock.now();
            self.limiter.pace().heard(quota, self.sent, others, now);
        }
        // A licence that lacks something is no trouble.
        if status == 429 || (status >= 500 && status != 501) {
            self.troubled();
        } else {
            self.pass.went_well();
        }
    }

    /// The server is in trouble: fewer at once from now on.
    pub(super) fn troubled(&self) {
        if self.pass.is_of_this_time() {
            self.limiter.reads.narrow();
            self.limiter.writes.narrow();
        }
    }
}
