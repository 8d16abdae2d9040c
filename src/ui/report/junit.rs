//! Findings as a report of `JUnit`: one suite, a test case a finding.
//!
//! Errors fail; warnings and infos are skipped tests, which are shown and fail
//! nothing. Whatever a text holds, the report is well-formed XML 1.0.

use std::collections::HashMap;

use super::excerpt::Excerpts;
use super::{narrated, path, position};
use crate::diag::{Finding, Level, one_line};

/// The report; without findings, one test that passed: many readers take an empty
/// suite for a mistake.
pub(super) fn report(findings: &[Finding], folder: &str) -> String {
    let excerpts = Excerpts::of(findings);
    let mut names = HashMap::new();
    let mut cases: String = findings
        .iter()
        .map(|finding| case(finding, &excerpts, &mut names, folder))
        .collect();
    if findings.is_empty() {
        let name = attribute("name", "no findings");
        cases = format!(
            "    <testcase{name}{}/>\n",
            attribute("classname", "warroom")
        );
    }
    let failures = findings.iter().filter(|f| fails(f)).count();
    let counts = [
        ("name", "warroom".to_owned()),
        ("tests", findings.len().max(1).to_string()),
        ("failures", failures.to_string()),
        ("errors", "0".to_owned()),
        ("skipped", (findings.len() - failures).to_string()),
    ];
    let counts = counts.map(|(name, value)| attribute(name, &value)).concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites{counts}>\n  <testsuite{counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn fails(finding: &Finding) -> bool {
    finding.level == Level::Error
}

fn case(
    finding: &Finding,
    excerpts: &Excerpts,
    names: &mut HashMap<(String, String), usize>,
    folder: &str,
) -> String {
    let file = path(folder, &finding.source);
    let message = one_line(&finding.message);
    let (id, code) = (finding.code.id(), finding.code.name());
    let mut name = format!("{id} {code}: {message}");
    // Readers take test cases of one name for one.
    let count = names.entry((file.clone(), name.clone())).or_insert(0);
    *count += 1;
    if *count > 1 {
        name = format!("{name} ({count})");
    }
    let mut attributes =
        attribute("name", &name) + &attribute("classname", &file) + &attribute("file", &file);
    if let Some(start) = position(&finding.source, finding.span.start) {
        attributes += &attribute("line", &start.line.to_string());
    }
    let message = attribute("message", &message);
    let body = text(&narrated::lines(finding, excerpts).join("\n"));
    let outcome = if fails(finding) {
        let kind = attribute("type", &format!("{id} {code}"));
        format!("<failure{message}{kind}>{body}</failure>")
    } else {
        format!("<skipped{message}/>\n      <system-out>{body}</system-out>")
    };
    format!("    <testcase{attributes}>\n      {outcome}\n    </testcase>\n")
}

fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", text(value))
}

/// A text in XML; characters that XML does not have are replaced.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            c => escaped.push(c),
        }
    }
    escaped
}
