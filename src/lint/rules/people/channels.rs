//! Channels: who hears of an incident, and what becomes of its channel.

use std::collections::HashMap;

use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::{ChannelName, ChannelVisibility, Tier, Visibility};
use crate::workspace::Placed;
use crate::yaml::Part;

/// U-14: the same words twice in one channel.
pub(super) fn twice(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let broadcast = playbook
        .updates
        .as_ref()
        .map(|updates| updates.broadcast.as_slice());
    let mut first: HashMap<&ChannelName, String> = HashMap::new();
    if let Some(link) = &playbook.start.channel.link {
        first.insert(link, "/start/channel/link".to_owned());
    }
    let link = playbook.start.channel.link.as_ref();
    let broadcast = broadcast.unwrap_or_default().iter().enumerate();
    let announce = playbook.start.announce.iter().enumerate();
    let broadcast = broadcast.map(|entry| ("/updates/broadcast", entry));
    for (list, (index, channel)) in
        broadcast.chain(announce.map(|entry| ("/start/announce", entry)))
    {
        let pointer = format!("{list}/{index}");
        let Some(other) = first.get(channel) else {
            first.insert(channel, pointer);
            continue;
        };
        let message = if link == Some(channel) {
            format!("`{channel}` is the incident's own channel, and hears all of it anyway")
        } else if other.starts_with(list) {
            format!("`{channel}` appears twice in this list")
        } else {
            format!("`{channel}` hears the start already, since updates are broadcast there")
        };
        let file = scope.file();
        let there = file.place(other, Part::Value);
        let finding = scope
            .at_value(&pointer, message)
            .label("remove it")
            .related(file.source(), there, "first used here");
        scope.report(finding);
    }
}

/// U-15: a playbook for all, whose incidents nobody outside hears of.
pub(super) fn nobody_hears(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let Some(profile) = scope.around.permissions.profiles.get(&playbook.access) else {
        return;
    };
    // With a lower tier, nobody chose that the playbook is public.
    let hidden = scope.around.settings.server.tier == Tier::Enterprise
        && profile.playbook.visibility == Visibility::Public
        && profile.incident.channel == ChannelVisibility::Private;
    let broadcast = playbook
        .updates
        .as_ref()
        .is_some_and(|updates| !updates.broadcast.is_empty());
    let linked = playbook.start.channel.link.is_some();
    if !hidden || broadcast || linked || !playbook.start.announce.is_empty() {
        return;
    }
    let name = &playbook.access;
    let finding = scope
        .at_value(
            "/access",
            "everybody sees this playbook, but nobody outside the channel hears of its incidents",
        )
        .label("add a channel to `updates.broadcast`")
        .help(format!(
            "or make the channels public: `incident: {{ channel: public }}` in the profile `{name}`"
        ));
    scope.report(finding);
}

/// U-17: a channel that is somebody else's, treated as one made for the incident.
pub(super) fn linked(scope: &mut PlaybookScope<'_>) {
    let channel = &scope.playbook.start.channel;
    let (Some(link), true) = (&channel.link, channel.archive_when_ended) else {
        return;
    };
    let file = scope.file();
    let there = file.place("/start/channel/link", Part::Value);
    let finding = scope
        .at_key(
            "/start/channel/archive_when_ended",
            format!("Mattermost archives only channels that it made for an incident, and `{link}` is not one"),
        )
        .label("remove this, or remove `link`")
        .related(file.source(), there, "the channel of every incident");
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

    #[test]
    fn one_channel_is_told_once() {
        let text = "\
start:
  channel: { link: ~war-room }
  announce: [~board, ~incidents, ~board]
updates:
  every: 30m
  broadcast: [~incidents, ~war-room, ~support, ~incidents]
";
        let found = messages(Code::BroadcastSelf, &[("playbooks/outage.yaml", text)]);
        assert_eq!(
            found,
            [
                "7: `~incidents` hears the start already, since updates are broadcast there",
                "7: `~board` appears twice in this list",
                "21: `~war-room` is the incident's own channel, and hears all of it anyway",
                "21: `~incidents` appears twice in this list",
            ]
        );
    }

    #[test]
    fn stakeholders_hear_where_one_channel_does() {
        let private = "profiles: { everybody: { playbook: { visibility: public }, incident: { channel: private } } }\n";
        let found = |text: &str| {
            let files = [
                ("permissions.yaml", private),
                ("playbooks/outage.yaml", text),
            ];
            messages(Code::StakeholdersBlind, &files)
        };
        assert!(found("updates: { every: 1h, broadcast: [~incidents] }\n").is_empty());
        let announced = "start: { announce: [~board] }\nupdates: { every: 1h }\n";
        assert!(found(announced).is_empty());
        assert_eq!(found("updates: { every: 1h }\n").len(), 1);
    }

    #[test]
    fn a_new_channel_may_be_archived_and_a_linked_one_named() {
        for start in [
            "archive_when_ended: true",
            "link: ~war-room, name: \"{SEQ}\"",
            "link: ~war-room, archive_when_ended: false",
        ] {
            let text = format!("start: {{ channel: {{ {start} }} }}\n");
            assert!(
                messages(
                    Code::ChannelModeConflict,
                    &[("playbooks/outage.yaml", &text)]
                )
                .is_empty()
            );
        }
    }
}
