//! The numbers that retrospectives ask for, as YAML.

use std::collections::BTreeSet;

use super::keys;
use super::playbook::{Entries, duration, put, remove};
use crate::mattermost::playbooks::MetricType;
use crate::sync::canonical::{MetricState, PlaybookState};
use crate::yaml::Value;

/// What `retrospective.metrics` says; those of `old`, found by their titles, keep their keys.
pub(super) fn metrics(state: &PlaybookState, old: &[Value]) -> Option<Value> {
    let text = |value: &Value, name: &str| {
        let (_, value) = value.entries()?.iter().find(|(key, _)| key == name)?;
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    };
    let mut taken: BTreeSet<String> = old.iter().filter_map(|one| text(one, "key")).collect();
    let mut all = Vec::new();
    for metric in &state.metrics {
        let Some(kind) = kind(&metric.kind) else {
            continue;
        };
        let there = old
            .iter()
            .find(|one| text(one, "title").as_ref() == Some(&metric.title));
        let mut value = there.cloned().unwrap_or_else(|| {
            let key = keys::unique(&metric.title, "metric", |key| !taken.contains(key));
            taken.insert(key.to_string());
            Value::Short(vec![
                ("key".to_owned(), Value::text(key.as_str())),
                ("title".to_owned(), Value::text(&metric.title)),
            ])
        });
        if let Value::Map(entries) | Value::Short(entries) = &mut value {
            put(entries, &["type"], Value::text(kind));
            set(entries, "target", target(metric));
            let description = metric.description.as_str();
            if text(&Value::Map(entries.clone()), "description")
                .as_deref()
                .map(str::trim_end)
                != Some(description)
            {
                let value = (!description.is_empty()).then(|| Value::text(description));
                set(entries, "description", value);
            }
        }
        all.push(value);
    }
    (!all.is_empty()).then_some(Value::List(all))
}

fn set(entries: &mut Entries, name: &str, value: Option<Value>) {
    match value {
        Some(value) => put(entries, &[name], value),
        None => remove(entries, &[name]),
    }
}

fn kind(kind: &MetricType) -> Option<&'static str> {
    match kind {
        MetricType::Duration => Some("duration"),
        MetricType::Currency => Some("currency"),
        MetricType::Integer => Some("integer"),
        MetricType::Other(_) => None,
    }
}

/// A span in milliseconds for durations, else a number.
fn target(metric: &MetricState) -> Option<Value> {
    let number = metric.target?;
    match metric.kind {
        MetricType::Duration if number % 1_000 == 0 => duration(number / 1_000),
        MetricType::Duration => None,
        _ => Some(Value::Int(number)),
    }
}
