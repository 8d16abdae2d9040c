//! What of all findings is told: in order, within bounds, and without secrets.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::{self, Code, Finding};
use crate::schema;

/// After so many findings the rest of a file is only counted.
const MOST_TOLD: usize = 100;

/// The findings of a whole workspace as they are shown: sorted by file and place, of
/// each file only the first hundred, with every secret starred out.
#[must_use]
pub fn told(mut findings: Vec<Finding>) -> Vec<Finding> {
    diag::sort(&mut findings);
    let mut findings = bounded(&findings);
    hide_secrets(&mut findings);
    findings
}

/// The findings, of each file only the first ones and how many more there are.
fn bounded(findings: &[Finding]) -> Vec<Finding> {
    let mut told = Vec::new();
    for file in findings.chunk_by(|a, b| a.source.name() == b.source.name()) {
        let rest = file.len().saturating_sub(MOST_TOLD);
        told.extend(file.iter().take(MOST_TOLD).cloned());
        let Some(next) = file.get(MOST_TOLD) else {
            continue;
        };
        // The rooms that find mistakes stop at some number themselves.
        let more = match rest {
            1 => "there is 1 more finding".to_owned(),
            _ if file.len() >= schema::MOST_ERRORS => {
                format!("there are at least {rest} more findings")
            }
            _ => format!("there are {rest} more findings"),
        };
        let message = format!("{more} in this file");
        // Counting must not make a warning fail.
        let worst = file[MOST_TOLD..].iter().map(|f| f.level).max();
        let finding = Finding::new(Code::MoreFindings, &next.source, next.span, message)
            .level(worst.unwrap_or(next.level))
            .label("the next one is here");
        told.push(finding.help("mend the ones above, and run the same again"));
    }
    told
}

/// Takes secrets out of whatever is told: out of the lines and out of the words.
fn hide_secrets(findings: &mut [Finding]) {
    let mut seen = HashSet::new();
    for finding in findings {
        let related = finding.related.iter().map(|related| &related.source);
        for source in std::iter::once(&finding.source).chain(related) {
            if seen.insert(Arc::as_ptr(source)) {
                schema::hide_secrets(source);
            }
        }
        let help = finding.help.iter_mut();
        for text in [&mut finding.message, &mut finding.label]
            .into_iter()
            .chain(help)
        {
            if let Cow::Owned(clean) = schema::without_secrets(text) {
                *text = clean;
            }
        }
    }
}
