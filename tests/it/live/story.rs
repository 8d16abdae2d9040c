//! The main job: files, a playbook on the server, an incident, a post-mortem in git.
//!
//! Goes through the commands as people type them, each in their own name.

use std::time::Duration;

use serde_json::Value;
use warroom::exit::ExitStatus;

use super::troupe::Troupe;
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
