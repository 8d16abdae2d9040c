//! `warroom run set`.

use super::{Desk, attributes};
use crate::cli::RunSet;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Sets attributes.
pub(super) fn run(
    arguments: &RunSet,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let typed = attributes(&arguments.attributes, "KEY=VALUE")?;
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let outcome = desk.act(async |runner| runner.set(&id, &typed).await)?;
    desk.report("set", &outcome, ui)
}
