//! `warroom validate`.

use crate::cli::OutputFormat;
use crate::commands::{Context, workspace};
use crate::diag::Level;
use crate::exit::{ExitStatus, Failure};
use crate::ui::{Ui, report};

/// Runs `warroom validate`.
pub(crate) fn run(context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let (_, loaded) = workspace::load(context)?;
    let findings = &loaded.findings;
    match context.global.format {
        OutputFormat::Json => ui.json(&report::json(findings))?,
        OutputFormat::Human if findings.is_empty() => {}
        OutputFormat::Human => ui.result(&report::human(findings, ui.style()))?,
    }
    ui.note(&report::summary(findings, loaded.files));
    if findings.iter().any(|finding| finding.level == Level::Error) {
        Ok(ExitStatus::Findings)
    } else {
        Ok(ExitStatus::Done)
    }
}
