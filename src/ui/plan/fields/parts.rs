//! What differs inside a field: checklists, tasks and attributes by their names, a line each.

use serde_json::{Map, Value};

use super::{array, members, quoted, value};
use crate::sync::plan::{FieldChange, Moved, Part, PartKind};

/// What comes, goes and changes, with who moved where that is not the same for all.
pub(super) fn lines(change: &FieldChange) -> Vec<String> {
    let mixed = is_mixed(change);
    let who = |part: &Part| if mixed { moved_words(part.moved) } else { "" };
    let parts = change.parts.iter();
    let mut lines: Vec<String> = parts.map(|part| line(part) + who(part)).collect();
    if lines.is_empty() {
        lines.push("another order".to_owned());
    }
    lines
}

/// Whether the parts of a field did not all move as the field did.
pub(super) fn is_mixed(change: &FieldChange) -> bool {
    change.parts.iter().any(|part| part.moved != change.moved)
}

fn moved_words(moved: Moved) -> &'static str {
    match moved {
        Moved::Git => "  (changed in git)",
        Moved::Mattermost => "  (changed in Mattermost)",
        Moved::Both => "  (changed on both sides)",
        Moved::Unclear => "  (changed on one or both sides)",
    }
}

fn line(part: &Part) -> String {
    let kind = part.kind.name();
    let name = quoted(&part.name);
    let place = match &part.inside {
        Some(inside) => format!(" in {}", quoted(inside)),
        None => String::new(),
    };
    match (part.old.is_null(), part.new.is_null()) {
        (_, true) => format!("- {kind} {name}{place}"),
        (true, _) if part.kind == PartKind::Attribute => {
            format!("+ {kind} {name} ({})", described(&part.new))
        }
        (true, _) => format!("+ {kind} {name}{place}"),
        _ => {
            let changes = changes(part);
            match changes.as_slice() {
                [(field, words)] if field == "title" && part.kind == PartKind::Checklist => {
                    format!("~ {kind} {words}")
                }
                _ => {
                    let words = changes
                        .into_iter()
                        .map(|(field, words)| match field.as_str() {
                            "id" | "description" => words,
                            _ => format!("{field} {words}"),
                        });
                    format!("~ {kind} {name}: {}", words.collect::<Vec<_>>().join(", "))
                }
            }
        }
    }
}

/// Its kind, with the values to choose from.
fn described(one: &Value) -> String {
    let options = array(&one["options"]).iter().map(value);
    let options: Vec<String> = options.collect();
    let kind = value(&one["type"]);
    if options.is_empty() {
        kind
    } else {
        format!("{kind}: {}", options.join(", "))
    }
}

/// Each key that differs, with what was and what will be.
fn changes(part: &Part) -> Vec<(String, String)> {
    let empty = Map::new();
    let new = part.new.as_object().unwrap_or(&empty);
    let gone = part.old.as_object().unwrap_or(&empty).iter();
    let gone = gone.filter(|(key, _)| !new.contains_key(*key));
    let all = new.iter().chain(gone.map(|(key, _)| (key, &Value::Null)));
    let changed = all.filter(|(key, after)| part.old[key.as_str()] != **after);
    changed
        .map(|(key, after)| {
            let words = match (key.as_str(), &part.old[key.as_str()], after) {
                ("id", ..) => "its id was dropped".to_owned(),
                ("description", ..) if part.kind == PartKind::Task => "description".to_owned(),
                ("title", Value::String(before), Value::String(after)) => {
                    format!("{} → {}", quoted(before), quoted(after))
                }
                (_, Value::Array(before), Value::Array(after)) => members(before, after),
                (_, before, after) => format!("{} → {}", value(before), value(after)),
            };
            (key.clone(), words)
        })
        .collect()
}
