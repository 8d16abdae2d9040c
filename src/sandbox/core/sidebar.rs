//! Drafts, and the sidebar of channels.

use serde::Deserialize;
use serde_json::json;

use super::channels::require;
use super::teams::team_in_path;
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/drafts", draft),
    route(
        "DELETE",
        "/api/v4/users/{user_id}/channels/{channel_id}/drafts",
        delete_draft,
    ),
    route(
        "GET",
        "/api/v4/users/{user_id}/teams/{team_id}/channels/categories",
        categories,
    ),
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewDraft {
    channel_id: Id,
    root_id: Id,
    message: String,
}

/// A draft is accepted and forgotten: nobody reads one here.
fn draft(world: &mut World, call: &Call) -> Answer {
    let new: NewDraft = call.decode().ok_or_else(|| Reply::bad_body("draft"))?;
    require(world, call, &new.channel_id, "create_post")?;
    let now = world.now();
    Ok(Reply::created(json!({
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "user_id": call.user,
        "channel_id": new.channel_id,
        "root_id": new.root_id,
        "message": new.message,
        "type": "",
        "props": {},
        "metadata": {},
    })))
}

fn delete_draft(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::status_ok())
}

fn categories(world: &mut World, call: &Call) -> Answer {
    let team = team_in_path(world, call)?;
    let member = |kind: &str| -> Vec<&str> {
        let channels = world.channels.iter().filter(|channel| {
            channel.members.contains_key(&call.user)
                && channel.is_conversation() == (kind == "direct_messages")
                && (channel.team == team.id || channel.is_conversation())
        });
        channels.map(|channel| channel.id.as_str()).collect()
    };
    let category = |kind: &str, title: &str, channels: Vec<&str>| {
        json!({
            "id": format!("{kind}_{}_{}", call.user, team.id),
            "user_id": call.user,
            "team_id": team.id,
            "sort_order": 0,
            "sorting": "",
            "type": kind,
            "display_name": title,
            "muted": false,
            "collapsed": false,
            "channel_ids": channels,
        })
    };
    let all = [
        category("favorites", "Favorites", Vec::new()),
        category("channels", "Channels", member("channels")),
        category(
            "direct_messages",
            "Direct Messages",
            member("direct_messages"),
        ),
    ];
    let order: Vec<_> = all.iter().map(|category| category["id"].clone()).collect();
    Ok(Reply::ok(json!({ "categories": all, "order": order })))
}
