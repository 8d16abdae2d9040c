//! Who does what: assignment, roles, command and announcements.

use serde_json::json;

use super::scene::Scene;

#[test]
fn a_task_is_given_to_a_person_a_role_or_whoever_commands() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "assign", "1.2", "@bob"]), @"OUT-00001 Checkout 5xx: gave 1.2 Page the vendor to @bob");
    assert_eq!(
        scene.task(0, 1)["assignee_id"],
        json!(scene.sandbox.user_id("bob"))
    );
    insta::assert_snapshot!(scene.done("alice", &["run", "assign", "1.2", "commander"]), @"OUT-00001 Checkout 5xx: gave 1.2 Page the vendor to the commander, now @carol");
    assert_eq!(scene.task(0, 1)["assignee_type"], "owner");
    insta::assert_snapshot!(scene.done("alice", &["run", "assign", "1.2", "nobody"]), @"OUT-00001 Checkout 5xx: took 1.2 Page the vendor from everybody");
    assert_eq!(scene.task(0, 1)["assignee_id"], "");
    let ran = scene.run("alice", &["run", "assign", "1.2", "role:comms"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: nobody fills the role `comms` yet
    help: `warroom run role comms NAME` fills it, and gives its tasks to NAME
    ");
    let ran = scene.run("alice", &["run", "assign", "1.2", "eve"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `eve` is not on the team of the incident
    help: add them to the team first, or name somebody who is
    ");
}

#[test]
fn whoever_fills_a_role_gets_its_tasks_and_its_successor_gets_what_is_left() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "role", "comms", "dave"]), @"OUT-00001 Checkout 5xx: @dave fills the role comms; gave 1.3 to @dave");
    assert_eq!(
        scene.task(0, 2)["assignee_id"],
        json!(scene.sandbox.user_id("dave"))
    );
    // Somebody in a role has to be able to change the incident.
    scene.done("dave", &["run", "check", "1.1"]);
    insta::assert_snapshot!(scene.done("alice", &["run", "role", "comms", "bob"]), @"OUT-00001 Checkout 5xx: @bob fills the role comms; gave 1.3 to @bob");
    assert_eq!(
        scene.task(0, 2)["assignee_id"],
        json!(scene.sandbox.user_id("bob"))
    );
    assert!(scene.state().ends_with("&comms=bob"), "{}", scene.state());
    insta::assert_snapshot!(scene.done("alice", &["run", "role", "comms", "bob"]), @"OUT-00001 Checkout 5xx: @bob fills the role comms already");
}

#[test]
fn a_handover_is_announced() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "commander"]), @"OUT-00001 Checkout 5xx: @carol commands");
    insta::assert_snapshot!(scene.done("alice", &["run", "commander", "bob"]), @"OUT-00001 Checkout 5xx: @bob commands; told ~ops-changes");
    insta::assert_snapshot!(scene.posts("ops-changes").last().unwrap(), @"**Checkout 5xx** (SEV-3) has a new commander. Commander: @bob.");
    assert!(scene.overview().contains("@bob"));
    scene.sandbox.clear_log();
    insta::assert_snapshot!(scene.done("alice", &["run", "commander", "bob"]), @"OUT-00001 Checkout 5xx: @bob commands already");
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn a_severity_is_recorded_and_moves_the_timer_unless_somebody_chose_one() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "severity", "sev1"]), @"OUT-00001 Checkout 5xx: set the severity to SEV-1; updates are due every 15m from now on");
    insta::assert_snapshot!(scene.posts("checkout-5xx").last().unwrap(), @"Severity: **SEV-1** (was SEV-3). Nobody can buy.");
    assert_eq!(scene.incident()["previous_reminder"], 900_000_000_000_i64);
    let update = [
        "run", "update", "--set", "impact=x", "--set", "next=y", "--next", "1h", "--yes",
    ];
    scene.done("alice", &update);
    insta::assert_snapshot!(scene.done("alice", &["run", "severity", "sev2"]), @"OUT-00001 Checkout 5xx: set the severity to SEV-2");
    assert_eq!(scene.incident()["previous_reminder"], 3_600_000_000_000_i64);
    let ran = scene.run("alice", &["run", "severity", "sev9"]);
    assert!(
        ran.err.contains("there are `sev1`, `sev2`, `sev3`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_channel_that_is_named_twice_is_told_once() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "announce", "~support", "~support"]), @"OUT-00001 Checkout 5xx: told ~support");
    assert_eq!(scene.posts("support").len(), 1);
}

#[test]
fn other_channels_are_told_or_none_is() {
    let scene = Scene::running();
    insta::assert_snapshot!(scene.done("alice", &["run", "announce", "~support", "~off-topic"]), @"OUT-00001 Checkout 5xx: told ~support, ~off-topic");
    insta::assert_snapshot!(scene.posts("support").last().unwrap(), @"**Checkout 5xx** (SEV-3) is in progress. Commander: @carol.");
    insta::assert_snapshot!(scene.posts("checkout-5xx").last().unwrap(), @"Told ~support, ~off-topic.");
    scene.sandbox.clear_log();
    let ran = scene.run("alice", &["run", "announce", "~support", "~nowhere"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: there is no channel `~nowhere` on the team of the incident
    help: a private channel is hidden from those who are not in it; archived ones take no posts
    ");
    assert_eq!(scene.writes(), [""; 0]);
}
