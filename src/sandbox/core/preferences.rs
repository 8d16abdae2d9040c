//! Preferences: a small store of keys and values for each user.

use serde::{Deserialize, Serialize};

use super::users::user_in_path;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/users/{user_id}/preferences", all),
    route("PUT", "/api/v4/users/{user_id}/preferences", save),
    route("POST", "/api/v4/users/{user_id}/preferences/delete", delete),
    route(
        "GET",
        "/api/v4/users/{user_id}/preferences/{category}",
        of_category,
    ),
    route(
        "GET",
        "/api/v4/users/{user_id}/preferences/{category}/name/{name}",
        one,
    ),
];

/// How many at once, and how long each part may be.
const AT_ONCE: usize = 100;
const KEY_LENGTH: usize = 32;
const VALUE_LENGTH: usize = 20_000;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Preference {
    user_id: String,
    category: String,
    name: String,
    value: String,
}

/// Preferences are for oneself.
fn own(world: &World, call: &Call) -> Result<String, Reply> {
    let user = user_in_path(call)?;
    if user == call.user || world.is_system_admin(&call.user) {
        Ok(user.to_owned())
    } else {
        Err(Reply::no_permission(&call.user, "edit_other_users"))
    }
}

fn stored(world: &World, user: &str) -> Vec<Preference> {
    let mine = world
        .preferences
        .iter()
        .filter(|((owner, ..), _)| owner == user);
    mine.map(|((user, category, name), value)| Preference {
        user_id: user.clone(),
        category: category.clone(),
        name: name.clone(),
        value: value.clone(),
    })
    .collect()
}

fn all(world: &mut World, call: &Call) -> Answer {
    let user = own(world, call)?;
    Ok(Reply::ok(stored(world, &user)))
}

fn of_category(world: &mut World, call: &Call) -> Answer {
    let user = own(world, call)?;
    let mut found = stored(world, &user);
    found.retain(|preference| preference.category == call.param("category"));
    if found.is_empty() {
        return Err(Reply::core(
            404,
            "api.preference.preferences_category.get.app_error",
            "Unable to get user preferences.",
            "",
        ));
    }
    // The real server happens to answer in the order of writing; nothing promises it.
    found.reverse();
    Ok(Reply::ok(found))
}

fn one(world: &mut World, call: &Call) -> Answer {
    let user = own(world, call)?;
    let (category, name) = (call.param("category"), call.param("name"));
    let mut found = stored(world, &user).into_iter();
    let found = found.find(|preference| preference.category == category && preference.name == name);
    let found = found.ok_or_else(|| {
        Reply::core(
            400,
            "app.preference.get.app_error",
            "We encountered an error while finding preferences.",
            format!(
                "failed to find Preference with userId={user}, category={category}, name={name}: sql: no rows in result set"
            ),
        )
    })?;
    Ok(Reply::ok(found))
}

/// What was sent: between one and a hundred, all of the caller.
fn sent(call: &Call, user: &str, error: &str, message: &str) -> Result<Vec<Preference>, Reply> {
    let list = call
        .value()
        .and_then(|value| serde_json::from_value(value).ok());
    let list: Vec<Preference> = list.ok_or_else(|| Reply::bad_body("preferences"))?;
    if list.is_empty() || list.len() > AT_ONCE {
        return Err(Reply::bad_body("preferences"));
    }
    if let Some(foreign) = list.iter().find(|preference| preference.user_id != user) {
        let detail = format!("userId={user}, preference.UserId={}", foreign.user_id);
        return Err(Reply::core(403, error, message, detail));
    }
    Ok(list)
}

fn save(world: &mut World, call: &Call) -> Answer {
    let user = own(world, call)?;
    let list = sent(
        call,
        &user,
        "api.preference.update_preferences.set.app_error",
        "Unable to set user preferences.",
    )?;
    for preference in &list {
        for (what, text, limit, message) in [
            (
                "category",
                &preference.category,
                KEY_LENGTH,
                "Invalid category.",
            ),
            ("name", &preference.name, KEY_LENGTH, "Invalid name."),
            (
                "value",
                &preference.value,
                VALUE_LENGTH,
                "Value is too long.",
            ),
        ] {
            let count = text.chars().count();
            if count > limit || (what == "category" && count == 0) {
                let error = format!("model.preference.is_valid.{what}.app_error");
                return Err(Reply::core(400, &error, message, format!("{what}={text}")));
            }
        }
    }
    for preference in list {
        let key = (preference.user_id, preference.category, preference.name);
        world.preferences.insert(key, preference.value);
    }
    Ok(Reply::status_ok())
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let user = own(world, call)?;
    let list = sent(
        call,
        &user,
        "api.preference.delete_preferences.delete.app_error",
        "Unable to delete user preferences.",
    )?;
    for preference in list {
        let key = (preference.user_id, preference.category, preference.name);
        world.preferences.remove(&key);
    }
    Ok(Reply::status_ok())
}
