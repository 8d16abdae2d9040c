//! Faults on demand: what goes wrong, where, and how often.
//!
//! Owns the choice of the fault that meets a request. The server carries it out.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

/// Something that goes wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Only requests of this method; `None`: of any.
    pub method: Option<String>,
    /// Only requests whose path and query contain this.
    pub path_contains: String,
    /// What happens.
    pub action: FaultAction,
    /// How many requests it meets before it is over.
    pub count: usize,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum FaultAction {
    /// Answers this status with this body, and does nothing else.
    Status(u16, String),
    /// Does what was asked, and answers this status with this body all the same.
    StatusAfter(u16, String),
    /// Closes the connection without an answer, and does nothing else.
    Drop,
    /// Does what was asked, and closes the connection without an answer.
    DropAfter,
    /// Waits, then does what was asked.
    Delay(Duration),
    /// Does what was asked, and sends half of the answer as if it were all.
    HalfAfter,
    /// Waits until the gate is opened, then does what was asked.
    Hold(Gate),
    /// Does what was asked, and answers when the gate is opened.
    HoldAfter(Gate),
}

/// Holds a request in the server until a test lets it go.
#[derive(Debug, Clone)]
pub struct Gate(Arc<GateState>);

#[derive(Debug)]
struct GateState {
    reached: Mutex<bool>,
    arrival: Condvar,
    opened: Semaphore,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(GateState {
            reached: Mutex::new(false),
            arrival: Condvar::new(),
            opened: Semaphore::new(0),
        }))
    }

    /// Waits until a request stands before the gate; answers whether one came in time.
    #[must_use]
    pub fn wait(&self, at_most: Duration) -> bool {
        let reached = self.0.reached.lock();
        let reached = reached.unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .0
            .arrival
            .wait_timeout_while(reached, at_most, |reached| !*reached);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Lets go whoever stands before it, and everybody who comes later.
    pub fn open(&self) {
        self.0.opened.close();
    }

    /// Stands before it.
    pub(crate) async fn pass(&self) {
        *self
            .0
            .reached
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.0.arrival.notify_all();
        // There is no permit: only closing it ends the wait.
        let _ = self.0.opened.acquire().await;
    }
}

/// What the Playbooks plugin does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PluginState {
    /// It runs.
    #[default]
    Running,
    /// Its process died: 500 on every path of it.
    Crashed,
    /// It is disabled, missing or unlicensed: 404 on every path of it.
    Disabled,
}

/// The faults that are still to happen.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The fault that meets this request, the oldest first; used up by one.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultAction> {
        let fault = self.waiting.iter_mut().find(|fault| {
            fault.count > 0
                && fault.method.as_deref().is_none_or(|m| m == method)
                && path.contains(&fault.path_contains)
        })?;
        fault.count -= 1;
        let action = fault.action.clone();
        self.waiting.retain(|fault| fault.count > 0);
        Some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_only_its_requests_and_only_so_often() {
        let mut faults = Faults::default();
        faults.add(Fault {
            method: Some("PUT".to_owned()),
            path_contains: "/playbooks/".to_owned(),
            action: FaultAction::Drop,
            count: 1,
        });
        assert!(faults.take("GET", "/x/playbooks/1").is_none());
        assert!(faults.take("PUT", "/x/runs/1").is_none());
        assert!(faults.take("PUT", "/x/playbooks/1").is_some());
        assert!(faults.take("PUT", "/x/playbooks/1").is_none());
    }
}
