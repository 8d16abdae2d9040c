//! `--report FILE`: what a sync did, in a file that is never behind.
//!
//! Owns the file: it is there before anything is written to the server, and replaced as a
//! whole whenever something happens, so that it tells the truth even of a sync that was
//! killed.

use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::exit::Failure;
use crate::sync::report::ReportDocument;

/// The file of a report.
#[derive(Debug)]
pub(crate) struct ReportFile {
    path: Utf8PathBuf,
    shown: String,
}

impl ReportFile {
    /// A report in that file of a folder.
    ///
    /// # Errors
    /// When something else than a file stands there.
    pub(crate) fn new(folder: &Utf8Path, path: &Utf8Path) -> Result<Self, Failure> {
        let shown = path.to_string();
        let path = folder.join(path);
        // A device such as `/dev/stdout` would be replaced.
        if fs_err::symlink_metadata(&path).is_ok_and(|data| !data.is_file()) {
            return Err(Failure::usage(format!("`{shown}` is no file"))
                .help("name a file for `--report`, which need not exist yet"));
        }
        Ok(Self { path, shown })
    }

    /// Replaces the file as a whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, document: &ReportDocument) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(format!(
                "could not write the report `{}`: {error}",
                self.shown
            ))
            .help("name a file in a folder that exists and may be written to")
        };
        let text = serde_json::to_string_pretty(document).map_err(|error| failed(&error))?;
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_str().is_empty() => folder,
            _ => Utf8Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
        writeln!(file, "{text}").map_err(|error| failed(&error))?;
        file.persist(&self.path)
            .map_err(|error| failed(&error.error))?;
        Ok(())
    }
}
