//! The stand-in server itself: what no recording can show.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use warroom::clock::ManualClock;
use warroom::exit::ExitStatus;
use warroom::sandbox::{Fault, FaultAction, Options, PluginState, Running, Seed, start};

use crate::support::Warroom;

const PLAYBOOKS: &str = "/plugins/playbooks/api/v0/playbooks";

fn sandbox() -> Running {
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    start(Options::local(Arc::new(ManualClock::at(noon)))).unwrap()
}

/// Sends one request; `Err` when there was no answer.
fn send(
    sandbox: &Running,
    user: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<(u16, String), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .request(method.parse().unwrap(), format!("{}{path}", sandbox.url()))
            .bearer_auth(sandbox.token(user))
            .json(body)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await.unwrap()))
    })
}

fn minimal(sandbox: &Running, title: &str) -> Value {
    json!({"title": title, "team_id": sandbox.team_id("ops"), "public": true, "reminder_timer_default_seconds": 60})
}

fn titles(sandbox: &Running) -> Vec<String> {
    let (_, text) = send(sandbox, "alice", "GET", PLAYBOOKS, &Value::Null).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_lost_answer_leaves_its_effect_and_a_lost_request_does_not() {
    let sandbox = sandbox();
    let fault = |action| Fault {
        method: Some("POST".to_owned()),
        path_contains: "/playbooks".to_owned(),
        action,
        count: 1,
    };
    sandbox.fault(fault(FaultAction::Drop));
    let body = minimal(&sandbox, "never arrived");
    assert!(send(&sandbox, "alice", "POST", PLAYBOOKS, &body).is_err());
    sandbox.fault(fault(FaultAction::DropAfter));
    let body = minimal(&sandbox, "answer lost");
    assert!(send(&sandbox, "alice", "POST", PLAYBOOKS, &body).is_err());
    assert_eq!(titles(&sandbox), ["answer lost"]);
    let statuses: Vec<u16> = sandbox
        .log()
        .iter()
        .map(|exchange| exchange.status)
        .collect();
    assert_eq!(statuses, [0, 0, 200]);
}

#[test]
fn a_crashed_plugin_takes_only_its_own_paths_with_it() {
    let sandbox = sandbox();
    sandbox.set_plugin(PluginState::Crashed);
    let get = |path| send(&sandbox, "alice", "GET", path, &Value::Null).unwrap();
    assert_eq!(
        get(PLAYBOOKS),
        (500, "500 internal server error\n".to_owned())
    );
    assert_eq!(get("/api/v4/users/me").0, 200);
    sandbox.set_plugin(PluginState::Disabled);
    assert_eq!(get(PLAYBOOKS), (404, "404 page not found\n".to_owned()));
    sandbox.set_plugin(PluginState::Running);
    assert_eq!(get(PLAYBOOKS).0, 200);
}

#[test]
fn a_made_up_status_comes_as_often_as_asked_for() {
    let sandbox = sandbox();
    sandbox.fault(Fault {
        method: None,
        path_contains: "/system/ping".to_owned(),
        action: FaultAction::Status(503, "down for maintenance".to_owned()),
        count: 2,
    });
    sandbox.fault(Fault {
        method: None,
        path_contains: "/system/ping".to_owned(),
        action: FaultAction::Delay(Duration::from_millis(1)),
        count: 1,
    });
    let ping = || {
        send(
            &sandbox,
            "alice",
            "GET",
            "/api/v4/system/ping",
            &Value::Null,
        )
        .unwrap()
        .0
    };
    assert_eq!([ping(), ping(), ping()], [503, 503, 200]);
}

#[test]
fn an_unknown_route_fails_loudly() {
    let sandbox = sandbox();
    let (status, text) = send(
        &sandbox,
        "alice",
        "GET",
        "/api/v4/users/me/sessions",
        &Value::Null,
    )
    .unwrap();
    assert_eq!(status, 501);
    assert!(
        text.contains("the sandbox does not know GET /api/v4/users/me/sessions"),
        "{text}"
    );
}

/// Sends one request that must be answered with this status.
fn ask(
    sandbox: &Running,
    user: &str,
    method: &str,
    path: &str,
    body: &Value,
    status: u16,
) -> Value {
    let (given, text) = send(sandbox, user, method, path, body).unwrap();
    assert_eq!(given, status, "{method} {path}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

fn posts(sandbox: &Running, channel: &str) -> Vec<Value> {
    let path = format!("/api/v4/channels/{channel}/posts");
    let list = ask(sandbox, "alice", "GET", &path, &Value::Null, 200);
    let order = list["order"].as_array().unwrap().iter().rev();
    order
        .map(|id| list["posts"][id.as_str().unwrap()].clone())
        .collect()
}

const RUNS: &str = "/plugins/playbooks/api/v0/runs";

/// Starts a run of a playbook that tells `incidents`, and answers the run.
fn start_broadcasting(sandbox: &Running) -> Value {
    let mut playbook = minimal(sandbox, "Outage");
    playbook["broadcast_enabled"] = json!(true);
    playbook["broadcast_channel_ids"] = json!([sandbox.channel_id("ops", "incidents")]);
    playbook["status_update_enabled"] = json!(true);
    let made = ask(sandbox, "alice", "POST", PLAYBOOKS, &playbook, 201);
    let start = json!({
        "name": "API down",
        "owner_user_id": sandbox.user_id("alice"),
        "team_id": sandbox.team_id("ops"),
        "playbook_id": made["id"],
    });
    ask(sandbox, "alice", "POST", RUNS, &start, 201)
}

#[test]
fn status_updates_answer_the_announcement_in_broadcast_channels() {
    let sandbox = sandbox();
    let run = start_broadcasting(&sandbox);
    let path = format!("{RUNS}/{}/status", run["id"].as_str().unwrap());
    let update = json!({"message": "looking", "reminder": 600});
    ask(&sandbox, "alice", "POST", &path, &update, 200);
    let channel = sandbox.channel_id("ops", "incidents").unwrap();
    let posts = posts(&sandbox, &channel);
    assert_eq!(posts.len(), 2);
    assert!(posts[0]["message"].as_str().unwrap().contains("API down"));
    assert_eq!(posts[1]["root_id"], posts[0]["id"]);
    assert_eq!(posts[1]["type"], "custom_run_update");
}

#[test]
fn the_bot_asks_for_an_update_when_the_clock_says_so() {
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(noon));
    let sandbox = start(Options::local(clock.clone())).unwrap();
    let run = start_broadcasting(&sandbox);
    let path = format!("{RUNS}/{}", run["id"].as_str().unwrap());
    let update = json!({"message": "looking", "reminder": 600});
    ask(
        &sandbox,
        "alice",
        "POST",
        &format!("{path}/status"),
        &update,
        200,
    );
    clock.advance(Duration::from_secs(599));
    let read = || ask(&sandbox, "alice", "GET", &path, &Value::Null, 200);
    assert_eq!(read()["reminder_post_id"], "");
    clock.advance(Duration::from_secs(1));
    assert_ne!(read()["reminder_post_id"], "");
}

#[test]
fn everybody_a_workspace_names_can_log_in_and_is_on_the_team() {
    let settings = settings_of_acme();
    let permissions = serde_json::from_value(json!({
        "groups": {"sre": ["dana"]},
        "profiles": {"open": {"playbook": {"use": ["group:sre"], "edit": ["edgar"]}}},
    }))
    .unwrap();
    let seed = Seed::default().with_workspace(&settings, &permissions, []);
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(noon));
    let sandbox = start(Options {
        seed,
        ..Options::local(clock)
    })
    .unwrap();
    let login = json!({"login_id": "dana", "password": "dana-password"});
    ask(
        &sandbox,
        "nobody",
        "POST",
        "/api/v4/users/login",
        &login,
        200,
    );
    for name in ["dana", "edgar", "syncbot", "admin"] {
        ask(
            &sandbox,
            name,
            "GET",
            "/api/v4/teams/name/platform",
            &Value::Null,
            200,
        );
    }
    assert!(sandbox.channel_id("platform", "changes").is_some());
}

fn settings_of_acme() -> warroom::model::Settings {
    serde_json::from_value(json!({
        "format": 1,
        "workspace": "acme",
        "team": "platform",
        "sync": {"account": "syncbot", "announce": "~changes"},
    }))
    .unwrap()
}

#[test]
fn a_seed_of_ones_own_is_read_and_a_wrong_one_is_refused() {
    let seed =
        Seed::from_yaml("users: [{name: zoe, admin: true}]\nteams: [{name: red, members: [zoe]}]");
    assert_eq!(seed.unwrap().users[0].name, "zoe");
    let refusal = Seed::from_yaml("people: []").unwrap_err();
    assert!(refusal.contains("line 1"), "{refusal}");
}

#[test]
fn the_command_says_what_it_takes_and_never_repeats_a_file_that_is_no_seed() {
    let here = Warroom::new().file("passwords", "root:x:0:CANARY\n");
    let refused = |option: &str, value: &str| {
        let ran = here.run(&["sandbox", "--listen", "127.0.0.1:0", option, value]);
        assert_eq!(ran.status, ExitStatus::Failed);
        ran.err
    };
    insta::assert_snapshot!(refused("--workspace", "nowhere"), @r"
    error: there is no workspace in `[ROOT]/nowhere`: it holds no `warroom.yaml`
    help: `--workspace` takes the folder that holds `warroom.yaml`
    ");
    insta::assert_snapshot!(refused("--seed", "nowhere"), @r"
    error: could not read the seed `[ROOT]/nowhere`: there is no such file
    help: `--seed` takes a YAML file with `users` and `teams`; without it the sandbox has its own
    ");
    insta::assert_snapshot!(refused("--seed", "passwords"), @r"
    error: could not use the seed `[ROOT]/passwords`: it does not have the form of a seed (line 1, column 1)
    help: a seed holds `users: [{ name, admin, bot }]` and `teams: [{ name, title, members, channels: [{ name, title }] }]`
    ");
}

#[test]
fn the_command_says_when_its_address_is_taken() {
    let sandbox = sandbox();
    let address = sandbox.url().replace("http://", "");
    let ran = Warroom::new().run(&["sandbox", "--listen", &address]);
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(ran.err.contains("could not listen on"), "{}", ran.err);
    assert!(ran.err.contains("--listen 127.0.0.1:0"), "{}", ran.err);
}

#[test]
fn the_command_refuses_a_workspace_with_mistakes() {
    let here = Warroom::new().file("warroom.yaml", "format: 9\n");
    let ran = here.run(&["sandbox", "--listen", "127.0.0.1:0", "--workspace", "."]);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(ran.err.contains("warroom validate"), "{}", ran.err);
}
