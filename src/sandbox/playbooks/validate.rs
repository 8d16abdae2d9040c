//! What the plugin refuses in a playbook, with its exact words.
//!
//! Owns limits and texts. Order matters and is the caller's: `create` and `put`
//! ask in different orders.

use std::collections::BTreeSet;

use serde_json::Value;

use super::object::{ChannelMode, Playbook};
use crate::sandbox::reply::Reply;
use crate::sandbox::world::World;

/// Texts that are too long for their column: an internal error, not a refusal.
pub(crate) const TITLE_LENGTH: usize = 1024;
const DESCRIPTION_LENGTH: usize = 4096;
const TEXT_LENGTH: usize = 65_535;
const METRIC_TITLE_LENGTH: usize = 512;
const METRICS: usize = 4;
const WEBHOOKS: usize = 64;
/// Bytes, unlike the others.
const CATEGORY_LENGTH: usize = 22;
const TASK_ACTIONS: usize = 10;
const CHECKLISTS_BYTES: usize = 256 * 1024;
const PREFIX_LENGTH: usize = 32;
const TEMPLATE_LENGTH: usize = 1024;

/// What a template may name beside the playbook's attributes.
pub(crate) const RESERVED_FIELDS: [&str; 4] = ["seq", "owner", "creator", "property_user"];

/// Settings that contradict themselves.
pub(crate) fn settings(world: &World, playbook: &Playbook, fields: &[&str]) -> Result<(), Reply> {
    if playbook.webhook_on_creation_enabled {
        webhooks(&playbook.webhook_on_creation_urls)?;
    }
    if playbook.webhook_on_status_update_enabled {
        webhooks(&playbook.webhook_on_status_update_urls)?;
    }
    if playbook.categorize_channel_enabled && playbook.category_name.len() > CATEGORY_LENGTH {
        return Err(Reply::refused("invalid category name"));
    }
    if playbook.new_channel_only && playbook.channel_mode == ChannelMode::LinkExistingChannel {
        return Err(Reply::refused(
            "this playbook requires runs to create a new channel, but the channel mode is set to link an existing channel",
        ));
    }
    if playbook.broadcast_enabled {
        let archived = |id: &String| world.channels.get(id).is_some_and(|c| c.delete_at != 0);
        if playbook.broadcast_channel_ids.iter().any(archived) {
            return Err(Reply::refused("broadcast channel is archived"));
        }
    }
    prefix(&playbook.run_number_prefix).map_err(|text| Reply::refused(&text))?;
    template(&playbook.channel_name_template, fields).map_err(|text| Reply::refused(&text))?;
    task_actions(playbook)
}

fn webhooks(urls: &[String]) -> Result<(), Reply> {
    if urls.len() > WEBHOOKS {
        return Err(Reply::refused(
            "too many registered urls, limit to less than 64",
        ));
    }
    for url in urls {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        if !matches!(scheme, "http" | "https") {
            return Err(Reply::refused(&format!(
                "protocol in webhook URL is {scheme}; only HTTP and HTTPS are accepted"
            )));
        }
    }
    Ok(())
}

fn task_actions(playbook: &Playbook) -> Result<(), Reply> {
    let refused = || Reply::refused("invalid task actions");
    for item in playbook.checklists.iter().flat_map(|list| &list.items) {
        let actions = item.task_actions.as_deref().unwrap_or_default();
        if actions.len() > TASK_ACTIONS {
            return Err(refused());
        }
        for action in actions {
            for part in std::iter::once(&action.trigger).chain(&action.actions) {
                let known =
                    ["keywords_by_users", "mark_item_as_done"].contains(&part.kind.as_str());
                let json = serde_json::from_str::<Value>(&part.payload);
                if !known || !json.is_ok_and(|payload| payload.is_object()) {
                    return Err(refused());
                }
            }
        }
    }
    Ok(())
}

/// Metrics: at most four, no two of one title.
pub(crate) fn metrics(playbook: &Playbook) -> Result<(), Reply> {
    let titles: BTreeSet<_> = playbook
        .metrics
        .iter()
        .map(|metric| &metric.title)
        .collect();
    if playbook.metrics.len() > METRICS || titles.len() < playbook.metrics.len() {
        return Err(Reply::refused("invalid metrics configs"));
    }
    Ok(())
}

/// Whoever does an item must be invited.
pub(crate) fn pre_assignment(playbook: &Playbook, text: &str) -> Result<(), Reply> {
    let mut items = playbook.checklists.iter().flat_map(|list| &list.items);
    let uninvited = items.any(|item| {
        let invited =
            playbook.invite_users_enabled && playbook.invited_user_ids.contains(&item.assignee_id);
        !item.assignee_id.is_empty() && !invited
    });
    if uninvited {
        return Err(Reply::refused(text));
    }
    Ok(())
}

/// Blanks and then hyphens around a prefix are cut.
pub(crate) fn trimmed_prefix(prefix: &str) -> String {
    prefix.trim().trim_matches('-').to_owned()
}

/// A prefix of run numbers, already trimmed.
pub(crate) fn prefix(prefix: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if prefix.chars().count() > PREFIX_LENGTH {
        return Err(format!(
            "run_number_prefix must be at most {PREFIX_LENGTH} characters"
        ));
    }
    if !prefix.chars().all(inner) {
        return Err("run_number_prefix must start and end with an alphanumeric character and contain only alphanumeric characters and hyphens".to_owned());
    }
    Ok(())
}

/// A template of run names; `fields` are the names of the playbook's attributes.
pub(crate) fn template(template: &str, fields: &[&str]) -> Result<(), String> {
    if template.is_empty() {
        return Ok(());
    }
    if template.trim().is_empty() {
        return Err("channel_name_template must not be whitespace-only".to_owned());
    }
    if template.chars().count() > TEMPLATE_LENGTH {
        return Err(format!(
            "channel_name_template must be at most {TEMPLATE_LENGTH} characters"
        ));
    }
    let unknown: Vec<&str> = placeholders(template)
        .into_iter()
        .map(str::trim)
        .filter(|name| !is_known_field(name, fields))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "channel name template references unknown field(s): {}",
            unknown.join(", ")
        ))
    }
}

fn is_known_field(name: &str, fields: &[&str]) -> bool {
    let name = name.to_lowercase();
    RESERVED_FIELDS.contains(&name.as_str())
        || fields
            .iter()
            .any(|field| field.trim().to_lowercase() == name)
}

/// What stands between braces, as written.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let after = &rest[start + 1..];
        let Some(end) = after.find('}') else { break };
        found.push(&after[..end]);
        rest = &after[end + 1..];
    }
    found
}

/// What the database refuses: every one of these is an internal error.
pub(crate) fn columns(playbook: &Playbook) -> Result<(), Reply> {
    let metrics = playbook.metrics.iter();
    let limits = [
        (&playbook.title, TITLE_LENGTH),
        (&playbook.description, DESCRIPTION_LENGTH),
        (&playbook.reminder_message_template, TEXT_LENGTH),
        (&playbook.message_on_join, TEXT_LENGTH),
        (&playbook.retrospective_template, TEXT_LENGTH),
        (&playbook.run_summary_template, TEXT_LENGTH),
        (&playbook.category_name, TEXT_LENGTH),
    ]
    .into_iter()
    .chain(
        metrics
            .clone()
            .map(|metric| (&metric.title, METRIC_TITLE_LENGTH)),
    )
    .chain(metrics.map(|metric| (&metric.description, DESCRIPTION_LENGTH)));
    let too_long = |(text, limit): (&String, usize)| text.chars().count() > limit;
    let mut people: Vec<_> = playbook
        .members
        .iter()
        .map(|member| &member.user_id)
        .collect();
    people.sort();
    let members = people.len();
    people.dedup();
    let checklists = serde_json::to_string(&playbook.checklists).unwrap_or_default();
    let all = serde_json::to_string(playbook).unwrap_or_default();
    // PostgreSQL has no U+0000 in texts.
    if limits.into_iter().any(too_long)
        || people.len() < members
        || checklists.len() > CHECKLISTS_BYTES
        || all.contains("\\u0000")
    {
        return Err(Reply::internal());
    }
    Ok(())
}

/// A prefix belongs to one playbook of a team.
pub(crate) fn prefix_is_free(world: &World, playbook: &Playbook) -> Result<(), Reply> {
    let prefix = playbook.run_number_prefix.to_lowercase();
    let taken = world.playbooks.iter().any(|other| {
        other.id != playbook.id
            && other.team_id == playbook.team_id
            && other.delete_at == 0
            && other.run_number_prefix.to_lowercase() == prefix
    });
    if !prefix.is_empty() && taken && playbook.delete_at == 0 {
        return Err(Reply::error(409, "duplicate entry"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_as_written() {
        assert_eq!(placeholders("{SEQ} { service }: {x"), ["SEQ", " service "]);
    }

    #[test]
    fn an_unknown_field_of_a_template_is_named() {
        assert_eq!(template("{seq} {Service}", &["service"]), Ok(()));
        let refusal = template("{Nope} {Other}", &[]).unwrap_err();
        assert!(refusal.ends_with(": Nope, Other"), "{refusal}");
    }
}
