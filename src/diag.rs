//! What is wrong with a file, as values.
//!
//! Owns findings, their codes, the places they point at and the texts of files
//! that all findings of a file share. Pure: reads no file, prints nothing and
//! decides no exit code. A finding is not an error: it says that a file is wrong,
//! never that warroom could not do its job.

mod code;
mod fingerprint;
mod fix;
pub(crate) mod secret;
mod source;
mod suggest;

use std::sync::Arc;

pub use code::{Code, Level};
pub use fingerprint::fingerprints;
pub use fix::{Edit, Fix};
pub use source::{Position, Source, Span, escaped_json, one_line};
pub use suggest::{did_you_mean, listed, nearest, only_near};

/// One thing that is wrong with a file.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// How seriously it is taken.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What stands beside the marked text: the fix, where there is an obvious one.
    pub label: String,
    /// What else helps.
    pub help: Option<String>,
    /// The file.
    pub source: Arc<Source>,
    /// The marked text, in bytes of [`Source::text`].
    pub span: Span,
    /// Other places that take part, such as the first of two equal keys.
    pub related: Vec<Related>,
    /// What mends it, where there is one safe answer.
    pub fix: Option<Box<Fix>>,
}

/// Another place that takes part in a finding.
#[derive(Debug, Clone)]
pub struct Related {
    /// What it has to do with the finding.
    pub message: String,
    /// The file.
    pub source: Arc<Source>,
    /// The marked text.
    pub span: Span,
}

impl Finding {
    /// A finding at the default level of its code.
    #[must_use]
    pub fn new(code: Code, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level(),
            message: message.into(),
            label: String::new(),
            help: None,
            source: Arc::clone(source),
            span,
            related: Vec::new(),
            fix: None,
        }
    }

    /// The same finding, taken that seriously.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same finding with a text beside the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same finding with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding with another place that takes part.
    #[must_use]
    pub fn related(mut self, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related {
            message: message.into(),
            source: Arc::clone(source),
            span,
        });
        self
    }

    /// Where the marked text begins.
    #[must_use]
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where the marked text ends.
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }
}

/// Puts findings into the order in which they are shown: by file, place and code.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.span.start, f.span.end, f.code);
        a.source
            .name()
            .cmp(b.source.name())
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| a.message.cmp(&b.message))
    });
}
