//! One field of a plan in few words: what was, and what will be.

mod attributes;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::sync::plan::FieldChange;

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// Writes what changes in a field, each line indented.
pub(super) fn describe(change: &FieldChange, who: &str, out: &mut String) {
    let field = &change.field;
    let lines = match field.as_str() {
        "checklists" => checklists(&change.old, &change.new),
        "attributes" => attributes::lines(&change.old, &change.new),
        _ => Vec::new(),
    };
    if !lines.is_empty() {
        let _ = writeln!(out, "    {field}:{who}");
        for line in lines {
            let _ = writeln!(out, "        {line}");
        }
        return;
    }
    let line = match (&change.old, &change.new) {
        (Value::Object(old), Value::Object(new)) => entries(old, new),
        (Value::Array(old), Value::Array(new)) => members(old, new),
        (Value::String(old), Value::String(new)) => texts(old, new),
        (old, new) => format!("{} → {}", value(old), value(new)),
    };
    let _ = writeln!(out, "    {field}: {line}{who}");
}

/// How large a playbook is that does not exist yet.
pub(super) fn size(fields: &[FieldChange]) -> String {
    let of = |name: &str| fields.iter().find(|c| c.field == name).map(|c| &c.new);
    let checklists = of("checklists").and_then(Value::as_array);
    let checklists = checklists.map(Vec::as_slice).unwrap_or_default();
    let tasks = checklists.iter().map(|c| list(c, "tasks").len());
    let visibility = of("visibility").and_then(Value::as_str);
    let members = of("members").and_then(Value::as_object);
    let attributes = match of("attributes").map_or(0, |attributes| array(attributes).len()) {
        0 => String::new(),
        count => format!(", {count} attributes"),
    };
    format!(
        "{}, {} checklists with {} tasks, {} members{attributes}",
        visibility.unwrap_or("private"),
        checklists.len(),
        tasks.sum::<usize>(),
        members.map_or(0, Map::len)
    )
}

/// A text in backticks, in one line.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

/// The text in one line, without characters that move the cursor or turn the text around.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match c {
            '\n' => line.push('⏎'),
            '\r' => {}
            '\t' => line.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(line, "{}", c.escape_unicode());
            }
            c if c.is_control() => {
                let _ = write!(line, "{}", c.escape_unicode());
            }
            c => line.push(c),
        }
    }
    line
}

/// The text in one line, cut at a length that fits.
pub(super) fn shortened(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= SHOWN {
        return line;
    }
    let cut: String = line.chars().take(SHOWN - 1).collect();
    format!("{}…", cut.trim_end())
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => shortened(text),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        other => shortened(&other.to_string()),
    }
}

/// Of longer texts the first line that differs.
fn texts(old: &str, new: &str) -> String {
    if !old.contains('\n') && !new.contains('\n') {
        return format!("{} → {}", value(&old.into()), value(&new.into()));
    }
    let (mut before, mut after) = (old.lines(), new.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (before.next(), after.next()) {
            // Only the line breaks differ.
            (None, None) => return format!("{} → {}", shortened(old), shortened(new)),
            (old, new) if old == new => {}
            // What stands after a blank line says more than that it is there.
            (old, new) if is_blank(old) && is_blank(new) => {}
            (old, new) => {
                let word = |line: Option<&str>| line.map_or("(no line)".to_owned(), shortened);
                return format!("line {number}: {} → {}", word(old), word(new));
            }
        }
    }
}

fn is_blank(line: Option<&str>) -> bool {
    line.is_none_or(|line| line.trim().is_empty())
}

/// A map of names, such as members: who comes, goes, or changes.
fn entries(old: &Map<String, Value>, new: &Map<String, Value>) -> String {
    let mut words = Vec::new();
    for (name, before) in old {
        match new.get(name) {
            None => words.push(format!("-{}", shortened(name))),
            Some(after) if after != before => {
                let (before, after) = (value(before), value(after));
                words.push(format!("{} {before} → {after}", shortened(name)));
            }
            Some(_) => {}
        }
    }
    for (name, after) in new {
        if !old.contains_key(name) {
            words.push(format!("+{} ({})", shortened(name), value(after)));
        }
    }
    words.join(", ")
}

/// A list of names: who comes and goes.
fn members(old: &[Value], new: &[Value]) -> String {
    let gone = old.iter().filter(|item| !new.contains(item));
    let come = new.iter().filter(|item| !old.contains(item));
    let words: Vec<String> = gone
        .map(|item| format!("-{}", value(item)))
        .chain(come.map(|item| format!("+{}", value(item))))
        .collect();
    if words.is_empty() {
        "another order".to_owned()
    } else {
        words.join(", ")
    }
}

/// Checklists and tasks by their titles; matched by id, and by title where the id is lost.
fn checklists(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let (old, new) = (array(old), array(new));
    let before: Vec<(&Value, &Value)> = tasks(old);
    let after: Vec<(&Value, &Value)> = tasks(new);
    for checklist in old {
        match twin(checklist, new.iter()) {
            None => lines.push(format!("- checklist {}", title(checklist))),
            Some(now) if title(now) != title(checklist) => {
                lines.push(format!("~ checklist {} → {}", title(checklist), title(now)));
            }
            Some(_) => {}
        }
    }
    for checklist in new {
        if twin(checklist, old.iter()).is_none() {
            lines.push(format!("+ checklist {}", title(checklist)));
        }
    }
    for (checklist, task) in &before {
        if twin(task, after.iter().map(|(_, task)| *task)).is_none() {
            lines.push(format!("- task {} in {}", title(task), title(checklist)));
        }
    }
    for (checklist, task) in &after {
        let Some(was) = twin(task, before.iter().map(|(_, task)| *task)) else {
            lines.push(format!("+ task {} in {}", title(task), title(checklist)));
            continue;
        };
        let changed = task_changes(was, task);
        if !changed.is_empty() {
            lines.push(format!("~ task {}: {}", title(was), changed.join(", ")));
        }
    }
    if lines.is_empty() {
        lines.push("another order".to_owned());
    }
    lines
}

fn task_changes(old: &Value, new: &Value) -> Vec<String> {
    let empty = Map::new();
    let (old, new) = (
        old.as_object().unwrap_or(&empty),
        new.as_object().unwrap_or(&empty),
    );
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut words = Vec::new();
    for name in names {
        let before = old.get(name).unwrap_or(&Value::Null);
        let after = new.get(name).unwrap_or(&Value::Null);
        if before == after {
            continue;
        }
        words.push(match name.as_str() {
            "id" => "its id was dropped".to_owned(),
            "description" => "description".to_owned(),
            _ => format!("{name} {} → {}", value(before), value(after)),
        });
    }
    words
}

fn twin<'a>(one: &Value, mut others: impl Iterator<Item = &'a Value> + Clone) -> Option<&'a Value> {
    let same_id = |other: &&Value| other["id"] == one["id"] && one["id"] != "";
    let same_title = |other: &&Value| other["title"] == one["title"];
    others
        .clone()
        .find(same_id)
        .or_else(|| others.find(same_title))
}

fn tasks(checklists: &[Value]) -> Vec<(&Value, &Value)> {
    let all = checklists.iter();
    all.flat_map(|checklist| list(checklist, "tasks").iter().map(move |t| (checklist, t)))
        .collect()
}

fn title(value: &Value) -> String {
    quoted(value["title"].as_str().unwrap_or_default())
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    array(&value[key])
}
