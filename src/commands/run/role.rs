//! `warroom run role`.

use super::Desk;
use crate::cli::RunRole;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Fills a role.
pub(super) fn run(
    arguments: &RunRole,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let (role, person) = (&arguments.role, &arguments.person);
    let outcome = desk.act(async |runner| runner.role(&id, role, person).await)?;
    desk.report("role", &outcome, ui)
}
