//! `warroom run assign`.

use super::{Desk, wrong};
use crate::cli::RunAssign;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::Assignee;
use crate::ui::Ui;

/// Gives a task to somebody.
pub(super) fn run(
    arguments: &RunAssign,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let assignee: Assignee = arguments.person.parse().map_err(wrong)?;
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let task = &arguments.task;
    let outcome = desk.act(async |runner| runner.assign(&id, task, &assignee).await)?;
    desk.report("assign", &outcome, ui)
}
