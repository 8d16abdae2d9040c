//! What verbs do whose result is a list of findings.

use camino::Utf8Path;

use crate::commands::Context;
use crate::diag::Finding;
use crate::exit::Failure;
use crate::git::Repository;
use crate::ui::{Ui, report};

/// Prints the findings of the workspace in the folder `root`, and how many there are.
pub(crate) fn print(
    findings: &[Finding],
    files: usize,
    root: &Utf8Path,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let folder = folder(root);
    let text = report::render(findings, context.findings, &folder, ui.style());
    if !text.is_empty() {
        ui.result(&text)?;
    }
    ui.note(&report::summary(findings, files));
    Ok(())
}

/// Where the workspace is in its repository. One that cannot be opened, as where CI
/// runs as another user, is no reason to say nothing: then it is taken for the top.
fn folder(root: &Utf8Path) -> String {
    let repository = Repository::discover(root).ok().flatten();
    repository.map_or_else(String::new, |found| found.prefix().to_owned())
}
