//! `warroom demo`: the whole tool at work, in a folder of its own and against the sandbox.
//!
//! Every command of the story goes through the same door as one typed in a shell,
//! and prints its real output; nothing here knows what a verb does. Only the clock
//! is made up, so that an incident of an hour takes seconds.

mod story;

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
use story::{STORY, Step, words};

/// The address that `init` writes, to be replaced by one's own.
const PLACEHOLDER: &str = "https://chat.example.com";

/// How much of the post-mortem is shown.
const HEAD_LINES: usize = 60;

/// How long a command takes whoever types it.
const TYPING: Duration = Duration::from_secs(20);

/// Runs `warroom demo`.
pub(crate) fn run(arguments: &Demo, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let root = make_folder(arguments, &context.environment)?;
    let clock = Arc::new(ManualClock::at(context.environment.clock().now()));
    git(&root, "init --quiet --initial-branch main")?;
    git(&root, "config user.name 'Warroom Demo'")?;
    git(&root, "config user.email demo@example.com")?;

    let mut stage = Stage {
        root,
        server: None,
        clock,
    };
    for step in STORY {
        stage.play(*step, ui)?;
    }
    stage.show_post_mortem(ui)?;
    Ok(ExitStatus::Done)
}

/// Where the story plays.
struct Stage {
    root: Utf8PathBuf,
    server: Option<Running>,
    clock: Arc<ManualClock>,
}

impl Stage {
    fn play(&mut self, step: Step, ui: &mut Ui) -> Result<(), Failure> {
        match step {
            Step::Say(text) => ui.result(&format!("\n# {text}"))?,
            Step::Later(minutes) => {
                self.clock.advance(Duration::from_secs(minutes * 60));
                ui.result(&format!("\n# {minutes} minutes later"))?;
            }
            Step::Warroom(person, line) => self.warroom(person, line, ui)?,
            Step::Git(line) => {
                ui.result(&format!("\n$ git {line}"))?;
                show(&git(&self.root, line)?, ui)?;
            }
            Step::Serve => self.serve(ui)?,
        }
        Ok(())
    }

    /// Runs one command line as that person; the story stops at the first that fails.
    fn warroom(&self, person: &str, line: &str, ui: &mut Ui) -> Result<(), Failure> {
        ui.result(&format!("\n{person}$ warroom {line}"))?;
        let typed = words(line);
        let arguments = std::iter::once("warroom".to_owned()).chain(typed.iter().cloned());
        let status = super::run(arguments, &self.environment(person), ui);
        // `plan` says with its status that there is something to do.
        let expected = if typed.first().is_some_and(|verb| verb == "plan") {
            ExitStatus::Findings
        } else {
            ExitStatus::Done
        };
        if status == expected {
            self.clock.advance(TYPING);
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
        let folder = self.root.join(".warroom").join(person).into_string();
        let mut variables = BTreeMap::from([("WARROOM_CONFIG".to_owned(), folder)]);
        if let Some(server) = &self.server {
            variables.insert("WARROOM_SERVER".to_owned(), server.url());
            variables.insert("WARROOM_TOKEN".to_owned(), server.token(person));
        }
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Environment::new(variables, self.root.clone(), clock)
    }

    /// Starts a sandbox on a free port, with everybody whom the new workspace names.
    fn serve(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        let seed = super::sandbox::add_workspace(sandbox::Seed::default(), &self.root)?;
        let options = sandbox::Options {
            seed,
            ..sandbox::Options::local(Arc::clone(&self.clock) as Arc<dyn Clock>)
        };
        let server = sandbox::start(options)
            .map_err(|error| Failure::new(format!("could not start the sandbox: {error}")))?;
        let url = server.url();
        let settings = self.root.join(crate::workspace::SETTINGS);
        let text = fs_err::read_to_string(&settings)?;
        fs_err::write(&settings, text.replace(PLACEHOLDER, &url))?;
        ui.result("\n$ warroom sandbox --workspace . --listen 127.0.0.1:0 &")?;
        ui.result(&url)?;
        ui.result(&format!("\n$ sed -i 's|{PLACEHOLDER}|{url}|' warroom.yaml"))?;
        self.server = Some(server);
        Ok(())
    }

    /// Shows what the story left in git.
    fn show_post_mortem(&self, ui: &mut Ui) -> Result<(), Failure> {
        let committed = git(&self.root, "ls-tree -r --name-only HEAD incidents")?;
        let path = committed
            .lines()
            .find(|path| path.ends_with("/postmortem.md"))
            .ok_or_else(|| Failure::new("the export committed no post-mortem"))?;
        let text = git(&self.root, &format!("show 'HEAD:{path}'"))?;
        let head: Vec<&str> = text.lines().take(HEAD_LINES).collect();
        ui.result(&format!(
            "\n$ head -{HEAD_LINES} {path}\n{}",
            head.join("\n")
        ))?;
        ui.result(&format!(
            "\n# All of it stays to be looked at:\n{}",
            self.root.join(path)
        ))
    }
}

/// Makes the folder of the story: the one asked for, or a temporary one that stays.
fn make_folder(arguments: &Demo, environment: &Environment) -> Result<Utf8PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("could not make a folder for the demo: {error}"))
    };
    let Some(dir) = &arguments.dir else {
        let folder = tempfile::Builder::new()
            .prefix("warroom-demo-")
            .tempdir()
            .map_err(failed)?;
        // The workspace is called after its folder: not after a random one.
        let path = folder.keep().join("acme-incidents");
        fs_err::create_dir(&path).map_err(failed)?;
        return Utf8PathBuf::from_path_buf(path).map_err(|path| {
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
fn git(root: &Utf8Path, line: &str) -> Result<String, Failure> {
    let output = Command::new("git")
        .current_dir(root)
        .args(words(line))
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
        "`git {line}` failed: {}",
        said.trim()
    )))
}

/// Prints what a program said, if it said anything.
fn show(output: &str, ui: &mut Ui) -> Result<(), Failure> {
    if output.trim().is_empty() {
        return Ok(());
    }
    ui.result(output)
}
