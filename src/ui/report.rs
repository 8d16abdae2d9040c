//! Findings as people and programs read them.

use std::fmt::Write;

use crate::diag::Finding;
use crate::ui::Style;

/// Findings for people.
#[must_use]
pub fn human(findings: &[Finding], _: Style) -> String {
    let mut text = String::new();
    for finding in findings {
        let start = finding.start();
        let _ = writeln!(
            text,
            "{}[{}] {}: {}\n    {}:{}:{}",
            finding.level.as_str(),
            finding.code.id(),
            finding.code.name(),
            finding.message,
            finding.source.name(),
            start.line,
            start.column,
        );
    }
    text
}
