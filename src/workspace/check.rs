//! What the files of a workspace say about each other: one check a function.
//!
//! Each check sees only what could be read, and says nothing about what could not:
//! with a broken `permissions.yaml`, no profile is called unknown. Places are
//! pointers; the documents turn them into spans.

mod attributes;
mod keys;
mod people;
mod teams;
mod templates;
mod titles;

use std::ops::Deref;

use super::document::{Placed, Tree};
use super::survey::{Outline, Surroundings};
use crate::diag::{Finding, listed, nearest};
use crate::model::Playbook;

/// Checks one playbook against what surrounds it.
pub(super) fn playbook(
    around: &Surroundings<'_>,
    tree: &Tree<'_>,
    playbook: &Playbook,
    findings: &mut Vec<Finding>,
) {
    let mut file = File {
        around,
        tree,
        playbook,
        findings,
    };
    titles::titles_can_be_read(&mut file);
    keys::the_file_name_is_the_key(&mut file);
    keys::nothing_has_a_key_twice(&mut file);
    teams::there_is_a_team(&mut file);
    people::the_profile_exists(&mut file);
    people::groups_exist(&mut file);
    people::roles_are_defined(&mut file);
    attributes::attributes_say_what_they_take(&mut file);
    attributes::attributes_in_use_are_declared(&mut file);
    templates::templates_exist(&mut file);
}

/// Checks what no single playbook can show.
pub(super) fn between_files(around: &Surroundings<'_>, outlines: &[&Outline]) -> Vec<Finding> {
    let mut findings = Vec::new();
    keys::playbooks_have_keys_of_their_own(around, outlines, &mut findings);
    keys::old_keys_are_free(around, outlines, &mut findings);
    keys::titles_differ_within_a_team(around, outlines, &mut findings);
    keys::nothing_in_the_settings_has_a_key_twice(around, &mut findings);
    people::groups_of_profiles_exist(around, &mut findings);
    templates::templates_of_the_settings_exist(around, &mut findings);
    templates::templates_can_be_read(around, outlines, &mut findings);
    templates::templates_are_sound(around, outlines, &mut findings);
    findings
}

/// A playbook, what it is held against, and where findings go.
struct File<'a> {
    around: &'a Surroundings<'a>,
    tree: &'a Tree<'a>,
    playbook: &'a Playbook,
    findings: &'a mut Vec<Finding>,
}

impl File<'_> {
    fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

impl<'a> Deref for File<'a> {
    type Target = Tree<'a>;

    fn deref(&self) -> &Tree<'a> {
        self.tree
    }
}

/// The same finding with the nearest of what exists as label, and all of it as help.
///
/// `before` is what the marked place has before the name, such as `group:`.
fn choose<'c>(
    finding: Finding,
    (before, name): (&str, &str),
    candidates: impl IntoIterator<Item = &'c str>,
    help: impl FnOnce(String) -> String,
) -> Finding {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let label = match nearest(name, candidates.iter().copied()) {
        Some(nearest) => format!("did you mean `{before}{nearest}`?"),
        None => "name one that exists, or add this one".to_owned(),
    };
    finding.label(label).help(help(listed(candidates)))
}
