//! Findings as a code quality report of GitLab: the part of Code Climate's format
//! that GitLab reads.

use serde_json::{Value, json};

use super::{advice, path};
use crate::diag::{Finding, Level, fingerprints, one_line};

/// A list with one object a finding.
pub(super) fn report(findings: &[Finding], folder: &str) -> Value {
    let all = findings.iter().zip(fingerprints(findings));
    all.map(|(finding, fingerprint)| object(finding, &fingerprint, folder))
        .collect()
}

fn object(finding: &Finding, fingerprint: &str, folder: &str) -> Value {
    let description = match advice(finding) {
        Some(advice) => format!("{} ({advice})", finding.message),
        None => finding.message.clone(),
    };
    let severity = match finding.level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Info => "info",
    };
    json!({
        "description": one_line(&description),
        "check_name": format!("{} {}", finding.code.id(), finding.code.name()),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": path(folder, &finding.source),
            "lines": { "begin": finding.start().line },
        },
    })
}
