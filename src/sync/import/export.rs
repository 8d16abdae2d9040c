//! The file that the web UI's *Export* makes: a playbook without whatever belongs to one server.
//!
//! Owns what of it is believed: version 1, and the keys that a playbook has. It names no
//! people and no channels. Pure.

use serde_json::Value;

use crate::sync::canonical::PlaybookState;
use crate::sync::directory::Directory;
use crate::sync::wire::{Beside, RawPlaybook};

/// The most bytes of such a file.
pub const MOST_BYTES: usize = 4 << 20;

/// What such a file never says.
pub(super) const NOTE: &str = "an exported file names no people, channels or addresses: say in `permissions.yaml` who may see and edit it, and in the playbook who is invited and where updates are heard";

/// Says why a file is no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It is too large.
    #[error("it has more than {} MiB, which no playbook has", MOST_BYTES >> 20)]
    TooLarge,
    /// It is no JSON, or other JSON.
    #[error("it is no playbook that Mattermost exported: {0}")]
    Other(String),
    /// Another version wrote it.
    #[error("it is of version {0}, and only version 1 is known")]
    Version(String),
}

/// The playbook that an exported file holds.
///
/// # Errors
/// When the file is not what *Export* makes.
pub fn exported(bytes: &[u8]) -> Result<PlaybookState, ExportError> {
    if bytes.len() > MOST_BYTES {
        return Err(ExportError::TooLarge);
    }
    let other = |error: serde_json::Error| ExportError::Other(error.to_string());
    let value: Value = serde_json::from_slice(bytes).map_err(other)?;
    let Value::Object(mut fields) = value else {
        return Err(ExportError::Other("it is no JSON object".to_owned()));
    };
    match fields.get("version") {
        Some(version) if *version == 1 => {}
        Some(version) => return Err(ExportError::Version(version.to_string())),
        None => return Err(ExportError::Other("it has no `version`".to_owned())),
    }
    if !matches!(fields.get("checklists"), Some(Value::Array(_))) {
        return Err(ExportError::Other("it has no `checklists`".to_owned()));
    }
    let mut take = |key: &str| fields.remove(key).filter(|value| !value.is_null());
    let list = || Value::Array(Vec::new());
    let properties = take("properties").unwrap_or_else(list);
    let conditions = take("conditions").unwrap_or_else(list);
    let beside = Beside {
        attributes: serde_json::from_value(properties).map_err(other)?,
        conditions: serde_json::from_value(conditions).map_err(other)?,
    };
    let mut state = RawPlaybook(fields).state(&beside, &Directory::default());
    // Whatever the file says about people belongs to the server that it came from.
    state.members = Some(std::collections::BTreeMap::new());
    (state.start_webhooks, state.update_webhooks) = (Some(0), Some(0));
    state.participants_join = true;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_is_refused_with_the_reason() {
        let said = |text: &str| exported(text.as_bytes()).unwrap_err().to_string();
        insta::assert_snapshot!(said("{"), @"it is no playbook that Mattermost exported: EOF while parsing an object at line 1 column 1");
        insta::assert_snapshot!(said("[]"), @"it is no playbook that Mattermost exported: it is no JSON object");
        insta::assert_snapshot!(said("{}"), @"it is no playbook that Mattermost exported: it has no `version`");
        insta::assert_snapshot!(said(r#"{"version": 2}"#), @"it is of version 2, and only version 1 is known");
        insta::assert_snapshot!(said(r#"{"version": 1}"#), @"it is no playbook that Mattermost exported: it has no `checklists`");
        assert_eq!(
            exported(&vec![b' '; MOST_BYTES + 1]),
            Err(ExportError::TooLarge)
        );
    }

    #[test]
    fn a_recorded_export_is_a_playbook() {
        for version in ["2.9", "2.11"] {
            let path = format!(
                "{}/tests/contract/playbooks-{version}/playbook-export-import.json",
                env!("CARGO_MANIFEST_DIR")
            );
            let recorded: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
            let steps = recorded["steps"].as_array().unwrap().iter();
            let mut exports = steps.filter(|step| {
                step["path"].as_str().unwrap().ends_with("/export") && step["status"] == 200
            });
            let export = &exports.next().unwrap()["response"];
            let state = exported(export.to_string().as_bytes()).unwrap();
            assert_eq!(state.title, "Full playbook");
            assert_eq!(state.attributes.len(), 1);
            let titles: Vec<&str> = state.tasks().map(|(_, task)| task.title.as_str()).collect();
            assert_eq!(titles, ["Page on-call", "Watch for keyword"]);
            assert!(state.tasks().any(|(_, task)| task.when.is_some()));
            assert_eq!(state.retrospective_every, Some(86_400));
        }
    }
}
