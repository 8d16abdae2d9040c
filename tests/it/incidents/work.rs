//! Tasks, stages and finding the incident that is meant.

use serde_json::{Value, json};
use warroom::sandbox::FaultAction;

use super::scene::Scene;

#[test]
fn tasks_are_checked_by_number_key_and_part_of_the_title() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "check", "1.1", "page-vendor"]), @"OUT-00001 Checkout 5xx: checked 1.1 Confirm the outage; checked 1.2 Page the vendor");
    insta::assert_snapshot!(scene.done("bob", &["run", "skip", "status page"]), @"OUT-00001 Checkout 5xx: skipped 1.3 Publish on the status page; moved on to the stage Recover");
    insta::assert_snapshot!(scene.done("bob", &["run", "uncheck", "1.3", "1.2"]), @"OUT-00001 Checkout 5xx: unchecked 1.3 Publish on the status page; unchecked 1.2 Page the vendor");
    insta::assert_snapshot!(scene.done("bob", &["run", "check", "1.1"]), @"OUT-00001 Checkout 5xx: 1.1 Confirm the outage was done already");
    insta::assert_snapshot!(scene.state(), @"[//]: warroom:acme/outage?commit=3f2a91c&status=reported&severity=sev3&stage=recover&start=[ID]&seen=[AT]");
    insta::assert_snapshot!(scene.overview(), @r"
    **Reported** · SEV-3 · @carol

    1 of 6 done, now in *Recover*, 0 updates
    ");
}

#[test]
fn all_candidates_of_an_ambiguous_task_are_shown_and_none_is_touched() {
    let scene = Scene::running();
    let ran = scene.run("alice", &["run", "check", "1.1", "the"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: `the` fits several tasks: 1.1 Confirm the outage, 1.2 Page the vendor, 1.3 Publish on the status page, 2.1 Roll back the last change, 2.3 Complete the timeline
    help: name one of them by its number
    ");
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn required_tasks_come_before_the_next_stage() {
    let scene = Scene::running();
    let ran = scene.run("alice", &["run", "check", "verify"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: task 2.2 belongs to a later stage, and required tasks come first: 1.1 Confirm the outage
    help: check them, or skip them with `warroom run skip`
    ");
    assert_eq!(scene.writes(), [""; 0]);
    scene.done("alice", &["run", "check", "confirm", "verify"]);
    assert!(scene.state().contains("stage=recover"), "{}", scene.state());
}

#[test]
fn a_write_that_was_swallowed_is_sent_again() {
    let scene = Scene::running();
    scene.fault("PUT", "/state", FaultAction::Status(200, "{}".to_owned()));
    scene.done("alice", &["run", "check", "1.1"]);
    assert_eq!(scene.task(0, 0)["state"], "closed");
    let states = scene
        .writes()
        .into_iter()
        .filter(|write| write.ends_with("/state"));
    assert_eq!(states.count(), 2);
}

#[test]
fn a_check_is_one_write_and_one_overview() {
    let scene = Scene::running();
    scene.done("alice", &["run", "check", "1.1"]);
    assert_eq!(
        scene.writes(),
        [
            "PUT /runs/[ID]/checklists/0/item/0/state",
            "PATCH /runs/[ID]"
        ]
    );
}

#[test]
fn a_task_that_was_moved_is_still_found_by_its_key() {
    let scene = Scene::running();
    let body = json!({
        "source_checklist_idx": 0, "source_item_idx": 0, "dest_checklist_idx": 1, "dest_item_idx": 2,
    });
    scene.api(
        "alice",
        "POST",
        &format!("{}/checklists/move-item", scene.path()),
        &body,
    );
    let out = scene.done("alice", &["run", "check", "page-vendor"]);
    assert!(out.contains("checked 1.1 Page the vendor"), "{out}");
}

#[test]
fn the_page_and_the_table_of_an_incident() {
    let scene = Scene::running();
    scene.done("alice", &["run", "check", "1.1"]);
    scene
        .warroom
        .clock()
        .advance(std::time::Duration::from_hours(3));
    insta::assert_snapshot!(scene.done("dave", &["run", "show"]), @r"
    OUT-00001 Checkout 5xx
    [SITE]/playbooks/runs/[ID]

      status      Reported
      severity    SEV-3
      commander   @carol
      started by  @alice
      started     2026-11-21 12:00 UTC, 3h ago
      tasks       1 of 6 done
      updates     0, next in 59m58s
      channel     ~checkout-5xx
      playbook    acme/outage at 3f2a91c

    1 Triage  <- stage
      1.1  done  Confirm the outage          -
      1.2  open  Page the vendor             -
      1.3  open  Publish on the status page  -

    2 Recover
      2.1  open  Roll back the last change   -  required
      2.2  open  Verify with real traffic    -  required
      2.3  open  Complete the timeline       -
    ");
    insta::assert_snapshot!(scene.done("dave", &["run", "list"]), @r"
    NUMBER     NAME          STATUS    SEVERITY  COMMANDER  TASKS  AGE  NEXT UPDATE
    OUT-00001  Checkout 5xx  Reported  SEV-3     carol      1/6    3h   in 59m57s
    ");
}

#[test]
fn the_incident_is_found_by_what_people_call_it() {
    let scene = Scene::running();
    let line = ["run", "start", "outage", "--name", "Login slow"];
    scene.done("alice", &line);
    for (called, number) in [
        ("OUT-00001", "OUT-00001"),
        ("2", "OUT-00002"),
        ("checkout", "OUT-00001"),
        ("~login-slow", "OUT-00002"),
    ] {
        let out = scene.done("alice", &["run", "show", "-i", called]);
        assert!(out.starts_with(number), "{called}: {out}");
        // The last one used is meant when none is named.
        let out = scene.done("alice", &["run", "commander"]);
        assert!(out.starts_with(number), "{called}: {out}");
    }
    let (url, token) = (scene.sandbox.url(), scene.sandbox.token("alice"));
    let variables = [
        ("WARROOM_SERVER", url.as_str()),
        ("WARROOM_TOKEN", &token),
        ("WARROOM_INCIDENT", "OUT-00001"),
    ];
    let ran = scene.warroom.run_with(&variables, &["run", "commander"]);
    assert!(ran.out.starts_with("OUT-00001"), "{}", ran.transcript());
    let ran = scene.run("alice", &["run", "show", "-i", "nothing"]);
    assert_eq!(ran.status.code(), 1);
    assert!(
        ran.err.contains("no incident is called `nothing`"),
        "{}",
        ran.err
    );
}

#[test]
fn without_a_name_and_without_a_last_one_the_question_is_asked_back() {
    let scene = Scene::new();
    let ran = scene.run("alice", &["run", "show"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: which incident?
    help: name it with `--incident`: its number, the beginning of its name, or its `~channel`; `warroom run list` shows them
    ");
}

#[test]
fn json_says_the_same() {
    let scene = Scene::running();
    let out = scene.done("alice", &["run", "check", "1.1", "--format", "json"]);
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(out["version"], 1);
    assert_eq!(out["verb"], "check");
    assert_eq!(out["did"], json!(["checked 1.1 Confirm the outage"]));
    assert_eq!(
        out["incident"]["checklists"][0]["tasks"][0]["state"],
        "done"
    );
    let list = scene.done("alice", &["run", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["incidents"][0]["number"], "OUT-00001");
}

#[test]
fn failures_are_json_too_where_json_was_asked_for() {
    let scene = Scene::running();
    let json = |line: &[&str]| {
        let ran = scene.run("alice", line);
        let out: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            out["error"]["exit"],
            ran.status.code(),
            "{}",
            ran.transcript()
        );
        assert!(!ran.err.is_empty());
        out
    };
    let blocked = json(&["run", "check", "verify", "--format", "json"]);
    assert_eq!(
        blocked,
        json!({ "version": 1, "error": {
            "message": "task 2.2 belongs to a later stage, and required tasks come first: 1.1 Confirm the outage",
            "help": "check them, or skip them with `warroom run skip`",
            "exit": 3,
        } })
    );
    for line in [
        &["run", "check", "--format", "json"][..],
        &["--format=json", "run", "nonsense"],
        &["run", "--format", "json"],
        &["run", "show", "--format", "json", "--what"],
    ] {
        let wrong = json(line);
        assert_eq!(wrong["error"]["exit"], 64);
        let message = wrong["error"]["message"].as_str().unwrap();
        assert!(
            !message.is_empty() && !message.starts_with("error"),
            "{message}"
        );
    }
    let ran = scene.run("alice", &["run", "check", "verify"]);
    assert_eq!(ran.out, "");
}
