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

use std::sync::Arc;

use super::load::Parts;
use super::{LoadedPlaybook, PERMISSIONS, SETTINGS};
use crate::diag::{Code, Finding, Source, Span, did_you_mean, listed};
use crate::yaml::Part;

pub(super) use templates::tell_who_names;

/// Runs every check.
pub(super) fn all(parts: &Parts) -> Vec<Finding> {
    let mut sink = Sink {
        parts,
        findings: Vec::new(),
    };
    keys::playbooks_have_keys_of_their_own(&mut sink);
    keys::titles_differ_within_a_team(&mut sink);
    titles::titles_can_be_read(&mut sink);
    keys::file_names_are_keys(&mut sink);
    keys::nothing_in_a_file_has_a_key_twice(&mut sink);
    teams::every_playbook_has_a_team(&mut sink);
    people::profiles_exist(&mut sink);
    people::groups_exist(&mut sink);
    people::roles_are_defined(&mut sink);
    attributes::attributes_say_what_they_take(&mut sink);
    attributes::attributes_in_use_are_declared(&mut sink);
    templates::templates_exist(&mut sink);
    templates::templates_are_sound(&mut sink);
    sink.findings
}

/// What checks read, and where they put what they find.
struct Sink<'a> {
    parts: &'a Parts,
    findings: Vec<Finding>,
}

impl<'a> Sink<'a> {
    fn playbooks(&self) -> impl Iterator<Item = &'a LoadedPlaybook> + use<'a> {
        self.parts.playbooks.iter()
    }

    fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A place in a YAML file.
    fn place(&self, path: &str, pointer: &str, part: Part) -> (Arc<Source>, Span) {
        match self.parts.documents.get(path) {
            Some(document) => (Arc::clone(document.source()), document.place(pointer, part)),
            None => (Arc::new(Source::new(path, "")), Span::default()),
        }
    }

    /// A finding at a value of a YAML file.
    fn at_value(&self, code: Code, path: &str, pointer: &str, message: String) -> Finding {
        let (source, span) = self.place(path, pointer, Part::Value);
        Finding::new(code, &source, span, message)
    }

    /// A finding at a key of a YAML file.
    fn at_key(&self, code: Code, path: &str, pointer: &str, message: String) -> Finding {
        let (source, span) = self.place(path, pointer, Part::Key);
        Finding::new(code, &source, span, message)
    }
}

/// The same finding with the nearest of what exists as label, and all of it as help.
fn choose<'c>(
    finding: Finding,
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    help: impl FnOnce(String) -> String,
) -> Finding {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let label = did_you_mean(name, candidates.iter().copied());
    let help = help(listed(candidates));
    let finding = finding.help(help);
    match label {
        Some(label) => finding.label(label),
        None => finding,
    }
}
