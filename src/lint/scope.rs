//! What a rule sees, and where its findings go: one scope for each kind of check.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::around::Around;
use super::before::Before;
use super::kept::Kept;
use crate::diag::{Code, Finding, Source, Span};
use crate::model::Playbook;
use crate::template::{Sample, Template, TemplateError, TemplateKind};
use crate::workspace::{self, Document, Placed, Tree};

/// A YAML file in which a rule points at places.
pub(super) trait Scope {
    /// The file.
    type File: Placed;

    /// The file.
    fn file(&self) -> &Self::File;

    /// The rule that runs.
    fn code(&self) -> Code;

    /// Where findings go.
    fn findings(&mut self) -> &mut Vec<Finding>;

    /// A finding of this rule at a value.
    fn at_value(&self, pointer: &str, message: impl Into<String>) -> Finding {
        self.file().at_value(self.code(), pointer, message)
    }

    /// A finding of this rule at a key.
    fn at_key(&self, pointer: &str, message: impl Into<String>) -> Finding {
        self.file().at_key(self.code(), pointer, message)
    }

    /// Takes a finding.
    fn report(&mut self, finding: Finding) {
        self.findings().push(finding);
    }
}

macro_rules! scope {
    ($name:ident, $file:ty) => {
        impl<'a> Scope for $name<'a> {
            type File = $file;

            fn file(&self) -> &$file {
                self.file
            }

            fn code(&self) -> Code {
                self.code
            }

            fn findings(&mut self) -> &mut Vec<Finding> {
                self.findings
            }
        }
    };
}

macro_rules! together {
    ($name:ident) => {
        impl $name<'_> {
            /// A finding of this rule at a value of a YAML file.
            #[must_use]
            pub(super) fn at_value(
                &self,
                path: &str,
                pointer: &str,
                message: impl Into<String>,
            ) -> Finding {
                let document = self.around.document(path);
                document.at_value(self.code, pointer, message)
            }

            /// Takes a finding.
            pub(super) fn report(&mut self, finding: Finding) {
                self.findings.push(finding);
            }
        }
    };
}

/// A playbook.
#[derive(Debug)]
pub(super) struct PlaybookScope<'a> {
    /// The workspace around it.
    pub(super) around: &'a Around<'a>,
    /// What it says.
    pub(super) playbook: &'a Playbook,
    pub(super) file: &'a Tree<'a>,
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}
scope!(PlaybookScope, Tree<'a>);

/// A YAML file as a tree.
#[derive(Debug)]
pub(super) struct FileScope<'a> {
    /// Its tree.
    pub(super) file: &'a Tree<'a>,
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}
scope!(FileScope, Tree<'a>);

/// `warroom.yaml`.
#[derive(Debug)]
pub(super) struct SettingsScope<'a> {
    /// The workspace around it, and what it says itself.
    pub(super) around: &'a Around<'a>,
    pub(super) file: &'a Document,
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}
scope!(SettingsScope, Document);

/// A template that somebody names.
#[derive(Debug)]
pub(super) struct TemplateScope<'a> {
    /// The workspace around it.
    pub(super) around: &'a Around<'a>,
    /// Its text.
    pub(super) source: &'a Arc<Source>,
    /// The same, parsed.
    pub(super) template: &'a Template,
    /// What it is used as.
    pub(super) kinds: &'a BTreeSet<TemplateKind>,
    /// What it becomes.
    pub(super) renderings: &'a [Rendering],
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// What a template becomes for a made-up incident.
#[derive(Debug)]
pub(super) struct Rendering {
    /// What it was used as.
    pub(super) kind: TemplateKind,
    /// How much the incident had to say.
    pub(super) sample: Sample,
    /// The file of the playbook that the incident followed.
    pub(super) playbook: String,
    /// The message, or why there is none.
    pub(super) text: Result<String, TemplateError>,
}

impl TemplateScope<'_> {
    /// The text that is sent, without blanks before it; the beginning of the file where there is none.
    #[must_use]
    pub(super) fn body(&self) -> Span {
        let text = self.source.text();
        let body = text[self.template.body_start()..].trim_start();
        if body.is_empty() {
            return Span::new(0, 0);
        }
        Span::new(text.len() - body.len(), text.len())
    }

    /// A finding of this rule at a range of the template's text.
    #[must_use]
    pub(super) fn at(&self, span: Span, message: impl Into<String>) -> Finding {
        let span = self.source.first_line(span);
        Finding::new(self.code, self.source, span, message)
    }

    /// Takes a finding.
    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// All files together.
#[derive(Debug)]
pub(super) struct WorkspaceScope<'a> {
    /// The settings and permissions.
    pub(super) around: &'a Around<'a>,
    /// The playbooks, ordered by path.
    pub(super) playbooks: &'a [(&'a workspace::Outline, &'a Kept)],
    /// How many playbooks could not be understood: what they use, nobody knows.
    pub(super) not_understood: usize,
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}
together!(WorkspaceScope);

impl WorkspaceScope<'_> {
    /// A finding of this rule at a key of a YAML file.
    #[must_use]
    pub(super) fn at_key(&self, path: &str, pointer: &str, message: impl Into<String>) -> Finding {
        let document = self.around.document(path);
        document.at_key(self.code, pointer, message)
    }
}

/// All files together, beside those of an earlier commit.
#[derive(Debug)]
pub(super) struct ChangeScope<'a> {
    /// The settings and permissions as they are now.
    pub(super) around: &'a Around<'a>,
    /// The playbooks as they are now, ordered by path.
    pub(super) playbooks: &'a [(&'a workspace::Outline, &'a Kept)],
    /// What all of it was.
    pub(super) before: &'a Before,
    pub(super) code: Code,
    pub(super) findings: &'a mut Vec<Finding>,
}
together!(ChangeScope);
