//! `warroom run`: the verbs of an incident.
//!
//! Owns what they share: the workspace and the client, which incident is meant, and
//! how the outcome is printed. Each verb lowers its arguments in a file of its own.

mod announce;
mod assign;
mod commander;
mod end;
mod export;
mod last;
mod list;
mod role;
mod set;
mod severity;
mod show;
mod start;
mod tasks;
mod update;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;

use camino::Utf8Path;
use serde::Serialize;

use crate::cli::{OutputFormat, Run, Which};
use crate::commands::workspace::{self, Opened};
use crate::commands::{Context, block_on, session};
use crate::exit::{ExitStatus, Failure};
use crate::git::Repository;
use crate::incident::Incident;
use crate::incident::runner::{Outcome, Runner, RunnerError, Sources, TaskVerb, locate};
use crate::mattermost::{Reader, RunId, Writer};
use crate::model::Key;
use crate::ui::Ui;
use crate::workspace::{Workspace, WorkspaceError};

/// Runs `warroom run`.
pub(crate) fn run(verb: &Run, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    match verb {
        Run::Start(arguments) => start::run(arguments, context, ui),
        Run::List(arguments) => list::run(arguments, context, ui),
        Run::Show(arguments) => show::run(arguments, context, ui),
        Run::Check(arguments) => tasks::run(TaskVerb::Check, arguments, context, ui),
        Run::Uncheck(arguments) => tasks::run(TaskVerb::Uncheck, arguments, context, ui),
        Run::Skip(arguments) => tasks::run(TaskVerb::Skip, arguments, context, ui),
        Run::Assign(arguments) => assign::run(arguments, context, ui),
        Run::Role(arguments) => role::run(arguments, context, ui),
        Run::Commander(arguments) => commander::run(arguments, context, ui),
        Run::Severity(arguments) => severity::run(arguments, context, ui),
        Run::Set(arguments) => set::run(arguments, context, ui),
        Run::Update(arguments) => update::run(arguments, context, ui),
        Run::Announce(arguments) => announce::run(arguments, context, ui),
        Run::End(arguments) => end::run(arguments, context, ui),
        Run::Restart(arguments) => end::restart(arguments, context, ui),
        Run::Export(arguments) => export::run(arguments, context, ui),
    }
}

/// What a verb works with.
struct Desk<'a> {
    context: &'a Context,
    reader: Reader,
    /// Absent only for verbs that look.
    opened: Option<Opened>,
}

impl<'a> Desk<'a> {
    /// For verbs that change an incident: they need its playbook.
    fn open(context: &'a Context, ui: &mut Ui) -> Result<Self, Failure> {
        let opened = workspace::open(context, ui)?;
        Self::with(context, Some(opened), ui)
    }

    /// For verbs that look: they work outside of a workspace, too.
    fn look(context: &'a Context, ui: &mut Ui) -> Result<Self, Failure> {
        let opened = match crate::workspace::find_root(context.environment.directory()) {
            Ok(_) => Some(workspace::open(context, ui)?),
            Err(WorkspaceError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Self::with(context, opened, ui)
    }

    fn with(context: &'a Context, opened: Option<Opened>, ui: &mut Ui) -> Result<Self, Failure> {
        let configured = opened.as_ref().and_then(|opened| {
            let server = &opened.workspace.settings.server;
            server.url.as_deref()
        });
        Ok(Self {
            reader: session::reader(context, configured, ui)?,
            context,
            opened,
        })
    }

    fn workspace(&self) -> Option<&Workspace> {
        self.opened.as_ref().map(|opened| &opened.workspace)
    }

    /// Lets `work` change an incident, in the name of whoever typed the verb.
    fn act<T>(
        &self,
        work: impl AsyncFnOnce(&Runner<'_>) -> Result<T, RunnerError>,
    ) -> Result<T, Failure> {
        let Some(opened) = &self.opened else {
            return Err(Failure::new("there is no workspace here")
                .help("go to the folder of a workspace, or write one with `warroom init`"));
        };
        let at = |commit: &str| workspace_at(&opened.root, commit);
        let runner = Runner {
            writer: Writer::new(self.reader.clone()),
            sources: Sources {
                current: &opened.workspace,
                at: &at,
            },
            clock: self.context.environment.clock(),
        };
        block_on(async { work(&runner).await.map_err(Failure::from) })
    }

    /// The incident that is meant: the one named, else `WARROOM_INCIDENT`, else the last one used.
    fn incident(&self, which: &Which) -> Result<RunId, Failure> {
        let environment = &self.context.environment;
        let named = which.incident.as_deref();
        let named = named.or_else(|| environment.variable("WARROOM_INCIDENT"));
        let id = match named {
            Some(named) => block_on(async {
                locate::locate(&self.reader, named).await.map_err(Failure::from)
            })?,
            None => last::read(environment, self.reader.site()).ok_or_else(|| {
                Failure::usage("which incident?").help(
                    "name it with `--incident`: its number, the beginning of its name, or its `~channel`; `warroom run list` shows them",
                )
            })?,
        };
        Ok(id)
    }

    /// Prints what a verb did, and remembers the incident for the next one.
    fn report(&self, verb: &str, outcome: &Outcome, ui: &mut Ui) -> Result<ExitStatus, Failure> {
        self.remember(&outcome.incident, ui);
        for warning in &outcome.warnings {
            ui.warning(warning);
        }
        let incident = &outcome.incident;
        match self.context.format {
            OutputFormat::Human => {
                ui.result(&format!("{}: {}", incident.label(), outcome.did.join("; ")))?;
            }
            OutputFormat::Json => ui.json(&Report {
                version: 1,
                verb,
                did: &outcome.did,
                warnings: &outcome.warnings,
                incident,
            })?,
        }
        Ok(status(outcome))
    }

    /// That the next verb may leave `--incident` out is a convenience: failing is no failure.
    fn remember(&self, incident: &Incident, ui: &mut Ui) {
        let site = self.reader.site();
        if let Err(error) = last::write(&self.context.environment, site, &incident.id) {
            ui.note(&format!(
                "note: the incident is not remembered for the next verb: {error}"
            ));
        }
    }
}

/// What did not succeed beside the verb itself is partly applied.
fn status(outcome: &Outcome) -> ExitStatus {
    if outcome.warnings.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::PartlyApplied
    }
}

/// What a verb did, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    verb: &'a str,
    did: &'a [String],
    warnings: &'a [String],
    incident: &'a Incident,
}

/// The workspace at a commit; none where the commit is not here or does not hold a valid one.
fn workspace_at(root: &Utf8Path, commit: &str) -> Option<Workspace> {
    let repository = Repository::discover(root).ok()??;
    let commit = repository.commit(commit).ok()??;
    let files = repository.files_at(commit).ok()?;
    let files = crate::workspace::Committed::read(&files).ok()?;
    crate::workspace::load(&files).ok()?.workspace
}

impl From<RunnerError> for Failure {
    fn from(error: RunnerError) -> Self {
        let help = error.help();
        let failure = match error {
            RunnerError::Api(error) => return error.into(),
            RunnerError::Refused { message, .. } => Self::refused(message),
            RunnerError::NotAllowed { message, .. } => {
                Self::with_status(ExitStatus::Forbidden, message)
            }
            RunnerError::Usage { message, .. } => Self::usage(message),
            error @ RunnerError::Partly { .. } => {
                Self::with_status(ExitStatus::PartlyApplied, error.to_string())
            }
            RunnerError::TakenBack { status, cause } => {
                let mut failure = Self::from(*cause);
                let _ = write!(failure.message, "; the status is {status} again");
                return failure;
            }
            RunnerError::Overview(error) => Self::refused(error.to_string()),
            other => Self::new(other.to_string()),
        };
        match help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// Reads what the server says about something that only looks.
fn look<T>(work: impl Future<Output = Result<T, RunnerError>>) -> Result<T, Failure> {
    block_on(async { work.await.map_err(Failure::from) })
}

/// Takes a role or input apart: `NAME=VALUE`.
fn pair<'a>(text: &'a str, flag: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=').ok_or_else(|| {
        Failure::usage(format!("`{text}` has no `=`")).help(format!("write it as `{flag}`"))
    })
}

/// Attributes with their values, each once.
fn attributes(texts: &[String], flag: &str) -> Result<BTreeMap<Key, String>, Failure> {
    let mut attributes = BTreeMap::new();
    for text in texts {
        let (key, value) = pair(text, flag)?;
        let key: Key = key.parse().map_err(wrong)?;
        if attributes.insert(key.clone(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("`{key}` is given twice"))
                .help("several values of one attribute are separated by commas"));
        }
    }
    Ok(attributes)
}

/// Wrong usage, in the words of the type that refused the text.
fn wrong(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string())
}
