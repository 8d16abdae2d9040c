//! What a server without a licence answers, always the same; and groups, which need one.

use serde_json::json;

use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/schemes", no_schemes),
    route("GET", "/api/v4/schemes/{scheme_id}", scheme),
    route("GET", "/api/v4/license/load_metric", load),
    route("POST", "/api/v4/schemes", refuse),
    route("PUT", "/api/v4/teams/{team_id}/scheme", refuse),
    route("GET", "/api/v4/groups", groups),
    route("POST", "/api/v4/groups", refuse),
    route("GET", "/api/v4/teams/{team_id}/groups", refuse),
    route("GET", "/api/v4/ldap/groups", refuse),
    route("POST", "/api/v4/users/{user_id}/demote", refuse),
    route("GET", "/api/v4/data_retention/policies", refuse),
    route("GET", "/api/v4/channels/{channel_id}/bookmarks", refuse),
    route("POST", "/api/v4/channels/{channel_id}/bookmarks", refuse),
    route(
        "POST",
        "/api/v4/users/{user_id}/posts/{post_id}/ack",
        refuse,
    ),
    route(
        "DELETE",
        "/api/v4/users/{user_id}/posts/{post_id}/ack",
        refuse,
    ),
];

/// Method, a part of the path, and the error's id, message and detail.
const REFUSALS: [(&str, &str, &str, &str, &str); 11] = [
    (
        "POST",
        "/schemes",
        "api.scheme.create_scheme.license.error",
        "Your license does not support creating permissions schemes.",
        "",
    ),
    (
        "PUT",
        "/scheme",
        "api.team.update_team_scheme.license.error",
        "Your license does not support updating a team's scheme",
        "",
    ),
    (
        "GET",
        "/ldap/groups",
        "api.ldap_groups.license_error",
        "your license does not support ldap groups",
        "",
    ),
    (
        "GET",
        "/groups",
        "api.license_error",
        "api endpoint requires a license",
        "",
    ),
    (
        "POST",
        "/groups",
        "api.license_error",
        "api endpoint requires a license",
        "",
    ),
    (
        "POST",
        "/demote",
        "api.team.demote_user_to_guest.license.error",
        "Your license does not support guest accounts",
        "",
    ),
    (
        "GET",
        "/data_retention",
        "ent.data_retention.generic.license.error",
        "Your license does not support Data Retention.",
        "",
    ),
    (
        "GET",
        "/bookmarks",
        "api.channel.bookmark.channel_bookmark.license.error",
        "Your license does not support channel bookmarks.",
        "",
    ),
    (
        "POST",
        "/bookmarks",
        "api.channel.bookmark.channel_bookmark.license.error",
        "Your license does not support channel bookmarks.",
        "",
    ),
    (
        "POST",
        "/ack",
        "<untranslated>",
        "<untranslated>",
        "feature is not available for the current license",
    ),
    (
        "DELETE",
        "/ack",
        "license_error.feature_unavailable",
        "Feature is not available for the current license",
        "feature is not available for the current license",
    ),
];

fn refuse(_: &mut World, call: &Call) -> Answer {
    let refusal = REFUSALS
        .iter()
        .find(|(method, part, ..)| *method == call.method && call.path.contains(part));
    Err(match refusal {
        Some((_, _, id, message, detail)) => Reply::core(501, id, message, *detail),
        None => Reply::not_built(&call.method, &call.path),
    })
}

/// Only a seed with groups has a licence for them.
fn groups(world: &mut World, call: &Call) -> Answer {
    if world.groups.is_empty() {
        return refuse(world, call);
    }
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let per_page = number("per_page").unwrap_or(60);
    let skipped = number("page").unwrap_or_default().saturating_mul(per_page);
    let groups = world.groups.iter().skip(skipped).take(per_page);
    let groups = groups.map(|(name, id)| {
        json!({
            "id": id, "name": name, "display_name": name, "description": "", "source": "ldap",
            "remote_id": name, "create_at": 1, "update_at": 1, "delete_at": 0,
            "has_syncables": false, "allow_reference": true,
        })
    });
    Ok(Reply::ok(groups.collect::<Vec<_>>()))
}

fn no_schemes(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!([])))
}

fn scheme(_: &mut World, call: &Call) -> Answer {
    let id = call.param("scheme_id");
    Err(Reply::core(
        404,
        "app.scheme.get.app_error",
        "Unable to get the scheme.",
        format!("resource \"Scheme\" not found, id: schemeId={id}"),
    ))
}

fn load(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!({ "load": 0 })))
}
