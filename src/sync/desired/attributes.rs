//! Attributes as git asks for them: kinds, options and their ids.

use crate::mattermost::playbooks::{FieldAttrs, FieldKind, Visibility as Shown};
use crate::model::{
    Attribute, AttributeKind, AttributeSource, Playbook, Settings, Show, TextFormat, option_id,
};
use crate::sync::canonical::AttributeState;
use crate::sync::wire::OptionIds;

/// The attribute as the server would show it.
pub(super) fn attribute_state(attribute: &Attribute, settings: &Settings) -> AttributeState {
    let options = choices(attribute, settings).map(|(name, _)| name.to_owned());
    AttributeState {
        name: attribute.name.clone(),
        kind: kind_of(attribute),
        format: attribute.format.map(|format| match format {
            TextFormat::Url => FieldAttrs::URL.to_owned(),
        }),
        show: match attribute.show {
            Show::Always => Shown::Always,
            Show::WhenSet => Shown::WhenSet,
            Show::Hidden => Shown::Hidden,
        },
        options: options.collect(),
    }
}

fn kind_of(attribute: &Attribute) -> FieldKind {
    match (attribute.from, attribute.kind) {
        (Some(AttributeSource::Severities), _) | (None, Some(AttributeKind::Select)) => {
            FieldKind::Select
        }
        (None, Some(AttributeKind::Multiselect)) => FieldKind::Multiselect,
        (None, Some(AttributeKind::Date)) => FieldKind::Date,
        (None, Some(AttributeKind::User)) => FieldKind::User,
        (None, Some(AttributeKind::Multiuser)) => FieldKind::Multiuser,
        // One of both was checked when the workspace was loaded.
        (None, Some(AttributeKind::Text) | None) => FieldKind::Text,
    }
}

/// The values to choose from: the name of each, and what names it in the workspace.
pub(super) fn choices<'a>(
    attribute: &'a Attribute,
    settings: &'a Settings,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let chosen = matches!(
        kind_of(attribute),
        FieldKind::Select | FieldKind::Multiselect
    );
    let severities = settings.severities.iter();
    let severities = severities
        .filter(|_| attribute.from.is_some())
        .map(|severity| (severity.title.as_str(), severity.key.as_str()));
    // The server drops the options of other kinds.
    let own = attribute.options.iter();
    let own = own
        .filter(move |_| chosen && attribute.from.is_none())
        .map(|option| (option.as_str(), option.as_str()));
    severities.chain(own)
}

/// The ids of all options, which follow from keys.
pub(super) fn option_ids(settings: &Settings, playbook: &Playbook) -> OptionIds {
    let mut ids = OptionIds::new();
    for attribute in &playbook.attributes {
        for (name, text) in choices(attribute, settings) {
            let id = option_id(
                &settings.workspace,
                playbook.ids_key(),
                &attribute.key,
                text,
            );
            ids.insert((attribute.name.clone(), name.to_owned()), id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::super::tests::own;
    use crate::model::{Key, option_id};
    use crate::sync::Desired;

    #[test]
    fn attributes_are_as_the_server_shows_them_and_options_have_ids_of_their_keys() {
        let mut workspace = own();
        workspace.playbooks.truncate(1);
        let given = r#"[
            {"key": "severity", "name": "Severity", "from": "severities", "show": "always"},
            {"key": "service", "name": "Service", "type": "multiselect", "options": ["b", "a"]},
            {"key": "ticket", "name": "Ticket", "type": "text", "format": "url", "options": ["x"]}
        ]"#;
        workspace.playbooks[0].playbook.attributes = serde_json::from_str(given).unwrap();
        workspace.settings.severities.truncate(1);
        workspace.settings.severities[0].title = "SEV-1".to_owned();
        let desired = Desired::of(&workspace).unwrap();
        let wanted = desired.playbooks.values().next().unwrap();
        let wanted = wanted.wanted.as_ref().unwrap();
        let text = serde_json::to_string(&wanted.state.attributes).unwrap();
        insta::assert_snapshot!(text.replace("},", "},\n"), @r#"
        [{"name":"Severity","type":"select","format":null,"show":"always","options":["SEV-1"]},
        {"name":"Service","type":"multiselect","format":null,"show":"when_set","options":["b","a"]},
        {"name":"Ticket","type":"text","format":"url","show":"when_set","options":[]}]
        "#);
        let severity = &workspace.settings.severities[0].key;
        let key: Key = "severity".parse().unwrap();
        let playbook = &workspace.playbooks[0].playbook.key;
        let id = option_id(
            &workspace.settings.workspace,
            playbook,
            &key,
            severity.as_str(),
        );
        let named = ("Severity".to_owned(), "SEV-1".to_owned());
        assert_eq!(wanted.option_ids[&named], id);
        assert_eq!(wanted.option_ids.len(), 3);
    }
}
