//! Findings for programs, in a form that is promised to them.
//!
//! Here the texts are as they are; what steers a terminal is escaped, as JSON can.

use serde_json::{Value, json};

use super::{Needs, NotChecked, Report, advice};
use crate::diag::{Finding, Related, fingerprints};

/// One object; its `version` rises when the shape changes.
pub(super) fn report(report: Report<'_>) -> Value {
    let findings = report.findings;
    let all = findings.iter().zip(fingerprints(findings));
    let mut whole = json!({
        "version": 1,
        "findings": all.map(|(finding, fingerprint)| object(finding, &fingerprint)).collect::<Vec<_>>(),
    });
    if let Some(rules) = report.not_checked {
        whole["not_checked"] = rules.iter().map(|rule| not_checked(*rule)).collect();
    }
    whole
}

fn not_checked(rule: NotChecked) -> Value {
    let needs = match rule.needs {
        Needs::Server => "server",
        Needs::Base => "base",
    };
    json!({ "code": rule.code.id(), "name": rule.code.name(), "needs": needs })
}

fn object(finding: &Finding, fingerprint: &str) -> Value {
    let (start, end) = (finding.start(), finding.end());
    json!({
        "code": finding.code.id(),
        "name": finding.code.name(),
        "level": finding.level.as_str(),
        "message": finding.message,
        "help": advice(finding),
        "file": finding.source.name(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "fingerprint": fingerprint,
        "related": finding.related.iter().map(related).collect::<Vec<_>>(),
    })
}

fn related(related: &Related) -> Value {
    let start = related.source.position(related.span.start);
    json!({
        "message": related.message,
        "file": related.source.name(),
        "line": start.line,
        "column": start.column,
    })
}
