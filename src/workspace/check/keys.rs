//! Keys: each names one thing, and a playbook's also its file.

use std::collections::HashMap;

use camino::Utf8Path;

use super::{SETTINGS, Sink};
use crate::diag::Code;
use crate::model::Playbook;
use crate::yaml::Part;

/// P-01: two files with one key would fight over one playbook.
pub(super) fn playbooks_have_keys_of_their_own(sink: &mut Sink<'_>) {
    let mut first: HashMap<&str, &str> = HashMap::new();
    for loaded in sink.playbooks() {
        let key = loaded.playbook.key.as_str();
        let Some(other) = first.get(key) else {
            first.insert(key, &loaded.path);
            continue;
        };
        let (source, span) = sink.place(other, "/key", Part::Value);
        let message = format!("the key `{key}` belongs to `{other}` already");
        sink.push(
            sink.at_value(Code::DuplicateKey, &loaded.path, "/key", message)
                .label("choose another key")
                .related(&source, span, "it stands here first"),
        );
    }
}

/// P-01: people could not tell two playbooks of one team apart.
pub(super) fn titles_differ_within_a_team(sink: &mut Sink<'_>) {
    let default = sink.parts.settings.as_ref().and_then(|s| s.team.as_ref());
    let mut first: HashMap<(&str, &str), &str> = HashMap::new();
    for loaded in sink.playbooks() {
        let title = loaded.playbook.title.as_str();
        for team in loaded.playbook.teams_or(default) {
            let other = *first.entry((team.as_str(), title)).or_insert(&loaded.path);
            if other == loaded.path {
                continue;
            }
            let (source, span) = sink.place(other, "/title", Part::Value);
            let message = format!("the team `{team}` has a playbook with this title already");
            sink.push(
                sink.at_value(Code::DuplicateKey, &loaded.path, "/title", message)
                    .label("choose another title")
                    .related(&source, span, "it stands here first"),
            );
            break;
        }
    }
}

/// P-03: whoever knows a key knows its file.
pub(super) fn file_names_are_keys(sink: &mut Sink<'_>) {
    for loaded in sink.playbooks() {
        let key = &loaded.playbook.key;
        let path = Utf8Path::new(&loaded.path);
        let stem = path.file_stem().unwrap_or_default();
        if stem == key.as_str() {
            continue;
        }
        let extension = path.extension().unwrap_or("yaml");
        let message = format!("the key `{key}` stands in a file called `{stem}.{extension}`");
        sink.push(
            sink.at_value(Code::FileName, &loaded.path, "/key", message)
                .label(format!("rename the file to `{key}.{extension}`"))
                .help("the key is the playbook's identity: once it is synced, rename the file and not the key"),
        );
    }
}

/// P-01, P-04, P-06: keys within one file.
pub(super) fn nothing_in_a_file_has_a_key_twice(sink: &mut Sink<'_>) {
    for loaded in sink.playbooks() {
        within_playbook(sink, &loaded.path, &loaded.playbook);
    }
    if let Some(settings) = &sink.parts.settings {
        let severities = settings.severities.iter().map(|s| s.key.as_str());
        unique(
            sink,
            Code::DuplicateKey,
            SETTINGS,
            "/severities",
            "severity",
            severities,
        );
        let statuses = settings.statuses.iter().map(|s| s.key.as_str());
        unique(
            sink,
            Code::DuplicateKey,
            SETTINGS,
            "/statuses",
            "status",
            statuses,
        );
    }
}

fn within_playbook(sink: &mut Sink<'_>, path: &str, playbook: &Playbook) {
    let checklists = playbook.checklists.iter().map(|c| c.key.as_str());
    unique(
        sink,
        Code::DuplicateChecklist,
        path,
        "/checklists",
        "checklist",
        checklists,
    );
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        let list = format!("/checklists/{index}/tasks");
        let tasks = checklist.tasks.iter().map(|t| t.key.as_str());
        unique(
            sink,
            Code::DuplicateTask,
            path,
            &list,
            "task of this checklist",
            tasks,
        );
    }
    let attributes = playbook.attributes.iter().map(|a| a.key.as_str());
    unique(
        sink,
        Code::DuplicateKey,
        path,
        "/attributes",
        "attribute",
        attributes,
    );
    let metrics = playbook.retrospective.iter().flat_map(|r| &r.metrics);
    let metrics = metrics.map(|m| m.key.as_str());
    unique(
        sink,
        Code::DuplicateKey,
        path,
        "/retrospective/metrics",
        "metric",
        metrics,
    );
}

fn unique<'k>(
    sink: &mut Sink<'_>,
    code: Code,
    path: &str,
    list: &str,
    what: &str,
    keys: impl Iterator<Item = &'k str>,
) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (index, key) in keys.enumerate() {
        let other = *first.entry(key).or_insert(index);
        if other == index {
            continue;
        }
        let (source, span) = sink.place(path, &format!("{list}/{other}/key"), Part::Value);
        let message = format!("another {what} has the key `{key}` already");
        sink.push(
            sink.at_value(code, path, &format!("{list}/{index}/key"), message)
                .label("choose another key")
                .related(&source, span, "it stands here first"),
        );
    }
}
