//! What the files of a workspace say, as types.
//!
//! Owns playbooks, permissions, settings and the small values in them
//! (durations, keys, names of people and channels). Pure: knows no file, no
//! server and no clock, and uses nothing else of ours. The doc comments of the
//! types become the descriptions in `schema/*.schema.json`, so they are written
//! for the people who edit YAML.

mod address;
mod duration;
mod export;
mod feature;
mod formula;
mod name;
mod permissions;
mod playbook;
mod settings;
mod stable_id;
mod text;

pub use address::{SiteError, site_url, web_url};
pub use duration::{Duration, DurationError};
pub use export::{ExportSettings, FolderProblem, PeoplePolicy, Transcript};
pub use feature::{Feature, Need};
pub(crate) use formula::{Choice, Formula, Variable, variables};
pub use name::{ChannelName, Key, NameError, Person, TeamName, Username};
pub use permissions::{
    ChannelVisibility, Group, IncidentAccess, Members, Permissions, PlaybookAccess, Profile,
    ServerRoles, Visibility,
};
pub use playbook::{
    Assign, Attribute, AttributeKind, AttributeSource, Checklist, DoneWhen, Metric, MetricKind,
    MetricTarget, Playbook, PlaybookTemplates, Progression, Retrospective, Review, RunChannel,
    Show, Start, Task, TextFormat, Unmanaged, Updates, When,
};
pub use settings::{
    Budget, Format, LintSettings, OnDrift, PruneSettings, Role, RuleLevel, ServerSettings,
    Settings, SettingsTemplates, Severity, Status, SyncSettings, Tier,
};
pub use stable_id::{checklist_id, option_id, task_id};
pub use text::{SecretRef, TemplatePath, TextSource};
