//! Posts: writing, changing, reading and pinning them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::channels::{channel_in_path, require};
use super::system::require_admin;
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Post, World};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/posts", create),
    route("POST", "/api/v4/posts/ephemeral", create_ephemeral),
    route("POST", "/api/v4/posts/schedule", schedule),
    route("GET", "/api/v4/posts/{post_id}", read),
    route("PUT", "/api/v4/posts/{post_id}", update),
    route("PUT", "/api/v4/posts/{post_id}/patch", patch),
    route("DELETE", "/api/v4/posts/{post_id}", delete),
    route("POST", "/api/v4/posts/{post_id}/pin", pin),
    route("POST", "/api/v4/posts/{post_id}/unpin", unpin),
    route("GET", "/api/v4/posts/{post_id}/thread", thread),
    route("GET", "/api/v4/channels/{channel_id}/posts", of_channel),
    route("GET", "/api/v4/channels/{channel_id}/pinned", pinned),
    route("POST", "/api/v4/teams/{team_id}/posts/search", search),
];

/// Characters of a message.
pub(crate) const MESSAGE_LENGTH: usize = 16_383;

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewPost {
    channel_id: String,
    root_id: String,
    message: String,
    #[serde(rename = "type")]
    kind: String,
    props: Map<String, Value>,
    file_ids: Vec<String>,
    pending_post_id: String,
    create_at: i64,
    metadata: NewMetadata,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewMetadata {
    priority: Option<Priority>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Priority {
    priority: String,
    requested_ack: bool,
    persistent_notifications: bool,
}

fn create(world: &mut World, call: &Call) -> Answer {
    let new: NewPost = call.decode().ok_or_else(|| Reply::bad_body("post"))?;
    require(world, call, &new.channel_id, "create_post")?;
    if let Some(again) = posted_before(world, call, &new.pending_post_id) {
        return Ok(Reply::created(again));
    }
    check(world, &new)?;
    let is_admin = world.is_system_admin(&call.user);
    let mut props = new.props;
    complete_attachments(&mut props);
    let asked_for_files = !new.file_ids.is_empty();
    let id = world.add_post(Post {
        channel: new.channel_id,
        user: call.user.clone(),
        root: new.root_id,
        message: new.message,
        kind: new.kind,
        props,
        files: new.file_ids,
        pending_id: new.pending_post_id.clone(),
        priority: new.metadata.priority.map(|priority| priority.priority),
        create_at: if is_admin { new.create_at } else { 0 },
        ..Post::default()
    });
    let mut answer = seen(world, &id);
    answer["pending_post_id"] = new.pending_post_id.into();
    if asked_for_files && answer["file_ids"] == json!([]) {
        answer["file_ids"] = Value::Null;
    }
    world.close_items_waiting_for(&id);
    Ok(Reply::created(answer))
}

/// The same name of a pending post is the same post: a cheap idempotency key.
fn posted_before(world: &World, call: &Call, pending: &str) -> Option<Value> {
    let mut posts = world.posts.iter();
    let post =
        posts.find(|p| !pending.is_empty() && p.user == call.user && p.pending_id == pending)?;
    let mut post = world.post_json(post);
    post.as_object_mut()?.remove("metadata");
    Some(post)
}

fn check(world: &World, new: &NewPost) -> Result<(), Reply> {
    let refused = |id: &str, message: &str| Reply::core(400, id, message, "");
    let channel = world.channels.get(&new.channel_id);
    if channel.is_some_and(|channel| channel.delete_at != 0) {
        return Err(refused(
            "api.post.create_post.can_not_post_to_deleted.error",
            "Can not post to deleted channel.",
        ));
    }
    if !new.root_id.is_empty() {
        let root = world.posts.get(&new.root_id);
        if root.is_none_or(|root| !root.root.is_empty() || root.channel != new.channel_id) {
            return Err(refused(
                "api.post.create_post.root_id.app_error",
                "Invalid RootId parameter.",
            ));
        }
    }
    if new.kind.starts_with("system_") {
        return Err(refused(
            "api.context.invalid_param.app_error",
            "Invalid post.type parameter.",
        ));
    }
    check_length(&new.message)?;
    if let Some(priority) = &new.metadata.priority {
        if priority.requested_ack || priority.persistent_notifications {
            return Err(Reply::core(
                501,
                "license_error.feature_unavailable",
                "Feature is not available for the current license",
                "feature is not available for the current license",
            ));
        }
        if !new.root_id.is_empty() {
            return Err(refused(
                "api.post.post_priority.priority_post_only_allowed_for_root_post.request_error",
                "Only root posts are allowed to have priority.",
            ));
        }
    }
    Ok(())
}

fn check_length(message: &str) -> Result<(), Reply> {
    if message.chars().count() > MESSAGE_LENGTH {
        return Err(Reply::core(
            400,
            "model.post.is_valid.message_length.app_error",
            "Post Message property is longer than the maximum permitted length.",
            "",
        ));
    }
    Ok(())
}

/// Attachments come back with all their keys.
fn complete_attachments(props: &mut Map<String, Value>) {
    let Some(Value::Array(attachments)) = props.get_mut("attachments") else {
        return;
    };
    for sent in attachments {
        let mut whole = attachment();
        if let (Some(whole), Some(sent)) = (whole.as_object_mut(), sent.as_object()) {
            for (key, value) in sent {
                whole.insert(key.clone(), value.clone());
            }
        }
        *sent = whole;
    }
}

/// An empty message attachment.
pub(crate) fn attachment() -> Value {
    json!({
        "id": 0, "fallback": "", "color": "", "pretext": "", "author_name": "",
        "author_link": "", "author_icon": "", "title": "", "title_link": "", "text": "",
        "fields": null, "image_url": "", "thumb_url": "", "footer": "", "footer_icon": "",
        "ts": null,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewEphemeral {
    user_id: String,
    post: NewPost,
}

fn create_ephemeral(world: &mut World, call: &Call) -> Answer {
    let new: NewEphemeral = call.decode().ok_or_else(|| Reply::bad_body("body"))?;
    require_admin(world, call, "create_post_ephemeral")?;
    if !is_id(&new.user_id) {
        return Err(Reply::bad_body("user_id"));
    }
    let post = Post {
        id: world.new_id(),
        channel: new.post.channel_id,
        user: call.user.clone(),
        message: new.post.message,
        kind: "system_ephemeral".to_owned(),
        create_at: world.now(),
        is_internal: true,
        ..Post::default()
    };
    let mut answer = world.post_json(&post);
    answer["file_ids"] = Value::Null;
    Ok(Reply::created(answer))
}

fn schedule(_: &mut World, _: &Call) -> Answer {
    Err(Reply::core(
        400,
        "api.scheduled_posts.license_error",
        "Scheduled posts feature requires a license",
        "",
    ))
}

/// The post in the path, if the caller may read it.
pub(super) fn post_in_path<'w>(world: &'w World, call: &Call) -> Result<&'w Post, Reply> {
    let id = call.param("post_id");
    if !is_id(id) {
        return Err(Reply::bad_path("post_id"));
    }
    let post = world.posts.get(id).filter(|post| post.delete_at == 0);
    let post = post.ok_or_else(|| {
        Reply::core(
            404,
            "app.post.get.app_error",
            "Unable to get the post.",
            format!("resource \"Post\" not found, id: {id}"),
        )
    })?;
    if !may_read(world, call, &post.channel) {
        return Err(Reply::no_permission(&call.user, "read_channel"));
    }
    Ok(post)
}

/// Public channels can be read by the whole team.
pub(super) fn may_read(world: &World, call: &Call, channel: &str) -> bool {
    let public = world.channels.get(channel).is_some_and(|row| {
        row.kind == "O" && world.may_in_team(&call.user, &row.team, "read_public_channel")
    });
    public || world.may_in_channel(&call.user, channel, "read_channel_content")
}

fn seen(world: &World, id: &str) -> Value {
    let post = world.posts.get(id);
    post.map(|post| world.post_json(post)).unwrap_or_default()
}

fn read(world: &mut World, call: &Call) -> Answer {
    let post = post_in_path(world, call)?;
    Ok(Reply::ok(world.post_json(post)))
}

/// The post in the path, if the caller wrote it.
fn own_post(world: &World, call: &Call, others: &str) -> Result<Post, Reply> {
    let post = post_in_path(world, call)?;
    if post.user != call.user && !world.may_in_channel(&call.user, &post.channel, others) {
        return Err(Reply::no_permission(&call.user, others));
    }
    Ok(post.clone())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    message: Option<String>,
    props: Option<Map<String, Value>>,
}

fn patch(world: &mut World, call: &Call) -> Answer {
    let patch: Patch = call.decode().ok_or_else(|| Reply::bad_body("post"))?;
    let mut post = own_post(world, call, "edit_others_posts")?;
    if let Some(message) = patch.message {
        check_length(&message)?;
        post.message = message;
    }
    if let Some(props) = patch.props {
        post.props = props;
    }
    Ok(Reply::ok(edited(world, post)))
}

fn update(world: &mut World, call: &Call) -> Answer {
    let new: NewPost = call.decode().ok_or_else(|| Reply::bad_body("post"))?;
    let mut post = own_post(world, call, "edit_others_posts")?;
    check_length(&new.message)?;
    post.message = new.message;
    post.props = new.props;
    Ok(Reply::ok(edited(world, post)))
}

fn edited(world: &mut World, mut post: Post) -> Value {
    post.update_at = world.now();
    post.edit_at = post.update_at;
    let id = post.id.clone();
    world.posts.insert(post);
    seen(world, &id)
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let mut post = own_post(world, call, "delete_others_posts")?;
    post.delete_at = world.now();
    post.update_at = post.delete_at;
    world.posts.insert(post);
    Ok(Reply::status_ok())
}

fn pin(world: &mut World, call: &Call) -> Answer {
    set_pinned(world, call, true)
}

fn unpin(world: &mut World, call: &Call) -> Answer {
    set_pinned(world, call, false)
}

fn set_pinned(world: &mut World, call: &Call, is_pinned: bool) -> Answer {
    let mut post = post_in_path(world, call)?.clone();
    post.is_pinned = is_pinned;
    post.update_at = world.now();
    world.posts.insert(post);
    Ok(Reply::status_ok())
}

/// A list of posts with the first posts of their threads.
pub(super) fn posts_json(world: &World, order: &[&Post]) -> Value {
    let mut posts = Map::new();
    for post in order {
        posts.insert(post.id.clone(), world.post_json(post));
        if let Some(root) = world.posts.get(&post.root) {
            posts.insert(root.id.clone(), world.post_json(root));
        }
    }
    let order: Vec<&str> = order.iter().map(|post| post.id.as_str()).collect();
    json!({
        "order": order,
        "posts": posts,
        "next_post_id": "",
        "prev_post_id": "",
        "first_inaccessible_post_time": 0,
    })
}

fn thread(world: &mut World, call: &Call) -> Answer {
    let post = post_in_path(world, call)?;
    let root = if post.root.is_empty() {
        &post.id
    } else {
        &post.root
    };
    let posts = world.posts.iter().filter(|p| p.delete_at == 0);
    let thread: Vec<&Post> = posts.filter(|p| p.id == *root || p.root == *root).collect();
    let mut answer = posts_json(world, &thread);
    answer["has_next"] = false.into();
    Ok(Reply::ok(answer))
}

/// Posts of a channel, the newest first.
fn newest_first<'w>(world: &'w World, channel: &str) -> Vec<&'w Post> {
    let mut posts: Vec<&Post> = world
        .posts
        .iter()
        .filter(|post| post.channel == channel && post.delete_at == 0)
        .collect();
    // Stable: posts of one moment stay in the order in which they were written.
    posts.sort_by_key(|post| post.create_at);
    posts.reverse();
    posts
}

fn of_channel(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    if !may_read(world, call, &channel.id) {
        return Err(Reply::no_permission(&call.user, "read_channel"));
    }
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<i64>().ok());
    let mut posts = newest_first(world, &channel.id);
    let place = |posts: &[&Post], id: &str| posts.iter().position(|post| post.id == id);
    if let Some(since) = number("since") {
        posts.retain(|post| post.update_at > since);
        return Ok(Reply::ok(posts_json(world, &posts)));
    }
    let per_page = number("per_page").and_then(|n| usize::try_from(n).ok());
    let per_page = per_page.unwrap_or(60).min(200);
    let page = number("page")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    if let Some(after) = call.query("after").and_then(|id| place(&posts, id)) {
        posts.truncate(after);
        let end = posts.len().saturating_sub(page.saturating_mul(per_page));
        posts = posts[end.saturating_sub(per_page)..end].to_vec();
    } else {
        if let Some(before) = call.query("before").and_then(|id| place(&posts, id)) {
            posts.drain(..=before);
        }
        posts = posts
            .into_iter()
            .skip(page.saturating_mul(per_page))
            .take(per_page)
            .collect();
    }
    let mut answer = posts_json(world, &posts);
    if call.query("after").is_none() && call.query("before").is_none() {
        // Plain pages do not count replies.
        for (_, post) in answer["posts"].as_object_mut().into_iter().flatten() {
            post["reply_count"] = 0.into();
        }
    }
    let all = newest_first(world, &channel.id);
    let neighbour = |post: Option<&&Post>, step: isize| {
        let place = post.and_then(|post| place(&all, &post.id))?;
        all.get(place.checked_add_signed(step)?)
            .map(|post| post.id.clone())
    };
    answer["next_post_id"] = neighbour(posts.first(), -1).unwrap_or_default().into();
    answer["prev_post_id"] = neighbour(posts.last(), 1).unwrap_or_default().into();
    Ok(Reply::ok(answer))
}

fn pinned(world: &mut World, call: &Call) -> Answer {
    let channel = channel_in_path(world, call)?;
    require(world, call, &channel.id, "read_channel")?;
    let mut posts = newest_first(world, &channel.id);
    posts.retain(|post| post.is_pinned);
    Ok(Reply::ok(posts_json(world, &posts)))
}

fn search(world: &mut World, call: &Call) -> Answer {
    let body = call.value().unwrap_or_default();
    let terms = body["terms"].as_str().unwrap_or_default().to_lowercase();
    let any = body["is_or_search"] == true;
    let matches = |post: &Post| {
        let message = post.message.to_lowercase();
        let mut words = terms.split_whitespace();
        if any {
            words.any(|word| message.contains(word))
        } else {
            words.all(|word| message.contains(word))
        }
    };
    let team = call.param("team_id");
    let mut posts: Vec<&Post> = world
        .posts
        .iter()
        .filter(|post| post.delete_at == 0 && post.kind.is_empty() && matches(post))
        .filter(|post| {
            let channel = world.channels.get(&post.channel);
            channel.is_some_and(|channel| channel.team == team)
                && world.is_in_channel(&call.user, &post.channel)
        })
        .collect();
    posts.reverse();
    let mut answer = posts_json(world, &posts);
    answer["matches"] = Value::Null;
    Ok(Reply::ok(answer))
}
