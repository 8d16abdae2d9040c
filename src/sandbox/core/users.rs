//! Users: login and look-up, making and deactivating.

use serde::Deserialize;
use serde_json::{Value, json};

use super::system::require_admin;
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, open, route};
use crate::sandbox::world::{Session, Team, User, World};

pub(super) const ROUTES: &[Route] = &[
    open("POST", "/api/v4/users/login", login),
    route("POST", "/api/v4/users/usernames", by_usernames),
    route("POST", "/api/v4/users/ids", by_ids),
    route("POST", "/api/v4/users", create),
    route("GET", "/api/v4/users", list),
    route("GET", "/api/v4/users/username/{name}", by_username),
    route("GET", "/api/v4/users/email/{email}", by_email),
    route("GET", "/api/v4/users/{user_id}", by_id),
    route("DELETE", "/api/v4/users/{user_id}", deactivate),
    route("GET", "/api/v4/users/{user_id}/teams", teams),
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Login {
    login_id: String,
    password: String,
}

fn login(world: &mut World, call: &Call) -> Answer {
    let login: Login = call.decode().unwrap_or_default();
    let user = world.users.iter().find(|user| {
        user.bot.is_none() && [&user.username, &user.email].contains(&&login.login_id)
    });
    let user = user.filter(|user| match world.passwords.get(&user.id) {
        Some(password) => login.password == *password,
        None => login.password == format!("{}-password", user.username),
    });
    let Some(user) = user else {
        return Err(Reply::core(
            401,
            "api.user.login.invalid_credentials_email_username",
            "Enter a valid email or username and/or password.",
            "",
        ));
    };
    if user.delete_at != 0 {
        return Err(Reply::core(
            401,
            "api.user.login.inactive.app_error",
            "Login failed because your account has been deactivated. Please contact an administrator.",
            "",
        ));
    }
    let (answer, session) = (
        user.own_json(),
        Session {
            user: user.id.clone(),
            access_token: None,
        },
    );
    let token = format!("{}-token", user.username);
    world.sessions.insert(token.clone(), session);
    Ok(Reply::ok(answer).token(token))
}

/// `me` stands for the caller in every path of a user.
pub(super) fn addressed_user(call: &Call) -> &str {
    match call.param("user_id") {
        "me" => &call.user,
        id => id,
    }
}

/// The user in the path, which must look like one.
pub(super) fn user_in_path(call: &Call) -> Result<&str, Reply> {
    let id = addressed_user(call);
    if is_id(id) {
        Ok(id)
    } else {
        Err(Reply::bad_path("user_id"))
    }
}

fn seen_by(call: &Call, user: &User) -> Value {
    if user.id == call.user {
        user.own_json()
    } else {
        user.public_json()
    }
}

fn by_id(world: &mut World, call: &Call) -> Answer {
    let id = user_in_path(call)?;
    let user = world.users.get(id).ok_or_else(|| no_user(id))?;
    Ok(Reply::ok(seen_by(call, user)))
}

/// Core: there is no such user.
pub(super) fn no_user(id: &str) -> Reply {
    Reply::core(
        404,
        "app.user.missing_account.const",
        "Unable to find the user.",
        format!("resource \"User\" not found, id: {id}"),
    )
}

fn by_username(world: &mut World, call: &Call) -> Answer {
    let name = call.param("name");
    if name.chars().any(char::is_uppercase) {
        return Err(Reply::bad_body("username"));
    }
    let user = world.user_named(name).ok_or_else(|| {
        Reply::core(
            404,
            "app.user.get_by_username.app_error",
            "Unable to find an existing account matching your username for this team. This team may require an invite from the team owner to join.",
            format!("failed to find User: resource \"User\" not found, id: username={name}"),
        )
    })?;
    Ok(Reply::ok(seen_by(call, user)))
}

fn by_email(world: &mut World, call: &Call) -> Answer {
    let email = call.param("email");
    let user = world.users.iter().find(|user| user.email == email);
    let user = user.ok_or_else(|| {
        Reply::core(
            404,
            "app.user.missing_account.const",
            "Unable to find the user.",
            format!("failed to find User: resource \"User\" not found, id: email={email}"),
        )
    })?;
    Ok(Reply::ok(seen_by(call, user)))
}

fn by_usernames(world: &mut World, call: &Call) -> Answer {
    let names = listed(call).ok_or_else(|| Reply::bad_body("usernames"))?;
    let users = world.users.iter().filter(|u| names.contains(&u.username));
    Ok(Reply::ok(
        users.map(|u| seen_by(call, u)).collect::<Vec<_>>(),
    ))
}

fn by_ids(world: &mut World, call: &Call) -> Answer {
    let ids = listed(call).ok_or_else(|| Reply::bad_body("user_ids"))?;
    let users = world.users.iter().filter(|u| ids.contains(&u.id));
    Ok(Reply::ok(
        users.map(|u| seen_by(call, u)).collect::<Vec<_>>(),
    ))
}

/// A body that is a list of strings, and not an empty one.
fn listed(call: &Call) -> Option<Vec<String>> {
    let list: Vec<String> = serde_json::from_value(call.value()?).ok()?;
    (!list.is_empty()).then_some(list)
}

fn list(world: &mut World, call: &Call) -> Answer {
    let team = call.query("in_team");
    let channel = call.query("in_channel");
    let mut users: Vec<&User> = world
        .users
        .iter()
        .filter(|user| team.is_none_or(|team| world.is_on_team(&user.id, team)))
        .filter(|user| channel.is_none_or(|channel| world.is_in_channel(&user.id, channel)))
        .collect();
    users.sort_by(|a, b| a.username.cmp(&b.username));
    let users = page(call, users, 60);
    Ok(Reply::ok(
        users.map(|u| seen_by(call, u)).collect::<Vec<_>>(),
    ))
}

/// One page of a list of core.
pub(super) fn page<T>(call: &Call, rows: Vec<T>, per_page: usize) -> impl Iterator<Item = T> {
    let number = |name: &str| call.query(name).and_then(|text| text.parse().ok());
    let per_page = number("per_page").unwrap_or(per_page).min(200);
    let page: usize = number("page").unwrap_or_default();
    rows.into_iter()
        .skip(page.saturating_mul(per_page))
        .take(per_page)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewUser {
    username: String,
    email: String,
    password: String,
    first_name: String,
    last_name: String,
    nickname: String,
}

fn create(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "create_user")?;
    let new: NewUser = call.decode().ok_or_else(|| Reply::bad_body("user"))?;
    if world.user_named(&new.username).is_some() {
        return Err(Reply::core(
            400,
            "app.user.save.username_exists.app_error",
            "An account with that username already exists.",
            "",
        ));
    }
    if new.password.is_empty() || new.username.is_empty() {
        return Err(Reply::bad_body("user"));
    }
    let now = world.now();
    let user = User {
        id: world.new_id(),
        username: new.username,
        email: new.email,
        first_name: new.first_name,
        last_name: new.last_name,
        nickname: new.nickname,
        roles: vec!["system_user".to_owned()],
        create_at: now,
        update_at: now,
        delete_at: 0,
        bot: None,
    };
    let answer = user.public_json();
    world.passwords.insert(user.id.clone(), new.password);
    world.users.insert(user);
    Ok(Reply::created(answer))
}

fn deactivate(world: &mut World, call: &Call) -> Answer {
    let id = user_in_path(call)?.to_owned();
    if id != call.user {
        require_admin(world, call, "sysconsole_write_usermanagement_users")?;
    }
    let now = world.now();
    let user = world.users.get_mut(&id).ok_or_else(|| no_user(&id))?;
    user.delete_at = now;
    user.update_at = now;
    Ok(Reply::status_ok())
}

fn teams(world: &mut World, call: &Call) -> Answer {
    let user = user_in_path(call)?;
    if user != call.user {
        require_admin(world, call, "edit_other_users")?;
    }
    let teams = world.teams_of(user).into_iter().map(Team::json);
    Ok(Reply::ok(json!(teams.collect::<Vec<_>>())))
}
