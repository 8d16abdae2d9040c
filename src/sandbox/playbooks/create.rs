//! `POST /playbooks` and reading one back.

use serde_json::json;

use super::object::{Member, Playbook};
use super::validate;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

/// The plugin's limit on every body it reads, unless a route says otherwise.
const LARGEST_BODY: usize = 5 << 20;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/plugins/playbooks/api/v0/playbooks", create),
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/{playbook_id}",
        read,
    ),
];

fn read(world: &mut World, call: &Call) -> Answer {
    let playbook = world.visible_playbook(&call.user, call.param("playbook_id"))?;
    Ok(Reply::ok(playbook))
}

fn create(world: &mut World, call: &Call) -> Answer {
    let refused = || Reply::refused("unable to decode playbook");
    if call.body.len() > LARGEST_BODY {
        return Err(refused());
    }
    let mut playbook: Playbook = call.decode().ok_or_else(refused)?;
    if !playbook.id.is_empty() {
        return Err(Reply::refused("Playbook given already has ID"));
    }
    if playbook.reminder_timer_default_seconds <= 0 {
        return Err(Reply::refused(
            "playbook ReminderTimerDefaultSeconds must be > 0",
        ));
    }
    require_creation(world, &call.user, &playbook)?;
    playbook.run_number_prefix = validate::trimmed_prefix(&playbook.run_number_prefix);
    validate::settings(world, &playbook, &[])?;
    validate::metrics(&playbook)?;
    validate::pre_assignment(&playbook, "Invalid pre-assignment")?;
    let id = store(world, &call.user, playbook)?;
    Ok(Reply::created(json!({ "id": id })).at(format!("/plugins/playbooks/api/v0/playbooks/{id}")))
}

/// Who may create this playbook: its team, invitees and channels decide.
pub(super) fn require_creation(
    world: &World,
    user: &str,
    playbook: &Playbook,
) -> Result<(), Reply> {
    let permission = if playbook.public {
        "playbook_public_create"
    } else {
        "playbook_private_create"
    };
    let team = &playbook.team_id;
    let invited = |user: &String| world.is_on_team(user, team);
    if world.may_in_team(user, team, "view_team")
        && world.may_in_team(user, team, permission)
        && playbook.invited_user_ids.iter().all(invited)
        && playbook
            .invited_group_ids
            .iter()
            .all(|id| world.has_group(id))
        && world.may_post_in_all(user, &playbook.broadcast_channel_ids)
    {
        Ok(())
    } else {
        Err(Reply::forbidden())
    }
}

/// Stores a new playbook.
pub(super) fn store(
    world: &mut World,
    creator: &str,
    mut playbook: Playbook,
) -> Result<String, Reply> {
    validate::prefix_is_free(world, &playbook)?;
    validate::columns(&playbook)?;
    playbook.id = world.new_id();
    playbook.create_at = world.now();
    playbook.update_at = playbook.create_at;
    if playbook.members.is_empty() {
        playbook.members.push(Member {
            user_id: creator.to_owned(),
            roles: vec!["playbook_member".to_owned(), "playbook_admin".to_owned()],
            scheme_roles: Vec::new(),
        });
    }
    for metric in &mut playbook.metrics {
        metric.id = world.new_id();
        metric.playbook_id.clone_from(&playbook.id);
    }
    playbook.settle();
    let id = playbook.id.clone();
    world.playbooks.insert(playbook);
    Ok(id)
}
