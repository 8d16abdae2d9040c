//! `warroom validate`.

use crate::cli::Validate;
use crate::commands::watch::Look;
use crate::commands::{Context, findings, watch, workspace};
use crate::diag::Level;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;
use crate::workspace::{Memo, check_again};

/// Runs `warroom validate`.
pub(crate) fn run(
    arguments: &Validate,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    if arguments.watch.watch {
        let mut memo = Memo::default();
        return watch::run(&arguments.watch, context, ui, |files| {
            let checked = check_again(files, &mut memo)?;
            Ok(Look {
                findings: checked.findings,
                files: checked.files,
                changes: memo.changes(),
                beside: memo.beside(),
                not_checked: None,
            })
        });
    }
    let (root, checked) = workspace::check(context)?;
    let found = checked.findings.as_slice().into();
    findings::print(found, checked.files, &root, Level::Error, context, ui)
}
