//! Findings as people and programs read them.
//!
//! One file a format, all made from one list of findings. Texts from files are
//! shown only after everything in them that steers a terminal, and every secret,
//! was replaced. Deterministic: the same findings give the same bytes.
//! `docs/formats.md` is what users are promised.

mod drawn;
mod excerpt;
mod github;
mod gitlab;
mod json;
mod junit;
mod narrated;
mod sarif;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use clap::ValueEnum;
use serde_json::Value;

use crate::diag::{Code, Finding, Level, Position, Source, escaped_json, one_line};
use crate::ui::Style;

/// How findings are printed; the names are those of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One object with a `version`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// Test report, as most CI systems read it
    Junit,
}

/// What is printed.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Everything that is wrong.
    pub findings: &'a [Finding],
    /// What was not looked for; none where rules were not asked for.
    pub not_checked: Option<&'a [NotChecked]>,
}

/// A rule of which something was not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotChecked {
    /// The rule.
    pub code: Code,
    /// What that would need.
    pub needs: Needs,
}

/// What a rule needs beside the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A server to ask.
    Server,
    /// An earlier commit to compare with, as `--base` names it.
    Base,
}

impl<'a> From<&'a [Finding]> for Report<'a> {
    fn from(findings: &'a [Finding]) -> Self {
        Self {
            findings,
            not_checked: None,
        }
    }
}

/// Findings in a format, without the summary; nothing where the format has no words
/// for an empty list.
///
/// `folder` leads from the top of the repository to the workspace: it is empty or ends
/// in `/`. Programs that show the whole repository look for files from its top.
#[must_use]
pub fn render<'a>(
    report: impl Into<Report<'a>>,
    format: Format,
    folder: &str,
    style: Style,
) -> String {
    let report = report.into();
    let findings = report.findings;
    match format {
        Format::Human => human(findings, style),
        Format::Json => pretty(&json::report(report)),
        Format::Sarif => pretty(&sarif::log(findings, folder)),
        Format::Github => github::annotations(findings, folder),
        Format::Gitlab => pretty(&gitlab::report(findings, folder)),
        Format::Junit => junit::report(findings, folder),
    }
}

/// Findings for people, one after the other, without the summary.
#[must_use]
pub fn human(findings: &[Finding], style: Style) -> String {
    if style.graphics {
        drawn::drawn(findings, style)
    } else {
        narrated::all(findings)
    }
}

/// The object that `--format json` prints.
#[must_use]
pub fn object(report: Report<'_>) -> Value {
    json::report(report)
}

/// The object in one line, for programs that read line by line.
#[must_use]
pub fn line(object: &Value) -> String {
    escaped_json(&object.to_string())
}

/// How many of each level in how many files; `files` is the number of files that were read.
#[must_use]
pub fn summary(findings: &[Finding], files: usize) -> String {
    let counted = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    if findings.is_empty() {
        return format!("{}, no findings", counted(files, "file"));
    }
    let levels = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Info, "info"),
    ];
    let parts: Vec<String> = levels
        .into_iter()
        .map(|(level, word)| (findings.iter().filter(|f| f.level == level).count(), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let names: BTreeSet<&str> = findings.iter().map(|f| f.source.name()).collect();
    format!("{} in {}", parts.join(", "), counted(names.len(), "file"))
}

/// What was not checked, and what that would need: a line each, for people.
#[must_use]
pub fn unchecked(not_checked: &[NotChecked]) -> Vec<String> {
    let needs = [(Needs::Server, "a server"), (Needs::Base, "`--base`")];
    let line = |(needs, what): (Needs, &str)| {
        let rules = not_checked.iter().filter(|rule| rule.needs == needs);
        let ids: Vec<&str> = rules.map(|rule| rule.code.id()).collect();
        let ids = Some(ids.join(", ")).filter(|ids| !ids.is_empty())?;
        Some(format!("not fully checked without {what}: {ids}"))
    };
    needs.into_iter().filter_map(line).collect()
}

/// What stands beside the place and below it, as one text.
fn advice(finding: &Finding) -> Option<String> {
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    match (label, finding.help.clone()) {
        (Some(label), Some(help)) => Some(format!("{label}; {help}")),
        (label, help) => label.or(help),
    }
}

/// The path of a file from the top of the repository.
fn path(folder: &str, source: &Source) -> String {
    one_line(&format!("{folder}{}", source.name()))
}

/// A place, where there is a text that has places.
fn position(source: &Source, byte: u32) -> Option<Position> {
    (!source.text().is_empty()).then(|| source.position(byte))
}

fn pretty(value: &Value) -> String {
    escaped_json(&format!("{value:#}"))
}
