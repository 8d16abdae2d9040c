//! `warroom drift`: what Mattermost moved since the last sync, and nothing else.
//!
//! Owns nothing: it is the plan, restricted. Meant for cron and CI, where the exit
//! code says whether somebody has to look.

use crate::cli::{Format, SyncOptions};
use crate::commands::Context;
use crate::commands::prepared::Prepared;
use crate::exit::{ExitStatus, Failure};
use crate::sync::document::DriftDocument;
use crate::sync::plan::drift;
use crate::ui::{self, Ui};

/// Runs `warroom drift`.
pub(crate) fn run(
    arguments: &crate::cli::Drift,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let mut prepared = Prepared::new(&arguments.only, &SyncOptions::default(), context, ui)?;
    let compared = prepared.compare(None)?;
    let drift = drift(&compared.plan);
    match context.asked {
        Format::Json => ui.json(&DriftDocument::from(&drift))?,
        Format::Markdown => ui.result(&ui::plan::drift_markdown(&drift))?,
        _ => {
            let text = ui::plan::drift(&drift, |style, text| ui.paint(style, text));
            ui.result(&text)?;
        }
    }
    Ok(ExitStatus::from(&drift))
}
