//! What verbs do whose result is a list of findings.

use camino::Utf8Path;

use crate::commands::Context;
use crate::diag::{Finding, Level};
use crate::exit::{ExitStatus, Failure};
use crate::git::path_from_top;
use crate::ui::{Ui, report};

/// Prints the findings of the workspace in the folder `root` and how many there are, and
/// says whether one of them is as serious as what fails.
pub(crate) fn print(
    findings: &[Finding],
    files: usize,
    root: &Utf8Path,
    failing: Level,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let folder = path_from_top(root);
    let text = report::render(findings, context.findings, &folder, ui.style());
    if !text.is_empty() {
        ui.result(&text)?;
    }
    ui.note(&report::summary(findings, files));
    if findings.iter().any(|finding| finding.level >= failing) {
        Ok(ExitStatus::Findings)
    } else {
        Ok(ExitStatus::Done)
    }
}
