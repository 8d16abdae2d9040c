//! Slash commands.
//!
//! The answer to a command is empty: what it says goes to a WebSocket that the
//! sandbox does not have. What `/playbook` changes in a run does happen.

use serde::Deserialize;
use serde_json::{Value, json};

use super::channels::require;
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::runs::commands;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/api/v4/commands", list),
    route("POST", "/api/v4/commands/execute", execute),
    route(
        "GET",
        "/api/v4/teams/{team_id}/commands/autocomplete_suggestions",
        suggest,
    ),
    route("POST", "/api/v4/actions/dialogs/open", open_dialog),
];

/// Sub-commands of `/playbook`.
const SUB_COMMANDS: [&str; 12] = [
    "run",
    "finish",
    "update",
    "check",
    "checkadd",
    "checkremove",
    "owner",
    "info",
    "timeline",
    "todo",
    "settings",
    "test",
];

fn list(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!([{
        "id": "", "token": "", "create_at": 0, "update_at": 0, "delete_at": 0, "creator_id": "",
        "team_id": "", "trigger": "playbook", "method": "", "username": "", "icon_url": "",
        "auto_complete": true, "auto_complete_desc": "Available commands: run, finish",
        "auto_complete_hint": "[command]", "display_name": "Playbook", "description": "Playbooks",
        "url": "", "plugin_id": "playbooks",
    }])))
}

fn suggest(_: &mut World, _: &Call) -> Answer {
    let suggestion = |name: &&str| {
        json!({
            "Complete": format!("/playbook {name}"), "Suggestion": name, "Hint": "",
            "Description": "", "IconData": "",
        })
    };
    Ok(Reply::ok(
        SUB_COMMANDS.iter().map(suggestion).collect::<Vec<Value>>(),
    ))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Execution {
    channel_id: Id,
    command: String,
}

fn execute(world: &mut World, call: &Call) -> Answer {
    let sent: Execution = call
        .decode()
        .ok_or_else(|| Reply::bad_body("command_args"))?;
    let Some(command) = sent.command.strip_prefix('/') else {
        return Err(Reply::core(
            400,
            "api.command.execute_command.start.app_error",
            "No command trigger found.",
            "",
        ));
    };
    require(world, call, &sent.channel_id, "create_post")?;
    let (trigger, arguments) = command.split_once(' ').unwrap_or((command, ""));
    if trigger != "playbook" {
        return Err(Reply::core(
            404,
            "api.command.execute_command.not_found.app_error",
            &format!(
                "Command with a trigger of '{trigger}' not found. To send a message beginning with \"/\", try adding an empty space at the beginning of the message."
            ),
            "",
        ));
    }
    commands::execute(world, &call.user, &sent.channel_id, arguments);
    Ok(Reply::ok(json!({
        "response_type": "", "text": "", "username": "", "channel_id": "", "icon_url": "",
        "type": "", "props": null, "goto_location": "", "trigger_id": world.new_id(),
        "skip_slack_parsing": false, "attachments": null, "extra_responses": null,
    })))
}

/// Opening a dialog needs the trigger of a click, which nobody can make here.
fn open_dialog(_: &mut World, _: &Call) -> Answer {
    Err(Reply::core(
        400,
        "interactive_message.decode_trigger_id.base64_decode_failed",
        "Failed to decode base64 for trigger ID for interactive dialog.",
        "illegal base64 data at input byte 0",
    ))
}
