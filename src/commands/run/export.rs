//! `warroom run export`.

use crate::cli::RunExport;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Writes the post-mortem into git.
pub(super) fn run(_: &RunExport, _: &Context, _: &mut Ui) -> Result<ExitStatus, Failure> {
    Err(Failure::new("this verb is not built yet"))
}
