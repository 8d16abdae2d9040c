//! `import` against the stand-in server, end to end.

use std::sync::Arc;

use serde_json::{Value, json};
use warroom::clock::Clock;
use warroom::exit::ExitStatus;
use warroom::sandbox::{Options, Running, Seed, start};

use crate::support::{Ran, Warroom};

const PLAYBOOKS: &str = "/plugins/playbooks/api/v0/playbooks";

const SETTINGS: &str = "format: 1\nworkspace: acme\nteam: ops\n";

/// A workspace without playbooks, and a server on which people made some by hand.
struct World {
    warroom: Warroom,
    server: Running,
}

impl World {
    fn new() -> Self {
        let warroom = Warroom::new().file("warroom.yaml", SETTINGS);
        let clock: Arc<dyn Clock> = warroom.clock().clone();
        let seed = Seed::default();
        let server = start(Options {
            seed,
            ..Options::local(clock)
        })
        .unwrap();
        let warroom = warroom
            .variable("WARROOM_SERVER", &server.url())
            .variable("WARROOM_TOKEN", &server.token("alice"));
        Self { warroom, server }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut ran = self.warroom.run(arguments);
        for text in [&mut ran.out, &mut ran.err] {
            assert!(!text.contains("hunter2"), "a secret was shown: {text}");
            *text = text.replace(&self.server.url(), "[SERVER]");
        }
        ran
    }

    fn import(&self, arguments: &[&str]) -> Ran {
        let all: Vec<&str> = ["import", "--yes"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.run(&all)
    }

    fn writes(&self) -> Vec<String> {
        let log = self.server.log();
        let writes = log.iter().filter(|exchange| exchange.is_write());
        writes.map(|e| format!("{} {}", e.method, e.path)).collect()
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
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
                .bearer_auth(self.server.token("alice"))
                .json(body)
                .send()
                .await
                .unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{method} {path}: {status} {text}");
            text
        });
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Somebody makes a playbook by hand.
    fn made(&self, body: &Value) -> String {
        let mut all = json!({
            "team_id": self.server.team_id("ops"), "public": true, "reminder_timer_default_seconds": 86400,
            "create_channel_member_on_new_participant": true,
            "members": [
                {"user_id": self.server.user_id("alice"), "roles": ["playbook_member", "playbook_admin"]},
                {"user_id": self.server.user_id("bob"), "roles": ["playbook_member"]},
            ],
        });
        for (key, value) in body.as_object().unwrap() {
            all[key] = value.clone();
        }
        let made = self.call("POST", PLAYBOOKS, &all);
        made["id"].as_str().unwrap().to_owned()
    }

    /// One that uses nearly everything.
    fn rich(&self) -> String {
        let user = |name: &str| self.server.user_id(name);
        let trigger =
            json!({"keywords": ["all clear", "no"], "user_ids": [user("dave")]}).to_string();
        let done = json!([{
            "trigger": {"type": "keywords_by_users", "payload": trigger},
            "actions": [{"type": "mark_item_as_done", "payload": "{\"enabled\":true}"}],
        }]);
        let id = self.made(&json!({
            "title": "Störung: Netz", "description": "First line.\n\n* second: line\n",
            "invite_users_enabled": true, "invited_user_ids": [user("bob"), user("carol")],
            "default_owner_enabled": true, "default_owner_id": user("carol"),
            "create_public_playbook_run": true,
            "categorize_channel_enabled": true, "category_name": "Incidents",
            "run_number_prefix": "OUT",
            "webhook_on_creation_enabled": true, "webhook_on_creation_urls": ["https://hooks.example.com/hunter2"],
            "message_on_join_enabled": true, "message_on_join": "{{ incident.name }} is no template",
            "run_summary_template_enabled": true,
            "run_summary_template": "# Overview\n\n1\n\n2\n\n3\n\n4",
            "status_update_enabled": true, "reminder_timer_default_seconds": 1800,
            "reminder_message_template": "templates/secret.md.j2",
            "retrospective_enabled": true, "retrospective_reminder_interval_seconds": 86400,
            "retrospective_template": "## Timeline\n",
            "checklists": [
                {"title": "Triage", "items": [
                    {"title": "Confirm", "description": "Use **two** regions.\nThen say so.", "due_date": 600_000, "assignee_type": "owner"},
                    {"title": "Page", "command": "/page vendor", "assignee_id": user("bob")},
                    {"title": "Confirm", "task_actions": done},
                ]},
                {"title": "Empty", "items": []},
            ],
        }));
        let fields = format!("{PLAYBOOKS}/{id}/property_fields");
        for field in [
            json!({"name": "Service", "type": "select", "attrs": {"visibility": "always", "options": [{"name": "checkout"}, {"name": "no"}]}}),
            json!({"name": "Ticket", "type": "text", "attrs": {"value_type": "url"}}),
        ] {
            self.call("POST", &fields, &field);
        }
        id
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.warroom.root().join(path)).unwrap()
    }
}

#[test]
fn a_playbook_is_written_down_and_taken_over() {
    let world = World::new();
    let id = world.rich();
    world.server.clear_log();
    let ran = world.import(&["--playbook", &id]);
    ran.finished(ExitStatus::Done);
    assert_eq!(world.writes(), Vec::<String>::new());
    insta::assert_snapshot!(ran.err.replace(&id, "ID"));
    insta::assert_snapshot!(world.text("playbooks/stoerung-netz.yaml"));
    insta::assert_snapshot!(world.text("permissions.yaml"));
    let overview = world.text("templates/stoerung-netz-overview.md.j2");
    assert_eq!(overview, "# Overview\n\n1\n\n2\n\n3\n\n4\n");
    world.run(&["validate"]).finished(ExitStatus::Done);

    let adopt = format!("stoerung-netz={id}");
    let seen = || {
        let mut playbook = world.call("GET", &format!("{PLAYBOOKS}/{id}"), &Value::Null);
        for key in ["description", "update_at"] {
            playbook.as_object_mut().unwrap().remove(key);
        }
        for list in playbook["checklists"].as_array_mut().unwrap() {
            list["id"] = Value::Null;
            list["items_order"] = Value::Null;
            for item in list["items"].as_array_mut().unwrap() {
                item["id"] = Value::Null;
            }
        }
        playbook
    };
    let before = seen();
    world
        .run(&["sync", "--yes", "--adopt", &adopt])
        .finished(ExitStatus::Done);
    // Nothing that people see has changed: only ids and the marker.
    assert_eq!(seen(), before);
    world
        .run(&["plan"])
        .finished(ExitStatus::Done)
        .tells("nothing to change");
}

#[test]
fn adoption_follows_at_once_and_then_the_plan_is_empty() {
    let world = World::new();
    world.rich();
    world.made(&json!({"title": "Outage"}));
    world.made(&json!({"title": "Outage 2", "public": false}));
    world
        .import(&["--all", "--adopt"])
        .finished(ExitStatus::Done);
    world
        .run(&["plan"])
        .finished(ExitStatus::Done)
        .tells("nothing to change");
    // Both share the profile; the private one has its own.
    assert_eq!(
        world
            .text("permissions.yaml")
            .matches("visibility: private")
            .count(),
        1
    );
    let again = world.import(&["--all"]);
    again
        .finished(ExitStatus::Done)
        .tells("it is managed already, as `playbooks/outage.yaml`");
}

#[test]
fn nothing_is_written_without_consent_or_with_diff() {
    let world = World::new();
    world.made(&json!({"title": "Outage"}));
    world
        .run(&["import", "--all"])
        .finished(ExitStatus::Refused)
        .tells("--yes");
    let diff = world.run(&["import", "--all", "--diff"]);
    diff.finished(ExitStatus::Findings)
        .tells("+++ b/playbooks/outage.yaml");
    assert!(!world.warroom.root().join("playbooks").exists());
    let none = world.run(&["import"]);
    none.finished(ExitStatus::Done).tells("nothing to write");
    let unknown = world.import(&["--playbook", "Nobody"]);
    unknown
        .finished(ExitStatus::Failed)
        .tells("no playbook with the id or title `Nobody`");
    let json = world.run(&["import", "--all", "--diff", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["playbooks"][0]["key"], "outage");
    assert_eq!(json["written"], false);
}

#[test]
fn what_is_there_is_never_written_over() {
    let world = World::new();
    world.made(&json!({"title": "Outage"}));
    world.warroom.write("playbooks/README.md", "mine");
    world.warroom.write(
        "permissions.yaml",
        "# mine\nprofiles:\n  open: # for all\n    playbook: { visibility: public }\n\n# the end\n",
    );
    let other = "key: outage\ntitle: Mine\naccess: open\nchecklists: []\n";
    world.warroom.write("playbooks/outage.yaml", other);
    world.import(&["--all"]).finished(ExitStatus::Done);
    assert_eq!(world.text("playbooks/outage.yaml"), other);
    assert!(
        world
            .text("playbooks/outage-2.yaml")
            .contains("title: Outage\n")
    );
    insta::assert_snapshot!(world.text("permissions.yaml"), @r"
    # mine
    profiles:
      open: # for all
        playbook: { visibility: public }
      outage-2:
        playbook:
          visibility: public
          use: [bob]
          edit: [alice]
        incident:
          channel: private

    # the end
    ");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links() {
    let world = World::new();
    world.made(&json!({"title": "Outage"}));
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), world.warroom.root().join("playbooks")).unwrap();
    let ran = world.import(&["--all"]);
    assert_ne!(ran.status, ExitStatus::Done, "{ran:?}");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert!(!world.warroom.root().join("permissions.yaml").exists());
}

#[test]
fn a_hostile_server_does_no_harm() {
    let world = World::new();
    world.made(&json!({"title": "../../x\u{1b}[2J\u{202e}"}));
    world.made(&json!({
        "title": "../../etc/passwd", "description": "# x\n---\n{{ 7*7 }}\u{7}\n[//]: no",
        "message_on_join_enabled": true, "message_on_join": "{% for x in y %}\n{{ x }}\n".repeat(3),
        "run_summary_template_enabled": true, "run_summary_template": "/etc/passwd.j2",
        "retrospective_enabled": true, "retrospective_reminder_interval_seconds": 0,
        "retrospective_template": "---\ninputs: { x: { ask: y } }\n---\n{{ x }}",
        "checklists": [{"title": "on", "items": [
            {"title": "~", "description": "\u{0}".replace('\0', "\u{1}"), "command": "/x\n/y"},
            {"title": "key: x", "description": "- a\n\t- b"},
        ]}],
    }));
    let ran = world.import(&["--all"]);
    // A title that steers terminals is nothing that a workspace may have.
    ran.finished(ExitStatus::Refused)
        .tells("the title contains a control character");
    assert!(
        !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
        "{ran:?}"
    );
    let text = world.text("playbooks/etc-passwd.yaml");
    assert!(
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\t')),
        "{text}"
    );
    insta::assert_snapshot!(text);
    world.run(&["validate"]).finished(ExitStatus::Done);
    // Sent back as it came: nothing was taken for a template or a path.
    let list = world.call("GET", PLAYBOOKS, &Value::Null);
    let mut items = list["items"].as_array().unwrap().iter();
    let id = items
        .find(|item| item["title"] == "../../etc/passwd")
        .unwrap();
    let id = id["id"].as_str().unwrap().to_owned();
    let before = world.call("GET", &format!("{PLAYBOOKS}/{id}"), &Value::Null);
    world
        .run(&["sync", "--yes", "--adopt", &format!("etc-passwd={id}")])
        .finished(ExitStatus::Done);
    let after = world.call("GET", &format!("{PLAYBOOKS}/{id}"), &Value::Null);
    for key in [
        "title",
        "message_on_join",
        "run_summary_template",
        "retrospective_template",
    ] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert!(world.warroom.root().read_dir().unwrap().count() <= 5);
}

#[test]
fn an_edit_in_mattermost_is_brought_into_the_file_and_nothing_is_written_there() {
    let world = World::new();
    world.made(&json!({"title": "Outage", "description": "By hand."}));
    world
        .import(&["--all", "--adopt"])
        .finished(ExitStatus::Done);
    let path = "playbooks/outage.yaml";
    let text = world
        .text(path)
        .replace("title: Outage", "title: 'Outage'   # mine");
    world.warroom.write(path, &text);
    let list = world.call("GET", PLAYBOOKS, &Value::Null);
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let url = format!("{PLAYBOOKS}/{id}");
    let mut playbook = world.call("GET", &url, &Value::Null);
    playbook["title"] = json!("It's down");
    world.call("PUT", &url, &playbook);
    world.run(&["sync", "--yes"]).finished(ExitStatus::Refused);
    world.server.clear_log();
    let ran = world.import(&[]);
    ran.finished(ExitStatus::Done);
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(world.text(path), text.replace("'Outage'", "'It''s down'"));
    world.run(&["sync", "--yes"]).finished(ExitStatus::Done);
    let plan = world.run(&["plan"]);
    plan.finished(ExitStatus::Done).tells("nothing to change");
}

#[test]
fn an_exported_file_is_written_down_without_a_server() {
    let recorded =
        std::fs::read("tests/contract/playbooks-2.11/playbook-export-import.json").unwrap();
    let recorded: Value = serde_json::from_slice(&recorded).unwrap();
    let steps = recorded["steps"].as_array().unwrap().iter();
    let mut exports = steps.filter(|step| step["path"].as_str().unwrap().ends_with("/export"));
    let export = exports.next().unwrap()["response"].to_string();
    let warroom = Warroom::new()
        .file("warroom.yaml", SETTINGS)
        .file("export.json", &export)
        .file("other.json", "{}");
    let ran = warroom.run(&["import", "--yes", "--file", "export.json"]);
    ran.finished(ExitStatus::Done);
    let text =
        std::fs::read_to_string(warroom.root().join("playbooks/full-playbook.yaml")).unwrap();
    ran.tells("names no people");
    for line in [
        "title: Full playbook",
        "when: { severity: [high] }",
        "title: Time to detect",
    ] {
        assert!(
            text.contains(line),
            "{line}
{text}"
        );
    }
    warroom.run(&["validate"]).finished(ExitStatus::Done);
    let other = warroom.run(&["import", "--yes", "--file", "other.json"]);
    other
        .finished(ExitStatus::Failed)
        .tells("it has no `version`");
}

trait Telling {
    fn finished(&self, status: ExitStatus) -> &Self;
    fn tells(&self, text: &str) -> &Self;
}

impl Telling for Ran {
    fn finished(&self, status: ExitStatus) -> &Self {
        assert_eq!(self.status, status, "{}", self.transcript());
        self
    }

    fn tells(&self, text: &str) -> &Self {
        let all = self.transcript();
        assert!(all.contains(text), "`{text}` is not in\n{all}");
        self
    }
}
