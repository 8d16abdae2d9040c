//! What a playbook amounts to, as types.
//!
//! Serialized as they are for `warroom render --format json`: what programs read
//! changes with them.

use serde::Serialize;

use crate::model::{
    AttributeKind, ChannelName, ChannelVisibility, Duration, Key, Progression, RunChannel, Show,
    TeamName, TextFormat, Unmanaged, Username, Visibility,
};

/// A playbook as it takes effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effective {
    /// Its key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Its file.
    pub file: String,
    /// What it is for.
    pub description: String,
    /// The teams it is brought into; none where nobody names one.
    pub teams: Vec<TeamName>,
    /// Who looks at it again.
    pub review: Option<EffectiveReview>,
    /// Who may what.
    pub access: Access,
    /// What happens at the start.
    pub start: Start,
    /// What each incident carries.
    pub attributes: Vec<EffectiveAttribute>,
    /// Whether the checklists are stages.
    pub progression: Progression,
    /// The work.
    pub checklists: Vec<EffectiveChecklist>,
    /// Status updates; none where they are off.
    pub updates: Option<EffectiveUpdates>,
    /// Whether there is a retrospective in Mattermost.
    pub retrospective: bool,
    /// How often an open retrospective is asked for; none: once, at the end.
    pub remind_every: Option<Duration>,
    /// The titles of the numbers that each retrospective asks for.
    pub metrics: Vec<String>,
    /// What each kind of message is made from.
    pub templates: Vec<UsedTemplate>,
    /// What `sync` leaves alone.
    pub unmanaged: Vec<Unmanaged>,
}

/// Who looks at a playbook again, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveReview {
    /// Who.
    pub owner: Username,
    /// Until when.
    pub by: jiff::civil::Date,
}

/// Who may what, by the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The profile's name.
    pub profile: Key,
    /// Who sees the playbook.
    pub visibility: Visibility,
    /// Who may see it and start incidents from it.
    #[serde(rename = "use")]
    pub users: Vec<Who>,
    /// Who may also edit it.
    #[serde(rename = "edit")]
    pub editors: Vec<Who>,
    /// Nobody else can edit it.
    pub only_editors_edit: bool,
    /// Who sees an incident.
    pub channel: ChannelVisibility,
    /// Only the commander may end, restart or hand over.
    pub commander_decides: bool,
    /// Whether an incident may be exported.
    pub export: bool,
}

/// A person or group, with the people it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Who {
    /// As written.
    pub name: String,
    /// The people; empty for a group that only Mattermost knows.
    pub people: Vec<Username>,
    /// The group of Mattermost that knows them.
    pub mattermost_group: Option<Username>,
}

/// What happens at the start of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Who commands; none: whoever starts it.
    pub commander: Option<Username>,
    /// Who is invited.
    pub invite: Vec<Who>,
    /// The channel.
    pub channel: RunChannel,
    /// The letters before its number.
    pub number_prefix: Option<String>,
    /// Channels that hear of start, handover and end.
    pub told: Vec<ChannelName>,
    /// The environment variables that hold addresses to call.
    pub webhooks: Vec<String>,
}

/// What each incident carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveAttribute {
    /// Its key.
    pub key: Key,
    /// Its name in Mattermost.
    pub name: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: AttributeKind,
    /// What can be chosen.
    pub options: Vec<String>,
    /// How a text is shown.
    pub format: Option<TextFormat>,
    /// When it is shown.
    pub show: Show,
}

/// A checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveChecklist {
    /// Its number, from 1.
    pub number: usize,
    /// Its key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Its tasks.
    pub tasks: Vec<EffectiveTask>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveTask {
    /// Its number, such as `2.3`.
    pub number: String,
    /// Its key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// How to do it.
    pub description: String,
    /// Who does it, in words; none where nobody is named.
    pub assignee: Option<String>,
    /// Until when, from the start.
    pub due: Option<Duration>,
    /// The incident should not end without it.
    pub required: bool,
    /// When it exists, in words; none: always.
    pub condition: Option<String>,
    /// The slash command it offers.
    pub command: Option<String>,
    /// A post with one of these closes it.
    pub keywords: Vec<String>,
    /// Only posts of these people count; empty: everybody's.
    pub keywords_from: Vec<Username>,
}

/// Status updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveUpdates {
    /// How often, where the severity says nothing else.
    pub every: Duration,
    /// How often for each severity, the most severe first.
    pub by_severity: Vec<SeverityInterval>,
    /// Channels that hear each.
    pub broadcast: Vec<ChannelName>,
    /// The environment variables that hold addresses to call.
    pub webhooks: Vec<String>,
}

/// How often stakeholders of an incident of that severity hear an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeverityInterval {
    /// The severity.
    pub severity: Key,
    /// How often.
    pub every: Duration,
}

/// What a kind of message is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsedTemplate {
    /// The kind.
    pub kind: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// The file.
    pub file: Option<String>,
}

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From a template.
    File,
    /// It stands in the YAML.
    Inline,
    /// From warroom itself.
    BuiltIn,
    /// There is no such message.
    Nowhere,
}
