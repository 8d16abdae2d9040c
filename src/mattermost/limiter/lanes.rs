//! How many requests of one kind are under way at the same time.
//!
//! Owns the number: halved when the server is in trouble, one more after as many good
//! answers as there are lanes. What was sent before the last halving halves nothing
//! again: eight answers of one bad moment are one piece of news.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lanes of one kind.
#[derive(Debug)]
pub(super) struct Lanes {
    most: usize,
    free: Semaphore,
    width: Mutex<Width>,
}

#[derive(Debug)]
struct Width {
    /// How many there are now.
    open: usize,
    /// How many are to be closed when they get free.
    closing: usize,
    under_way: usize,
    /// Good answers since the width changed.
    good: usize,
    /// How often it was narrowed.
    times: u64,
}

/// A lane that is taken.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    lanes: &'a Lanes,
    lane: Option<SemaphorePermit<'a>>,
    /// How often it had been narrowed when it was entered.
    times: u64,
}

impl Lanes {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            free: Semaphore::new(most),
            width: Mutex::new(Width {
                open: most,
                closing: 0,
                under_way: 0,
                good: 0,
                times: 0,
            }),
        }
    }

    /// Waits for a free lane.
    pub(super) async fn enter(&self) -> Pass<'_> {
        // It is never closed: without a permit there is no limit, and no harm.
        let lane = self.free.acquire().await.ok();
        let mut width = self.width();
        width.under_way += 1;
        Pass {
            lanes: self,
            lane,
            times: width.times,
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.width().under_way
    }

    /// Half as many from now on, at least one.
    pub(super) fn narrow(&self) {
        let mut width = self.width();
        let half = (width.open / 2).max(1);
        let fewer = width.open - half;
        width.closing += fewer - self.free.forget_permits(fewer);
        width.open = half;
        width.good = 0;
        width.times += 1;
    }

    fn width(&self) -> MutexGuard<'_, Width> {
        self.width.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Whether nothing was narrowed since it was entered.
    pub(super) fn is_of_this_time(&self) -> bool {
        self.lanes.width().times == self.times
    }

    /// One lane more after enough good answers.
    pub(super) fn went_well(&self) {
        let mut width = self.lanes.width();
        width.good += 1;
        if width.good >= width.open && width.open < self.lanes.most {
            width.good = 0;
            width.open += 1;
            if width.closing > 0 {
                width.closing -= 1;
            } else {
                self.lanes.free.add_permits(1);
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut width = self.lanes.width();
        width.under_way -= 1;
        if width.closing > 0
            && let Some(lane) = self.lane.take()
        {
            width.closing -= 1;
            lane.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Enters as often as there is a free lane.
    fn fill(lanes: &Lanes) -> Vec<Pass<'_>> {
        std::iter::from_fn(|| lanes.enter().now_or_never()).collect()
    }

    #[test]
    fn trouble_halves_and_good_answers_bring_back() {
        let lanes = Lanes::new(8);
        let passes = fill(&lanes);
        assert_eq!((passes.len(), lanes.under_way()), (8, 8));
        lanes.narrow();
        assert!(
            !passes[0].is_of_this_time(),
            "the other seven say nothing new"
        );
        drop(passes);
        assert_eq!(fill(&lanes).len(), 4);
        for _ in 0..6 {
            lanes.narrow();
        }
        let passes = fill(&lanes);
        assert_eq!(passes.len(), 1, "one always gets through");
        for _ in 0..1 + 2 + 3 + 4 + 5 + 6 + 7 {
            passes[0].went_well();
        }
        drop(passes);
        assert_eq!(fill(&lanes).len(), 8);
        assert_eq!(lanes.under_way(), 0);
    }

    #[test]
    fn whoever_gives_up_waiting_takes_no_lane_along() {
        let lanes = Lanes::new(1);
        let pass = lanes.enter().now_or_never();
        let mut waiting = Box::pin(lanes.enter());
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(waiting);
        drop(pass);
        assert_eq!(fill(&lanes).len(), 1);
    }
}
