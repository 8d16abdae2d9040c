//! Which Playbooks plugin answers, and what it can do.
//!
//! Owns the feature test. The version is known for certain only to system
//! administrators and where the plugin ships a web part; else the keys of a
//! playbook tell the two generations apart.

use std::fmt;

use super::playbook::Playbook;
use crate::mattermost::client::Reader;
use crate::mattermost::error::ApiError;

/// The id of the plugin.
pub(super) const PLUGIN: &str = "playbooks";

/// A version of the plugin: major, minor, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaybooksVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

/// What not every version can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Numbers, name templates, locks, archiving of channels, types of assignees.
    Numbering,
    /// Writes to a finished run are refused.
    FinishedRunsAreReadOnly,
    /// Dates and people as values of attributes.
    DateAndUserValues,
}

impl PlaybooksVersion {
    /// The oldest version with everything in [`Feature`].
    pub const V2_11: Self = Self {
        major: 2,
        minor: 11,
        patch: 0,
    };
    /// The oldest version that warroom is tested with.
    pub const V2_9: Self = Self {
        major: 2,
        minor: 9,
        patch: 0,
    };

    /// Reads `2.11.0`, `2.11`, or `v2.11.0-rc1+abc`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let numbers = text.trim().trim_start_matches('v');
        let numbers = numbers.split(['-', '+']).next()?;
        let mut parts = numbers.split('.');
        let version = Self {
            major: parts.next()?.parse().ok()?,
            minor: parts.next()?.parse().ok()?,
            patch: parts.next().map_or(Some(0), |patch| patch.parse().ok())?,
        };
        parts.next().is_none().then_some(version)
    }

    /// Whether that version can do it.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        let (major, minor) = match feature {
            Feature::Numbering | Feature::DateAndUserValues => (2, 11),
            Feature::FinishedRunsAreReadOnly => (2, 10),
        };
        (self.major, self.minor) >= (major, minor)
    }

    /// The generation that a playbook read from the server shows; `None` for one that was not.
    #[must_use]
    pub fn shown_by(playbook: &Playbook) -> Option<Self> {
        playbook.id.given()?;
        Some(match playbook.run_number_prefix {
            Some(_) => Self::V2_11,
            None => Self::V2_9,
        })
    }
}

impl fmt::Display for PlaybooksVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Reader {
    /// Finds the version of the Playbooks plugin, if this account may know it.
    ///
    /// `None` says that a plugin answers and does not tell its version: look at the keys of a
    /// playbook with [`PlaybooksVersion::shown_by`], or assume the older generation.
    ///
    /// Core API: `GET /plugins/webapp`, then `GET /plugins/statuses`, then one entry
    /// of the plugin's `GET /playbooks`: at most three requests.
    ///
    /// # Errors
    /// [`ApiError::PluginAbsent`] when no Playbooks answers.
    pub async fn playbooks_version(&self) -> Result<Option<PlaybooksVersion>, ApiError> {
        let web = self.web_plugins().await?;
        let shown = web.iter().find(|plugin| plugin.id == PLUGIN);
        if let Some(version) = shown.and_then(|plugin| PlaybooksVersion::parse(&plugin.version)) {
            return Ok(Some(version));
        }
        match self.plugin_statuses().await {
            Ok(plugins) => {
                let running = plugins
                    .iter()
                    .find(|plugin| plugin.plugin_id == PLUGIN && plugin.is_running());
                if let Some(version) =
                    running.and_then(|plugin| PlaybooksVersion::parse(&plugin.version))
                {
                    return Ok(Some(version));
                }
            }
            Err(ApiError::Forbidden(_)) => {}
            Err(error) => return Err(error),
        }
        self.playbooks_answer().await?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let parse = |text| PlaybooksVersion::parse(text).unwrap();
        assert!(parse("2.9.2") < parse("2.11.0"));
        assert_eq!(parse("v2.11.0-rc1+abc"), PlaybooksVersion::V2_11);
        assert_eq!(parse("2.11"), PlaybooksVersion::V2_11);
        assert_eq!(PlaybooksVersion::parse("latest"), None);
        assert_eq!(PlaybooksVersion::parse("2.9.2.1"), None);
    }

    #[test]
    fn a_playbook_shows_the_generation() {
        let mut playbook = Playbook::default();
        assert_eq!(PlaybooksVersion::shown_by(&playbook), None);
        playbook.id = "p".into();
        assert_eq!(
            PlaybooksVersion::shown_by(&playbook),
            Some(PlaybooksVersion::V2_9)
        );
        playbook.run_number_prefix = Some(String::new());
        assert!(
            PlaybooksVersion::shown_by(&playbook)
                .is_some_and(|version| version.has(Feature::Numbering))
        );
    }
}
