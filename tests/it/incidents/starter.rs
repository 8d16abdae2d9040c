//! The starter playbooks, brought to a server by `sync` and run to their end.

use std::sync::Arc;

use serde_json::Value;
use warroom::model::{Permissions, Playbook, Settings};
use warroom::sandbox::{Options, Running, Seed, start};
use warroom::template::Template;

use crate::support::{Ran, Warroom};

struct Starter {
    sandbox: Running,
    warroom: Warroom,
}

impl Starter {
    fn new() -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let mut warroom = Warroom::new();
        let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
        let settings: Settings = serde_yaml::from_str(&read("warroom.yaml")).unwrap();
        let permissions: Permissions = serde_yaml::from_str(&read("permissions.yaml")).unwrap();
        let mut playbooks: Vec<Playbook> = Vec::new();
        for name in [
            "service-outage",
            "cybersecurity-incident",
            "customer-escalation",
        ] {
            let text = read(&format!("playbooks/{name}.yaml"));
            playbooks.push(serde_yaml::from_str(&text).unwrap());
        }
        let seed = Seed::default().with_workspace(&settings, &permissions, &playbooks);
        for part in ["playbooks", "templates"] {
            for entry in ignore::Walk::new(format!("{root}/{part}")) {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap();
                    warroom.write(path, read(path));
                }
            }
        }
        warroom = warroom
            .file("warroom.yaml", read("warroom.yaml"))
            .file("permissions.yaml", read("permissions.yaml"));
        let sandbox = start(Options {
            seed,
            ..Options::local(Arc::clone(warroom.clock()) as _)
        })
        .unwrap();
        Self { sandbox, warroom }
    }

    fn run(&self, user: &str, line: &[&str]) -> Ran {
        self.warroom
            .clock()
            .advance(std::time::Duration::from_mins(1));
        let (url, token) = (self.sandbox.url(), self.sandbox.token(user));
        let variables = [("WARROOM_SERVER", url.as_str()), ("WARROOM_TOKEN", &token)];
        self.warroom.run_with(&variables, line)
    }

    fn done(&self, user: &str, line: &[&str]) -> String {
        let ran = self.run(user, line);
        assert_eq!(ran.status.code(), 0, "{line:?}\n{}", ran.transcript());
        ran.out
    }

    /// A value for everything that status updates of a playbook ask for.
    fn inputs(&self, playbook: &str) -> Vec<String> {
        let read = |path: &str| std::fs::read_to_string(self.warroom.root().join(path)).unwrap();
        let playbook: Playbook =
            serde_yaml::from_str(&read(&format!("playbooks/{playbook}.yaml"))).unwrap();
        let template = playbook
            .updates
            .and_then(|updates| updates.template)
            .unwrap();
        let path = template.path().unwrap().as_str().to_owned();
        let template = Template::parse(&path, &read(&path)).unwrap();
        let keys = template.inputs().iter().map(|input| &input.key);
        keys.flat_map(|key| ["--set".to_owned(), format!("{key}=as @all *expected*")])
            .collect()
    }

    fn incident(&self) -> Value {
        let text = self.done("alice", &["run", "show", "--format", "json"]);
        let shown: Value = serde_json::from_str(&text).unwrap();
        shown["incident"].clone()
    }
}

fn is_done(incident: &Value) -> bool {
    let lists = incident["checklists"].as_array().unwrap().iter();
    let mut tasks = lists.flat_map(|list| list["tasks"].as_array().unwrap());
    tasks.all(|task| task["state"] == "done" && !task["key"].is_null())
}

#[test]
fn every_starter_playbook_runs_from_sync_to_the_end() {
    let starter = Starter::new();
    starter.done("warroom-bot", &["sync", "--yes"]);
    for playbook in [
        "service-outage",
        "cybersecurity-incident",
        "customer-escalation",
    ] {
        let name = format!("Trouble with {playbook}");
        let line = [
            "run",
            "start",
            playbook,
            "--name",
            &name,
            "--severity",
            "sev2",
        ];
        starter.done("alice", &line);
        for role in [
            "ops-lead",
            "comms",
            "scribe",
            "forensics",
            "customer-liaison",
        ] {
            starter.done("alice", &["run", "role", role, "bob"]);
        }
        starter.done("alice", &["run", "commander", "carol"]);
        let inputs = starter.inputs(playbook);
        let update: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let update = [&["run", "update", "--yes"][..], &update].concat();
        starter.done("bob", &[&update[..], &["--status", "active"]].concat());
        let incident = starter.incident();
        let lists = incident["checklists"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate();
        for (n, list) in lists {
            let tasks = 1..=list["tasks"].as_array().unwrap().len();
            let tasks: Vec<String> = tasks.map(|task| format!("{}.{task}", n + 1)).collect();
            let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
            starter.done("carol", &[&["run", "check"][..], &tasks].concat());
        }
        starter.done("bob", &[&update[..], &["--final"]].concat());
        let incident = starter.incident();
        assert!(is_done(&incident), "{incident:#}");
        assert_eq!(incident["status"], "resolved");
        assert_eq!(incident["updates"]["count"], 2);
        assert!(!incident["ended_at"].is_null());
    }
}

/// Commits everything in the workspace.
fn commit_all(starter: &Starter) {
    let repository = git2::Repository::init(starter.warroom.root()).unwrap();
    let mut index = repository.index().unwrap();
    let all = ["warroom.yaml", "permissions.yaml", "playbooks", "templates"];
    index
        .add_all(all, git2::IndexAddOption::DEFAULT, None)
        .unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let me = git2::Signature::now("Carol", "carol@example.com").unwrap();
    repository
        .commit(Some("HEAD"), &me, &me, "Begin", &tree, &[])
        .unwrap();
}

#[test]
fn an_incident_keeps_the_templates_it_was_started_with() {
    let starter = Starter::new();
    commit_all(&starter);
    starter.done("warroom-bot", &["sync", "--yes"]);
    let line = ["run", "start", "service-outage", "--name", "Checkout 5xx"];
    starter.done("alice", &line);
    assert!(!starter.incident()["playbook"]["commit"].is_null());
    let inputs = starter.inputs("service-outage");
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let changed = "All is well, says the template of today.\n";
    starter.warroom.write("templates/update.md.j2", changed);
    let typed = [&["run", "update"][..], &inputs].concat();
    let ran = starter.run("alice", &typed);
    assert!(ran.err.contains("**Impact:** as "), "{}", ran.transcript());
    assert!(!ran.err.contains("says the template of today"));
}
