//! The harness: a workspace in a temporary folder, and commands run in this process.
//!
//! The environment is cleared, nobody can be asked unless the test types, and
//! paths of the machine are replaced by `[ROOT]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use warroom::clock::{Clock, ManualClock, SystemClock};
use warroom::environment::Environment;
use warroom::exit::ExitStatus;
use warroom::mattermost::Options;
use warroom::ui::{Style, Ui};

/// A folder with files, and an environment to run commands in.
pub struct Warroom {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
    variables: BTreeMap<String, String>,
    clock: Arc<ManualClock>,
    other_clock: Option<Arc<dyn Clock>>,
    input: Option<String>,
    connection: Options,
    progress: bool,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Warroom {
    /// An empty folder; the clock stands at 2026-11-21 12:00 UTC.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        let noon = "2026-11-21T12:00:00Z".parse().unwrap();
        let variables = [("WARROOM_CONFIG", root.join(".config").into_string())]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        Self {
            _folder: folder,
            root,
            variables,
            clock: Arc::new(ManualClock::at(noon)),
            other_clock: None,
            input: None,
            connection: Options::default(),
            progress: false,
        }
    }

    /// Writes a file.
    pub fn file(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        self.write(path, contents);
        self
    }

    /// Writes a file.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    /// Copies a folder, without what git ignores.
    pub fn copy(self, from: impl AsRef<Utf8Path>) -> Self {
        let from = from.as_ref();
        for entry in ignore::Walk::new(from) {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let path = Utf8Path::from_path(entry.path()).unwrap();
                let inside = path.strip_prefix(from).unwrap();
                self.write(inside.as_str(), std::fs::read(path).unwrap());
            }
        }
        self
    }

    /// Sets an environment variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Somebody sits at the terminal and types this.
    pub fn typing(mut self, input: &str) -> Self {
        self.input = Some(input.to_owned());
        self
    }

    /// Commands talk to servers with this patience; they keep their clock.
    pub fn connection(mut self, options: Options) -> Self {
        self.connection = options;
        self
    }

    /// Commands see the machine's clock, as a real server does.
    pub fn in_the_present(self) -> Self {
        self.in_time(Arc::new(SystemClock))
    }

    /// Commands see this clock.
    pub fn in_time(mut self, clock: Arc<dyn Clock>) -> Self {
        self.other_clock = Some(clock);
        self
    }

    /// Commands draw how far they are.
    pub fn drawing_progress(mut self) -> Self {
        self.progress = true;
        self
    }

    /// The folder.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// The clock that commands see.
    pub fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    /// Runs a command line, without the program's name.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(&[], arguments)
    }

    /// Runs a command line with more environment variables.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let clock = self.other_clock.clone();
        let clock = clock.unwrap_or_else(|| self.clock.clone());
        let mut all = self.variables.clone();
        let more = variables.iter();
        all.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let environment = Environment::new(all, self.root.clone(), clock)
            .with_connection(self.connection.clone());
        let style = Style {
            interactive: self.input.is_some(),
            progress: self.progress,
            ..Style::PLAIN
        };
        let (mut ui, captured) = Ui::captured(style, self.input.as_deref().unwrap_or_default());
        let line = std::iter::once("warroom").chain(arguments.iter().copied());
        let status = warroom::commands::run(line, &environment, &mut ui);
        let scrub = |text: String| text.replace(self.root.as_str(), "[ROOT]");
        Ran {
            status,
            out: scrub(captured.out()),
            err: scrub(captured.err()),
        }
    }
}

impl Ran {
    /// Status, stdout and stderr as one text, for snapshots.
    pub fn transcript(&self) -> String {
        format!(
            "exit: {}\n--- stdout\n{}--- stderr\n{}",
            self.status.code(),
            self.out,
            self.err
        )
    }
}
