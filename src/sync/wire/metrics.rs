//! Metrics as the server keeps them: inside the playbook, with ids of its own.
//!
//! Owns which metric is which: the one of the same title, or of the title that it was
//! renamed from. The server never changes what a metric counts, so that another unit
//! makes another metric; values of ended incidents stay with the id. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text;
use crate::sync::canonical::MetricState;

/// The metric that an object is.
pub(super) fn metric_of(object: &Map<String, Value>) -> MetricState {
    let kind = object.get("type").cloned().unwrap_or_default();
    MetricState {
        title: text(object, "title"),
        kind: serde_json::from_value(kind).unwrap_or_default(),
        target: object.get("target").and_then(Value::as_i64),
        description: text(object, "description"),
    }
}

/// Lays metrics over those that are there; what is not managed stays.
pub(super) fn lay_metrics<'a>(
    there: impl Iterator<Item = &'a Map<String, Value>>,
    wanted: &[MetricState],
    renamed: &BTreeMap<String, String>,
) -> Vec<Value> {
    let there: Vec<&Map<String, Value>> = there.collect();
    let of_title = |title: &str| {
        let mut all = there.iter();
        all.find(|object| text(object, "title") == title).copied()
    };
    let is_wanted = |title: &str| wanted.iter().any(|metric| metric.title == title);
    let lay = |metric: &MetricState| {
        let former = renamed.get(&metric.title).filter(|old| !is_wanted(old));
        let known = of_title(&metric.title).or_else(|| of_title(former?));
        let known = known.filter(|object| metric_of(object).kind == metric.kind);
        let mut object = known.cloned().unwrap_or_default();
        object.insert("title".to_owned(), json!(metric.title));
        object.insert("description".to_owned(), json!(metric.description));
        object.insert("type".to_owned(), json!(metric.kind));
        object.insert("target".to_owned(), json!(metric.target));
        Value::Object(object)
    };
    wanted.iter().map(lay).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mattermost::playbooks::MetricType;

    fn metric(title: &str, kind: MetricType) -> MetricState {
        MetricState {
            title: title.to_owned(),
            kind,
            target: Some(5),
            description: "What counts.".to_owned(),
        }
    }

    fn there() -> Vec<Map<String, Value>> {
        let all = json!([
            {"id": "m1", "title": "Cost", "type": "metric_currency", "target": null, "new": 1},
            {"id": "m2", "title": "Downtime", "type": "metric_duration", "target": 0},
        ]);
        serde_json::from_value(all).unwrap()
    }

    fn ids(wanted: &[MetricState], renamed: &[(&str, &str)]) -> Vec<String> {
        let renamed = renamed
            .iter()
            .map(|(new, old)| ((*new).to_owned(), (*old).to_owned()));
        let there = there();
        let laid = lay_metrics(there.iter(), wanted, &renamed.collect());
        let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
        let read = laid.iter().filter_map(Value::as_object).map(metric_of);
        assert_eq!(read.collect::<Vec<_>>(), wanted);
        laid.iter().map(id).collect()
    }

    #[test]
    fn a_metric_keeps_its_id_by_its_title_or_the_former_one() {
        let (cost, time) = (MetricType::Currency, MetricType::Duration);
        let both = [
            metric("Downtime", time.clone()),
            metric("Cost", cost.clone()),
        ];
        assert_eq!(ids(&both, &[]), ["m2", "m1"]);
        let renamed = [metric("Price", cost.clone())];
        assert_eq!(ids(&renamed, &[]), [""]);
        assert_eq!(ids(&renamed, &[("Price", "Cost")]), ["m1"]);
        // A former title that is still wanted is no rename.
        let both = [metric("Price", cost.clone()), metric("Cost", cost)];
        assert_eq!(ids(&both, &[("Price", "Cost")]), ["", "m1"]);
    }

    #[test]
    fn another_unit_is_another_metric_and_what_is_not_managed_stays() {
        assert_eq!(ids(&[metric("Cost", MetricType::Integer)], &[]), [""]);
        let there = there();
        let laid = lay_metrics(
            there.iter(),
            &[metric("Cost", MetricType::Currency)],
            &BTreeMap::new(),
        );
        assert_eq!(laid[0]["new"], 1);
    }
}
