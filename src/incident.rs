//! What an incident is, and how it is run.
//!
//! [`state`] says what is true of it now, [`event`] what warroom adds to its
//! history, [`standing`] the part of it that nobody but warroom keeps,
//! [`overview`] how that part travels in the text that stakeholders read,
//! [`address`] and [`find`] what people call tasks and incidents, [`rules`] what
//! may follow what. These are pure, and free of Playbooks types: another engine
//! can stand behind them. [`runner`] carries changes out through the client.

pub mod address;
pub mod event;
pub mod find;
pub mod overview;
pub mod rules;
pub mod runner;
pub mod standing;
pub mod state;

pub use address::Place;
pub use event::{Change, Event};
pub use standing::Standing;
pub use state::{Checklist, Incident, IncidentId, Pin, Tally, Task, TaskState, Updates};
