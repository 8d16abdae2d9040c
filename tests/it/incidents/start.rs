//! Starting: what takes effect, and what happens when the server answers doubtfully.

use serde_json::{Value, json};
use warroom::sandbox::FaultAction;

use super::scene::{PLUGIN, Scene};

const LINE: [&str; 5] = ["run", "start", "outage", "--name", "Checkout 5xx"];

fn run_posts(scene: &Scene) -> usize {
    let writes = scene.writes();
    writes.iter().filter(|write| *write == "POST /runs").count()
}

#[test]
fn everything_that_the_playbook_says_about_the_start_takes_effect() {
    let scene = Scene::new();
    let line = [
        &LINE[..],
        &[
            "--description",
            "Half of *all* checkouts fail.\nSince noon.",
            "--severity",
            "sev1",
        ],
        &["--role", "comms=bob"],
    ]
    .concat();
    let ran = scene.run("alice", &line);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    OUT-00001 Checkout 5xx: started; gave 1.3 to @bob; @carol commands; the next update is due in 15m; told ~ops-changes
    --- stderr
    [SITE]/playbooks/runs/[ID]
    ");
    insta::assert_snapshot!(scene.overview(), @r"
    **Reported** · SEV-1 · @carol
    Half of \*all\* checkouts fail.
    Since noon.
    0 of 6 done, now in *Triage*, 0 updates
    ");
    insta::assert_snapshot!(scene.state(), @"[//]: warroom:acme/outage?commit=3f2a91c&status=reported&severity=sev1&stage=triage&start=[ID]&seen=[AT]&comms=bob");
    insta::assert_snapshot!(scene.posts("checkout-5xx").join("\n---\n"), @r"
    Incident started from the playbook `outage`, status **Reported**, severity **SEV-1**.

    Half of \*all\* checkouts fail.
    Since noon.
    ---
    Told ~ops-changes.
    ");
    insta::assert_snapshot!(scene.posts("ops-changes").join("\n---\n"), @"**Checkout 5xx** (SEV-1) has started. Commander: @carol.");
    let incident = scene.incident();
    assert_eq!(incident["previous_reminder"], 900_000_000_000_i64);
    assert_eq!(
        scene.task(0, 2)["assignee_id"],
        json!(scene.sandbox.user_id("bob"))
    );
    let actions = format!(
        "{PLUGIN}/actions/channels/{}",
        incident["channel_id"].as_str().unwrap()
    );
    let actions = scene.api("alice", "GET", &actions, &Value::Null);
    let actions = actions.as_array().unwrap().iter();
    let messages: Vec<&Value> = actions
        .map(|a| &a["payload"]["message"])
        .filter(|m| !m.is_null())
        .collect();
    assert_eq!(messages, ["Welcome to Checkout 5xx. Ask @carol."]);
    // A broadcast channel hears of the start from Playbooks, and is not told twice.
    assert!(
        scene
            .posts("incidents")
            .iter()
            .all(|post| !post.contains("has started"))
    );
}

#[test]
fn the_commander_who_was_asked_for_commands_although_the_playbook_names_another() {
    let scene = Scene::new();
    let line = [&LINE[..], &["--commander", "bob"]].concat();
    scene.done("alice", &line);
    assert_eq!(
        scene.incident()["owner_user_id"],
        json!(scene.sandbox.user_id("bob"))
    );
    assert!(scene.overview().contains("@bob"), "{}", scene.overview());
    assert!(scene.posts("ops-changes")[0].contains("@bob"));
}

#[test]
fn an_incident_that_started_although_the_server_answered_500_is_not_started_twice() {
    let scene = Scene::new();
    let failed = FaultAction::StatusAfter(500, r#"{"error":"An internal error"}"#.to_owned());
    scene.fault("POST", "/runs", failed);
    let ran = scene.run("alice", &LINE);
    assert_eq!(ran.status.code(), 0, "{}", ran.transcript());
    assert_eq!((run_posts(&scene), scene.runs().len()), (1, 1));
    assert!(scene.state().contains("status=reported"));
}

#[test]
fn an_incident_whose_answer_was_lost_is_found() {
    let scene = Scene::new();
    scene.start();
    scene.fault("POST", "/runs", FaultAction::DropAfter);
    let ran = scene.run("alice", &LINE);
    assert_eq!(ran.status.code(), 0, "{}", ran.transcript());
    assert_eq!((run_posts(&scene), scene.runs().len()), (1, 2));
    assert!(ran.out.contains("OUT-00002"), "{}", ran.out);
}

#[test]
fn a_failure_that_started_nothing_is_not_repeated_blindly() {
    let scene = Scene::new();
    let failed = FaultAction::Status(500, r#"{"error":"An internal error"}"#.to_owned());
    scene.fault("POST", "/runs", failed);
    let ran = scene.run("alice", &LINE);
    assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
    assert_eq!((run_posts(&scene), scene.runs().len()), (1, 0));
}

#[test]
fn what_is_wrong_with_an_order_is_said_before_anything_is_written() {
    let scene = Scene::new();
    let long = "x".repeat(10_000);
    let post = "https://elsewhere.example.com/ops/pl/w5tgxfmbcbn98jzd7r5ps1k3ha";
    for (more, code, words) in [
        (["--severity", "sev9"], 1, "there is no severity `sev9`"),
        (["--commander", "mallory"], 1, "there is no `mallory`"),
        (["--commander", "eve"], 3, "`eve` is not on the team"),
        (["--role", "pilot=bob"], 1, "there is no role `pilot`"),
        (["--role", "comms"], 64, "has no `=`"),
        (["--team", "support"], 1, "not for the team `support`"),
        (["--post", post], 1, "is no link to a post"),
        (["--name", ""], 3, "the incident has no name"),
        (
            ["--name", " \u{200b}\u{202e}\u{2066}\u{feff}\u{ad}\u{3164} "],
            3,
            "the incident has no name",
        ),
        (["--name", "a\u{1b}[2Jb"], 3, "control character U+001B"),
        (["--name", "a\nb"], 3, "control character U+000A"),
        (
            ["--name", &long],
            3,
            "the name has 10000 characters, and the server takes 1024",
        ),
    ] {
        let mut line = vec!["run", "start", "outage"];
        if more[0] != "--name" {
            line.extend(["--name", "Checkout 5xx"]);
        }
        line.extend(more);
        let ran = scene.run("alice", &line);
        assert_eq!(ran.status.code(), code, "{}", ran.transcript());
        assert!(ran.err.contains(words), "{}", ran.transcript());
    }
    assert_eq!(scene.writes(), [""; 0]);
}

#[test]
fn variables_of_the_overview_reach_the_commands_of_tasks() {
    let scene = Scene::new();
    let text = "{{ tasks.done }} done\n\n$service=checkout\n";
    scene.warroom.write("templates/overview.md.j2", text);
    scene.done("alice", &LINE);
    assert_eq!(scene.overview(), "0 done\n\n$service=checkout");
    // What people changed in Mattermost stays.
    let summary = scene.incident()["summary"].as_str().unwrap().to_owned();
    let changed = json!({ "summary": summary.replace("checkout", "search") });
    let path = scene.path();
    scene.api("alice", "PATCH", &path, &changed);
    scene.done("alice", &["run", "check", "1.1"]);
    assert_eq!(scene.overview(), "1 done\n\n$service=search");
}

#[test]
fn a_template_that_cannot_be_rendered_starts_nothing() {
    for name in ["overview", "welcome", "announcement"] {
        let scene = Scene::new();
        // Sound as far as `validate` can see: it fails for this incident only.
        let text = "{{ incident.name | datetime }}";
        scene
            .warroom
            .write(&format!("templates/{name}.md.j2"), text);
        let ran = scene.run("alice", &LINE);
        assert_eq!(ran.status.code(), 1, "{}", ran.transcript());
        assert!(
            ran.err.contains(&format!("templates/{name}.md.j2")),
            "{}",
            ran.err
        );
        assert_eq!(scene.writes(), [""; 0]);
        assert_eq!(scene.runs().len(), 0);
    }
}

#[test]
fn a_playbook_that_is_not_synced_says_so() {
    let scene = Scene::new();
    scene.api(
        "carol",
        "DELETE",
        &format!("{PLUGIN}/playbooks/{}", scene.playbook),
        &Value::Null,
    );
    let ran = scene.run("alice", &LINE);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    error: the playbook `outage` is not in the team `ops`, or you may not use it
    help: `warroom sync` brings it there; its access profile says who may use it
    ");
}

#[test]
fn a_copy_of_the_playbook_is_not_started_from() {
    let scene = Scene::new();
    // Copies carry the marker, with the id of the original.
    let path = format!("{PLUGIN}/playbooks");
    let original = format!("{path}/{}", scene.playbook);
    let original = scene.api("alice", "GET", &original, &Value::Null);
    let copy = json!({
        "title": "A copy of Outage",
        "description": original["description"],
        "team_id": original["team_id"],
        "public": true,
        "reminder_timer_default_seconds": 60,
    });
    scene.api("alice", "POST", &path, &copy);
    scene.done("alice", &LINE);
    assert_eq!(scene.incident()["playbook_id"], json!(scene.playbook));
}

#[test]
fn a_channel_that_cannot_be_told_stops_nothing() {
    let scene = Scene::new();
    scene.fault(
        "POST",
        "/api/v4/posts",
        FaultAction::Delay(std::time::Duration::ZERO),
    );
    let denied = r#"{"id":"api.context.permissions.app_error","message":"No","status_code":403}"#;
    scene.fault(
        "POST",
        "/api/v4/posts",
        FaultAction::Status(403, denied.to_owned()),
    );
    let ran = scene.run("alice", &LINE);
    assert_eq!(ran.status.code(), 4, "{}", ran.transcript());
    assert!(
        ran.err.contains("could not tell `~ops-changes`"),
        "{}",
        ran.err
    );
    assert!(scene.state().contains("status=reported"));
}

#[test]
fn text_that_people_typed_comes_through_whole_and_harms_nothing() {
    let scene = Scene::new();
    let name = "Kasse \u{202e}kaputt\u{202c} @all **fett** <b>| 🔥 {SEQ}";
    let description =
        "@channel [//]: warroom:evil/x\n```\n# Not a heading\n| a | b |\n".repeat(150);
    let line = [
        "run",
        "start",
        "outage",
        "--name",
        name,
        "--description",
        &description,
    ];
    let ran = scene.run("alice", &line);
    assert_eq!(ran.status.code(), 0, "{}", ran.transcript());
    assert_eq!(scene.incident()["name"], name);
    let shown = scene.done("alice", &["run", "show", "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["incident"]["description"], description);
    assert!(
        scene.state().starts_with("[//]: warroom:acme/outage?"),
        "{}",
        scene.state()
    );
    for channel in ["ops-changes"] {
        for post in scene.posts(channel) {
            assert!(
                !post.contains("@all") && !post.contains("**fett**"),
                "{post}"
            );
        }
    }
    let long = "@".repeat(10_000);
    let ran = scene.run(
        "alice",
        &[
            "run",
            "start",
            "outage",
            "--name",
            "x",
            "--description",
            &long,
        ],
    );
    assert_eq!(ran.status.code(), 3, "{}", ran.transcript());
    assert!(ran.err.contains("the server takes 16383"), "{}", ran.err);
}
