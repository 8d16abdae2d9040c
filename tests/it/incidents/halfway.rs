//! Verbs that fail halfway: what they leave behind, what they say of it, and what the next verb makes of it.

use serde_json::{Value, json};
use warroom::incident::runner::{Runner, Sources, UpdateOrder};
use warroom::mattermost::{Credentials, Reader, RunId, Site, Writer};
use warroom::sandbox::FaultAction;
use warroom::workspace::{Directory, load};

use super::scene::{PLUGIN, Scene};

const FINAL: [&str; 8] = [
    "run", "update", "--set", "impact=x", "--set", "next=y", "--final", "--yes",
];
const ACTIVE: [&str; 9] = [
    "run", "update", "--set", "impact=x", "--set", "next=y", "--status", "active", "--yes",
];

fn denied() -> FaultAction {
    FaultAction::Status(403, r#"{"error":"Not authorized"}"#.to_owned())
}

/// Lets the server refuse the write of the overview as if the verb had been killed before it.
fn keep_overview(scene: &Scene) {
    scene.fault("PATCH", "/runs/", denied());
}

/// An incident whose required tasks are done.
fn worked_off() -> Scene {
    let scene = Scene::running();
    scene.done("alice", &["run", "check", "confirm", "rollback", "verify"]);
    scene.sandbox.clear_log();
    scene
}

/// Lets only the commander, carol, end incidents of the playbook and hand them over.
fn commander_decides(scene: &Scene) {
    let path = format!("{PLUGIN}/playbooks/{}", scene.playbook);
    let mut playbook = scene.api("carol", "GET", &path, &Value::Null);
    playbook["owner_group_only_actions"] = json!(true);
    scene.api("carol", "PUT", &path, &playbook);
    scene.sandbox.clear_log();
}

#[test]
fn who_may_not_end_an_incident_is_told_before_anything_is_written() {
    let scene = worked_off();
    commander_decides(&scene);
    let ran = scene.run("alice", &["run", "end"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 6
    --- stdout
    --- stderr
    error: only the commander may end OUT-00001 `Checkout 5xx`, as its playbook says; that is @carol
    help: ask @carol, or a system administrator
    ");
    let resolved = [&ACTIVE[..7], &["resolved", "--yes"]].concat();
    for line in [&FINAL[..], &resolved, &["run", "commander", "bob"]] {
        let ran = scene.run("alice", line);
        assert_eq!(ran.status.code(), 6, "{}", ran.transcript());
    }
    assert_eq!(scene.writes(), [""; 0]);
    scene.done("carol", &["run", "end", "-i", "Checkout"]);
}

#[test]
fn an_end_that_the_server_refuses_leaves_the_status_as_it_was() {
    let scene = worked_off();
    scene.fault("PUT", "/finish", denied());
    let ran = scene.run("alice", &["run", "end"]);
    assert_eq!(ran.status.code(), 6, "{}", ran.transcript());
    assert!(
        ran.err.contains("answered with 403: Not authorized")
            && ran.err.contains("; the status is Reported again"),
        "{}",
        ran.err
    );
    assert!(
        scene.state().contains("status=reported"),
        "{}",
        scene.state()
    );
    assert!(
        scene.overview().contains("**Reported**"),
        "{}",
        scene.overview()
    );
    let shown = scene.done("alice", &["run", "show"]);
    assert!(shown.contains("Reported"), "{shown}");
    insta::assert_snapshot!(scene.done("alice", &["run", "end"]), @"OUT-00001 Checkout 5xx: set the status to Resolved; ended the incident; told ~ops-changes");
}

#[test]
fn a_last_update_that_is_lost_leaves_no_trace_of_an_end() {
    let scene = worked_off();
    scene.fault("POST", "/status", FaultAction::Drop);
    let ran = scene.run("alice", &FINAL);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert!(
        ran.err.contains("the connection was cut") && ran.err.contains("Reported again"),
        "{}",
        ran.err
    );
    insta::assert_snapshot!(scene.overview(), @r"
    **Reported** · SEV-3 · @carol

    3 of 6 done, now in *Recover*, 0 updates
    ");
    assert_eq!(scene.incident()["current_status"], "InProgress");
}

#[test]
fn what_could_not_be_taken_back_is_named() {
    let scene = worked_off();
    scene.fault("PUT", "/finish", denied());
    // The event of the end, then the one that takes it back.
    scene.fault(
        "POST",
        "/api/v4/posts",
        FaultAction::Delay(std::time::Duration::ZERO),
    );
    scene.fault("POST", "/api/v4/posts", denied());
    let ran = scene.run("alice", &["run", "end"]);
    assert_eq!(ran.status.code(), 4, "{}", ran.transcript());
    assert!(
        ran.err.contains("/finish` was answered with 403")
            && ran
                .err
                .contains("; before that it set the status to Resolved"),
        "{}",
        ran.err
    );
}

#[test]
fn an_end_whose_answer_was_lost_is_an_end() {
    let scene = worked_off();
    scene.fault("PUT", "/finish", FaultAction::DropAfter);
    let out = scene.done("alice", &["run", "end"]);
    assert!(out.contains("ended the incident"), "{out}");
    assert!(
        scene.state().contains("status=resolved"),
        "{}",
        scene.state()
    );
}

#[test]
fn a_connection_that_was_cut_is_named_and_no_refusal() {
    let scene = worked_off();
    scene.fault("POST", "/owner", FaultAction::Drop);
    let ran = scene.run("alice", &["run", "commander", "bob"]);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert!(ran.err.contains("the connection was cut"), "{}", ran.err);
    scene.fault("PUT", "/finish", FaultAction::Drop);
    let ran = scene.run("alice", &["run", "end"]);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert!(ran.err.contains("the connection was cut"), "{}", ran.err);
    scene.done("alice", &["run", "end"]);
    scene.fault("PUT", "/restore", FaultAction::Drop);
    let ran = scene.run("alice", &["run", "restart"]);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert!(ran.err.contains("the connection was cut"), "{}", ran.err);
    for _ in 0..5 {
        scene.fault("PUT", "/state", FaultAction::Drop);
    }
    scene.done("alice", &["run", "restart"]);
    let ran = scene.run("alice", &["run", "check", "timeline"]);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert!(ran.err.contains("the connection was cut"), "{}", ran.err);
}

#[test]
fn a_status_whose_update_was_lost_is_named_and_recorded_once() {
    let scene = Scene::running();
    scene.fault("POST", "/status", FaultAction::Drop);
    let ran = scene.run("alice", &ACTIVE);
    assert_eq!(ran.status.code(), 4, "{}", ran.transcript());
    assert!(
        ran.err.contains("before that it set the status to Active"),
        "{}",
        ran.err
    );
    assert!(
        scene.overview().contains("**Active**"),
        "{}",
        scene.overview()
    );
    insta::assert_snapshot!(scene.done("alice", &ACTIVE), @"OUT-00001 Checkout 5xx: posted status update 1, the next one is due in 4h");
    let posts = scene.posts("checkout-5xx");
    let recorded = posts.iter().filter(|post| post.starts_with("Status: "));
    assert_eq!(recorded.count(), 1, "{posts:?}");
}

#[test]
fn an_event_without_its_overview_is_not_lost() {
    let scene = Scene::running();
    keep_overview(&scene);
    let ran = scene.run("alice", &["run", "severity", "sev1"]);
    assert_eq!(ran.status.code(), 4, "{}", ran.transcript());
    assert!(
        ran.err.contains("before that it set the severity to SEV-1"),
        "{}",
        ran.err
    );
    keep_overview(&scene);
    let ran = scene.run("bob", &["run", "role", "comms", "bob", "-i", "Checkout"]);
    assert_eq!(ran.status.code(), 4, "{}", ran.transcript());
    assert!(scene.state().contains("severity=sev3"), "{}", scene.state());
    for user in ["alice", "dave"] {
        let shown = scene.done(user, &["run", "show", "-i", "Checkout"]);
        assert!(shown.contains("SEV-1") && shown.contains("@bob"), "{shown}");
        let list = scene.done(user, &["run", "list"]);
        assert!(list.contains("SEV-1"), "{list}");
    }
    insta::assert_snapshot!(scene.done("alice", &["run", "severity", "sev1"]), @"OUT-00001 Checkout 5xx: the severity is SEV-1 already");
    let state = scene.state();
    assert!(
        state.contains("severity=sev1") && state.contains("comms=bob"),
        "{state}"
    );
}

#[test]
fn looking_at_an_incident_reads_its_channel_only_from_the_last_event_on() {
    let scene = Scene::running();
    scene
        .warroom
        .clock()
        .advance(std::time::Duration::from_hours(1));
    scene.done("alice", &["run", "show"]);
    let log = scene.sandbox.log();
    let reads: Vec<&str> = log.iter().map(|exchange| exchange.path.as_str()).collect();
    let posts = reads.iter().filter(|path| path.contains("/posts"));
    // One for the events, one for the description in the post of the start.
    assert_eq!(posts.count(), 2, "{reads:?}");
    assert!(reads.len() <= 7, "{reads:?}");
}

#[test]
fn an_update_of_somebody_else_does_not_stand_for_one_that_was_lost() {
    let scene = Scene::running();
    let workspace = load(&Directory::new(scene.warroom.root()).unwrap());
    let workspace = workspace.unwrap().workspace.unwrap();
    let site = Site::parse(&scene.sandbox.url()).unwrap();
    let credentials = Credentials::new(site, scene.sandbox.token("alice"));
    let runner = Runner {
        writer: Writer::new(Reader::new(credentials).unwrap()),
        sources: Sources {
            current: &workspace,
            at: &|_| None,
        },
        clock: scene.warroom.clock().clone(),
    };
    let id = RunId::new(scene.incident()["id"].as_str().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let order = UpdateOrder::default();
    let draft = runtime.block_on(runner.draft(&id, &order)).unwrap();
    let words = "The same words".to_owned();
    for (user, message) in [("bob", words.as_str()), ("alice", "Others")] {
        let body = json!({ "message": message, "reminder": 600 });
        scene.api(user, "POST", &format!("{}/status", scene.path()), &body);
    }
    scene.fault("POST", "/status", FaultAction::Drop);
    let posted = runtime.block_on(runner.post_update(draft.clone(), words.clone()));
    let error = posted.unwrap_err().to_string();
    assert!(error.contains("the connection was cut"), "{error}");
    scene.fault("POST", "/status", FaultAction::DropAfter);
    let posted = runtime.block_on(runner.post_update(draft, words));
    assert_eq!(posted.unwrap().did.len(), 1);
}
