//! The limits of the API, checked before anything is written.
//!
//! Owns the sentences that name them, and the numbers that the client does not know:
//! the server itself answers most of these with 500 and no word. Pure.

use std::collections::BTreeSet;

use super::canonical::{AttributeState, BY_ATTRIBUTE, MetricState, PlaybookState};
use super::marker::{Digest, Marker, SourceLink};
use super::wire;
use crate::mattermost::limits::{
    ATTRIBUTE_NAME, ATTRIBUTE_OPTION, ATTRIBUTES, CATEGORY_NAME_BYTES as CATEGORY_BYTES,
    CHECKLISTS_BYTES, CONDITIONS, PLAYBOOK_TEMPLATE as TEXT, PLAYBOOK_TITLE as TITLE,
};
use crate::mattermost::playbooks::FieldKind;
use crate::model::Key;

/// Characters of the template of an incident's name.
const NAME_TEMPLATE: usize = 1024;
/// Characters of a number prefix.
const PREFIX: usize = 32;
/// Addresses called at one event.
const WEBHOOKS: usize = 64;
/// Metrics of a playbook.
const METRICS: usize = 4;
/// Characters of the title of a metric.
const METRIC_TITLE: usize = 512;
/// Characters of the description of a metric.
const METRIC_DESCRIPTION: usize = 4096;
/// Names that no attribute may have, since they mean something else in a template.
const RESERVED: [&str; 4] = ["SEQ", "OWNER", "CREATOR", "PROPERTY_USER"];

/// What the server would not take, each named with its limit.
#[must_use]
pub(super) fn problems(
    state: &PlaybookState,
    workspace: &Key,
    key: &Key,
    source: Option<&SourceLink>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut characters = |field: &str, text: &str, limit: usize| {
        let length = text.chars().count();
        if length > limit {
            found.push(format!(
                "{field} has {length} characters, and the server takes {limit}"
            ));
        }
        if text.contains('\0') {
            found.push(format!(
                "{field} holds the character U+0000, which the server refuses"
            ));
        }
    };
    characters("`title`", &state.title, TITLE);
    // With the marker it is checked below; here only for U+0000.
    characters("`description`", &state.description, usize::MAX);
    let texts = [
        ("`start.channel.name`", &state.channel_name, NAME_TEMPLATE),
        ("`start.welcome`", &state.welcome, TEXT),
        ("`start.overview`", &state.overview, TEXT),
        ("`updates.template`", &state.updates_template, TEXT),
        (
            "`retrospective.template`",
            &state.retrospective_template,
            TEXT,
        ),
        ("`start.number_prefix`", &state.number_prefix, PREFIX),
    ];
    for (field, text, limit) in texts {
        characters(field, text.as_deref().unwrap_or_default(), limit);
    }
    for (checklist, task) in state.tasks() {
        let field = |name| format!("the {name} of the task `{}`", task.title);
        characters("the title of a checklist", &checklist.title, usize::MAX);
        characters(&field("title"), &task.title, usize::MAX);
        characters(&field("description"), &task.description, usize::MAX);
        characters(&field("command"), &task.command, usize::MAX);
    }
    if let Err(too_long) = longest_marker(workspace, key).describe(&state.description, source) {
        found.push(too_long.to_string());
    }
    if let Some(category) = &state.category {
        let bytes = category.len();
        if bytes > CATEGORY_BYTES {
            found.push(format!(
                "`start.channel.category` has {bytes} bytes, and the server takes {CATEGORY_BYTES}"
            ));
        }
    }
    let webhooks = [
        ("start.webhooks", state.start_webhooks),
        ("updates.webhooks", state.update_webhooks),
    ];
    for (field, count) in webhooks {
        let count = count.unwrap_or_default();
        if count > WEBHOOKS {
            found.push(format!(
                "`{field}` has {count} addresses, and the server takes {WEBHOOKS}"
            ));
        }
    }
    let bytes = wire::checklists_size(state);
    if bytes > CHECKLISTS_BYTES {
        found.push(format!(
            "`checklists` have about {bytes} bytes, and the server takes {CHECKLISTS_BYTES}"
        ));
    }
    found.extend(attributes(&state.attributes));
    found.extend(metrics(&state.metrics));
    if state.always_new && state.channel_link.is_some() {
        found.push(
            "`start.channel.always_new` is on beside `start.channel.link`, and the server takes one of them".to_owned(),
        );
    }
    found.extend(name_template(state));
    found.extend(assignments(state));
    found.extend(by_attribute(state));
    found.extend(conditions(state));
    found
}

/// The server answers most of these with an internal error, half way through.
fn attributes(attributes: &[AttributeState]) -> Vec<String> {
    let mut found = Vec::new();
    let count = attributes.len();
    if count > ATTRIBUTES {
        found.push(format!(
            "`attributes` has {count} attributes, and the server takes {ATTRIBUTES}"
        ));
    }
    let mut names = BTreeSet::new();
    for attribute in attributes {
        let name = attribute.name.as_str();
        let length = name.chars().count();
        let reserved = RESERVED
            .iter()
            .any(|word| name.trim().eq_ignore_ascii_case(word));
        if name.is_empty() {
            found.push("an attribute has no name".to_owned());
        } else if length > ATTRIBUTE_NAME {
            found.push(format!(
                "the name of an attribute has {length} characters, and the server takes {ATTRIBUTE_NAME}"
            ));
        } else if reserved {
            found.push(format!(
                "the attribute `{name}` has a name that means something else in templates, and the server refuses it"
            ));
        } else if !names.insert(name) {
            found.push(format!(
                "two attributes have the name `{name}`, and the server takes one"
            ));
        }
        found.extend(options(attribute));
        if attribute
            .options
            .iter()
            .chain([&attribute.name])
            .any(|text| text.contains('\0'))
        {
            found.push(format!(
                "the attribute `{name}` holds the character U+0000, which the server refuses"
            ));
        }
    }
    found
}

fn metrics(metrics: &[MetricState]) -> Vec<String> {
    let mut found = Vec::new();
    let count = metrics.len();
    if count > METRICS {
        found.push(format!(
            "`retrospective.metrics` has {count} metrics, and the server takes {METRICS}"
        ));
    }
    let mut titles = BTreeSet::new();
    for metric in metrics {
        let title = metric.title.as_str();
        let (length, described) = (title.chars().count(), metric.description.chars().count());
        if length > METRIC_TITLE {
            found.push(format!(
                "the title of a metric has {length} characters, and the server takes {METRIC_TITLE}"
            ));
        } else if !titles.insert(title) {
            found.push(format!(
                "two metrics have the title `{title}`, and the server takes one"
            ));
        }
        if described > METRIC_DESCRIPTION {
            found.push(format!(
                "the description of the metric `{title}` has {described} characters, and the server takes {METRIC_DESCRIPTION}"
            ));
        }
        if title.contains('\0') || metric.description.contains('\0') {
            found.push(format!(
                "the metric `{title}` holds the character U+0000, which the server refuses"
            ));
        }
    }
    found
}

fn options(attribute: &AttributeState) -> Vec<String> {
    let name = &attribute.name;
    let mut found = Vec::new();
    let chosen = matches!(attribute.kind, FieldKind::Select | FieldKind::Multiselect);
    if chosen && attribute.options.is_empty() {
        found.push(format!(
            "the attribute `{name}` has no option to choose, and the server wants one"
        ));
    }
    let mut options = BTreeSet::new();
    for option in &attribute.options {
        let length = option.chars().count();
        if option.is_empty() {
            found.push(format!(
                "an option of the attribute `{name}` is empty, which the server refuses"
            ));
        } else if length > ATTRIBUTE_OPTION {
            found.push(format!(
                "an option of the attribute `{name}` has {length} characters, and the server takes {ATTRIBUTE_OPTION}"
            ));
        } else if !options.insert(option) {
            found.push(format!(
                "the attribute `{name}` has the option `{option}` twice, and the server takes it once"
            ));
        }
    }
    found
}

/// The marker has this length at most, whatever is written later.
fn longest_marker(workspace: &Key, key: &Key) -> Marker {
    Marker {
        workspace: workspace.clone(),
        key: key.clone(),
        id: Some("0".repeat(26)),
        commit: Some("0".repeat(40)),
        digest: Some(Digest::V1("0".repeat(16))),
        protected: true,
    }
}

fn name_template(state: &PlaybookState) -> Vec<String> {
    let Some(template) = &state.channel_name else {
        return Vec::new();
    };
    if template.trim().is_empty() {
        return vec!["`start.channel.name` is blank, which the server refuses".to_owned()];
    }
    let mut unknown = Vec::new();
    for name in wire::placeholders(template) {
        let folded = name.trim().to_lowercase();
        let mut attributes = state.attributes.iter();
        let known = wire::PLACEHOLDERS
            .iter()
            .any(|known| folded.eq_ignore_ascii_case(known))
            || attributes.any(|attribute| attribute.name.trim().to_lowercase() == folded);
        if !known {
            unknown.push(format!(
                "`start.channel.name` uses `{{{name}}}`, which is none of {{SEQ}}, {{OWNER}}, {{CREATOR}}, and the name of no attribute"
            ));
        }
    }
    unknown
}

/// The server refuses a task for somebody who is not invited.
fn assignments(state: &PlaybookState) -> Vec<String> {
    let assigned: BTreeSet<&str> = state
        .tasks()
        .filter_map(|(_, task)| task.assign.as_deref()?.strip_prefix("user:"))
        .collect();
    assigned
        .into_iter()
        .filter(|person| !state.invite.contains(*person))
        .map(|person| {
            format!("a task is assigned to `{person}`, who is not in `start.invite`: the server takes only people who are")
        })
        .collect()
}

/// The server takes an attribute that is no person, and then assigns nobody.
fn by_attribute(state: &PlaybookState) -> Vec<String> {
    let assigned: BTreeSet<&str> = state
        .tasks()
        .filter_map(|(_, task)| task.assign.as_deref()?.strip_prefix(BY_ATTRIBUTE))
        .collect();
    let is_person = |name: &str| {
        let mut all = state.attributes.iter();
        all.any(|attribute| attribute.name == name && attribute.kind == FieldKind::User)
    };
    assigned
        .into_iter()
        .filter(|name| !is_person(name))
        .map(|name| {
            format!("a task is assigned to whoever is in the attribute `{name}`, which is not of the type `user`")
        })
        .collect()
}

fn conditions(state: &PlaybookState) -> Vec<String> {
    let count = state.conditions();
    let over = (count > CONDITIONS).then(|| {
        format!("`checklists` have {count} conditions, and the server takes {CONDITIONS}")
    });
    over.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::canonical::tests::{attributes, sample};
    use super::*;

    fn found(state: &PlaybookState) -> Vec<String> {
        let key = |text: &str| text.parse::<Key>().unwrap();
        problems(state, &key("acme"), &key("service-outage"), None)
    }

    #[test]
    fn an_ordinary_playbook_is_within_all_limits() {
        assert_eq!(found(&sample()), Vec::<String>::new());
    }

    #[test]
    fn every_limit_is_named_with_its_number() {
        let mut state = sample();
        state.title = "t".repeat(1025);
        state.description = "ü".repeat(4090);
        state.welcome = Some("w".repeat(65_536));
        state.category = Some("Zwölf Störungen im Netz".to_owned());
        state.channel_name = Some("{seq} {Nothing}".to_owned());
        state.start_webhooks = Some(65);
        state.checklists[0].tasks[0].assign = Some("user:zoe".to_owned());
        state.checklists[0].tasks[0].command = "/a\0b".to_owned();
        state.checklists[0].tasks[1].description = "d".repeat(300_000);
        let mut attribute = |name: &str, kind: FieldKind, options: &[&str]| {
            state.attributes.push(AttributeState {
                name: name.to_owned(),
                kind,
                options: options.iter().map(|o| (*o).to_owned()).collect(),
                ..attributes()[1].clone()
            });
        };
        attribute("Service", FieldKind::Select, &[]);
        attribute(
            "Service",
            FieldKind::Multiselect,
            &["a", "a", "", &"o".repeat(129)],
        );
        attribute(" Owner", FieldKind::User, &[]);
        attribute(&"n".repeat(256), FieldKind::Text, &[]);
        for n in 0..17 {
            attribute(&format!("A{n}"), FieldKind::Text, &[]);
        }
        insta::assert_snapshot!(found(&state).join("\n"), @r"
        `title` has 1025 characters, and the server takes 1024
        `start.welcome` has 65536 characters, and the server takes 65535
        the command of the task `Confirm` holds the character U+0000, which the server refuses
        `description` has 4245 characters with the marker that sync adds, and the server takes 4096
        `start.channel.category` has 25 bytes, and the server takes 22
        `start.webhooks` has 65 addresses, and the server takes 64
        `checklists` have about 300997 bytes, and the server takes 262144
        `attributes` has 21 attributes, and the server takes 20
        the attribute `Service` has no option to choose, and the server wants one
        two attributes have the name `Service`, and the server takes one
        the attribute `Service` has the option `a` twice, and the server takes it once
        an option of the attribute `Service` is empty, which the server refuses
        an option of the attribute `Service` has 129 characters, and the server takes 128
        the attribute ` Owner` has a name that means something else in templates, and the server refuses it
        the name of an attribute has 256 characters, and the server takes 255
        `start.channel.name` uses `{Nothing}`, which is none of {SEQ}, {OWNER}, {CREATOR}, and the name of no attribute
        a task is assigned to `zoe`, who is not in `start.invite`: the server takes only people who are
        ");
    }
}
