//! A playbook's managed fields as YAML: each field its value, in the order of our examples.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::{self, Attribute};
use super::keys;
use super::metrics;
use super::texts::Texts;
use crate::model::{
    Assign, ChannelName, Duration, Key, Person, Settings, TeamName, Unmanaged, Username,
};
use crate::sync::canonical::{
    BY_ATTRIBUTE, ChecklistState, DoneWhenState, PlaybookState, TaskState,
};
use crate::template::TemplateKind;
use crate::yaml::Value;

/// The entries of a mapping.
pub(super) type Entries = Vec<(String, Value)>;

/// The fields that have a value each, in the order in which a file has them.
const FIELDS: [&str; 20] = [
    "title",
    "description",
    "start.commander",
    "start.invite",
    "start.channel.name",
    "start.channel.link",
    "start.channel.category",
    "start.channel.archive_when_ended",
    "start.channel.always_new",
    "start.channel.remove_leavers",
    "start.number_prefix",
    "start.welcome",
    "start.overview",
    "attributes",
    "checklists",
    "updates",
    "retrospective",
    "retrospective.template",
    "retrospective.remind_every",
    "retrospective.metrics",
];

/// What a file says for these fields, but for those that only a workspace can know.
pub(super) fn entries(
    state: &PlaybookState,
    settings: &Settings,
    texts: &mut Texts<'_>,
    notes: &mut Vec<String>,
) -> Entries {
    let mut entries = Entries::new();
    let attributes = attributes::attributes(&state.attributes, settings, &BTreeMap::new(), notes);
    for field in FIELDS {
        let value = match field {
            "attributes" if attributes.is_empty() => None,
            "attributes" => Some(Value::List(
                attributes.iter().map(|a| a.value.clone()).collect(),
            )),
            "checklists" => Some(checklists(state, &attributes)),
            "updates" => updates(state, texts),
            other => simple(other, state, texts),
        };
        if let Some(value) = value {
            let path: Vec<&str> = field.split('.').collect();
            put(&mut entries, &path, value);
        }
    }
    entries
}

/// Puts key, team, profile and what is left alone where they belong.
pub(super) fn head(
    entries: &mut Entries,
    key: &Key,
    team: Option<&TeamName>,
    access: &Key,
    unmanaged: &[Unmanaged],
) {
    let entry = |name: &str, text: &str| (name.to_owned(), Value::text(text));
    entries.insert(0, entry("key", key.as_str()));
    let texts = ["key", "title", "description"];
    let place = entries
        .iter()
        .position(|(name, _)| !texts.contains(&name.as_str()));
    let place = place.unwrap_or(entries.len());
    entries.insert(place, entry("access", access.as_str()));
    if let Some(team) = team {
        entries.insert(place, entry("team", team.as_str()));
    }
    if !unmanaged.is_empty() {
        let words = unmanaged.iter().map(|field| {
            Value::text(match field {
                Unmanaged::Webhooks => "webhooks",
                Unmanaged::Members => "members",
            })
        });
        entries.push(("unmanaged".to_owned(), Value::List(words.collect())));
    }
}

/// What a field with one value says; none for its default, or where YAML cannot say it.
pub(super) fn simple(field: &str, state: &PlaybookState, texts: &mut Texts<'_>) -> Option<Value> {
    let some = |text: &Option<String>| text.as_deref().map(Value::text);
    let mut text = |kind, text: &Option<String>| texts.value(kind, text.as_deref()?);
    match field {
        // A file cannot go without a title.
        "title" => Some(Value::text(or(&state.title, "Untitled"))),
        "description" if state.description.is_empty() => None,
        "description" => Some(Value::text(paragraph(&state.description))),
        "start.commander" => some(&state.commander).filter(is::<Username>),
        "start.invite" => {
            let people = state.invite.iter().map(Value::text);
            let people: Vec<Value> = people.filter(is::<Person>).collect();
            (!people.is_empty()).then_some(Value::List(people))
        }
        "start.channel.name" => some(&state.channel_name),
        "start.channel.link" => some(&state.channel_link).filter(is::<ChannelName>),
        "start.channel.category" => some(&state.category),
        "start.channel.archive_when_ended" => state.archive_when_ended.then_some(Value::Bool(true)),
        "start.channel.always_new" => state.always_new.then_some(Value::Bool(true)),
        "start.channel.remove_leavers" => state.remove_leavers.then_some(Value::Bool(true)),
        "retrospective.metrics" if state.retrospective => metrics::metrics(state, &[]),
        "start.number_prefix" => some(&state.number_prefix),
        "start.welcome" => text(TemplateKind::Welcome, &state.welcome),
        "start.overview" => text(TemplateKind::Overview, &state.overview),
        "updates.every" => duration(state.updates_every?),
        "updates.template" => text(TemplateKind::Update, &state.updates_template),
        "updates.broadcast" => {
            let channels = state.broadcast.iter().map(Value::text);
            let channels: Vec<Value> = channels.filter(is::<ChannelName>).collect();
            (!channels.is_empty()).then_some(Value::List(channels))
        }
        "retrospective" => state.retrospective.then(|| Value::Map(Vec::new())),
        "retrospective.template" => {
            text(TemplateKind::Retrospective, &state.retrospective_template)
        }
        "retrospective.remind_every" => duration(state.retrospective_every?),
        _ => None,
    }
}

pub(super) fn updates(state: &PlaybookState, texts: &mut Texts<'_>) -> Option<Value> {
    // A file cannot have updates without an interval.
    let every = duration(state.updates_every?).unwrap_or_else(|| Value::text("1d"));
    let mut entries = vec![("every".to_owned(), every)];
    for name in ["template", "broadcast"] {
        let value = simple(&format!("updates.{name}"), state, texts);
        entries.extend(value.map(|value| (name.to_owned(), value)));
    }
    Some(Value::Map(entries))
}

fn checklists(state: &PlaybookState, attributes: &[Attribute<'_>]) -> Value {
    let mut taken = BTreeSet::new();
    let lists = state.checklists.iter().map(|checklist| {
        let title = or(&checklist.title, "Untitled");
        let key = keys::unique(title, "checklist", |key| !taken.contains(key));
        taken.insert(key.to_string());
        Value::Map(vec![
            ("key".to_owned(), Value::text(key.as_str())),
            ("title".to_owned(), Value::text(title)),
            ("tasks".to_owned(), tasks(checklist, state, attributes)),
        ])
    });
    Value::List(lists.collect())
}

fn tasks(checklist: &ChecklistState, state: &PlaybookState, attributes: &[Attribute<'_>]) -> Value {
    let mut taken = BTreeSet::new();
    let tasks = checklist.tasks.iter().map(|task| {
        let key = keys::unique(&task.title, "task", |key| !taken.contains(key));
        taken.insert(key.to_string());
        let mut entries = vec![("key".to_owned(), Value::text(key.as_str()))];
        entries.extend(task_entries(task, state, attributes));
        Value::Map(entries)
    });
    Value::List(tasks.collect())
}

/// What a file says of a task, but for its key.
pub(super) fn task_entries(
    task: &TaskState,
    state: &PlaybookState,
    attributes: &[Attribute<'_>],
) -> Entries {
    let mut entries = vec![("title".to_owned(), Value::text(or(&task.title, "Untitled")))];
    let mut push = |name: &str, value: Option<Value>| {
        entries.extend(value.map(|value| (name.to_owned(), value)));
    };
    let description = (!task.description.is_empty()).then(|| Value::text(&task.description));
    push("description", description);
    let who = task.assign.as_deref();
    push("assign", who.and_then(|who| assign(who, state, attributes)));
    let due = task.due.filter(|due| due % 1_000 == 0);
    push("due", due.and_then(|due| duration(due / 1_000)));
    let command = Some(&task.command).filter(|command| command.starts_with('/'));
    push("command", command.map(Value::text));
    let when = task.when.as_ref();
    push(
        "when",
        when.and_then(|when| attributes::when(when, attributes)),
    );
    push("done_when", task.done_when.as_ref().and_then(done_when));
    entries
}

/// Who does a task; the server takes only people who are invited.
fn assign(who: &str, state: &PlaybookState, attributes: &[Attribute<'_>]) -> Option<Value> {
    if let Some(name) = who.strip_prefix(BY_ATTRIBUTE) {
        return attributes::assignee(name, attributes);
    }
    match who.parse().ok()? {
        Assign::User(name) if !state.invite.contains(name.as_str()) => None,
        Assign::Role(_) | Assign::Attribute(_) => None,
        Assign::Commander | Assign::Creator | Assign::User(_) => Some(Value::text(who)),
    }
}

fn done_when(state: &DoneWhenState) -> Option<Value> {
    let DoneWhenState::Keywords { keywords, from } = state else {
        return None;
    };
    let from: Vec<Value> = from.iter().map(Value::text).collect();
    // Fewer people than in Mattermost would be other people.
    if keywords.is_empty() || !from.iter().all(is::<Username>) {
        return None;
    }
    let keywords = keywords.iter().map(Value::text).collect();
    let mut entries = vec![("keywords".to_owned(), Value::List(keywords))];
    if !from.is_empty() {
        entries.push(("from".to_owned(), Value::List(from)));
    }
    Some(Value::Short(entries))
}

/// A span in seconds, as far as YAML can say it.
pub(super) fn duration(seconds: i64) -> Option<Value> {
    let text = Duration::from_seconds(u64::try_from(seconds).ok()?).to_string();
    text.parse::<Duration>().ok()?;
    Some(Value::text(text))
}

fn is<T: std::str::FromStr>(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.parse::<T>().is_ok())
}

pub(super) fn or<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

/// Several lines read better with a line break at their end, which counts for nothing here.
fn paragraph(text: &str) -> String {
    if text.contains('\n') {
        format!("{text}\n")
    } else {
        text.to_owned()
    }
}

/// The keys of a playbook in the order in which people read them.
const ORDER: [&str; 44] = [
    "key",
    "title",
    "name",
    "description",
    "team",
    "teams",
    "access",
    "review",
    "type",
    "from",
    "options",
    "format",
    "show",
    "assign",
    "due",
    "required",
    "command",
    "when",
    "done_when",
    "commander",
    "invite",
    "channel",
    "link",
    "category",
    "archive_when_ended",
    "always_new",
    "remove_leavers",
    "number_prefix",
    "announce",
    "webhooks",
    "welcome",
    "overview",
    "start",
    "attributes",
    "progression",
    "checklists",
    "tasks",
    "updates",
    "every",
    "template",
    "broadcast",
    "retrospective",
    "remind_every",
    "metrics",
];

/// Puts a value where a path of keys leads; what is missing on the way is made.
///
/// What is new comes behind what people read before it.
pub(super) fn put(entries: &mut Entries, path: &[&str], value: Value) {
    let Some((last, path)) = path.split_last() else {
        return;
    };
    if let Some(entries) = inside(entries, path) {
        match entries.iter_mut().find(|(name, _)| name == last) {
            Some((_, there)) => *there = value,
            None => entries.insert(place_of(entries, last), ((*last).to_owned(), value)),
        }
    }
}

/// Takes out what a path of keys leads to, and the mappings that hold nothing after that.
pub(super) fn remove(entries: &mut Entries, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let Some(place) = entries.iter().position(|(name, _)| name == first) else {
        return;
    };
    if !rest.is_empty() {
        let (Value::Map(inner) | Value::Short(inner)) = &mut entries[place].1 else {
            return;
        };
        remove(inner, rest);
        if !inner.is_empty() || *first == "retrospective" {
            return;
        }
    }
    entries.remove(place);
}

fn place_of(entries: &Entries, key: &str) -> usize {
    let rank = |key: &str| ORDER.iter().position(|known| *known == key);
    let own = rank(key).unwrap_or(ORDER.len());
    let before = |(name, _): &(String, Value)| rank(name).unwrap_or(ORDER.len()) <= own;
    entries
        .iter()
        .rposition(before)
        .map_or(0, |place| place + 1)
}

/// The entries behind a path of keys, made where they are missing; none where something else stands.
pub(super) fn inside<'e>(entries: &'e mut Entries, path: &[&str]) -> Option<&'e mut Entries> {
    let Some((key, path)) = path.split_first() else {
        return Some(entries);
    };
    let place = entries.iter().position(|(name, _)| name == key);
    let place = place.unwrap_or_else(|| {
        let value = match *key {
            "channel" => Value::Short(Vec::new()),
            _ => Value::Map(Vec::new()),
        };
        let place = place_of(entries, key);
        entries.insert(place, ((*key).to_owned(), value));
        place
    });
    let value = &mut entries[place].1;
    if *value == Value::Null {
        *value = Value::Map(Vec::new());
    }
    match value {
        Value::Map(entries) | Value::Short(entries) => inside(entries, path),
        _ => None,
    }
}
