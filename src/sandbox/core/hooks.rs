//! Incoming webhooks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::system::require_admin;
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Body, Reply};
use crate::sandbox::routes::{Route, open, route};
use crate::sandbox::world::{Post, World};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/hooks/incoming", create),
    route("DELETE", "/api/v4/hooks/incoming/{hook_id}", delete),
    open("POST", "/hooks/{hook_id}", receive),
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewHook {
    channel_id: Id,
    display_name: String,
    description: String,
}

fn create(world: &mut World, call: &Call) -> Answer {
    let new: NewHook = call
        .decode()
        .ok_or_else(|| Reply::bad_body("incoming_webhook"))?;
    require_admin(world, call, "manage_own_incoming_webhooks")?;
    let channel = world.channels.get(&new.channel_id);
    let team = channel.map(|channel| channel.team.clone());
    let team = team.ok_or_else(|| Reply::bad_body("channel_id"))?;
    let (id, now) = (world.new_id(), world.now());
    let hook = json!({
        "id": id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "user_id": call.user,
        "channel_id": new.channel_id,
        "team_id": team,
        "display_name": new.display_name,
        "description": new.description,
        "username": "",
        "icon_url": "",
        "channel_locked": false,
    });
    world.hooks.insert(id, hook.clone());
    Ok(Reply::created(hook))
}

fn delete(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "manage_own_incoming_webhooks")?;
    world.hooks.remove(call.param("hook_id"));
    Ok(Reply::status_ok())
}

fn receive(world: &mut World, call: &Call) -> Answer {
    let id = call.param("hook_id");
    let hook = world.hooks.get(id).cloned().ok_or_else(|| {
        Reply::core(
            400,
            "web.incoming_webhook.general.app_error",
            &format!("Failed to handle the payload of media type application/json for incoming webhook {id}."),
            format!("HandleIncomingWebhook: Invalid webhook., resource \"IncomingWebhook\" not found, id: {id}"),
        )
    })?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let body = call.value().unwrap_or_default();
    let mut props = serde_json::Map::new();
    props.insert("from_webhook".to_owned(), "true".into());
    world.add_post(Post {
        channel: text(&hook, "channel_id"),
        user: text(&hook, "user_id"),
        message: text(&body, "text"),
        props,
        is_internal: true,
        ..Post::default()
    });
    let mut reply = Reply::empty(200);
    reply.body = Body::File(b"ok".to_vec(), "text/plain".to_owned());
    Ok(reply)
}
