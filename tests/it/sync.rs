//! `plan` and `sync` against the stand-in server, end to end.

mod attributes;
mod canaries;
mod commits;
mod conditions;
mod example;
mod reading;
mod report;
mod rights;
mod saved;
mod values;
mod views;

use std::sync::Arc;

use serde_json::{Value, json};
use warroom::clock::Clock;
use warroom::exit::ExitStatus;
use warroom::sandbox::{Fault, FaultAction, Options, Running, Seed, start};

use crate::support::{Ran, Warroom};

const PLAYBOOKS: &str = "/plugins/playbooks/api/v0/playbooks";

const SETTINGS: &str = "\
format: 1
workspace: acme
team: ops
sync: { announce: ~ops-changes }
source_url: https://git.example.com/acme/{path}
";

const PERMISSIONS: &str = "\
groups:
  sre: [alice, bob]
profiles:
  open:
    playbook: { visibility: public, use: [dave], edit: [group:sre] }
    incident: { channel: public }
";

const UPDATE: &str = "\
---
inputs:
  impact: { ask: What can customers not do?, required: true }
---
**Impact:** {{ impact | md }}
Commander: {{ incident.commander | mention }}
";

fn outage(title: &str) -> String {
    format!(
        "\
key: outage
title: {title}
description: A service is down.
access: open
start:
  commander: carol
  invite: [group:sre]
  number_prefix: OUT
  channel: {{ category: Incidents }}
  webhooks: [{{ env: WARROOM_SECRET_PAGER }}]
  welcome: Read the overview first.
checklists:
  - key: triage
    title: Triage
    tasks:
      - {{ key: confirm, title: Confirm the outage, assign: commander, due: 10m }}
      - {{ key: page, title: Page the vendor, assign: user:bob, command: /page vendor }}
      - {{ key: publish, title: Publish, done_when: {{ keywords: [published], from: [dave] }} }}
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
retrospective: {{ remind_every: 24h }}
"
    )
}

fn small(key: &str) -> String {
    format!(
        "\
key: {key}
title: Playbook {key}
access: open
checklists:
  - key: first
    title: First
    tasks: [{{ key: look, title: Look }}]
"
    )
}

/// A workspace, and a server that knows the people in it.
struct World {
    warroom: Warroom,
    server: Running,
}

impl World {
    fn new() -> Self {
        let warroom = Warroom::new()
            .file("warroom.yaml", SETTINGS)
            .file("permissions.yaml", PERMISSIONS)
            .file("templates/update.md.j2", UPDATE)
            .file("playbooks/outage.yaml", outage("Outage"));
        let clock: Arc<dyn Clock> = warroom.clock().clone();
        let server = start(Options {
            seed: Seed::default(),
            ..Options::local(clock)
        })
        .unwrap();
        let warroom = warroom
            .variable("WARROOM_SERVER", &server.url())
            .variable("WARROOM_TOKEN", &server.token("alice"))
            .variable("WARROOM_SECRET_PAGER", "https://hooks.example.com/hunter2");
        Self { warroom, server }
    }

    /// One that is in step already.
    fn settled() -> Self {
        let world = Self::new();
        world.sync(&[]).ended(ExitStatus::Done);
        world.server.clear_log();
        world
    }

    fn plan(&self, arguments: &[&str]) -> Ran {
        self.run("plan", arguments)
    }

    fn sync(&self, arguments: &[&str]) -> Ran {
        let all: Vec<&str> = ["--yes"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.run("sync", &all)
    }

    fn run(&self, verb: &str, arguments: &[&str]) -> Ran {
        let line: Vec<&str> = [verb]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let mut ran = self.warroom.run(&line);
        for text in [&mut ran.out, &mut ran.err] {
            assert!(!text.contains("hunter2"), "a secret was shown: {text}");
            let token = self.server.token("alice");
            assert!(!text.contains(&token), "a token was shown: {text}");
            *text = text.replace(&self.server.url(), "[SERVER]");
        }
        ran
    }

    /// The requests that may have changed something, as `METHOD path`.
    fn writes(&self) -> Vec<String> {
        let log = self.server.log();
        let writes = log.iter().filter(|exchange| exchange.is_write());
        writes.map(|e| format!("{} {}", e.method, e.path)).collect()
    }

    fn call(&self, user: &str, method: &str, path: &str, body: &Value) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let text = runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let answer = client
                .request(
                    method.parse().unwrap(),
                    format!("{}{path}", self.server.url()),
                )
                .bearer_auth(self.server.token(user))
                .json(body)
                .send()
                .await
                .unwrap();
            assert!(
                answer.status().is_success(),
                "{method} {path}: {}",
                answer.status()
            );
            answer.text().await.unwrap()
        });
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// What alice sees, archived ones too.
    fn list(&self) -> Vec<Value> {
        let path = format!("{PLAYBOOKS}?with_archived=true");
        let list = self.call("alice", "GET", &path, &Value::Null);
        list["items"].as_array().unwrap().clone()
    }

    fn live(&self) -> usize {
        self.list().iter().filter(|p| p["delete_at"] == 0).count()
    }

    fn id(&self, title: &str) -> String {
        let list = self.list();
        let found = list.iter().find(|p| p["title"] == title);
        found.expect(title)["id"].as_str().unwrap().to_owned()
    }

    fn playbook(&self, title: &str) -> Value {
        let path = format!("{PLAYBOOKS}/{}", self.id(title));
        self.call("alice", "GET", &path, &Value::Null)
    }

    /// Somebody else edits the playbook in the web app.
    fn edit(&self, title: &str, edit: impl FnOnce(&mut Value)) {
        self.edit_as("bob", title, edit);
    }

    fn edit_as(&self, who: &str, title: &str, edit: impl FnOnce(&mut Value)) {
        let mut playbook = self.playbook(title);
        edit(&mut playbook);
        let path = format!("{PLAYBOOKS}/{}", playbook["id"].as_str().unwrap());
        self.call(who, "PUT", &path, &playbook);
    }

    /// Somebody else edits the playbook in the web editor, which leaves its `update_at` as it was.
    fn edit_in_the_editor(&self, title: &str, updates: &Value) {
        let before = self.playbook(title);
        let body = json!({
            "operationName": "Edit",
            "query": "mutation Edit($id: String!, $updates: PlaybookUpdates!) { updatePlaybook(id: $id, updates: $updates) }",
            "variables": {"id": before["id"], "updates": updates},
        });
        let query = PLAYBOOKS.replace("/playbooks/api/v0/playbooks", "/playbooks/api/v0/query");
        let answer = self.call("bob", "POST", &query, &body);
        assert_eq!(answer["data"]["updatePlaybook"], before["id"], "{answer}");
        assert_eq!(self.playbook(title)["update_at"], before["update_at"]);
    }

    fn fault(&self, method: &str, path: &str, action: FaultAction) {
        self.server.fault(Fault {
            method: Some(method.to_owned()),
            path_contains: path.to_owned(),
            action,
            count: 1,
        });
    }

    /// Commits everything that is there.
    fn commit(&self, message: &str) -> git2::Oid {
        let root = self.warroom.root();
        let repository =
            git2::Repository::open(root).unwrap_or_else(|_| git2::Repository::init(root).unwrap());
        let mut index = repository.index().unwrap();
        index
            .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who =
            git2::Signature::new("Alice", "alice@example.com", &git2::Time::new(0, 0)).unwrap();
        let parent = repository
            .head()
            .ok()
            .and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repository
            .commit(Some("HEAD"), &who, &who, message, &tree, &parents)
            .unwrap()
    }

    /// The versions that were overwritten.
    fn kept(&self) -> Vec<String> {
        let folder = self.warroom.root().join(".warroom/overwritten");
        let files = std::fs::read_dir(folder).unwrap();
        files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect()
    }

    fn marker_commit(&self, title: &str) -> String {
        let description = self.playbook(title)["description"]
            .as_str()
            .unwrap()
            .to_owned();
        let rest = description.split("commit=").nth(1).unwrap();
        rest.split('&').next().unwrap().to_owned()
    }
}

impl Ran {
    #[track_caller]
    fn ended(&self, status: ExitStatus) -> &Self {
        assert_eq!(self.status, status, "{}", self.transcript());
        self
    }

    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        let text = self.transcript();
        assert!(text.contains(words), "{words:?} is not in\n{text}");
        self
    }
}

#[test]
fn a_first_sync_creates_and_a_second_one_sends_no_write() {
    let world = World::new();
    let plan = world.plan(&[]);
    insta::assert_snapshot!(plan.transcript(), @r"
    exit: 2
    --- stdout
    + outage (ops)  create `Outage`
        public, 1 checklists with 3 tasks, 3 members

    1 to create
    --- stderr
    ");
    assert_eq!(world.writes(), Vec::<String>::new());
    let sync = world.sync(&[]);
    insta::assert_snapshot!(sync.transcript(), @r"
    exit: 0
    --- stdout
    + outage (ops)  create `Outage`
        public, 1 checklists with 3 tasks, 3 members

    1 to create
    created outage (ops)
    --- stderr
    ");
    assert_eq!(world.live(), 1);

    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("nothing to change");
    assert_eq!(world.writes(), Vec::<String>::new());
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn a_plan_asks_for_nothing_twice() {
    let world = World::settled();
    world.plan(&[]).ended(ExitStatus::Done);
    let log = world.server.log();
    let mut paths: Vec<String> = log
        .iter()
        .map(|e| format!("{} {}", e.method, e.path))
        .collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count, "{paths:#?}");
    // me, teams, list, one playbook, its attributes and conditions, names, one channel, preferences.
    assert_eq!(count, 9, "{paths:#?}");
}

#[test]
fn what_reaches_mattermost_is_what_git_says() {
    let world = World::settled();
    let playbook = world.playbook("Outage");
    let description = playbook["description"].as_str().unwrap();
    assert!(description.starts_with(
        "A service is down.\n\nManaged as code: [playbooks/outage.yaml](https://git.example.com/acme/playbooks/outage.yaml)\n[//]: warroom:acme/outage?id="
    ));
    assert_eq!(
        playbook["reminder_message_template"],
        "**Impact:** (What can customers not do?)\nCommander: (commander)"
    );
    assert_eq!(playbook["reminder_timer_default_seconds"], 1800);
    assert_eq!(playbook["run_number_prefix"], "OUT");
    assert_eq!(playbook["create_channel_member_on_new_participant"], true);
    assert_eq!(
        playbook["webhook_on_creation_urls"],
        json!(["https://hooks.example.com/hunter2"])
    );
    let items = &playbook["checklists"][0]["items"];
    assert_eq!(items[0]["assignee_type"], "owner");
    assert_eq!(items[0]["due_date"], 600_000);
    assert_eq!(
        items[1]["assignee_id"],
        world.server.user_id("bob").unwrap()
    );
    assert!(items[2]["task_actions"].to_string().contains("published"));
    let announced = world.server.channel_id("ops", "ops-changes").unwrap();
    let posts = world.call(
        "alice",
        "GET",
        &format!("/api/v4/channels/{announced}/posts"),
        &Value::Null,
    );
    assert!(
        posts.to_string().contains("- create `outage` (ops)"),
        "{posts}"
    );
}

#[test]
fn without_consent_nothing_is_written() {
    let world = World::new();
    let ran = world.run("sync", &[]);
    ran.ended(ExitStatus::Refused).says("--yes");
    assert_eq!(world.writes(), Vec::<String>::new());
    let World { warroom, server } = world;
    let world = World {
        warroom: warroom.typing("n\n"),
        server,
    };
    world
        .run("sync", &[])
        .ended(ExitStatus::Refused)
        .says("nothing was written");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn an_edit_in_the_web_app_is_refused_as_drift_and_shown() {
    let world = World::settled();
    world.edit("Outage", |p| {
        p["message_on_join"] = json!("Somebody else wrote this.");
    });
    world.server.clear_log();
    let ran = world.sync(&[]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    ! outage (ops)  refused `Outage`: edited in Mattermost since the last sync
        somebody changed start.welcome
        what Mattermost has → what git says:
        start.welcome: Somebody else wrote this. → Read the overview first.  (changed in Mattermost)
        help: bring the edit into the YAML with `warroom import`, or write over it with `--on-drift overwrite`

    1 refused
    --- stderr
    ");
    assert_eq!(world.writes(), Vec::<String>::new());
    world.plan(&[]).ended(ExitStatus::Refused);

    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Done)
        .says(".warroom/overwritten/outage-ops-");
    assert_eq!(
        world.playbook("Outage")["message_on_join"],
        "Read the overview first."
    );
    let kept = world.kept().remove(0);
    assert!(kept.contains("Somebody else wrote this.") && !kept.contains("hunter2"));
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn every_version_that_is_overwritten_is_kept() {
    let world = World::settled();
    let template = |text| json!({"reminderMessageTemplate": text});
    world.edit_in_the_editor("Outage", &template("The first edit."));
    // The first version is kept, and then not overwritten.
    world.fault("PUT", "/playbooks/", FaultAction::Drop);
    let overwrite = ["--on-drift", "overwrite"];
    world.sync(&overwrite).ended(ExitStatus::Failed);
    world.edit_in_the_editor("Outage", &template("The second edit."));
    world.sync(&overwrite).ended(ExitStatus::Done);
    let kept = world.kept();
    assert_eq!(kept.len(), 2, "{kept:#?}");
    for text in ["The first edit.", "The second edit."] {
        let count = kept.iter().filter(|file| file.contains(text)).count();
        assert_eq!(count, 1, "{text} {kept:#?}");
    }
}

#[test]
fn a_version_that_could_not_be_overwritten_is_kept_once() {
    let world = World::settled();
    let edit = json!({"reminderMessageTemplate": "The edit."});
    world.edit_in_the_editor("Outage", &edit);
    world.fault("PUT", "/playbooks/", FaultAction::Drop);
    let overwrite = ["--on-drift", "overwrite"];
    world.sync(&overwrite).ended(ExitStatus::Failed);
    let kept = world.kept();
    assert_eq!(kept.len(), 1);
    // The disk was full, or the process died.
    let folder = world.warroom.root().join(".warroom/overwritten");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    std::fs::write(file.path(), "{").unwrap();
    world.sync(&overwrite).ended(ExitStatus::Done);
    assert_eq!(world.kept(), kept);
}

#[test]
fn a_duplicate_of_the_web_app_is_reported_and_left_alone() {
    let world = World::settled();
    // What *Duplicate* makes: another title, no prefix, the same description.
    let mut copy = world.playbook("Outage");
    copy["title"] = json!("Copy of Outage");
    copy["run_number_prefix"] = json!("");
    for made_by_the_server in ["id", "create_at", "update_at", "delete_at"] {
        copy.as_object_mut().unwrap().remove(made_by_the_server);
    }
    world.call("bob", "POST", PLAYBOOKS, &copy);
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("`Copy of Outage`")
        .says("is a copy of it, and left alone");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(world.live(), 2);
}

#[test]
fn a_new_commit_alone_plans_nothing() {
    let world = World::new();
    let first = world.commit("first").to_string();
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.marker_commit("Outage"), first[..7]);
    world.warroom.write("README.md", "Hello.");
    world.commit("second");
    world
        .plan(&[])
        .ended(ExitStatus::Done)
        .says("nothing to change");
}

#[test]
fn with_history_the_plan_says_who_moved_each_field() {
    let world = World::new();
    world.commit("first");
    world.sync(&[]).ended(ExitStatus::Done);
    world.edit("Outage", |p| p["category_name"] = json!("Elsewhere"));
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Service outage"));
    world.commit("second");
    let ran = world.plan(&[]);
    ran.ended(ExitStatus::Refused)
        .says("title: Outage → Service outage\n")
        .says("start.channel.category: Elsewhere → Incidents  (changed in Mattermost)");

    // A squashed history has no such commit: the plan says only that both sides moved.
    std::fs::remove_dir_all(world.warroom.root().join(".git")).unwrap();
    world.commit("squashed");
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("title: Outage → Service outage  (changed on one or both sides)");
}

#[test]
fn a_dirty_tree_still_tells_drift_from_change() {
    let world = World::new();
    world.commit("first");
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Dirty"));
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.marker_commit("Dirty"), "none");
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Dirtier"));
    world.plan(&[]).ended(ExitStatus::Findings);
    world.edit("Dirty", |p| p["category_name"] = json!("Elsewhere"));
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("edited in Mattermost");
}

#[test]
fn a_shallow_clone_still_tells_drift_from_change() {
    let world = World::new();
    let first = world.commit("first");
    world.sync(&[]).ended(ExitStatus::Done);
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Service outage"));
    let second = world.commit("second");
    // What a clone with `--depth 1` has: the last commit, and a note that its parent is not here.
    let root = world.warroom.root();
    std::fs::write(root.join(".git/shallow"), format!("{second}\n")).unwrap();
    let first = first.to_string();
    std::fs::remove_file(root.join(format!(".git/objects/{}/{}", &first[..2], &first[2..])))
        .unwrap();
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("title: Outage → Service outage\n");
    world.edit("Outage", |p| p["category_name"] = json!("Elsewhere"));
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("edited in Mattermost");
}

#[test]
fn a_creation_whose_answer_was_lost_is_not_repeated() {
    let world = World::new();
    world.fault("POST", "/playbooks", FaultAction::DropAfter);
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.live(), 1);
    world.plan(&[]).ended(ExitStatus::Done);
    let creations = world
        .writes()
        .into_iter()
        .filter(|w| w == &format!("POST {PLAYBOOKS}"));
    assert_eq!(creations.count(), 1);
}

#[test]
fn a_sync_killed_between_creation_and_marker_converges_without_a_duplicate() {
    let world = World::new();
    world.fault(
        "PUT",
        "/playbooks/",
        FaultAction::Status(403, r#"{"error":"Not authorized"}"#.to_owned()),
    );
    world.sync(&[]).ended(ExitStatus::Forbidden);
    assert_eq!(world.live(), 1);
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("creation was cut short");
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("finished outage (ops)");
    assert_eq!(world.live(), 1);
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn an_update_whose_answer_was_lost_is_read_back_instead_of_repeated() {
    let world = World::settled();
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Renamed"));
    world.fault("PUT", "/playbooks/", FaultAction::DropAfter);
    world.sync(&[]).ended(ExitStatus::Done);
    world.plan(&[]).ended(ExitStatus::Done);
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Again"));
    world.fault("PUT", "/playbooks/", FaultAction::Drop);
    world.sync(&[]).ended(ExitStatus::Failed);
    world.sync(&[]).ended(ExitStatus::Done);
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn an_error_stops_one_playbook_and_not_the_others() {
    let world = World::new();
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world.warroom.write("playbooks/beta.yaml", small("beta"));
    world.fault(
        "POST",
        "/playbooks",
        FaultAction::Status(400, r#"{"error":"no"}"#.to_owned()),
    );
    world
        .sync(&[])
        .ended(ExitStatus::PartlyApplied)
        .says("failed ");
    assert_eq!(world.live(), 2);
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.live(), 3);
}

#[test]
fn a_vanished_file_is_archived_only_with_prune_and_restored_when_it_is_back() {
    let world = World::new();
    for key in ["alpha", "beta"] {
        world
            .warroom
            .write(&format!("playbooks/{key}.yaml"), small(key));
    }
    world.sync(&[]).ended(ExitStatus::Done);
    std::fs::remove_file(world.warroom.root().join("playbooks/alpha.yaml")).unwrap();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("its file is gone")
        .says("nothing to change");
    assert_eq!(world.live(), 3);
    world
        .sync(&["--prune", "--at-most", "0"])
        .ended(ExitStatus::Refused)
        .says("--at-most 1");
    assert_eq!(world.live(), 3);
    world
        .sync(&["--prune"])
        .ended(ExitStatus::Done)
        .says("archived alpha (ops)");
    assert_eq!(world.live(), 2);
    world
        .sync(&["--prune"])
        .ended(ExitStatus::Done)
        .says("nothing to change");
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("restored alpha (ops)");
    assert_eq!((world.live(), world.list().len()), (3, 3));
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn a_playbook_with_an_active_incident_is_not_archived() {
    let world = World::new();
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world.sync(&[]).ended(ExitStatus::Done);
    let body = json!({
        "name": "It burns", "team_id": world.server.team_id("ops"),
        "owner_user_id": world.server.user_id("alice"), "playbook_id": world.id("Playbook alpha"),
    });
    world.call("alice", "POST", "/plugins/playbooks/api/v0/runs", &body);
    std::fs::remove_file(world.warroom.root().join("playbooks/alpha.yaml")).unwrap();
    world
        .sync(&["--prune"])
        .ended(ExitStatus::Refused)
        .says("incidents of it are active");
    assert_eq!(world.live(), 2);
}

#[test]
fn an_existing_playbook_is_adopted_and_given_up_again() {
    let world = World::new();
    let body = json!({
        "title": "Made by hand", "team_id": world.server.team_id("ops"), "public": true,
        "reminder_timer_default_seconds": 60, "description": "By hand.",
    });
    let made = world.call("alice", "POST", PLAYBOOKS, &body);
    let id = made["id"].as_str().unwrap();
    let adopt = format!("outage={id}");
    world
        .plan(&["--adopt", &adopt])
        .ended(ExitStatus::Findings)
        .says("> outage (ops)  adopt `Made by hand`");
    world
        .sync(&["--adopt", &adopt])
        .ended(ExitStatus::Done)
        .says("adopted outage (ops)");
    assert_eq!((world.live(), world.id("Outage").as_str()), (1, id));
    world.plan(&[]).ended(ExitStatus::Done);

    world
        .sync(&["--release", "outage"])
        .ended(ExitStatus::Done)
        .says("released outage (ops)");
    assert_eq!(
        world.playbook("Outage")["description"],
        "A service is down."
    );
    // It keeps its prefix, which only one playbook of a team can have.
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("`start.number_prefix` `OUT` belongs to `Outage`")
        .says("--adopt outage=");
}

#[test]
fn wrong_keys_and_ids_are_wrong_usage() {
    let world = World::new();
    world
        .plan(&["outtage"])
        .ended(ExitStatus::Usage)
        .says("there is no playbook `outtage`");
    world
        .plan(&["--adopt", "outage"])
        .ended(ExitStatus::Usage)
        .says("KEY=ID");
    world.plan(&["--release", "other"]).ended(ExitStatus::Usage);
    world
        .plan(&["--adopt", "other=cj74an9yutbixpyb6kyz3m3dry"])
        .ended(ExitStatus::Usage);
}

#[test]
fn a_secret_that_is_not_set_refuses_the_playbook_and_a_plan_needs_none() {
    let World { warroom, server } = World::new();
    let world = World {
        warroom: warroom.variable("WARROOM_SECRET_PAGER", ""),
        server,
    };
    world.plan(&[]).ended(ExitStatus::Findings);
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("WARROOM_SECRET_PAGER");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_new_value_of_a_secret_arrives_without_being_shown() {
    let World { warroom, server } = World::settled();
    let world = World {
        warroom: warroom.variable(
            "WARROOM_SECRET_PAGER",
            "https://hooks.example.com/hunter2-new",
        ),
        server,
    };
    // A plan knows no secrets.
    world.plan(&[]).ended(ExitStatus::Done);
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("start.webhooks: another address → the address in the secret");
    let urls = &world.playbook("Outage")["webhook_on_creation_urls"];
    assert_eq!(*urls, json!(["https://hooks.example.com/hunter2-new"]));
    world.server.clear_log();
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_of_the_workspace() {
    let world = World::settled();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), world.warroom.root().join(".warroom")).unwrap();
    world.edit("Outage", |p| p["category_name"] = json!("Elsewhere"));
    world.server.clear_log();
    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Refused)
        .says("nothing is written through it");
    assert!(std::fs::read_dir(outside.path()).unwrap().next().is_none());
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_playbook_that_can_be_listed_and_not_read_is_refused_alone() {
    let world = World::new();
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world.sync(&[]).ended(ExitStatus::Done);
    let path = format!("/playbooks/{}", world.id("Playbook alpha"));
    world.fault(
        "GET",
        &path,
        FaultAction::Status(403, r#"{"error":"Not authorized"}"#.to_owned()),
    );
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("alpha (ops)  refused")
        .says("1 unchanged");
}

#[test]
fn the_starter_set_is_brought_into_mattermost_by_its_account_and_stays() {
    let warroom = Warroom::new();
    warroom.run(&["init"]).ended(ExitStatus::Done);
    let clock: Arc<dyn Clock> = warroom.clock().clone();
    let mut seed = Seed::default().user("warroom-bot");
    seed.teams[0].members.insert("warroom-bot".to_owned());
    let server = start(Options {
        seed,
        ..Options::local(clock)
    })
    .unwrap();
    let warroom = warroom
        .variable("WARROOM_SERVER", &server.url())
        .variable("WARROOM_TOKEN", &server.token("warroom-bot"));
    let world = World { warroom, server };
    world.sync(&[]).ended(ExitStatus::Done).says("3 to create");
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("nothing to change: 3 unchanged");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn only_the_named_account_may_sync() {
    let world = World::new();
    let settings = SETTINGS.replace("sync: {", "sync: { account: bob,");
    world.warroom.write("warroom.yaml", settings);
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("only `bob` may sync");
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("belongs to `alice`");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_private_playbook_keeps_whoever_syncs_as_an_editor() {
    let world = World::new();
    let permissions = PERMISSIONS.replace("visibility: public", "visibility: private");
    world.warroom.write(
        "permissions.yaml",
        permissions.replace("edit: [group:sre]", "edit: [carol]"),
    );
    world.sync(&[]).ended(ExitStatus::Done);
    world.plan(&[]).ended(ExitStatus::Done);
    // Members that sync leaves alone are not hers to change: then she is told.
    let alice = world.server.user_id("alice").unwrap();
    world.edit_as("carol", "Outage", |playbook| {
        let members = playbook["members"].as_array_mut().unwrap();
        let mine = members.iter_mut().find(|m| m["user_id"] == alice.as_str());
        mine.unwrap()["roles"] = json!(["playbook_member"]);
    });
    let text = outage("Renamed") + "unmanaged: [members]\n";
    world.warroom.write("playbooks/outage.yaml", text);
    world.server.clear_log();
    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Refused)
        .says("whoever syncs would lose access");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_private_playbook_out_of_sight_is_not_created_again() {
    let world = World::new();
    let permissions = PERMISSIONS.replace("visibility: public", "visibility: private");
    world.warroom.write("permissions.yaml", permissions);
    world.sync(&[]).ended(ExitStatus::Done);
    let mut playbook = world.playbook("Outage");
    let alice = world.server.user_id("alice").unwrap();
    let members = playbook["members"].as_array_mut().unwrap();
    members.retain(|member| member["user_id"] != alice.as_str());
    let path = format!("{PLAYBOOKS}/{}", playbook["id"].as_str().unwrap());
    world.call("admin", "PUT", &path, &playbook);
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("managed, but out of sight");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn invalid_yaml_never_reaches_the_server() {
    let world = World::new();
    world
        .warroom
        .write("playbooks/outage.yaml", "key: outage\ntitle: [\n");
    world.sync(&[]).ended(ExitStatus::Findings);
    world.plan(&[]).ended(ExitStatus::Findings);
    assert!(world.server.log().is_empty());
}

#[test]
fn hostile_texts_come_through_whole() {
    let world = World::new();
    let title = "@all <b>x</b> `y` 🙂 abc [//]: warroom:acme/x?commit=none";
    let playbook = outage("T")
        .replace("title: T\n", &format!("title: \"{title}\"\n"))
        .replace(
            "description: A service is down.",
            "description: \"@channel\\n\\n[//]: warroom:acme/outage?id=abc&commit=none\\n\\t\\u202eEnd \"",
        );
    world.warroom.write("playbooks/outage.yaml", playbook);
    let ran = world.sync(&[]);
    ran.ended(ExitStatus::Done);
    assert!(!ran.out.contains('\u{202e}'));
    world.plan(&[]).ended(ExitStatus::Done);
    let description = world.playbook(title)["description"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(description.starts_with(
        "@channel\n\n[//]: warroom:acme/outage?id=abc&commit=none\n\t\u{202e}End\n\nManaged"
    ));
}

#[test]
fn a_text_over_the_limit_is_refused_naming_it() {
    let world = World::new();
    let long = format!("description: {}", "x".repeat(4090));
    let playbook = outage("Outage").replace("description: A service is down.", &long);
    world.warroom.write("playbooks/outage.yaml", playbook);
    world.sync(&[]).ended(ExitStatus::Refused).says("4096");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn people_who_are_not_on_the_team_are_named() {
    let world = World::new();
    let permissions = PERMISSIONS.replace("sre: [alice, bob]", "sre: [alice, bob, eve]");
    world.warroom.write("permissions.yaml", permissions);
    world.plan(&[]).ended(ExitStatus::Refused);
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("`eve` is not on the team `ops`");
    assert_eq!(world.writes(), Vec::<String>::new());

    let world = World::settled();
    world.warroom.write(
        "permissions.yaml",
        PERMISSIONS.replace("sre: [alice, bob]", "sre: [alice, bob, eve]"),
    );
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("`eve` is not on the team `ops`");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn an_address_that_somebody_replaced_in_the_web_app_is_listed_without_being_shown() {
    let world = World::settled();
    world.edit("Outage", |p| {
        p["webhook_on_creation_urls"] = json!(["https://evil.example.com/hunter2"]);
    });
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("start.webhooks: another address → the address in the secret");
    let urls = &world.playbook("Outage")["webhook_on_creation_urls"];
    assert_eq!(*urls, json!(["https://hooks.example.com/hunter2"]));
}

#[test]
fn a_write_whose_answer_was_lost_is_told_as_written() {
    let wrote = |world: &World, arguments: &[&str], status: ExitStatus| {
        let all: Vec<&str> = [arguments, &["--format", "json"]].concat();
        let ran = world.sync(&all);
        ran.ended(status);
        let value: Value = serde_json::from_str(&ran.out).unwrap();
        value["outcomes"][0]["wrote"].clone()
    };
    let world = World::new();
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world.sync(&[]).ended(ExitStatus::Done);
    let alpha = world.warroom.root().join("playbooks/alpha.yaml");
    std::fs::remove_file(&alpha).unwrap();
    world.fault("DELETE", "/playbooks/", FaultAction::DropAfter);
    assert_eq!(wrote(&world, &["--prune"], ExitStatus::Done), true);
    world.warroom.write("playbooks/alpha.yaml", small("alpha"));
    world.fault("PUT", "/restore", FaultAction::Drop);
    assert_eq!(wrote(&world, &[], ExitStatus::Failed), false);
    world.fault("PUT", "/restore", FaultAction::DropAfter);
    assert_eq!(wrote(&world, &[], ExitStatus::Done), true);
    // The note of the account goes before the marker.
    world.fault("POST", "/preferences/delete", FaultAction::Drop);
    assert_eq!(
        wrote(&world, &["--release", "alpha"], ExitStatus::Failed),
        false
    );
    world.fault("PUT", "/playbooks/", FaultAction::Drop);
    assert_eq!(
        wrote(&world, &["--release", "alpha"], ExitStatus::PartlyApplied),
        true
    );
    world.fault("PUT", "/playbooks/", FaultAction::DropAfter);
    assert_eq!(
        wrote(&world, &["--release", "alpha"], ExitStatus::Done),
        true
    );
    assert_eq!(world.playbook("Playbook alpha")["description"], json!(""));
}

#[test]
fn a_plan_is_also_a_comment_on_a_pull_request() {
    let world = World::new();
    let ran = world.plan(&["--format", "markdown"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(ran.out.starts_with("### warroom plan: "), "{}", ran.out);
    assert!(ran.out.contains("<details>"), "{}", ran.out);
}

#[test]
fn a_number_prefix_that_was_taken_meanwhile_is_named() {
    let world = World::new();
    world.fault(
        "POST",
        "/playbooks",
        FaultAction::Status(409, r#"{"error":"duplicate entry"}"#.to_owned()),
    );
    world
        .sync(&[])
        .ended(ExitStatus::Failed)
        .says("`start.number_prefix` `OUT` is taken");
}

#[test]
fn a_title_that_people_cannot_read_never_reaches_the_server() {
    for title in ["\" \"", "\"a\\nb\"", "\"\\u202eabc\"", "\"\\e[31mred\""] {
        let world = World::new();
        world.warroom.write("playbooks/outage.yaml", outage(title));
        world
            .sync(&[])
            .ended(ExitStatus::Findings)
            .says("the title ");
        world.warroom.run(&["validate"]).ended(ExitStatus::Findings);
        assert!(world.server.log().is_empty());
    }
}

/// The program itself, its output going to a reader that is gone already.
fn into_a_closed_pipe(world: &World, arguments: &[&str]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let root = world.warroom.root();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .env("WARROOM_CONFIG", root.join(".config"))
        .env("WARROOM_SERVER", world.server.url())
        .env("WARROOM_TOKEN", world.server.token("alice"))
        .env("WARROOM_SECRET_PAGER", "https://hooks.example.com/hunter2")
        .stdin(std::process::Stdio::null())
        .stdout(writer)
        .status();
    status.unwrap().code()
}

#[test]
fn a_reader_that_goes_away_changes_neither_what_is_done_nor_the_status() {
    let world = World::new();
    assert_eq!(into_a_closed_pipe(&world, &["plan"]), Some(2));
    assert_eq!(into_a_closed_pipe(&world, &["sync", "--yes"]), Some(0));
    assert_eq!(world.live(), 1);
    world.plan(&[]).ended(ExitStatus::Done);
    world.warroom.write("playbooks/outage.yaml", "key: other\n");
    assert_eq!(into_a_closed_pipe(&world, &["validate"]), Some(2));
}

#[test]
fn programs_read_one_object() {
    let world = World::new();
    let plan = world.plan(&["--format", "json"]);
    let value: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!(
        (&value["version"], &value["changes"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(value["steps"][0]["action"], "create");
    let sync = world.sync(&["--format", "json"]);
    let value: Value = serde_json::from_str(&sync.ended(ExitStatus::Done).out).unwrap();
    assert_eq!(value["outcomes"][0]["done"], true);
    let again = world.sync(&["--format", "json"]);
    let value: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(
        (&value["changes"], &value["outcomes"]),
        (&json!(0), &json!([]))
    );
}

#[test]
fn a_playbook_of_two_teams_is_made_in_both() {
    let World { warroom, server } = World::new();
    drop(server);
    let clock: Arc<dyn Clock> = warroom.clock().clone();
    let mut seed = Seed::default();
    let mut platform = seed.teams[0].clone();
    platform.name = "platform".to_owned();
    seed.teams.push(platform);
    let server = start(Options {
        seed,
        ..Options::local(clock)
    })
    .unwrap();
    let warroom = warroom.variable("WARROOM_SERVER", &server.url()).file(
        "playbooks/outage.yaml",
        small("outage") + "teams: [ops, platform]\n",
    );
    let world = World { warroom, server };
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.live(), 2);
    world.plan(&[]).ended(ExitStatus::Done);
}
