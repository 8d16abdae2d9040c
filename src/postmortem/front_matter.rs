//! The front matter of `postmortem.md`.
//!
//! What warroom knows stands between markers and is written anew by each export; what
//! people decide stands behind it and is theirs. Texts are written as JSON strings,
//! which YAML reads the same and which no text can end.

use std::fmt::Write as _;

use serde::Serialize;

use super::blocks::generated_yaml;
use super::facts::{Facts, Measure};
use super::record::Record;
use super::redact::{POLICY, Redaction};
use crate::template::markdown;

/// The name of the generated part.
pub(super) const BLOCK: &str = "front-matter";

/// The version of the document's form.
pub(super) const SCHEMA: &str = "warroom/postmortem/1";

/// What people fill in: beginnings only, never overwritten.
const HUMAN: &str = "\
status: draft            # draft, in_review, reviewed, closed
impact_start: null       # when customers first noticed, such as 2026-11-21T11:40:00Z
detected: null           # when the alert fired
services: []
tags: []
related: []
action_items: []         # { id, title, type: prevent | mitigate | process, owner, priority, due, ticket, state }
";

/// The whole front matter with its dashes.
pub(super) fn front_matter(record: &Record, facts: &Facts, redaction: &Redaction) -> String {
    let block = generated_yaml(BLOCK, &generated(record, facts, redaction));
    format!("---\n{block}\n{HUMAN}---\n")
}

fn generated(record: &Record, facts: &Facts, redaction: &Redaction) -> String {
    let mut out = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(out, "{key}: {value}");
    };
    line("schema", SCHEMA.to_owned());
    line("id", text(&record.run.id));
    line("number", optional(record.run.number.as_deref()));
    line("title", text(&record.run.name));
    line("url", text(&record.run.url));
    line("drill", record.run.drill.to_string());
    line("visibility", word(&record.run.visibility));
    let playbook = record.playbook.as_ref();
    line("playbook", optional(playbook.map(|p| p.key.as_str())));
    line(
        "playbook_commit",
        optional(playbook.and_then(|p| p.commit.as_deref())),
    );
    if playbook.is_some_and(|p| p.inferred) {
        line("playbook_commit_inferred", "true".to_owned());
    }
    let severities: Vec<&str> = record.severities.iter().map(|s| s.key.as_str()).collect();
    line(
        "severity",
        format!(
            "{{ initial: {}, final: {} }}",
            optional(severities.first().copied()),
            optional(severities.last().copied())
        ),
    );
    let commanders = record.commanders.iter().map(|c| text(&c.key));
    line("commander", flow(commanders));
    let roles: Vec<String> = record
        .roles
        .iter()
        .map(|(role, person)| format!("{}: {}", text(role.as_str()), text(person)))
        .collect();
    line(
        "roles",
        if roles.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{ {} }}", roles.join(", "))
        },
    );
    line("reporter", text(&record.reporter));
    line("participants_count", record.participants.len().to_string());
    out.push_str("times:\n");
    for (name, rule) in [
        ("declared", "T-01"),
        ("acknowledged", "T-02"),
        ("mitigated", "T-04"),
        ("resolved", "T-05"),
    ] {
        let _ = writeln!(out, "  {name}: {}", value(facts, rule));
    }
    out.push_str("durations:            # seconds\n");
    for (name, rule) in [
        ("duration", "D-01"),
        ("active_duration", "D-02"),
        ("time_to_acknowledge", "D-03"),
        ("time_to_mitigate", "D-04"),
    ] {
        let _ = writeln!(out, "  {name}: {}", value(facts, rule));
    }
    out.push_str("counts:\n");
    for (name, rule) in [
        ("messages", "P-04"),
        ("updates", "U-01"),
        ("tasks_total", "K-01"),
        ("done", "K-02"),
        ("skipped", "K-03"),
        ("late", "K-04"),
        ("adhoc", "K-06"),
    ] {
        let _ = writeln!(out, "  {name}: {}", value(facts, rule));
    }
    let counts: Vec<String> = redaction
        .counts()
        .map(|(kind, count)| format!("{}: {count}", word(&kind)))
        .collect();
    let counts = if counts.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", counts.join(", "))
    };
    let _ = writeln!(out, "redaction: {{ policy: {POLICY}, counts: {counts} }}");
    let missing = record.completeness.warnings.iter().map(|w| text(w));
    let _ = writeln!(
        out,
        "completeness: {{ playbooks: {}, warnings: {} }}",
        optional(record.completeness.playbooks.as_deref()),
        flow(missing)
    );
    let _ = writeln!(
        out,
        "generator: {{ name: warroom, version: {} }}",
        text(env!("CARGO_PKG_VERSION"))
    );
    out
}

fn value(facts: &Facts, rule: &str) -> String {
    match facts.get(rule) {
        Some(Measure::Time(time)) => time.to_string(),
        Some(Measure::Seconds(seconds)) => seconds.to_string(),
        Some(Measure::Count(count)) => count.to_string(),
        Some(Measure::Text(value)) => text(value),
        Some(Measure::Unknown) | None => "null".to_owned(),
    }
}

/// A text as a JSON string in one line.
fn text(value: &str) -> String {
    let line = markdown::visible(value)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    serde_json::Value::from(line).to_string()
}

fn optional(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), text)
}

fn flow(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A word of ours, as serde writes it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
