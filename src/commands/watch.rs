//! `--watch`: the same check again, whenever a file changed.
//!
//! Ends when it is interrupted, when nobody reads the result any more, or when the
//! workspace is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::Utf8Path;

use crate::cli;
use crate::commands::Context;
use crate::diag::Finding;
use crate::exit::{ExitStatus, Failure};
use crate::ui::Ui;
use crate::ui::report::{self, Format, NotChecked};
use crate::ui::watch::{self as shown, Round};
use crate::watch::{How, Watch, WatchError};
use crate::workspace::{Change, ChangeKind, Directory, WorkspaceError, find_root};

/// What a look at the files came to.
pub(super) struct Look {
    /// Everything that is wrong.
    pub(super) findings: Vec<Finding>,
    /// How many files were read.
    pub(super) files: usize,
    /// What changed since the look before.
    pub(super) changes: Vec<Change>,
    /// The files that matter beside those that belong to every workspace.
    pub(super) beside: BTreeSet<String>,
    /// What was not looked for; none where rules were not asked for.
    pub(super) not_checked: Option<Vec<NotChecked>>,
}

/// Looks at the workspace of the working directory, prints, and waits for changes.
pub(super) fn run(
    arguments: &cli::Watch,
    context: &Context,
    ui: &mut Ui,
    mut look: impl FnMut(&Directory) -> Result<Look, WorkspaceError>,
) -> Result<ExitStatus, Failure> {
    if !matches!(context.findings, Format::Human | Format::Json) {
        let message = "`--watch` prints for people, or as JSON";
        return Err(Failure::usage(message)
            .help("leave out `--format`, or write `--format json`: an object a line"));
    }
    let root = find_root(context.environment.directory())?;
    let files = Directory::new(&root)?;
    let how = arguments.poll.map_or(How::Told, |seconds| {
        How::Looking(Duration::from_secs(u64::from(seconds)))
    });
    let mut watch = Watch::new(files.root(), how);
    let mut printer = Printer::default();
    loop {
        let armed = watch.arm()?;
        let mut found = match look(&files) {
            Ok(found) => found,
            Err(WorkspaceError::NotFound { .. }) if printer.began() => {
                if watch.settings_come_back() {
                    continue;
                }
                return Err(gone(&root));
            }
            Err(error) => return Err(error.into()),
        };
        printer.changed(&found.changes);
        if !watch.covers(std::mem::take(&mut found.beside)) {
            continue;
        }
        let first = !printer.began();
        printer.print(&found, context, ui)?;
        if first {
            for note in report::unchecked(found.not_checked.as_deref().unwrap_or_default()) {
                ui.note(&note);
            }
            ui.note("watching for changes; ctrl-c ends it");
        }
        if ui.is_unread() {
            return Ok(ExitStatus::Done);
        }
        watch.wait(armed)?;
    }
}

/// What was printed, and what is to be told.
#[derive(Default)]
struct Printer {
    before: Option<String>,
    changes: BTreeMap<String, ChangeKind>,
}

impl Printer {
    fn began(&self) -> bool {
        self.before.is_some()
    }

    fn changed(&mut self, changes: &[Change]) {
        let changes = changes.iter();
        self.changes
            .extend(changes.map(|change| (change.path.clone(), change.kind)));
    }

    /// Prints a round, unless nothing changed after the first.
    fn print(&mut self, found: &Look, context: &Context, ui: &mut Ui) -> Result<(), Failure> {
        let changes = std::mem::take(&mut self.changes).into_iter();
        let changes: Vec<Change> = changes.map(|(path, kind)| Change { path, kind }).collect();
        let first = !self.began();
        if !first && changes.is_empty() {
            return Ok(());
        }
        let round = Round {
            at: context.environment.clock().now(),
            changes: if first { &[] } else { &changes },
            findings: &found.findings,
            not_checked: found.not_checked.as_deref(),
            files: found.files,
        };
        let text = if context.findings == Format::Json {
            self.before = Some(String::new());
            shown::json(round)
        } else {
            let (text, findings) = shown::human(round, self.before.as_deref(), ui);
            self.before = Some(findings);
            text
        };
        ui.result(&text)
    }
}

fn gone(root: &Utf8Path) -> Failure {
    Failure::new(format!("the workspace in `{root}` is gone"))
        .help("start again in the folder that holds `warroom.yaml` now")
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            WatchError::TooMany => failure.help(
                "`--watch --poll` looks for changes by itself; on Linux, \
                 `sysctl fs.inotify.max_user_watches=524288` allows more",
            ),
            WatchError::System { .. } => {
                failure.help("`--watch --poll` looks for changes by itself")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_leads_to_looking() {
        let refusals = [
            WatchError::TooMany,
            WatchError::System {
                reason: "Too many open files (os error 24)".to_owned(),
            },
        ];
        let words = refusals.map(|error| {
            let failure = Failure::from(error);
            format!("{}\n{}", failure.message, failure.help.unwrap_or_default())
        });
        insta::assert_snapshot!(words.join("\n"), @r"
        the system allows no more folders to be watched
        `--watch --poll` looks for changes by itself; on Linux, `sysctl fs.inotify.max_user_watches=524288` allows more
        could not watch the workspace for changes: Too many open files (os error 24)
        `--watch --poll` looks for changes by itself
        ");
    }
}
