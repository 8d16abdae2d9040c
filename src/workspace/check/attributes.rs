//! Attributes: declared with what they take, and used as declared.

use super::{LoadedPlaybook, Sink, choose};
use crate::diag::{Code, Finding};
use crate::model::{Assign, Attribute, AttributeKind, AttributeSource, Key, When};

/// Y-13, Y-14, Y-16, S-05: either `type` or `from`, and options where one chooses.
pub(super) fn attributes_say_what_they_take(sink: &mut Sink<'_>) {
    for loaded in sink.playbooks() {
        for (index, attribute) in loaded.playbook.attributes.iter().enumerate() {
            let pointer = format!("/attributes/{index}");
            let found = declaration(sink, &loaded.path, &pointer, attribute);
            sink.findings.extend(found);
        }
    }
}

fn declaration(
    sink: &Sink<'_>,
    path: &str,
    pointer: &str,
    attribute: &Attribute,
) -> Option<Finding> {
    let key = &attribute.key;
    let below = |name: &str| format!("{pointer}/{name}");
    if matches!(key.as_str(), "any" | "not") {
        let message = format!("`{key}` cannot be the key of an attribute: it combines conditions");
        let finding = sink.at_value(Code::InvalidValue, path, &below("key"), message);
        return Some(finding.label("choose another key"));
    }
    let no_severities = |settings: &crate::model::Settings| settings.severities.is_empty();
    match (attribute.kind, attribute.from) {
        (Some(_), Some(_)) => {
            let message = format!("the attribute `{key}` has both `type` and `from`");
            let finding = sink.at_key(Code::ConflictingKeys, path, &below("type"), message);
            Some(finding.label("remove it: `from` brings a type"))
        }
        (None, None) => {
            let message = format!("the attribute `{key}` has neither `type` nor `from`");
            let finding = sink.at_value(Code::MissingKey, path, &below("key"), message);
            Some(finding.label("add `type`").help(
                "`type` is one of `text`, `select`, `multiselect`, `date`, `user`, `multiuser`",
            ))
        }
        (Some(AttributeKind::Select | AttributeKind::Multiselect), None)
            if attribute.options.is_empty() =>
        {
            let message = format!("the attribute `{key}` has no `options` to choose from");
            let finding = sink.at_value(Code::MissingKey, path, &below("type"), message);
            Some(finding.label("add `options: [ONE, TWO]`"))
        }
        (None, Some(AttributeSource::Severities))
            if sink.parts.settings.as_ref().is_some_and(no_severities) =>
        {
            let message = "`warroom.yaml` declares no severities".to_owned();
            let finding = sink.at_value(Code::UndeclaredSeverity, path, &below("from"), message);
            Some(finding.label("declare them under `severities:`"))
        }
        _ => None,
    }
}

/// C-01, S-05: `when` and `assign: attribute:KEY` name what the playbook declares.
pub(super) fn attributes_in_use_are_declared(sink: &mut Sink<'_>) {
    for loaded in sink.playbooks() {
        for (checklist, index, task) in loaded.playbook.tasks() {
            let pointer = format!("/checklists/{checklist}/tasks/{index}");
            if let Some(Assign::Attribute(key)) = &task.assign
                && attribute(loaded, key).is_none()
            {
                let message = format!("`{key}` is not an attribute of this playbook");
                let pointer = format!("{pointer}/assign");
                let finding =
                    sink.at_value(Code::UnknownAttribute, &loaded.path, &pointer, message);
                sink.push(with_attributes(finding, loaded, key));
            }
            if let Some(when) = &task.when {
                condition(sink, loaded, &format!("{pointer}/when"), when);
            }
        }
    }
}

fn condition(sink: &mut Sink<'_>, loaded: &LoadedPlaybook, pointer: &str, when: &When) {
    for (index, inner) in when.any.iter().enumerate() {
        condition(sink, loaded, &format!("{pointer}/any/{index}"), inner);
    }
    if let Some(inner) = &when.not {
        condition(sink, loaded, &format!("{pointer}/not"), inner);
    }
    for (key, values) in &when.attributes {
        let pointer = format!("{pointer}/{key}");
        let Some(attribute) = attribute(loaded, key) else {
            let message = format!("`{key}` is not an attribute of this playbook");
            let finding = sink.at_key(Code::UnknownAttribute, &loaded.path, &pointer, message);
            sink.push(with_attributes(finding, loaded, key));
            continue;
        };
        for (index, value) in values.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let found = option(sink, &loaded.path, &pointer, attribute, value);
            sink.findings.extend(found);
        }
    }
}

/// A value in a condition that the attribute cannot have.
fn option(
    sink: &Sink<'_>,
    path: &str,
    pointer: &str,
    attribute: &Attribute,
    value: &str,
) -> Option<Finding> {
    if attribute.from == Some(AttributeSource::Severities) {
        let severities = &sink.parts.settings.as_ref()?.severities;
        if severities.is_empty() || severities.iter().any(|s| s.key.as_str() == value) {
            return None;
        }
        let message = format!("`warroom.yaml` declares no severity `{value}`");
        let finding = sink.at_value(Code::UndeclaredSeverity, path, pointer, message);
        let keys = severities.iter().map(|severity| severity.key.as_str());
        return Some(choose(finding, value, keys, |all| {
            format!("severities stand under `severities:`; there are: {all}")
        }));
    }
    let chosen = matches!(
        attribute.kind,
        Some(AttributeKind::Select | AttributeKind::Multiselect)
    );
    if !chosen || attribute.options.is_empty() || attribute.options.iter().any(|o| o == value) {
        return None;
    }
    let key = &attribute.key;
    let message = format!("`{value}` is not an option of the attribute `{key}`");
    let finding = sink.at_value(Code::UnknownAttribute, path, pointer, message);
    let options = attribute.options.iter().map(String::as_str);
    Some(choose(finding, value, options, |all| {
        format!("the options of `{key}` are {all}")
    }))
}

fn attribute<'p>(loaded: &'p LoadedPlaybook, key: &Key) -> Option<&'p Attribute> {
    let mut attributes = loaded.playbook.attributes.iter();
    attributes.find(|attribute| attribute.key == *key)
}

fn with_attributes(finding: Finding, loaded: &LoadedPlaybook, key: &Key) -> Finding {
    let keys = loaded.playbook.attributes.iter().map(|a| a.key.as_str());
    choose(finding, key.as_str(), keys, |all| {
        format!("attributes are declared under `attributes:`; this playbook has: {all}")
    })
}
