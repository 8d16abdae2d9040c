//! `warroom run severity`.

use super::Desk;
use crate::cli::RunSeverity;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Changes the severity.
pub(super) fn run(
    arguments: &RunSeverity,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let severity = &arguments.severity;
    let outcome = desk.act(async |runner| runner.severity(&id, severity).await)?;
    desk.report("severity", &outcome, ui)
}
