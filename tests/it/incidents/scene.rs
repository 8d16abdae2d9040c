//! A workspace whose playbook is on a sandbox, and people who run incidents with it.

use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};
use warroom::model::{checklist_id, task_id};
use warroom::sandbox::{Fault, FaultAction, Options, Running, start};
use warroom::sync::marker::Marker;

use crate::support::{Ran, Warroom};

pub const PLUGIN: &str = "/plugins/playbooks/api/v0";

const SETTINGS: &str = "\
format: 1
workspace: acme
server: { playbooks: '2.11', tier: enterprise }
team: ops
severities:
  - { key: sev1, title: SEV-1, means: Nobody can buy, update_every: 15m }
  - { key: sev2, title: SEV-2, means: Buying is slow }
  - { key: sev3, title: SEV-3, means: Only we notice, update_every: 4h }
statuses:
  - { key: reported, title: Reported }
  - { key: active, title: Active }
  - { key: resolved, title: Resolved, ends: true }
roles:
  comms: { title: Communications, duty: Writes every status update }
  scribe: { title: Scribe }
templates:
  announcement: templates/announcement.md.j2
";

const PERMISSIONS: &str = "\
profiles:
  open:
    playbook: { visibility: public, use: [alice, bob], edit: [carol] }
    incident: { channel: public }
";

const PLAYBOOK: &str = "\
key: outage
title: Outage
access: open
start:
  commander: carol
  invite: [alice, bob, carol]
  number_prefix: OUT
  announce: [~ops-changes]
  welcome: templates/welcome.md.j2
  overview: templates/overview.md.j2
progression: staged
checklists:
  - key: triage
    title: Triage
    tasks:
      - { key: confirm, title: Confirm the outage, required: true, due: 10m }
      - { key: page-vendor, title: Page the vendor }
      - { key: status-page, title: Publish on the status page, assign: 'role:comms' }
  - key: recover
    title: Recover
    tasks:
      - { key: rollback, title: Roll back the last change, required: true }
      - { key: verify, title: Verify with real traffic, required: true }
      - { key: timeline, title: Complete the timeline, assign: 'role:scribe' }
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
";

const TEMPLATES: [(&str, &str); 4] = [
    (
        "announcement",
        "**{{ incident.name | md }}** ({{ incident.severity.title }}) {{ event.words }}. Commander: {{ incident.commander | mention }}.\n",
    ),
    (
        "welcome",
        "Welcome to {{ incident.name | md }}. Ask {{ incident.commander | mention }}.\n",
    ),
    (
        "overview",
        "**{{ incident.status.title }}** · {{ incident.severity.title }} · {{ incident.commander | mention }}\n{{ incident.description | paragraphs }}\n{{ tasks.done }} of {{ tasks.total }} done{% if tasks.current %}, now in *{{ tasks.current.title | md }}*{% endif %}, {{ updates.count }} updates\n",
    ),
    (
        "update",
        "---\ninputs:\n  impact: { ask: What can customers not do?, required: true }\n  next: { ask: What happens next?, required: true }\n  note: { ask: Anything else?, default: nothing }\n---\n**{{ incident.status.title }}** · {{ impact | md }} · {{ next | md }} · {{ note | md }}{% if previous %} · before: {{ previous | length }} characters{% endif %}{% if update.next_at %} · next by {{ update.next_at | datetime }}{% endif %}\n",
    ),
];

/// A workspace, a server, and everybody's tokens.
pub struct Scene {
    pub sandbox: Running,
    pub warroom: Warroom,
    pub playbook: String,
}

impl Scene {
    /// The playbook is synced, and no incident was ever started.
    pub fn new() -> Self {
        Self::with(Warroom::new())
    }

    /// Somebody sits at the terminal and types this.
    pub fn typing(input: &str) -> Self {
        Self::with(Warroom::new().typing(input))
    }

    fn with(warroom: Warroom) -> Self {
        let mut warroom = warroom
            .file("warroom.yaml", SETTINGS)
            .file("permissions.yaml", PERMISSIONS)
            .file("playbooks/outage.yaml", PLAYBOOK);
        for (name, text) in TEMPLATES {
            warroom = warroom.file(&format!("templates/{name}.md.j2"), text);
        }
        let sandbox = start(Options::local(warroom.clock().clone())).unwrap();
        let mut scene = Self {
            sandbox,
            warroom,
            playbook: String::new(),
        };
        scene.sync();
        scene.sandbox.clear_log();
        scene
    }

    /// An incident was started by alice; carol commands.
    pub fn running() -> Self {
        let scene = Self::new();
        scene.start();
        scene
    }

    pub fn start(&self) {
        let line = ["run", "start", "outage", "--name", "Checkout 5xx"];
        let ran = self.run("alice", &line);
        assert_eq!(ran.status.code(), 0, "{}", ran.transcript());
        self.sandbox.clear_log();
    }

    /// Runs a command line in somebody's name.
    pub fn run(&self, user: &str, line: &[&str]) -> Ran {
        // Verbs take time, and the order of events is the order of their times.
        self.warroom.clock().advance(Duration::from_secs(1));
        let (url, token) = (self.sandbox.url(), self.sandbox.token(user));
        let variables = [("WARROOM_SERVER", url.as_str()), ("WARROOM_TOKEN", &token)];
        let mut ran = self.warroom.run_with(&variables, line);
        for text in [&mut ran.out, &mut ran.err] {
            *text = self.scrub(text);
        }
        ran
    }

    /// Runs a command line in somebody's name, which has to succeed; what it printed.
    pub fn done(&self, user: &str, line: &[&str]) -> String {
        let ran = self.run(user, line);
        assert_eq!(ran.status.code(), 0, "{}", ran.transcript());
        ran.out
    }

    /// Sends a request in somebody's name; the value of a successful answer.
    pub fn api(&self, user: &str, method: &str, path: &str, body: &Value) -> Value {
        let (status, text) = self.send(user, method, path, body);
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {text}"
        );
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn send(&self, user: &str, method: &str, path: &str, body: &Value) -> (u16, String) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = format!("{}{path}", self.sandbox.url());
            let mut request = client.request(method.parse().unwrap(), url);
            request = request.bearer_auth(self.sandbox.token(user));
            if !body.is_null() {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.text().await.unwrap())
        })
    }

    /// The runs of the playbook, the newest first.
    pub fn runs(&self) -> Vec<Value> {
        let path = format!("{PLUGIN}/runs?sort=create_at&direction=desc");
        let list = self.api("admin", "GET", &path, &Value::Null);
        list["items"].as_array().unwrap().clone()
    }

    /// The newest run.
    pub fn incident(&self) -> Value {
        self.runs().remove(0)
    }

    /// The path of the newest run.
    pub fn path(&self) -> String {
        format!("{PLUGIN}/runs/{}", self.incident()["id"].as_str().unwrap())
    }

    /// The state line at the end of the overview.
    pub fn state(&self) -> String {
        let incident = self.incident();
        let summary = incident["summary"].as_str().unwrap();
        self.scrub(summary.lines().last().unwrap())
    }

    /// What people read of the overview.
    pub fn overview(&self) -> String {
        let incident = self.incident();
        let summary = incident["summary"].as_str().unwrap();
        let lines: Vec<&str> = summary.lines().filter(|l| !l.starts_with("[//]")).collect();
        lines.join("\n").trim().to_owned()
    }

    /// The state of a task.
    pub fn task(&self, list: usize, item: usize) -> Value {
        self.incident()["checklists"][list]["items"][item].clone()
    }

    /// What people wrote into a channel of the team, the oldest first.
    pub fn posts(&self, channel: &str) -> Vec<String> {
        let id = self.sandbox.channel_id("ops", channel).unwrap();
        let path = format!("/api/v4/channels/{id}/posts");
        let page = self.api("admin", "GET", &path, &Value::Null);
        let order = page["order"].as_array().unwrap().iter().rev();
        let posts = order.map(|id| &page["posts"][id.as_str().unwrap()]);
        posts
            .filter(|post| post["type"] == "")
            .map(|post| self.scrub(post["message"].as_str().unwrap()))
            .collect()
    }

    /// What was changed since the log was cleared: method and path below the plugin or core.
    pub fn writes(&self) -> Vec<String> {
        let log = self.sandbox.log();
        let writes = log.iter().filter(|exchange| exchange.is_write());
        let text = writes.map(|exchange| {
            let path = exchange.path.replace(PLUGIN, "").replace("/api/v4", "");
            self.scrub(&format!("{} {path}", exchange.method))
        });
        text.collect()
    }

    /// Lets the next request like this go wrong.
    pub fn fault(&self, method: &str, path: &str, action: FaultAction) {
        self.sandbox.fault(Fault {
            method: Some(method.to_owned()),
            path_contains: path.to_owned(),
            action,
            count: 1,
        });
    }

    /// The text with the server's address and its ids replaced.
    pub fn scrub(&self, text: &str) -> String {
        let text = text.replace(&self.sandbox.url(), "[SITE]");
        let id = Regex::new(r"\b[a-z0-9]{26}\b").unwrap();
        let seen = Regex::new(r"\bseen=[0-9]+").unwrap();
        let text = id.replace_all(&text, "[ID]");
        seen.replace_all(&text, "seen=[AT]").into_owned()
    }

    /// Writes the playbook as sync does: creation, then the marker with its id.
    fn sync(&mut self) {
        let workspace = "acme".parse().unwrap();
        let playbook: warroom::model::Playbook = serde_yaml::from_str(PLAYBOOK).unwrap();
        let checklists: Vec<Value> = playbook
            .checklists
            .iter()
            .map(|list| {
                let items = list.tasks.iter().map(|task| {
                    json!({
                        "id": task_id(&workspace, &playbook.key, &list.key, &task.key),
                        "title": task.title,
                        "due_date": task.due.map_or(0, warroom::model::Duration::as_millis),
                    })
                });
                json!({
                    "id": checklist_id(&workspace, &playbook.key, &list.key),
                    "title": list.title,
                    "items": items.collect::<Vec<Value>>(),
                })
            })
            .collect();
        let people = ["alice", "bob", "carol"].map(|name| self.sandbox.user_id(name));
        let mut body = json!({
            "title": playbook.title,
            "team_id": self.sandbox.team_id("ops"),
            "public": true,
            "create_public_playbook_run": true,
            "reminder_timer_default_seconds": 1800,
            "status_update_enabled": true,
            "checklists": checklists,
            "invited_user_ids": people,
            "invite_users_enabled": true,
            "default_owner_id": people[2],
            "default_owner_enabled": true,
            "message_on_join": "Welcome to (name).",
            "message_on_join_enabled": true,
            "broadcast_channel_ids": [self.sandbox.channel_id("ops", "incidents")],
            "broadcast_enabled": true,
            "run_number_prefix": "OUT",
            "create_channel_member_on_new_participant": true,
        });
        let path = format!("{PLUGIN}/playbooks");
        let created = self.api("carol", "POST", &path, &body);
        created["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.playbook);
        let marker = Marker {
            workspace,
            key: playbook.key,
            id: Some(self.playbook.clone()),
            commit: Some("3f2a91c".to_owned()),
            digest: None,
            protected: false,
        };
        body["description"] = marker.describe("When it is down.", None).unwrap().into();
        let read = self.api(
            "carol",
            "GET",
            &format!("{path}/{}", self.playbook),
            &Value::Null,
        );
        body["members"] = read["members"].clone();
        self.api("carol", "PUT", &format!("{path}/{}", self.playbook), &body);
    }
}
