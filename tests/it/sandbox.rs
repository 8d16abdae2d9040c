//! The stand-in server itself: what no recording can show.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use warroom::clock::ManualClock;
use warroom::sandbox::{Fault, FaultAction, Options, PluginState, Running, start};

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
    body: Value,
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
            .json(&body)
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
    let (_, text) = send(sandbox, "alice", "GET", PLAYBOOKS, Value::Null).unwrap();
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
    assert!(send(&sandbox, "alice", "POST", PLAYBOOKS, body).is_err());
    sandbox.fault(fault(FaultAction::DropAfter));
    let body = minimal(&sandbox, "answer lost");
    assert!(send(&sandbox, "alice", "POST", PLAYBOOKS, body).is_err());
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
    let get = |path| send(&sandbox, "alice", "GET", path, Value::Null).unwrap();
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
        send(&sandbox, "alice", "GET", "/api/v4/system/ping", Value::Null)
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
        Value::Null,
    )
    .unwrap();
    assert_eq!(status, 501);
    assert!(
        text.contains("the sandbox does not know GET /api/v4/users/me/sessions"),
        "{text}"
    );
}
