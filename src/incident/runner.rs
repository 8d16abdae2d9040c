//! Carrying verbs of an incident out through the client.
//!
//! [`Runner`] is the only part of `incident` that writes. It opens an incident
//! (may the caller change it? is it over? what do we know of it?), sends one write
//! at a time, reads back, and ends by rendering the overview anew. What stands
//! between a server that answers doubtfully and a second incident of the same
//! outage is here, too. Must not print or ask.

mod announce;
mod assign;
mod attributes;
mod definition;
mod end;
mod error;
pub mod history;
pub mod locate;
pub mod look;
pub mod observe;
mod open;
mod people;
mod record;
pub mod scene;
mod set;
mod severity;
mod start;
mod tasks;
mod update;
mod words;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Clock;
use crate::incident::{Event, Incident, Standing};
use crate::mattermost::core::User;
use crate::mattermost::playbooks::Run;
use crate::mattermost::{ApiError, PostId, Reader, Writer};

pub use assign::Assignee;
pub use attributes::Typed;
pub use definition::{Definition, Sources};
pub use error::RunnerError;
pub use people::People;
pub use start::Order;
pub use tasks::TaskVerb;
pub use update::{Draft, UpdateOrder};

/// Carries verbs out.
#[derive(Clone)]
pub struct Runner<'a> {
    /// Talks to the server in the name of whoever acts.
    pub writer: Writer,
    /// Where playbooks come from.
    pub sources: Sources<'a>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a verb did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The incident after it.
    pub incident: Incident,
    /// What was done, a sentence each.
    pub did: Vec<String>,
    /// What was to be done as well and did not succeed.
    pub warnings: Vec<String>,
}

/// An incident that the caller may change.
#[derive(Debug, Clone)]
struct Active {
    me: User,
    run: Run,
    people: People,
    standing: Standing,
    definition: Definition,
    description: String,
    channel: Option<String>,
    /// An incident of the web app that has to be adopted by the first write.
    adopting: bool,
    /// What this verb recorded, by post.
    events: Vec<(PostId, Event)>,
    did: Vec<String>,
    /// How many sentences of `did` say that there was nothing to do.
    idle: usize,
    warnings: Vec<String>,
}

impl Runner<'_> {
    fn reader(&self) -> &Reader {
        &self.writer
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn observe(&self, active: &Active) -> Incident {
        let beside = observe::Beside {
            standing: Some(&active.standing),
            definition: Some(&active.definition),
            people: &active.people,
            site: self.reader().site(),
            channel: active.channel.as_deref(),
            description: &active.description,
        };
        observe::incident(&active.run, &beside)
    }

    /// Reads the run after a write, and says what remains in doubt about the write.
    async fn read_back(
        &self,
        active: &mut Active,
        answer: Result<(), ApiError>,
    ) -> Result<Option<ApiError>, RunnerError> {
        let doubt = match answer {
            Err(error) if !error.may_have_happened() => return Err(error.into()),
            answer => answer.err(),
        };
        match self.reader().run(&active.run.id).await {
            Ok(run) => active.run = run,
            Err(error) => return Err(doubt.unwrap_or(error).into()),
        }
        Ok(doubt)
    }

    /// What a verb came to; of one that failed halfway, what it did before.
    fn conclude(
        &self,
        active: Active,
        done: Result<(), RunnerError>,
    ) -> Result<Outcome, RunnerError> {
        match done {
            Ok(()) => Ok(self.outcome(active)),
            Err(cause) if active.did.len() > active.idle => Err(RunnerError::Partly {
                did: active.did,
                cause: Box::new(cause),
            }),
            Err(cause) => Err(cause),
        }
    }

    fn outcome(&self, active: Active) -> Outcome {
        Outcome {
            incident: self.observe(&active),
            did: active.did,
            warnings: active.warnings,
        }
    }
}

impl Active {
    /// Says that something was so already.
    fn note(&mut self, sentence: String) {
        self.did.push(sentence);
        self.idle += 1;
    }
}
