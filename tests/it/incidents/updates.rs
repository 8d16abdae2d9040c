//! Status updates, the end, and the way back.

use serde_json::{Value, json};

use super::scene::{PLUGIN, Scene};

const SET: [&str; 6] = [
    "run",
    "update",
    "--set",
    "impact=Nobody can pay",
    "--set",
    "next=We roll back",
];

fn messages(scene: &Scene) -> Vec<String> {
    let path = format!("{}/status-updates", scene.path());
    let updates = scene.api("alice", "GET", &path, &Value::Null);
    let updates = updates.as_array().unwrap().iter();
    updates
        .map(|u| u["message"].as_str().unwrap().to_owned())
        .collect()
}

fn finish_required(scene: &Scene) {
    scene.done("alice", &["run", "check", "confirm", "rollback", "verify"]);
}

#[test]
fn an_update_says_what_its_template_makes_of_the_inputs() {
    let scene = Scene::running();
    let line = [&SET[..], &["--status", "active", "--yes"]].concat();
    insta::assert_snapshot!(scene.done("alice", &line), @"OUT-00001 Checkout 5xx: set the status to Active; posted status update 1, the next one is due in 4h");
    insta::assert_snapshot!(messages(&scene)[0], @"**Active** · Nobody can pay · We roll back · nothing · next by 2026-11-21 16:00 UTC");
    insta::assert_snapshot!(scene.overview(), @r"
    **Active** · SEV-3 · @carol

    0 of 6 done, now in *Triage*, 1 updates
    ");
    assert!(scene.state().contains("status=active"), "{}", scene.state());
    insta::assert_snapshot!(scene.posts("checkout-5xx").last().unwrap(), @"Status: **Active** (was Reported).");
}

#[test]
fn later_updates_keep_the_last_timer_and_see_the_last_message() {
    let scene = Scene::running();
    scene.done("alice", &[&SET[..], &["--next", "45m", "--yes"]].concat());
    let out = scene.done("bob", &[&SET[..], &["--yes"]].concat());
    assert!(
        out.contains("posted status update 2, the next one is due in 45m"),
        "{out}"
    );
    assert!(
        messages(&scene)[0].contains("before: "),
        "{:?}",
        messages(&scene)
    );
}

#[test]
fn without_a_terminal_missing_inputs_are_named_and_nothing_is_posted() {
    let scene = Scene::running();
    let ran = scene.run("alice", &["run", "update", "--yes"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `templates/update.md.j2` needs inputs: `impact` (What can customers not do?), `next` (What happens next?)
    help: give each with `--set KEY=VALUE`
    ");
    let ran = scene.run("alice", &SET);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    **Reported** · Nobody can pay · We roll back · nothing · next by 2026-11-21 16:00 UTC
    error: nobody can be asked: Post this? [y/N]
    help: there is no terminal; answer beforehand with `--yes`
    ");
    let ran = scene.run(
        "alice",
        &[&SET[..], &["--set", "impakt=x", "--yes"]].concat(),
    );
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: `templates/update.md.j2` has no input `impakt`
    help: it asks for `impact` (What can customers not do?; required), `next` (What happens next?; required), `note` (Anything else?; without it: nothing)
    ");
    let ran = scene.run("alice", &["run", "update", "--set", "impact= ", "--yes"]);
    assert_eq!(ran.status.code(), 64, "{}", ran.transcript());
    assert!(
        ran.err
            .contains("the input `impact` of `templates/update.md.j2` must not be empty"),
        "{}",
        ran.err
    );
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn on_a_terminal_missing_inputs_are_asked_for_and_the_text_is_shown() {
    let scene = Scene::typing("\nNobody can pay\nWe roll back\n\ny\n");
    scene.start();
    let ran = scene.run("alice", &["run", "update"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    OUT-00001 Checkout 5xx: posted status update 1, the next one is due in 4h
    --- stderr
    What can customers not do? What can customers not do? What happens next? Anything else? [nothing] **Reported** · Nobody can pay · We roll back · nothing · next by 2026-11-21 16:00 UTC
    Post this? [y/N]
    ");
    assert_eq!(messages(&scene).len(), 1);
}

#[test]
fn whoever_says_no_posts_nothing() {
    let scene = Scene::typing("n\n");
    scene.start();
    let ran = scene.run("alice", &[&SET[..], &["--set", "note=x"]].concat());
    assert_eq!(ran.status.code(), 3, "{}", ran.transcript());
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn the_server_replaces_nothing_in_what_people_write() {
    let scene = Scene::running();
    let line = [
        "run",
        "update",
        "--set",
        "impact={SEQ} {OWNER} {json: 1}",
        "--set",
        "next=@all",
        "--yes",
    ];
    scene.done("alice", &line);
    let message = messages(&scene)[0].replace(['\u{2060}', '\u{200b}'], "");
    assert!(message.contains("{SEQ} {OWNER} {json: 1}"), "{message}");
    assert!(!messages(&scene)[0].contains("@all"));
}

#[test]
fn a_text_over_the_limit_is_refused_with_the_limit_named() {
    let scene = Scene::running();
    let impact = format!("impact={}", "x".repeat(10_000));
    let line = [
        "run", "update", "--set", &impact, "--set", "next=y", "--yes",
    ];
    scene.done("alice", &line);
    assert!(messages(&scene)[0].contains(&"x".repeat(10_000)));
    let impact = format!("impact={}", "x".repeat(17_000));
    let line = [
        "run", "update", "--set", &impact, "--set", "next=y", "--yes",
    ];
    let ran = scene.run("alice", &line);
    assert_eq!(ran.status.code(), 3, "{}", ran.transcript());
    assert!(ran.err.contains("the server takes 16383"), "{}", ran.err);
}

#[test]
fn an_ending_status_writes_the_overview_then_ends_the_incident() {
    let scene = Scene::running();
    finish_required(&scene);
    scene.sandbox.clear_log();
    let line = [&SET[..], &["--status", "resolved", "--yes"]].concat();
    insta::assert_snapshot!(scene.done("alice", &line), @"OUT-00001 Checkout 5xx: set the status to Resolved; posted status update 1; ended the incident; told ~ops-changes");
    insta::assert_snapshot!(scene.writes().join("\n"), @r"
    POST /posts
    PATCH /runs/[ID]
    POST /runs/[ID]/status
    POST /posts
    POST /posts
    ");
    insta::assert_snapshot!(scene.overview(), @r"
    **Resolved** · SEV-3 · @carol

    3 of 6 done, now in *Recover*, 1 updates
    ");
    assert_eq!(scene.incident()["current_status"], "Finished");
    assert!(
        scene.state().contains("status=resolved"),
        "{}",
        scene.state()
    );
    assert!(
        scene
            .posts("ops-changes")
            .last()
            .unwrap()
            .contains("is over")
    );
}

#[test]
fn an_incident_does_not_end_with_required_tasks_open() {
    let scene = Scene::running();
    let ran = scene.run("alice", &[&SET[..], &["--final", "--yes"]].concat());
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: required tasks are open: 1.1 Confirm the outage, 2.1 Roll back the last change, 2.2 Verify with real traffic
    help: check or skip them first, or end it all the same with `warroom run end --yes`
    ");
    let ran = scene.run("alice", &["run", "end"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: required tasks are open: 1.1 Confirm the outage, 2.1 Roll back the last change, 2.2 Verify with real traffic
    help: check or skip them, or end it all the same with `--yes`
    ");
    assert_eq!(scene.writes(), [""; 0]);
    insta::assert_snapshot!(scene.done("alice", &["run", "end", "--yes"]), @"OUT-00001 Checkout 5xx: set the status to Resolved; ended the incident; told ~ops-changes");
}

#[test]
fn an_ended_incident_takes_no_changes_until_it_is_restarted() {
    let scene = Scene::running();
    scene.done(
        "alice",
        &[&SET[..], &["--status", "active", "--yes"]].concat(),
    );
    scene.done("alice", &["run", "end", "--yes"]);
    let ran = scene.run("alice", &["run", "check", "1.1"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: OUT-00001 `Checkout 5xx` has ended, and Mattermost takes no more changes to it
    help: if it ended too early: `warroom run restart --incident [ID]`
    ");
    insta::assert_snapshot!(scene.done("alice", &["run", "restart"]), @"OUT-00001 Checkout 5xx: restarted the incident; set the status to Active; the next update is due in 4h; told ~ops-changes");
    assert!(scene.state().contains("status=active"), "{}", scene.state());
    scene.done("alice", &["run", "check", "1.1"]);
    let ran = scene.run("alice", &["run", "restart"]);
    assert_eq!(ran.status.code(), 3, "{}", ran.transcript());
}

#[test]
fn contradictions_are_wrong_usage() {
    let scene = Scene::running();
    for (more, code) in [
        (&["--final", "--next", "1h"][..], 64),
        (&["--next", "0s"], 64),
        (&["--final", "--status", "active"], 3),
        (&["--status", "nope"], 1),
    ] {
        let ran = scene.run("alice", &[&SET[..], more, &["--yes"]].concat());
        assert_eq!(ran.status.code(), code, "{}", ran.transcript());
    }
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn an_update_whose_answer_was_lost_is_not_posted_twice() {
    let scene = Scene::running();
    scene.fault("POST", "/status", warroom::sandbox::FaultAction::DropAfter);
    scene.done("alice", &[&SET[..], &["--yes"]].concat());
    assert_eq!(messages(&scene).len(), 1);
    assert_eq!(json!(PLUGIN), json!("/plugins/playbooks/api/v0"));
}
