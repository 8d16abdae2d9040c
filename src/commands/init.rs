//! `warroom init`.

use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Runs `warroom init`.
pub(crate) fn run(_: &crate::cli::Init, _: &Context, _: &mut Ui) -> Result<ExitStatus, Failure> {
    Err(Failure::new("this verb is not built yet"))
}
