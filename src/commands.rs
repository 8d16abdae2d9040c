//! The verbs: one file each.
//!
//! Owns lowering arguments into values of the library, and handing its results
//! to `ui`. Must not compute anything that a test would want to check without a
//! command line.

mod commits;
mod demo;
mod doctor;
mod drift;
mod findings;
mod fix;
mod import;
mod init;
mod lint;
mod login;
mod plan;
mod prepared;
mod render;
mod report_file;
mod run;
mod sandbox;
mod saved;
mod schema;
pub(crate) mod session;
mod sync;
mod validate;
mod watch;
pub(crate) mod workspace;

use std::ffi::OsString;
use std::future::Future;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};

use crate::cli::{Cli, Command, Format, OutputFormat};
use crate::environment::Environment;
use crate::exit::{ExitStatus, Failure};
use crate::ui::{Style, Ui, report};

/// What every verb is handed: the flags all understand, and the process it runs in.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// How the result is printed by most verbs.
    pub(crate) format: OutputFormat,
    /// How it is printed by those whose result is findings.
    pub(crate) findings: report::Format,
    /// The `--format` as it was given, for results that have formats of their own.
    pub(crate) asked: Format,
    /// The process, with `--directory` applied.
    pub(crate) environment: Environment,
}

/// Runs the command line of this process.
#[must_use]
pub fn run_process() -> ExitStatus {
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(failure) => {
            let mut ui = Ui::of_process(Style::PLAIN);
            ui.failure(&failure);
            let arguments: Vec<OsString> = std::env::args_os().collect();
            if wants_json(&arguments) {
                ui.failure_json(&failure);
            }
            return failure.status;
        }
    };
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let quiet = arguments.iter().any(|a| a == "--quiet" || a == "-q");
    let mut ui = Ui::of_process(Style::of_process(&environment, quiet));
    run(arguments, &environment, &mut ui)
}

/// Runs one command line; the first argument is the program's name.
pub fn run(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    environment: &Environment,
    ui: &mut Ui,
) -> ExitStatus {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, wants_json(&arguments), ui),
    };
    let json = cli.global.format == Format::Json;
    if cli.global.no_progress {
        ui.hide_progress();
    }
    match dispatch(&cli, environment, ui) {
        Ok(status) => status,
        Err(failure) => {
            ui.failure(&failure);
            if json {
                ui.failure_json(&failure);
            }
            failure.status
        }
    }
}

/// Whether arguments that could not be understood ask for JSON.
fn wants_json(arguments: &[OsString]) -> bool {
    let given = arguments.iter().take_while(|text| *text != "--");
    let given: Vec<&OsString> = given.collect();
    let pairs = given.windows(2);
    given.iter().any(|text| *text == "--format=json")
        || pairs
            .into_iter()
            .any(|pair| pair[0] == "--format" && pair[1] == "json")
}

/// clap reports help and version as errors too, and would exit with 2 on wrong usage.
fn usage(error: &clap::Error, json: bool, ui: &mut Ui) -> ExitStatus {
    let plain = error.render().to_string();
    let text = if ui.style().colour {
        error.render().ansi().to_string()
    } else {
        plain.clone()
    };
    if error.use_stderr() {
        ui.note(&text);
        if json {
            ui.failure_json(&usage_failure(error.kind(), &plain));
        }
        ExitStatus::Usage
    } else {
        ui.result(&text)
            .map_or_else(|f| f.status, |()| ExitStatus::Done)
    }
}

/// The words of clap, taken apart.
fn usage_failure(kind: ErrorKind, text: &str) -> Failure {
    if kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("which verb?").help("`warroom --help` lists them");
    }
    let text = text.trim();
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let (message, help) = text.split_once("\n\n").unwrap_or((text, ""));
    let failure = Failure::usage(message.trim());
    if help.trim().is_empty() {
        failure
    } else {
        failure.help(help.trim())
    }
}

/// What was asked for means one thing for findings and one for other results; not every
/// command has a result that can be printed so.
fn formats(asked: Format, command: &Command) -> Result<(OutputFormat, report::Format), Failure> {
    use report::Format as Findings;
    match asked {
        Format::Human => Ok((OutputFormat::Human, Findings::Human)),
        Format::Json => Ok((OutputFormat::Json, Findings::Json)),
        Format::Markdown if matches!(command, Command::Plan(_) | Command::Drift(_)) => {
            Ok((OutputFormat::Human, Findings::Human))
        }
        Format::Sarif if command.finds() => Ok((OutputFormat::Human, Findings::Sarif)),
        Format::Github if command.finds() => Ok((OutputFormat::Human, Findings::Github)),
        Format::Gitlab if command.finds() => Ok((OutputFormat::Human, Findings::Gitlab)),
        Format::Junit if command.finds() => Ok((OutputFormat::Human, Findings::Junit)),
        Format::Markdown => Err(no_format(asked, "a plan", "plan")),
        _ => Err(no_format(asked, "findings", "validate")),
    }
}

fn no_format(asked: Format, what: &str, verb: &str) -> Failure {
    let name = asked.to_possible_value();
    let name = name.as_ref().map_or("", |value| value.get_name());
    let message = format!("the result of this command cannot be printed as {name}");
    Failure::usage(message).help(format!(
        "it takes `--format human` or `--format json`; {what} can be printed in more formats, \
         as in `warroom {verb} --format {name}`"
    ))
}

fn dispatch(cli: &Cli, environment: &Environment, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let directory = match &cli.global.directory {
        Some(directory) => environment.directory().join(directory),
        None => environment.directory().to_owned(),
    };
    let asked = cli.global.format;
    let (format, findings) = formats(asked, &cli.command)?;
    let context = Context {
        format,
        findings,
        asked,
        environment: environment.in_directory(directory),
    };
    match &cli.command {
        Command::Init(arguments) => init::run(arguments, &context, ui),
        Command::Login(arguments) => login::run(arguments, &context, ui),
        Command::Doctor => doctor::run(&context, ui),
        Command::Demo(arguments) => demo::run(arguments, &context, ui),
        Command::Sandbox(arguments) => sandbox::run(arguments, &context, ui),
        Command::Validate(arguments) => validate::run(arguments, &context, ui),
        Command::Lint(arguments) => lint::run(arguments, &context, ui),
        Command::Render(arguments) => render::run(arguments, &context, ui),
        Command::Schema(arguments) => schema::run(arguments, &context, ui),
        Command::Plan(arguments) => plan::run(arguments, &context, ui),
        Command::Drift(arguments) => drift::run(arguments, &context, ui),
        Command::Sync(arguments) => sync::run(arguments, &context, ui),
        Command::Import(arguments) => import::run(arguments, &context, ui),
        Command::Run(arguments) => run::run(arguments, &context, ui),
    }
}

/// Waits for work that talks to a server.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("could not start the network runtime: {error}")))?;
    runtime.block_on(work)
}
