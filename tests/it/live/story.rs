//! The main job: files, a playbook on the server, an incident, a post-mortem in git.
//!
//! Goes through the commands as people type them, each in their own name.

use std::time::Duration;

use serde_json::{Value, json};
use warroom::exit::ExitStatus;

use super::troupe::{PLUGIN, Troupe};
use crate::support::Warroom;

/// The account that syncs.
const ACCOUNT: &str = "warroom-bot";

struct Story<'s> {
    troupe: &'s Troupe<'s>,
    here: &'s Warroom,
}

/// Plays it from the empty folder to the archived playbook.
pub(super) fn play(troupe: &mut Troupe<'_>, here: &Warroom) {
    troupe.add(ACCOUNT).unwrap();
    troupe.join(ACCOUNT).unwrap();
    let story = Story { troupe, here };
    story.prepare();
    story.sync();
    story.update();
    story.drift();
    story.permissions();
    story.import();
    story.run();
    story.export();
    story.prune();
}

impl Story<'_> {
    /// A command line in somebody's name, which has to end like this; what it printed.
    fn ends(&self, expected: ExitStatus, who: &str, line: &[&str]) -> String {
        self.troupe.pass(Duration::from_millis(7));
        let variables = [
            ("WARROOM_SERVER", self.troupe.url()),
            ("WARROOM_TOKEN", self.troupe.token(who)),
        ];
        let ran = self.here.run_with(&variables, line);
        assert_eq!(ran.status, expected, "{line:?}\n{}", ran.transcript());
        let token = self.troupe.token(who);
        assert!(
            !ran.transcript().contains(token),
            "{line:?} tells the token"
        );
        ran.out
    }

    fn done(&self, who: &str, line: &[&str]) -> String {
        self.ends(ExitStatus::Done, who, line)
    }

    /// The starter workspace, for this server, its team and its people.
    fn prepare(&self) {
        let git = git2::Repository::init(self.here.root()).unwrap();
        let mut config = git.config().unwrap();
        config.set_str("user.name", "Carol").unwrap();
        config.set_str("user.email", "carol@example.com").unwrap();
        // Professional: also servers without private playbooks take it.
        self.done("carol", &["init", ".", "--tier", "professional"]);
        let names = self.troupe.names();
        for path in ["warroom.yaml", "permissions.yaml"] {
            let text = std::fs::read_to_string(self.here.root().join(path)).unwrap();
            let text = text.replace("https://chat.example.com", self.troupe.url());
            self.here.write(path, names.put(&text));
        }
        self.commit("Begin");
        self.done("carol", &["validate"]);
    }

    fn sync(&self) {
        let before = self.playbooks();
        self.ends(ExitStatus::Findings, ACCOUNT, &["plan"]);
        assert_eq!(self.playbooks(), before, "a plan changed something");
        self.done(ACCOUNT, &["sync", "--yes"]);
        assert_eq!(self.playbooks(), before + 3);
        let again = self.done(ACCOUNT, &["sync", "--yes"]);
        assert!(again.contains("nothing to change"), "{again}");
        self.done(ACCOUNT, &["plan"]);
    }

    /// What changed in git arrives, and nothing else is touched.
    fn update(&self) {
        self.change(
            "playbooks/service-outage.yaml",
            "title: Service outage\n",
            "title: Outage of a service\n",
        );
        self.commit("Call it what it is");
        let before = self.playbook("Service outage");
        self.ends(ExitStatus::Findings, ACCOUNT, &["plan", "service-outage"]);
        self.done(ACCOUNT, &["sync", "--yes"]);
        let after = self.playbook("Outage of a service");
        assert_eq!(after["id"], before["id"]);
        assert_eq!(after["checklists"], before["checklists"]);
        self.done(ACCOUNT, &["plan"]);
    }

    /// An edit made in Mattermost is told, and written over only when somebody says so.
    fn drift(&self) {
        self.done(ACCOUNT, &["drift"]);
        let mut edited = self.playbook("Outage of a service");
        edited["title"] = "Edited by hand".into();
        edited["checklists"][0]["items"][0]["title"] = "Edited as well".into();
        let path = format!("{PLUGIN}/playbooks/{}", edited["id"].as_str().unwrap());
        self.troupe.ask_as("carol", "PUT", &path, &edited).unwrap();
        let told = self.ends(ExitStatus::Findings, ACCOUNT, &["drift"]);
        assert!(told.contains("Edited by hand"), "{told}");
        self.ends(ExitStatus::Refused, ACCOUNT, &["sync", "--yes"]);
        self.playbook("Edited by hand");
        self.done(ACCOUNT, &["sync", "--yes", "--on-drift", "overwrite"]);
        let back = self.playbook("Outage of a service");
        assert_ne!(back["checklists"][0]["items"][0]["title"], "Edited as well");
        self.done(ACCOUNT, &["drift"]);
    }

    /// Who may do what follows the profile.
    fn permissions(&self) {
        let before = self.roles("alice");
        assert!(!before.contains("playbook_admin"), "{before}");
        self.change(
            "permissions.yaml",
            "edit: [group:incident-leads]",
            &format!(
                "edit: [group:incident-leads, {}]",
                self.troupe.username("alice")
            ),
        );
        self.commit("Alice edits service outages, too");
        self.done(ACCOUNT, &["sync", "--yes"]);
        let after = self.roles("alice");
        assert!(after.contains("playbook_admin"), "{after}");
        self.done(ACCOUNT, &["plan"]);
    }

    /// A playbook made by hand becomes a file, and is managed from then on.
    fn import(&self) {
        let body = json!({
            "title": "Made by hand", "team_id": self.troupe.team_id(), "public": true,
            "reminder_timer_default_seconds": 3600,
            "checklists": [{ "title": "First", "items": [{ "title": "Look at it" }] }],
        });
        let path = format!("{PLUGIN}/playbooks");
        self.troupe.ask_as(ACCOUNT, "POST", &path, &body).unwrap();
        let line = ["import", "--playbook", "Made by hand", "--adopt", "--yes"];
        self.done(ACCOUNT, &line);
        let text = self.here.root().join("playbooks/made-by-hand.yaml");
        let text = std::fs::read_to_string(text).unwrap();
        assert!(text.contains("title: Look at it"), "{text}");
        self.commit("Import what was made by hand");
        self.done(ACCOUNT, &["plan"]);
    }

    fn change(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.here.root().join(path)).unwrap();
        assert!(text.contains(from), "no `{from}` in {path}");
        self.here.write(path, text.replacen(from, to, 1));
    }

    /// A playbook as the server has it: of those of this title the one that warroom manages, since
    /// the recordings leave some behind.
    fn playbook(&self, title: &str) -> Value {
        let all = self.troupe.playbooks().unwrap();
        let named = all.iter().filter(|playbook| playbook["title"] == title);
        let whole = |playbook: &Value| {
            let path = format!("{PLUGIN}/playbooks/{}", playbook["id"].as_str().unwrap());
            self.troupe.ask("GET", &path, &Value::Null).unwrap()
        };
        let ours = |playbook: &Value| {
            let description = playbook["description"].as_str().unwrap();
            description.contains("]: warroom:")
        };
        let found = named.map(whole).find(ours);
        found.unwrap_or_else(|| panic!("no managed playbook is called `{title}`"))
    }

    /// The roles that somebody has in the playbook of service outages.
    fn roles(&self, name: &str) -> String {
        let playbook = self.playbook("Outage of a service");
        let me = self
            .troupe
            .ask_as(name, "GET", "/api/v4/users/me", &Value::Null);
        let me = me.unwrap();
        let members = playbook["members"].as_array().unwrap();
        let member = members.iter().find(|member| member["user_id"] == me["id"]);
        member.map_or_else(String::new, |member| member["roles"].to_string())
    }

    fn run(&self) {
        let name = "Checkout answers 5xx";
        let start = ["run", "start", "service-outage", "--name", name];
        self.done("alice", &[&start[..], &["--severity", "sev2"]].concat());
        self.done("alice", &["run", "check", "confirm", "severity"]);
        self.done(
            "alice",
            &["run", "role", "comms", self.troupe.username("dave")],
        );
        self.done(
            "alice",
            &["run", "commander", self.troupe.username("carol")],
        );
        let inputs = [
            "--set",
            "impact=4 of 10 payments fail",
            "--set",
            "next=Find out why",
        ];
        let update = [&["run", "update", "--yes"][..], &inputs].concat();
        self.done("carol", &[&update[..], &["--status", "active"]].concat());
        self.done("carol", &["run", "announce", "~support"]);

        let shown = self.shown();
        assert_eq!(shown["name"], name);
        assert_eq!(shown["status"], "active");
        assert_eq!(shown["updates"]["count"], 1);
        assert_eq!(shown["ended_at"], Value::Null);

        self.done("carol", &["run", "end", "--yes"]);
        assert!(!self.shown()["ended_at"].is_null());
    }

    fn shown(&self) -> Value {
        let text = self.done("carol", &["run", "show", "--format", "json"]);
        let shown: Value = serde_json::from_str(&text).unwrap();
        shown["incident"].clone()
    }

    fn export(&self) {
        let before = self.head();
        self.done("carol", &["run", "export"]);
        let exported = self.head();
        assert_ne!(before, exported, "the export made no commit");
        let text = self.committed("postmortem.md");
        for word in [
            "Checkout answers 5xx",
            "4 of 10 payments fail",
            self.troupe.username("carol"),
        ] {
            assert!(text.contains(word), "no `{word}` in\n{text}");
        }
        self.done("carol", &["run", "export"]);
        assert_eq!(self.head(), exported, "a second export changed something");
    }

    fn prune(&self) {
        let before = self.playbooks();
        let path = self.here.root().join("playbooks/customer-escalation.yaml");
        std::fs::remove_file(path).unwrap();
        self.commit("Drop customer escalations");
        self.done(ACCOUNT, &["sync", "--yes", "--prune", "--at-most", "1"]);
        assert_eq!(self.playbooks(), before - 1);
    }

    /// How many playbooks the team has that are not archived.
    fn playbooks(&self) -> usize {
        self.troupe.playbooks().unwrap().len()
    }

    fn git(&self) -> git2::Repository {
        git2::Repository::open(self.here.root()).unwrap()
    }

    fn head(&self) -> git2::Oid {
        self.git().head().unwrap().target().unwrap()
    }

    /// The text of the file of that name in the last commit.
    fn committed(&self, name: &str) -> String {
        let git = self.git();
        let tree = git.head().unwrap().peel_to_tree().unwrap();
        let mut found = None;
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if folder.starts_with("incidents/") && entry.name().ok() == Some(name) {
                found = Some(entry.id());
            }
            git2::TreeWalkResult::Ok
        })
        .unwrap();
        let blob = git.find_blob(found.unwrap()).unwrap();
        String::from_utf8(blob.content().to_vec()).unwrap()
    }

    /// Commits everything in the workspace.
    fn commit(&self, message: &str) {
        let git = self.git();
        let mut index = git.index().unwrap();
        let all = ["*"];
        index
            .add_all(all, git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        index.update_all(all, None).unwrap();
        index.write().unwrap();
        let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
        let me = git.signature().unwrap();
        let parent = git.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        git.commit(Some("HEAD"), &me, &me, message, &tree, &parents)
            .unwrap();
    }
}
