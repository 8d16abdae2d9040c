//! How far a comparison or a sync is, as values for whoever wants to show it.
//!
//! Owns what is told. Nothing here prints, and nothing waits for whoever listens.

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What is being done.
    pub stage: Stage,
    /// How many playbooks are done with.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Playbooks are read in full.
    Reading,
    /// Playbooks are written.
    Writing,
}

/// Is told how far something is.
pub type Listener<'a> = &'a dyn Fn(Event);

/// Tells nobody.
pub fn quietly(_: Event) {}

/// Counts what is done, and tells.
pub(super) struct Count<'a> {
    listener: Listener<'a>,
    event: Event,
}

impl<'a> Count<'a> {
    /// Nothing of `total` is done.
    pub(super) fn new(stage: Stage, total: usize, listener: Listener<'a>) -> Self {
        let event = Event {
            stage,
            done: 0,
            total,
        };
        listener(event);
        Self { listener, event }
    }

    /// One more is done.
    pub(super) fn one(&mut self) {
        self.event.done += 1;
        (self.listener)(self.event);
    }
}
