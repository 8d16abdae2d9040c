//! The playbook that an incident follows, with the settings and templates around it.
//!
//! Owns the choice between the files as they are and as they were at the commit
//! that the incident is pinned to, and which template a text comes from. Reads no
//! file: workspaces are handed in.

use std::collections::BTreeMap;

use super::RunnerError;
use crate::incident::Standing;
use crate::model::{Key, Playbook, Settings, TemplatePath, TextSource};
use crate::template::{Context, Template, TemplateKind, built_in};
use crate::workspace::Workspace;

/// A playbook with what belongs to it.
#[derive(Debug, Clone)]
pub struct Definition {
    /// `warroom.yaml`.
    pub settings: Settings,
    /// The playbook.
    pub playbook: Playbook,
    /// Its file.
    pub path: String,
    /// The templates of the workspace.
    pub templates: BTreeMap<TemplatePath, String>,
}

/// Where definitions come from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The workspace as its files are.
    pub current: &'a Workspace,
    /// The workspace at a commit; none where the commit is not at hand.
    pub at: &'a dyn Fn(&str) -> Option<Workspace>,
}

impl Definition {
    /// The playbook of that key in a workspace, or the one that had it before.
    #[must_use]
    pub fn of(workspace: &Workspace, key: &Key) -> Option<Self> {
        let renamed = || {
            let mut all = workspace.playbooks.iter();
            all.find(|loaded| loaded.playbook.answers_to(key))
        };
        let loaded = workspace.playbook(key.as_str()).or_else(renamed)?;
        Some(Self {
            settings: workspace.settings.clone(),
            playbook: loaded.playbook.clone(),
            path: loaded.path.clone(),
            templates: workspace.templates.clone(),
        })
    }

    /// Renders a text for an incident. Text written in place is sent as it is.
    ///
    /// # Errors
    /// When the template is not sound, or does not fit the context.
    pub fn render(&self, text: &TextSource, context: &Context) -> Result<String, RunnerError> {
        match text {
            TextSource::Inline(text) => Ok(text.clone()),
            TextSource::File(path) => Ok(self.template(path)?.render(context)?),
        }
    }

    /// The text of the overview as it is written; empty where there is none.
    #[must_use]
    pub fn overview_text(&self) -> &str {
        match &self.playbook.start.overview {
            Some(TextSource::File(path)) => self.templates.get(path).map_or("", String::as_str),
            Some(TextSource::Inline(text)) => text,
            None => "",
        }
    }

    /// Renders an announcement.
    ///
    /// # Errors
    /// As [`Definition::render`].
    pub fn render_announcement(&self, context: &Context) -> Result<String, RunnerError> {
        let kind = TemplateKind::Announcement;
        match kind.text_of(&self.playbook, &self.settings) {
            Some(text) => self.render(text, context),
            None => Ok(built_in(kind).render(context)?),
        }
    }

    /// The template of status updates.
    ///
    /// # Errors
    /// When it is not sound.
    pub fn update_template(&self) -> Result<Template, RunnerError> {
        let updates = self.playbook.updates.as_ref();
        match updates.and_then(|updates| updates.template.as_ref()) {
            Some(TextSource::File(path)) => self.template(path),
            // Text written in place is what people start from in the web UI. Here it
            // could only be posted unchanged, which says nothing.
            Some(TextSource::Inline(_)) | None => Ok(built_in(TemplateKind::Update)),
        }
    }

    fn template(&self, path: &TemplatePath) -> Result<Template, RunnerError> {
        let text = self.templates.get(path).ok_or_else(|| {
            RunnerError::unknown(
                format!("the template `{path}` is not in the workspace"),
                "`warroom validate` shows what is missing",
            )
        })?;
        Template::parse(path.as_str(), text).map_err(|problem| RunnerError::Unsound {
            name: path.to_string(),
            problem: Box::new(problem),
        })
    }
}

impl Sources<'_> {
    /// The definition that an incident is pinned to, or the present one where its commit is not at hand.
    ///
    /// # Errors
    /// When the incident belongs to another workspace, or its playbook is gone.
    pub fn of(&self, standing: &Standing) -> Result<Definition, RunnerError> {
        let ours = &self.current.settings.workspace;
        if standing.workspace != *ours {
            return Err(RunnerError::refused(
                format!(
                    "the incident belongs to the workspace `{}`, and this one is `{ours}`",
                    standing.workspace
                ),
                "run the verb in that workspace; `run show` works everywhere",
            ));
        }
        let pinned = standing
            .commit
            .as_deref()
            .and_then(|commit| (self.at)(commit));
        pinned
            .and_then(|workspace| Definition::of(&workspace, &standing.playbook))
            .or_else(|| Definition::of(self.current, &standing.playbook))
            .ok_or_else(|| {
                RunnerError::unknown(
                    format!("this workspace has no playbook `{}`", standing.playbook),
                    "its file may have been removed since the incident started; `git log -- playbooks` tells",
                )
            })
    }

    /// The present definition of a playbook.
    ///
    /// # Errors
    /// When the workspace has no such playbook; all it has are named.
    pub fn present(&self, key: &Key) -> Result<Definition, RunnerError> {
        Definition::of(self.current, key).ok_or_else(|| {
            let all = self.current.playbooks.iter();
            let all: Vec<String> = all
                .map(|loaded| format!("`{}`", loaded.playbook.key))
                .collect();
            RunnerError::unknown(
                format!("this workspace has no playbook `{key}`"),
                format!("it has {}", all.join(", ")),
            )
        })
    }
}
