//! `warroom plan`: what sync would change, and nothing else.

use crate::cli::Format;
use crate::commands::Context;
use crate::commands::prepared::Prepared;
use crate::exit::{ExitStatus, Failure};
use crate::sync::document::PlanDocument;
use crate::ui::{self, Ui};

/// Runs `warroom plan`.
pub(crate) fn run(
    arguments: &crate::cli::Plan,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let mut prepared = Prepared::new(&arguments.only, &arguments.options, context, ui)?;
    // Only sync looks secrets up: a plan may run where they must not be.
    let compared = prepared.compare(None)?;
    match context.asked {
        Format::Json => ui.json(&PlanDocument::from(&compared.plan))?,
        Format::Markdown => ui.result(&ui::plan::markdown(&compared.plan))?,
        _ => {
            let text = ui::plan::human(&compared.plan, |style, text| ui.paint(style, text));
            ui.result(&text)?;
        }
    }
    Ok(ExitStatus::from(&compared.plan))
}
