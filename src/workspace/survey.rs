//! One walk over the files of a workspace.
//!
//! What every playbook is held against (settings, permissions, the list of
//! templates) is read first; then each playbook is read, parsed, checked, handed to
//! a visitor and dropped, on as many threads as there are
//! if they are more than a few. Only outlines stay, so
//! that ten thousand playbooks take no more memory than the visitor keeps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::document::{Document, Tree};
use super::memo::{self, Memo, Noted, Print, Seen};
use super::text::{Text, text_of, unread, went_away};
use super::{Files, PERMISSIONS, PLAYBOOKS, SETTINGS, TEMPLATES, WorkspaceError, check};
use crate::diag::{Code, Finding, Source};
use crate::model::{Permissions, Playbook, Settings, TeamName, TemplatePath};
use crate::schema::{self, Kind};
use crate::yaml::{self, DeError};

/// So few playbooks are read by the time that threads have started.
const FEW: usize = 4;

/// What a walk found.
#[derive(Debug)]
pub struct Survey<'f, T> {
    /// What every playbook was held against.
    pub around: Surroundings<'f>,
    /// The playbooks that could be understood, ordered by path.
    pub playbooks: Vec<Visited<T>>,
    /// Everything that is wrong with the structure, in no particular order.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
    /// How many playbooks could not be understood: what they name, nobody knows.
    pub not_understood: usize,
}

/// A playbook that was understood and put away.
#[derive(Debug, Clone)]
pub struct Visited<T> {
    /// What other files may clash with.
    pub outline: Outline,
    /// What the visitor keeps of it.
    pub kept: T,
}

/// What the checks between files need of a playbook.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its file, relative to the workspace.
    pub path: String,
    /// Its key.
    pub key: String,
    /// The key it had before.
    pub moved_from: Option<String>,
    /// Its name in Mattermost.
    pub title: String,
    /// The teams it is brought into.
    pub teams: Vec<TeamName>,
    /// The templates it names, each with the JSON pointer.
    pub texts: Vec<(&'static str, TemplatePath)>,
}

/// What every playbook is held against; may be shared by threads.
#[derive(Debug)]
pub struct Surroundings<'f> {
    files: Noted<'f>,
    /// `warroom.yaml`; none when it has mistakes.
    pub settings: Option<Settings>,
    /// `permissions.yaml`; none when it has mistakes, empty when there is none.
    pub permissions: Option<Permissions>,
    /// The text of `warroom.yaml`, where it is one.
    pub settings_document: Option<Document>,
    /// The text of `permissions.yaml`, where there is one.
    pub permissions_document: Option<Document>,
    templates: Mutex<BTreeMap<TemplatePath, TemplateText>>,
}

/// What is known of a template.
#[derive(Debug, Clone)]
pub enum TemplateText {
    /// There is no such file.
    Absent,
    /// There is one, and this says why it has no text.
    Unusable(Box<Finding>),
    /// Its text.
    Read(Arc<Source>),
}

/// Walks over the files; `visit` gets each playbook that could be
/// understood. What `memo` knows from the walk before is not visited again:
/// what `visit` keeps must rest on nothing but what it is given.
///
/// # Errors
/// When nothing can be listed, or there is no `warroom.yaml`. Mistakes in files, and
/// files that cannot be read, are no errors but findings.
pub fn survey<'f, T: Clone + Send>(
    files: &'f dyn Files,
    memo: Option<&'f mut Memo<T>>,
    visit: impl Fn(&Surroundings<'f>, &Tree<'_>, Playbook) -> T + Sync,
) -> Result<Survey<'f, T>, WorkspaceError> {
    let listing = files.list()?;
    let mut findings: Vec<Finding> = listing.problems.into_iter().map(unread).collect();
    let mut paths = listing.files;
    paths.retain(|path| Role::of(path).is_some());
    paths.sort_unstable();
    paths.dedup();
    let (noted, mut known) = memo::begin(files, memo);
    let around = Surroundings::read(noted, &paths, &mut findings)?;
    paths.retain(|path| Role::of(path) == Some(Role::Playbook));
    if let Some(known) = &mut known {
        known.compare(noted);
    }
    let before = known.as_deref();
    let look = |path: &String| {
        let before = before.and_then(|known| known.take(path));
        read_playbook(files, &around, path, before, &visit)
    };
    let seen: Vec<Seen<T>> = if paths.len() <= FEW {
        paths.iter().map(look).collect()
    } else {
        paths.par_iter().map(look).collect()
    };
    if let Some(known) = known {
        known.keep(noted, paths.iter().zip(&seen));
    }
    let mut playbooks = Vec::with_capacity(seen.len());
    for seen in seen {
        findings.extend(seen.findings);
        playbooks.extend(seen.visited);
    }
    let templates = around.templates();
    let there = |text: &&TemplateText| !matches!(text, TemplateText::Absent);
    let others =
        around.settings_document.iter().count() + around.permissions_document.iter().count();
    let count = paths.len() + others + templates.values().filter(there).count();
    drop(templates);
    let not_understood = paths.len() - playbooks.len();
    let outlines: Vec<&Outline> = playbooks.iter().map(|visited| &visited.outline).collect();
    findings.extend(check::between_files(&around, &outlines));
    Ok(Survey {
        around,
        playbooks,
        findings,
        files: count,
        not_understood,
    })
}

fn read_playbook<'f, T>(
    files: &dyn Files,
    around: &Surroundings<'f>,
    path: &str,
    before: Option<Seen<T>>,
    visit: &impl Fn(&Surroundings<'f>, &Tree<'_>, Playbook) -> T,
) -> Seen<T> {
    let remembered = around.files.is_remembered();
    let unread = |finding: Finding, print: Print| Seen {
        print: remembered.then_some(print),
        findings: vec![finding],
        visited: None,
    };
    let source = match text_of(files, path) {
        Text::Read(source) => source,
        Text::Unusable(finding) => {
            let print = Print::of(&finding.message);
            return unread(*finding, print);
        }
        Text::Absent => return unread(went_away(path), Print::Absent),
    };
    let print = remembered.then(|| Print::of(source.text()));
    if let (Some(before), Some(print)) = (before, print)
        && before.print.is_some_and(|known| known.is(print))
    {
        if let Some(visited) = &before.visited {
            visited.outline.ask(around);
        }
        return before;
    }
    let document = yaml::read(&source);
    let mut findings = document.findings;
    let visited = document.root.as_ref().and_then(|root| {
        let playbook = typed::<Playbook>(&source, root, Kind::Playbook, &mut findings)?;
        let tree = Tree::new(&source, root);
        check::playbook(around, &tree, &playbook, &mut findings);
        let outline = Outline::of(path, &playbook, around);
        let kept = visit(around, &tree, playbook);
        Some(Visited { outline, kept })
    });
    Seen {
        print,
        findings,
        visited,
    }
}

/// Tree → schema → typed value.
fn typed<T: DeserializeOwned>(
    source: &Arc<Source>,
    root: &yaml::Node<'_>,
    kind: Kind,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let mut found = schema::check(kind, root, source);
    let mut value = None;
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
    value
}

/// The schema asks for everything that the model does; this is for what it might miss.
fn refused(source: &Arc<Source>, error: DeError) -> Finding {
    let span = source.first_line(error.span.unwrap_or_default());
    Finding::new(Code::InvalidValue, source, span, error.message)
}

impl Outline {
    fn of(path: &str, playbook: &Playbook, around: &Surroundings<'_>) -> Self {
        let default = around.settings.as_ref().and_then(|s| s.team.as_ref());
        let teams = playbook.teams_or(default).into_iter().cloned();
        let texts = playbook.texts();
        let texts = texts.filter_map(|(pointer, text)| Some((pointer, text.path()?.clone())));
        Self {
            path: path.to_owned(),
            key: playbook.key.as_str().to_owned(),
            moved_from: playbook.moved_from.as_ref().map(ToString::to_string),
            title: playbook.title.clone(),
            teams: teams.collect(),
            texts: texts.collect(),
        }
    }

    /// Asks for the templates as the checks of the playbook do: one outside `templates/`
    /// is known only when somebody asks.
    fn ask(&self, around: &Surroundings<'_>) {
        for (_, path) in &self.texts {
            let _ = around.template(path);
        }
    }
}

impl<'f> Surroundings<'f> {
    fn read(
        files: Noted<'f>,
        paths: &[String],
        findings: &mut Vec<Finding>,
    ) -> Result<Self, WorkspaceError> {
        let has = |path: &str| paths.binary_search_by(|p| p.as_str().cmp(path)).is_ok();
        if !has(SETTINGS) {
            return Err(WorkspaceError::NotFound { start: ".".into() });
        }
        let (settings, settings_document) = whole(&files, SETTINGS, Kind::Workspace, findings);
        let (permissions, permissions_document) = if has(PERMISSIONS) {
            whole(&files, PERMISSIONS, Kind::Permissions, findings)
        } else {
            (Some(Permissions::default()), None)
        };
        let mut templates = BTreeMap::new();
        for path in paths {
            if Role::of(path) == Some(Role::Template)
                && let Ok(path) = path.parse::<TemplatePath>()
            {
                let text = match TemplateText::read(&files, path.as_str()) {
                    TemplateText::Absent => {
                        TemplateText::Unusable(Box::new(went_away(path.as_str())))
                    }
                    text => text,
                };
                templates.insert(path, text);
            }
        }
        Ok(Self {
            files,
            settings,
            permissions,
            settings_document,
            permissions_document,
            templates: Mutex::new(templates),
        })
    }

    /// A template; one outside `templates/` is read when it is first asked for.
    #[must_use]
    pub fn template(&self, path: &TemplatePath) -> TemplateText {
        if is_hidden(path.as_str()) {
            return TemplateText::Absent;
        }
        let mut templates = self.templates();
        if let Some(text) = templates.get(path) {
            return text.clone();
        }
        let text = TemplateText::read(&self.files, path.as_str());
        templates.insert(path.clone(), text.clone());
        text
    }

    /// Every template that was listed or asked for.
    pub(super) fn templates(
        &self,
    ) -> std::sync::MutexGuard<'_, BTreeMap<TemplatePath, TemplateText>> {
        self.templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The templates that are there: their texts by their paths.
    #[must_use]
    pub fn template_sources(&self) -> BTreeMap<TemplatePath, Arc<Source>> {
        let templates = self.templates();
        let there = templates.iter().filter_map(|(path, text)| match text {
            TemplateText::Read(source) => Some((path.clone(), Arc::clone(source))),
            _ => None,
        });
        there.collect()
    }

    /// Whether the workspace has a file of that path, of whatever kind.
    #[must_use]
    pub fn has_file(&self, path: &str) -> bool {
        !matches!(self.files.read(path), Ok(None) | Err(_))
    }

    /// The text of any other file of the folder, such as `CODEOWNERS`; none where there
    /// is no such file or no text in it.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        match text_of(&self.files, path) {
            Text::Read(source) => Some(source.text().to_owned()),
            Text::Absent | Text::Unusable(_) => None,
        }
    }

    /// Reads a YAML file once more, to find places in it.
    #[must_use]
    pub fn document(&self, path: &str) -> Document {
        let kept = match path {
            SETTINGS => self.settings_document.as_ref(),
            PERMISSIONS => self.permissions_document.as_ref(),
            _ => None,
        };
        if let Some(document) = kept {
            return document.clone();
        }
        match text_of(&self.files, path) {
            Text::Read(source) => Document::new(source),
            _ => Document::new(Arc::new(Source::new(path, ""))),
        }
    }
}

impl TemplateText {
    fn read(files: &dyn Files, path: &str) -> Self {
        match text_of(files, path) {
            Text::Absent => Self::Absent,
            Text::Unusable(finding) => Self::Unusable(finding),
            Text::Read(source) => Self::Read(source),
        }
    }
}

/// Reads one of the two files of which there is one at most.
fn whole<T: DeserializeOwned>(
    files: &dyn Files,
    path: &str,
    kind: Kind,
    findings: &mut Vec<Finding>,
) -> (Option<T>, Option<Document>) {
    let source = match text_of(files, path) {
        Text::Read(source) => source,
        Text::Unusable(finding) => {
            findings.push(*finding);
            return (None, None);
        }
        Text::Absent => {
            findings.push(went_away(path));
            return (None, None);
        }
    };
    let document = yaml::read(&source);
    let mut found = document.findings;
    let value = document
        .root
        .as_ref()
        .and_then(|root| typed(&source, root, kind, &mut found));
    findings.extend(found);
    (value, Some(Document::new(source)))
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
