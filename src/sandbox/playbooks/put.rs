//! `PUT /playbooks/{id}`: the whole playbook is replaced.
//!
//! What is left out becomes zero; what the caller may not name is dropped
//! silently. The answer is empty.

use std::collections::BTreeMap;

use super::access::Right;
use super::object::{Member, Metric, Playbook};
use super::validate;
use crate::sandbox::call::{Call, decode};
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "PUT",
    "/plugins/playbooks/api/v0/playbooks/{playbook_id}",
    put,
)];

/// Smaller than elsewhere in the plugin.
const LARGEST_BODY: usize = 2 << 20;

fn put(world: &mut World, call: &Call) -> Answer {
    if call.body.len() > LARGEST_BODY {
        return Err(Reply::refused("unable to read request body"));
    }
    let refused = || Reply::refused("unable to decode playbook");
    let sent = call.value().ok_or_else(refused)?;
    let keeps_lock = sent
        .get("admin_only_edit")
        .is_none_or(serde_json::Value::is_null);
    let mut new: Playbook = decode(sent).ok_or_else(refused)?;
    let old = world
        .playbooks
        .get(call.param("playbook_id"))
        .ok_or_else(Reply::internal)?
        .clone();
    new.id.clone_from(&old.id);
    if keeps_lock {
        new.admin_only_edit = old.admin_only_edit;
    }
    validate::metrics(&new)?;
    require_change(world, &call.user, &old, &new)?;
    drop_strangers(world, &mut new);
    if old.delete_at != 0 {
        return Err(Reply::refused("Playbook cannot be modified"));
    }
    if new.delete_at != 0 {
        return Err(Reply::internal());
    }
    new.run_number_prefix = validate::trimmed_prefix(&new.run_number_prefix);
    let fields = world.field_names(&old.id);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    validate::settings(world, &new, &fields)?;
    validate::pre_assignment(&new, "Invalid user pre-assignment")?;
    validate::prefix_is_free(world, &new)?;
    validate::columns(&new)?;
    replace(world, &old, new);
    Ok(Reply::empty(200))
}

fn replace(world: &mut World, old: &Playbook, mut new: Playbook) {
    new.create_at = old.create_at;
    new.update_at = world.now();
    new.last_run_number = old.last_run_number;
    new.metrics = merged_metrics(world, old, new.metrics);
    new.settle();
    world.playbooks.insert(new);
}

/// Known metrics keep their type, unknown ids are dropped, those without an id are new.
fn merged_metrics(world: &mut World, old: &Playbook, sent: Vec<Metric>) -> Vec<Metric> {
    let mut merged = Vec::new();
    for mut metric in sent {
        if metric.id.is_empty() {
            metric.id = world.new_id();
        } else if let Some(known) = old.metrics.iter().find(|known| known.id == metric.id) {
            metric.kind.clone_from(&known.kind);
        } else {
            continue;
        }
        metric.playbook_id.clone_from(&old.id);
        merged.push(metric);
    }
    merged
}

/// Whether this caller may turn one playbook into the other.
fn require_change(world: &World, user: &str, old: &Playbook, new: &Playbook) -> Result<(), Reply> {
    let may = |right| world.may_with_playbook(user, old, right);
    let administers = world.administers_playbook(user, old);
    let added: Vec<String> = new
        .broadcast_channel_ids
        .iter()
        .filter(|id| !old.broadcast_channel_ids.contains(id))
        .cloned()
        .collect();
    let allowed = world.may_edit_playbook(user, old)
        && world.may_in_team(user, &new.team_id, "view_team")
        && world.may_post_in_all(user, &added)
        && (new.members == old.members || may(Right::ManageMembers))
        && (!roles_change(&old.members, &new.members) || may(Right::ManageRoles))
        && (!old.public || new.public || may(Right::MakePrivate))
        && (old.public || !new.public || may(Right::MakePublic))
        && (old.admin_only_edit == new.admin_only_edit || administers)
        && (old.owner_group_only_actions == new.owner_group_only_actions || administers);
    if allowed {
        Ok(())
    } else {
        Err(Reply::forbidden())
    }
}

/// Whether anybody gets other roles, or somebody new more than a plain member's.
fn roles_change(old: &[Member], new: &[Member]) -> bool {
    let before: BTreeMap<_, _> = old.iter().map(|m| (&m.user_id, &m.roles)).collect();
    let plain = vec!["playbook_member".to_owned()];
    new.iter()
        .any(|member| member.roles != **before.get(&member.user_id).unwrap_or(&&plain))
}

/// Invitees and default owner outside the team vanish without a word.
fn drop_strangers(world: &World, playbook: &mut Playbook) {
    let team = playbook.team_id.clone();
    playbook
        .invited_user_ids
        .retain(|user| world.is_on_team(user, &team));
    playbook.invited_group_ids.retain(|id| world.has_group(id));
    if !playbook.default_owner_id.is_empty() && !world.is_on_team(&playbook.default_owner_id, &team)
    {
        playbook.default_owner_id.clear();
        playbook.default_owner_enabled = false;
    }
}
