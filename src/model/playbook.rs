//! `playbooks/**.yaml`: one playbook a file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    ChannelName, Duration, Key, NameError, Person, SecretRef, Settings, TeamName, TextSource,
    Username,
};

/// A playbook: how one kind of incident is handled.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its identity: equals the file name without `.yaml`, and is never reused.
    pub key: Key,
    /// Its name in Mattermost.
    #[cfg_attr(test, schemars(length(min = 1, max = 1024)))]
    #[cfg_attr(test, schemars(example = &"Service outage"))]
    pub title: String,
    /// What it is for, in Markdown.
    #[serde(default)]
    #[cfg_attr(
        test,
        schemars(example = &"A service that customers use is down or badly degraded.")
    )]
    pub description: String,
    /// The team it belongs to; default: `team` of `warroom.yaml`.
    #[serde(default)]
    pub team: Option<TeamName>,
    /// Several teams: one playbook in each.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub teams: Option<Vec<TeamName>>,
    /// The access profile of `permissions.yaml` that says who may see, use and edit it.
    pub access: Key,
    /// Who looks at it again, and until when.
    #[serde(default)]
    pub review: Option<Review>,
    /// What happens when an incident starts.
    #[serde(default)]
    pub start: Start,
    /// Facts that each incident carries.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Whether the checklists are stages, worked through in order.
    #[serde(default)]
    pub progression: Progression,
    /// The work, in the order in which it is shown.
    pub checklists: Vec<Checklist>,
    /// Status updates; without this key they are off.
    #[serde(default)]
    pub updates: Option<Updates>,
    /// The retrospective in Mattermost; without this key it is off.
    #[serde(default)]
    pub retrospective: Option<Retrospective>,
    /// Templates of this playbook that replace those of `warroom.yaml`.
    #[serde(default)]
    pub templates: PlaybookTemplates,
    /// Fields that `sync` leaves as they are in Mattermost.
    #[serde(default)]
    pub unmanaged: Vec<Unmanaged>,
    /// The key it had before: the playbook of that key is taken over, with its history and its incidents.
    #[serde(default)]
    #[cfg_attr(test, schemars(example = &"service-down"))]
    pub moved_from: Option<Key>,
    /// Never archived and never released by `sync`: first take this away and sync, then remove the file.
    #[serde(default)]
    pub protected: bool,
}

/// Who looks at a playbook again, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who answers for it.
    pub owner: Username,
    /// The day until which it is to be looked at again, such as `2027-03-31`.
    #[cfg_attr(
        test,
        schemars(
            with = "String",
            regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
            extend("format" = "date")
        )
    )]
    #[cfg_attr(test, schemars(example = &"2027-03-31"))]
    pub by: jiff::civil::Date,
}

/// What happens when an incident starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Who commands at first; default: whoever starts the incident.
    #[serde(default)]
    pub commander: Option<Username>,
    /// Who is invited into the channel.
    #[serde(default)]
    pub invite: Vec<Person>,
    /// The channel of the incident.
    #[serde(default)]
    pub channel: RunChannel,
    /// The letters before the number of each incident: `OUT` gives `OUT-00007`.
    #[serde(default)]
    #[cfg_attr(
        test,
        schemars(
            regex(pattern = "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"),
            length(max = 32)
        )
    )]
    #[cfg_attr(test, schemars(example = &"OUT"))]
    pub number_prefix: Option<String>,
    /// Channels that are told about the start, a handover and the end, beside those of `updates.broadcast`.
    #[serde(default)]
    pub announce: Vec<ChannelName>,
    /// Addresses that Mattermost calls when an incident starts; only as references to secrets.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 64)))]
    pub webhooks: Vec<SecretRef>,
    /// What newcomers to the channel read.
    #[serde(default)]
    pub welcome: Option<TextSource>,
    /// The overview of the incident, kept up to date as its summary.
    #[serde(default)]
    pub overview: Option<TextSource>,
}

/// The channel of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunChannel {
    /// A template of Mattermost that replaces the name people give, such as `{SEQ}-{Service}`.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1, max = 1024)))]
    #[cfg_attr(test, schemars(example = &"{SEQ}-{Service}"))]
    pub name: Option<String>,
    /// An existing channel to use instead of a new one.
    #[serde(default)]
    pub link: Option<ChannelName>,
    /// The sidebar category that shows the channel; at most 22 bytes.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1, max = 22)))]
    #[cfg_attr(test, schemars(example = &"Incidents"))]
    pub category: Option<String>,
    /// Archive the channel when the incident ends.
    #[serde(default)]
    pub archive_when_ended: bool,
    /// Every incident gets a new channel: starting one in an existing channel is refused.
    #[serde(default)]
    pub always_new: bool,
    /// Whoever leaves the incident leaves its channel, too.
    #[serde(default)]
    pub remove_leavers: bool,
}

/// A fact that each incident carries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name in conditions and templates.
    pub key: Key,
    /// Its name in Mattermost.
    #[cfg_attr(test, schemars(length(min = 1, max = 255)))]
    #[cfg_attr(test, schemars(example = &"Affected service"))]
    pub name: String,
    /// The `name` it had before: it is renamed in Mattermost, and keeps its values.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1, max = 255)))]
    #[cfg_attr(test, schemars(example = &"Service"))]
    pub moved_from: Option<String>,
    /// What kind of value it takes; left out with `from`.
    #[serde(default, rename = "type")]
    pub kind: Option<AttributeKind>,
    /// The values to choose from, for `select` and `multiselect`.
    #[serde(default)]
    #[cfg_attr(test, schemars(example = ["checkout", "search"]))]
    pub options: Vec<String>,
    /// Takes its options from elsewhere in the workspace.
    #[serde(default)]
    pub from: Option<AttributeSource>,
    /// How a text is shown.
    #[serde(default)]
    pub format: Option<TextFormat>,
    /// When Mattermost shows it.
    #[serde(default)]
    pub show: Show,
}

/// The kind of an attribute's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// Any text.
    Text,
    /// One of `options`.
    Select,
    /// Any of `options`.
    Multiselect,
    /// A date.
    Date,
    /// A person.
    User,
    /// Several people.
    Multiuser,
}

/// Where an attribute takes its options from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttributeSource {
    /// The severities of `warroom.yaml`.
    Severities,
}

/// How a text attribute is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// As a link.
    Url,
}

/// When Mattermost shows an attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Always.
    Always,
    /// Only once it has a value.
    #[default]
    WhenSet,
    /// Never.
    Hidden,
}

/// Whether the checklists are stages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progression {
    /// Checklists may be worked on in any order.
    #[default]
    Free,
    /// Checklists are stages, worked through in order.
    Staged,
}

/// A group of tasks; a stage when `progression` is `staged`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Its identity within the playbook; renaming the title keeps it.
    pub key: Key,
    /// Its name for people.
    #[cfg_attr(test, schemars(length(min = 1)))]
    #[cfg_attr(test, schemars(example = &"Mitigate"))]
    pub title: String,
    /// The work of this group, in order.
    pub tasks: Vec<Task>,
}

/// One step of work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its identity within the checklist; renaming the title keeps it.
    pub key: Key,
    /// What to do, in one line.
    #[cfg_attr(test, schemars(length(min = 1)))]
    #[cfg_attr(
        test,
        schemars(example = &"Confirm the outage from outside the network")
    )]
    pub title: String,
    /// How to do it, in Markdown.
    #[serde(default)]
    #[cfg_attr(
        test,
        schemars(
            example = "Do what a customer does, from a phone. **Trap:** the monitoring may be what is broken."
        )
    )]
    pub description: String,
    /// Who does it: `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`.
    #[serde(default)]
    pub assign: Option<Assign>,
    /// Until when, counted from the start of the incident.
    #[serde(default)]
    pub due: Option<Duration>,
    /// The incident should not end without it.
    #[serde(default)]
    pub required: bool,
    /// A slash command that the task offers.
    #[serde(default)]
    #[cfg_attr(test, schemars(regex(pattern = "^/")))]
    #[cfg_attr(test, schemars(example = &"/playbook update"))]
    pub command: Option<String>,
    /// The task exists only when these attributes have these values.
    #[serde(default)]
    pub when: Option<When>,
    /// The task closes itself when somebody posts one of these keywords.
    #[serde(default)]
    pub done_when: Option<DoneWhen>,
}

/// Who does a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assign {
    /// Whoever commands.
    Commander,
    /// Whoever started the incident.
    Creator,
    /// Whoever has the role.
    Role(Key),
    /// The person in an attribute.
    Attribute(Key),
    /// That person.
    User(Username),
}

impl FromStr for Assign {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |error: NameError| error.to_string();
        match text.split_once(':') {
            None if text == "commander" => Ok(Self::Commander),
            None if text == "creator" => Ok(Self::Creator),
            Some(("role", name)) => name.parse().map(Self::Role).map_err(named),
            Some(("attribute", key)) => key.parse().map(Self::Attribute).map_err(named),
            Some(("user", name)) => name.parse().map(Self::User).map_err(named),
            _ => Err(format!(
                "`{text}` does not say who does the task; write `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`"
            )),
        }
    }
}

impl fmt::Display for Assign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commander => f.write_str("commander"),
            Self::Creator => f.write_str("creator"),
            Self::Role(name) => write!(f, "role:{name}"),
            Self::Attribute(key) => write!(f, "attribute:{key}"),
            Self::User(name) => write!(f, "user:{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for Assign {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Assign {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Assign {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Assign".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(commander|creator|(role|attribute):[a-z0-9]([a-z0-9-]*[a-z0-9])?|user:[a-z0-9][a-z0-9._-]*)$",
            "format": "warroom-assign",
            "examples": ["commander", "creator", "role:comms", "attribute:vendor", "user:bob"],
            "description": "Who does the task: `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`.",
        })
    }
}

/// Attributes and the values they must have: all of these; `any` and `not` combine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("examples" = [{ "service": ["checkout"], "not": { "severity": ["sev3"] } }])))]
pub struct When {
    /// At least one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<When>,
    /// This does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<When>>,
    /// For each attribute the values of which it must have one.
    #[serde(flatten)]
    pub attributes: BTreeMap<Key, Vec<String>>,
}

/// What closes a task by itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DoneWhen {
    /// A post with one of these in the incident's channel closes the task.
    #[cfg_attr(test, schemars(length(min = 1)))]
    #[cfg_attr(test, schemars(example = ["status page updated"]))]
    pub keywords: Vec<String>,
    /// Only posts of these people count; default: everybody's.
    #[serde(default)]
    pub from: Vec<Username>,
}

/// Status updates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Updates {
    /// How often stakeholders hear a status update; a severity may say otherwise.
    pub every: Duration,
    /// What an update says.
    #[serde(default)]
    pub template: Option<TextSource>,
    /// Channels that hear the start of an incident and every update.
    #[serde(default)]
    pub broadcast: Vec<ChannelName>,
    /// Addresses that Mattermost calls with every update; only as references to secrets.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 64)))]
    pub webhooks: Vec<SecretRef>,
}

/// The retrospective in Mattermost.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retrospective {
    /// What the retrospective starts with.
    #[serde(default)]
    pub template: Option<TextSource>,
    /// How often an open retrospective is asked for; default: once, at the end.
    #[serde(default)]
    pub remind_every: Option<Duration>,
    /// Numbers that each retrospective asks for; at most four.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 4)))]
    pub metrics: Vec<Metric>,
}

/// A number that each retrospective asks for.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name in commands and exports.
    pub key: Key,
    /// Its name in Mattermost.
    #[cfg_attr(test, schemars(length(min = 1, max = 512)))]
    #[cfg_attr(test, schemars(example = &"Time to mitigate"))]
    pub title: String,
    /// The `title` it had before: it is renamed in Mattermost, and keeps its values.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1, max = 512)))]
    #[cfg_attr(test, schemars(example = &"Downtime"))]
    pub moved_from: Option<String>,
    /// What it counts.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// The value to stay below: a duration such as `30m`, or a whole number.
    #[serde(default)]
    pub target: Option<MetricTarget>,
    /// What exactly is measured.
    #[serde(default)]
    #[cfg_attr(
        test,
        schemars(example = &"From the first symptom until customers could work again.")
    )]
    pub description: String,
}

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Time.
    Duration,
    /// Money.
    Currency,
    /// Things.
    Integer,
}

/// The target of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum MetricTarget {
    /// A number.
    Number(i64),
    /// A span of time.
    Duration(Duration),
}

// One schema for both forms: a union would only say that neither matched.
#[cfg(test)]
impl schemars::JsonSchema for MetricTarget {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MetricTarget".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["integer", "string"],
            "format": "warroom-duration",
            "examples": [0, "30m"],
            "description": "A whole number, or a span of time such as `30m`.",
        })
    }
}

/// Templates of one playbook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaybookTemplates {
    /// What announcements in other channels say.
    #[serde(default)]
    pub announcement: Option<TextSource>,
    /// The post-mortem that `run export` writes.
    #[serde(default)]
    pub postmortem: Option<TextSource>,
}

/// A part of a playbook that `sync` leaves as it is in Mattermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unmanaged {
    /// The addresses of `start.webhooks` and `updates.webhooks`.
    Webhooks,
    /// The members given by `access`.
    Members,
}

impl Playbook {
    /// The key that the ids of its checklists, tasks and options follow from.
    ///
    /// A renamed playbook keeps the ids of its old key: incidents that were started before
    /// carry them, and a verb would not know their tasks any more. No other playbook can
    /// have those ids, since none may have that key while this one names it.
    #[must_use]
    pub fn ids_key(&self) -> &Key {
        self.moved_from.as_ref().unwrap_or(&self.key)
    }

    /// Whether an incident of that key is one of this playbook.
    #[must_use]
    pub fn answers_to(&self, key: &Key) -> bool {
        self.key == *key || self.moved_from.as_ref() == Some(key)
    }

    /// Every task with the index of its checklist and its own.
    pub fn tasks(&self) -> impl Iterator<Item = (usize, usize, &Task)> {
        self.checklists
            .iter()
            .enumerate()
            .flat_map(|(n, checklist)| {
                let tasks = checklist.tasks.iter().enumerate();
                tasks.map(move |(i, task)| (n, i, task))
            })
    }

    /// The teams it is brought into: its own, or the workspace's default.
    #[must_use]
    pub fn teams_or<'a>(&'a self, default: Option<&'a TeamName>) -> Vec<&'a TeamName> {
        match &self.teams {
            Some(teams) => teams.iter().collect(),
            None => self.team.as_ref().or(default).into_iter().collect(),
        }
    }

    /// The texts that its incidents get, with the JSON pointer of each: its own, and those of
    /// the workspace where it has none.
    pub fn texts_or<'a>(
        &'a self,
        default: &'a Settings,
    ) -> impl Iterator<Item = (&'static str, &'a TextSource)> {
        let given = default.texts();
        let given = given.filter(|(at, _)| !self.texts().any(|(own, _)| own == *at));
        self.texts().chain(given)
    }

    /// The texts it names, with the JSON pointer of each.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &TextSource)> {
        let updates = self.updates.as_ref().and_then(|u| u.template.as_ref());
        let retrospective = self
            .retrospective
            .as_ref()
            .and_then(|r| r.template.as_ref());
        [
            ("/start/welcome", self.start.welcome.as_ref()),
            ("/start/overview", self.start.overview.as_ref()),
            ("/updates/template", updates),
            ("/retrospective/template", retrospective),
            (
                "/templates/announcement",
                self.templates.announcement.as_ref(),
            ),
            ("/templates/postmortem", self.templates.postmortem.as_ref()),
        ]
        .into_iter()
        .filter_map(|(pointer, text)| text.map(|text| (pointer, text)))
    }
}
