//! `warroom run check`, `uncheck` and `skip`.

use super::Desk;
use crate::cli::RunTasks;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::TaskVerb;
use crate::ui::Ui;

/// Changes the state of tasks.
pub(super) fn run(
    verb: TaskVerb,
    arguments: &RunTasks,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let tasks = &arguments.tasks;
    let outcome = desk.act(async |runner| runner.tasks(&id, verb, tasks).await)?;
    let name = match verb {
        TaskVerb::Check => "check",
        TaskVerb::Uncheck => "uncheck",
        TaskVerb::Skip => "skip",
    };
    desk.report(name, &outcome, ui)
}
