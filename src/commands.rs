//! The verbs: one file each.
//!
//! Owns lowering arguments into values of the library, and handing its results
//! to `ui`. Must not compute anything that a test would want to check without a
//! command line.

mod demo;
mod doctor;
mod init;
mod login;
mod plan;
mod run;
mod sandbox;
pub(crate) mod session;
mod sync;
mod validate;
pub(crate) mod workspace;

use std::ffi::OsString;
use std::future::Future;

use clap::Parser;

use crate::cli::{Cli, Command, Global};
use crate::environment::Environment;
use crate::exit::{ExitStatus, Failure};
use crate::ui::{Style, Ui};

/// What every verb is handed: the flags all understand, and the process it runs in.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The flags that all verbs understand.
    pub(crate) global: Global,
    /// The process, with `--directory` applied.
    pub(crate) environment: Environment,
}

/// Runs the command line of this process.
#[must_use]
pub fn run_process() -> ExitStatus {
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(failure) => {
            Ui::of_process(Style::PLAIN).failure(&failure);
            return failure.status;
        }
    };
    let dumb = environment.variable("TERM") == Some("dumb");
    let no_colour = environment.variable("NO_COLOR").is_some();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let quiet = arguments.iter().any(|a| a == "--quiet" || a == "-q");
    let mut ui = Ui::of_process(Style::of_process(no_colour, dumb, quiet));
    run(arguments, &environment, &mut ui)
}

/// Runs one command line; the first argument is the program's name.
pub fn run(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    environment: &Environment,
    ui: &mut Ui,
) -> ExitStatus {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, ui),
    };
    match dispatch(cli, environment, ui) {
        Ok(status) => status,
        Err(failure) => {
            ui.failure(&failure);
            failure.status
        }
    }
}

/// clap reports help and version as errors too, and would exit with 2 on wrong usage.
fn usage(error: &clap::Error, ui: &mut Ui) -> ExitStatus {
    let text = if ui.style().colour {
        error.render().ansi().to_string()
    } else {
        error.render().to_string()
    };
    if error.use_stderr() {
        ui.note(&text);
        ExitStatus::Usage
    } else {
        ui.result(&text)
            .map_or_else(|f| f.status, |()| ExitStatus::Done)
    }
}

fn dispatch(cli: Cli, environment: &Environment, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let directory = match &cli.global.directory {
        Some(directory) => environment.directory().join(directory),
        None => environment.directory().to_owned(),
    };
    let context = Context {
        environment: environment.in_directory(directory),
        global: cli.global,
    };
    match &cli.command {
        Command::Init(arguments) => init::run(arguments, &context, ui),
        Command::Login(arguments) => login::run(arguments, &context, ui),
        Command::Doctor => doctor::run(&context, ui),
        Command::Demo(arguments) => demo::run(arguments, &context, ui),
        Command::Sandbox(arguments) => sandbox::run(arguments, &context, ui),
        Command::Validate => validate::run(&context, ui),
        Command::Plan(arguments) => plan::run(arguments, &context, ui),
        Command::Sync(arguments) => sync::run(arguments, &context, ui),
        Command::Run(arguments) => run::run(arguments, &context, ui),
    }
}

/// Waits for work that talks to a server.
#[allow(dead_code)]
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("could not start the network runtime: {error}")))?;
    runtime.block_on(work)
}
