//! From files to a workspace: everything kept, for those who work with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::survey::{Survey, TemplateText, Visited, survey};
use super::{
    Checked, Document, Files, Loaded, LoadedPlaybook, Memo, PERMISSIONS, Placed, SETTINGS,
    Workspace, WorkspaceError, told,
};
use crate::diag::Level;

/// Loads and checks a workspace.
///
/// # Errors
/// As [`survey`].
pub fn load(files: &dyn Files) -> Result<Loaded, WorkspaceError> {
    let found = survey(files, None, |_, tree, playbook| {
        (playbook, Document::new(Arc::clone(tree.source())))
    })?;
    let failed = found.findings.iter().any(|f| f.level == Level::Error);
    let Survey {
        around,
        playbooks,
        findings,
        files,
        ..
    } = found;
    let mut workspace = None;
    if let (false, Some(settings)) = (failed, around.settings.clone()) {
        let templates = around.templates();
        let texts = templates.iter().filter_map(|(path, text)| match text {
            TemplateText::Read(source) => Some((path.clone(), source.text().to_owned())),
            _ => None,
        });
        let documents = [
            (SETTINGS, &around.settings_document),
            (PERMISSIONS, &around.permissions_document),
        ];
        let mut documents: BTreeMap<String, Document> = documents
            .into_iter()
            .filter_map(|(path, document)| Some((path.to_owned(), document.clone()?)))
            .collect();
        let mut loaded = Vec::new();
        for Visited { outline, kept } in playbooks {
            let (playbook, document) = kept;
            documents.insert(outline.path.clone(), document);
            loaded.push(LoadedPlaybook {
                path: outline.path,
                playbook,
            });
        }
        workspace = Some(Workspace {
            settings,
            permissions: around.permissions.clone().unwrap_or_default(),
            playbooks: loaded,
            templates: texts.collect(),
            documents,
        });
    }
    Ok(Loaded {
        workspace,
        findings: told(findings),
        files,
    })
}

/// Checks a workspace and keeps nothing of it.
///
/// # Errors
/// As [`survey`].
pub fn check(files: &dyn Files) -> Result<Checked, WorkspaceError> {
    checked(files, None)
}

/// As [`check`], and parses only what changed since the last time.
///
/// # Errors
/// As [`survey`].
pub fn check_again(files: &dyn Files, memo: &mut Memo<()>) -> Result<Checked, WorkspaceError> {
    checked(files, Some(memo))
}

fn checked(files: &dyn Files, memo: Option<&mut Memo<()>>) -> Result<Checked, WorkspaceError> {
    let found = survey(files, memo, |_, _, _| ())?;
    Ok(Checked {
        findings: told(found.findings),
        files: found.files,
    })
}
