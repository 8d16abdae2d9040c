//! Attributes: declared with what they take, and used as declared.

use super::{File, Placed, choose};
use crate::diag::{Code, Finding};
use crate::model::{Assign, Attribute, AttributeKind, AttributeSource, Key, Playbook, When};

/// Y-13, Y-14, Y-16, S-05: either `type` or `from`, and options where one chooses.
pub(super) fn attributes_say_what_they_take(file: &mut File<'_>) {
    for (index, attribute) in file.playbook.attributes.iter().enumerate() {
        let found = declaration(file, &format!("/attributes/{index}"), attribute);
        file.findings.extend(found);
    }
}

fn declaration(file: &File<'_>, pointer: &str, attribute: &Attribute) -> Option<Finding> {
    let key = &attribute.key;
    let below = |name: &str| format!("{pointer}/{name}");
    if matches!(key.as_str(), "any" | "not") {
        let message = format!("`{key}` cannot be the key of an attribute: it combines conditions");
        let finding = file.at_value(Code::InvalidValue, &below("key"), message);
        return Some(finding.label("choose another key"));
    }
    let no_severities = |settings: &crate::model::Settings| settings.severities.is_empty();
    match (attribute.kind, attribute.from) {
        (Some(_), Some(_)) => {
            let message = format!("the attribute `{key}` has both `type` and `from`");
            let finding = file.at_key(Code::ConflictingKeys, &below("type"), message);
            Some(finding.label("remove it: `from` brings a type"))
        }
        (None, None) => {
            let message = format!("the attribute `{key}` has neither `type` nor `from`");
            let finding = file.at_value(Code::MissingKey, &below("key"), message);
            Some(finding.label("add `type`").help(
                "`type` is one of `text`, `select`, `multiselect`, `date`, `user`, `multiuser`",
            ))
        }
        (Some(AttributeKind::Select | AttributeKind::Multiselect), None)
            if attribute.options.is_empty() =>
        {
            let message = format!("the attribute `{key}` has no `options` to choose from");
            let finding = file.at_value(Code::MissingKey, &below("type"), message);
            Some(finding.label("add `options: [ONE, TWO]`"))
        }
        (None, Some(AttributeSource::Severities))
            if file.around.settings.as_ref().is_some_and(no_severities) =>
        {
            let message = "`warroom.yaml` declares no severities".to_owned();
            let finding = file.at_value(Code::SeverityUndeclared, &below("from"), message);
            Some(finding.label("declare them under `severities:`"))
        }
        _ => None,
    }
}

/// C-01, S-05: `when` and `assign: attribute:KEY` name what the playbook declares.
pub(super) fn attributes_in_use_are_declared(file: &mut File<'_>) {
    for (checklist, index, task) in file.playbook.tasks() {
        let pointer = || format!("/checklists/{checklist}/tasks/{index}");
        if let Some(Assign::Attribute(key)) = &task.assign
            && attribute(file.playbook, key).is_none()
        {
            let message = format!("`{key}` is not an attribute of this playbook");
            let pointer = pointer() + "/assign";
            let finding = file.at_value(Code::UnknownAttribute, &pointer, message);
            let finding = with_attributes(finding, file.playbook, "attribute:", key);
            file.push(finding);
        }
        if let Some(when) = &task.when {
            condition(file, &(pointer() + "/when"), when);
        }
    }
}

fn condition(file: &mut File<'_>, pointer: &str, when: &When) {
    for (index, inner) in when.any.iter().enumerate() {
        condition(file, &format!("{pointer}/any/{index}"), inner);
    }
    if let Some(inner) = &when.not {
        condition(file, &format!("{pointer}/not"), inner);
    }
    for (key, values) in &when.attributes {
        let pointer = format!("{pointer}/{key}");
        let Some(attribute) = attribute(file.playbook, key) else {
            let message = format!("`{key}` is not an attribute of this playbook");
            let finding = file.at_key(Code::UnknownAttribute, &pointer, message);
            let finding = with_attributes(finding, file.playbook, "", key);
            file.push(finding);
            continue;
        };
        for (index, value) in values.iter().enumerate() {
            let found = option(file, &format!("{pointer}/{index}"), attribute, value);
            file.findings.extend(found);
        }
    }
}

/// A value in a condition that the attribute cannot have.
fn option(file: &File<'_>, pointer: &str, attribute: &Attribute, value: &str) -> Option<Finding> {
    if attribute.from == Some(AttributeSource::Severities) {
        let severities = &file.around.settings.as_ref()?.severities;
        if severities.is_empty() || severities.iter().any(|s| s.key.as_str() == value) {
            return None;
        }
        let message = format!("`warroom.yaml` declares no severity `{value}`");
        let finding = file.at_value(Code::SeverityUndeclared, pointer, message);
        let keys = severities.iter().map(|severity| severity.key.as_str());
        return Some(choose(finding, ("", value), keys, |all| {
            format!("severities are declared under `severities:`; it has {all}")
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
    let finding = file.at_value(Code::UnknownAttribute, pointer, message);
    let options = attribute.options.iter().map(String::as_str);
    Some(choose(finding, ("", value), options, |all| {
        format!("the options of `{key}` are {all}")
    }))
}

fn attribute<'p>(playbook: &'p Playbook, key: &Key) -> Option<&'p Attribute> {
    let mut attributes = playbook.attributes.iter();
    attributes.find(|attribute| attribute.key == *key)
}

fn with_attributes(finding: Finding, playbook: &Playbook, before: &str, key: &Key) -> Finding {
    let keys = playbook.attributes.iter().map(|a| a.key.as_str());
    choose(finding, (before, key.as_str()), keys, |all| {
        format!("attributes are declared under `attributes:`; this playbook has {all}")
    })
}
