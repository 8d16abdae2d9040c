//! Incidents that began elsewhere, overviews that somebody edited, and people who take no part.

use serde_json::{Value, json};

use super::scene::{PLUGIN, Scene};

/// A run as the web app starts it.
fn started_in_the_web_app(scene: &Scene, summary: &str) {
    let body = json!({
        "name": "Search is down",
        "owner_user_id": scene.sandbox.user_id("alice"),
        "team_id": scene.sandbox.team_id("ops"),
        "playbook_id": scene.playbook,
        "summary": summary,
    });
    scene.api("alice", "POST", &format!("{PLUGIN}/runs"), &body);
    scene.sandbox.clear_log();
}

fn edit_overview(scene: &Scene, summary: &str) {
    let body = json!({ "summary": summary });
    scene.api("alice", "PATCH", &scene.path(), &body);
    scene.sandbox.clear_log();
}

#[test]
fn an_incident_of_the_web_app_is_shown_and_adopted_by_the_first_verb() {
    let scene = Scene::new();
    started_in_the_web_app(&scene, "No results since ten.\n$service=search");
    insta::assert_snapshot!(scene.done("dave", &["run", "show", "-i", "Search"]), @r"
    OUT-00001 Search is down
    [SITE]/playbooks/runs/[ID]

      status      Reported
      severity    SEV-3
      commander   @carol
      started by  @alice
      started     2026-11-21 12:00 UTC, 1s ago
      tasks       0 of 6 done
      updates     0, next in 29m59s
      channel     ~search-is-down
      playbook    acme/outage at 3f2a91c (inferred)

    1 Triage  <- stage
      1.1  open  Confirm the outage          -  required, due in 9m59s
      1.2  open  Page the vendor             -
      1.3  open  Publish on the status page  -

    2 Recover
      2.1  open  Roll back the last change   -  required
      2.2  open  Verify with real traffic    -  required
      2.3  open  Complete the timeline       -
    ");
    insta::assert_snapshot!(scene.done("dave", &["run", "list"]), @r"
    NUMBER     NAME            STATUS    SEVERITY  COMMANDER  TASKS  AGE  NEXT UPDATE
    OUT-00001  Search is down  Reported  SEV-3     carol      0/6    2s   in 29m58s
    ");
    assert_eq!(scene.writes(), [""; 0]);
    insta::assert_snapshot!(scene.done("alice", &["run", "check", "1.1"]), @"OUT-00001 Search is down: adopted the incident, which was started in Mattermost; checked 1.1 Confirm the outage");
    insta::assert_snapshot!(scene.incident()["summary"].as_str().map(|s| scene.scrub(s)).unwrap(), @r"
    **Reported** · SEV-3 · @carol
    No results since ten.
    1 of 6 done, now in *Triage*, 0 updates

    $service=search
    [//]: warroom:acme/outage?commit=3f2a91c&inferred=yes&status=reported&severity=sev3&stage=triage&start=[ID]&seen=[AT]
    ");
    insta::assert_snapshot!(scene.posts("search-is-down").join("\n---\n"), @"From now on warroom keeps the state of this incident of the playbook `outage`, status **Reported**, severity **SEV-3**.");
    // Once.
    let out = scene.done("alice", &["run", "check", "1.2"]);
    assert!(!out.contains("adopted"), "{out}");
}

#[test]
fn a_verb_that_is_refused_adopts_nothing() {
    let scene = Scene::new();
    started_in_the_web_app(&scene, "");
    scene.run("alice", &["run", "check", "9.9", "-i", "Search"]);
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn an_overview_that_was_edited_away_is_rebuilt_from_the_events() {
    let scene = Scene::running();
    scene.done("alice", &["run", "severity", "sev1"]);
    scene.done("alice", &["run", "role", "comms", "bob"]);
    let before = scene.state();
    edit_overview(&scene, "I wrote this instead.\n$service=checkout");
    let shown = scene.done("alice", &["run", "show"]);
    assert!(shown.contains("SEV-1") && shown.contains("@bob"), "{shown}");
    assert_eq!(scene.writes(), [""; 0]);
    scene.done("alice", &["run", "check", "1.1"]);
    assert_eq!(scene.state(), before);
    let summary = scene.incident()["summary"].as_str().unwrap().to_owned();
    assert!(summary.contains("\n$service=checkout\n[//]"), "{summary}");
}

#[test]
fn events_that_were_edited_or_forged_do_not_count() {
    let scene = Scene::running();
    scene.done("alice", &["run", "severity", "sev1"]);
    let incident = scene.incident();
    let channel = incident["channel_id"].as_str().unwrap();
    let forged = json!({
        "version": 1, "incident": incident["id"], "kind": "severity", "to": "sev3",
    });
    // dave may read and write in the public channel, and takes no part.
    let join = json!({ "user_id": scene.sandbox.user_id("dave") });
    scene.api(
        "dave",
        "POST",
        &format!("/api/v4/channels/{channel}/members"),
        &join,
    );
    let body = json!({ "channel_id": channel, "message": "hello", "props": { "warroom": forged } });
    scene.api("dave", "POST", "/api/v4/posts", &body);
    let honest = scene.api("alice", "POST", "/api/v4/posts", &body);
    let edited = format!("/api/v4/posts/{}/patch", honest["id"].as_str().unwrap());
    scene
        .warroom
        .clock()
        .advance(std::time::Duration::from_mins(1));
    scene.api("alice", "PUT", &edited, &json!({ "message": "edited" }));
    edit_overview(&scene, "gone");
    let shown = scene.done("alice", &["run", "show"]);
    assert!(shown.contains("SEV-1"), "{shown}");
}

#[test]
fn people_who_take_no_part_are_told_how_to() {
    let scene = Scene::running();
    let ran = scene.run("dave", &["run", "check", "1.1", "-i", "OUT-00001"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: you do not take part in OUT-00001 `Checkout 5xx`, and only participants may change it
    help: open [SITE]/playbooks/runs/[ID] and choose *Participate*, or ask somebody who takes part to add you
    ");
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn an_incident_of_another_playbook_is_shown_and_left_alone() {
    let scene = Scene::new();
    let body = json!({
        "title": "By hand", "team_id": scene.sandbox.team_id("ops"), "public": true,
        "reminder_timer_default_seconds": 600,
        "checklists": [{ "title": "Do", "items": [{ "title": "Look" }] }],
    });
    let playbook = scene.api("alice", "POST", &format!("{PLUGIN}/playbooks"), &body);
    let body = json!({
        "name": "Printer", "team_id": scene.sandbox.team_id("ops"),
        "owner_user_id": scene.sandbox.user_id("alice"), "playbook_id": playbook["id"],
    });
    scene.api("alice", "POST", &format!("{PLUGIN}/runs"), &body);
    scene.sandbox.clear_log();
    insta::assert_snapshot!(scene.done("alice", &["run", "show", "-i", "Printer"]), @r"
    00001 Printer
    [SITE]/playbooks/runs/[ID]

      status      -
      severity    -
      commander   @alice
      started by  @alice
      started     2026-11-21 12:00 UTC, 1s ago
      tasks       0 of 1 done
      updates     0
      channel     ~printer
      playbook    not managed by warroom

    1 Do
      1.1  open  Look  -
    ");
    let ran = scene.run("alice", &["run", "check", "1.1"]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: 00001 `Printer` follows no playbook that warroom manages
    help: change it in Mattermost; `warroom run show` works for it, too
    ");
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn what_another_person_changed_meanwhile_stays() {
    let scene = Scene::running();
    // bob's overview was written from what he read before alice changed the severity.
    let old = scene.incident()["summary"].as_str().unwrap().to_owned();
    scene.done("alice", &["run", "severity", "sev1"]);
    scene.done("bob", &["run", "check", "1.1"]);
    assert!(scene.state().contains("severity=sev1"), "{}", scene.state());
    assert!(old.contains("severity=sev3"));
}

#[test]
fn outside_of_a_workspace_incidents_can_be_listed_and_not_changed() {
    let scene = Scene::running();
    let out = scene.done("alice", &["-C", "/", "run", "list"]);
    assert!(out.contains("OUT-00001") && out.contains("sev3"), "{out}");
    let ran = scene.run("alice", &["-C", "/", "run", "check", "1.1"]);
    assert!(ran.err.contains("warroom init"), "{}", ran.err);
    let shown: Value =
        serde_json::from_str(&scene.done("alice", &["-C", "/", "run", "show", "--format", "json"]))
            .unwrap();
    assert_eq!(shown["incident"]["playbook"]["key"], "outage");
}
