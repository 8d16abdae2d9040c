//! Attributes: what people type and what a server takes, both ways.
//!
//! Owns which field an attribute of the playbook is, and the check of every value before
//! anything is written: the server answers a bad one with a plain 500, and at a start the
//! incident exists all the same.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};
use serde_json::Value;

use super::people::team_mate;
use super::{Definition, People, RunnerError};
use crate::mattermost::playbooks::{FieldKind, FieldOption, PropertyField, Run};
use crate::mattermost::{FieldId, Reader, TeamId, UserId};
use crate::model::{Attribute, AttributeSource, Key, Username};

/// The characters of a day such as `2026-11-21`.
const DAY: usize = 10;
/// What makes a day into a moment.
const MIDNIGHT: &str = "T00:00:00Z";

/// What people typed: text by attribute.
pub type Typed = BTreeMap<Key, String>;

/// A value that the server takes, and the attribute it is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lowered {
    /// The attribute.
    pub(super) key: Key,
    /// The field, of the playbook or of the run.
    pub(super) field: FieldId,
    /// What is sent.
    pub(super) value: Value,
    /// The same for people.
    pub(super) words: String,
}

/// Turns what was typed into values for these fields.
///
/// # Errors
/// Names the first attribute or value that is not known.
pub(super) async fn lower(
    reader: &Reader,
    team: &TeamId,
    definition: &Definition,
    fields: &[PropertyField],
    typed: &Typed,
) -> Result<Vec<Lowered>, RunnerError> {
    let mut lowered = Vec::new();
    for (key, text) in typed {
        let attribute = declared(definition, key)?;
        let field = fields.iter().find(|field| field.name == attribute.name);
        let field = field.ok_or_else(|| {
            RunnerError::refused(
                format!("the attribute `{key}` is not in Mattermost"),
                "`warroom sync` brings it there; an incident has the attributes that its playbook had when it started",
            )
        })?;
        let people = people_in(reader, team, field, text).await?;
        let value = value_of(field, text, &people).map_err(|problem| {
            RunnerError::unknown(
                format!("`{key}` cannot be `{text}`: {}", problem.0),
                problem.1,
            )
        })?;
        lowered.push(Lowered {
            key: key.clone(),
            field: field.id.clone(),
            value,
            words: text.trim().to_owned(),
        });
    }
    Ok(lowered)
}

/// The value that mirrors a severity, where an attribute does.
pub(super) fn mirrored(
    definition: &Definition,
    fields: &[PropertyField],
    severity: Option<&Key>,
) -> Option<Lowered> {
    let attribute = mirror(definition)?;
    let severity = definition.settings.severity(severity?.as_str())?;
    let field = fields.iter().find(|field| field.name == attribute.name)?;
    let option = option_of(field, &severity.title)?;
    Some(Lowered {
        key: attribute.key.clone(),
        field: field.id.clone(),
        value: option.id.as_str().into(),
        words: severity.title.clone(),
    })
}

/// The attribute that takes its options from the severities.
pub(super) fn mirror(definition: &Definition) -> Option<&Attribute> {
    let mut all = definition.playbook.attributes.iter();
    all.find(|attribute| attribute.from == Some(AttributeSource::Severities))
}

/// The attribute of that key, which people may set.
fn declared<'d>(definition: &'d Definition, key: &Key) -> Result<&'d Attribute, RunnerError> {
    let all = &definition.playbook.attributes;
    let Some(attribute) = all.iter().find(|attribute| attribute.key == *key) else {
        let names: Vec<String> = all.iter().map(|a| format!("`{}`", a.key)).collect();
        let help = if names.is_empty() {
            "it has none: declare it under `attributes:` of the playbook, and sync".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        };
        let problem = format!("the playbook has no attribute `{key}`");
        return Err(RunnerError::unknown(problem, help));
    };
    if attribute.from == Some(AttributeSource::Severities) {
        return Err(RunnerError::unknown(
            format!("the attribute `{key}` follows the severity"),
            "say `--severity` at the start, and `warroom run severity` later",
        ));
    }
    Ok(attribute)
}

/// The people that a text names, where the field takes people.
async fn people_in(
    reader: &Reader,
    team: &TeamId,
    field: &PropertyField,
    text: &str,
) -> Result<BTreeMap<String, UserId>, RunnerError> {
    let mut people = BTreeMap::new();
    if matches!(field.kind, FieldKind::User | FieldKind::Multiuser) {
        for name in parts(text) {
            let bare = name.strip_prefix('@').unwrap_or(name);
            let username: Username = bare.parse().map_err(|error: crate::model::NameError| {
                RunnerError::unknown(error.to_string(), "give the username that stands after `@`")
            })?;
            let user = team_mate(reader, team, &username).await?;
            people.insert(name.to_owned(), user.id);
        }
    }
    Ok(people)
}

/// What is wrong with a value, and what to do.
type Problem = (String, String);

/// The value that a text stands for; nothing clears it.
fn value_of(
    field: &PropertyField,
    text: &str,
    people: &BTreeMap<String, UserId>,
) -> Result<Value, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let choice = |name: &str| {
        let option = option_of(field, name).ok_or_else(|| {
            let all = field.attrs.options.iter().map(|o| format!("`{}`", o.name));
            let all: Vec<String> = all.collect();
            let problem = format!("there is no option `{name}`");
            (problem, format!("there are {}", all.join(", ")))
        })?;
        Ok(Value::from(option.id.as_str()))
    };
    let person = |name: &str| Value::from(people.get(name).map_or("", UserId::as_str));
    match &field.kind {
        FieldKind::Text => Ok(text.into()),
        FieldKind::Select => choice(text),
        FieldKind::Multiselect => parts(text).map(choice).collect(),
        FieldKind::Date => {
            // The server keeps a moment as it was sent, and makes a day into this one.
            if text.len() == DAY && text.parse::<civil::Date>().is_ok() {
                return Ok(format!("{text}{MIDNIGHT}").into());
            }
            if text.parse::<Timestamp>().is_ok() {
                return Ok(text.into());
            }
            let help =
                "write a day such as `2026-11-21`, or a moment such as `2026-11-21T14:30:00Z`";
            Err(("that is no date".to_owned(), help.to_owned()))
        }
        FieldKind::User if parts(text).count() == 1 => Ok(person(text)),
        FieldKind::User => Err((
            "it takes one person".to_owned(),
            "name one, or make it an attribute of the type `multiuser`".to_owned(),
        )),
        FieldKind::Multiuser => Ok(parts(text).map(person).collect()),
        FieldKind::Other(kind) => Err((
            format!("this version of warroom does not know the type `{kind}`"),
            "set it in Mattermost".to_owned(),
        )),
    }
}

/// Several values are separated by commas.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn option_of<'f>(field: &'f PropertyField, name: &str) -> Option<&'f FieldOption> {
    let options = &field.attrs.options;
    let exact = options.iter().find(|option| option.name == name);
    let alike = || {
        let name = name.to_lowercase();
        options
            .iter()
            .find(|option| option.name.to_lowercase() == name)
    };
    exact.or_else(alike)
}

/// The values of a run, in words, for each attribute of the playbook that has one.
pub(super) fn in_words(
    run: &Run,
    definition: &Definition,
    people: &People,
) -> BTreeMap<Key, String> {
    let (fields, values) = (run.fields(), run.values());
    let mut words = BTreeMap::new();
    for attribute in &definition.playbook.attributes {
        let Some(field) = fields.iter().find(|field| field.name == attribute.name) else {
            continue;
        };
        let value = values.iter().find(|value| value.field_id == field.id);
        let text = value.map(|value| words_of(field, &value.value, people));
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            words.insert(attribute.key.clone(), text);
        }
    }
    words
}

fn words_of(field: &PropertyField, value: &Value, people: &People) -> String {
    let one = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        match field.kind {
            FieldKind::Select | FieldKind::Multiselect => {
                let mut options = field.attrs.options.iter();
                let option = options.find(|option| option.id.as_str() == text);
                option.map(|option| option.name.clone()).unwrap_or_default()
            }
            FieldKind::User | FieldKind::Multiuser if !text.is_empty() => {
                people.name(&UserId::new(text))
            }
            FieldKind::Date => text.strip_suffix(MIDNIGHT).unwrap_or(text).to_owned(),
            _ => text.to_owned(),
        }
    };
    match value {
        Value::Array(items) => {
            let items = items.iter().map(one).filter(|text| !text.is_empty());
            items.collect::<Vec<_>>().join(", ")
        }
        value => one(value),
    }
}

/// The people that the values of a run name.
pub(super) fn people_of(run: &Run) -> Vec<UserId> {
    let fields = run.fields();
    let values = run.values().into_iter();
    let of_people = values.filter(|value| {
        let field = fields.iter().find(|field| field.id == value.field_id);
        field.is_some_and(|f| matches!(f.kind, FieldKind::User | FieldKind::Multiuser))
    });
    let ids = of_people.flat_map(|value| match value.value {
        Value::Array(items) => items,
        one => vec![one],
    });
    ids.filter_map(|id| Some(UserId::new(id.as_str()?)))
        .filter(|id| !id.is_empty())
        .collect()
}

/// The same values for the fields of the run, whose ids are others.
pub(super) fn in_run(run: &Run, wanted: &[Lowered], of_playbook: &[PropertyField]) -> Vec<Lowered> {
    let fields = run.fields();
    wanted
        .iter()
        .filter_map(|lowered| {
            let field = fields
                .iter()
                .find(|field| field.attrs.parent_id == lowered.field)?;
            let parent = of_playbook.iter().find(|f| f.id == lowered.field)?;
            let option = |id: &Value| {
                let mut options = parent.attrs.options.iter();
                let name = options.find(|option| Some(option.id.as_str()) == id.as_str());
                let own = name.and_then(|option| option_of(field, &option.name));
                own.map_or_else(|| id.clone(), |option| option.id.as_str().into())
            };
            let value = match &lowered.value {
                Value::Array(items) => items.iter().map(option).collect(),
                one => option(one),
            };
            Some(Lowered {
                field: field.id.clone(),
                value,
                ..lowered.clone()
            })
        })
        .collect()
}

/// Whether a task of the run is assigned to whoever is in this field.
pub(super) fn assigns(run: &Run, field: &FieldId) -> bool {
    let mut items = run.checklists.iter().flat_map(|list| &list.items);
    items.any(|item| item.assignee_property_field_id.as_ref() == Some(field))
}

/// Whether the run has that value.
pub(super) fn has(run: &Run, lowered: &Lowered) -> bool {
    let values = run.values();
    let value = values.iter().find(|value| value.field_id == lowered.field);
    value.map_or(lowered.value.is_null(), |value| {
        value.value == lowered.value
    })
}

/// What people call the attribute in words of `did`.
pub(super) fn sentence(lowered: &Lowered) -> String {
    if lowered.value.is_null() {
        format!("cleared {}", lowered.key)
    } else {
        format!("set {} to {}", lowered.key, lowered.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind, options: &[&str]) -> PropertyField {
        let mut field = PropertyField {
            kind,
            ..PropertyField::default()
        };
        field.attrs.options = options
            .iter()
            .map(|name| FieldOption {
                id: format!("{name}-id").as_str().into(),
                name: (*name).to_owned(),
                ..FieldOption::default()
            })
            .collect();
        field
    }

    #[test]
    fn each_kind_takes_what_it_can_and_nothing_else() {
        let people = BTreeMap::from([
            ("bob".to_owned(), UserId::new("u1")),
            ("@carol".to_owned(), UserId::new("u2")),
        ]);
        let value = |kind: FieldKind, text: &str| {
            let field = field(kind, &["checkout", "Search"]);
            let value = value_of(&field, text, &people);
            value.map_or_else(|problem| problem.0, |value| value.to_string())
        };
        assert_eq!(value(FieldKind::Text, "  T-1 "), "\"T-1\"");
        assert_eq!(value(FieldKind::Text, " "), "null");
        assert_eq!(value(FieldKind::Select, "search"), "\"Search-id\"");
        assert_eq!(
            value(FieldKind::Select, "mail"),
            "there is no option `mail`"
        );
        assert_eq!(
            value(FieldKind::Multiselect, "checkout, Search"),
            r#"["checkout-id","Search-id"]"#
        );
        assert_eq!(
            value(FieldKind::Date, "2026-11-21"),
            "\"2026-11-21T00:00:00Z\""
        );
        assert_eq!(
            value(FieldKind::Date, "2026-11-21T14:30:00+01:00"),
            "\"2026-11-21T14:30:00+01:00\""
        );
        assert_eq!(value(FieldKind::Date, "tomorrow"), "that is no date");
        assert_eq!(value(FieldKind::Date, "2026-02-30"), "that is no date");
        assert_eq!(value(FieldKind::User, "bob"), "\"u1\"");
        assert_eq!(value(FieldKind::User, "bob, @carol"), "it takes one person");
        assert_eq!(value(FieldKind::Multiuser, "bob,@carol"), r#"["u1","u2"]"#);
    }
}
