//! Attributes as YAML, and the conditions and assignments that name them.

use std::collections::{BTreeMap, BTreeSet};

use super::keys;
use crate::mattermost::playbooks::{FieldAttrs, FieldKind, Visibility as Shown};
use crate::model::{Key, Settings};
use crate::sync::canonical::{AttributeState, ComparisonState, ValuesState, WhenState};
use crate::yaml::Value;

/// An attribute in YAML, and what tasks call it.
pub(super) struct Attribute<'a> {
    /// What the file says.
    pub(super) value: Value,
    key: Key,
    /// Its name in Mattermost.
    pub(super) name: &'a str,
    /// What conditions call its options, by their names; none of a text.
    options: BTreeMap<&'a str, &'a str>,
}

pub(super) fn attributes<'a>(
    states: &'a [AttributeState],
    settings: &'a Settings,
    known: &BTreeMap<&str, Key>,
    notes: &mut Vec<String>,
) -> Vec<Attribute<'a>> {
    let mut taken: BTreeSet<String> = known.values().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for state in states {
        let name = crate::diag::one_line(&state.name);
        let Some(kind) = kind(&state.kind) else {
            notes.push(format!(
                "the attribute `{name}` is of a kind that YAML cannot say, and was left out"
            ));
            continue;
        };
        let key = known.get(state.name.as_str()).cloned();
        let key = key
            .unwrap_or_else(|| keys::unique(&state.name, "attribute", |key| !taken.contains(key)));
        taken.insert(key.to_string());
        let mut entries = vec![
            ("key".to_owned(), Value::text(key.as_str())),
            ("name".to_owned(), Value::text(&state.name)),
        ];
        let severities = settings.severities.iter().map(|severity| &severity.title);
        let from = state.kind == FieldKind::Select
            && !state.options.is_empty()
            && severities.eq(state.options.iter());
        let mut options: BTreeMap<&str, &str> = BTreeMap::new();
        if from {
            let severities = settings.severities.iter();
            options.extend(severities.map(|s| (s.title.as_str(), s.key.as_str())));
            entries.push(("from".to_owned(), Value::text("severities")));
        } else {
            entries.push(("type".to_owned(), Value::text(kind)));
            options.extend(state.options.iter().map(|o| (o.as_str(), o.as_str())));
            if !state.options.is_empty() {
                let options = state.options.iter().map(Value::text).collect();
                entries.push(("options".to_owned(), Value::List(options)));
            }
        }
        if state.format.as_deref() == Some(FieldAttrs::URL) {
            entries.push(("format".to_owned(), Value::text("url")));
        }
        let show = match state.show {
            Shown::Always => Some("always"),
            Shown::Hidden => Some("hidden"),
            Shown::WhenSet | Shown::Other(_) => None,
        };
        entries.extend(show.map(|show| ("show".to_owned(), Value::text(show))));
        all.push(Attribute {
            value: Value::Short(entries),
            key,
            name: &state.name,
            options,
        });
    }
    all
}

fn kind(kind: &FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::Text => Some("text"),
        FieldKind::Select => Some("select"),
        FieldKind::Multiselect => Some("multiselect"),
        FieldKind::Date => Some("date"),
        FieldKind::User => Some("user"),
        FieldKind::Multiuser => Some("multiuser"),
        FieldKind::Other(_) => None,
    }
}

/// What `assign` says for the attribute of that name.
pub(super) fn assignee(name: &str, attributes: &[Attribute<'_>]) -> Option<Value> {
    let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
    Some(Value::text(format!("attribute:{}", attribute.key)))
}

/// What `when` says; none where YAML cannot say it.
pub(super) fn when(state: &WhenState, attributes: &[Attribute<'_>]) -> Option<Value> {
    match state {
        WhenState::All(comparisons) => all(comparisons, attributes),
        WhenState::Any(comparisons) => {
            let parts = comparisons.iter().map(|comparison| {
                let said = said(comparison, attributes)?;
                Some(Value::Short(vec![negated(said, comparison.negated)]))
            });
            let parts = parts.collect::<Option<Vec<Value>>>()?;
            Some(Value::Short(vec![("any".to_owned(), Value::List(parts))]))
        }
        WhenState::Other(_) => None,
    }
}

/// A mapping names an attribute once: what else must hold is said as what must not.
fn all(comparisons: &BTreeSet<ComparisonState>, attributes: &[Attribute<'_>]) -> Option<Value> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    let mut not = Vec::new();
    for comparison in comparisons {
        let said = said(comparison, attributes)?;
        let known = entries.iter().any(|(key, _)| *key == said.0);
        if comparison.negated {
            not.push(Value::Short(vec![said]));
        } else if known {
            not.push(Value::Short(vec![negated(said, true)]));
        } else {
            entries.push(said);
        }
    }
    match not.len() {
        0 => {}
        1 => entries.extend(not.pop().map(|one| ("not".to_owned(), one))),
        _ => {
            let any = vec![("any".to_owned(), Value::List(not))];
            entries.push(("not".to_owned(), Value::Short(any)));
        }
    }
    Some(Value::Short(entries))
}

fn negated(said: (String, Value), negated: bool) -> (String, Value) {
    if negated {
        ("not".to_owned(), Value::Short(vec![said]))
    } else {
        said
    }
}

/// The key of an attribute, and the values it must have one of.
fn said(comparison: &ComparisonState, attributes: &[Attribute<'_>]) -> Option<(String, Value)> {
    let mut attributes = attributes.iter();
    let attribute = attributes.find(|attribute| attribute.name == comparison.attribute)?;
    let values = match &comparison.values {
        ValuesState::Text(text) => vec![Value::text(text)],
        ValuesState::Options(names) => {
            let names = names.iter();
            let said = names.map(|name| attribute.options.get(name.as_str()));
            let said = said.collect::<Option<Vec<&&str>>>()?;
            said.into_iter().map(|said| Value::text(*said)).collect()
        }
    };
    Some((attribute.key.to_string(), Value::List(values)))
}
