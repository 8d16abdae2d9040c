//! Findings in sentences, for screen readers and terminals that cannot draw.
//!
//! Every line begins with words of ours, so that nothing from a file stands at the
//! beginning of a line, and no line is broken.

use std::sync::Arc;

use super::excerpt::Excerpts;
use super::position;
use crate::diag::{Finding, Level, Source, Span, one_line};

/// Findings one after the other, an empty line between two.
pub(super) fn all(findings: &[Finding]) -> String {
    let excerpts = Excerpts::of(findings);
    let all: Vec<String> = findings
        .iter()
        .map(|finding| lines(finding, &excerpts).join("\n") + "\n")
        .collect();
    all.join("\n")
}

/// What there is to say about a finding, in the order in which one wants to know.
pub(super) fn lines(finding: &Finding, excerpts: &Excerpts) -> Vec<String> {
    let level = match finding.level {
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Info => "Note",
    };
    let (id, name) = (finding.code.id(), finding.code.name());
    let mut lines = vec![
        format!("{level} {id}, {name}: {}", one_line(&finding.message)),
        format!("It is in {}.", place(&finding.source, finding.span)),
    ];
    lines.extend(read_out(excerpts, &finding.source, finding.span, "The"));
    if !finding.label.is_empty() {
        lines.push(format!("Beside it: {}", one_line(&finding.label)));
    }
    for related in &finding.related {
        lines.push(format!(
            "See also {}: {}",
            place(&related.source, related.span),
            one_line(&related.message)
        ));
        lines.extend(read_out(excerpts, &related.source, related.span, "That"));
    }
    if let Some(help) = &finding.help {
        lines.push(format!("Help: {}", one_line(help)));
    }
    lines
}

/// The line that a place is in, and what of it is meant.
fn read_out(excerpts: &Excerpts, source: &Arc<Source>, span: Span, which: &str) -> Vec<String> {
    let Some(excerpt) = excerpts.showing(source, span) else {
        return Vec::new();
    };
    let line = one_line(excerpt.line(span).trim());
    if line.is_empty() {
        return vec![format!("{which} line is empty.")];
    }
    let marked = one_line(excerpt.marked(span).trim());
    let mut lines = vec![format!("{which} line reads: {line}")];
    if !marked.is_empty() && marked != line {
        lines.push(format!("Marked in it: {marked}"));
    }
    lines
}

/// A place in words.
fn place(source: &Source, span: Span) -> String {
    let name = one_line(source.name());
    let (Some(start), Some(end)) = (position(source, span.start), position(source, span.end))
    else {
        return name;
    };
    let place = format!("{name}, line {}, column {}", start.line, start.column);
    if end.line == start.line {
        place
    } else {
        format!("{place}, to line {}", end.line)
    }
}
