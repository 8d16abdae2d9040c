//! The Playbooks API v0: playbooks, their attributes and conditions, runs, their
//! checklists, channel actions.
//!
//! Reading calls hang on [`Reader`](super::Reader), writing ones on
//! [`Writer`](super::Writer). Sends no text over a limit: some only fail, one
//! kills the plugin. Does not verify what a write did: the server drops some
//! values silently, so callers read again.

mod action;
mod attribute;
mod condition;
mod playbook;
mod read;
mod run;
mod value;
mod version;
mod write_playbook;
mod write_run;

pub use action::{ActionType, ChannelAction, TriggerType};
pub use attribute::{FieldAttrs, FieldKind, FieldOption, PropertyField, Visibility};
pub use condition::{Compared, Comparison, Condition, Expression};
pub use playbook::{
    ChannelMode, Checklist, Item, ItemState, Member, Metric, MetricType, Playbook, PlaybookEntry,
};
pub use read::Archived;
pub use run::{
    EventType, MetricValue, NewRun, NewStatusUpdate, Run, RunFilter, RunStatus, StatusPost,
    StatusUpdate, TimelineEvent,
};
pub use value::PropertyValue;
pub use version::{Feature, PlaybooksVersion};
pub use write_run::{AssigneeRole, ItemAt};
