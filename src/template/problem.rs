//! What can be wrong with a template, and what can go wrong when it is rendered.

use std::ops::Range;

/// A mistake in a template, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateProblem {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The bytes of the file that are wrong.
    pub range: Range<usize>,
    /// Which sort of mistake it is.
    pub what: ProblemKind,
}

/// The sorts of mistakes in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// It cannot be read as a template.
    Syntax,
    /// It uses a variable or an attribute that a template of its kind does not see.
    Undefined,
    /// It uses a filter, test or function that does not exist.
    UnknownCall,
    /// Its front matter is wrong.
    FrontMatter,
}

impl TemplateProblem {
    pub(super) fn new(what: ProblemKind, message: String, range: Range<usize>) -> Self {
        Self {
            message,
            help: None,
            range,
            what,
        }
    }

    pub(super) fn syntax(message: String, range: Range<usize>) -> Self {
        Self::new(ProblemKind::Syntax, message, range)
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why a template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The template itself is wrong.
    #[error("template `{template}` has a mistake: {problem}")]
    Problem {
        /// The template.
        template: String,
        /// The mistake.
        problem: TemplateProblem,
    },
    /// Rendering stopped in a line.
    #[error("could not render template `{template}`, line {line}: {reason}")]
    Failed {
        /// The template.
        template: String,
        /// The line of the file, from 1.
        line: usize,
        /// What the engine said.
        reason: String,
    },
    /// The template works too long, perhaps without end.
    #[error("could not render template `{template}`: it takes more than {limit} steps")]
    TooMuchWork {
        /// The template.
        template: String,
        /// How many steps are allowed.
        limit: u64,
    },
    /// The template writes too much.
    #[error("could not render template `{template}`: it writes more than {limit} bytes")]
    TooLong {
        /// The template.
        template: String,
        /// How many bytes are allowed.
        limit: usize,
    },
    /// An input that must be given was not.
    #[error("template `{template}` needs `{key}`: {ask}")]
    MissingInput {
        /// The template.
        template: String,
        /// The input.
        key: String,
        /// What it asks.
        ask: String,
    },
    /// An input was given that the template does not ask for.
    #[error("template `{template}` has no input `{key}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownInput {
        /// The template.
        template: String,
        /// The input that was given.
        key: String,
        /// The input that was perhaps meant.
        nearest: Option<String>,
    },
}
