//! Time that passes only when everybody waits: hours of waiting in a moment.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use warroom::clock::Clock;
use warroom::mattermost::Sleep;

/// How long whoever waits longest gives the others to do what they have to.
const REAL: Duration = Duration::from_millis(2);

/// A clock, and what waits for it.
#[derive(Debug)]
pub struct VirtualTime {
    began: Timestamp,
    /// Nanoseconds since it began.
    passed: AtomicU64,
    /// When those who wait want to be woken, with a number of their own.
    waiting: Mutex<BTreeSet<(u64, u64)>>,
    next: AtomicU64,
}

impl VirtualTime {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            began: "2026-11-21T12:00:00Z".parse().unwrap(),
            passed: AtomicU64::new(0),
            waiting: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// How much of it passed since it began.
    pub fn passed(&self) -> Duration {
        Duration::from_nanos(self.passed.load(Ordering::SeqCst))
    }
}

impl Clock for VirtualTime {
    fn now(&self) -> Timestamp {
        self.began + self.passed()
    }
}

/// Waits in this time.
#[derive(Debug, Clone)]
pub struct VirtualSleep(pub Arc<VirtualTime>);

impl Sleep for VirtualSleep {
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let time = Arc::clone(&self.0);
        Box::pin(async move {
            let wait = u64::try_from(wait.as_nanos()).unwrap();
            let until = time.passed.load(Ordering::SeqCst) + wait;
            let me = (until, time.next.fetch_add(1, Ordering::SeqCst));
            time.waiting.lock().unwrap().insert(me);
            loop {
                tokio::time::sleep(REAL).await;
                let mut waiting = time.waiting.lock().unwrap();
                // Whoever wants to be woken first moves the clock for all.
                if waiting.first() == Some(&me) {
                    waiting.remove(&me);
                    time.passed.fetch_max(until, Ordering::SeqCst);
                    return;
                }
            }
        })
    }
}
