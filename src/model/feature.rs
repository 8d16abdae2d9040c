//! What not every server has: parts of a playbook that need a licence, or a version of Playbooks.
//!
//! Owns the one list of them. What `sync` refuses and what `lint` finds beforehand are
//! both read from it, so that neither can know more than the other. Pure.

use std::fmt;

use super::{Assign, Playbook, Profile, ServerSettings, Tier, Visibility};

/// Something that a playbook or its profile uses, and that not every server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Playbooks at all.
    Playbooks,
    /// Playbooks that only their members see.
    PrivatePlaybook,
    /// `attributes`, and the conditions on them.
    Attributes,
    /// `only_editors_edit`.
    OnlyEditorsEdit,
    /// `commander_decides`.
    CommanderDecides,
    /// `start.number_prefix`.
    NumberPrefix,
    /// `start.channel.archive_when_ended`.
    ArchiveWhenEnded,
    /// `start.channel.always_new`.
    AlwaysNewChannel,
    /// A task for whoever commands.
    AssignCommander,
    /// A task for whoever started the incident.
    AssignCreator,
    /// A task for the person in an attribute.
    AssignAttribute,
}

/// What a server must have for a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// This tier or a higher one.
    Tier(Tier),
    /// This version of the Playbooks plugin or a later one.
    Version(u32, u32),
}

impl Feature {
    /// What a server must have for it.
    #[must_use]
    pub fn need(self) -> Need {
        match self {
            Self::Playbooks => Need::Tier(Tier::Professional),
            Self::PrivatePlaybook | Self::Attributes => Need::Tier(Tier::Enterprise),
            Self::OnlyEditorsEdit
            | Self::CommanderDecides
            | Self::NumberPrefix
            | Self::ArchiveWhenEnded
            | Self::AlwaysNewChannel
            | Self::AssignCommander
            | Self::AssignCreator
            | Self::AssignAttribute => Need::Version(2, 11),
        }
    }
}

impl Playbook {
    /// What it uses that not every server has, with the JSON pointer of the first place.
    #[must_use]
    pub fn features(&self) -> Vec<(Feature, String)> {
        let channel = &self.start.channel;
        let assigned = |to: &Assign| {
            let mut tasks = self.tasks();
            let task = tasks.find(|(.., task)| task.assign.as_ref() == Some(to));
            task.map(|(n, i, _)| format!("/checklists/{n}/tasks/{i}/assign"))
        };
        let at = |used: bool, pointer: &str| used.then(|| pointer.to_owned());
        let mut tasks = self.tasks();
        let by_attribute =
            tasks.find(|(.., task)| matches!(task.assign, Some(Assign::Attribute(_))));
        let by_attribute =
            by_attribute.map(|(n, i, _)| format!("/checklists/{n}/tasks/{i}/assign"));
        [
            (Feature::Playbooks, at(true, "/key")),
            (
                Feature::Attributes,
                at(!self.attributes.is_empty(), "/attributes"),
            ),
            (
                Feature::NumberPrefix,
                at(self.start.number_prefix.is_some(), "/start/number_prefix"),
            ),
            (
                Feature::ArchiveWhenEnded,
                at(
                    channel.archive_when_ended,
                    "/start/channel/archive_when_ended",
                ),
            ),
            (
                Feature::AlwaysNewChannel,
                at(channel.always_new, "/start/channel/always_new"),
            ),
            (Feature::AssignCommander, assigned(&Assign::Commander)),
            (Feature::AssignCreator, assigned(&Assign::Creator)),
            (Feature::AssignAttribute, by_attribute),
        ]
        .into_iter()
        .filter_map(|(feature, pointer)| Some((feature, pointer?)))
        .collect()
    }
}

impl Profile {
    /// What it uses that not every server has, with the JSON pointer inside the profile.
    pub fn features(&self) -> impl Iterator<Item = (Feature, &'static str)> {
        let (playbook, incident) = (&self.playbook, &self.incident);
        [
            (
                Feature::PrivatePlaybook,
                "/playbook/visibility",
                playbook.visibility == Visibility::Private,
            ),
            (
                Feature::OnlyEditorsEdit,
                "/playbook/only_editors_edit",
                playbook.only_editors_edit,
            ),
            (
                Feature::CommanderDecides,
                "/incident/commander_decides",
                incident.commander_decides,
            ),
        ]
        .into_iter()
        .filter_map(|(feature, pointer, used)| used.then_some((feature, pointer)))
    }
}

impl ServerSettings {
    /// Whether the server has a feature, as far as the settings say what it has.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        match feature.need() {
            Need::Tier(tier) => self.tier >= tier,
            Need::Version(major, minor) => self
                .version()
                .is_none_or(|version| version >= (major, minor)),
        }
    }

    /// What the settings say of that which a need is about: the tier, or the version.
    #[must_use]
    pub fn assumed(&self, need: Need) -> String {
        match need {
            Need::Tier(_) => self.tier.as_str().to_owned(),
            Need::Version(..) => self.playbooks.clone().unwrap_or_default(),
        }
    }

    fn version(&self) -> Option<(u32, u32)> {
        let mut parts = self.playbooks.as_deref()?.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    }
}

impl Tier {
    /// The word for it in `warroom.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Playbooks => "a playbook",
            Self::PrivatePlaybook => "a private playbook",
            Self::Attributes => "`attributes`",
            Self::OnlyEditorsEdit => "`only_editors_edit`",
            Self::CommanderDecides => "`commander_decides`",
            Self::NumberPrefix => "`start.number_prefix`",
            Self::ArchiveWhenEnded => "`start.channel.archive_when_ended`",
            Self::AlwaysNewChannel => "`start.channel.always_new`",
            Self::AssignCommander => "`assign: commander`",
            Self::AssignCreator => "`assign: creator`",
            Self::AssignAttribute => "`assign: attribute:KEY`",
        })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tier(tier) => write!(f, "the tier `{}`", tier.as_str()),
            Self::Version(major, minor) => write!(f, "Playbooks {major}.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(tier: Tier, playbooks: Option<&str>) -> ServerSettings {
        ServerSettings {
            url: None,
            playbooks: playbooks.map(str::to_owned),
            tier,
        }
    }

    #[test]
    fn what_is_not_assumed_is_there() {
        assert!(server(Tier::Enterprise, None).has(Feature::NumberPrefix));
        for (version, has) in [
            ("2.9", false),
            ("2.10.4", false),
            ("2.11", true),
            ("2.11.3", true),
            ("3.0", true),
        ] {
            let server = server(Tier::Enterprise, Some(version));
            assert_eq!(server.has(Feature::NumberPrefix), has, "{version}");
        }
    }

    #[test]
    fn a_tier_has_what_lower_ones_have() {
        let has = |tier, feature| server(tier, None).has(feature);
        assert!(!has(Tier::Core, Feature::Playbooks));
        assert!(has(Tier::Professional, Feature::Playbooks));
        assert!(!has(Tier::Professional, Feature::PrivatePlaybook));
        assert!(has(Tier::Enterprise, Feature::PrivatePlaybook));
    }

    #[test]
    fn the_words_of_tiers_are_those_of_the_files() {
        for tier in [Tier::Core, Tier::Professional, Tier::Enterprise] {
            assert_eq!(serde_json::to_value(tier).unwrap(), tier.as_str());
        }
    }
}
