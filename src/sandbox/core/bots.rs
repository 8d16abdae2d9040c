//! Bots, and personal access tokens.

use serde::Deserialize;
use serde_json::{Value, json};

use super::system::require_admin;
use super::users::{no_user, user_in_path};
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::{Bot, Session, User, World};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/bots", create),
    route("GET", "/api/v4/bots/{user_id}", read),
    route("POST", "/api/v4/bots/{user_id}/disable", disable),
    route("POST", "/api/v4/bots/{user_id}/enable", enable),
    route("POST", "/api/v4/users/tokens/revoke", revoke),
    route("GET", "/api/v4/users/{user_id}/tokens", list),
    route("POST", "/api/v4/users/{user_id}/tokens", create_token),
];

fn bot_json(user: &User) -> Option<Value> {
    let bot = user.bot.as_ref()?;
    Some(json!({
        "user_id": user.id,
        "username": user.username,
        "display_name": bot.display_name,
        "description": bot.description,
        "owner_id": bot.owner,
        "create_at": user.create_at,
        "update_at": user.update_at,
        "delete_at": user.delete_at,
    }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewBot {
    username: String,
    display_name: String,
    description: String,
}

fn create(world: &mut World, call: &Call) -> Answer {
    let new: NewBot = call.decode().ok_or_else(|| Reply::bad_body("bot"))?;
    require_admin(world, call, "create_bot")?;
    if new.username.is_empty() || world.user_named(&new.username).is_some() {
        return Err(Reply::core(
            400,
            "app.user.save.username_exists.app_error",
            "An account with that username already exists.",
            "",
        ));
    }
    let now = world.now();
    let user = User {
        id: world.new_id(),
        email: format!("{}@localhost", new.username),
        username: new.username,
        first_name: new.display_name.clone(),
        last_name: String::new(),
        nickname: String::new(),
        roles: vec!["system_user".to_owned()],
        create_at: now,
        update_at: now,
        delete_at: 0,
        bot: Some(Bot {
            owner: call.user.clone(),
            display_name: new.display_name,
            description: new.description,
        }),
    };
    let answer = bot_json(&user);
    world.users.insert(user);
    Ok(Reply::created(answer))
}

/// The bot in the path.
fn bot_in_path(world: &World, call: &Call) -> Result<User, Reply> {
    let id = user_in_path(call)?;
    let user = world.users.get(id).filter(|user| user.bot.is_some());
    user.cloned().ok_or_else(|| {
        Reply::core(
            404,
            "store.sql_bot.get.missing.app_error",
            "Bot does not exist.",
            format!("resource \"Bot\" not found, id: {id}"),
        )
    })
}

fn read(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "read_bots")?;
    Ok(Reply::ok(bot_json(&bot_in_path(world, call)?)))
}

fn disable(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    set_deleted(world, call, now)
}

fn enable(world: &mut World, call: &Call) -> Answer {
    set_deleted(world, call, 0)
}

fn set_deleted(world: &mut World, call: &Call, at: i64) -> Answer {
    require_admin(world, call, "manage_bots")?;
    let mut bot = bot_in_path(world, call)?;
    bot.delete_at = at;
    bot.update_at = world.now();
    let answer = bot_json(&bot);
    world.users.insert(bot);
    Ok(Reply::ok(answer))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewToken {
    description: String,
}

fn create_token(world: &mut World, call: &Call) -> Answer {
    let new: NewToken = call
        .decode()
        .ok_or_else(|| Reply::bad_body("user_access_token"))?;
    require_admin(world, call, "create_user_access_token")?;
    let user = user_in_path(call)?.to_owned();
    if world.users.get(&user).is_none() {
        return Err(no_user(&user));
    }
    let (id, token) = (world.new_id(), world.new_id());
    let answer = json!({
        "id": id,
        "token": token,
        "user_id": user,
        "description": new.description,
        "is_active": true,
    });
    let session = Session {
        user,
        access_token: Some((id, new.description)),
    };
    world.sessions.insert(token, session);
    Ok(Reply::ok(answer))
}

/// Tokens are shown once, at their creation; afterwards only that they exist.
fn list(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "read_user_access_token")?;
    let user = user_in_path(call)?;
    let sessions = world
        .sessions
        .values()
        .filter(|session| session.user == user);
    let tokens = sessions.filter_map(|session| {
        let (id, description) = session.access_token.as_ref()?;
        Some(json!({ "id": id, "user_id": user, "description": description, "is_active": true }))
    });
    Ok(Reply::ok(tokens.collect::<Vec<_>>()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Revocation {
    token_id: String,
}

fn revoke(world: &mut World, call: &Call) -> Answer {
    let revoked: Revocation = call.decode().ok_or_else(|| Reply::bad_body("token_id"))?;
    require_admin(world, call, "revoke_user_access_token")?;
    world.sessions.retain(|_, session| {
        session
            .access_token
            .as_ref()
            .is_none_or(|(id, _)| *id != revoked.token_id)
    });
    Ok(Reply::status_ok())
}
