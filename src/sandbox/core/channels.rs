//! Channels: making, finding, changing and archiving them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::system::require_admin;
use super::teams::{team_in_path, team_named_in_path};
use super::users::{page, user_in_path};
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Channel, World};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/channels", create),
    route("POST", "/api/v4/channels/direct", create_direct),
    route("POST", "/api/v4/channels/group", create_group),
    route("POST", "/api/v4/channels/members/{user_id}/view", view),
    route("GET", "/api/v4/channels/{channel_id}", by_id),
    route("PUT", "/api/v4/channels/{channel_id}/patch", patch),
    route("PUT", "/api/v4/channels/{channel_id}/privacy", privacy),
    route("DELETE", "/api/v4/channels/{channel_id}", archive),
    route("POST", "/api/v4/channels/{channel_id}/restore", restore),
    route("GET", "/api/v4/channels/{channel_id}/stats", stats),
    route("GET", "/api/v4/teams/{team_id}/channels", of_team),
    route("POST", "/api/v4/teams/{team_id}/channels/search", search),
    route("POST", "/api/v4/teams/{team_id}/channels/ids", by_ids),
    route(
        "GET",
        "/api/v4/teams/{team_id}/channels/name/{channel}",
        by_name,
    ),
    route(
        "GET",
        "/api/v4/teams/name/{name}/channels/name/{channel}",
        by_names,
    ),
    route(
        "GET",
        "/api/v4/users/{user_id}/teams/{team_id}/channels",
        of_user,
    ),
];

/// Characters of a name on the screen, and of a header.
const DISPLAY_NAME_LENGTH: usize = 64;
const HEADER_LENGTH: usize = 1024;
/// Longer names break the database instead of being refused.
const NAME_LENGTH: usize = 64;

/// The channel in the path.
pub(super) fn channel_in_path<'w>(world: &'w World, call: &Call) -> Result<&'w Channel, Reply> {
    let id = call.param("channel_id");
    if !is_id(id) {
        return Err(Reply::bad_path("channel_id"));
    }
    world.channels.get(id).ok_or_else(|| {
        Reply::core(
            404,
            "app.channel.get.existing.app_error",
            &format!("Unable to find the existing channel {id}."),
            format!("resource \"Channel\" not found, id: {id}"),
        )
    })
}

/// Refuses whoever lacks a permission in a channel.
pub(super) fn require(
    world: &World,
    call: &Call,
    channel: &str,
    permission: &str,
) -> Result<(), Reply> {
    if world.may_in_channel(&call.user, channel, permission) {
        Ok(())
    } else {
        Err(Reply::no_permission(&call.user, permission))
    }
}

fn may_see(world: &World, user: &str, channel: &Channel) -> bool {
    world.may_in_channel(user, &channel.id, "read_channel")
        || channel.kind == "O" && world.may_in_team(user, &channel.team, "read_public_channel")
}

fn seen(world: &World, id: &str) -> Value {
    let channel = world.channels.get(id);
    channel.map(|c| world.channel_json(c)).unwrap_or_default()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewChannel {
    team_id: String,
    name: String,
    display_name: String,
    #[serde(rename = "type")]
    kind: String,
    purpose: String,
    header: String,
}

fn create(world: &mut World, call: &Call) -> Answer {
    let new: NewChannel = call.decode().ok_or_else(|| Reply::bad_body("channel"))?;
    if new.display_name.is_empty() {
        let mut refusal = Reply::bad_body("display_name");
        if let crate::sandbox::reply::Body::Core(error) = &mut refusal.body {
            "Missing display_name in request body".clone_into(&mut error.detail);
        }
        return Err(refusal);
    }
    let permission = if new.kind == "P" {
        "create_private_channel"
    } else {
        "create_public_channel"
    };
    if !world.may_in_team(&call.user, &new.team_id, permission) {
        return Err(Reply::no_permission(&call.user, permission));
    }
    let id = world.new_id();
    if !["O", "P"].contains(&new.kind.as_str()) {
        let text = "Invalid type.";
        return Err(invalid("type", text, &id));
    }
    check_texts(&new.name, &new.display_name, &new.header, &id)?;
    if new.name.len() > NAME_LENGTH {
        return Err(Reply::core(
            500,
            "app.channel.create_channel.internal_error",
            "Unable to save channel.",
            format!("save_channel: id={id}: pq: value too long for type character varying(64)"),
        ));
    }
    if let Some(taken) = world.channel_named(&new.team_id, &new.name) {
        return Err(Reply::core(
            400,
            "store.sql_channel.save_channel.exists.app_error",
            "A channel with that name already exists on the same team.",
            format!("Channelexists id={}", taken.id),
        ));
    }
    let id = world.add_channel(
        &new.team_id,
        &new.name,
        &new.display_name,
        &new.kind,
        &call.user,
    );
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.header = new.header;
        channel.purpose = new.purpose;
    }
    let answer = seen(world, &id);
    world.add_to_channel(&id, &call.user, &call.user);
    world.join_channel(&id, &call.user, true);
    Ok(Reply::created(answer))
}

fn invalid(what: &str, message: &str, id: &str) -> Reply {
    let error = format!("model.channel.is_valid.{what}.app_error");
    Reply::core(400, &error, message, format!("id={id}"))
}

fn check_texts(name: &str, display_name: &str, header: &str, id: &str) -> Result<(), Reply> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        let text = "Name must be 1 or more lowercase alphanumeric character.";
        return Err(invalid("1_or_more", text, id));
    }
    if display_name.chars().count() > DISPLAY_NAME_LENGTH {
        return Err(invalid("display_name", "Invalid display name.", id));
    }
    if header.chars().count() > HEADER_LENGTH {
        return Err(invalid("header", "Invalid header.", id));
    }
    Ok(())
}

/// Whether a list of people can be a conversation; the caller belongs to it.
fn conversation(world: &World, call: &Call) -> Result<Vec<String>, Reply> {
    let ids: Vec<String> = call
        .value()
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or_else(|| Reply::bad_body("user_ids"))?;
    if !ids.iter().all(|id| world.users.get(id).is_some()) {
        return Err(Reply::bad_body("user_ids"));
    }
    Ok(ids)
}

fn create_direct(world: &mut World, call: &Call) -> Answer {
    let mut ids = conversation(world, call)?;
    if ids.len() != 2 {
        return Err(Reply::bad_body("user_ids"));
    }
    if !ids.contains(&call.user) {
        require_admin(world, call, "manage_system")?;
    }
    ids.sort();
    let name = ids.join("__");
    Ok(Reply::created(converse(
        world, &call.user, "D", &name, "", &ids,
    )))
}

fn create_group(world: &mut World, call: &Call) -> Answer {
    let mut ids = conversation(world, call)?;
    if !ids.contains(&call.user) {
        ids.push(call.user.clone());
    }
    ids.sort();
    let mut names: Vec<String> = ids.iter().map(|id| world.username(id)).collect();
    names.sort();
    // The real server hashes the ids; only being the same again matters.
    let name = ids.concat().chars().step_by(2).take(40).collect::<String>();
    Ok(Reply::created(converse(
        world,
        &call.user,
        "G",
        &name,
        &names.join(", "),
        &ids,
    )))
}

fn converse(
    world: &mut World,
    user: &str,
    kind: &str,
    name: &str,
    title: &str,
    ids: &[String],
) -> Value {
    let known = world
        .channel_named("", name)
        .map(|channel| channel.id.clone());
    let id = known.unwrap_or_else(|| world.add_channel("", name, title, kind, user));
    for user in ids {
        world.join_channel(&id, user, false);
    }
    seen(world, &id)
}

fn view(world: &mut World, call: &Call) -> Answer {
    let body = call.value().unwrap_or_default();
    let channel = body["channel_id"].as_str().unwrap_or_default();
    let mut times = serde_json::Map::new();
    if !channel.is_empty() {
        times.insert(channel.to_owned(), json!(world.now()));
    }
    Ok(Reply::ok(
        json!({ "status": "OK", "last_viewed_at_times": times }),
    ))
}

fn by_id(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    if !may_see(world, &call.user, channel) {
        return Err(Reply::no_permission(&call.user, "read_channel"));
    }
    Ok(Reply::ok(world.channel_json(channel)))
}

fn by_name(world: &mut World, call: &Call) -> Answer {
    let team = team_in_path(world, call)?.id.clone();
    named(world, call, &team)
}

fn by_names(world: &mut World, call: &Call) -> Answer {
    let team = team_named_in_path(world, call)?.id.clone();
    named(world, call, &team)
}

fn named(world: &World, call: &Call, team: &str) -> Answer {
    let name = call.param("channel");
    let missing = || {
        Reply::core(
            404,
            "app.channel.get_by_name.missing.app_error",
            "Channel does not exist.",
            format!("resource \"Channel\" not found, id: TeamId={team}&Name={name}"),
        )
    };
    let channel = world.channel_named(team, name).ok_or_else(missing)?;
    if channel.delete_at != 0 && !call.is_set("include_deleted") {
        return Err(missing());
    }
    if !may_see(world, &call.user, channel) {
        // A private channel does not even exist for others; a public one does.
        return Err(if channel.kind == "O" {
            Reply::no_permission(&call.user, "read_public_channel")
        } else {
            not_named(name, &channel.team)
        });
    }
    Ok(Reply::ok(world.channel_json(channel)))
}

fn not_named(name: &str, team: &str) -> Reply {
    Reply::core(
        404,
        "app.channel.get_by_name.missing.app_error",
        "Channel does not exist.",
        format!("teamId={team}, name={name}"),
    )
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    name: Option<String>,
    display_name: Option<String>,
    header: Option<String>,
    purpose: Option<String>,
}

fn patch(world: &mut World, call: &Call) -> Answer {
    let patch: Patch = call.decode().ok_or_else(|| Reply::bad_body("channel"))?;
    let mut channel = channel_in_path(world, call)?.clone();
    let permission = if channel.kind == "P" {
        "manage_private_channel_properties"
    } else {
        "manage_public_channel_properties"
    };
    require(world, call, &channel.id, permission)?;
    if channel.delete_at != 0 {
        return Err(Reply::core(
            400,
            "app.channel.update.bad_id",
            "Unable to update the channel.",
            "invalid input: entity: Channel field: DeleteAt",
        ));
    }
    for (new, old) in [
        (patch.name, &mut channel.name),
        (patch.display_name, &mut channel.display_name),
        (patch.header, &mut channel.header),
        (patch.purpose, &mut channel.purpose),
    ] {
        if let Some(new) = new {
            *old = new;
        }
    }
    check_texts(
        &channel.name,
        &channel.display_name,
        &channel.header,
        &channel.id,
    )?;
    channel.update_at = world.now();
    let id = channel.id.clone();
    world.channels.insert(channel);
    Ok(Reply::ok(seen(world, &id)))
}

fn privacy(world: &mut World, call: &Call) -> Answer {
    let body = call.value().unwrap_or_default();
    let kind = body["privacy"].as_str().unwrap_or_default().to_owned();
    if !["O", "P"].contains(&kind.as_str()) {
        return Err(Reply::bad_body("privacy"));
    }
    let id = channel_in_path(world, call)?.id.clone();
    let permission = if kind == "O" {
        "convert_private_channel_to_public"
    } else {
        "convert_public_channel_to_private"
    };
    require(world, call, &id, permission)?;
    let now = world.now();
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.kind = kind;
        channel.update_at = now;
    }
    Ok(Reply::ok(seen(world, &id)))
}

fn archive(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    let permission = if channel.kind == "P" {
        "delete_private_channel"
    } else {
        "delete_public_channel"
    };
    require(world, call, &channel.id, permission)?;
    if channel.delete_at != 0 {
        return Err(Reply::core(
            400,
            "api.channel.delete_channel.deleted.app_error",
            "The channel has been archived or deleted.",
            "",
        ));
    }
    let id = channel.id.clone();
    world.archive_channel(&id, &call.user);
    Ok(Reply::status_ok())
}

fn restore(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    if !world.may_in_team(&call.user, &channel.team, "manage_team") {
        return Err(Reply::no_permission(&call.user, "manage_team"));
    }
    let id = channel.id.clone();
    world.restore_channel(&id, &call.user);
    Ok(Reply::ok(seen(world, &id)))
}

fn stats(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    require(world, call, &channel.id, "read_channel")?;
    let posts = world.posts.iter().filter(|post| post.channel == channel.id);
    Ok(Reply::ok(json!({
        "channel_id": channel.id,
        "member_count": channel.members.len(),
        "guest_count": 0,
        "pinnedpost_count": posts.clone().filter(|post| post.is_pinned).count(),
        "files_count": posts.map(|post| post.files.len()).sum::<usize>(),
    })))
}

/// Public channels of a team that are not archived.
fn public_channels(world: &World, call: &Call) -> Result<Vec<Value>, Reply> {
    let team = team_in_path(world, call)?;
    if !world.may_in_team(&call.user, &team.id, "list_team_channels") {
        return Err(Reply::no_permission(&call.user, "list_team_channels"));
    }
    let mut channels: Vec<&Channel> = world
        .channels
        .iter()
        .filter(|c| c.team == team.id && c.kind == "O" && c.delete_at == 0)
        .collect();
    channels.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    Ok(channels
        .into_iter()
        .map(|c| world.channel_json(c))
        .collect())
}

fn of_team(world: &mut World, call: &Call) -> Answer {
    let channels = public_channels(world, call)?;
    Ok(Reply::ok(page(call, channels, 60).collect::<Vec<_>>()))
}

fn search(world: &mut World, call: &Call) -> Answer {
    let body = call.value().unwrap_or_default();
    let term = body["term"].as_str().unwrap_or_default().to_lowercase();
    let mut channels = public_channels(world, call)?;
    channels.retain(|channel| {
        ["name", "display_name"].iter().any(|key| {
            let text = channel[*key].as_str().unwrap_or_default();
            text.to_lowercase().contains(&term)
        })
    });
    Ok(Reply::ok(channels))
}

fn by_ids(world: &mut World, call: &Call) -> Answer {
    let ids = call.value().unwrap_or_default();
    let mut channels = public_channels(world, call)?;
    let wanted = ids.as_array().cloned().unwrap_or_default();
    channels.retain(|channel| wanted.contains(&channel["id"]));
    Ok(Reply::ok(channels))
}

fn of_user(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?;
    let team = team_in_path(world, call)?;
    let channels = world.channels.iter().filter(|channel| {
        channel.members.contains_key(user)
            && channel.delete_at == 0
            && (channel.team == team.id || channel.is_conversation())
    });
    let channels: Vec<Value> = channels.map(|c| world.channel_json(c)).collect();
    Ok(Reply::ok(channels))
}
