//! Which playbooks of the server are ours.
//!
//! Owns the rules about markers: an object is ours when workspace, key, team and
//! its own id match. Pure: works on what a list shows.

use std::collections::BTreeMap;

use super::desired::Address;
use super::marker::{Described, Marker};
use super::site::Entry;
use crate::model::{Key, TeamName};

/// The playbooks of a list, sorted by what they are to this workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Ours, one for each address.
    pub ours: BTreeMap<Address, Entry>,
    /// Marked as ours, and left alone.
    pub strays: Vec<Stray>,
}

/// A playbook that carries our marker and is not the one we manage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// What its marker says.
    pub address: Address,
    /// The playbook.
    pub entry: Entry,
    /// Why it is not ours.
    pub kind: StrayKind,
}

/// Why a playbook with our marker is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrayKind {
    /// Its marker was written for another object: the web app's *Duplicate* copies it.
    Copy,
    /// There is an older one for the same key.
    Second,
}

impl Recognised {
    /// Sorts a list; `teams` has the name of each team by id.
    #[must_use]
    pub fn among(entries: &[Entry], workspace: &Key, teams: &BTreeMap<String, TeamName>) -> Self {
        let mut found = Self::default();
        let mut candidates: BTreeMap<Address, Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            let Some((address, marker)) = marked(entry, workspace, teams) else {
                continue;
            };
            if marker.belongs_to(workspace, &entry.id) {
                candidates.entry(address).or_default().push(entry.clone());
            } else {
                found.strays.push(Stray {
                    address,
                    entry: entry.clone(),
                    kind: StrayKind::Copy,
                });
            }
        }
        for (address, mut candidates) in candidates {
            // A live one before an archived one, then the older one; the id decides
            // between two of one millisecond, so that every sync decides alike.
            candidates.sort_by(|a, b| {
                (a.archived, a.created_at, &a.id).cmp(&(b.archived, b.created_at, &b.id))
            });
            let mut candidates = candidates.into_iter();
            if let Some(first) = candidates.next() {
                found.ours.insert(address.clone(), first);
            }
            found.strays.extend(candidates.map(|entry| Stray {
                address: address.clone(),
                entry,
                kind: StrayKind::Second,
            }));
        }
        // An archived copy troubles nobody.
        found.strays.retain(|stray| !stray.entry.archived);
        found
    }

    /// Gives what stands under an old key to the new one that git has for it.
    ///
    /// A live one comes before an archived one here, too. Where both are live, both stay:
    /// which of them goes on is not for a program to choose.
    pub fn rename(&mut self, renamed: impl IntoIterator<Item = (Address, Address)>) {
        for (new, old) in renamed {
            let Some(before) = self.ours.get(&old) else {
                continue;
            };
            let takes = match self.ours.get(&new) {
                None => true,
                Some(now) => now.archived && !before.archived,
            };
            if takes && let Some(entry) = self.ours.remove(&old) {
                self.ours.insert(new, entry);
            }
        }
    }
}

fn marked(
    entry: &Entry,
    workspace: &Key,
    teams: &BTreeMap<String, TeamName>,
) -> Option<(Address, Marker)> {
    let marker = Described::read(&entry.description).marker?;
    if marker.workspace != *workspace {
        return None;
    }
    let address = Address {
        key: marker.key.clone(),
        team: teams.get(&entry.team_id)?.clone(),
    };
    Some((address, marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, created_at: i64, marker: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            team_id: "t1".to_owned(),
            title: id.to_owned(),
            description: format!("Text\n\n[//]: warroom:{marker}"),
            number_prefix: String::new(),
            has_numbers: true,
            created_at,
            archived: false,
            active_runs: 0,
        }
    }

    fn among(entries: &[Entry]) -> (Vec<String>, Vec<(String, StrayKind)>) {
        let teams = BTreeMap::from([("t1".to_owned(), "ops".parse().unwrap())]);
        let found = Recognised::among(entries, &"acme".parse().unwrap(), &teams);
        let ours = found.ours.into_values().map(|entry| entry.id).collect();
        let strays = found.strays.into_iter().map(|s| (s.entry.id, s.kind));
        (ours, strays.collect())
    }

    #[test]
    fn the_own_id_makes_it_ours_and_another_a_copy() {
        let (ours, strays) = among(&[
            entry("a", 1, "acme/x?id=a&commit=none"),
            entry("b", 2, "acme/x?id=a&commit=none"),
        ]);
        assert_eq!(ours, ["a"]);
        assert_eq!(strays, [("b".to_owned(), StrayKind::Copy)]);
    }

    #[test]
    fn a_cut_short_creation_is_ours() {
        let (ours, strays) = among(&[entry("a", 1, "acme/x?commit=none")]);
        assert_eq!((ours.len(), strays.len()), (1, 0));
    }

    #[test]
    fn of_two_with_one_key_the_older_is_ours() {
        let (ours, strays) = among(&[
            entry("b", 2, "acme/x?id=b&commit=none"),
            entry("a", 1, "acme/x?commit=none"),
        ]);
        assert_eq!(ours, ["a"]);
        assert_eq!(strays, [("b".to_owned(), StrayKind::Second)]);
    }

    #[test]
    fn a_live_one_comes_before_an_archived_one() {
        let mut old = entry("a", 1, "acme/x?id=a&commit=none");
        old.archived = true;
        let (ours, strays) = among(&[old, entry("b", 2, "acme/x?id=b&commit=none")]);
        assert_eq!(ours, ["b"]);
        assert!(strays.is_empty());
    }

    #[test]
    fn the_playbook_of_an_old_key_goes_on_under_the_new_one_unless_both_live() {
        let named = |key: &str| Address {
            key: key.parse().unwrap(),
            team: "ops".parse().unwrap(),
        };
        let after = |old: Option<bool>, new: Option<bool>| {
            let mut entries = Vec::new();
            for (id, key, archived) in [("a", "x", old), ("b", "y", new)] {
                if let Some(archived) = archived {
                    let marker = format!("acme/{key}?id={id}&commit=none");
                    let mut entry = entry(id, 1, &marker);
                    entry.archived = archived;
                    entries.push(entry);
                }
            }
            let teams = BTreeMap::from([("t1".to_owned(), "ops".parse().unwrap())]);
            let mut found = Recognised::among(&entries, &"acme".parse().unwrap(), &teams);
            found.rename([(named("y"), named("x"))]);
            let of = |key| found.ours.get(&named(key)).map(|entry| entry.id.clone());
            (of("x"), of("y"))
        };
        let some = |id: &str| Some(id.to_owned());
        let (live, archived) = (Some(false), Some(true));
        assert_eq!(after(live, None), (None, some("a")));
        assert_eq!(after(archived, None), (None, some("a")));
        assert_eq!(after(live, archived), (None, some("a")));
        assert_eq!(after(live, live), (some("a"), some("b")));
        assert_eq!(after(archived, live), (some("a"), some("b")));
        assert_eq!(after(None, live), (None, some("b")));
    }

    #[test]
    fn other_workspaces_other_teams_and_unmarked_ones_are_not_ours() {
        let mut elsewhere = entry("c", 1, "acme/x?id=c&commit=none");
        elsewhere.team_id = "t2".to_owned();
        let mut plain = entry("d", 1, "");
        plain.description = "Text".to_owned();
        let (ours, strays) = among(&[entry("a", 1, "other/x?id=a"), elsewhere, plain]);
        assert!(ours.is_empty() && strays.is_empty());
    }
}
