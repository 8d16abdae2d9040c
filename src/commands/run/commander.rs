//! `warroom run commander`.

use super::Desk;
use crate::cli::{OutputFormat, RunCommander};
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::look;
use crate::model::Username;
use crate::ui::Ui;

/// Shows or changes who commands.
pub(super) fn run(
    arguments: &RunCommander,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    match &arguments.person {
        Some(person) => change(person, arguments, context, ui),
        None => show(arguments, context, ui),
    }
}

fn change(
    person: &Username,
    arguments: &RunCommander,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let outcome = desk.act(async |runner| runner.commander(&id, person).await)?;
    desk.report("commander", &outcome, ui)
}

fn show(arguments: &RunCommander, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let desk = Desk::look(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let incident = super::look(look::show(&desk.reader, desk.workspace(), &id))?;
    desk.remember(&incident, ui);
    match context.format {
        OutputFormat::Human => ui.result(&format!(
            "{}: @{} commands",
            incident.label(),
            incident.commander
        ))?,
        OutputFormat::Json => ui.json(&serde_json::json!({
            "version": 1,
            "verb": "commander",
            "commander": incident.commander,
            "incident": incident,
        }))?,
    }
    Ok(ExitStatus::Done)
}
