//! The recordings and the main job against a real Mattermost.
//!
//! Owns which server that is, and when to leave it alone. Whoever sets
//! `WARROOM_LIVE_URL` and `WARROOM_LIVE_TOKEN` (of a system admin) lets the suite
//! make a team and people of its own, under random names, work with them alone,
//! and archive them at the end. That the suite itself works is shown against the
//! sandbox, of which it knows nothing but the address and a token.
//!
//! One scenario only: `WARROOM_CONTRACT=run-create` beside the two.

mod api;
mod names;
mod recordings;
mod story;
mod troupe;

use std::io::Write;
use std::thread::sleep;

use serde_json::{Value, json};
use warroom::sandbox::{Options, Running, start};

use crate::support::Warroom;
use api::Api;
use troupe::{Server, Troupe};

/// A few of the recordings: every kind of name, and what one leaves for another to see.
const SAMPLE: [&str; 8] = [
    "core-channels",
    "core-teams",
    "core-users",
    "item-assignee-types",
    "playbook-name-template",
    "run-create",
    "run-create-orphans",
    "run-list-filters",
];

/// Says something even where the output of a test that passes is hidden.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "live: {text}");
}

/// The server of `WARROOM_LIVE_URL` and `WARROOM_LIVE_TOKEN`, if both are set.
fn real_server(test: &str) -> Option<Server<'static>> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some((url, token)) = set("WARROOM_LIVE_URL").zip(set("WARROOM_LIVE_TOKEN")) else {
        say(&format!(
            "{test}: skipped, WARROOM_LIVE_URL and WARROOM_LIVE_TOKEN are not both set"
        ));
        return None;
    };
    Some(Server {
        url: url.trim_end_matches('/').to_owned(),
        token,
        pass: Box::new(sleep),
    })
}

fn sandbox(here: &Warroom) -> Running {
    start(Options::local(here.clock().clone())).unwrap()
}

/// A sandbox as if it were a real server; its time passes when it is told to.
fn played<'s>(sandbox: &Running, here: &'s Warroom) -> Server<'s> {
    Server {
        url: sandbox.url(),
        token: sandbox.token("admin"),
        pass: Box::new(move |time| here.clock().advance(time)),
    }
}

#[test]
#[ignore = "needs WARROOM_LIVE_URL and WARROOM_LIVE_TOKEN"]
fn a_real_server_answers_as_it_was_recorded() {
    let Some(server) = real_server("the recordings") else {
        return;
    };
    let troupe = Troupe::gather(server).unwrap();
    for (name, why) in recordings::SKIPPED {
        say(&format!("{name}: not replayed, {why}"));
    }
    let only = std::env::var("WARROOM_CONTRACT").unwrap_or_default();
    let failures = recordings::replay(&troupe, |name| name.contains(&only));
    assert_eq!(troupe.disband(), Vec::<String>::new());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
#[ignore = "needs WARROOM_LIVE_URL and WARROOM_LIVE_TOKEN"]
fn the_main_job_works_on_a_real_server() {
    let Some(server) = real_server("the main job") else {
        return;
    };
    let mut troupe = Troupe::gather(server).unwrap();
    story::play(&mut troupe, &Warroom::new().in_the_present());
    assert_eq!(troupe.disband(), Vec::<String>::new());
}

#[test]
fn the_suite_for_real_servers_works_against_the_sandbox() {
    let here = Warroom::new();
    let sandbox = sandbox(&here);
    let api = Api::new(&sandbox.url());
    let before = strangers(&api, &sandbox);
    let mut troupe = Troupe::gather(played(&sandbox, &here)).unwrap();
    assert_ne!(troupe.username("alice"), "alice");
    let failures = recordings::replay(&troupe, |name| SAMPLE.contains(&name));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    story::play(&mut troupe, &here);

    let made = troupe.made();
    assert!(made.len() > 6, "a team and people: {made:?}");
    assert_eq!(troupe.disband(), Vec::<String>::new());
    let admin = sandbox.token("admin");
    for path in made {
        let left = api.send(&admin, "GET", &path, &Value::Null).unwrap();
        assert_ne!(left["delete_at"], 0, "{path} stays behind: {left:#}");
    }
    assert_eq!(before, strangers(&api, &sandbox));
}

#[test]
fn a_suite_that_fails_leaves_nothing_behind() {
    let here = Warroom::new();
    let sandbox = sandbox(&here);
    let troupe = Troupe::gather(played(&sandbox, &here)).unwrap();
    let made = troupe.made();
    drop(troupe);
    let api = Api::new(&sandbox.url());
    for path in made {
        let left = api.send(&sandbox.token("admin"), "GET", &path, &Value::Null);
        assert_ne!(left.unwrap()["delete_at"], 0, "{path} stays behind");
    }
}

#[test]
fn nobody_but_a_system_admin_can_lend_the_suite_a_server() {
    let here = Warroom::new();
    let sandbox = sandbox(&here);
    let server = Server {
        token: sandbox.token("alice"),
        ..played(&sandbox, &here)
    };
    let refusal = Troupe::gather(server).err().unwrap();
    assert!(refusal.contains("system admin"), "{refusal}");
    assert!(sandbox.log().iter().all(|exchange| !exchange.is_write()));
}

#[test]
fn what_is_not_replayed_on_real_servers_exists() {
    let all = recordings::all();
    for (name, _) in recordings::SKIPPED {
        assert!(all.iter().any(|scenario| scenario["scenario"] == *name));
        assert!(!SAMPLE.contains(name));
    }
}

/// What was on the server before, and has to be there unchanged afterwards.
fn strangers(api: &Api, sandbox: &Running) -> Value {
    let (admin, team) = (sandbox.token("admin"), sandbox.team_id("ops").unwrap());
    let get = |path: String| api.send(&admin, "GET", &path, &Value::Null).unwrap();
    let plugin = "/plugins/playbooks/api/v0";
    let roles = ["team_user", "system_user", "playbook_member", "run_member"];
    let roles = roles.map(|role| get(format!("/api/v4/roles/name/{role}")));
    json!({
        "teams": get(format!("/api/v4/teams/{team}")),
        "people": get(format!("/api/v4/users?in_team={team}")),
        "eve": get("/api/v4/users/username/eve".to_owned()),
        "channels": get(format!("/api/v4/teams/{team}/channels")),
        "playbooks": get(format!("{plugin}/playbooks?team_id={team}&with_archived=true")),
        "runs": get(format!("{plugin}/runs?team_id={team}")),
        "roles": roles,
    })
}
