//! `warroom run list`.

use serde::Serialize;

use super::Desk;
use crate::cli::{OutputFormat, RunList};
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::Incident;
use crate::incident::runner::look;
use crate::ui::{self, Ui};

#[derive(Serialize)]
struct List<'a> {
    version: u32,
    incidents: &'a [Incident],
}

/// Lists incidents.
pub(super) fn run(
    arguments: &RunList,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::look(context, ui)?;
    let incidents = super::look(look::list(&desk.reader, desk.workspace(), arguments.all))?;
    match context.format {
        OutputFormat::Json => ui.json(&List {
            version: 1,
            incidents: &incidents,
        })?,
        OutputFormat::Human if incidents.is_empty() => {
            ui.note(if arguments.all {
                "there is no incident that you can see"
            } else {
                "no incident is in progress; `--all` lists ended ones, too"
            });
        }
        OutputFormat::Human => {
            let settings = desk.workspace().map(|workspace| &workspace.settings);
            let now = context.environment.clock().now();
            ui.result(&ui::incident::table(&incidents, settings, now))?;
        }
    }
    Ok(ExitStatus::Done)
}
