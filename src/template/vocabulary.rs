//! The names that templates see, as a table: which attributes each has, and the
//! word that stands for it in a static text.
//!
//! Mirrors the types of `context`; a test there keeps both equal.

use super::TemplateKind;

/// What is known of a value without rendering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// A text, number, time or truth: it has no attributes. The word stands for it in static texts.
    Plain(&'static str),
    /// Exactly these attributes.
    Record(&'static [(&'static str, Shape)]),
    /// A list of such values.
    List(&'static Shape),
    /// Any keys, each with such a value.
    Map(&'static Shape),
    /// Not known.
    Any,
}

use Shape::{List, Map, Plain, Record};

const INCIDENT: Shape = Record(&[
    ("name", Plain("incident")),
    ("number", Plain("number")),
    ("description", Plain("description")),
    ("url", Plain("link")),
    ("channel", Plain("channel")),
    (
        "severity",
        Record(&[
            ("key", Plain("severity")),
            ("title", Plain("severity")),
            ("means", Plain("what the severity means")),
        ]),
    ),
    (
        "status",
        Record(&[("key", Plain("status")), ("title", Plain("status"))]),
    ),
    ("commander", Plain("commander")),
    ("creator", Plain("creator")),
    ("roles", Map(&Plain("role"))),
    ("attributes", Map(&Plain("attribute"))),
    ("started_at", Plain("start")),
    ("ended_at", Plain("end")),
    ("drill", Plain("drill")),
    (
        "playbook",
        Record(&[
            ("key", Plain("playbook")),
            ("title", Plain("playbook")),
            ("commit", Plain("commit")),
            ("url", Plain("link")),
        ]),
    ),
]);

const NOW: Shape = Plain("now");

const TASKS: Shape = Record(&[
    ("done", Plain("done")),
    ("total", Plain("all")),
    ("open", Plain("open")),
    ("late", Plain("late")),
    ("skipped", Plain("skipped")),
    ("current", Record(&[("title", Plain("task"))])),
    (
        "list",
        List(&Record(&[
            ("number", Plain("number")),
            ("title", Plain("task")),
            ("checklist", Plain("checklist")),
            ("state", Plain("state")),
            ("assignee", Plain("assignee")),
            ("due_at", Plain("due")),
            ("late", Plain("late")),
            ("required", Plain("required")),
        ])),
    ),
]);

const UPDATE: Shape = Record(&[
    ("number", Plain("number")),
    ("by", Plain("author")),
    ("final", Plain("final")),
    ("next_at", Plain("next update")),
]);

const UPDATES: Shape = Record(&[
    ("count", Plain("updates")),
    ("last_at", Plain("last update")),
    ("next_at", Plain("next update")),
]);

const EVENT: Shape = Record(&[
    ("kind", Plain("event")),
    ("words", Plain("event")),
    ("by", Plain("person")),
]);

/// What `loop` has inside a `for`.
pub(super) const LOOP: Shape = Record(&[
    ("index", Plain("number")),
    ("index0", Plain("number")),
    ("revindex", Plain("number")),
    ("revindex0", Plain("number")),
    ("first", Plain("first")),
    ("last", Plain("last")),
    ("length", Plain("number")),
]);

/// The variables of a template of that kind, without its inputs.
pub(super) fn variables(kind: TemplateKind) -> &'static [(&'static str, Shape)] {
    match kind {
        TemplateKind::Update => &[
            ("incident", INCIDENT),
            ("now", NOW),
            ("tasks", TASKS),
            ("update", UPDATE),
            ("previous", Plain("last update")),
        ],
        TemplateKind::Overview => &[
            ("incident", INCIDENT),
            ("now", NOW),
            ("tasks", TASKS),
            ("updates", UPDATES),
        ],
        TemplateKind::Announcement => &[("incident", INCIDENT), ("now", NOW), ("event", EVENT)],
        TemplateKind::Welcome | TemplateKind::Retrospective => {
            &[("incident", INCIDENT), ("now", NOW)]
        }
        TemplateKind::Postmortem => &[
            ("incident", INCIDENT),
            ("now", NOW),
            ("facts", Plain("facts")),
            ("timeline", Plain("timeline")),
            ("gantt", Plain("gantt")),
            ("gaps", Plain("gaps")),
            ("tasks", Plain("tasks")),
            ("updates", Plain("updates")),
        ],
    }
}

/// What stands at a path such as `tasks.list[].title`; none where nobody knows.
pub(super) fn shape_of(kind: TemplateKind, path: &str) -> Option<Shape> {
    let mut fields = variables(kind);
    let mut shape = None;
    for part in path.split('.') {
        let name = part.trim_end_matches("[]");
        let mut at = match shape {
            Some(Map(value)) => *value,
            _ => fields.iter().find(|(field, _)| *field == name)?.1,
        };
        for _ in 0..(part.len() - name.len()) / 2 {
            at = match at {
                List(item) | Map(item) => *item,
                _ => return None,
            };
        }
        fields = match at {
            Record(fields) => fields,
            _ => &[],
        };
        shape = Some(at);
    }
    shape
}

/// Whether some kind of template has a variable of that name, or the language a word.
pub(super) fn is_reserved(name: &str) -> bool {
    const WORDS: [&str; 15] = [
        "and", "else", "for", "if", "in", "is", "loop", "none", "not", "or", "true", "false",
        "self", "super", "caller",
    ];
    let variable = TemplateKind::ALL
        .into_iter()
        .any(|kind| variables(kind).iter().any(|(known, _)| *known == name));
    variable || WORDS.contains(&name)
}

/// How many bytes a name may have that was perhaps meant to be another.
const LONGEST_SLIP: usize = 100;

/// The known name that is nearest to a mistyped one, if any is near.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Long names are no slips, and the distance costs the product of both lengths.
    if name.len() > LONGEST_SLIP {
        return None;
    }
    let allowed = 1 + name.chars().count() / 4;
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * LONGEST_SLIP)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be added, removed or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_what_they_name() {
        let of = |path| shape_of(TemplateKind::Update, path);
        assert_eq!(of("tasks.list[].title"), Some(Plain("task")));
        assert_eq!(of("incident.roles.comms"), Some(Plain("role")));
        assert!(matches!(of("tasks.list"), Some(List(_))));
        assert!(matches!(of("incident.severity"), Some(Record(_))));
        for path in ["event", "now.year", "incident.nope", "now[]", "", "loop"] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("severty", ["name", "severity"]), Some("severity"));
        assert_eq!(nearest("xyz", ["name", "severity"]), None);
    }
}
