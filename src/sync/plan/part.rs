//! What differs inside a field that is a list of things known by name.
//!
//! Owns how the two sides of such a list are paired, and who moved each pair: of a
//! playbook with forty tasks it matters whose task it is. Words are left to `ui`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Moved;
use super::compare::who;

/// One thing inside a field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The kind of thing.
    pub kind: PartKind,
    /// Its name; in Mattermost, where it is there.
    pub name: String,
    /// Of a task its checklist.
    pub inside: Option<String>,
    /// What Mattermost has; null where it has none.
    pub old: Value,
    /// What git says; null where it has none.
    pub new: Value,
    /// Who moved.
    pub moved: Moved,
}

/// The kind of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// A checklist, without its tasks.
    Checklist,
    /// A task.
    Task,
    /// An attribute.
    Attribute,
}

impl PartKind {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Checklist => "checklist",
            Self::Task => "task",
            Self::Attribute => "attribute",
        }
    }

    /// What people know such a thing by.
    fn known_by(self) -> &'static str {
        match self {
            Self::Checklist | Self::Task => "title",
            Self::Attribute => "name",
        }
    }
}

/// One thing of a list.
#[derive(Clone)]
struct Item {
    kind: PartKind,
    /// Of a task its checklist.
    inside: Option<Place>,
    value: Value,
}

/// The checklist that a task stands in.
#[derive(Clone)]
struct Place {
    id: Value,
    title: String,
}

impl Place {
    /// Whether it is the same, which may have another title by now.
    fn is(&self, other: &Self) -> bool {
        (self.id == other.id && self.id != "") || self.title == other.title
    }
}

/// What differs between two sides of a field; nothing in one that is no list of named things.
pub(super) fn parts(field: &str, old: &Value, new: &Value, moved: Moved) -> Vec<Part> {
    // Of a playbook that does not exist yet everything is new.
    if old.is_null() {
        return Vec::new();
    }
    let (old, new) = (items(field, old), items(field, new));
    let gone = old.iter().filter(|item| item.twin(&new).is_none());
    let mut parts: Vec<Part> = gone.map(|item| item.part(None, moved)).collect();
    for item in &new {
        match item.twin(&old) {
            None => parts.push(Part {
                old: Value::Null,
                new: item.value.clone(),
                ..item.part(None, moved)
            }),
            Some(was) => {
                let part = was.part(Some(item), moved);
                if part.old != part.new {
                    parts.push(part);
                }
            }
        }
    }
    // Checklists before their tasks; each in its order.
    parts.sort_by_key(|part| part.kind);
    parts
}

/// Tells of each part who moved it, since the field was `before`.
pub(super) fn tell_who(field: &str, before: &Value, parts: &mut [Part]) {
    let before = items(field, before);
    for part in parts {
        let known = if part.old.is_null() {
            &part.new
        } else {
            &part.old
        };
        let twin = item(part.kind, known).twin(&before).cloned();
        let mut was = twin.as_ref().map_or(Value::Null, |was| was.value.clone());
        // Where a task stands is part of it only where that changed.
        if let (Value::Object(was), true) = (&mut was, part.old.get(CHECKLIST).is_some()) {
            let place = twin.and_then(|twin| twin.inside);
            was.insert(CHECKLIST.to_owned(), place.map(|place| place.title).into());
        }
        part.moved = who(&was, &part.old, &part.new);
    }
}

/// The key that says in which checklist a task stands, where that changed.
const CHECKLIST: &str = "checklist";

fn items(field: &str, value: &Value) -> Vec<Item> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match field {
        "checklists" => all.iter().flat_map(checklist).collect(),
        "attributes" => all
            .iter()
            .map(|one| item(PartKind::Attribute, one))
            .collect(),
        _ => Vec::new(),
    }
}

fn item(kind: PartKind, value: &Value) -> Item {
    Item {
        kind,
        inside: None,
        value: value.clone(),
    }
}

/// A checklist and its tasks.
fn checklist(value: &Value) -> Vec<Item> {
    let own = json!({"id": value["id"], "title": value["title"]});
    let mut items = vec![item(PartKind::Checklist, &own)];
    let tasks = value["tasks"].as_array().map(Vec::as_slice);
    items.extend(tasks.unwrap_or_default().iter().map(|task| Item {
        inside: Some(Place {
            id: value["id"].clone(),
            title: value["title"].as_str().unwrap_or_default().to_owned(),
        }),
        ..item(PartKind::Task, task)
    }));
    items
}

impl Item {
    fn name(&self) -> &Value {
        &self.value[self.kind.known_by()]
    }

    /// The same thing on another side: by its id, and by its name where the id is lost.
    fn twin<'a>(&self, others: &'a [Self]) -> Option<&'a Self> {
        let alike = || others.iter().filter(|other| other.kind == self.kind);
        let id = self.value["id"].as_str().filter(|id| !id.is_empty());
        let same = id.and_then(|id| alike().find(|other| other.value["id"] == id));
        same.or_else(|| alike().find(|other| other.name() == self.name()))
    }

    /// This thing in Mattermost, beside what git says.
    fn part(&self, new: Option<&Self>, moved: Moved) -> Part {
        let mut part = Part {
            kind: self.kind,
            name: self.name().as_str().unwrap_or_default().to_owned(),
            inside: self.inside.as_ref().map(|place| place.title.clone()),
            old: self.value.clone(),
            new: new.map_or(Value::Null, |new| new.value.clone()),
            moved,
        };
        if let Some(there) = new.and_then(|new| new.inside.as_ref())
            && let Some(here) = self.inside.as_ref().filter(|here| !here.is(there))
            && let (Value::Object(old), Value::Object(new)) = (&mut part.old, &mut part.new)
        {
            old.insert(CHECKLIST.to_owned(), here.title.clone().into());
            new.insert(CHECKLIST.to_owned(), there.title.clone().into());
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str, title: &str, due: &str) -> Value {
        json!({"id": id, "title": title, "due": due})
    }

    fn told(before: &Value, old: &Value, new: &Value) -> Vec<String> {
        let mut parts = parts("checklists", old, new, Moved::Both);
        tell_who("checklists", before, &mut parts);
        let words = |part: &Part| format!("{} {} {:?}", part.kind.name(), part.name, part.moved);
        parts.iter().map(words).collect()
    }

    #[test]
    fn each_task_says_who_moved_it() {
        let list = |tasks: Vec<Value>| json!([{"id": "l", "title": "Triage", "tasks": tasks}]);
        let before = list(vec![
            task("1", "A", ""),
            task("2", "B", ""),
            task("3", "C", ""),
            task("6", "F", ""),
        ]);
        let old = list(vec![
            task("1", "A", "9m"),
            task("2", "B", ""),
            task("", "C", "5m"),
            task("", "Mine", ""),
            task("6", "F", ""),
        ]);
        let new = list(vec![
            task("1", "A", ""),
            task("2", "B", "1h"),
            task("3", "C", "7m"),
            task("5", "E", ""),
        ]);
        assert_eq!(
            told(&before, &old, &new),
            [
                "task Mine Mattermost",
                "task F Git",
                "task A Mattermost",
                "task B Git",
                "task C Both",
                "task E Git",
            ]
        );
    }

    #[test]
    fn a_task_that_moved_says_from_where_and_a_renamed_checklist_is_told_alone() {
        let both = |first: &str, a: Vec<Value>, b: Vec<Value>| {
            json!([
                {"id": "l", "title": first, "tasks": a},
                {"id": "m", "title": "Later", "tasks": b},
            ])
        };
        let before = both("Triage", vec![task("1", "A", "")], vec![]);
        let moved = both("Triage", vec![], vec![task("1", "A", "")]);
        assert_eq!(told(&before, &moved, &before), ["task A Mattermost"]);
        assert_eq!(told(&before, &before, &moved), ["task A Git"]);
        let parts = parts("checklists", &before, &moved, Moved::Git);
        assert_eq!(parts[0].old["checklist"], "Triage");
        assert_eq!(parts[0].new["checklist"], "Later");
        let renamed = both("First", vec![task("1", "A", "")], vec![]);
        assert_eq!(
            told(&before, &renamed, &before),
            ["checklist First Mattermost"]
        );
    }

    #[test]
    fn another_order_has_no_parts_and_other_fields_have_none() {
        let (a, b) = (json!({"name": "A"}), json!({"name": "B"}));
        let (one, two) = (json!([a, b]), json!([b, a]));
        assert!(parts("attributes", &one, &two, Moved::Git).is_empty());
        assert!(parts("title", &json!("a"), &json!("b"), Moved::Git).is_empty());
        let one = parts("attributes", &json!([a]), &json!([]), Moved::Unclear);
        assert_eq!(one[0].moved, Moved::Unclear);
        assert!(one[0].new.is_null());
    }
}
