//! `warroom validate`.

use crate::commands::{Context, findings, workspace};
use crate::diag::Level;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Runs `warroom validate`.
pub(crate) fn run(context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let (root, checked) = workspace::check(context)?;
    let found = &checked.findings;
    findings::print(found, checked.files, &root, context, ui)?;
    if found.iter().any(|finding| finding.level == Level::Error) {
        Ok(ExitStatus::Findings)
    } else {
        Ok(ExitStatus::Done)
    }
}
