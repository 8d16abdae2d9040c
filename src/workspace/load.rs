//! From files to a workspace: read, parse, check each file, then all together.
//!
//! Reading is sequential, since a git repository is no shared thing; parsing and
//! checking, which take the time, run in parallel.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::{
    Document, Files, Loaded, LoadedPlaybook, PERMISSIONS, PLAYBOOKS, SETTINGS, TEMPLATES,
    Workspace, WorkspaceError, check,
};
use crate::diag::{self, Code, Finding, Level, Source, Span};
use crate::model::{Permissions, Playbook, Settings, TemplatePath};
use crate::schema::{self, Kind};
use crate::yaml::{self, DeError, MOST_BYTES};

/// Loads and checks a workspace.
///
/// # Errors
/// When nothing can be listed, or there is no `warroom.yaml`. Mistakes in files, and
/// files that cannot be read, are no errors but findings.
pub fn load(files: &dyn Files) -> Result<Loaded, WorkspaceError> {
    let listing = files.list()?;
    let mut listed: BTreeSet<String> = listing.files.into_iter().collect();
    listed.retain(|path| Role::of(path).is_some());
    if !listed.contains(SETTINGS) {
        return Err(WorkspaceError::NotFound { start: ".".into() });
    }
    let mut findings: Vec<Finding> = listing.problems.into_iter().map(unread).collect();
    let mut texts = Vec::new();
    let mut unusable = Vec::new();
    for path in &listed {
        match text_of(files, path, &mut findings) {
            Text::Read(source) => texts.push(source),
            Text::Unusable => unusable.push(path),
            Text::Absent => {
                findings.push(without_text(path, Code::Unreadable, "the file went away"));
            }
        }
    }
    let read: Vec<(Arc<Source>, File)> = texts
        .into_par_iter()
        .filter_map(|source| {
            let role = Role::of(source.name())?;
            let file = read_file(&source, role);
            Some((source, file))
        })
        .collect();
    let mut parts = Parts::default();
    if !listed.contains(PERMISSIONS) {
        parts.permissions = Some(Permissions::default());
    }
    for (source, file) in read {
        parts.add(source, file, &mut findings);
    }
    for path in unusable {
        if let (Some(Role::Template), Ok(path)) = (Role::of(path), path.parse()) {
            parts.templates.insert(path, None);
        }
    }
    let mut files_read = listed.len();
    for path in parts.missing_templates() {
        let source = match text_of(files, path.as_str(), &mut findings) {
            Text::Absent => continue,
            Text::Unusable => None,
            Text::Read(source) => Some(source),
        };
        files_read += 1;
        parts.templates.insert(path, source);
    }
    check::tell_who_names(&parts, &mut findings);
    findings.extend(check::all(&parts));
    diag::sort(&mut findings);
    let failed = findings.iter().any(|finding| finding.level == Level::Error);
    let mut findings = bounded(&findings);
    hide_secrets(&mut findings);
    Ok(Loaded {
        workspace: if failed { None } else { parts.into_workspace() },
        findings,
        files: files_read,
    })
}

/// After so many findings the rest of a file is only counted.
const MOST_TOLD: usize = 100;

/// The findings, of each file only the first ones and how many more there are.
fn bounded(findings: &[Finding]) -> Vec<Finding> {
    let mut told = Vec::new();
    for file in findings.chunk_by(|a, b| a.source.name() == b.source.name()) {
        let rest = file.len().saturating_sub(MOST_TOLD);
        told.extend(file.iter().take(MOST_TOLD).cloned());
        let Some(next) = file.get(MOST_TOLD) else {
            continue;
        };
        // The rooms that find mistakes stop at some number themselves.
        let more = match rest {
            1 => "there is 1 more finding".to_owned(),
            _ if file.len() >= schema::MOST_ERRORS => {
                format!("there are at least {rest} more findings")
            }
            _ => format!("there are {rest} more findings"),
        };
        let message = format!("{more} in this file");
        let finding = Finding::new(Code::MoreFindings, &next.source, next.span, message)
            .label("the next one is here");
        told.push(finding.help("mend the ones above, and run `warroom validate` again"));
    }
    told
}

/// Takes secrets out of whatever is told: out of the lines and out of the words.
fn hide_secrets(findings: &mut [Finding]) {
    let mut seen = HashSet::new();
    for finding in findings {
        let related = finding.related.iter().map(|related| &related.source);
        for source in std::iter::once(&finding.source).chain(related) {
            if seen.insert(Arc::as_ptr(source)) {
                schema::hide_addresses(source);
            }
        }
        let help = finding.help.iter_mut();
        for text in [&mut finding.message, &mut finding.label]
            .into_iter()
            .chain(help)
        {
            if let Cow::Owned(clean) = schema::without_passwords(text) {
                *text = clean;
            }
        }
    }
}

/// Whether a path leads to or through something hidden: that is no part of a workspace.
///
/// The one rule for folders and commits.
pub(super) fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// Whether a path is one that a workspace reads by itself; it also reads what its files name.
#[must_use]
pub fn belongs(path: &str) -> bool {
    Role::of(path).is_some()
}

/// What a file is to the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Settings,
    Permissions,
    Playbook,
    Template,
}

impl Role {
    fn of(path: &str) -> Option<Self> {
        if is_hidden(path) {
            return None;
        }
        let extension = path.rsplit_once('.').map(|(_, extension)| extension);
        match path.split_once('/') {
            None if path == SETTINGS => Some(Self::Settings),
            None if path == PERMISSIONS => Some(Self::Permissions),
            Some((PLAYBOOKS, _)) if matches!(extension, Some("yaml" | "yml")) => {
                Some(Self::Playbook)
            }
            Some((TEMPLATES, _)) if extension == Some("j2") => Some(Self::Template),
            _ => None,
        }
    }
}

/// What one file holds, as far as it could be read.
enum File {
    Settings(Option<Box<Settings>>, Vec<Finding>),
    Permissions(Option<Permissions>, Vec<Finding>),
    Playbook(Option<Box<Playbook>>, Vec<Finding>),
    Template,
}

fn read_file(source: &Arc<Source>, role: Role) -> File {
    match role {
        Role::Settings => {
            let (settings, findings) = typed(source, Kind::Workspace);
            File::Settings(settings, findings)
        }
        Role::Permissions => {
            let (permissions, findings) = typed(source, Kind::Permissions);
            File::Permissions(permissions, findings)
        }
        Role::Playbook => {
            let (playbook, findings) = typed(source, Kind::Playbook);
            File::Playbook(playbook, findings)
        }
        Role::Template => File::Template,
    }
}

/// Text → tree → schema → typed value.
fn typed<T: DeserializeOwned>(source: &Arc<Source>, kind: Kind) -> (Option<T>, Vec<Finding>) {
    let document = yaml::read(source);
    let mut findings = document.findings;
    let mut value = None;
    if let Some(root) = &document.root {
        let mut found = schema::check(kind, root, source);
        // What the schema refuses, the model would only refuse once more.
        if found.is_empty() {
            match yaml::from_node(root) {
                Ok(read) => value = Some(read),
                Err(error) => findings.push(refused(source, error)),
            }
        }
        // What cannot be read has no right type either: once is enough.
        found.retain(|finding| !findings.iter().any(|read| finding.span.contains(read.span)));
        findings.extend(found);
    }
    (value, findings)
}

/// The schema asks for everything that the model does; this is for what it might miss.
fn refused(source: &Arc<Source>, error: DeError) -> Finding {
    let span = source.first_line(error.span.unwrap_or_default());
    Finding::new(Code::InvalidValue, source, span, error.message)
}

/// What reading a file as text came to.
enum Text {
    /// There is no such file.
    Absent,
    /// There is one, and a finding says why it has no text.
    Unusable,
    /// Its text.
    Read(Arc<Source>),
}

fn text_of(files: &dyn Files, path: &str, findings: &mut Vec<Finding>) -> Text {
    let bytes = match files.read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Text::Absent,
        Err(error) => {
            findings.push(unread(error));
            return Text::Unusable;
        }
    };
    if bytes.len() > MOST_BYTES {
        let message = format!("the file is larger than {} MiB", MOST_BYTES >> 20);
        findings.push(without_text(path, Code::TooLarge, message));
        return Text::Unusable;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Text::Read(Arc::new(Source::new(path, text))),
        Err(error) => {
            findings.push(not_utf8(path, &error));
            Text::Unusable
        }
    }
}

/// The finding for a file or folder that could not be read: the others still can.
fn unread(error: WorkspaceError) -> Finding {
    match error {
        WorkspaceError::Outside { path, reason } => {
            let message = format!("the file was not read: {reason}");
            without_text(&path, Code::OutsideWorkspace, message)
        }
        WorkspaceError::Read { path, reason } => {
            let message = format!("the file cannot be read: {reason}");
            without_text(&path, Code::Unreadable, message)
        }
        WorkspaceError::NotFound { start } => {
            without_text(start.as_str(), Code::Unreadable, "it is not there")
        }
    }
}

/// A path that is short enough for a message.
pub(super) fn shortened(path: &str) -> Cow<'_, str> {
    match path.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &path[..end]).into(),
        None => path.into(),
    }
}

fn without_text(path: &str, code: Code, message: impl Into<String>) -> Finding {
    let source = Arc::new(Source::new(shortened(path), ""));
    Finding::new(code, &source, Span::default(), message)
}

/// Shows the line up to the first bad byte; what comes after may be anything.
fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Finding {
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let mut text = String::from_utf8_lossy(&bytes[..valid]).into_owned();
    let byte = bytes.get(valid).copied().unwrap_or_default();
    text.push(char::REPLACEMENT_CHARACTER);
    let end = text.len();
    let start = end - char::REPLACEMENT_CHARACTER.len_utf8();
    let source = Arc::new(Source::new(path, text));
    // A byte order mark shortens the text.
    let cut = end - source.text().len();
    Finding::new(
        Code::NotUtf8,
        &source,
        Span::new(start - cut, end - cut),
        format!("the file is not UTF-8: the byte 0x{byte:02X} cannot stand here"),
    )
    .label("save the file as UTF-8")
}

/// What could be read so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// `warroom.yaml`; none when it has mistakes.
    pub(super) settings: Option<Settings>,
    /// `permissions.yaml`; none when it has mistakes, empty when there is none.
    pub(super) permissions: Option<Permissions>,
    /// The playbooks without mistakes of their own.
    pub(super) playbooks: Vec<LoadedPlaybook>,
    /// The templates, in the file that holds them; none for a file that cannot be read as text.
    pub(super) templates: BTreeMap<TemplatePath, Option<Arc<Source>>>,
    /// Every YAML file that is text.
    pub(super) documents: BTreeMap<String, Document>,
}

impl Parts {
    fn add(&mut self, source: Arc<Source>, file: File, findings: &mut Vec<Finding>) {
        let path = source.name().to_owned();
        match file {
            File::Settings(settings, found) => {
                self.settings = settings.map(|settings| *settings);
                findings.extend(found);
            }
            File::Permissions(permissions, found) => {
                self.permissions = permissions;
                findings.extend(found);
            }
            File::Playbook(playbook, found) => {
                findings.extend(found);
                self.playbooks
                    .extend(playbook.map(|playbook| LoadedPlaybook {
                        path: path.clone(),
                        playbook: *playbook,
                    }));
            }
            File::Template => {
                if let Ok(path) = path.parse() {
                    self.templates.insert(path, Some(source));
                }
                return;
            }
        }
        self.documents.insert(path, Document::new(source));
    }

    /// Whether a finding says why this template has no text.
    pub(super) fn is_unusable(&self, path: &TemplatePath) -> bool {
        matches!(self.templates.get(path), Some(None))
    }

    /// Templates that are named somewhere and were not among the listed files.
    fn missing_templates(&self) -> BTreeSet<TemplatePath> {
        let of_settings = self.settings.iter().flat_map(|s| s.templates.paths());
        let of_playbooks = self.playbooks.iter().flat_map(|loaded| {
            let texts = loaded.playbook.texts();
            texts.filter_map(|(_, text)| text.path())
        });
        of_settings
            .chain(of_playbooks)
            .filter(|path| !self.templates.contains_key(*path) && !is_hidden(path.as_str()))
            .cloned()
            .collect()
    }

    fn into_workspace(self) -> Option<Workspace> {
        let text = |source: Arc<Source>| source.text().to_owned();
        let templates = self.templates.into_iter();
        Some(Workspace {
            settings: self.settings?,
            permissions: self.permissions.unwrap_or_default(),
            playbooks: self.playbooks,
            templates: templates
                .filter_map(|(path, source)| Some((path, text(source?))))
                .collect(),
            documents: self.documents,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_belongs() {
        for path in [
            "warroom.yaml",
            "playbooks/a.yaml",
            "playbooks/b/c.yml",
            "templates/x/y.j2",
        ] {
            assert!(belongs(path), "{path}");
        }
        for path in [
            "playbooks/README.md",
            "playbooks/.a.yaml",
            "b/warroom.yaml",
            "README.md",
        ] {
            assert!(!belongs(path), "{path}");
        }
    }
}
