//! Emoji on posts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::channels::require;
use super::posts::post_in_path;
use super::users::user_in_path;
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/reactions", add),
    route("GET", "/api/v4/posts/{post_id}/reactions", list),
    route(
        "DELETE",
        "/api/v4/users/{user_id}/posts/{post_id}/reactions/{emoji}",
        remove,
    ),
];

/// Emoji that the sandbox knows, of the thousands that exist.
const EMOJI: [&str; 16] = [
    "+1",
    "-1",
    "eyes",
    "white_check_mark",
    "x",
    "warning",
    "fire",
    "rocket",
    "tada",
    "heart",
    "thinking",
    "pushpin",
    "bulb",
    "rotating_light",
    "speech_balloon",
    "star",
];

/// An emoji on a post.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reaction {
    user_id: Id,
    post_id: Id,
    emoji_name: String,
    create_at: i64,
    update_at: i64,
    delete_at: i64,
    remote_id: String,
    channel_id: Id,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewReaction {
    user_id: Id,
    post_id: Id,
    emoji_name: String,
}

fn add(world: &mut World, call: &Call) -> Answer {
    let new: NewReaction = call.decode().ok_or_else(|| Reply::bad_body("reaction"))?;
    if new.user_id != call.user {
        return Err(Reply::core(
            403,
            "api.reaction.save_reaction.user_id.app_error",
            "You cannot save reaction for the other user.",
            "",
        ));
    }
    let channel = world
        .posts
        .get(&new.post_id)
        .map(|post| post.channel.clone());
    let channel = channel.unwrap_or_default();
    require(world, call, &channel, "add_reaction")?;
    if !EMOJI.contains(&new.emoji_name.as_str()) {
        return Err(Reply::core(
            404,
            "app.emoji.get_by_name.no_result",
            "We couldn’t find the emoji.",
            format!("resource \"Emoji\" not found, id: Name={}", new.emoji_name),
        ));
    }
    let now = world.now();
    let reaction = Reaction {
        user_id: new.user_id,
        post_id: new.post_id,
        emoji_name: new.emoji_name,
        create_at: now,
        update_at: now,
        delete_at: 0,
        remote_id: String::new(),
        channel_id: channel,
    };
    let same = |other: &Reaction| {
        (&other.user_id, &other.post_id, &other.emoji_name)
            == (&reaction.user_id, &reaction.post_id, &reaction.emoji_name)
    };
    let answer = json!(reaction);
    match world.reactions.iter_mut().find(|other| same(other)) {
        Some(known) => known.update_at = now,
        None => world.reactions.push(reaction),
    }
    Ok(Reply::ok(answer))
}

fn list(world: &mut World, call: &Call) -> Answer {
    let post = post_in_path(world, call)?;
    let all = world.reactions.iter();
    let reactions: Vec<&Reaction> = all.filter(|reaction| reaction.post_id == post.id).collect();
    // A list of Go that was never made is `null`.
    Ok(Reply::ok(if reactions.is_empty() {
        Value::Null
    } else {
        json!(reactions)
    }))
}

fn remove(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?.to_owned();
    if user != call.user {
        return Err(Reply::no_permission(&call.user, "remove_others_reactions"));
    }
    let post = post_in_path(world, call)?.id.clone();
    let emoji = call.param("emoji");
    world.reactions.retain(|reaction| {
        !(reaction.user_id == user && reaction.post_id == post && reaction.emoji_name == emoji)
    });
    Ok(Reply::status_ok())
}
