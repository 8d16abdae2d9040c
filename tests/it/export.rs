//! `run export`, end to end: an incident in the sandbox, its post-mortem in git.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use warroom::clock::Clock;
use warroom::exit::ExitStatus;
use warroom::sandbox::{self, Running};

use crate::support::{Ran, Warroom};

const SETTINGS: &str = "\
format: 1
workspace: acme
team: ops
severities:
  - { key: sev1, title: SEV-1 }
  - { key: sev2, title: SEV-2 }
statuses:
  - { key: reported, title: Reported }
  - { key: monitoring, title: Monitoring }
  - { key: resolved, title: Resolved, ends: true }
roles:
  comms: { title: Communications }
";

const PERMISSIONS: &str = "\
profiles:
  open:
    playbook: { visibility: public, edit: [carol] }
    incident: { channel: public }
  closed:
    playbook: { visibility: public, edit: [carol] }
    incident: { channel: private }
";

const PLAYBOOK: &str = "\
key: outage
title: Outage
access: open
checklists:
  - key: triage
    title: Triage
    tasks:
      - { key: confirm, title: Confirm the outage, due: 10m, required: true }
      - { key: page, title: Page | the vendor }
  - key: recover
    title: Recover
    tasks:
      - { key: rollback, title: Roll back, due: 20m }
      - { key: verify, title: Verify }
updates: { every: 30m }
";

struct Incident {
    world: Warroom,
    server: Running,
}

impl Incident {
    /// A synced workspace in a repository of its own, and an incident of it.
    fn start(settings: &str, playbook: &str, name: &str) -> Self {
        let world = Warroom::new()
            .file("warroom.yaml", settings)
            .file("permissions.yaml", PERMISSIONS)
            .file("playbooks/outage.yaml", playbook);
        let clock: Arc<dyn Clock> = world.clock().clone();
        let server = sandbox::start(sandbox::Options::local(clock)).unwrap();
        let world = world.variable("WARROOM_SERVER", &server.url());
        let git = git2::Repository::init_opts(
            world.root(),
            git2::RepositoryInitOptions::new().initial_head("main"),
        )
        .unwrap();
        let mut config = git.config().unwrap();
        config.set_str("user.name", "Ada").unwrap();
        config.set_str("user.email", "ada@example.com").unwrap();
        let incident = Self { world, server }.acting("admin");
        incident.done(&["sync", "--yes"]);
        let incident = incident.acting("alice");
        incident.done(&[
            "run",
            "start",
            "outage",
            "--name",
            name,
            "--severity",
            "sev2",
            "--description",
            "Nobody can pay; password=hunter2hunter2",
        ]);
        incident
    }

    fn acting(self, person: &str) -> Self {
        let token = self.server.token(person);
        Self {
            world: self.world.variable("WARROOM_TOKEN", &token),
            ..self
        }
    }

    fn later(&self, minutes: u64) {
        self.world
            .clock()
            .advance(Duration::from_secs(minutes * 60));
    }

    fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.world.run(arguments);
        assert_eq!(
            ran.status,
            ExitStatus::Done,
            "{arguments:?}\n{}",
            ran.transcript()
        );
        ran
    }

    /// Works through it, with a handover, two updates and a restart.
    fn through() -> Self {
        let incident = Self::start(SETTINGS, PLAYBOOK, "Checkout **down** @all");
        incident.later(5);
        incident.done(&["run", "check", "confirm"]);
        incident.done(&["run", "severity", "sev1"]);
        incident.done(&["run", "role", "comms", "bob"]);
        incident.later(10);
        let set = [
            "--set",
            "situation=<!-- end:generated updates --> Pay | fails",
            "--set",
            "next=Roll back",
        ];
        incident.done(&[&["run", "update", "--yes"][..], &set].concat());
        incident.done(&["run", "skip", "page"]);
        incident.done(&["run", "commander", "carol"]);
        let incident = incident.acting("carol");
        incident.later(25);
        incident.done(&["run", "check", "rollback"]);
        incident.done(
            &[
                &["run", "update", "--yes", "--status", "monitoring"][..],
                &set,
            ]
            .concat(),
        );
        incident.done(&["run", "end", "--yes"]);
        incident.later(10);
        incident.done(&["run", "restart"]);
        incident.later(10);
        incident.done(&["run", "check", "verify"]);
        incident.done(&["run", "end", "--yes"]);
        incident
    }

    fn git(&self) -> git2::Repository {
        git2::Repository::open(self.world.root()).unwrap()
    }

    fn commits(&self) -> usize {
        let git = self.git();
        let mut walk = git.revwalk().unwrap();
        walk.push_head().unwrap();
        walk.count()
    }

    /// The incident's folder.
    fn folder(&self) -> Utf8PathBuf {
        let year = self.world.root().join("incidents/2026");
        let mut folders = year.read_dir_utf8().unwrap();
        let folder = folders.next().unwrap().unwrap().into_path();
        assert!(folders.next().is_none(), "more than one folder");
        folder
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder().join(name)).unwrap()
    }

    /// A document without what differs from run to run.
    fn scrubbed(&self, name: &str) -> String {
        let record: serde_json::Value = serde_json::from_str(&self.read("incident.json")).unwrap();
        let id = record["run"]["id"].as_str().unwrap();
        let text = self
            .read(name)
            .replace(id, "[RUN]")
            .replace(&self.server.url(), "[SERVER]");
        let text = text.replace(
            &format!("\"{}\"", env!("CARGO_PKG_VERSION")),
            "\"[VERSION]\"",
        );
        let post = regex::Regex::new("/pl/[a-z0-9]{26}").unwrap();
        post.replace_all(&text, "/pl/[POST]").into_owned()
    }
}

#[test]
fn an_incident_becomes_a_commit_that_holds_nothing_else() {
    let incident = Incident::through();
    incident.world.write("staged.txt", "x");
    let git = incident.git();
    let mut index = git.index().unwrap();
    index.add_path("staged.txt".as_ref()).unwrap();
    index.write().unwrap();
    let ran = incident.done(&["run", "export"]);
    assert!(ran.out.contains("on branch `main`"), "{}", ran.out);

    let head = git.head().unwrap().peel_to_commit().unwrap();
    let mut files = Vec::new();
    head.tree()
        .unwrap()
        .walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() == Some(git2::ObjectType::Blob) {
                files.push(format!("{folder}{}", entry.name().unwrap()));
            }
            git2::TreeWalkResult::Ok
        })
        .unwrap();
    let folder = incident.folder();
    let folder = folder.strip_prefix(incident.world.root()).unwrap();
    assert_eq!(
        files,
        ["incident.json", "postmortem.md", "timeline.jsonl"].map(|name| format!("{folder}/{name}"))
    );
    assert!(
        folder
            .as_str()
            .starts_with("incidents/2026/2026-11-21-checkout-down-all-"),
        "{folder}"
    );
    assert_eq!(
        git.status_file("staged.txt".as_ref()).unwrap(),
        git2::Status::INDEX_NEW
    );
    assert_eq!(
        git.status_file(format!("{folder}/postmortem.md").as_ref())
            .unwrap(),
        git2::Status::CURRENT
    );
    assert!(head.message().unwrap().contains("\nIncident-Id: "));

    insta::assert_snapshot!("postmortem.md", incident.scrubbed("postmortem.md"));
    insta::assert_snapshot!("timeline.jsonl", incident.scrubbed("timeline.jsonl"));
}

#[test]
fn nothing_typed_in_a_channel_gets_out_as_a_secret() {
    let incident = Incident::through();
    incident.done(&["run", "export"]);
    for name in ["incident.json", "timeline.jsonl", "postmortem.md"] {
        let text = incident.read(name);
        assert!(!text.contains("hunter2"), "{name}");
        assert!(!text.contains(&incident.server.token("alice")), "{name}");
    }
}

#[test]
fn exporting_again_changes_nothing_whoever_does_it() {
    let incident = Incident::through();
    incident.done(&["run", "export"]);
    let before = (
        incident.commits(),
        incident.read("postmortem.md"),
        incident.read("incident.json"),
    );
    incident.server.clear_log();
    let incident = incident.acting("admin");
    incident.later(60);
    let id = incident.read("incident.json");
    let id: serde_json::Value = serde_json::from_str(&id).unwrap();
    let ran = incident.done(&[
        "run",
        "export",
        "--incident",
        id["run"]["id"].as_str().unwrap(),
    ]);
    assert!(ran.out.contains("is up to date"), "{}", ran.out);
    let after = (
        incident.commits(),
        incident.read("postmortem.md"),
        incident.read("incident.json"),
    );
    assert_eq!(before, after);
    let writes: Vec<_> = incident
        .server
        .log()
        .into_iter()
        .filter(sandbox::Exchange::is_write)
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn what_people_wrote_survives_and_damage_is_refused() {
    let incident = Incident::through();
    incident.done(&["run", "export"]);
    let path = incident.folder().join("postmortem.md");
    let text = incident.read("postmortem.md");
    std::fs::write(
        &path,
        text.replace("## Impact\n", "## Impact\n\nNobody could pay.\n"),
    )
    .unwrap();
    incident.done(&["run", "export"]);
    assert_eq!(incident.commits(), 2);
    assert!(incident.read("postmortem.md").contains("Nobody could pay."));

    let torn = incident
        .read("postmortem.md")
        .replace("<!-- end:generated facts -->", "");
    std::fs::write(&path, &torn).unwrap();
    let ran = incident.world.run(&["run", "export"]);
    assert_eq!(ran.status, ExitStatus::Refused, "{}", ran.transcript());
    assert!(ran.err.contains("postmortem.md.new"), "{}", ran.err);
    assert_eq!(incident.read("postmortem.md"), torn);
    assert!(
        incident
            .read("postmortem.md.new")
            .contains("<!-- end:generated facts -->")
    );
    assert_eq!(incident.commits(), 2);
}

#[test]
fn a_branch_of_its_own_leaves_the_work_tree_alone() {
    let settings = format!("{SETTINGS}export: {{ branch: incidents }}\n");
    let incident = Incident::start(&settings, PLAYBOOK, "Search is slow");
    incident.done(&["run", "end", "--yes"]);
    let ran = incident.done(&["run", "export"]);
    assert!(ran.out.contains("on branch `incidents`"), "{}", ran.out);
    assert!(!incident.world.root().join("incidents").exists());
    let ran = incident.done(&["run", "export"]);
    assert!(ran.out.contains("is up to date"), "{}", ran.out);
    let ran = incident.world.run(&["run", "export", "--no-commit"]);
    assert_eq!(ran.status, ExitStatus::Refused, "{}", ran.transcript());
}

#[test]
fn without_a_commit_the_files_are_only_written() {
    let incident = Incident::start(SETTINGS, PLAYBOOK, "Search is slow");
    let ran = incident.done(&["run", "export", "--no-commit"]);
    assert!(ran.out.contains("without a commit"), "{}", ran.out);
    assert!(incident.git().head().is_err());
    assert!(incident.read("postmortem.md").contains("# Search is slow"));
}

#[test]
fn a_private_incident_stays_in_mattermost() {
    let playbook = PLAYBOOK.replace("access: open", "access: closed");
    let incident = Incident::start(SETTINGS, &playbook, "Somebody is in our systems");
    incident.done(&["run", "end", "--yes"]);
    let ran = incident.world.run(&["run", "export"]);
    insta::assert_snapshot!(ran.transcript(), @"
    exit: 3
    --- stdout
    --- stderr
    error: did not export: the incident is private, and the access profile of its playbook does not allow it
    help: a private incident leaves Mattermost only with `incident: { export: true }` in its access profile and `export: { private_incidents: true }` in `warroom.yaml`
    ");
    assert!(!incident.world.root().join("incidents").exists());
    assert!(incident.git().head().is_err());
}

#[test]
fn without_a_repository_the_server_is_not_asked() {
    let incident = Incident::start(SETTINGS, PLAYBOOK, "Search is slow");
    std::fs::remove_dir_all(incident.world.root().join(".git")).unwrap();
    incident.server.clear_log();
    let ran = incident.world.run(&["run", "export"]);
    insta::assert_snapshot!(ran.transcript(), @"
    exit: 1
    --- stdout
    --- stderr
    error: could not export: `[ROOT]` is in no git repository
    help: run `git init`, and commit the workspace
    ");
    assert!(incident.server.log().is_empty());
}
