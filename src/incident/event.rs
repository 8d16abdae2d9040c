//! What warroom adds to the history of an incident.
//!
//! Owns the form in which a change travels in the `props` of a post. The post's
//! author is who did it and its time is when; neither is repeated inside. Edited
//! posts and posts of people who take no part do not count: whoever reads posts
//! drops them before they come here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::IncidentId;
use crate::model::Key;

/// The entry of a post's `props` that holds a change.
pub const PROPERTY: &str = "warroom";

/// A change, with who did it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who: a username.
    pub by: String,
    /// What.
    pub change: Change,
}

/// A change that only warroom writes down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// The incident started.
    Started(Beginning),
    /// An incident that began in the web app came under warroom's care.
    Adopted(Beginning),
    /// Another status.
    Status {
        /// The status before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Key>,
        /// The status since then.
        to: Key,
    },
    /// Another severity.
    Severity {
        /// The severity before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Key>,
        /// The severity since then.
        to: Key,
    },
    /// A role is filled.
    Role {
        /// The role.
        role: Key,
        /// Who had it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Who has it since then.
        to: String,
    },
    /// Another stage.
    Stage {
        /// The stage before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Key>,
        /// The stage since then.
        to: Key,
    },
    /// Other channels were told.
    Announcement {
        /// The URL names of the channels.
        channels: Vec<String>,
    },
}

/// How an incident stood when warroom first wrote about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// The workspace of its playbook.
    pub workspace: Key,
    /// Its playbook.
    pub playbook: Key,
    /// The commit the playbook was synced from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What the starter wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Key>,
    /// The severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Key>,
    /// The stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Key>,
    /// Roles filled from the start.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<Key, String>,
}

/// What stands in `props` beside the change itself.
#[derive(Serialize, Deserialize)]
struct Envelope {
    version: u32,
    incident: String,
    #[serde(flatten)]
    change: Change,
}

impl Change {
    /// The `props` of the post that records this change of that incident.
    ///
    /// # Panics
    /// Never: a change is made of texts, lists and maps with text keys.
    #[must_use]
    pub fn to_props(&self, incident: &IncidentId) -> Map<String, Value> {
        let envelope = Envelope {
            version: 1,
            incident: incident.0.clone(),
            change: self.clone(),
        };
        let value = serde_json::to_value(envelope)
            .expect("the envelope is made of texts, lists and maps with text keys");
        Map::from_iter([(PROPERTY.to_owned(), value)])
    }

    /// Whether this change begins where the other one led to.
    #[must_use]
    pub fn follows(&self, other: &Self) -> bool {
        match (other, self) {
            (
                Self::Status { to, .. },
                Self::Status {
                    from: Some(from), ..
                },
            )
            | (
                Self::Severity { to, .. },
                Self::Severity {
                    from: Some(from), ..
                },
            )
            | (
                Self::Stage { to, .. },
                Self::Stage {
                    from: Some(from), ..
                },
            ) => to == from,
            (
                Self::Role { role, to, .. },
                Self::Role {
                    role: same,
                    from: Some(from),
                    ..
                },
            ) => role == same && to == from,
            _ => false,
        }
    }

    /// The change that the `props` of a post record of that incident.
    ///
    /// Absent also for changes of other incidents, since several may share a channel, and for
    /// versions and kinds unknown to this warroom.
    #[must_use]
    pub fn from_props(props: &Map<String, Value>, incident: &IncidentId) -> Option<Self> {
        let value = props.get(PROPERTY)?;
        let envelope: Envelope = Deserialize::deserialize(value).ok()?;
        (envelope.version == 1 && envelope.incident == incident.0).then_some(envelope.change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn all() -> Vec<Change> {
        let beginning = Beginning {
            workspace: key("acme-incidents"),
            playbook: key("service-outage"),
            commit: Some("3f2a91c".to_owned()),
            description: "Half of all *checkouts* fail\n[//]: warroom:x/y".to_owned(),
            status: Some(key("reported")),
            severity: Some(key("sev3")),
            stage: None,
            roles: BTreeMap::from([(key("comms"), "bob".to_owned())]),
        };
        vec![
            Change::Started(beginning.clone()),
            Change::Adopted(beginning),
            Change::Status {
                from: Some(key("reported")),
                to: key("active"),
            },
            Change::Severity {
                from: None,
                to: key("sev1"),
            },
            Change::Role {
                role: key("comms"),
                from: Some("bob".to_owned()),
                to: "carol".to_owned(),
            },
            Change::Stage {
                from: None,
                to: key("recover"),
            },
            Change::Announcement {
                channels: vec!["incidents".to_owned()],
            },
        ]
    }

    #[test]
    fn every_change_survives_the_journey_through_a_post() {
        let id = IncidentId("a".to_owned());
        for change in all() {
            let props = change.to_props(&id);
            assert_eq!(Change::from_props(&props, &id), Some(change));
        }
    }

    #[test]
    fn a_change_of_another_incident_or_a_later_version_is_not_ours() {
        let id = IncidentId("a".to_owned());
        let mut props = all()[3].to_props(&id);
        assert_eq!(
            Change::from_props(&props, &IncidentId("b".to_owned())),
            None
        );
        props[PROPERTY]["version"] = 2.into();
        assert_eq!(Change::from_props(&props, &id), None);
    }

    #[test]
    fn the_form_in_a_post_is_stable() {
        let props = all()[2].to_props(&IncidentId("a".to_owned()));
        let text = serde_json::to_string(&props).unwrap();
        insta::assert_snapshot!(text, @r#"{"warroom":{"version":1,"incident":"a","kind":"status","from":"reported","to":"active"}}"#);
    }
}
