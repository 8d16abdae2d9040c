//! `warroom login`.

use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;

/// Runs `warroom login`.
pub(crate) fn run(_: &crate::cli::Login, _: &Context, _: &mut Ui) -> Result<ExitStatus, Failure> {
    Err(Failure::new("this verb is not built yet"))
}
