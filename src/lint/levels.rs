//! How seriously each rule is taken: `lint.levels` of `warroom.yaml`.

use crate::diag::{Code, Finding, Level, did_you_mean};
use crate::model::{RuleLevel, Settings};
use crate::workspace::{Document, Placed};

use super::rules;

/// What a workspace says about one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// Nothing: each finding has its own level.
    Usual,
    /// The rule does not run.
    Off,
    /// Every finding has this level.
    To(Level),
}

/// What the workspace says about a rule; what it may not say counts as not said.
pub(super) fn of(settings: &Settings, code: Code) -> Set {
    let Some(level) = settings.lint.levels.get(code.id()) else {
        return Set::Usual;
    };
    if refused(code, *level).is_some() {
        return Set::Usual;
    }
    match to(*level) {
        None => Set::Off,
        Some(level) => Set::To(level),
    }
}

/// Y-23: levels of rules that do not exist, or that cannot have them.
pub(super) fn check(settings: &Settings, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, level) in &settings.lint.levels {
        let pointer = format!("/lint/levels/{id}");
        let Some(code) = Code::of_id(id) else {
            let message = format!("there is no rule `{}`", crate::diag::one_line(id));
            let finding = document.at_key(Code::BadLevel, &pointer, message);
            let ids = rules::all().map(|rule| rule.code.id());
            let label = did_you_mean(id, ids).unwrap_or_else(|| "remove it".to_owned());
            findings.push(
                finding
                    .label(label)
                    .help("`warroom lint --list` shows all rules"),
            );
            continue;
        };
        if let Some(reason) = refused(code, *level) {
            let message = format!(
                "the level of {id} `{}` cannot be changed to this",
                code.name()
            );
            let finding = document.at_value(Code::BadLevel, &pointer, message);
            findings.push(finding.label("remove it").help(reason));
        }
    }
    findings
}

fn refused(code: Code, level: RuleLevel) -> Option<&'static str> {
    let rule = rules::of_code(code);
    if rule.is_structure() {
        return Some(
            "`validate` finds it, and what is wrong with the structure is always an error",
        );
    }
    if rule.is_fixed() {
        return Some("it says what is wrong with excuses and levels, and always has its own");
    }
    if rule.is_protected() && to(level).is_none_or(|level| level < rule.level()) {
        return Some(
            "it protects secrets, hosts and conversations, so nobody may switch it off for a whole workspace; \
             excuse one place with `# lint: allow(ID) reason`",
        );
    }
    None
}

fn to(level: RuleLevel) -> Option<Level> {
    match level {
        RuleLevel::Off => None,
        RuleLevel::Info => Some(Level::Info),
        RuleLevel::Warn => Some(Level::Warning),
        RuleLevel::Error => Some(Level::Error),
    }
}
