//! `warroom demo`: the whole tool at work, in a temporary folder and against the sandbox.
//!
//! Owns the story: which commands, by whom, how much later. Every command goes
//! through the same door as one typed in a shell, and prints its real output;
//! nothing here knows what a verb does. Only the clock is made up, so that an
//! incident of two hours takes seconds.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Demo;
use crate::clock::{Clock, ManualClock};
use crate::commands::Context;
use crate::environment::Environment;
use crate::exit::{ExitStatus, Failure};
use crate::sandbox::{self, Running};
use crate::ui::Ui;

/// The incident's name; its folder and its post-mortem are called after it.
const INCIDENT: &str = "Checkout answers 5xx";

/// One line of the story.
enum Step {
    /// Words between commands.
    Say(&'static str),
    /// Time passes.
    Later(u64),
    /// Somebody types a warroom command.
    As(&'static str, &'static [&'static str]),
    /// Somebody types a git command.
    Git(&'static [&'static str]),
}
use Step::{As, Git, Later, Say};

/// The account that `init` writes into `sync.account`.
const BOT: &str = "warroom-bot";

const BEFORE_SERVER: &[Step] = &[
    Say("An empty git repository becomes a workspace with the starter playbooks."),
    As("admin", &["init", "."]),
    As("admin", &["validate"]),
    Git(&["add", "--all"]),
    Git(&[
        "commit",
        "--quiet",
        "--message",
        "Start with the starter playbooks",
    ]),
];

const STORY: &[Step] = &[
    Say("The playbooks reach Mattermost: first shown, then done, by the account that may."),
    As(BOT, &["plan"]),
    As(BOT, &["sync", "--yes"]),
    Say(
        "Something breaks. Alice starts an incident; the playbook's people and channel are there at once.",
    ),
    As(
        "alice",
        &[
            "run",
            "start",
            "service-outage",
            "--name",
            INCIDENT,
            "--description",
            "Payments fail since the deploy of 11:40",
            "--severity",
            "sev1",
        ],
    ),
    Later(4),
    As("alice", &["run", "check", "1.1"]),
    As("alice", &["run", "assign", "1.2", "bob"]),
    As("alice", &["run", "role", "comms", "dave"]),
    Later(6),
    As("bob", &["run", "check", "1.2"]),
    As(
        "alice",
        &[
            "run",
            "update",
            "--yes",
            "--status",
            "active",
            "--set",
            "impact=4 of 10 payments fail",
            "--set",
            "next=Roll back the deploy",
        ],
    ),
    Say("Carol comes on shift and takes over; other channels hear of it."),
    Later(9),
    As("alice", &["run", "commander", "carol"]),
    As("carol", &["run", "announce", "~support"]),
    As("carol", &["run", "check", "1.3", "1.4"]),
    Later(14),
    As("carol", &["run", "check", "2.1"]),
    As("carol", &["run", "skip", "2.2"]),
    As(
        "carol",
        &[
            "run",
            "update",
            "--yes",
            "--status",
            "monitoring",
            "--set",
            "impact=Payments work again",
            "--set",
            "next=Watch for 30 minutes",
        ],
    ),
    As("carol", &["run", "show"]),
    Later(31),
    As("carol", &["run", "check", "3.1"]),
    As(
        "carol",
        &[
            "run",
            "update",
            "--yes",
            "--status",
            "monitoring",
            "--set",
            "impact=None since 12:33",
            "--set",
            "next=Close, and review on Monday",
        ],
    ),
    As("carol", &["run", "end", "--yes"]),
    Say("What happened goes back to git, and nothing is left to bring into Mattermost."),
    As("carol", &["run", "export"]),
    As(BOT, &["sync", "--yes"]),
];

/// Runs `warroom demo`.
pub(crate) fn run(arguments: &Demo, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let root = make_folder(arguments, &context.environment)?;
    let clock = Arc::new(ManualClock::at(context.environment.clock().now()));
    let mut stage = Stage {
        root,
        server: None,
        clock,
    };

    git(
        &stage.root,
        &["init", "--quiet", "--initial-branch", "main"],
    )?;
    git(&stage.root, &["config", "user.name", "Warroom Demo"])?;
    git(&stage.root, &["config", "user.email", "demo@example.com"])?;
    stage.play(BEFORE_SERVER, ui)?;

    let server = stage.start_server()?;
    ui.result(&format!(
        "$ warroom sandbox --workspace . &\nserves {}\n",
        server.url()
    ))?;
    stage.server = Some(server);
    stage.play(STORY, ui)?;
    stage.close(ui)?;

    Ok(ExitStatus::Done)
}

/// Where the story plays.
struct Stage {
    root: Utf8PathBuf,
    server: Option<Running>,
    clock: Arc<ManualClock>,
}

impl Stage {
    fn play(&self, steps: &[Step], ui: &mut Ui) -> Result<(), Failure> {
        for step in steps {
            match step {
                Say(words) => ui.result(&format!("# {words}\n"))?,
                Later(minutes) => {
                    self.clock.advance(Duration::from_secs(minutes * 60));
                    ui.result(&format!("# {minutes} minutes later\n"))?;
                }
                As(person, arguments) => self.warroom(person, arguments, ui)?,
                Git(arguments) => {
                    ui.result(&format!("$ git {}", typed(arguments)))?;
                    ui.result(&git(&self.root, arguments)?)?;
                }
            }
        }
        Ok(())
    }

    /// Runs one command line as that person; the story stops at the first that fails.
    fn warroom(&self, person: &str, arguments: &[&str], ui: &mut Ui) -> Result<(), Failure> {
        let line = typed(arguments);
        ui.result(&format!("{person}$ warroom {line}"))?;
        let words = std::iter::once("warroom").chain(arguments.iter().copied());
        let status = super::run(words, &self.environment(person), ui);
        ui.result("")?;
        // `plan` says with its status that there is something to do.
        let expected = match arguments {
            ["plan", ..] => ExitStatus::Findings,
            _ => ExitStatus::Done,
        };
        if status == expected {
            return Ok(());
        }
        Err(Failure::new(format!(
            "`warroom {line}` ended with {} where the demo expects {}",
            status.code(),
            expected.code()
        ))
        .help("this is a mistake in warroom: please report it with the output above"))
    }

    fn environment(&self, person: &str) -> Environment {
        let mut variables = BTreeMap::from([(
            "WARROOM_CONFIG".to_owned(),
            self.root.join(".warroom").join(person).into_string(),
        )]);
        if let Some(server) = &self.server {
            variables.insert("WARROOM_SERVER".to_owned(), server.url());
            variables.insert("WARROOM_TOKEN".to_owned(), server.token(person));
        }
        Environment::new(
            variables,
            self.root.clone(),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
        )
    }

    /// A sandbox with everybody whom the new workspace names, on a free port.
    fn start_server(&self) -> Result<Running, Failure> {
        let seed = super::sandbox::add_workspace(sandbox::Seed::default(), &self.root)?;
        let options = sandbox::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            seed,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        };
        sandbox::start(options)
            .map_err(|error| Failure::new(format!("could not start the sandbox: {error}")))
    }

    /// Shows what the story left behind: the path, the history and the head of the post-mortem.
    fn close(&self, ui: &mut Ui) -> Result<(), Failure> {
        let log = [
            "log",
            "--all",
            "--stat",
            "--format=%h %s",
            "--max-count",
            "1",
        ];
        ui.result(&format!("$ git {}", typed(&log)))?;
        ui.result(&git(&self.root, &log)?)?;
        let committed = git(
            &self.root,
            &["ls-tree", "-r", "--name-only", "HEAD", "incidents"],
        )?;
        let path = committed
            .lines()
            .find(|path| path.ends_with("/postmortem.md"))
            .ok_or_else(|| Failure::new("the export committed no post-mortem"))?;
        let text = git(&self.root, &["show", &format!("HEAD:{path}")])?;
        let head: Vec<&str> = text.lines().take(60).collect();
        ui.result(&format!(
            "\n$ head -60 {path}\n{}\n\n{}",
            head.join("\n"),
            self.root.join(path)
        ))
    }
}

/// Makes the folder of the story: the one asked for, or a temporary one that stays to be looked at.
fn make_folder(arguments: &Demo, environment: &Environment) -> Result<Utf8PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("could not make a folder for the demo: {error}"))
    };
    let Some(dir) = &arguments.dir else {
        let folder = tempfile::Builder::new()
            .prefix("warroom-demo-")
            .tempdir()
            .map_err(failed)?;
        return Utf8PathBuf::from_path_buf(folder.keep()).map_err(|path| {
            Failure::new(format!(
                "the temporary folder `{}` is not UTF-8",
                path.display()
            ))
        });
    };
    let path = environment.directory().join(dir);
    fs_err::create_dir_all(&path).map_err(failed)?;
    if fs_err::read_dir(&path).map_err(failed)?.next().is_some() {
        return Err(Failure::refused(format!("`{path}` is not empty"))
            .help("name a new folder: the demo overwrites nothing"));
    }
    Ok(path)
}

/// Runs git without the user's own configuration, and returns what it printed.
fn git(root: &Utf8Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .current_dir(root)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", root.join(".git/no-such-file"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .map_err(|error| {
            Failure::new(format!("could not run git: {error}"))
                .help("the demo shows a git repository: install git")
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "`git {}` failed: {}",
        typed(arguments),
        said.trim()
    )))
}

/// The arguments as one would type them.
fn typed(arguments: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=~:%".contains(c);
    let words = arguments.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            (*word).to_owned()
        } else {
            format!("'{word}'")
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
