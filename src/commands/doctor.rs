//! `warroom doctor`: everything that has to be in place, and what to do where it is not.

mod local;
mod server;

use serde_json::json;

use crate::cli::OutputFormat;
use crate::commands::{Context, block_on, session};
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;
use crate::ui::checks::{self, Check, Verdict};

/// Runs `warroom doctor`.
pub(crate) fn run(context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let mut found = Vec::new();
    let workspace = local::workspace(context, &mut found);
    let settings = workspace.as_ref().map(|workspace| &workspace.settings);
    let configured = settings.and_then(|settings| settings.server.url.as_deref());
    match session::credentials(context, configured, ui) {
        Ok((credentials, origin)) => {
            found.push(Check::ok(
                "token",
                format!("{origin}; sent to `{}` and nowhere else", credentials.site),
            ));
            let reader = session::client(credentials, &context.environment)?;
            found.extend(block_on(async {
                Ok(server::checks(&reader, settings).await)
            })?);
        }
        Err(failure) => {
            found.push(of_failure("token", failure));
            found.extend(server::NAMES.map(Check::skipped));
        }
    }
    found.push(local::git(context));
    let failed = found.iter().any(|check| check.verdict == Verdict::Problem);
    match context.format {
        OutputFormat::Human => {
            let text = checks::human(&found, ui);
            ui.result(&text)?;
        }
        OutputFormat::Json => {
            ui.json(&json!({ "version": 1, "ok": !failed, "checks": found }))?;
        }
    }
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Done
    })
}

fn of_failure(name: &'static str, failure: Failure) -> Check {
    Check {
        name,
        verdict: Verdict::Problem,
        message: failure.message,
        help: failure.help,
    }
}
