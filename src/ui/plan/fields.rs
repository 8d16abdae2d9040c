//! One field of a plan in few words: what was, and what will be.

mod parts;

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::sync::plan::FieldChange;

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// Writes what changes in a field, each line indented.
pub(super) fn describe(change: &FieldChange, who: &str, out: &mut String) {
    let field = &change.field;
    let is_list = matches!(field.as_str(), "checklists" | "attributes");
    if is_list || !change.parts.is_empty() {
        let who = if parts::is_mixed(change) { "" } else { who };
        let _ = writeln!(out, "    {field}:{who}");
        for line in parts::lines(change) {
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

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    array(&value[key])
}
