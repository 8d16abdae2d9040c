//! Metrics, webhooks, categories and number prefixes.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Level;
use crate::lint::scope::{PlaybookScope, Scope, WorkspaceScope};
use crate::mattermost::limits::CATEGORY_NAME_BYTES;
use crate::model::{Metric, MetricKind, MetricTarget, SecretRef};
use crate::workspace::Placed;
use crate::yaml::Part;

/// V-03: an address that is called twice.
pub(super) fn webhook_twice(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let updates = playbook.updates.as_ref().map(|updates| &updates.webhooks);
    let lists = [
        ("/start/webhooks", Some(&playbook.start.webhooks)),
        ("/updates/webhooks", updates),
    ];
    for (pointer, list) in lists {
        let list: &[SecretRef] = list.map(Vec::as_slice).unwrap_or_default();
        let mut seen = BTreeSet::new();
        for (index, reference) in list.iter().enumerate() {
            if seen.insert(&reference.env) {
                continue;
            }
            let message = format!("`{}` is called twice for one event", reference.env);
            let finding = scope.at_value(&format!("{pointer}/{index}"), message);
            scope.report(finding.label("remove it").level(Level::Warning));
        }
    }
}

/// V-05.
pub(super) fn bad_metric(scope: &mut PlaybookScope<'_>) {
    let Some(retrospective) = &scope.playbook.retrospective else {
        return;
    };
    let at = |index: usize, key: &str| format!("/retrospective/metrics/{index}/{key}");
    for (index, metric) in retrospective.metrics.iter().enumerate() {
        let mut before = retrospective.metrics[..index].iter();
        if metric.title.trim().is_empty() {
            let finding = scope.at_value(&at(index, "title"), "the title of this metric is blank");
            scope.report(finding.label("say what is measured"));
        } else if let Some(first) = before.position(|other| other.title == metric.title) {
            let message = format!("two metrics have the title `{}`", metric.title);
            let place = scope.file().place(&at(first, "title"), Part::Value);
            let finding = scope.at_value(&at(index, "title"), message);
            let finding = finding
                .related(scope.file().source(), place, "first used here")
                .label("choose another title");
            scope.report(finding);
        }
        if let Some((message, label)) = unit(metric) {
            let finding = scope.at_value(&at(index, "target"), message);
            scope.report(finding.label(label));
        }
    }
}

/// What is wrong with a target, and what to write.
fn unit(metric: &Metric) -> Option<(&'static str, &'static str)> {
    match (metric.kind, metric.target?) {
        (_, MetricTarget::Number(number)) if number < 0 => Some((
            "a target below zero cannot be reached",
            "write what to stay below",
        )),
        (MetricKind::Duration, MetricTarget::Number(number)) if number != 0 => Some((
            "this metric is a duration, but its target has no unit",
            "add a unit, such as `30m`",
        )),
        (MetricKind::Currency, MetricTarget::Duration(_)) => Some((
            "this metric is money, but its target is a duration",
            "write a whole number, or `type: duration`",
        )),
        (MetricKind::Integer, MetricTarget::Duration(_)) => Some((
            "this metric is a number, but its target is a duration",
            "write a whole number, or `type: duration`",
        )),
        _ => None,
    }
}

/// V-08.
pub(super) fn bad_prefix(scope: &mut WorkspaceScope<'_>) {
    let mut first: BTreeMap<(&str, String), &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (outer, inner) in scope.playbooks {
        let Some(prefix) = &inner.number_prefix else {
            continue;
        };
        for team in &outer.teams {
            let other = *first
                .entry((team.as_str(), prefix.to_lowercase()))
                .or_insert(&outer.path);
            if other != outer.path {
                found.push((outer.path.as_str(), other, team, prefix));
                break;
            }
        }
    }
    for (path, other, team, prefix) in found {
        let message = format!(
            "another playbook of the team `{team}` already numbers its incidents with `{prefix}`"
        );
        let pointer = "/start/number_prefix";
        let document = scope.around.document(other);
        let place = document.place(pointer, Part::Value);
        let finding = scope
            .at_value(path, pointer, message)
            .related(document.source(), place, "first used here")
            .label("choose another one")
            .help(
                "upper and lower case make no difference; Mattermost refuses the second playbook",
            );
        scope.report(finding);
    }
}

/// V-09.
pub(super) fn category_bytes(scope: &mut PlaybookScope<'_>) {
    let Some(category) = &scope.playbook.start.channel.category else {
        return;
    };
    let bytes = category.len();
    if bytes > CATEGORY_NAME_BYTES {
        let message = format!(
            "the name of this category has {bytes} bytes, and Mattermost takes at most {CATEGORY_NAME_BYTES}"
        );
        let finding = scope.at_value("/start/channel/category", message);
        let finding = finding
            .label("shorten it")
            .help("a letter such as `ü` has two bytes, and an emoji four");
        scope.report(finding);
    }
}
