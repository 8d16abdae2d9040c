//! `warroom run show`.

use serde::Serialize;

use super::Desk;
use crate::cli::{OutputFormat, RunIncident};
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::look;
use crate::incident::{Incident, Tally};
use crate::mattermost::RunId;
use crate::ui::{self, Ui};

#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    incident: &'a Incident,
    tally: Tally,
}

/// Shows an incident, also one that warroom does not manage.
pub(super) fn run(
    arguments: &RunIncident,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::look(context, ui)?;
    let id: RunId = desk.incident(&arguments.which)?;
    let incident = super::look(look::show(&desk.reader, desk.workspace(), &id))?;
    desk.remember(&incident, ui);
    let now = context.environment.clock().now();
    match context.format {
        OutputFormat::Human => {
            let settings = desk.workspace().map(|workspace| &workspace.settings);
            ui.result(&ui::incident::page(&incident, settings, now))?;
        }
        OutputFormat::Json => ui.json(&Shown {
            version: 1,
            incident: &incident,
            tally: incident.tally(now),
        })?,
    }
    Ok(ExitStatus::Done)
}
