//! Attributes as they are declared: what Mattermost refuses, and what nobody uses.

use std::collections::HashMap;

use super::super::placeholders::{RESERVED, folded, tokens};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::mattermost::limits::{ATTRIBUTE_OPTION, ATTRIBUTES};
use crate::model::{Assign, Attribute, AttributeSource, Key, Show, TextSource, When};
use crate::template::TemplateKind;
use crate::workspace::Placed;
use crate::yaml::Part;

/// C-06.
pub(super) fn attribute_limit(scope: &mut PlaybookScope<'_>) {
    let attributes = &scope.playbook.attributes;
    if let Some(one_more) = attributes.get(ATTRIBUTES) {
        let count = attributes.len();
        let message =
            format!("a playbook has {ATTRIBUTES} attributes at most, and this one has {count}");
        let finding = scope.at_value(&format!("/attributes/{ATTRIBUTES}/key"), message);
        let label = format!("`{}` is one too many", one_more.key);
        scope.report(finding.label(label));
    }
    let mut names: HashMap<String, usize> = HashMap::with_capacity(attributes.len());
    for (index, attribute) in attributes.iter().enumerate() {
        let pointer = format!("/attributes/{index}/name");
        let name = folded(&attribute.name);
        if name.is_empty() {
            let finding = scope.at_value(&pointer, "the name of this attribute is blank");
            scope.report(finding.label("name it"));
        } else if RESERVED.contains(&name.as_str()) {
            let message = format!(
                "`{}` cannot be the name of an attribute",
                attribute.name.trim()
            );
            let finding = scope.at_value(&pointer, message);
            let finding = finding
                .label("choose another name")
                .help("SEQ, OWNER, CREATOR and PROPERTY_USER are Mattermost's own, in upper or lower case");
            scope.report(finding);
        }
        let first = *names.entry(name).or_insert(index);
        if first != index {
            let message = "another attribute already has this name";
            let finding = scope.at_value(&pointer, message);
            let span = scope
                .file()
                .place(&format!("/attributes/{first}/name"), Part::Value);
            let finding = finding
                .related(scope.file().source(), span, "first used here")
                .label("choose another name")
                .help("upper and lower case make no difference: in the name of a channel `{Name}` would mean both");
            scope.report(finding);
        }
        options(scope, index, attribute);
    }
}

fn options(scope: &mut PlaybookScope<'_>, index: usize, attribute: &Attribute) {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(attribute.options.len());
    for (n, option) in attribute.options.iter().enumerate() {
        let length = option.chars().count();
        let message = if length > ATTRIBUTE_OPTION {
            format!(
                "an option has {ATTRIBUTE_OPTION} characters at most, and this one has {length}"
            )
        } else if option.trim().is_empty() {
            "an option cannot be blank".to_owned()
        } else if *seen.entry(option).or_insert(n) != n {
            format!("`{}` already has this option", attribute.key)
        } else {
            continue;
        };
        let finding = scope.at_value(&format!("/attributes/{index}/options/{n}"), message);
        let label = if length > ATTRIBUTE_OPTION {
            "shorten it"
        } else {
            "remove it"
        };
        scope.report(finding.label(label));
    }
}

/// C-07.
pub(super) fn unused_attribute(scope: &mut PlaybookScope<'_>) {
    for (index, attribute) in scope.playbook.attributes.iter().enumerate() {
        // Warroom itself keeps the severity there, and what always shows is there to be read.
        let is_shown = attribute.show == Show::Always;
        if is_shown || attribute.from == Some(AttributeSource::Severities) {
            continue;
        }
        if is_used(scope, attribute) {
            continue;
        }
        let key = &attribute.key;
        let message = format!("nothing uses the attribute `{key}`");
        let finding = scope.at_value(&format!("/attributes/{index}/key"), message);
        let finding = finding
            .label("use it, add `show: always`, or remove it")
            .help(format!(
                "a condition can compare it (`when: {{ {key}: [VALUE] }}`), a template can print it (`{{{{ incident.attributes[\"{key}\"] }}}}`), or `show: always` shows it in every incident"
            ));
        scope.report(finding);
    }
}

fn is_used(scope: &PlaybookScope<'_>, attribute: &Attribute) -> bool {
    let playbook = scope.playbook;
    let key = &attribute.key;
    let assigns = |assign: &Assign| matches!(assign, Assign::Attribute(k) if k == key);
    let by_a_task = playbook.tasks().any(|(.., task)| {
        task.assign.as_ref().is_some_and(assigns)
            || task.when.as_ref().is_some_and(|when| names(when, key))
    });
    let name = folded(&attribute.name);
    let holds = |text: &str| text.contains('{') && tokens(text).any(|(_, token)| token == name);
    by_a_task
        || playbook.start.channel.name.as_deref().is_some_and(holds)
        || texts(scope).any(|(kind, text)| match text {
            TextSource::Inline(text) => kind == TemplateKind::Update && holds(text),
            TextSource::File(path) => scope.around.template(path).is_none_or(|template| {
                template.may_print_attribute(key.as_str())
                    || kind == TemplateKind::Update && holds(template.text())
            }),
        })
}

fn names(when: &When, key: &Key) -> bool {
    when.attributes.contains_key(key)
        || when.any.iter().any(|when| names(when, key))
        || when.not.as_deref().is_some_and(|when| names(when, key))
}

/// The texts that incidents of a playbook get.
fn texts<'a>(scope: &PlaybookScope<'a>) -> impl Iterator<Item = (TemplateKind, &'a TextSource)> {
    let texts = scope.playbook.texts_or(scope.around.settings);
    texts.filter_map(|(pointer, text)| Some((TemplateKind::of_pointer(pointer)?, text)))
}
