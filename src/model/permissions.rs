//! `permissions.yaml`: who may do what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Key, Person, Username};

/// Who may do what: groups of people, and the access profiles that playbooks name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// Groups of people, named as `group:NAME` wherever people are named.
    #[serde(default)]
    pub groups: BTreeMap<Key, Group>,
    /// Access profiles; a playbook names one of them in `access`.
    #[serde(default)]
    pub profiles: BTreeMap<Key, Profile>,
    /// What Mattermost's own roles allow; applied only by `sync --permissions` with an admin token.
    #[serde(default)]
    pub server: ServerRoles,
}

/// People by name, or a group that Mattermost knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Group {
    /// The usernames of its members.
    People(Vec<Username>),
    /// A group kept in Mattermost.
    Mattermost {
        /// The name of the Mattermost group, without `@`.
        mattermost_group: Username,
    },
}

/// Who an entry in a list of people stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members<'a> {
    /// These people.
    People(&'a [Username]),
    /// Those of a group that only Mattermost knows.
    Mattermost(&'a Username),
    /// Nobody: the group is not declared.
    Undeclared,
}

impl Permissions {
    /// Who an entry in a list of people stands for.
    #[must_use]
    pub fn members<'a>(&'a self, person: &'a Person) -> Members<'a> {
        let group = match person {
            Person::User(name) => return Members::People(std::slice::from_ref(name)),
            Person::Group(group) => self.groups.get(group),
        };
        match group {
            Some(Group::People(people)) => Members::People(people),
            Some(Group::Mattermost { mattermost_group }) => Members::Mattermost(mattermost_group),
            None => Members::Undeclared,
        }
    }
}

/// What the people of a playbook may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Access to the playbook itself.
    #[serde(default)]
    pub playbook: PlaybookAccess,
    /// Access to the incidents started from it.
    #[serde(default)]
    pub incident: IncidentAccess,
}

/// Who sees, uses and edits a playbook in Mattermost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaybookAccess {
    /// Whether the whole team sees the playbook. A private one needs the Enterprise tier.
    #[serde(default)]
    pub visibility: Visibility,
    /// Who may see it and start incidents from it.
    #[serde(default, rename = "use")]
    pub users: Vec<Person>,
    /// Who may also edit it in Mattermost.
    #[serde(default, rename = "edit")]
    pub editors: Vec<Person>,
    /// Locks editing in Mattermost for everybody who is not in `edit`.
    #[serde(default)]
    pub only_editors_edit: bool,
}

/// Who sees an incident, and who decides in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IncidentAccess {
    /// Whether the incident's channel is open to the team. A private one must not broadcast into public channels.
    #[serde(default)]
    pub channel: ChannelVisibility,
    /// Only the commander may end, restart or hand over an incident.
    #[serde(default)]
    pub commander_decides: bool,
    /// Private incidents only: may be exported to git.
    #[serde(default)]
    pub export: bool,
}

/// Whether the team sees a playbook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Only its members.
    #[default]
    Private,
    /// The whole team.
    Public,
}

/// Whether the team may join an incident's channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelVisibility {
    /// By invitation only.
    #[default]
    Private,
    /// Anybody of the team may join.
    Public,
}

/// Permissions of Mattermost's own roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServerRoles {
    /// For each role of Mattermost, the permissions to grant (`true`) or take away (`false`); others stay as they are.
    #[serde(default)]
    pub roles: BTreeMap<String, BTreeMap<String, bool>>,
}

// One schema for both forms, since keywords speak only of the type they fit: a
// union of two would only say that neither matched.
#[cfg(test)]
impl schemars::JsonSchema for Group {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Group".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let username = generator.subschema_for::<Username>();
        let mut group = username.clone();
        group.insert(
            "description".to_owned(),
            "The name of the Mattermost group, without `@`.".into(),
        );
        schemars::json_schema!({
            "type": ["array", "object"],
            "description": "People by their usernames, or a group that Mattermost knows.",
            "items": username,
            "properties": { "mattermost_group": group },
            "required": ["mattermost_group"],
            "additionalProperties": false,
            "examples": [["alice", "bob"], { "mattermost_group": "support-oncall" }],
        })
    }
}
