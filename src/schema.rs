//! The JSON schemas of the files of a workspace, and what they find.
//!
//! The schemas are generated from the typed model, committed in `schema/` and
//! embedded from there: editors and `validate` go by the same text. Each is
//! compiled once and runs on the YAML tree in place. Owns the wording of what the
//! validator finds. The only room that knows the validator.

mod finding;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod hover;
mod instance;
mod leak;
mod rename;
mod ruled;
mod secret;
mod vocabulary;
mod wording;

use std::sync::{Arc, OnceLock};

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::diag::{Finding, Source};
use crate::model::{Assign, Budget, Duration, Person, TemplatePath, TextSource, site_url, web_url};
use crate::yaml::Node;

pub use finding::MOST_ERRORS;
use instance::Yaml;
pub use leak::{Leak, leaks};
pub use secret::{hide_secrets, starred, without_secrets};

/// Which file of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `playbooks/**.yaml`.
    Playbook,
    /// `permissions.yaml`.
    Permissions,
    /// `warroom.yaml`.
    Workspace,
}

/// A schema, compiled.
struct Schema {
    value: Value,
    validator: Validator<Yaml>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Playbook, Self::Permissions, Self::Workspace];

    /// What people call it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Playbook => "playbook",
            Self::Permissions => "permissions",
            Self::Workspace => "workspace",
        }
    }

    /// The files that its schema is for, as a pattern that editors understand.
    #[must_use]
    pub fn files(self) -> &'static str {
        match self {
            Self::Playbook => "playbooks/**/*.yaml",
            Self::Permissions => "permissions.yaml",
            Self::Workspace => "warroom.yaml",
        }
    }

    /// What its schema says of itself, in one sentence.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.schema().value["description"]
            .as_str()
            .unwrap_or_default()
    }

    /// The name of its schema's file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Playbook => "playbook.schema.json",
            Self::Permissions => "permissions.schema.json",
            Self::Workspace => "workspace.schema.json",
        }
    }

    /// The text of its schema.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Playbook => include_str!("../schema/playbook.schema.json"),
            Self::Permissions => include_str!("../schema/permissions.schema.json"),
            Self::Workspace => include_str!("../schema/workspace.schema.json"),
        }
    }

    fn schema(self) -> &'static Schema {
        static PLAYBOOK: OnceLock<Schema> = OnceLock::new();
        static PERMISSIONS: OnceLock<Schema> = OnceLock::new();
        static WORKSPACE: OnceLock<Schema> = OnceLock::new();
        let schema = match self {
            Self::Playbook => &PLAYBOOK,
            Self::Permissions => &PERMISSIONS,
            Self::Workspace => &WORKSPACE,
        };
        schema.get_or_init(|| compile(self.text()))
    }
}

/// Checks a tree against the schema of its file.
#[must_use]
pub fn check(kind: Kind, root: &Node<'_>, source: &Arc<Source>) -> Vec<Finding> {
    let schema = kind.schema();
    if schema.validator.is_valid(root) {
        return Vec::new();
    }
    finding::of_errors(kind, schema, root, source)
}

fn compile(text: &str) -> Schema {
    let value: Value = serde_json::from_str(text).expect("a test parses the committed schemas");
    let validator = jsonschema::options_for::<Yaml>()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .with_format("warroom-duration", |text| text.parse::<Duration>().is_ok())
        .with_format("warroom-text", |text| text.parse::<TextSource>().is_ok())
        .with_format("warroom-folder", is_folder)
        .with_format("warroom-budget", |text| text.parse::<Budget>().is_ok())
        .with_format("warroom-person", |text| text.parse::<Person>().is_ok())
        .with_format("warroom-assign", |text| text.parse::<Assign>().is_ok())
        .with_format("warroom-site", |text| site_url(text).is_ok())
        .with_format("warroom-url", |text| web_url(text).is_ok())
        .with_format("date", |text| text.parse::<jiff::civil::Date>().is_ok())
        .build(&value)
        .expect("a test compiles the committed schemas");
    Schema { value, validator }
}

/// A folder of the workspace that warroom may write to: none that a tool keeps for itself, such as `.git`.
fn is_folder(text: &str) -> bool {
    text.parse::<TemplatePath>().is_ok() && !text.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schemas_compile() {
        for kind in Kind::ALL {
            assert!(kind.schema().value.is_object(), "{kind:?}");
        }
    }

    #[test]
    fn a_file_with_countless_mistakes_is_not_told_to_the_end() {
        let lines: Vec<String> = (0..20_000).map(|n| format!("k{n}: v")).collect();
        let source = Arc::new(Source::new("x.yaml", lines.join("\n")));
        let root = crate::yaml::read(&source).root.unwrap();
        assert!(check(Kind::Workspace, &root, &source).len() < 1_100);
    }

    #[test]
    fn incidents_are_never_written_into_a_hidden_folder_or_outside() {
        for folder in [".git", ".git/hooks", "a/.b", "../x", "/x", "a//b", ""] {
            assert!(!is_folder(folder), "{folder}");
        }
        assert!(is_folder("docs/incidents"));
    }
}
