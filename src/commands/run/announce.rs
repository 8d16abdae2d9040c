//! `warroom run announce`.

use super::Desk;
use crate::cli::RunAnnounce;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Tells other channels.
pub(super) fn run(
    arguments: &RunAnnounce,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let channels = &arguments.channels;
    let outcome = desk.act(async |runner| runner.announce(&id, channels).await)?;
    desk.report("announce", &outcome, ui)
}
