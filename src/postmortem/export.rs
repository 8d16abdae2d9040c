//! From a record to files, and from files to a commit.
//!
//! [`plan_export`] is pure and decides everything: what may leave Mattermost, where it
//! goes, and how it meets what people wrote. [`export_to`] reads what is there, and
//! commits. Git does not forget, so every refusal comes before anything is written.

use jiff::Timestamp;

use super::blocks::{self, Damage};
use super::document::documents;
use super::place;
use super::record::{Record, Visibility};
use super::redact::{self, POLICY, RedactionKind};
use crate::exit::Failure;
use crate::git::{CommitId, GitError, NewFile, Target};
use crate::model::{ExportSettings, IncidentAccess};
use crate::template::{Template, TemplateError};

const RECORD: &str = "incident.json";
const TIMELINE: &str = "timeline.jsonl";
const DOCUMENT: &str = "postmortem.md";
const BESIDE: &str = "postmortem.md.new";

/// How often an export begins again because another was faster.
const RETRIES: usize = 2;

/// What stands in git already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Existing {
    /// The incident's folder.
    pub folder: String,
    /// Its `postmortem.md`.
    pub document: Option<String>,
}

/// The files of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The incident's folder.
    pub folder: String,
    /// The files to write, by path.
    pub files: Vec<OutFile>,
    /// The post-mortem's markers are damaged: `postmortem.md` stays, the new text is for
    /// `postmortem.md.new`, and nothing is committed.
    pub damage: Option<Damage>,
    /// The message of the commit.
    pub message: String,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFile {
    /// Its path within the workspace.
    pub path: String,
    /// What it holds.
    pub contents: String,
}

/// What an export did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The incident's folder.
    pub folder: String,
    /// The branch.
    pub branch: String,
    /// The commit; none when nothing changed, or none was wanted.
    pub commit: Option<CommitId>,
}

/// Why an export was refused or failed. The incident may end all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The settings ask for what this version does not do.
    #[error("did not export: `export.{setting}` is not yet supported")]
    NotYet {
        /// The setting with its value.
        setting: &'static str,
    },
    /// A private incident needs two consents.
    #[error("did not export: the incident is private, and {missing} does not allow it")]
    Private {
        /// What does not allow it.
        missing: &'static str,
    },
    /// The folder for exports leads out of the workspace.
    #[error(
        "did not export: `export.path` is `{path}`, which cannot be a folder for exports inside the workspace"
    )]
    Path {
        /// The path.
        path: String,
    },
    /// A secret would have been committed.
    #[error("did not export: `{file}` would hold what looks like a secret ({kind:?})")]
    Secret {
        /// The file.
        file: &'static str,
        /// What it looks like.
        kind: RedactionKind,
    },
    /// The template does not give each generated part a line of its own.
    #[error("did not export: template `{template}` puts a generated part inside a line ({damage})")]
    Layout {
        /// The template.
        template: String,
        /// What came of it.
        damage: Damage,
    },
    /// The post-mortem in git cannot be merged.
    #[error("did not export: the markers of `{file}` are damaged ({damage})")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        damage: Damage,
        /// Where the new text was written, if anywhere.
        beside: Option<String>,
    },
    /// Its new text would replace what somebody made of the last one.
    #[error(
        "did not export: the markers of `{file}` are damaged ({damage}), and `{beside}` is there already"
    )]
    BesideTaken {
        /// The file.
        file: String,
        /// What is wrong.
        damage: Damage,
        /// Where the new text would have been written.
        beside: String,
    },
    /// The post-mortem in git is no text.
    #[error("did not export: `{file}` is not UTF-8, and what it holds would be lost")]
    NotText {
        /// The file.
        file: String,
    },
    /// The template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Git failed or refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let help = match &error {
            ExportError::Template(_) => return Self::new(error.to_string()),
            ExportError::Git(error) => return error.clone().into(),
            ExportError::NotYet { .. } => {
                "leave it at its default in `warroom.yaml`: `transcript: none`, `people: usernames`".to_owned()
            }
            ExportError::Private { .. } => {
                "a private incident leaves Mattermost only with `incident: { export: true }` in its access profile and `export: { private_incidents: true }` in `warroom.yaml`".to_owned()
            }
            ExportError::Path { .. } => {
                "write a folder of its own such as `incidents`, in letters, digits and `-`".to_owned()
            }
            ExportError::BesideTaken { file, beside, .. } => {
                format!("bring `{file}` and `{beside}` together, delete `{beside}`, and export again")
            }
            ExportError::NotText { .. } => {
                "save it as UTF-8, or move it away, and export again".to_owned()
            }
            ExportError::Secret { .. } => {
                "change the secret, since others have seen it; take it out of the post-mortem's template, or out of the incident in Mattermost (its summary, tasks and status updates can be edited), and export again".to_owned()
            }
            ExportError::Layout { .. } => {
                "write `{{ facts }}` and the like on lines of their own".to_owned()
            }
            ExportError::Damaged { file, beside, .. } => match beside {
                Some(beside) => format!("the new text is in `{beside}`: bring both together, delete it, and export again"),
                None => format!("repair the `begin:generated` and `end:generated` lines of `{file}`, or remove the file"),
            },
        };
        Self::refused(error.to_string()).help(help)
    }
}

/// Decides what an export writes.
///
/// `access` is what the playbook's profile says of its incidents; none where the playbook is
/// not one of the workspace's, which allows a private incident nothing.
///
/// # Errors
/// Everything of [`ExportError`] that needs no repository. Damaged markers are no error here
/// but part of the answer, since the new text is still of use.
pub fn plan_export(
    existing: &Existing,
    record: &Record,
    template: &Template,
    settings: &ExportSettings,
    access: Option<&IncidentAccess>,
) -> Result<Export, ExportError> {
    allowed(record, settings, access)?;
    let documents = documents(record, template)?;
    for (file, text) in [
        (RECORD, &documents.incident),
        (TIMELINE, &documents.timeline),
        (DOCUMENT, &documents.postmortem),
    ] {
        if let Some(kind) = redact::leak(text) {
            return Err(ExportError::Secret { file, kind });
        }
    }
    // A document merges with itself, unless the template tore its markers apart.
    blocks::merge(&documents.postmortem, &documents.postmortem).map_err(|damage| {
        ExportError::Layout {
            template: template.name().to_owned(),
            damage,
        }
    })?;
    let (name, text, damage) = match &existing.document {
        None => (DOCUMENT, documents.postmortem, None),
        Some(old) => match blocks::merge(old, &documents.postmortem) {
            Ok(merged) => (DOCUMENT, merged, None),
            Err(damage) => (BESIDE, documents.postmortem, Some(damage)),
        },
    };
    let file = |name: &str, contents: String| OutFile {
        path: format!("{}/{name}", existing.folder),
        contents,
    };
    Ok(Export {
        folder: existing.folder.clone(),
        files: vec![
            file(RECORD, documents.incident),
            file(TIMELINE, documents.timeline),
            file(name, text),
        ],
        damage,
        message: message(record),
    })
}

/// Exports an incident into a branch: reads what is there, merges, and commits.
///
/// Without `commit` the files are only written, which needs the branch to be checked out.
///
/// # Errors
/// [`ExportError`]; nothing is committed then.
pub fn export_to(
    target: &Target<'_>,
    record: &Record,
    template: &Template,
    settings: &ExportSettings,
    access: Option<&IncidentAccess>,
    commit: bool,
    at: Timestamp,
) -> Result<Exported, ExportError> {
    // Before anything of the repository is looked at: a path may lead anywhere.
    allowed(record, settings, access)?;
    let mut fresh = None;
    for _ in 0..RETRIES {
        let here = fresh.as_ref().unwrap_or(target);
        match export_once(here, record, template, settings, access, commit, at) {
            Err(ExportError::Git(GitError::Moved { .. })) => fresh = Some(target.again()?),
            other => return other,
        }
    }
    let here = fresh.as_ref().unwrap_or(target);
    export_once(here, record, template, settings, access, commit, at)
}

fn export_once(
    target: &Target<'_>,
    record: &Record,
    template: &Template,
    settings: &ExportSettings,
    access: Option<&IncidentAccess>,
    commit: bool,
    at: Timestamp,
) -> Result<Exported, ExportError> {
    let base = settings.path.trim_end_matches('/');
    let names = target.folders(&place::year_folder(base, record))?;
    let folder = place::folder(base, record, &names);
    let file = format!("{folder}/{DOCUMENT}");
    let before = target.read(&file)?;
    let document = before.clone().map(String::from_utf8).transpose();
    let document = document.map_err(|_| ExportError::NotText { file })?;
    let existing = Existing { folder, document };
    let export = plan_export(&existing, record, template, settings, access)?;
    let mut files = Vec::new();
    for file in &export.files {
        files.push(NewFile {
            // Only the post-mortem takes over what people wrote; the rest is written anew.
            replaces: before
                .clone()
                .filter(|_| file.path.ends_with(&format!("/{DOCUMENT}"))),
            path: file.path.clone(),
            contents: file.contents.clone().into_bytes(),
        });
    }
    if let Some(damage) = export.damage {
        let new = files.pop().filter(|_| target.is_checked_out());
        let beside = new.as_ref().map(|file| file.path.clone());
        let file = format!("{}/{DOCUMENT}", export.folder);
        if let Some(new) = new {
            match target.write(std::slice::from_ref(&new)) {
                Err(GitError::Changed { path }) => {
                    return Err(ExportError::BesideTaken {
                        file,
                        damage,
                        beside: path,
                    });
                }
                written => written?,
            }
        }
        return Err(ExportError::Damaged {
            file,
            damage,
            beside,
        });
    }
    let id = if commit {
        target.commit(&files, &export.message, at)?
    } else {
        target.write(&files)?;
        None
    };
    Ok(Exported {
        folder: export.folder,
        branch: target.branch().to_owned(),
        commit: id,
    })
}

fn allowed(
    record: &Record,
    settings: &ExportSettings,
    access: Option<&IncidentAccess>,
) -> Result<(), ExportError> {
    if let Some(setting) = settings.not_yet_supported().next() {
        return Err(ExportError::NotYet { setting });
    }
    if record.run.visibility == Visibility::Private {
        if !access.is_some_and(|access| access.export) {
            return Err(ExportError::Private {
                missing: "the access profile of its playbook",
            });
        }
        if !settings.private_incidents {
            return Err(ExportError::Private {
                missing: "`export.private_incidents` in `warroom.yaml`",
            });
        }
    }
    match settings.folder() {
        Ok(_) => Ok(()),
        Err(_) => Err(ExportError::Path {
            path: settings.path.clone(),
        }),
    }
}

/// The message of the commit, with trailers for machines.
fn message(record: &Record) -> String {
    let (record, _) = super::redact::Redaction::record(record);
    let number = record.run.number.as_ref();
    let label = match number {
        Some(number) => format!("{number} {}", record.run.name),
        None => record.run.name.clone(),
    };
    let label = crate::incident::state::one_line(&label);
    let subject: String = format!("incident: {label}").chars().take(72).collect();
    let commit = record.playbook.as_ref().and_then(|p| p.commit.as_deref());
    let commit = commit.map_or_else(String::new, |commit| format!("Playbook-Commit: {commit}\n"));
    format!(
        "{}\n\n{}\n\nIncident-Id: {}\n{commit}Redaction-Policy: {POLICY}\n",
        subject.trim_end(),
        record.run.url,
        record.run.id
    )
}
