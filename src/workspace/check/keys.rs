//! Keys: each names one thing, and a playbook's also its file.

use std::collections::HashMap;

use camino::Utf8Path;

use super::super::SETTINGS;
use super::{File, Outline, Placed, Surroundings};
use crate::diag::{Code, Finding};
use crate::yaml::Part;

/// P-01: two files with one key would fight over one playbook.
pub(super) fn playbooks_have_keys_of_their_own(
    around: &Surroundings<'_>,
    outlines: &[&Outline],
    findings: &mut Vec<Finding>,
) {
    let mut first: HashMap<&str, &str> = HashMap::with_capacity(outlines.len());
    for outline in outlines {
        let Some(other) = first.get(outline.key.as_str()) else {
            first.insert(&outline.key, &outline.path);
            continue;
        };
        let message = format!("the key `{}` is already used by `{other}`", outline.key);
        let finding = around
            .document(&outline.path)
            .at_value(Code::DuplicateKey, "/key", message)
            .label("choose another key");
        findings.push(with_first(finding, around, other, "/key"));
    }
}

/// P-01: a key that somebody had before may belong to nobody else now.
///
/// The ids of tasks go on following from it, and both would claim one playbook of Mattermost.
pub(super) fn old_keys_are_free(
    around: &Surroundings<'_>,
    outlines: &[&Outline],
    findings: &mut Vec<Finding>,
) {
    let mut keys: HashMap<&str, &str> = HashMap::with_capacity(outlines.len());
    for outline in outlines {
        keys.entry(&outline.key).or_insert(&outline.path);
    }
    let mut moved: HashMap<&str, &str> = HashMap::new();
    for outline in outlines {
        let Some(old) = outline.moved_from.as_deref() else {
            continue;
        };
        let finding = |message| {
            let document = around.document(&outline.path);
            document.at_value(Code::DuplicateKey, "/moved_from", message)
        };
        if old == outline.key {
            let finding = finding(format!("`{old}` is the key that this playbook has now"));
            findings.push(finding.label("name the key that it had before, or remove this line"));
        } else if let Some(other) = keys.get(old) {
            let finding = finding(format!("`{other}` still has the key `{old}`"))
                .label("remove that file, or this line");
            findings.push(with_first(finding, around, other, "/key"));
        } else if let Some(other) = moved.get(old) {
            let finding = finding(format!("`{other}` was `{old}` before, too"))
                .label("only one playbook can go on with it");
            findings.push(with_first(finding, around, other, "/moved_from"));
        } else {
            moved.insert(old, &outline.path);
        }
    }
}

/// P-01: people could not tell two playbooks of one team apart.
pub(super) fn titles_differ_within_a_team(
    around: &Surroundings<'_>,
    outlines: &[&Outline],
    findings: &mut Vec<Finding>,
) {
    let mut first: HashMap<(&str, &str), &str> = HashMap::with_capacity(outlines.len());
    for outline in outlines {
        let title = outline.title.as_str();
        for team in &outline.teams {
            let path = outline.path.as_str();
            let other = *first.entry((team.as_str(), title)).or_insert(path);
            if other == path {
                continue;
            }
            let message = format!("the team `{team}` already has a playbook with this title");
            let finding = around
                .document(path)
                .at_value(Code::DuplicateKey, "/title", message)
                .label("choose another title");
            findings.push(with_first(finding, around, other, "/title"));
            break;
        }
    }
}

fn with_first(finding: Finding, around: &Surroundings<'_>, other: &str, pointer: &str) -> Finding {
    let other = around.document(other);
    let span = other.place(pointer, Part::Value);
    finding.related(other.source(), span, "first used here")
}

/// P-03: whoever knows a key knows its file.
pub(super) fn the_file_name_is_the_key(file: &mut File<'_>) {
    let key = &file.playbook.key;
    let path = Utf8Path::new(file.source().name());
    let stem = path.file_stem().unwrap_or_default();
    if stem == key.as_str() {
        return;
    }
    let extension = path.extension().unwrap_or("yaml");
    let message = format!("the key is `{key}`, but the file is called `{stem}.{extension}`");
    let finding = file
        .at_value(Code::FileName, "/key", message)
        .label(format!("rename the file to `{key}.{extension}`"))
        .help(
            "`sync` recognises a playbook by its key: once it is synced, rename the file, not the key",
        );
    file.push(finding);
}

/// P-01: keys of `warroom.yaml`.
pub(super) fn nothing_in_the_settings_has_a_key_twice(
    around: &Surroundings<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some(settings) = &around.settings else {
        return;
    };
    let document = around.document(SETTINGS);
    let severities = settings.severities.iter().map(|s| s.key.as_str());
    let statuses = settings.statuses.iter().map(|s| s.key.as_str());
    let lists = [
        unique(
            &document,
            Code::DuplicateKey,
            "/severities",
            "severity",
            severities,
        ),
        unique(
            &document,
            Code::DuplicateKey,
            "/statuses",
            "status",
            statuses,
        ),
    ];
    findings.extend(lists.into_iter().flatten());
}

/// P-01, P-04, P-06: keys within a playbook.
pub(super) fn nothing_has_a_key_twice(file: &mut File<'_>) {
    let playbook = file.playbook;
    let tree = file.tree;
    let checklists = playbook.checklists.iter().map(|c| c.key.as_str());
    let mut found = unique(
        tree,
        Code::DuplicateChecklist,
        "/checklists",
        "checklist",
        checklists,
    );
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        let list = format!("/checklists/{index}/tasks");
        let tasks = checklist.tasks.iter().map(|t| t.key.as_str());
        let what = "task in this checklist";
        found.extend(unique(tree, Code::DuplicateTask, &list, what, tasks));
    }
    let attributes = playbook.attributes.iter().map(|a| a.key.as_str());
    found.extend(unique(
        tree,
        Code::DuplicateKey,
        "/attributes",
        "attribute",
        attributes,
    ));
    let metrics = playbook.retrospective.iter().flat_map(|r| &r.metrics);
    found.extend(unique(
        tree,
        Code::DuplicateKey,
        "/retrospective/metrics",
        "metric",
        metrics.map(|m| m.key.as_str()),
    ));
    file.findings.extend(found);
}

fn unique<'k>(
    document: &impl Placed,
    code: Code,
    list: &str,
    what: &str,
    keys: impl Iterator<Item = &'k str>,
) -> Vec<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut findings = Vec::new();
    for (index, key) in keys.enumerate() {
        let other = *first.entry(key).or_insert(index);
        if other == index {
            continue;
        }
        let span = document.place(&format!("{list}/{other}/key"), Part::Value);
        let message = format!("another {what} already has the key `{key}`");
        findings.push(
            document
                .at_value(code, &format!("{list}/{index}/key"), message)
                .label("choose another key")
                .related(document.source(), span, "first used here"),
        );
    }
    findings
}
