//! What verbs do whose result is a list of findings.

use camino::Utf8Path;

use crate::commands::Context;
use crate::diag::Finding;
use crate::exit::Failure;
use crate::git::path_from_top;
use crate::ui::{Ui, report};

/// Prints the findings of the workspace in the folder `root`, and how many there are.
pub(crate) fn print(
    findings: &[Finding],
    files: usize,
    root: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let folder = path_from_top(root);
    let text = report::render(findings, context.findings, &folder, ui.style());
    if !text.is_empty() {
        ui.result(&text)?;
    }
    ui.note(&report::summary(findings, files));
    Ok(())
}
