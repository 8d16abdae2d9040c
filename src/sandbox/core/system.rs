//! Ping, client configuration, licence and plugins.

use serde_json::json;

use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, open, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    open("GET", "/api/v4/system/ping", ping),
    open("GET", "/api/v4/config/client", client_config),
    open("GET", "/api/v4/license/client", client_license),
    open("GET", "/api/v4/plugins/webapp", webapp_plugins),
    route("GET", "/api/v4/plugins/statuses", plugin_statuses),
    route("GET", "/api/v4/plugins", plugins),
    route("GET", "/api/v4/config", config),
];

/// The version of the server that is played.
const VERSION: &str = "11.6.0";

/// The version of the plugin that is played.
const PLUGIN_VERSION: &str = "2.11.0";

fn ping(_: &mut World, call: &Call) -> Answer {
    let mut status = json!({
        "ActiveSearchBackend": "database",
        "AndroidLatestVersion": "",
        "AndroidMinVersion": "",
        "IosLatestVersion": "",
        "IosMinVersion": "",
        "status": "OK",
    });
    if call.is_set("get_server_status") {
        status["database_status"] = json!("OK");
        status["filestore_status"] = json!("OK");
    }
    Ok(Reply::ok(status))
}

fn client_config(world: &mut World, call: &Call) -> Answer {
    let mut config = json!({
        "Version": VERSION,
        "BuildNumber": "",
        "BuildEnterpriseReady": "",
        "SiteURL": world.site,
        "SiteName": "Sandbox",
        "PluginsEnabled": "true",
        "EnableBotAccountCreation": "true",
    });
    if !call.user.is_empty() {
        for (key, value) in [
            ("EnableDeveloper", "true"),
            ("EnableTesting", "true"),
            ("PostPriority", "true"),
            ("MaxFileSize", "104857600"),
            ("EnableUserAccessTokens", "true"),
        ] {
            config[key] = json!(value);
        }
    }
    Ok(Reply::ok(config))
}

/// Only that others may not see it: the whole configuration is not played.
fn config(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "sysconsole_read_about_edition_and_license")?;
    Ok(Reply::not_built(&call.method, &call.path))
}

fn client_license(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!({ "IsLicensed": "false" })))
}

fn webapp_plugins(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!([])))
}

fn plugin_statuses(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "sysconsole_read_plugins")?;
    Ok(Reply::ok(json!([{
        "plugin_id": "playbooks",
        "cluster_id": "",
        "plugin_path": "plugins/playbooks",
        "state": 2,
        "error": "",
        "name": "Playbooks",
        "description": "Mattermost Playbooks enable reliable and repeatable processes for your teams.",
        "version": PLUGIN_VERSION,
    }])))
}

fn plugins(world: &mut World, call: &Call) -> Answer {
    require_admin(world, call, "sysconsole_read_plugins")?;
    let active = json!([{
        "id": "playbooks",
        "name": "Playbooks",
        "version": PLUGIN_VERSION,
        "min_server_version": "11.6.0",
    }]);
    Ok(Reply::ok(json!({ "active": active, "inactive": [] })))
}

/// Refuses everybody but system admins.
pub(super) fn require_admin(world: &World, call: &Call, permission: &str) -> Result<(), Reply> {
    if world.is_system_admin(&call.user) {
        Ok(())
    } else {
        Err(Reply::no_permission(&call.user, permission))
    }
}
