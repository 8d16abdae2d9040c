//! `warroom sandbox`.
//!
//! Serves a stand-in Mattermost until it is interrupted, and tells of every
//! request on stderr.

use std::time::Duration;

use camino::Utf8Path;

use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::sandbox::{Exchange, Options, RateLimit, Running, SandboxError, Seed, start};
use crate::ui::Ui;
use crate::workspace::{self, Directory};

/// Runs `warroom sandbox`.
pub(crate) fn run(
    arguments: &crate::cli::Sandbox,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let mut seed = match &arguments.seed {
        Some(path) => read_seed(&context.environment.directory().join(path))?,
        None => Seed::default(),
    };
    if let Some(path) = &arguments.workspace {
        seed = add_workspace(seed, &context.environment.directory().join(path))?;
    }
    let sandbox = start(Options {
        listen: arguments.listen,
        seed,
        latency: Duration::from_millis(arguments.latency),
        rate_limit: arguments
            .rate_limit
            .map(|(per_second, burst)| RateLimit { per_second, burst }),
        ..Options::local(context.environment.clock())
    })
    .map_err(|error| explained(&error))?;
    ui.result(&introduction(&sandbox))?;
    ui.note("serving until interrupted (ctrl-c)");
    serve(&sandbox, ui)
}

fn read_seed(path: &Utf8Path) -> Result<Seed, Failure> {
    let text = fs_err::read_to_string(path).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            kind => kind.to_string(),
        };
        Failure::new(format!("could not read the seed `{path}`: {why}"))
            .help("`--seed` takes a YAML file with `users` and `teams`; without it the sandbox has its own")
    })?;
    Seed::from_yaml(&text).map_err(|problem| {
        Failure::new(format!("could not use the seed `{path}`: {problem}"))
            .help("a seed holds `users: [{ name, admin, bot }]` and `teams: [{ name, title, members, channels: [{ name, title }] }]`")
    })
}

/// Adds every team, person and channel that the workspace in a folder names.
pub(super) fn add_workspace(seed: Seed, path: &Utf8Path) -> Result<Seed, Failure> {
    let elsewhere = "`--workspace` takes the folder that holds `warroom.yaml`";
    if !path.join(workspace::SETTINGS).is_file() {
        let message = format!("there is no workspace in `{path}`: it holds no `warroom.yaml`");
        return Err(Failure::new(message).help(elsewhere));
    }
    let loaded = workspace::load(&Directory::new(path)?)?;
    let Some(workspace) = loaded.workspace else {
        return Err(Failure::with_status(
            ExitStatus::Findings,
            format!("the workspace `{path}` has mistakes"),
        )
        .help("`warroom validate` shows them"));
    };
    let playbooks = workspace.playbooks.iter().map(|loaded| &loaded.playbook);
    Ok(seed.with_workspace(&workspace.settings, &workspace.permissions, playbooks))
}

fn explained(error: &SandboxError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        SandboxError::Listen { .. } => {
            failure.help("take another address with `--listen`, such as `--listen 127.0.0.1:0`")
        }
        SandboxError::Start(_) => failure,
    }
}

/// Address and tokens, as a table.
fn introduction(sandbox: &Running) -> String {
    let tokens = sandbox.tokens();
    let width = tokens
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let rows = tokens
        .iter()
        .map(|(name, token)| format!("{name:width$}  {token}"));
    let mut lines = vec![sandbox.url(), String::new()];
    lines.extend(rows);
    if let Some((_, token)) = tokens.first() {
        let url = sandbox.url();
        lines.push(String::new());
        lines.push(format!("WARROOM_SERVER={url} WARROOM_TOKEN={token}"));
    }
    lines.join("\n")
}

fn serve(sandbox: &Running, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    sandbox.tell(sender);
    super::block_on(async {
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    return Ok(ExitStatus::Done);
                }
                Some(exchange) = receiver.recv() => ui.note(&line(&exchange)),
            }
        }
    })
}

fn line(exchange: &Exchange) -> String {
    let status = match exchange.status {
        0 => "cut".to_owned(),
        status => status.to_string(),
    };
    let user = exchange.user.as_deref().unwrap_or("-");
    format!(
        "{:6} {status:>3} {user:8} {}",
        exchange.method, exchange.path
    )
}
