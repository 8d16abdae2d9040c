//! Who is in a channel.

use serde::Deserialize;
use serde_json::{Value, json};

use super::channels::{channel_in_path, require};
use super::users::{page, user_in_path};
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Channel, World};

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/channels/{channel_id}/members", list),
    route("POST", "/api/v4/channels/{channel_id}/members", add),
    route(
        "GET",
        "/api/v4/channels/{channel_id}/members/{user_id}",
        read,
    ),
    route(
        "DELETE",
        "/api/v4/channels/{channel_id}/members/{user_id}",
        remove,
    ),
];

fn member_json(channel: &Channel, user: &str) -> Option<Value> {
    let member = channel.members.get(user)?;
    let roles = if member.is_admin {
        "channel_user channel_admin"
    } else {
        "channel_user"
    };
    // -1: never looked. Whoever opened the channel has looked by being its admin.
    let (viewed, updated) = if member.is_admin {
        (0, channel.create_at)
    } else {
        (-1, -1)
    };
    Some(json!({
        "channel_id": channel.id,
        "user_id": user,
        "roles": roles,
        "last_viewed_at": viewed,
        "msg_count": 0,
        "mention_count": 0,
        "mention_count_root": 0,
        "urgent_mention_count": 0,
        "msg_count_root": 0,
        "notify_props": {
            "channel_auto_follow_threads": "off",
            "desktop": "default",
            "email": "default",
            "ignore_channel_mentions": "default",
            "mark_unread": "all",
            "push": "default",
        },
        "last_update_at": updated,
        "scheme_guest": false,
        "scheme_user": true,
        "scheme_admin": member.is_admin,
        "explicit_roles": "",
        "autotranslation_disabled": false,
    }))
}

fn list(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    require(world, call, &channel.id, "read_channel")?;
    let users: Vec<_> = channel.members.keys().collect();
    let members = page(call, users, 60).filter_map(|user| member_json(channel, user));
    Ok(Reply::ok(members.collect::<Vec<_>>()))
}

fn read(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?;
    let channel = channel_in_path(world, call)?;
    require(world, call, &channel.id, "read_channel")?;
    let member = member_json(channel, user).ok_or_else(|| {
        Reply::core(
            404,
            "app.channel.get_member.missing.app_error",
            "No channel member found for that user ID and channel ID.",
            format!(
                "resource \"ChannelMember\" not found, id: channelId={}, userId={user}",
                channel.id
            ),
        )
    })?;
    Ok(Reply::ok(member))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewMembers {
    user_id: String,
    user_ids: Vec<String>,
}

fn add(world: &mut World, call: &Call) -> Answer {
    let new: NewMembers = call
        .decode()
        .ok_or_else(|| Reply::bad_body("user_id or user_ids"))?;
    let single = new.user_ids.is_empty();
    let users = if single {
        vec![new.user_id]
    } else {
        new.user_ids
    };
    if !users.iter().all(|user| is_id(user)) {
        return Err(Reply::bad_body("user_id or user_ids"));
    }
    let channel = channel_in_path(world, call)?;
    let (id, team) = (channel.id.clone(), channel.team.clone());
    let permission = if channel.kind == "P" {
        "manage_private_channel_members"
    } else {
        "manage_public_channel_members"
    };
    let joins_himself = users == [call.user.clone()]
        && channel.kind == "O"
        && world.may_in_team(&call.user, &team, "join_public_channels");
    if !joins_himself {
        require(world, call, &id, permission)?;
    }
    let mut members = Vec::new();
    for user in &users {
        if !world.is_on_team(user, &team) {
            return Err(Reply::core(
                404,
                "app.team.get_member.missing.app_error",
                "No team member found for that user ID and team ID.",
                format!("resource \"TeamMember\" not found, id: teamId={team}, userId={user}"),
            ));
        }
        world.add_to_channel(&id, user, &call.user);
        members.extend(world.channels.get(&id).and_then(|c| member_json(c, user)));
    }
    Ok(Reply::created(match (single, members.pop()) {
        (true, Some(member)) => member,
        (_, last) => {
            members.extend(last);
            members.into()
        }
    }))
}

fn remove(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?.to_owned();
    let id = channel_in_path(world, call)?.id.clone();
    if user != call.user {
        require(world, call, &id, "manage_public_channel_members")?;
    }
    world.leave_channel(&id, &user);
    Ok(Reply::status_ok())
}
