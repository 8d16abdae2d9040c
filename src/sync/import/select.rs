//! Which playbooks of a list are meant.

use std::collections::BTreeSet;

use crate::model::Key;
use crate::sync::marker::Described;
use crate::sync::site::Entry;

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Every playbook that no workspace manages.
    All,
    /// Those with these ids or titles.
    Named(Vec<String>),
    /// Those that are managed and were edited in Mattermost.
    Edited,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The ids of the playbooks that are meant.
    pub ids: BTreeSet<String>,
    /// Left out, and why: title and reason.
    pub skipped: Vec<(String, String)>,
    /// Whether the managed ones are meant, whichever they are.
    pub managed: bool,
    /// Whether Mattermost's side is taken where git moved too.
    pub takes_both: bool,
    /// Asked for and not to be had, each as a sentence.
    pub problems: Vec<String>,
}

/// Finds what is meant among what the account sees.
#[must_use]
pub fn choose(entries: &[Entry], asked: &Asked, workspace: &Key) -> Choice {
    let mut choice = Choice::default();
    match asked {
        Asked::All => {
            choice.managed = true;
            for entry in entries.iter().filter(|entry| !entry.archived) {
                match elsewhere(entry, workspace) {
                    Some(other) => {
                        let why = format!("the workspace `{other}` manages it");
                        choice.skipped.push((entry.title.clone(), why));
                    }
                    None => {
                        choice.ids.insert(entry.id.clone());
                    }
                }
            }
        }
        Asked::Edited => choice.managed = true,
        Asked::Named(names) => {
            choice.takes_both = true;
            for name in names {
                match named(entries, name) {
                    Ok(id) => {
                        choice.ids.insert(id);
                    }
                    Err(problem) => choice.problems.push(problem),
                }
            }
        }
    }
    choice
}

/// The other workspace that the marker names, if it was written for this very playbook.
fn elsewhere(entry: &Entry, workspace: &Key) -> Option<Key> {
    let marker = Described::read(&entry.description).marker?;
    let own = marker.id.as_ref().is_none_or(|id| *id == entry.id);
    (own && marker.workspace != *workspace).then_some(marker.workspace)
}

fn named(entries: &[Entry], name: &str) -> Result<String, String> {
    if let Some(entry) = entries.iter().find(|entry| entry.id == name) {
        if entry.archived {
            return Err(format!(
                "the playbook `{name}` is archived; restore it in Mattermost first"
            ));
        }
        return Ok(entry.id.clone());
    }
    let live = entries.iter().filter(|entry| !entry.archived);
    let found: Vec<&Entry> = live.filter(|entry| entry.title == name).collect();
    match found.as_slice() {
        [] => Err(format!(
            "the account sees no playbook with the id or title `{name}`"
        )),
        [one] => Ok(one.id.clone()),
        several => {
            let ids: Vec<&str> = several.iter().map(|entry| entry.id.as_str()).collect();
            let ids = ids.join("`, `");
            Err(format!(
                "several playbooks have the title `{name}`; name one of them by its id: `{ids}`"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, title: &str, marker: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            team_id: "t1".to_owned(),
            title: title.to_owned(),
            description: format!("Text\n\n{marker}"),
            number_prefix: String::new(),
            has_numbers: true,
            created_at: 1,
            archived: false,
            active_runs: 0,
        }
    }

    fn chosen(entries: &[Entry], asked: &Asked) -> (Vec<String>, usize, Vec<String>) {
        let choice = choose(entries, asked, &"acme".parse().unwrap());
        (
            choice.ids.into_iter().collect(),
            choice.skipped.len(),
            choice.problems,
        )
    }

    #[test]
    fn all_leaves_out_what_others_manage_and_what_is_archived() {
        let mut gone = entry("d", "Gone", "");
        gone.archived = true;
        let entries = [
            entry("a", "Mine", "[//]: warroom:acme/x?id=a"),
            entry("b", "Theirs", "[//]: warroom:other/x?id=b"),
            entry("c", "A copy of theirs", "[//]: warroom:other/x?id=b"),
            gone,
        ];
        let (ids, skipped, problems) = chosen(&entries, &Asked::All);
        assert_eq!(ids, ["a", "c"]);
        assert_eq!((skipped, problems.len()), (1, 0));
    }

    #[test]
    fn a_playbook_is_named_by_id_or_by_a_title_that_only_it_has() {
        let entries = [
            entry("a", "One", ""),
            entry("b", "Two", ""),
            entry("c", "Two", ""),
        ];
        let named = |names: &[&str]| Asked::Named(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(chosen(&entries, &named(&["One", "c"])).0, ["a", "c"]);
        let (_, _, problems) = chosen(&entries, &named(&["Two", "Three"]));
        insta::assert_snapshot!(problems.join("\n"), @r"
        several playbooks have the title `Two`; name one of them by its id: `b`, `c`
        the account sees no playbook with the id or title `Three`
        ");
    }
}
