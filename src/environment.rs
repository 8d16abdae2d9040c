//! What a command may know of the process it runs in, as a value.
//!
//! Owns the list of environment variables that warroom reads. Commands get an
//! [`Environment`] instead of looking around, so that tests and `demo` can give
//! them another one, and so that nothing reads a variable by a name that a
//! workspace chose, except [`Environment::secret`].

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::clock::{Clock, SystemClock};
use crate::exit::Failure;
use crate::mattermost;

/// The variables that warroom reads, and what each is for.
pub const VARIABLES: [(&str, &str); 9] = [
    (
        "WARROOM_SERVER",
        "the Mattermost server that `WARROOM_TOKEN` belongs to",
    ),
    (
        "WARROOM_TOKEN",
        "a token for `WARROOM_SERVER`; sent nowhere else",
    ),
    ("WARROOM_INCIDENT", "the incident that `run` verbs act on"),
    (
        "WARROOM_CONFIG",
        "the folder of warroom's own configuration",
    ),
    (
        "XDG_CONFIG_HOME",
        "where that folder is, if `WARROOM_CONFIG` is not set",
    ),
    ("HOME", "where that folder is, if neither is set"),
    ("NO_COLOR", "no colour in any output"),
    (
        "NO_GRAPHICS",
        "findings in sentences, for screen readers; `0` counts as absent",
    ),
    ("TERM", "`dumb` does what both of these do"),
];

/// Secrets that a workspace may refer to begin with this.
pub const SECRET_PREFIX: &str = "WARROOM_SECRET_";

/// What a command may know of its process.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    directory: Utf8PathBuf,
    clock: Arc<dyn Clock>,
    connection: mattermost::Options,
}

impl Environment {
    /// An environment with these variables, working directory and clock.
    #[must_use]
    pub fn new(
        variables: BTreeMap<String, String>,
        directory: Utf8PathBuf,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            variables,
            directory,
            connection: mattermost::Options {
                clock: Arc::clone(&clock),
                ..mattermost::Options::default()
            },
            clock,
        }
    }

    /// The environment of this process.
    ///
    /// # Errors
    /// When the working directory is gone or not UTF-8.
    pub fn of_process() -> Result<Self, Failure> {
        let directory = std::env::current_dir().map_err(|error| {
            Failure::new(format!("could not find the working directory: {error}"))
        })?;
        let directory = Utf8PathBuf::from_path_buf(directory).map_err(|path| {
            Failure::new(format!(
                "the working directory `{}` is not UTF-8",
                path.display()
            ))
        })?;
        let known = |name: &str| {
            name.starts_with(SECRET_PREFIX) || VARIABLES.iter().any(|(known, _)| *known == name)
        };
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| known(name) && !value.is_empty())
            .collect();
        Ok(Self::new(variables, directory, Arc::new(SystemClock)))
    }

    /// The value of a variable of [`VARIABLES`]; an empty one counts as absent.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        debug_assert!(
            VARIABLES.iter().any(|(known, _)| *known == name),
            "{name} is not a variable that warroom reads"
        );
        self.variables.get(name).map(String::as_str)
    }

    /// The secret that a workspace refers to by the name of a variable.
    ///
    /// Names without [`SECRET_PREFIX`] are absent, whatever the process holds.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&str> {
        if !name.starts_with(SECRET_PREFIX) {
            return None;
        }
        self.variables.get(name).map(String::as_str)
    }

    /// The working directory.
    #[must_use]
    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// The same environment with another working directory.
    #[must_use]
    pub fn in_directory(&self, directory: Utf8PathBuf) -> Self {
        Self {
            directory,
            ..self.clone()
        }
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// How servers are talked to.
    #[must_use]
    pub fn connection(&self) -> mattermost::Options {
        self.connection.clone()
    }

    /// The same environment, talking to servers with another patience; the clock stays.
    #[must_use]
    pub fn with_connection(self, connection: mattermost::Options) -> Self {
        let clock = Arc::clone(&self.clock);
        let connection = mattermost::Options {
            clock,
            ..connection
        };
        Self { connection, ..self }
    }

    /// The folder of warroom's own configuration.
    #[must_use]
    pub fn configuration(&self) -> Option<Utf8PathBuf> {
        if let Some(folder) = self.variable("WARROOM_CONFIG") {
            return Some(folder.into());
        }
        if let Some(base) = self.variable("XDG_CONFIG_HOME") {
            return Some(Utf8Path::new(base).join("warroom"));
        }
        let home = self.variable("HOME")?;
        Some(Utf8Path::new(home).join(".config/warroom"))
    }
}
