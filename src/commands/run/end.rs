//! `warroom run end` and `restart`.

use super::Desk;
use crate::cli::{RunEnd, RunIncident};
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Ends an incident.
pub(super) fn run(
    arguments: &RunEnd,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let outcome = desk.act(async |runner| runner.end(&id, arguments.yes).await)?;
    desk.report("end", &outcome, ui)
}

/// Restarts an incident that was ended too early.
pub(super) fn restart(
    arguments: &RunIncident,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let outcome = desk.act(async |runner| runner.restart(&id).await)?;
    desk.report("restart", &outcome, ui)
}
