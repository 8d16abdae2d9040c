//! `warroom plan`.

use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Runs `warroom plan`.
pub(crate) fn run(_: &crate::cli::Plan, _: &Context, _: &mut Ui) -> Result<ExitStatus, Failure> {
    Err(Failure::new("this verb is not built yet"))
}
