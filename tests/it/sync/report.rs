//! `sync --report`: the file tells the truth, however a sync ends.

use std::process::{Command, Stdio};
use std::time::Duration;

use warroom::sandbox::Gate;

use super::views::fits;
use super::*;

impl World {
    /// The report, which fits its schema and holds no secret.
    #[track_caller]
    fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.warroom.root().join("report.json")).unwrap();
        for secret in ["hunter2", "-token"] {
            assert!(!text.contains(secret), "a secret is in the report: {text}");
        }
        fits("report", &text)
    }

    fn reported(&self, arguments: &[&str]) -> Ran {
        let all: Vec<&str> = ["--report", "report.json"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.sync(&all)
    }
}

/// What was asked of the server for the playbook at a place, and what it answered.
fn requests(report: &Value, place: usize) -> Vec<String> {
    let requests = report["playbooks"][place]["requests"].as_array().unwrap();
    let words = |one: &Value| {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        format!("{} {}", word("request"), word("answer"))
    };
    requests.iter().map(words).collect()
}

#[test]
fn the_report_says_what_was_done_and_what_was_skipped() {
    let world = World::new();
    let commit = world.commit("first").to_string();
    world.reported(&[]).ended(ExitStatus::Done);
    let report = world.report();
    assert_eq!(report["state"], "done");
    assert_eq!(report["exit"], 0);
    assert_eq!(report["account"], "alice");
    assert_eq!(report["commit"], commit);
    assert_eq!(report["playbooks"][0]["id"], world.id("Outage"));
    assert_eq!(
        requests(&report, 0),
        [
            "create-playbook done",
            "replace-playbook done",
            "note-id done"
        ]
    );
    assert_eq!(report["requests"][0]["request"], "announce");
    assert_eq!(report["summary"]["done"], 1);

    world.edit("Outage", |p| p["category_name"] = json!("Elsewhere"));
    world.warroom.write("playbooks/other.yaml", small("other"));
    world.reported(&[]).ended(ExitStatus::Refused);
    let report = world.report();
    assert_eq!(report["state"], "failed");
    assert_eq!(report["exit"], 3);
    assert_eq!(report["playbooks"][1]["result"], "skipped");
    let why = report["playbooks"][1]["why"].as_str().unwrap();
    assert!(why.contains("edited in Mattermost"), "{why}");
    assert_eq!(
        report["summary"],
        json!({"done": 1, "failed": 0, "begun": 0, "not-attempted": 0, "skipped": 1})
    );
}

#[test]
fn a_failing_sync_writes_a_report_and_hides_what_the_server_echoes() {
    let world = World::new();
    let echo = "{\"error\": \"no good: https://hooks.example.com/hunter2\"}";
    world.fault(
        "PUT",
        "/playbooks/",
        FaultAction::Status(400, echo.to_owned()),
    );
    world.reported(&[]).ended(ExitStatus::PartlyApplied);
    let report = world.report();
    assert_eq!(report["state"], "failed");
    assert_eq!(report["playbooks"][0]["result"], "failed");
    assert_eq!(
        requests(&report, 0),
        ["create-playbook done", "replace-playbook refused"]
    );
    let why = report["playbooks"][0]["why"].as_str().unwrap();
    assert!(why.contains("no good: https://hooks.example.com"), "{why}");

    world.fault("PUT", "/playbooks/", FaultAction::DropAfter);
    world.reported(&[]);
    assert_eq!(requests(&world.report(), 0)[0], "replace-playbook doubtful");
    let json = world.sync(&["--format", "json"]);
    json.ended(ExitStatus::Done);
}

#[test]
fn a_sync_that_never_began_writes_a_report() {
    let world = World::new();
    world.fault(
        "GET",
        "/api/v4/users/me",
        FaultAction::Status(401, "{}".to_owned()),
    );
    world.reported(&[]).ended(ExitStatus::Forbidden);
    let report = world.report();
    assert_eq!(report["state"], "failed");
    assert_eq!(report["exit"], 6);
    assert!(report["error"]["message"].is_string(), "{report}");
    assert_eq!(report["playbooks"], json!([]));

    world.warroom.write("playbooks/outage.yaml", "nonsense: [");
    world.reported(&[]).ended(ExitStatus::Findings);
    assert_eq!(world.report()["exit"], 2);
}

#[test]
fn a_report_that_cannot_be_written_stops_everything_before() {
    let world = World::new();
    world
        .sync(&["--report", "absent/report.json"])
        .ended(ExitStatus::Failed)
        .says("could not write the report `absent/report.json`");
    world
        .sync(&["--report", "playbooks"])
        .ended(ExitStatus::Usage);
    assert!(world.server.log().is_empty());
}

/// Starts a sync as a process of its own, and waits until its request stands before the gate.
#[cfg(unix)]
fn held(world: &World, gate: &Gate) -> std::process::Child {
    let child = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(["sync", "--yes", "--report", "report.json"])
        .current_dir(world.warroom.root())
        .env_clear()
        .env("WARROOM_SERVER", world.server.url())
        .env("WARROOM_TOKEN", world.server.token("alice"))
        .env("WARROOM_SECRET_PAGER", "https://hooks.example.com/hunter2")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(gate.wait(Duration::from_mins(1)), "no request came");
    child
}

#[cfg(unix)]
#[test]
fn whoever_interrupts_or_kills_a_sync_can_read_what_was_begun() {
    for (signal, exit) in [("-INT", Some(130)), ("-TERM", Some(130)), ("-KILL", None)] {
        let world = World::new();
        let gate = Gate::closed();
        world.fault("PUT", "/playbooks/", FaultAction::Hold(gate.clone()));
        let child = held(&world, &gate);
        let id = child.id().to_string();
        let killed = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(killed.success());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), exit, "{signal}");
        gate.open();
        let report = world.report();
        let state = if exit.is_some() {
            "interrupted"
        } else {
            "running"
        };
        assert_eq!(report["state"], state, "{signal}");
        assert_eq!(report["exit"], json!(exit));
        assert_eq!(report["playbooks"][0]["result"], "begun");
        assert_eq!(
            requests(&report, 0),
            ["create-playbook done", "replace-playbook none"]
        );
        if exit.is_some() {
            let words = String::from_utf8(ended.stderr).unwrap();
            assert!(
                words.contains("interrupted: 0 done, 0 failed, 1 begun"),
                "{words}"
            );
        }
        world.reported(&[]).ended(ExitStatus::Done);
        assert_eq!(world.report()["state"], "done");
        assert_eq!(world.live(), 1);
    }
}
