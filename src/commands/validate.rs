//! `warroom validate`.

use crate::commands::{Context, workspace};
use crate::exit::{ExitStatus, Failure};
use crate::ui::{Ui, report};

/// Runs `warroom validate`.
pub(crate) fn run(context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let (_, loaded) = workspace::load(context)?;
    if loaded.findings.is_empty() {
        ui.note(&format!("{} files, no findings", loaded.files));
        return Ok(ExitStatus::Done);
    }
    ui.result(&report::human(&loaded.findings, ui.style()))?;
    Ok(ExitStatus::Findings)
}
