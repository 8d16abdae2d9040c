//! Attributes of a plan by their names, which are all that they are known by.

use serde_json::{Map, Value};

use super::{array, members, quoted, value};

/// What comes, goes and changes, a line each.
pub(super) fn lines(old: &Value, new: &Value) -> Vec<String> {
    let (old, new) = (array(old), array(new));
    let mut lines = Vec::new();
    for gone in old.iter().filter(|one| twin(one, new).is_none()) {
        lines.push(format!("- attribute {}", name(gone)));
    }
    for one in new {
        match twin(one, old) {
            None => lines.push(format!("+ attribute {} ({})", name(one), described(one))),
            Some(was) => {
                let changed = changes(was, one);
                if !changed.is_empty() {
                    lines.push(format!("~ attribute {}: {}", name(one), changed.join(", ")));
                }
            }
        }
    }
    if lines.is_empty() {
        lines.push("another order".to_owned());
    }
    lines
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

fn changes(old: &Value, new: &Value) -> Vec<String> {
    let empty = Map::new();
    let fields = new.as_object().unwrap_or(&empty).iter();
    let changed = fields.filter(|(field, after)| old[field.as_str()] != **after);
    changed
        .map(|(field, after)| match (&old[field.as_str()], after) {
            (Value::Array(before), Value::Array(after)) => {
                format!("{field} {}", members(before, after))
            }
            (before, after) => format!("{field} {} → {}", value(before), value(after)),
        })
        .collect()
}

fn twin<'a>(one: &Value, others: &'a [Value]) -> Option<&'a Value> {
    others.iter().find(|other| other["name"] == one["name"])
}

fn name(one: &Value) -> String {
    quoted(one["name"].as_str().unwrap_or_default())
}
