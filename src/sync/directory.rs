//! Names and ids of people, groups and channels, both ways.
//!
//! Owns nothing but the tables. YAML and the plan speak names, the server ids;
//! what the server could not name is shown as `id:…`, so that it differs from
//! every name and is never lost.

use std::collections::BTreeMap;

/// What an unnamed id is shown as.
const UNNAMED: &str = "id:";

/// The people, groups and channels that desired and observed playbooks mention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    names: BTreeMap<String, String>,
    people: BTreeMap<String, String>,
    channel_names: BTreeMap<String, (String, String)>,
    channels: BTreeMap<(String, String), String>,
    group_names: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
}

impl Directory {
    /// Notes a person.
    pub fn add_person(&mut self, id: impl Into<String>, username: impl Into<String>) {
        let (id, username) = (id.into(), username.into());
        self.names.insert(id.clone(), username.clone());
        self.people.insert(username, id);
    }

    /// Notes a channel by its name without `~`.
    pub fn add_channel(
        &mut self,
        id: impl Into<String>,
        team: impl Into<String>,
        name: impl Into<String>,
    ) {
        let (id, team, name) = (id.into(), team.into(), name.into());
        self.channel_names
            .insert(id.clone(), (team.clone(), name.clone()));
        self.channels.insert((team, name), id);
    }

    /// Notes a group by its name without `@`.
    pub fn add_group(&mut self, id: impl Into<String>, name: impl Into<String>) {
        let (id, name) = (id.into(), name.into());
        self.group_names.insert(id.clone(), name.clone());
        self.groups.insert(name, id);
    }

    /// The id of a group.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&str> {
        self.groups.get(name).map(String::as_str)
    }

    /// The name of a group.
    #[must_use]
    pub fn group_name(&self, id: &str) -> String {
        match self.group_names.get(id) {
            Some(name) => name.clone(),
            None => format!("{UNNAMED}{id}"),
        }
    }

    /// Whether the group is known by id.
    #[must_use]
    pub fn knows_group(&self, id: &str) -> bool {
        self.group_names.contains_key(id)
    }

    /// The id of a person.
    #[must_use]
    pub fn person(&self, username: &str) -> Option<&str> {
        self.people.get(username).map(String::as_str)
    }

    /// The name of a person.
    #[must_use]
    pub fn person_name(&self, id: &str) -> String {
        match self.names.get(id) {
            Some(name) => name.clone(),
            None => format!("{UNNAMED}{id}"),
        }
    }

    /// Whether the person is known by id.
    #[must_use]
    pub fn knows_person(&self, id: &str) -> bool {
        self.names.contains_key(id)
    }

    /// The id of a channel of that team, by its name with `~`.
    #[must_use]
    pub fn channel(&self, team: &str, name: &str) -> Option<&str> {
        let bare = name.strip_prefix('~')?;
        let known = self.channels.get(&(team.to_owned(), bare.to_owned()));
        known.map(String::as_str)
    }

    /// The name of a channel with `~`, as seen from that team.
    #[must_use]
    pub fn channel_name(&self, team: &str, id: &str) -> String {
        match self.channel_names.get(id) {
            Some((own, name)) if own == team => format!("~{name}"),
            _ => format!("{UNNAMED}{id}"),
        }
    }

    /// Whether the channel is known by id.
    #[must_use]
    pub fn knows_channel(&self, id: &str) -> bool {
        self.channel_names.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_name_is_shown_by_its_id() {
        let mut directory = Directory::default();
        directory.add_person("u1", "alice");
        directory.add_channel("c1", "t1", "incidents");
        assert_eq!(directory.person("alice"), Some("u1"));
        assert_eq!(directory.person("bob"), None);
        assert_eq!(directory.person_name("u2"), "id:u2");
        assert_eq!(directory.channel("t1", "~incidents"), Some("c1"));
        assert_eq!(directory.channel("t2", "~incidents"), None);
        assert_eq!(directory.channel_name("t1", "c1"), "~incidents");
        assert_eq!(directory.channel_name("t2", "c1"), "id:c1");
    }
}
