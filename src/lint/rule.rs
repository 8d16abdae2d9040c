//! What a rule is: its code, its documentation, and who checks it.

use super::scope::{
    ChangeScope, FileScope, PlaybookScope, SettingsScope, TemplateScope, WorkspaceScope,
};
use crate::diag::{Code, Level};

/// A rule.
///
/// Texts are Markdown for people who edit playbooks. The examples are run by tests:
/// the bad one makes the rule speak, the good one does not.
#[derive(Debug)]
pub struct Rule {
    /// Id, name and levels.
    pub code: Code,
    /// What exactly it catches, and which case has which level.
    pub what: &'static str,
    /// Why it hurts in an incident.
    pub(super) why: &'static str,
    /// What it finds.
    pub(super) bad: Example,
    /// The same, mended.
    pub(super) good: Example,
    /// Who checks it; several where several kinds of file are concerned.
    pub(super) checks: &'static [Check],
}

/// Files of a workspace: path and text.
///
/// Of a YAML file only the top-level keys that matter: the others are those of the
/// small workspace that the tests of `lint` share.
pub(super) type Example = &'static [(&'static str, &'static str)];

/// Who checks a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// Reading and validating: `validate` reports it.
    Structure,
    /// Linting itself: it is about allowances and levels, and no function of its own.
    Lint,
    /// Every playbook on its own.
    Playbook(fn(&mut PlaybookScope<'_>)),
    /// Every YAML file on its own, as a tree.
    File(fn(&mut FileScope<'_>)),
    /// `warroom.yaml`.
    Settings(fn(&mut SettingsScope<'_>)),
    /// Every template that somebody names, with what it is used as.
    Template(fn(&mut TemplateScope<'_>)),
    /// All files together.
    Workspace(fn(&mut WorkspaceScope<'_>)),
    /// All files together, beside those of an earlier commit.
    Change(fn(&mut ChangeScope<'_>)),
    /// Only a server can tell: what it is asked for.
    Online(&'static str),
    /// Nothing yet: what it waits for.
    Deferred(&'static str),
}

impl Rule {
    /// Whether `validate` alone reports it.
    pub(super) fn is_structure(&self) -> bool {
        self.checks.iter().all(|c| matches!(c, Check::Structure))
    }

    /// Whether it always has its own level and cannot be excused: the structure, and the
    /// rules about excuses.
    pub(super) fn is_fixed(&self) -> bool {
        let fixed = |check: &Check| matches!(check, Check::Structure | Check::Lint);
        self.checks.iter().all(fixed)
    }

    /// Whether some of it runs without a server.
    pub(super) fn is_offline(&self) -> bool {
        let later = |check: &Check| matches!(check, Check::Online(_) | Check::Deferred(_));
        !self.checks.iter().all(later)
    }

    /// Whether a workspace may not make it milder: whoever opens a pull request must not
    /// switch off what protects secrets, hosts and conversations.
    pub(super) fn is_protected(&self) -> bool {
        matches!(
            self.code,
            Code::Secret | Code::WebhookTarget | Code::TranscriptPolicy | Code::TemplatePrivate
        )
    }

    /// Whether some of it needs an earlier commit to compare with.
    #[must_use]
    pub fn compares(&self) -> bool {
        let change = |check: &Check| matches!(check, Check::Change(_));
        self.checks.iter().any(change)
    }

    /// Whether all of it that `lint` checks needs an earlier commit to compare with.
    pub(super) fn is_about_changes(&self) -> bool {
        let now = |check: &Check| {
            !matches!(
                check,
                Check::Change(_) | Check::Online(_) | Check::Deferred(_)
            )
        };
        self.compares() && !self.checks.iter().any(now)
    }

    /// Who checks it, in a word.
    #[must_use]
    pub fn checked_by(&self) -> &'static str {
        if self.is_structure() {
            return "validate";
        }
        let online = |check: &Check| matches!(check, Check::Online(_));
        match (self.is_offline(), self.checks.iter().any(online)) {
            _ if self.is_about_changes() => "lint --base",
            (true, _) => "lint",
            (false, true) => "needs a server",
            (false, false) => "not yet",
        }
    }

    /// Its usual level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.code.level()
    }
}
