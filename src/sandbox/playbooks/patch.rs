//! `PATCH /playbooks/{id}`: prefix and name template, one after the other.

use serde::Deserialize;
use serde_json::Value;

use super::access::Right;
use super::validate;
use crate::sandbox::call::{Call, decode};
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route(
    "PATCH",
    "/plugins/playbooks/api/v0/playbooks/{playbook_id}",
    patch,
)];

const LARGEST_BODY: usize = 2 << 20;

/// The only place where the plugin refuses unknown keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Patch {
    run_number_prefix: Option<String>,
    channel_name_template: Option<String>,
}

fn malformed(text: &str) -> Reply {
    Reply::refused(&format!("{text}: malformed"))
}

/// Not bound by the lock on editing, and not atomic: the prefix stays when the template is refused.
fn patch(world: &mut World, call: &Call) -> Answer {
    let undecodable = || Reply::refused("unable to decode request body");
    let playbook = world.playbooks.get(call.param("playbook_id"));
    let mut playbook = playbook.ok_or_else(Reply::internal)?.clone();
    if !world.may_with_playbook(&call.user, &playbook, Right::ManageProperties) {
        return Err(Reply::forbidden());
    }
    let sent = call.value().filter(|_| call.body.len() <= LARGEST_BODY);
    let sent = sent.ok_or_else(undecodable)?;
    let known = ["run_number_prefix", "channel_name_template"];
    let unknown =
        |map: &serde_json::Map<String, Value>| map.keys().any(|key| !known.contains(&key.as_str()));
    if sent.as_object().is_some_and(unknown) {
        return Err(undecodable());
    }
    let patch: Patch = decode(sent).ok_or_else(undecodable)?;
    if playbook.delete_at != 0 {
        return Err(Reply::refused("Playbook cannot be modified"));
    }
    let now = world.now();
    if let Some(prefix) = patch.run_number_prefix {
        playbook.run_number_prefix = validate::trimmed_prefix(&prefix);
        validate::prefix(&playbook.run_number_prefix).map_err(|text| malformed(&text))?;
        validate::prefix_is_free(world, &playbook)?;
        playbook.update_at = now;
        world.playbooks.insert(playbook.clone());
    }
    if let Some(template) = patch.channel_name_template {
        let fields = world.field_names(&playbook.id);
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        validate::template(&template, &fields).map_err(|text| malformed(&text))?;
        playbook.channel_name_template = template;
        playbook.update_at = now;
        world.playbooks.insert(playbook);
    }
    Ok(Reply::empty(204))
}
