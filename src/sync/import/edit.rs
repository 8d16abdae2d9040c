//! Somebody's edit in Mattermost as an edit of the playbook's own file.
//!
//! Owns which keys of a file a managed field is, and which checklist, task or attribute of
//! the file is which of Mattermost: by id, else by title, else by everything but the title.
//! What Mattermost does not know of (roles, required tasks, keys) stays. Pure: changes what
//! a file says; [`crate::yaml::merge`] changes its text.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::{self, Attribute};
use super::keys;
use super::metrics;
use super::playbook::{self, Entries, put, remove};
use super::texts::Texts;
use crate::model::{Key, Playbook, Settings, TextSource};
use crate::sync::canonical::{ChecklistState, PlaybookState, TaskState};
use crate::template::TemplateKind;
use crate::yaml::Value;

/// The fields that stand in `permissions.yaml`.
pub(super) const ACCESS: [&str; 5] = [
    "visibility",
    "members",
    "only_editors_edit",
    "incident.channel",
    "incident.commander_decides",
];

/// What is to be brought into a file.
pub(super) struct Editing<'a> {
    pub(super) settings: &'a Settings,
    /// What the file says.
    pub(super) playbook: &'a Playbook,
    /// The same, as the server would show it.
    pub(super) wanted: &'a PlaybookState,
    /// What Mattermost has.
    pub(super) state: &'a PlaybookState,
    /// The fields to take from there.
    pub(super) fields: &'a BTreeSet<String>,
}

/// Makes the file say what Mattermost has.
pub(super) fn edit(
    entries: &mut Entries,
    of: &Editing<'_>,
    texts: &mut Texts<'_>,
    notes: &mut Vec<String>,
) {
    let known: BTreeMap<&str, Key> = of
        .playbook
        .attributes
        .iter()
        .map(|attribute| (attribute.name.as_str(), attribute.key.clone()))
        .collect();
    let all = attributes::attributes(&of.state.attributes, of.settings, &known, notes);
    for field in of.fields {
        match field.as_str() {
            "attributes" => set_attributes(entries, of, &all),
            "retrospective.metrics" if of.state.retrospective => set_metrics(entries, of),
            "checklists" => set_checklists(entries, of, &all),
            field => set(entries, field, of, texts, notes),
        }
    }
}

fn set(
    entries: &mut Entries,
    field: &str,
    of: &Editing<'_>,
    texts: &mut Texts<'_>,
    notes: &mut Vec<String>,
) {
    let (wanted, state) = (of.wanted, of.state);
    let path: Vec<&str> = field.split('.').collect();
    match (path[0], wanted.updates_every, state.updates_every) {
        ("updates", _, None) => return remove(entries, &["updates"]),
        ("updates", None, Some(_)) => {
            // With the interval comes all the rest.
            if field == "updates.every"
                && let Some(value) = playbook::updates(state, texts)
            {
                put(entries, &["updates"], value);
            }
            return;
        }
        _ => {}
    }
    if path[0] == "retrospective" && !state.retrospective {
        return remove(entries, &["retrospective"]);
    }
    if let Some((kind, source)) = source_of(field, of.playbook)
        && let Some(TextSource::File(template)) = source
    {
        notes.push(format!(
            "`{field}` comes from `{template}`, which was left as it is: carry the new text of the {} over by hand",
            kind.name()
        ));
        return;
    }
    let fields = state.fields();
    // What stood in the file goes on to stand there, however long it is now.
    let in_place = match (source_of(field, of.playbook), fields.get(field)) {
        (Some((_, Some(TextSource::Inline(_)))), Some(serde_json::Value::String(text))) => {
            let same = matches!(text.parse(), Ok(TextSource::Inline(same)) if same == *text);
            same.then(|| Value::text(text))
        }
        _ => None,
    };
    let value = in_place.or_else(|| playbook::simple(field, state, texts));
    let is_absent = fields.get(field).is_none_or(|value| match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => true,
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(items) => items.is_empty(),
        _ => false,
    });
    match value {
        Some(value) => put(entries, &path, value),
        None if is_absent => remove(entries, &path),
        // What YAML cannot say is told when the file is compared with Mattermost.
        None => {}
    }
}

/// The kind of a text, and where the file has it from.
fn source_of<'p>(
    field: &str,
    playbook: &'p Playbook,
) -> Option<(TemplateKind, Option<&'p TextSource>)> {
    let pointer = format!("/{}", field.replace('.', "/"));
    let kind = TemplateKind::of_pointer(&pointer)?;
    let mut texts = playbook.texts();
    let found = texts.find(|(at, _)| *at == pointer);
    Some((kind, found.map(|(_, source)| source)))
}

/// The elements of a list of the file; none when it is no list.
fn elements<'e>(entries: &'e [(String, Value)], name: &str) -> &'e [Value] {
    let found = entries.iter().find(|(key, _)| key == name);
    match found {
        Some((_, Value::List(items))) => items,
        _ => &[],
    }
}

fn set_attributes(entries: &mut Entries, of: &Editing<'_>, all: &[Attribute<'_>]) {
    let old = elements(entries, "attributes").to_vec();
    let list = all.iter().map(|attribute| {
        let names = of.wanted.attributes.iter();
        let place = names
            .map(|a| a.name.as_str())
            .position(|n| n == attribute.name);
        let Some((place, there)) = place.and_then(|place| Some((place, old.get(place)?))) else {
            return attribute.value.clone();
        };
        let state = of
            .state
            .attributes
            .iter()
            .find(|a| a.name == attribute.name);
        if state == of.wanted.attributes.get(place) {
            return there.clone();
        }
        let mut value = there.clone();
        if let (Some(new), Value::Map(entries)) = (attribute.value.entries(), &mut value) {
            for name in ["type", "from", "options", "format", "show"] {
                match new.iter().find(|(key, _)| key == name) {
                    Some((_, value)) => put(entries, &[name], value.clone()),
                    None => remove(entries, &[name]),
                }
            }
        }
        value
    });
    let list: Vec<Value> = list.collect();
    if list.is_empty() {
        remove(entries, &["attributes"]);
    } else {
        put(entries, &["attributes"], Value::List(list));
    }
}

fn set_metrics(entries: &mut Entries, of: &Editing<'_>) {
    let path = ["retrospective", "metrics"];
    let old =
        playbook::inside(entries, &path[..1]).map(|entries| elements(entries, path[1]).to_vec());
    match metrics::metrics(of.state, &old.unwrap_or_default()) {
        Some(value) => put(entries, &path, value),
        None => remove(entries, &path),
    }
}

/// A task of the file: its checklist, and its place there.
type Place = (usize, usize);

fn set_checklists(entries: &mut Entries, of: &Editing<'_>, all: &[Attribute<'_>]) {
    let old = elements(entries, "checklists").to_vec();
    let lists = checklists_of(&of.wanted.checklists, &of.state.checklists);
    let tasks = tasks_of(&of.wanted.checklists, &of.state.checklists, &lists);
    let mut taken: BTreeSet<String> = lists
        .iter()
        .flatten()
        .filter_map(|n| key_of(old.get(*n)?))
        .collect();
    let mut new = Vec::new();
    for (n, checklist) in of.state.checklists.iter().enumerate() {
        let there = lists[n].and_then(|place| old.get(place));
        let mut list = if let Some(Value::Map(entries)) = there {
            entries.clone()
        } else {
            let title = playbook::or(&checklist.title, "Untitled");
            let key = keys::unique(title, "checklist", |key| !taken.contains(key));
            taken.insert(key.to_string());
            vec![("key".to_owned(), Value::text(key.as_str()))]
        };
        let title = lists[n].and_then(|place| of.wanted.checklists.get(place));
        if title.is_none_or(|wanted| wanted.title != checklist.title) {
            let title = playbook::or(&checklist.title, "Untitled");
            put(&mut list, &["title"], Value::text(title));
        }
        let mut keys = BTreeSet::new();
        let kept = tasks[n].iter().flatten().filter_map(|(list, task)| {
            key_of(elements(old.get(*list)?.entries()?, "tasks").get(*task)?)
        });
        let kept: BTreeSet<String> = kept.collect();
        let items = checklist.tasks.iter().enumerate().map(|(i, task)| {
            let there = tasks[n][i].and_then(|(list, place)| {
                let value = elements(old.get(list)?.entries()?, "tasks").get(place)?;
                let wanted = of.wanted.checklists.get(list)?.tasks.get(place)?;
                Some((value, wanted))
            });
            let mut entries = match there {
                Some((Value::Map(entries), wanted)) => {
                    let mut entries = entries.clone();
                    set_task(&mut entries, wanted, task, of.state, all);
                    entries
                }
                _ => playbook::task_entries(task, of.state, all),
            };
            let key = entries.iter().find(|(name, _)| name == "key");
            let key = key.and_then(|(_, key)| text_of(key));
            // A task that came from another checklist may find its key taken here.
            let key = key.filter(|key| !keys.contains(key)).unwrap_or_else(|| {
                let free = |key: &str| !keys.contains(key) && !kept.contains(key);
                keys::unique(&task.title, "task", free).to_string()
            });
            keys.insert(key.clone());
            put(&mut entries, &["key"], Value::text(key));
            Value::Map(entries)
        });
        let items: Vec<Value> = items.collect();
        put(&mut list, &["tasks"], Value::List(items));
        new.push(Value::Map(list));
    }
    put(entries, &["checklists"], Value::List(new));
}

/// Changes only what differs: a role, say, is nothing that Mattermost knows of.
fn set_task(
    entries: &mut Entries,
    wanted: &TaskState,
    task: &TaskState,
    state: &PlaybookState,
    all: &[Attribute<'_>],
) {
    let new = playbook::task_entries(task, state, all);
    let differs = [
        ("title", wanted.title != task.title, false),
        (
            "description",
            wanted.description != task.description,
            task.description.is_empty(),
        ),
        (
            "assign",
            wanted.assign != task.assign,
            task.assign.is_none(),
        ),
        ("due", wanted.due != task.due, task.due.is_none()),
        (
            "command",
            wanted.command != task.command,
            task.command.is_empty(),
        ),
        ("when", wanted.when != task.when, task.when.is_none()),
        (
            "done_when",
            wanted.done_when != task.done_when,
            task.done_when.is_none(),
        ),
    ];
    for (name, _, is_absent) in differs.iter().filter(|(_, differs, _)| *differs) {
        match new.iter().find(|(key, _)| key == name) {
            Some((_, value)) => put(entries, &[name], value.clone()),
            None if *is_absent => remove(entries, &[name]),
            None => {}
        }
    }
}

/// For each checklist of Mattermost the one of the file that it is.
fn checklists_of(old: &[ChecklistState], new: &[ChecklistState]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let same: [&dyn Fn(usize, usize) -> bool; 3] = [
        &|o, n| !new[n].id.is_empty() && old[o].id == new[n].id,
        &|o, n| old[o].title == new[n].title,
        // The same work under another name.
        &|o, n| {
            let titles = |c: &ChecklistState| -> Vec<String> {
                c.tasks.iter().map(|t| t.title.clone()).collect()
            };
            !old[o].tasks.is_empty() && titles(&old[o]) == titles(&new[n])
        },
    ];
    for same in same {
        for n in 0..new.len() {
            if found[n].is_none() {
                let free = |o: &usize| !found.contains(&Some(*o)) && same(*o, n);
                found[n] = (0..old.len()).find(free);
            }
        }
    }
    found
}

/// Whether two tasks are the same one.
type Same = dyn Fn(&TaskState, &TaskState) -> bool;

/// For each task of Mattermost, by checklist, the one of the file that it is.
fn tasks_of(
    old: &[ChecklistState],
    new: &[ChecklistState],
    lists: &[Option<usize>],
) -> Vec<Vec<Option<Place>>> {
    let mut found: Vec<Vec<Option<Place>>> = new
        .iter()
        .map(|list| vec![None; list.tasks.len()])
        .collect();
    let mut taken: BTreeSet<Place> = BTreeSet::new();
    let places = |list: usize| (0..old[list].tasks.len()).map(move |task| (list, task));
    let same: [&Same; 3] = [
        &|a, b| !b.id.is_empty() && a.id == b.id,
        &|a, b| a.title == b.title,
        &|a, b| {
            let rest = |t: &TaskState| TaskState {
                id: String::new(),
                title: String::new(),
                ..t.clone()
            };
            !b.description.is_empty() && rest(a) == rest(b)
        },
    ];
    for same in same {
        // In its own checklist first, and anywhere after that.
        for own in [true, false] {
            for (n, list) in new.iter().enumerate() {
                for (i, task) in list.tasks.iter().enumerate() {
                    if found[n][i].is_some() {
                        continue;
                    }
                    let fits = |place: &Place| {
                        !taken.contains(place) && same(&old[place.0].tasks[place.1], task)
                    };
                    let place = match (own, lists[n]) {
                        (true, Some(list)) => places(list).find(fits),
                        (true, None) => None,
                        (false, _) => (0..old.len()).flat_map(places).find(fits),
                    };
                    taken.extend(place);
                    found[n][i] = place;
                }
            }
        }
    }
    found
}

fn key_of(value: &Value) -> Option<String> {
    let (_, key) = value.entries()?.iter().find(|(name, _)| name == "key")?;
    text_of(key)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
