//! Findings as a log of SARIF 2.1.0, for code scanning.
//!
//! One run, and of the rules only those that occur. `tests/fixtures/sarif/` holds the
//! schema that tests hold it against.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{advice, position};
use crate::diag::{Code, Finding, Level, Source, Span, fingerprints, one_line};
use crate::lint;

/// Stands for the top of the repository, as SARIF suggests.
const TOP: &str = "%SRCROOT%";

/// The name of our fingerprint and the version of how it is made.
const FINGERPRINT: &str = "warroom/v1";

/// The log.
pub(super) fn log(findings: &[Finding], folder: &str) -> Value {
    let rules: BTreeSet<Code> = findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<Code> = rules.into_iter().collect();
    let results: Vec<Value> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| result(finding, &fingerprint, &rules, folder))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "warroom",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().copied().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{ "executionSuccessful": true }],
            "originalUriBaseIds": {
                TOP: { "description": { "text": "the top of the repository" } },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let text = json!({ "text": code.meaning() });
    let rule = lint::of_code(code);
    let full = if rule.what.is_empty() {
        code.meaning()
    } else {
        rule.what
    };
    let id = code.id();
    json!({
        "id": code.id(),
        "name": code.name(),
        "shortDescription": text,
        "fullDescription": { "text": full },
        "help": { "text": format!("{} `warroom lint --explain {id}` says more.", code.meaning()) },
        "defaultConfiguration": { "level": level(code.level()) },
    })
}

fn result(finding: &Finding, fingerprint: &str, rules: &[Code], folder: &str) -> Value {
    let message = match advice(finding) {
        Some(advice) => format!("{}\n{}", plain(&finding.message), plain(&advice)),
        None => plain(&finding.message),
    };
    let mut result = json!({
        "ruleId": finding.code.id(),
        "ruleIndex": rules.iter().position(|code| *code == finding.code),
        "level": level(finding.level),
        "message": { "text": message },
        "locations": [{ "physicalLocation": place(&finding.source, finding.span, folder) }],
        "partialFingerprints": { FINGERPRINT: fingerprint },
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, related)| {
            json!({
                "id": id,
                "message": { "text": plain(&related.message) },
                "physicalLocation": place(&related.source, related.span, folder),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn place(source: &Source, span: Span, folder: &str) -> Value {
    let mut region = Map::new();
    if let (Some(start), Some(end)) = (position(source, span.start), position(source, span.end)) {
        region.insert("startLine".to_owned(), start.line.into());
        region.insert("startColumn".to_owned(), start.column.into());
        region.insert("endLine".to_owned(), end.line.into());
        region.insert("endColumn".to_owned(), end.column.into());
    } else {
        // Code scanning shows nothing without a line.
        region.insert("startLine".to_owned(), 1.into());
    }
    json!({
        "artifactLocation": { "uri": uri(folder, source), "uriBaseId": TOP },
        "region": region,
    })
}

/// The path as a relative reference, in which whatever could mean more is encoded.
fn uri(folder: &str, source: &Source) -> String {
    let mut uri = String::new();
    for byte in folder.bytes().chain(source.name().bytes()) {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a string never fails.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// A text in which nothing is a link: SARIF has them as `[words](target)`.
///
/// Braces stay as they are: they are placeholders only in messages with arguments.
fn plain(text: &str) -> String {
    one_line(text).replace("](", "] (")
}
