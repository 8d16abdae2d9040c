//! Attributes as the server's property fields.
//!
//! Owns which option of a field is which: first the one of the same name, then the one
//! of the id that was chosen for it, which is a rename. An option that is kept keeps its
//! id, since conditions name it by that.

use std::collections::BTreeMap;

use crate::mattermost::OptionId;
use crate::mattermost::playbooks::{FieldOption, PropertyField};
use crate::sync::canonical::AttributeState;

/// The ids chosen for options, by the name of the attribute and of the option.
pub type OptionIds = BTreeMap<(String, String), String>;

/// The attribute that a field is.
#[must_use]
pub fn attribute_of(field: &PropertyField) -> AttributeState {
    let attrs = &field.attrs;
    let options = attrs.options.iter();
    AttributeState {
        name: field.name.clone(),
        kind: field.kind.clone(),
        format: (!attrs.value_type.is_empty()).then(|| attrs.value_type.clone()),
        show: attrs.visibility.clone(),
        options: options.map(|option| option.name.clone()).collect(),
    }
}

/// Lays an attribute over a field; its place and what is not managed stay.
pub fn lay_attribute(field: &mut PropertyField, wanted: &AttributeState, ids: &OptionIds) {
    field.name.clone_from(&wanted.name);
    field.kind = wanted.kind.clone();
    let attrs = &mut field.attrs;
    attrs.visibility = wanted.show.clone();
    attrs.value_type = wanted.format.clone().unwrap_or_default();

    let mut known = std::mem::take(&mut attrs.options);
    let mut take = |fits: &dyn Fn(&FieldOption) -> bool| {
        let place = known.iter().position(fits)?;
        Some(known.remove(place))
    };
    let chosen = |name: &String| {
        let id = ids.get(&(wanted.name.clone(), name.clone()));
        OptionId::new(id.map(String::as_str).unwrap_or_default())
    };
    let names = wanted.options.iter();
    let mut laid: Vec<(&String, Option<FieldOption>)> = names
        .map(|name| (name, take(&|option| option.name == *name)))
        .collect();
    for (name, option) in &mut laid {
        let id = chosen(name);
        if option.is_none() && !id.is_empty() {
            *option = take(&|option| option.id == id);
        }
    }
    let kept = laid.iter().filter_map(|(_, option)| option.as_ref());
    let taken: Vec<OptionId> = kept.map(|option| option.id.clone()).collect();
    let laid = laid.into_iter().map(|(name, option)| {
        let id = chosen(name);
        let new = || FieldOption {
            // One that another option got in Mattermost is left to that one.
            id: if taken.contains(&id) {
                OptionId::default()
            } else {
                id
            },
            ..FieldOption::default()
        };
        let mut option = option.unwrap_or_else(new);
        option.name.clone_from(name);
        option
    });
    attrs.options = laid.collect();
}

/// Which of the fields an attribute is: the one of its name, or of the name it had before.
#[must_use]
pub fn twin(
    fields: &[PropertyField],
    wanted: &[AttributeState],
    name: &str,
    renamed: &BTreeMap<String, String>,
) -> Option<usize> {
    let named = |name: &str| fields.iter().position(|field| field.name == name);
    let former = || {
        let former = renamed.get(name)?;
        let is_wanted = wanted.iter().any(|attribute| attribute.name == *former);
        if is_wanted { None } else { named(former) }
    };
    named(name).or_else(former)
}

/// The fields that stay, each as it is and as it is about to be.
#[must_use]
pub fn staying<'f>(
    fields: &'f [PropertyField],
    wanted: &[AttributeState],
    renamed: &BTreeMap<String, String>,
    ids: &OptionIds,
) -> Vec<(&'f PropertyField, PropertyField)> {
    let mut staying = Vec::new();
    for attribute in wanted {
        if let Some(n) = twin(fields, wanted, &attribute.name, renamed) {
            let mut laid = fields[n].clone();
            lay_attribute(&mut laid, attribute, ids);
            staying.push((&fields[n], laid));
        }
    }
    staying
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sync::canonical::tests::attributes;

    fn ids() -> OptionIds {
        let id = |option: &str| {
            let key = ("Service".to_owned(), option.to_owned());
            (key, format!("chosen-{option}"))
        };
        ["checkout", "search", "mail"].map(id).into()
    }

    /// A field that somebody made in Mattermost.
    fn field(options: &serde_json::Value) -> PropertyField {
        serde_json::from_value(json!({
            "id": "f", "name": "Service", "type": "select", "protected": true, "create_at": 1,
            "attrs": {"visibility": "hidden", "sort_order": 7, "options": options, "news": [1]},
        }))
        .unwrap()
    }

    fn shown(field: &PropertyField) -> Vec<String> {
        let options = field.attrs.options.iter();
        options.map(|o| format!("{}={}", o.name, o.id)).collect()
    }

    #[test]
    fn what_is_laid_is_read_again() {
        for wanted in attributes() {
            let mut field = PropertyField::default();
            lay_attribute(&mut field, &wanted, &ids());
            assert_eq!(attribute_of(&field), wanted);
        }
    }

    #[test]
    fn what_is_not_managed_stays() {
        let options = json!([{"id": "theirs", "name": "search", "color": "red"}]);
        let mut laid = field(&options);
        let before = laid.clone();
        lay_attribute(&mut laid, &attributes()[0], &ids());
        assert_eq!(shown(&laid), ["checkout=chosen-checkout", "search=theirs"]);
        assert_eq!(laid.attrs.options[1].rest, before.attrs.options[0].rest);
        assert_eq!((&laid.id, &laid.rest), (&before.id, &before.rest));
        assert_eq!(laid.attrs.rest, before.attrs.rest);
        assert_eq!(laid.attrs.sort_order, 7);
    }

    #[test]
    fn an_option_that_was_renamed_keeps_its_id() {
        let mut renamed = field(&json!([
            {"id": "chosen-search", "name": "seek"}, {"id": "chosen-checkout", "name": "checkout"},
        ]));
        lay_attribute(&mut renamed, &attributes()[0], &ids());
        let expected = ["checkout=chosen-checkout", "search=chosen-search"];
        assert_eq!(shown(&renamed), expected);
    }

    #[test]
    fn an_id_that_another_option_has_is_not_given_twice() {
        let mut swapped = field(&json!([{"id": "chosen-checkout", "name": "search"}]));
        lay_attribute(&mut swapped, &attributes()[0], &ids());
        assert_eq!(shown(&swapped), ["checkout=", "search=chosen-checkout"]);
    }
}
