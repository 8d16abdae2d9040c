//! What a file does not say although Mattermost does: told, so that no sync surprises.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diag::one_line;
use crate::model::Unmanaged;
use crate::sync::canonical::PlaybookState;

/// The most characters of a value that are told.
const LONGEST: usize = 60;

/// What a sync would change in Mattermost after the import, each as a sentence.
///
/// `wanted` is what the new file asks for, `state` what Mattermost has. Ids do not count:
/// the first sync writes them. Only `fields` are told, where they are given.
#[must_use]
pub fn leftovers(
    wanted: &PlaybookState,
    state: &PlaybookState,
    unmanaged: &[Unmanaged],
    fields: Option<&BTreeSet<String>>,
) -> Vec<String> {
    let wanted = without_ids(wanted.clone());
    let state = without_ids(state.clone().without(unmanaged));
    let mut found = Vec::new();
    for difference in state.differences(&wanted) {
        if fields.is_some_and(|fields| !fields.contains(&difference.field)) {
            continue;
        }
        if difference.field == "checklists" {
            found.extend(tasks(&state, &wanted));
            continue;
        }
        let (has, says) = (shown(&difference.left), shown(&difference.right));
        found.push(format!(
            "`{}`: Mattermost has {has}, the file says {says}, and a sync would write that",
            difference.field
        ));
    }
    found
}

/// The same state with no ids of checklists and tasks.
pub(crate) fn without_ids(mut state: PlaybookState) -> PlaybookState {
    for checklist in &mut state.checklists {
        checklist.id.clear();
        for task in &mut checklist.tasks {
            task.id.clear();
        }
    }
    state
}

fn tasks(state: &PlaybookState, wanted: &PlaybookState) -> Vec<String> {
    let mut found = Vec::new();
    let titles = |state: &PlaybookState| -> Vec<String> {
        let lists = state.checklists.iter();
        lists.map(|checklist| checklist.title.clone()).collect()
    };
    if titles(state) != titles(wanted) {
        found.push("the checklists have other titles than in Mattermost, and a sync would write those of the file".to_owned());
    }
    for ((_, has), (_, says)) in state.tasks().zip(wanted.tasks()) {
        let [has_fields, says_fields] = [has, says].map(fields);
        for (name, value) in &has_fields {
            let other = says_fields.get(name).unwrap_or(&Value::Null);
            if value != other {
                let title = one_line(&cut(&has.title));
                let (value, other) = (shown(value), shown(other));
                found.push(format!(
                    "`{name}` of the task `{title}`: Mattermost has {value}, the file says {other}, and a sync would write that"
                ));
            }
        }
    }
    if state.tasks().count() != wanted.tasks().count() {
        found.push("the file has not all tasks that Mattermost has".to_owned());
    }
    found
}

fn fields(task: &crate::sync::canonical::TaskState) -> BTreeMap<String, Value> {
    match serde_json::to_value(task) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.is_empty() => "nothing".to_owned(),
        Value::String(text) => format!("`{}`", one_line(&cut(text))),
        other => format!("`{}`", one_line(&cut(&other.to_string()))),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}
