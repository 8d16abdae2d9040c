//! No secret leaves: a canary in every place that holds one, looked for in all that verbs
//! print and write. The server may know them; nobody else.

use serde_json::json;
use warroom::sandbox::FaultAction;

use super::reading::READS;
use super::{PLAYBOOKS, World, outage, small};

/// Where warroom keeps or meets secrets, each with a value of its own.
const PAGER: &str = "https://hooks.example.com/canary-0-pager-4f1d";
const ROTATED: &str = "https://hooks.example.com/canary-1-rotated-77aa";
const IN_THE_WEB_APP: &str = "https://hooks.example.com/canary-2-web-90ce";
const UNMANAGED: &str = "https://hooks.example.com/canary-3-unmanaged-31b7";
const LITERAL: &str = "https://hooks.example.com/canary-4-literal-c06e";
const UNUSED: &str = "canary-5-unused-variable-8d2f";
const FOREIGN: &str = "canary-6-foreign-variable-e18b";

/// What every canary has in common.
const CANARY: &str = "canary-";

/// Looks at what was printed and at every file that no test wrote.
struct Watch {
    ran: usize,
}

impl Watch {
    fn run(&mut self, world: &World, line: &[&str]) {
        let ran = world.warroom.run(line);
        let token = world.server.token("alice");
        for (place, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
            for secret in [CANARY, token.as_str()] {
                assert!(!text.contains(secret), "{line:?} on {place}:\n{text}");
            }
        }
        self.ran += 1;
    }
}

/// The files that hold a canary, from the root of the workspace.
fn stained(world: &World) -> Vec<String> {
    let root = world.warroom.root();
    let token = world.server.token("alice");
    let walk = ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build();
    let mut stained: Vec<String> = walk
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| {
            let text = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&text);
            text.contains(CANARY) || text.contains(&token)
        })
        .map(|entry| {
            let path = entry.path().strip_prefix(root).unwrap();
            path.display().to_string()
        })
        .collect();
    stained.sort();
    stained
}

fn world() -> World {
    let mut world = World::new();
    world.warroom = world
        .warroom
        .variable("WARROOM_SECRET_PAGER", PAGER)
        .variable("WARROOM_SECRET_UNUSED", UNUSED)
        .variable("AWS_SECRET_ACCESS_KEY", FOREIGN);
    world
}

#[test]
fn no_canary_leaves() {
    let mut world = world();
    let mut watch = Watch { ran: 0 };

    // A playbook that nobody manages, with an address that only Mattermost knows.
    let body = json!({
        "title": "By hand", "team_id": world.server.team_id("ops"), "public": true,
        "reminder_timer_default_seconds": 60,
        "webhook_on_creation_enabled": true, "webhook_on_creation_urls": [UNMANAGED],
    });
    let made = world.call("alice", "POST", PLAYBOOKS, &body);
    let by_hand = format!("by-hand={}", made["id"].as_str().unwrap());
    world
        .warroom
        .write("playbooks/by-hand.yaml", small("by-hand"));

    watch.run(&world, &["import", "--all", "--diff"]);
    watch.run(&world, &["plan"]);
    watch.run(&world, &["plan", "--adopt", &by_hand, "--format", "json"]);
    watch.run(
        &world,
        &[
            "sync",
            "--yes",
            "--adopt",
            &by_hand,
            "--on-drift",
            "overwrite",
        ],
    );
    watch.run(
        &world,
        &["run", "start", "outage", "--name", "Checkout is down"],
    );

    // Somebody puts an address of their own in, and the pager's is rotated.
    world.edit("Outage", |playbook| {
        playbook["webhook_on_creation_urls"] = json!([IN_THE_WEB_APP]);
        playbook["description"] = json!(format!(
            "{}\nCalled for more.",
            playbook["description"].as_str().unwrap()
        ));
    });
    world.warroom = world.warroom.variable("WARROOM_SECRET_PAGER", ROTATED);
    for line in READS {
        watch.run(&world, line);
    }
    watch.run(&world, &["plan", "--out", "plan.json"]);
    let saved = ["sync", "--yes", "plan.json", "--report", "saved.json"];
    watch.run(&world, &saved);
    watch.run(&world, &["sync", "--yes", "--report", "report.json"]);
    watch.run(
        &world,
        &[
            "sync",
            "--yes",
            "--on-drift",
            "overwrite",
            "--format",
            "json",
        ],
    );

    // A server that says back what it was sent.
    world.edit("Outage", |playbook| playbook["title"] = "Edited".into());
    for status in [400, 500] {
        let body = json!({ "error": format!("cannot call {ROTATED} for {}", world.server.token("alice")) });
        let body = body.to_string();
        world.fault("PUT", PLAYBOOKS, FaultAction::Status(status, body));
        watch.run(&world, &["sync", "--yes", "--on-drift", "overwrite"]);
    }
    watch.run(&world, &["sync", "--yes", "--on-drift", "overwrite"]);
    watch.run(&world, &["run", "end", "--yes"]);
    watch.run(&world, &["run", "export", "--no-commit"]);
    assert_eq!(stained(&world), Vec::<String>::new());

    // Secrets in the files themselves: the findings must not repeat them.
    let literal = outage("Outage").replace("{ env: WARROOM_SECRET_PAGER }", LITERAL);
    world.warroom.write("playbooks/outage.yaml", literal);
    for line in READS {
        watch.run(&world, line);
    }
    for format in ["sarif", "github", "gitlab", "junit"] {
        watch.run(&world, &["lint", "--format", format]);
    }
    watch.run(&world, &["lint", "--fix"]);
    watch.run(&world, &["sync", "--yes"]);
    assert_eq!(stained(&world), ["playbooks/outage.yaml"]);
    assert!(watch.ran > 60, "{}", watch.ran);
}
