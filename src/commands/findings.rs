//! What verbs do whose result is a list of findings.

use camino::Utf8Path;

use crate::commands::Context;
use crate::diag::Level;
use crate::exit::{ExitStatus, Failure};
use crate::git::path_from_top;
use crate::ui::Ui;
use crate::ui::report::{self, Report};

/// Prints the findings of the workspace in the folder `root`, how many there are and what
/// was not looked for, and says whether one of them is as serious as what fails.
pub(crate) fn print(
    found: Report<'_>,
    files: usize,
    root: &Utf8Path,
    failing: Level,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let folder = path_from_top(root);
    let text = report::render(found, context.findings, &folder, ui.style());
    if !text.is_empty() {
        ui.result(&text)?;
    }
    ui.note(&report::summary(found.findings, files));
    for note in report::unchecked(found.not_checked.unwrap_or_default()) {
        ui.note(&note);
    }
    if found
        .findings
        .iter()
        .any(|finding| finding.level >= failing)
    {
        Ok(ExitStatus::Findings)
    } else {
        Ok(ExitStatus::Done)
    }
}
