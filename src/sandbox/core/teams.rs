//! Teams and their members.

use serde::Deserialize;
use serde_json::json;

use super::system::require_admin;
use super::users::{page, user_in_path};
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Team, World};

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/teams", list),
    route("POST", "/api/v4/teams", create),
    route("GET", "/api/v4/teams/name/{name}", by_name),
    route("GET", "/api/v4/teams/{team_id}", by_id),
    route("DELETE", "/api/v4/teams/{team_id}", archive),
    route("GET", "/api/v4/teams/{team_id}/members", members),
    route("POST", "/api/v4/teams/{team_id}/members", add_member),
    route("POST", "/api/v4/teams/{team_id}/members/batch", add_members),
    route("GET", "/api/v4/teams/{team_id}/members/{user_id}", member),
];

/// The team in the path.
pub(super) fn team_in_path<'w>(world: &'w World, call: &Call) -> Result<&'w Team, Reply> {
    let id = call.param("team_id");
    if !is_id(id) {
        return Err(Reply::bad_path("team_id"));
    }
    world.teams.get(id).ok_or_else(|| {
        Reply::core(
            404,
            "app.team.get.find.app_error",
            "Unable to find the existing team.",
            format!("resource \"Team\" not found, id: {id}"),
        )
    })
}

fn require_view(world: &World, call: &Call, team: &str) -> Result<(), Reply> {
    if world.may_in_team(&call.user, team, "view_team") {
        Ok(())
    } else {
        Err(Reply::no_permission(&call.user, "view_team"))
    }
}

fn list(world: &mut World, call: &Call) -> Answer {
    let all = world.is_system_admin(&call.user);
    let teams = world.teams.iter().filter(|team| all && team.delete_at == 0);
    let teams = page(call, teams.map(Team::json).collect(), 60);
    Ok(Reply::ok(json!(teams.collect::<Vec<_>>())))
}

fn by_id(world: &mut World, call: &Call) -> Answer {
    let team = team_in_path(world, call)?;
    require_view(world, call, &team.id)?;
    Ok(Reply::ok(team.json()))
}

fn by_name(world: &mut World, call: &Call) -> Answer {
    let team = team_named_in_path(world, call)?;
    require_view(world, call, &team.id)?;
    Ok(Reply::ok(team.json()))
}

/// The team named in the path.
pub(super) fn team_named_in_path<'w>(world: &'w World, call: &Call) -> Result<&'w Team, Reply> {
    let name = call.param("name");
    world.team_named(name).ok_or_else(|| {
        Reply::core(
            404,
            "app.team.get_by_name.missing.app_error",
            "Unable to find the existing team.",
            format!("resource \"Team\" not found, id: name={name}"),
        )
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewTeam {
    name: String,
    display_name: String,
    #[serde(rename = "type")]
    kind: String,
}

fn create(world: &mut World, call: &Call) -> Answer {
    let new: NewTeam = call.decode().ok_or_else(|| Reply::bad_body("team"))?;
    require_admin(world, call, "create_team")?;
    if let Some(taken) = world.team_named(&new.name) {
        return Err(Reply::core(
            400,
            "store.sql_team.save_team.existing.app_error",
            "A team with this URL already exists.",
            format!(
                "id={0}, invalid input: entity: Team field: id value: {0}",
                taken.id
            ),
        ));
    }
    let email = world.users.get(&call.user).map(|user| user.email.clone());
    let id = world.add_team(&new.name, &new.display_name, &email.unwrap_or_default());
    world.join_team(&id, &call.user, true);
    if let Some(team) = world.teams.get_mut(&id) {
        team.kind = new.kind;
        return Ok(Reply::created(team.json()));
    }
    Err(Reply::bad_body("team"))
}

fn archive(world: &mut World, call: &Call) -> Answer {
    let id = team_in_path(world, call)?.id.clone();
    if !world.may_in_team(&call.user, &id, "manage_team") {
        return Err(Reply::no_permission(&call.user, "manage_team"));
    }
    let now = world.now();
    if let Some(team) = world.teams.get_mut(&id) {
        team.delete_at = now;
        team.update_at = now;
    }
    Ok(Reply::status_ok())
}

fn members(world: &mut World, call: &Call) -> Answer {
    let team = team_in_path(world, call)?;
    require_view(world, call, &team.id)?;
    let users: Vec<_> = team.members.keys().collect();
    let members = page(call, users, 60).filter_map(|user| team.member_json(user));
    Ok(Reply::ok(members.collect::<Vec<_>>()))
}

fn member(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?;
    let team = team_in_path(world, call)?;
    require_view(world, call, &team.id)?;
    let member = team.member_json(user).ok_or_else(|| {
        Reply::core(
            404,
            "app.team.get_member.missing.app_error",
            "No team member found for that user ID and team ID.",
            format!(
                "resource \"TeamMember\" not found, id: teamId={}, userId={user}",
                team.id
            ),
        )
    })?;
    Ok(Reply::ok(member))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewMember {
    user_id: String,
}

fn add_member(world: &mut World, call: &Call) -> Answer {
    let new: NewMember = call
        .decode()
        .ok_or_else(|| Reply::bad_body("team_member"))?;
    let member = join(world, call, &new.user_id)?;
    Ok(Reply::created(member))
}

fn add_members(world: &mut World, call: &Call) -> Answer {
    let new = call
        .value()
        .and_then(|value| serde_json::from_value(value).ok());
    let new: Vec<NewMember> = new.unwrap_or_default();
    if new.is_empty() {
        return Err(Reply::bad_body("no members in batch"));
    }
    let members: Result<Vec<_>, _> = new
        .iter()
        .map(|new| join(world, call, &new.user_id))
        .collect();
    Ok(Reply::created(members?))
}

fn join(world: &mut World, call: &Call, user: &str) -> Result<serde_json::Value, Reply> {
    let team = team_in_path(world, call)?.id.clone();
    if !is_id(user) {
        return Err(Reply::bad_body("user_id"));
    }
    if !world.may_in_team(&call.user, &team, "add_user_to_team") {
        return Err(Reply::no_permission(&call.user, "add_user_to_team"));
    }
    if world.users.get(user).is_none() {
        return Err(super::users::no_user(user));
    }
    if !world.is_on_team(user, &team) {
        world.join_team(&team, user, false);
    }
    let team = world.teams.get(&team);
    Ok(team
        .and_then(|team| team.member_json(user))
        .unwrap_or_default())
}
