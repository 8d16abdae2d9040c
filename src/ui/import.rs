//! What an import would write, for people and programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use similar::TextDiff;

use crate::diag::one_line;
use crate::sync::import::{Draft, DraftFile};

/// The change of a file as a unified diff.
#[must_use]
pub fn diff(file: &DraftFile) -> String {
    let path = one_line(&file.path);
    let before = match &file.before {
        Some(_) => format!("a/{path}"),
        None => "/dev/null".to_owned(),
    };
    TextDiff::from_lines(file.before.as_deref().unwrap_or_default(), &file.after)
        .unified_diff()
        .header(&before, &format!("b/{path}"))
        .to_string()
}

/// All changes, one below the other.
#[must_use]
pub fn diffs(draft: &Draft) -> String {
    draft.files.iter().map(diff).collect()
}

/// What people should know about it, line by line.
#[must_use]
pub fn notes(draft: &Draft) -> String {
    let mut text = String::new();
    for playbook in &draft.playbooks {
        for note in &playbook.notes {
            let _ = writeln!(text, "note: {}: {note}", playbook.address);
        }
    }
    for (title, why) in &draft.skipped {
        let _ = writeln!(text, "left out `{}`: {why}", one_line(title));
    }
    for (title, why) in &draft.refused {
        let _ = writeln!(text, "could not write down `{}`: {why}", one_line(title));
    }
    text
}

/// How much there is.
#[must_use]
pub fn summary(draft: &Draft) -> String {
    let new = draft.new_paths().len();
    let changed = draft.files.len() - new;
    match (draft.files.is_empty(), draft.refused.is_empty()) {
        (true, true) => "nothing to write".to_owned(),
        (true, false) => "nothing can be written".to_owned(),
        _ => format!(
            "playbooks: {}, new files: {new}, changed files: {changed}",
            draft.playbooks.len()
        ),
    }
}

/// All of it as JSON.
#[must_use]
pub fn json(draft: &Draft, written: bool) -> Value {
    let files = draft
        .files
        .iter()
        .map(|file| json!({ "path": file.path, "new": file.before.is_none(), "diff": diff(file) }));
    let playbooks = draft.playbooks.iter().map(|playbook| {
        json!({
            "key": playbook.address.key,
            "team": playbook.address.team,
            "id": playbook.id,
            "title": playbook.title,
            "path": playbook.path,
            "notes": playbook.notes,
        })
    });
    let told = |list: &[(String, String)]| -> Vec<Value> {
        let list = list.iter();
        list.map(|(title, why)| json!({ "title": title, "why": why }))
            .collect()
    };
    json!({
        "version": 1,
        "written": written,
        "files": files.collect::<Vec<_>>(),
        "playbooks": playbooks.collect::<Vec<_>>(),
        "skipped": told(&draft.skipped),
        "refused": told(&draft.refused),
    })
}
