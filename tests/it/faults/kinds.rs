//! The kinds of writes, each with a change of the workspace that needs one.

use super::cell::Place;

/// A kind of write.
pub struct Kind {
    /// What it is called here.
    pub name: &'static str,
    /// The method of `Writing` that sends it.
    pub method: &'static str,
    /// The request that meets the fault: its method, and a part of its path.
    pub request: (&'static str, &'static str),
    /// What happens before, in step with the server.
    pub before: fn(&Place),
    /// The change in git that needs the write.
    pub change: fn(&Place),
    /// The arguments of every sync after the change.
    pub arguments: &'static [&'static str],
    /// The playbook that somebody edits meanwhile, and when.
    pub edited: (&'static str, When),
}

/// When somebody edits a playbook in the web app while it is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// After the plan was made, and before sync looks again.
    BeforeItLooks,
    /// Just before the request of this kind.
    BeforeTheWrite,
    /// Just after it.
    AfterTheWrite,
}

/// What sync never calls: it makes conditions anew.
pub const UNUSED: &[&str] = &["replace_condition"];

/// What has no cells yet: roles belong to no playbook, and need another account.
pub const WITHOUT_CELLS: &[&str] = &["set_permissions"];

const NOTHING: fn(&Place) = |_| {};

const BUDGET: &[&str] = &["--at-most", "9"];

fn alpha_with(place: &Place, tasks: &str, attributes: &str) {
    place.write("alpha", &playbook("alpha", "Alpha", tasks, attributes));
}

/// A playbook as YAML.
pub fn playbook(key: &str, title: &str, tasks: &str, attributes: &str) -> String {
    format!(
        "key: {key}\ntitle: {title}\naccess: open\nchecklists:\n  - key: first\n    title: First\n    tasks:\n      - {{ key: look, title: Look }}\n{tasks}{attributes}"
    )
}

pub const TASKS: &str = "      - { key: hot, title: Hot, when: { a: [hot] } }\n";
pub const ATTRIBUTES: &str = "\
attributes:
  - { key: a, name: A, type: select, options: [hot, cold] }
  - { key: b, name: B, type: text }
";

fn add_new(place: &Place) {
    place.write("new", &playbook("new", "New", "", ""));
}

fn add_new_with_attributes(place: &Place) {
    place.write("new", &playbook("new", "New", TASKS, ATTRIBUTES));
}

pub const KINDS: &[Kind] = &[
    Kind {
        name: "create",
        method: "create",
        request: ("POST", "/api/v0/playbooks"),
        before: NOTHING,
        change: add_new,
        arguments: &[],
        edited: ("New", When::AfterTheWrite),
    },
    Kind {
        name: "fill",
        method: "replace",
        request: ("PUT", "/api/v0/playbooks/"),
        before: NOTHING,
        change: add_new_with_attributes,
        arguments: &[],
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "update",
        method: "replace",
        request: ("PUT", "/api/v0/playbooks/"),
        before: NOTHING,
        change: |place| {
            place.write("alpha", &playbook("alpha", "Alpha two", TASKS, ATTRIBUTES));
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeItLooks),
    },
    Kind {
        name: "archive",
        method: "archive",
        request: ("DELETE", "/api/v0/playbooks/"),
        before: NOTHING,
        change: |place| place.remove("gone"),
        arguments: &["--prune", "--at-most", "9"],
        edited: ("Gone", When::BeforeItLooks),
    },
    Kind {
        name: "restore",
        method: "restore",
        request: ("PUT", "/restore"),
        before: |place| {
            place.remove("gone");
            place.settle(&["--prune", "--at-most", "9"]);
        },
        change: |place| place.write("gone", &playbook("gone", "Gone", "", "")),
        arguments: &[],
        edited: ("Gone", When::AfterTheWrite),
    },
    Kind {
        name: "create_attribute",
        method: "create_attribute",
        request: ("POST", "/property_fields"),
        before: NOTHING,
        change: |place| {
            let more = "  - { key: c, name: C, type: date }\n";
            alpha_with(place, TASKS, &format!("{ATTRIBUTES}{more}"));
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "replace_attribute",
        method: "replace_attribute",
        request: ("PUT", "/property_fields/"),
        before: NOTHING,
        change: |place| {
            let other = ATTRIBUTES.replace("[hot, cold]", "[hot, cold, warm]");
            alpha_with(place, TASKS, &other);
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "move_attribute",
        method: "move_attribute",
        request: ("POST", "/property_fields/reorder"),
        before: NOTHING,
        change: |place| {
            let (first, second) = ATTRIBUTES.split_once("  - { key: b").unwrap();
            let (head, a) = first.split_once('\n').unwrap();
            let swapped = format!("{head}\n  - {{ key: b{second}{a}");
            alpha_with(place, TASKS, &swapped);
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "delete_attribute",
        method: "delete_attribute",
        request: ("DELETE", "/property_fields/"),
        before: NOTHING,
        change: |place| {
            let (first, _) = ATTRIBUTES.split_once("  - { key: b").unwrap();
            alpha_with(place, TASKS, first);
        },
        arguments: BUDGET,
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "begin",
        method: "replace",
        request: ("PUT", "/api/v0/playbooks/"),
        before: NOTHING,
        change: |place| {
            let more = "  - { key: c, name: C, type: date }\n";
            let text = playbook("alpha", "Alpha two", TASKS, &format!("{ATTRIBUTES}{more}"));
            place.write("alpha", &text);
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeItLooks),
    },
    Kind {
        name: "create_condition",
        method: "create_condition",
        request: ("POST", "/conditions"),
        before: NOTHING,
        change: |place| {
            let more = "      - { key: cold, title: Cold, when: { a: [cold] } }\n";
            alpha_with(place, &format!("{TASKS}{more}"), ATTRIBUTES);
        },
        arguments: &[],
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "delete_condition",
        method: "delete_condition",
        request: ("DELETE", "/conditions/"),
        before: NOTHING,
        change: |place| {
            alpha_with(place, "      - { key: hot, title: Hot }\n", ATTRIBUTES);
        },
        arguments: BUDGET,
        edited: ("Alpha", When::BeforeTheWrite),
    },
    Kind {
        name: "remember",
        method: "remember",
        request: ("PUT", "/users/me/preferences"),
        before: NOTHING,
        change: add_new,
        arguments: &[],
        edited: ("New", When::BeforeTheWrite),
    },
    Kind {
        name: "forget",
        method: "forget",
        request: ("POST", "/preferences/delete"),
        before: NOTHING,
        change: |place| place.remove("gone"),
        arguments: &["--release", "gone"],
        edited: ("Gone", When::BeforeItLooks),
    },
    Kind {
        name: "release",
        method: "replace",
        request: ("PUT", "/api/v0/playbooks/"),
        before: NOTHING,
        change: |place| place.remove("gone"),
        arguments: &["--release", "gone"],
        edited: ("Gone", When::BeforeItLooks),
    },
    Kind {
        name: "post",
        method: "post",
        request: ("POST", "/api/v4/posts"),
        before: NOTHING,
        change: |place| {
            place.write("alpha", &playbook("alpha", "Alpha two", TASKS, ATTRIBUTES));
        },
        arguments: &[],
        edited: ("Alpha two", When::BeforeTheWrite),
    },
];
