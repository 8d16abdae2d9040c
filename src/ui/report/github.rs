//! Findings as annotations of GitHub Actions: a command a line, which the runner
//! takes from the output of a step.
//!
//! Nothing from a file may end a command or begin another one: lines are broken,
//! and properties separated, only by what is written here.

use super::{path, position};
use crate::diag::{Finding, Level, Related, one_line};

/// One line a finding. GitHub shows ten of each level a step, so errors come first.
pub(super) fn annotations(findings: &[Finding], folder: &str) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let lines = findings.iter().map(|finding| command(finding, folder));
    lines.collect()
}

fn command(finding: &Finding, folder: &str) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let title = format!("{} {}", finding.code.id(), finding.code.name());
    let properties: Vec<String> = [("file", path(folder, &finding.source))]
        .into_iter()
        .chain(region(finding))
        .chain([("title", title)])
        .map(|(name, value)| format!("{name}={}", property(&value)))
        .collect();
    format!(
        "::{command} {}::{}\n",
        properties.join(","),
        data(&message(finding, folder))
    )
}

/// Columns exist for GitHub only within one line.
fn region(finding: &Finding) -> Vec<(&'static str, String)> {
    let source = &finding.source;
    let (Some(start), Some(end)) = (
        position(source, finding.span.start),
        position(source, finding.span.end),
    ) else {
        return Vec::new();
    };
    let mut region = vec![("line", start.line), ("endLine", end.line)];
    if start.line == end.line {
        region.extend([("col", start.column), ("endColumn", end.column)]);
    }
    let region = region.into_iter();
    region.map(|(name, at)| (name, at.to_string())).collect()
}

/// What an annotation says, in lines.
fn message(finding: &Finding, folder: &str) -> String {
    let mut lines = vec![one_line(&finding.message)];
    if !finding.label.is_empty() {
        lines.push(one_line(&finding.label));
    }
    lines.extend(finding.related.iter().map(|other| related(other, folder)));
    if let Some(help) = &finding.help {
        lines.push(format!("help: {}", one_line(help)));
    }
    lines.join("\n")
}

fn related(related: &Related, folder: &str) -> String {
    let path = path(folder, &related.source);
    let message = one_line(&related.message);
    match position(&related.source, related.span.start) {
        Some(start) => format!("{path}:{}:{}: {message}", start.line, start.column),
        None => format!("{path}: {message}"),
    }
}

/// A text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
