//! The canonical form of a playbook: its managed fields, with names instead of ids.
//!
//! Owns the one type that both sides are brought into, its digest, and the list of
//! fields in which two states differ. The same type comes from git and from the
//! server, so that comparing is one function. Holds no id that a server made, no
//! computed field, and no secret: of webhooks only how many are set.

mod metric;
mod when;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::marker::Digest;
use crate::mattermost::playbooks::{FieldKind, Visibility as Show};
use crate::model::{ChannelVisibility, Duration, Unmanaged, Visibility};
pub use metric::MetricState;
pub use when::{ComparisonState, ValuesState, WhenState};

/// What stands before the name of an attribute that tells who does a task.
pub const BY_ATTRIBUTE: &str = "attribute:";

/// The managed fields of a playbook; each is named as in YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the server has a switch for each automation"
)]
pub struct PlaybookState {
    /// Its name.
    pub title: String,
    /// What it is for, without the marker.
    pub description: String,
    /// Whether the team sees it.
    pub visibility: Visibility,
    /// Who may do what, by username; absent when unmanaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<BTreeMap<String, Access>>,
    /// Only editors may edit it in Mattermost.
    pub only_editors_edit: bool,
    /// Whether the team may join an incident's channel.
    #[serde(rename = "incident.channel")]
    pub incident_channel: ChannelVisibility,
    /// Only the commander may end, restart or hand over.
    #[serde(rename = "incident.commander_decides")]
    pub commander_decides: bool,
    /// Who commands at first.
    #[serde(rename = "start.commander")]
    pub commander: Option<String>,
    /// Who is invited; groups of Mattermost as `group:NAME`.
    #[serde(rename = "start.invite")]
    pub invite: BTreeSet<String>,
    /// The template of an incident's name.
    #[serde(rename = "start.channel.name")]
    pub channel_name: Option<String>,
    /// The channel used instead of a new one.
    #[serde(rename = "start.channel.link")]
    pub channel_link: Option<String>,
    /// The category of the sidebar.
    #[serde(rename = "start.channel.category")]
    pub category: Option<String>,
    /// The channel is archived at the end.
    #[serde(rename = "start.channel.archive_when_ended")]
    pub archive_when_ended: bool,
    /// Every incident gets a new channel.
    #[serde(rename = "start.channel.always_new")]
    pub always_new: bool,
    /// Whoever leaves an incident leaves its channel.
    #[serde(rename = "start.channel.remove_leavers")]
    pub remove_leavers: bool,
    /// Whoever joins an incident joins its channel; always on.
    #[serde(rename = "start.channel.participants_join")]
    pub participants_join: bool,
    /// Words that once suggested an incident: without effect, and always none.
    #[serde(rename = "start.signal_keywords")]
    pub signal_keywords: BTreeSet<String>,
    /// The letters before an incident's number.
    #[serde(rename = "start.number_prefix")]
    pub number_prefix: Option<String>,
    /// How many addresses are called at the start; absent when unmanaged.
    #[serde(rename = "start.webhooks", skip_serializing_if = "Option::is_none")]
    pub start_webhooks: Option<usize>,
    /// What newcomers read.
    #[serde(rename = "start.welcome")]
    pub welcome: Option<String>,
    /// The template of the overview.
    #[serde(rename = "start.overview")]
    pub overview: Option<String>,
    /// How often an update is due; absent when updates are off.
    #[serde(rename = "updates.every", serialize_with = "as_seconds")]
    pub updates_every: Option<i64>,
    /// What an update begins with.
    #[serde(rename = "updates.template")]
    pub updates_template: Option<String>,
    /// The channels that hear updates.
    #[serde(rename = "updates.broadcast")]
    pub broadcast: BTreeSet<String>,
    /// How many addresses are called at an update; absent when unmanaged.
    #[serde(rename = "updates.webhooks", skip_serializing_if = "Option::is_none")]
    pub update_webhooks: Option<usize>,
    /// Whether there is a retrospective.
    pub retrospective: bool,
    /// What it begins with.
    #[serde(rename = "retrospective.template")]
    pub retrospective_template: Option<String>,
    /// How often it is asked for; absent for once.
    #[serde(rename = "retrospective.remind_every", serialize_with = "as_seconds")]
    pub retrospective_every: Option<i64>,
    /// The numbers that each retrospective asks for, in their order.
    #[serde(rename = "retrospective.metrics")]
    pub metrics: Vec<MetricState>,
    /// The facts that each incident carries, in their order.
    pub attributes: Vec<AttributeState>,
    /// The conditions that no task uses; git asks for none.
    #[serde(rename = "conditions without a task")]
    pub stray_conditions: Vec<WhenState>,
    /// The work.
    pub checklists: Vec<ChecklistState>,
}

/// A fact that each incident carries; its name is its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeState {
    /// Its name.
    pub name: String,
    /// What kind of value it takes.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// How a text is shown: `url`, or as it stands.
    pub format: Option<String>,
    /// When it is shown.
    pub show: Show,
    /// The names of the values to choose from, in their order.
    pub options: Vec<String>,
}

/// What a member of a playbook may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// See it and start incidents.
    Use,
    /// Also edit it.
    Edit,
    /// Roles that sync never writes, as the server names them.
    #[serde(untagged)]
    Other(String),
}

/// A checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChecklistState {
    /// Its id, which follows from its key.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its tasks.
    pub tasks: Vec<TaskState>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskState {
    /// Its id, which follows from its key.
    pub id: String,
    /// What to do.
    pub title: String,
    /// How to do it.
    pub description: String,
    /// `commander`, `creator`, `user:NAME`, `attribute:NAME`; what the server calls it otherwise.
    pub assign: Option<String>,
    /// When it is shown; always where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<WhenState>,
    /// Until when, in milliseconds after the start.
    #[serde(serialize_with = "as_millis")]
    pub due: Option<i64>,
    /// The slash command it offers.
    pub command: String,
    /// What closes it.
    pub done_when: Option<DoneWhenState>,
}

/// What closes a task by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum DoneWhenState {
    /// A post with one of these words.
    Keywords {
        /// The words.
        keywords: Vec<String>,
        /// Only posts of these people count; empty for everybody's.
        from: BTreeSet<String>,
    },
    /// Actions that sync never writes, as the server shows them.
    Other(Value),
}

/// A field in which two states differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, named as in YAML.
    pub field: String,
    /// Its value in the first state; null when absent.
    pub left: Value,
    /// Its value in the second state; null when absent.
    pub right: Value,
}

impl PlaybookState {
    /// The fields by name, in the order of this type.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            // A struct of strings, numbers and lists always becomes an object.
            _ => Map::new(),
        }
    }

    /// The fingerprint of the managed fields.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut json = String::new();
        write_canonical(&Value::Object(self.fields()), &mut json);
        let hash = Sha256::digest(json.as_bytes());
        Digest::V1(hexadecimal(&hash[..8]))
    }

    /// The state without the fields that are not managed.
    #[must_use]
    pub fn without(mut self, unmanaged: &[Unmanaged]) -> Self {
        for field in unmanaged {
            match field {
                Unmanaged::Members => self.members = None,
                Unmanaged::Webhooks => (self.start_webhooks, self.update_webhooks) = (None, None),
            }
        }
        self
    }

    /// Whether the digest was taken from this state, whichever fields were managed then.
    ///
    /// `unmanaged` may have changed since: a state that has not moved must not look
    /// as if it had, only because more or fewer of its fields are compared now.
    #[must_use]
    pub fn matches(&self, digest: &Digest) -> bool {
        use Unmanaged::{Members, Webhooks};
        let (state, digest) = match digest {
            Digest::Unfinished(digits) => (self.without_references(), &Digest::V1(digits.clone())),
            digest => (self.clone(), digest),
        };
        let choices: [&[Unmanaged]; 4] = [&[], &[Members], &[Webhooks], &[Members, Webhooks]];
        choices
            .iter()
            .any(|unmanaged| state.clone().without(unmanaged).digest() == *digest)
    }

    /// The fingerprint of a state whose attributes and conditions are about to be written.
    #[must_use]
    pub fn unfinished_digest(&self) -> Digest {
        match self.without_references().digest() {
            Digest::V1(digits) => Digest::Unfinished(digits),
            other => other,
        }
    }

    /// The state without attributes and conditions, and without what names them.
    fn without_references(&self) -> Self {
        let mut state = self.clone();
        state.attributes.clear();
        state.stray_conditions.clear();
        state.channel_name = None;
        for task in state.checklists.iter_mut().flat_map(|c| &mut c.tasks) {
            task.when = None;
            task.assign
                .take_if(|assign| assign.starts_with(BY_ATTRIBUTE));
        }
        state
    }

    /// The fields in which the other state differs, in the order of this type.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let (left, mut right) = (self.fields(), other.fields());
        let mut all = Vec::new();
        for (field, left) in left {
            let right = right.remove(&field).unwrap_or_default();
            all.push(Difference { field, left, right });
        }
        let absent = right.into_iter().map(|(field, right)| Difference {
            field,
            left: Value::Null,
            right,
        });
        all.extend(absent);
        all.retain(|difference| difference.left != difference.right);
        all
    }

    /// How many conditions it has; equal ones are one where tasks use them.
    #[must_use]
    pub fn conditions(&self) -> usize {
        let mut used: Vec<&WhenState> = Vec::new();
        for when in self.tasks().filter_map(|(_, task)| task.when.as_ref()) {
            if !used.contains(&when) {
                used.push(when);
            }
        }
        used.len() + self.stray_conditions.len()
    }

    /// Every task, with its checklist.
    pub fn tasks(&self) -> impl Iterator<Item = (&ChecklistState, &TaskState)> {
        self.checklists
            .iter()
            .flat_map(|checklist| checklist.tasks.iter().map(move |task| (checklist, task)))
    }
}

/// The bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Writes JSON with sorted keys and without what says nothing.
///
/// Empty values are left out, so that a field added to a later version, unused,
/// leaves the digests of all playbooks as they are.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields
                .iter()
                .filter(|(_, value)| !says_nothing(value))
                .collect();
            out.push('{');
            for (n, (name, value)) in sorted.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(given) => !given,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[expect(clippy::ref_option, reason = "the shape that serde asks for")]
fn as_seconds<S: Serializer>(seconds: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    as_duration(seconds.map(|seconds| (seconds, 1, "s")), serializer)
}

#[expect(clippy::ref_option, reason = "the shape that serde asks for")]
fn as_millis<S: Serializer>(millis: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    as_duration(millis.map(|millis| (millis, 1_000, "ms")), serializer)
}

/// As people write it in YAML; what YAML cannot say, as the number the server has.
fn as_duration<S: Serializer>(
    span: Option<(i64, i64, &str)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some((number, scale, unit)) = span else {
        return serializer.serialize_none();
    };
    match u64::try_from(number / scale) {
        Ok(seconds) if number % scale == 0 => {
            serializer.collect_str(&Duration::from_seconds(seconds))
        }
        _ => serializer.collect_str(&format_args!("{number}{unit}")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A small playbook for tests of this room.
    pub(in crate::sync) fn sample() -> PlaybookState {
        PlaybookState {
            title: "Service outage".to_owned(),
            description: "A service is down.".to_owned(),
            visibility: Visibility::Public,
            members: Some(BTreeMap::from([
                ("alice".to_owned(), Access::Edit),
                ("bob".to_owned(), Access::Use),
            ])),
            only_editors_edit: false,
            incident_channel: ChannelVisibility::Public,
            commander_decides: false,
            commander: Some("carol".to_owned()),
            invite: BTreeSet::from(["alice".to_owned(), "bob".to_owned()]),
            channel_name: None,
            channel_link: None,
            category: Some("Incidents".to_owned()),
            archive_when_ended: false,
            always_new: false,
            remove_leavers: false,
            participants_join: true,
            signal_keywords: BTreeSet::new(),
            number_prefix: Some("OUT".to_owned()),
            start_webhooks: Some(1),
            welcome: Some("Welcome.".to_owned()),
            overview: None,
            updates_every: Some(1800),
            updates_template: Some("**Impact:**".to_owned()),
            broadcast: BTreeSet::from(["~incidents".to_owned()]),
            update_webhooks: Some(0),
            retrospective: true,
            retrospective_template: Some("## Impact".to_owned()),
            retrospective_every: None,
            metrics: Vec::new(),
            attributes: Vec::new(),
            stray_conditions: Vec::new(),
            checklists: vec![ChecklistState {
                id: "triageid".to_owned(),
                title: "Triage".to_owned(),
                tasks: vec![
                    TaskState {
                        id: "confirmid".to_owned(),
                        title: "Confirm".to_owned(),
                        description: String::new(),
                        assign: Some("commander".to_owned()),
                        when: None,
                        due: Some(600_000),
                        command: String::new(),
                        done_when: None,
                    },
                    TaskState {
                        id: "pageid".to_owned(),
                        title: "Status page".to_owned(),
                        description: "Publish.".to_owned(),
                        assign: Some("user:bob".to_owned()),
                        when: None,
                        due: None,
                        command: "/page vendor".to_owned(),
                        done_when: Some(DoneWhenState::Keywords {
                            keywords: vec!["published".to_owned()],
                            from: BTreeSet::from(["dave".to_owned()]),
                        }),
                    },
                ],
            }],
        }
    }

    #[test]
    fn the_digest_never_changes_for_the_same_playbook() {
        // A change here makes every synced playbook look edited: raise the version.
        insta::assert_snapshot!(sample().digest(), @"v1:52429c9da93503d5");
    }

    /// Two attributes for tests of this room.
    pub(in crate::sync) fn attributes() -> Vec<AttributeState> {
        vec![
            AttributeState {
                name: "Service".to_owned(),
                kind: FieldKind::Select,
                format: None,
                show: Show::Always,
                options: vec!["checkout".to_owned(), "search".to_owned()],
            },
            AttributeState {
                name: "Ticket".to_owned(),
                kind: FieldKind::Text,
                format: Some("url".to_owned()),
                show: Show::WhenSet,
                options: Vec::new(),
            },
        ]
    }

    #[test]
    fn attributes_are_part_of_the_digest_once_there_are_some() {
        let mut state = sample();
        state.attributes = attributes();
        // As above: never changes for the same playbook.
        insta::assert_snapshot!(state.digest(), @"v1:513b7ad10c1ab552");
        assert!(state.matches(&state.digest()) && !sample().matches(&state.digest()));
        let mut reordered = state.clone();
        reordered.attributes.reverse();
        assert_ne!(reordered.digest(), state.digest());
    }

    #[test]
    fn while_attributes_are_written_a_digest_says_all_but_them() {
        let mut state = sample();
        state.attributes = attributes();
        let unfinished = state.unfinished_digest();
        assert!(state.matches(&unfinished) && sample().matches(&unfinished));
        let mut edited = sample();
        edited.title.push('!');
        assert!(!edited.matches(&unfinished));
    }

    #[test]
    fn durations_read_as_people_write_them() {
        let mut state = sample();
        state.updates_every = Some(-5);
        state.checklists[0].tasks[0].due = Some(600_001);
        let fields = state.fields();
        assert_eq!(fields["updates.every"], "-5s");
        assert_eq!(fields["checklists"][0]["tasks"][0]["due"], "600001ms");
        assert_eq!(sample().fields()["updates.every"], "30m");
    }

    #[test]
    fn a_state_differs_in_the_fields_that_were_changed() {
        let mut other = sample();
        assert!(sample().differences(&other).is_empty());
        other.title = "Outage".to_owned();
        other.commander = None;
        let fields: Vec<String> = sample()
            .differences(&other)
            .into_iter()
            .map(|d| d.field)
            .collect();
        assert_eq!(fields, ["title", "start.commander"]);
        assert_ne!(sample().digest(), other.digest());
    }

    #[test]
    fn managing_fewer_fields_does_not_look_like_an_edit() {
        let before = sample().without(&[Unmanaged::Webhooks]).digest();
        assert_ne!(before, sample().digest());
        assert!(sample().matches(&before));
        let mut edited = sample();
        edited.title.push('!');
        assert!(!edited.matches(&before));
    }

    #[test]
    fn a_field_at_its_default_is_not_part_of_the_digest() {
        let mut json = String::new();
        let value = serde_json::json!({"b": [false, null], "a": {"x": ""}, "c": 0, "d": "ü\n"});
        write_canonical(&value, &mut json);
        assert_eq!(json, r#"{"a":{},"b":[false,null],"d":"ü\n"}"#);
    }
}
