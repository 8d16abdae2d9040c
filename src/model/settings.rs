//! `warroom.yaml`: what is true for every playbook of a workspace.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ChannelName, Duration, ExportSettings, Key, TeamName, TextSource, Username};

/// The settings of a workspace.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The format of all files of the workspace; `1`.
    pub format: Format,
    /// Names this repository in the marker of every playbook it manages.
    pub workspace: Key,
    /// Where people read a file on the web; `{path}` stands for its path. Managed playbooks link back here.
    #[serde(default)]
    #[cfg_attr(test, schemars(regex(pattern = "^https?://"), extend("format" = "warroom-url", "examples" = ["https://git.example.com/acme/playbooks/blob/main/{path}"])))]
    pub source_url: Option<String>,
    /// The Mattermost server, and what offline checks may assume of it.
    #[serde(default)]
    pub server: ServerSettings,
    /// The team of playbooks that name none.
    #[serde(default)]
    pub team: Option<TeamName>,
    /// How bad an incident can be, the most severe first.
    #[serde(default)]
    pub severities: Vec<Severity>,
    /// The states of an incident in order; the first is where it starts.
    #[serde(default = "default_statuses")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub statuses: Vec<Status>,
    /// Named jobs beside the commander, filled during an incident.
    #[serde(default)]
    pub roles: BTreeMap<Key, Role>,
    /// Templates for all playbooks; a playbook may name its own.
    #[serde(default)]
    pub templates: SettingsTemplates,
    /// How `sync` behaves.
    #[serde(default)]
    pub sync: SyncSettings,
    /// What `run export` writes into git, and where.
    #[serde(default)]
    pub export: ExportSettings,
    /// Levels of lint rules.
    #[serde(default)]
    pub lint: LintSettings,
}

/// The version of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format;

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(serde::de::Error::custom(format!(
                "format {other} is not known to this version of warroom"
            ))),
        }
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(1)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Format {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": 1, "description": "The version of the file format." })
    }
}

/// The Mattermost server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The site URL. It alone sends no token anywhere: a token belongs to the host it was given for.
    #[serde(default)]
    #[cfg_attr(test, schemars(regex(pattern = "^https?://"), extend("format" = "warroom-site", "examples" = ["https://chat.example.com"])))]
    pub url: Option<String>,
    /// The version of the Playbooks plugin that checks may assume, such as `"2.11"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(regex(pattern = r"^[0-9]+\.[0-9]+(\.[0-9]+)?$")))]
    #[cfg_attr(test, schemars(example = &"2.11"))]
    pub playbooks: Option<String>,
    /// The licence tier that checks may assume.
    #[serde(default)]
    pub tier: Tier,
}

/// What the server's licence allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Team Edition: no Playbooks.
    Core,
    /// Professional: Playbooks without private playbooks, attributes and conditions.
    Professional,
    /// Enterprise, Enterprise Advanced or the free Entry edition: everything.
    #[default]
    Enterprise,
}

/// One level of severity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Its name in commands and conditions.
    pub key: Key,
    /// Its name for people.
    #[cfg_attr(test, schemars(example = &"SEV-1"))]
    pub title: String,
    /// When an incident has this severity.
    #[serde(default)]
    #[cfg_attr(test, schemars(example = &"Customers cannot use a core service"))]
    pub means: String,
    /// How often stakeholders hear a status update; default: the playbook's `updates.every`.
    #[serde(default)]
    pub update_every: Option<Duration>,
}

/// One state of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Its name in commands.
    pub key: Key,
    /// Its name for people.
    #[cfg_attr(test, schemars(example = &"Monitoring"))]
    pub title: String,
    /// An incident that reaches it is over.
    #[serde(default)]
    pub ends: bool,
}

/// A named job in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name for people.
    #[cfg_attr(test, schemars(example = &"Communications"))]
    pub title: String,
    /// What whoever has it does.
    #[serde(default)]
    #[cfg_attr(
        test,
        schemars(example = &"Writes every status update; the only voice to the outside")
    )]
    pub duty: String,
}

/// Templates that hold for all playbooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsTemplates {
    /// What announcements in other channels say.
    #[serde(default)]
    pub announcement: Option<TextSource>,
    /// The post-mortem that `run export` writes.
    #[serde(default)]
    pub postmortem: Option<TextSource>,
}

/// How `sync` behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncSettings {
    /// The only account that may sync; it stays an editor of every managed playbook.
    #[serde(default)]
    pub account: Option<Username>,
    /// What to do with a playbook that somebody edited in Mattermost.
    #[serde(default)]
    pub on_drift: OnDrift,
    /// Whether playbooks whose file vanished are archived.
    #[serde(default)]
    pub prune: PruneSettings,
    /// The channel that hears of every sync that changed something.
    #[serde(default)]
    pub announce: Option<ChannelName>,
}

/// What to do when Mattermost differs from what was last written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// Leave that playbook alone and show both sides.
    #[default]
    Refuse,
    /// Write what git says.
    Overwrite,
}

/// Whether vanished playbooks are archived, and how many at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PruneSettings {
    /// Archive playbooks whose file vanished without being asked with `--prune`.
    #[serde(default)]
    pub enabled: bool,
    /// The most that one sync may archive of the managed playbooks, or remove of the tasks or members of one: a number, or a share such as `20%`, rounded up.
    #[serde(default)]
    pub at_most: Budget,
}

/// How many objects one sync may remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// That many.
    Count(u32),
    /// That many percent of the managed ones, rounded up.
    Percent(u8),
}

impl Default for Budget {
    fn default() -> Self {
        Self::Percent(20)
    }
}

impl Budget {
    /// How many of `managed` objects may be removed.
    #[must_use]
    pub fn of(self, managed: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Percent(percent) => (managed * usize::from(percent)).div_ceil(100),
        }
    }
}

impl std::str::FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is neither a number nor a share such as `20%`");
        match text.strip_suffix('%') {
            Some(percent) => match percent.parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(refused()),
            },
            None => text.parse().map(Self::Count).map_err(|_| refused()),
        }
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Count(u32),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Count(count) => Ok(Self::Count(count)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl Serialize for Budget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::Percent(_) => serializer.collect_str(self),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Budget {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Budget".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 1_000_000,
            "format": "warroom-budget",
            "pattern": "^([0-9]|[1-9][0-9]|100)%$",
            "examples": [5, "20%"],
            "description": "A number, or a share of the managed objects such as `20%`, rounded up.",
        })
    }
}

/// Levels of lint rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LintSettings {
    /// For each rule by its id, such as `K-10`, how seriously it is taken.
    #[serde(default)]
    pub levels: BTreeMap<String, RuleLevel>,
}

/// How seriously a rule is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// The rule is not checked.
    Off,
    /// Told, and never fails.
    Info,
    /// Fails with `--strict`.
    Warn,
    /// Fails.
    Error,
}

fn default_statuses() -> Vec<Status> {
    [
        ("reported", "Reported", false),
        ("active", "Active", false),
        ("resolved", "Resolved", true),
        ("archived", "Archived", true),
    ]
    .into_iter()
    .map(|(key, title, ends)| Status {
        key: key.parse().expect("these keys are written two lines above"),
        title: title.to_owned(),
        ends,
    })
    .collect()
}

impl Settings {
    /// Where people read the file at `path` on the web.
    #[must_use]
    pub fn source_of(&self, path: &str) -> Option<String> {
        let url = self.source_url.as_ref()?;
        Some(url.replace("{path}", path))
    }

    /// The texts it names, with the JSON pointer of each.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &TextSource)> {
        let templates = &self.templates;
        [
            ("/templates/announcement", templates.announcement.as_ref()),
            ("/templates/postmortem", templates.postmortem.as_ref()),
        ]
        .into_iter()
        .filter_map(|(pointer, text)| text.map(|text| (pointer, text)))
    }

    /// The severity of that key.
    #[must_use]
    pub fn severity(&self, key: &str) -> Option<&Severity> {
        self.severities.iter().find(|s| s.key.as_str() == key)
    }

    /// The status of that key.
    #[must_use]
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.iter().find(|s| s.key.as_str() == key)
    }
}
