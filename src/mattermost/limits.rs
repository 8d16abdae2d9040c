//! How long texts may be, and the refusal to send longer ones.
//!
//! The server answers 500 to most of these, truncates some, and a retrospective
//! one character too long ends the plugin's process: so nothing over a limit is
//! ever sent. Lengths are in characters (code points), as the database counts.

use super::error::ApiError;

/// The title of a playbook.
pub const PLAYBOOK_TITLE: usize = 1024;
/// The description of a playbook, with the marker.
pub const PLAYBOOK_DESCRIPTION: usize = 4096;
/// Templates of a playbook: status update, welcome, retrospective.
pub const PLAYBOOK_TEMPLATE: usize = 65_535;
/// The name of a sidebar category, in **bytes**.
pub const CATEGORY_NAME_BYTES: usize = 22;
/// The name of a run. Where it makes a channel, version 2.9 takes no more than [`CHANNEL_NAME`].
pub const RUN_NAME: usize = 1024;
/// The display name of a channel.
pub const CHANNEL_NAME: usize = 64;
/// The summary of a run.
pub const RUN_SUMMARY: usize = 4096;
/// The retrospective of a run. One more and the plugin's process dies.
pub const RETROSPECTIVE: usize = 65_535;
/// The message of a post, also of a status update.
pub const MESSAGE: usize = 16_383;
/// The checklists of a playbook or run, as JSON, in **bytes**.
pub const CHECKLISTS_BYTES: usize = 256 << 10;
/// The request that creates or replaces a playbook, in **bytes**.
pub const PLAYBOOK_BODY_BYTES: usize = 2 << 20;
/// Attributes of a playbook.
pub const ATTRIBUTES: usize = 20;
/// The name of an attribute.
pub const ATTRIBUTE_NAME: usize = 255;
/// An option of an attribute.
pub const ATTRIBUTE_OPTION: usize = 128;
/// Conditions of a playbook.
pub const CONDITIONS: usize = 1_000;
/// The value of a preference.
pub const PREFERENCE_VALUE: usize = 20_000;
/// Name and category of a preference.
pub const PREFERENCE_NAME: usize = 32;
/// Ids or names in one look-up.
pub const LOOK_UP: usize = 100;

/// Refuses a text that is too long.
pub(super) fn check(
    what: &'static str,
    field: &'static str,
    text: &str,
    limit: usize,
) -> Result<(), ApiError> {
    let length = text.chars().count();
    if length > limit {
        return Err(ApiError::TooLong {
            what,
            field,
            length,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        let full = "ü".repeat(PLAYBOOK_TITLE);
        assert_eq!(check("create", "the title", &full, PLAYBOOK_TITLE), Ok(()));
        let over = format!("{full}🔥");
        let error = check("create it", "the title", &over, PLAYBOOK_TITLE).unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not create it: the title has 1025 characters, and the server takes 1024"
        );
    }
}
