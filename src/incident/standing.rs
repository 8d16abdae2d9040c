//! The part of an incident's state that nobody but warroom keeps.
//!
//! Owns status, severity, stage and roles as they follow from the events, and
//! the line of text in which they travel at the end of the overview. Laws: a
//! standing survives the journey through its line; the events of an incident
//! lead to its standing, also from any point that was written down before.

use std::collections::BTreeMap;
use std::fmt;

use super::event::{Beginning, Change, Event};
use crate::model::Key;

const PREFIX: &str = "[//]: warroom:";

/// Marks a role whose name is also the name of a field.
const ROLE_MARK: &str = "role.";

const FIELDS: [&str; 7] = [
    "commit", "inferred", "status", "severity", "stage", "start", "seen",
];

/// What warroom keeps of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The workspace of the playbook.
    pub workspace: Key,
    /// The playbook.
    pub playbook: Key,
    /// The commit the playbook was synced from.
    pub commit: Option<String>,
    /// The commit was found later than the start.
    pub inferred: bool,
    /// The status.
    pub status: Option<Key>,
    /// The severity.
    pub severity: Option<Key>,
    /// The stage.
    pub stage: Option<Key>,
    /// Who fills which role.
    pub roles: BTreeMap<Key, String>,
    /// The post that holds the beginning.
    pub start: Option<String>,
    /// The time of the last event in it, in milliseconds: later ones are missing.
    pub seen: Option<i64>,
}

impl Standing {
    /// How an incident stands after its beginning.
    #[must_use]
    pub fn begin(beginning: &Beginning, inferred: bool) -> Self {
        Self {
            workspace: beginning.workspace.clone(),
            playbook: beginning.playbook.clone(),
            commit: beginning.commit.clone(),
            inferred,
            status: beginning.status.clone(),
            severity: beginning.severity.clone(),
            stage: beginning.stage.clone(),
            roles: beginning.roles.clone(),
            start: None,
            seen: None,
        }
    }

    /// The standing that follows from one that was known and the events after it, the oldest first,
    /// each with the id of its post.
    ///
    /// Absent without a beginning. A second beginning starts anew. Events that were known already
    /// do no harm, as long as none between them and the last is left out.
    #[must_use]
    pub fn after<'a, Id: fmt::Display + 'a>(
        known: Option<Self>,
        events: impl IntoIterator<Item = &'a (Id, Event)>,
    ) -> Option<Self> {
        let mut standing = known;
        for (post, event) in events {
            let seen = standing.as_ref().and_then(|standing| standing.seen);
            let begun = match &event.change {
                Change::Started(beginning) => Some(Self::begin(beginning, false)),
                Change::Adopted(beginning) => Some(Self::begin(beginning, true)),
                _ => None,
            };
            if let Some(mut begun) = begun {
                begun.start = Some(post.to_string());
                standing = Some(begun);
            }
            if let Some(standing) = &mut standing {
                standing.apply(&event.change);
                standing.seen = seen.max(Some(event.at.as_millisecond()));
            }
        }
        standing
    }

    /// Carries a change out; a beginning changes nothing.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Status { to, .. } => self.status = Some(to.clone()),
            Change::Severity { to, .. } => self.severity = Some(to.clone()),
            Change::Stage { to, .. } => self.stage = Some(to.clone()),
            Change::Role { role, to, .. } => {
                self.roles.insert(role.clone(), to.clone());
            }
            Change::Started(_) | Change::Adopted(_) | Change::Announcement { .. } => {}
        }
    }

    /// The line that carries it: a Markdown link definition, which shows as nothing.
    #[must_use]
    pub fn to_line(&self) -> String {
        let key = |key: &Option<Key>| key.as_ref().map(Key::to_string);
        let fields = [
            self.commit.clone(),
            self.inferred.then(|| "yes".to_owned()),
            key(&self.status),
            key(&self.severity),
            key(&self.stage),
            self.start.clone(),
            self.seen.map(|seen| seen.to_string()),
        ];
        let mut pairs: Vec<String> = FIELDS
            .iter()
            .zip(fields)
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
            .collect();
        pairs.extend(self.roles.iter().map(|(role, person)| {
            let is_field = FIELDS.contains(&role.as_str());
            let mark = if is_field { ROLE_MARK } else { "" };
            format!("{mark}{role}={person}")
        }));
        let question = if pairs.is_empty() { "" } else { "?" };
        format!(
            "{PREFIX}{}/{}{question}{}",
            self.workspace,
            self.playbook,
            pairs.join("&")
        )
    }

    /// Reads the line; absent when it is not one of ours.
    ///
    /// A value that cannot be what it says is left out: people can edit the line.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        let rest = line.trim_end().strip_prefix(PREFIX)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (workspace, playbook) = path.split_once('/')?;
        let mut standing = Self {
            workspace: workspace.parse().ok()?,
            playbook: playbook.parse().ok()?,
            commit: None,
            inferred: false,
            status: None,
            severity: None,
            stage: None,
            roles: BTreeMap::new(),
            start: None,
            seen: None,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if !is_plain(value) {
                continue;
            }
            match name {
                "commit" => standing.commit = Some(value.to_owned()),
                "inferred" => standing.inferred = value == "yes",
                "status" => standing.status = value.parse().ok(),
                "severity" => standing.severity = value.parse().ok(),
                "stage" => standing.stage = value.parse().ok(),
                "start" => standing.start = Some(value.to_owned()),
                "seen" => standing.seen = value.parse().ok(),
                role => {
                    let role = role.strip_prefix(ROLE_MARK).unwrap_or(role);
                    if let Ok(role) = role.parse() {
                        standing.roles.insert(role, value.to_owned());
                    }
                }
            }
        }
        Some(standing)
    }

    /// Whether a line claims to carry a standing.
    #[must_use]
    pub fn is_line(line: &str) -> bool {
        line.trim_start().starts_with(PREFIX)
    }
}

/// Keys, ids, commits and usernames are made of these.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Key> {
        "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?".prop_map(|text| text.parse().unwrap())
    }

    fn role() -> impl Strategy<Value = Key> {
        let field = proptest::sample::select(FIELDS.to_vec());
        prop_oneof![key(), field.prop_map(|name| name.parse().unwrap())]
    }

    fn person() -> impl Strategy<Value = String> {
        "[a-z0-9][a-z0-9._-]{0,20}"
    }

    fn beginning() -> impl Strategy<Value = Beginning> {
        let roles = proptest::collection::btree_map(role(), person(), 0..4);
        let state = || proptest::option::of(key());
        (
            key(),
            key(),
            proptest::option::of("[0-9a-f]{7,40}"),
            (state(), state(), state()),
            roles,
        )
            .prop_map(
                |(workspace, playbook, commit, (status, severity, stage), roles)| Beginning {
                    workspace,
                    playbook,
                    commit,
                    description: String::new(),
                    status,
                    severity,
                    stage,
                    roles,
                },
            )
    }

    fn change() -> impl Strategy<Value = Change> {
        let status = key().prop_map(|to| Change::Status { from: None, to });
        let severity = key().prop_map(|to| Change::Severity { from: None, to });
        let stage = key().prop_map(|to| Change::Stage { from: None, to });
        let filled = (role(), person());
        let role = filled.prop_map(|(role, to)| Change::Role {
            role,
            from: None,
            to,
        });
        prop_oneof![status, severity, stage, role]
    }

    /// A beginning and what changed after it, a millisecond each.
    fn events(beginning: Beginning, changes: Vec<Change>) -> Vec<(usize, Event)> {
        let all = std::iter::once(Change::Started(beginning)).chain(changes);
        let event = |(at, change)| {
            let at_time = jiff::Timestamp::from_millisecond(i64::try_from(at).unwrap()).unwrap();
            let by = "alice".to_owned();
            (
                at,
                Event {
                    at: at_time,
                    by,
                    change,
                },
            )
        };
        all.enumerate().map(event).collect()
    }

    proptest! {
        #[test]
        fn a_standing_survives_the_journey_through_its_line(
            beginning in beginning(), inferred: bool, start in proptest::option::of("[a-z0-9]{26}"),
            seen in proptest::option::of(0_i64..),
        ) {
            let standing = Standing { start, seen, ..Standing::begin(&beginning, inferred) };
            prop_assert_eq!(Standing::from_line(&standing.to_line()), Some(standing));
        }

        #[test]
        fn the_events_of_an_incident_lead_to_its_standing(
            beginning in beginning(), changes in proptest::collection::vec(change(), 0..8),
        ) {
            let mut standing = Standing::begin(&beginning, false);
            for change in &changes {
                standing.apply(change);
            }
            standing.start = Some("0".to_owned());
            standing.seen = i64::try_from(changes.len()).ok();
            let all = events(beginning, changes);
            prop_assert_eq!(Standing::after(None, &all), Some(standing));
        }

        #[test]
        fn a_standing_that_was_left_behind_catches_up_with_the_events(
            beginning in beginning(), changes in proptest::collection::vec(change(), 0..8),
            kept in 0_usize..9, again in 0_usize..9,
        ) {
            let all = events(beginning, changes);
            let kept = kept.min(all.len());
            let known = Standing::after(None, &all[..kept]);
            let caught_up = Standing::after(known, &all[kept.saturating_sub(again)..]);
            prop_assert_eq!(caught_up, Standing::after(None, &all));
        }

        #[test]
        fn no_line_makes_the_reader_stumble(line in "\\[//\\]: warroom:.{0,80}") {
            let _ = Standing::from_line(&line);
        }
    }

    #[test]
    fn the_line_is_the_one_of_the_design() {
        let line = "[//]: warroom:acme-incidents/service-outage?commit=3f2a91c&status=active&severity=sev1&stage=recover&comms=bob";
        let standing = Standing::from_line(line).unwrap();
        assert_eq!(standing.stage.as_ref().unwrap().as_str(), "recover");
        assert_eq!(standing.roles["comms"], "bob");
        assert_eq!(standing.to_line(), line);
    }

    #[test]
    fn changes_before_a_beginning_tell_nothing() {
        let change = Change::Stage {
            from: None,
            to: "recover".parse().unwrap(),
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        let by = "alice".to_owned();
        let event = ("1", Event { at, by, change });
        assert_eq!(Standing::after(None, [&event]), None);
    }

    #[test]
    fn a_broken_pair_costs_only_itself() {
        let line = format!("{PREFIX}acme/outage?broken&status=active&comms=bob");
        let standing = Standing::from_line(&line).unwrap();
        assert_eq!(standing.status, Some("active".parse().unwrap()));
        assert_eq!(standing.roles.len(), 1);
    }
}
