//! Message templates: what stands in `templates/**.j2`.
//!
//! Owns the front matter with its inputs, the minijinja environment with its
//! limits and filters, the names that a template of each kind sees, and the two
//! renderings: for an incident, and as static text for Mattermost's own web UI.
//! Must not read files or talk to a server. A template may come from a stranger:
//! it reaches no file, no other template, no environment variable and no
//! function; its work and its output are limited.

mod check;
mod contents;
mod context;
mod defaults;
mod engine;
mod fence;
mod filters;
mod front_matter;
pub mod markdown;
mod problem;
mod sample;
mod size;
mod static_text;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeMap;

use crate::model::{Playbook, Settings, TextSource};

pub use contents::{Contents, Printed};
pub use context::{
    Context, CurrentTask, EventContext, IncidentContext, KeyedTitle, PlaybookContext,
    PostmortemContext, Scene, SeverityContext, TaskContext, TasksContext, UpdateContext,
    UpdatesContext,
};
pub use defaults::built_in;
pub(crate) use fence::{Fences, backticks};
pub(crate) use filters::span;
pub use front_matter::Input;
pub use problem::{ProblemKind, TemplateError, TemplateProblem};
pub use sample::{Sample, sample};
pub use static_text::StaticWords;

/// The longest file that is read as a template, in bytes.
///
/// Below 65,536 because minijinja counts lines and columns in 16 bits.
const LONGEST_TEMPLATE: usize = 60_000;

/// What a template is for; it decides which names it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateKind {
    /// A status update.
    Update,
    /// The overview of an incident, kept up to date as the run's summary.
    Overview,
    /// A post in another channel about the start, a handover or the end.
    Announcement,
    /// What newcomers to the channel read.
    Welcome,
    /// What the retrospective in Mattermost starts with.
    Retrospective,
    /// The document that `run export` writes.
    Postmortem,
}

impl TemplateKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Update,
        Self::Overview,
        Self::Announcement,
        Self::Welcome,
        Self::Retrospective,
        Self::Postmortem,
    ];

    /// What a text is for, by the JSON pointer of its key in a playbook or in `warroom.yaml`.
    #[must_use]
    pub fn of_pointer(pointer: &str) -> Option<Self> {
        Some(match pointer {
            "/start/welcome" => Self::Welcome,
            "/start/overview" => Self::Overview,
            "/updates/template" => Self::Update,
            "/retrospective/template" => Self::Retrospective,
            "/templates/announcement" => Self::Announcement,
            "/templates/postmortem" => Self::Postmortem,
            _ => return None,
        })
    }

    /// The text of that kind that incidents of a playbook get.
    #[must_use]
    pub fn text_of<'a>(
        self,
        playbook: &'a Playbook,
        settings: &'a Settings,
    ) -> Option<&'a TextSource> {
        let mut texts = playbook.texts_or(settings);
        let text = texts.find(|(pointer, _)| Self::of_pointer(pointer) == Some(self));
        text.map(|(_, text)| text)
    }

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Overview => "overview",
            Self::Announcement => "announcement",
            Self::Welcome => "welcome",
            Self::Retrospective => "retrospective",
            Self::Postmortem => "post-mortem",
        }
    }
}

/// Whether templates of some kind have a variable of that name.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let mut kinds = TemplateKind::ALL.into_iter();
    kinds.any(|kind| {
        vocabulary::variables(kind)
            .iter()
            .any(|(known, _)| *known == name)
    })
}

/// A template whose syntax is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    name: String,
    text: String,
    /// Where the body begins, behind the front matter.
    body: usize,
    inputs: Vec<Input>,
}

impl Template {
    /// Reads a template; `name` is what messages call it, usually its path.
    ///
    /// # Errors
    /// The first problem of its front matter or syntax, with its place in `text`.
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateProblem> {
        if text.len() > LONGEST_TEMPLATE {
            return Err(TemplateProblem::syntax(
                format!(
                    "the template has {} bytes, the limit is {LONGEST_TEMPLATE}",
                    text.len()
                ),
                0..0,
            ));
        }
        let front = front_matter::read(text)?;
        size::check(text, front.body)?;
        let template = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            body: front.body,
            inputs: front.inputs,
        };
        check::syntax(&template)?;
        Ok(template)
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it asks for, in the order of the front matter.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The whole text, with the front matter.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte at which the front matter ends, and what is rendered begins.
    #[must_use]
    pub fn body_start(&self) -> usize {
        self.body
    }

    /// Whether it prints an attribute of the incident, or all of them: a guess from the
    /// words in it, which errs on the side of yes.
    #[must_use]
    pub fn may_print_attribute(&self, key: &str) -> bool {
        const ATTRIBUTES: &str = "attributes";
        let mut places = self.body().match_indices(ATTRIBUTES);
        places.any(|(at, _)| {
            let rest = self.body()[at + ATTRIBUTES.len()..].trim_start();
            let one = rest.starts_with('.') || rest.starts_with("[\"") || rest.starts_with("['");
            !one || rest[1..].trim_start_matches(['"', '\'']).starts_with(key)
        })
    }

    /// The text behind the front matter.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.text[self.body..]
    }

    /// Says what in it is wrong for a template of that kind, in the order of the file.
    #[must_use]
    pub fn check(&self, kind: TemplateKind) -> Vec<TemplateProblem> {
        check::check(self, kind)
    }

    /// What it prints and names, without rendering it.
    #[must_use]
    pub fn contents(&self) -> Contents {
        contents::contents(self)
    }

    /// Renders it for an incident.
    ///
    /// Blank lines at either end are dropped and runs of them become one, so that a
    /// branch that was not taken leaves no hole.
    ///
    /// # Errors
    /// When an input is missing or unknown, a name is not defined, or a limit is hit.
    pub fn render(&self, context: &Context) -> Result<String, TemplateError> {
        let inputs = match &context.scene {
            Scene::Update { inputs, .. } => self.complete(inputs)?,
            _ => BTreeMap::new(),
        };
        engine::render(self, context.to_value(inputs))
    }

    /// Writes it as text without an incident, for the web UI: inputs become what they ask,
    /// everything else of an incident a word in parentheses, and branches on it are left out.
    ///
    /// # Errors
    /// When its text is longer than any that Mattermost takes.
    pub fn static_text(
        &self,
        kind: TemplateKind,
        words: &StaticWords,
    ) -> Result<String, TemplateError> {
        static_text::static_text(self, kind, words)
    }

    /// The given inputs with defaults filled in.
    fn complete(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, TemplateError> {
        if let Some(key) = given
            .keys()
            .find(|k| !self.inputs.iter().any(|i| i.key == **k))
        {
            let known = self.inputs.iter().map(|i| i.key.as_str());
            return Err(TemplateError::UnknownInput {
                template: self.name.clone(),
                key: key.clone(),
                nearest: vocabulary::nearest(key, known).map(str::to_owned),
            });
        }
        let mut all = BTreeMap::new();
        for input in &self.inputs {
            let value = given.get(&input.key).filter(|v| !v.trim().is_empty());
            match value.or(input.default.as_ref()) {
                Some(value) => all.insert(input.key.clone(), value.clone()),
                None if input.required => {
                    return Err(TemplateError::MissingInput {
                        template: self.name.clone(),
                        key: input.key.clone(),
                        ask: input.ask.clone(),
                    });
                }
                None => all.insert(input.key.clone(), String::new()),
            };
        }
        Ok(all)
    }
}
