//! One cell of the matrix: a place, a fault, two syncs, and what has to hold then.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use warroom::exit::ExitStatus;
use warroom::mattermost::{self, Sleep};
use warroom::sandbox::{Fault, FaultAction, Gate, Options, Running, Seed, start};

use super::Ticking;
use super::kinds::{ATTRIBUTES, KINDS, Kind, TASKS, When, playbook};
use crate::support::{Ran, Warroom};

const SETTINGS: &str = "\
format: 1
workspace: acme
team: ops
sync: { announce: ~ops-changes }
";

const PERMISSIONS: &str = "\
profiles:
  open:
    playbook: { visibility: public, use: [dave], edit: [bob] }
    incident: { channel: public }
";

const PLAYBOOKS: &str = "/plugins/playbooks/api/v0/playbooks";

/// What somebody writes in the web app meanwhile.
const THEIRS: &str = "Somebody else wrote this meanwhile.";

/// Longer than any request without a fault takes, on a busy machine, too.
const PATIENCE: Duration = Duration::from_millis(800);

/// A workspace and its server.
pub struct Place {
    warroom: Warroom,
    server: Running,
    probe: Rc<Probe>,
}

/// Asks the server directly.
struct Probe {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

impl Probe {
    fn new() -> Rc<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        // Without any certificate: everything stays on this machine.
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        Rc::new(Self {
            runtime: runtime.unwrap(),
            client: client.build().unwrap(),
        })
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// The request, with what the sandbox does to it, and how often.
    Answer(fn() -> FaultAction, usize),
    /// The client gives up waiting.
    TimeOut { done: bool },
    /// The process is killed while it waits.
    Kill { done: bool },
}

const HTML: &str = "<html><title>502 Bad Gateway</title></html>";

/// The faults but for the edit in the web app, which ends otherwise.
const TROUBLES: &[(&str, Trouble)] = &[
    ("timeout before", Trouble::TimeOut { done: false }),
    ("timeout after", Trouble::TimeOut { done: true }),
    ("reset before", Trouble::Answer(|| FaultAction::Drop, 1)),
    ("reset after", Trouble::Answer(|| FaultAction::DropAfter, 1)),
    (
        "429 storm",
        Trouble::Answer(
            || FaultAction::Status(429, "limit exceeded\n".to_owned()),
            1000,
        ),
    ),
    (
        "three times 429",
        Trouble::Answer(
            || FaultAction::Status(429, "limit exceeded\n".to_owned()),
            3,
        ),
    ),
    (
        "500",
        Trouble::Answer(|| FaultAction::Status(500, "{}".to_owned()), 1),
    ),
    (
        "500 after",
        Trouble::Answer(|| FaultAction::StatusAfter(500, "{}".to_owned()), 1),
    ),
    (
        "502 HTML",
        Trouble::Answer(|| FaultAction::Status(502, HTML.to_owned()), 1),
    ),
    (
        "502 HTML after",
        Trouble::Answer(|| FaultAction::StatusAfter(502, HTML.to_owned()), 1),
    ),
    ("cut JSON", Trouble::Answer(|| FaultAction::HalfAfter, 1)),
    ("kill -9 before", Trouble::Kill { done: false }),
    ("kill -9 after", Trouble::Kill { done: true }),
];

/// Does not wait at all.
#[derive(Debug)]
struct AtOnce;

impl Sleep for AtOnce {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

fn connection(timeout: Duration) -> mattermost::Options {
    mattermost::Options {
        sleep: Arc::new(AtOnce),
        timeout,
        ..mattermost::Options::default()
    }
}

impl Place {
    /// Two playbooks, in step with the server.
    fn new(probe: &Rc<Probe>) -> Self {
        let clock = Arc::new(Ticking::default());
        let server = start(Options {
            seed: Seed::default(),
            ..Options::local(clock.clone())
        })
        .unwrap();
        let warroom = Warroom::new()
            .in_time(clock)
            .connection(connection(Duration::from_secs(30)))
            .file("warroom.yaml", SETTINGS)
            .file("permissions.yaml", PERMISSIONS)
            .variable("WARROOM_SERVER", &server.url())
            .variable("WARROOM_TOKEN", &server.token("alice"));
        let place = Self {
            warroom,
            server,
            probe: Rc::clone(probe),
        };
        place.write("alpha", &playbook("alpha", "Alpha", TASKS, ATTRIBUTES));
        place.write("gone", &playbook("gone", "Gone", "", ""));
        place.settle(&[]);
        place
    }

    /// Ready for a write of this kind.
    fn before(kind: &Kind, probe: &Rc<Probe>) -> Self {
        let place = Self::new(probe);
        (kind.before)(&place);
        (kind.change)(&place);
        place.server.clear_log();
        place
    }

    pub fn write(&self, key: &str, text: &str) {
        self.warroom.write(&format!("playbooks/{key}.yaml"), text);
    }

    pub fn remove(&self, key: &str) {
        let file = format!("playbooks/{key}.yaml");
        std::fs::remove_file(self.warroom.root().join(file)).unwrap();
    }

    pub fn settle(&self, arguments: &[&str]) {
        let ran = self.sync(arguments);
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
    }

    fn sync(&self, arguments: &[&str]) -> Ran {
        let line = ["sync", "--yes", "--format", "json"];
        self.warroom.run(&[&line, arguments].concat())
    }

    fn fault(&self, (method, path): (&str, &str), action: FaultAction, count: usize) {
        self.server.fault(Fault {
            method: Some(method.to_owned()),
            path_contains: path.to_owned(),
            action,
            count,
        });
    }

    /// Whether the request of this kind was met.
    fn met(&self, kind: &Kind) -> bool {
        let (method, path) = kind.request;
        let log = self.server.log();
        log.iter()
            .any(|exchange| exchange.method == method && exchange.path.contains(path))
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = self.probe.runtime.block_on(async {
            let url = format!("{}{path}", self.server.url());
            let answer = self
                .probe
                .client
                .request(method.parse().unwrap(), url)
                .bearer_auth(self.server.token("alice"))
                .json(body)
                .send()
                .await
                .unwrap();
            assert!(
                answer.status().is_success() || answer.status() == 404,
                "{method} {path}: {}",
                answer.status()
            );
            answer.text().await.unwrap()
        });
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null)
    }

    fn playbooks(&self) -> Vec<Value> {
        let list = self.get(&format!("{PLAYBOOKS}?with_archived=true&per_page=200"));
        list["items"].as_array().unwrap().clone()
    }

    fn id_of(&self, title: &str) -> Option<String> {
        let all = self.playbooks();
        let found = all.iter().find(|playbook| playbook["title"] == title)?;
        Some(found["id"].as_str().unwrap().to_owned())
    }

    /// Everything that sync manages, without ids and times; posts apart.
    fn state(&self) -> String {
        let mut playbooks = self.playbooks();
        playbooks
            .sort_by_key(|playbook| (playbook["title"].to_string(), playbook["delete_at"] != 0));
        let mut all = Vec::new();
        for playbook in playbooks {
            let path = format!("{PLAYBOOKS}/{}", playbook["id"].as_str().unwrap());
            let mut fields = self.get(&format!("{path}/property_fields"));
            if let Some(fields) = fields.as_array_mut() {
                fields.sort_by_key(|field| field["attrs"]["sort_order"].to_string());
            }
            let mut conditions = self.get(&format!("{path}/conditions"))["items"].clone();
            if let Some(conditions) = conditions.as_array_mut() {
                conditions.sort_by_key(|condition| condition["name"].to_string());
            }
            all.push(json!([self.get(&path), fields, conditions]));
        }
        let preferences = self.get("/api/v4/users/me/preferences/warroom");
        let mut values: Vec<&Value> = preferences.as_array().into_iter().flatten().collect();
        values.sort_by_key(|preference| preference["name"].to_string());
        all.push(json!(values));
        let mut all = json!(all);
        without_times(&mut all);
        without_ids(&serde_json::to_string_pretty(&all).unwrap())
    }

    /// How many posts tell of a sync.
    fn posts(&self) -> usize {
        let channel = self.server.channel_id("ops", "ops-changes").unwrap();
        let posts = self.get(&format!("/api/v4/channels/{channel}/posts"));
        let posts = posts["posts"].as_object().unwrap();
        let told = posts.values().filter(|post| {
            let message = post["message"].as_str().unwrap_or_default();
            message.contains("synced")
        });
        told.count()
    }

    /// What a plan still wants to do, by key.
    fn open(&self, arguments: &[&str]) -> BTreeMap<String, String> {
        let line = ["plan", "--format", "json"];
        let ran = self.warroom.run(&[&line, arguments].concat());
        let plan: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        let steps = plan["steps"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        steps
            .map(|step| (text(&step["key"]), text(&step["action"])))
            .filter(|(_, action)| action != "unchanged")
            .collect()
    }

    /// Somebody edits a playbook in the web app.
    fn edit(&self, title: &str) {
        let id = self.id_of(title).expect(title);
        let path = format!("{PLAYBOOKS}/{id}");
        let mut playbook = self.get(&path);
        playbook["message_on_join"] = json!(THEIRS);
        playbook["message_on_join_enabled"] = json!(true);
        self.call("PUT", &path, &playbook);
    }

    /// Whether what somebody wrote is still there, on the server or where it was kept.
    fn keeps_theirs(&self) -> bool {
        let folder = self.warroom.root().join(".warroom/overwritten");
        let kept = std::fs::read_dir(folder).into_iter().flatten();
        let kept = kept
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .any(|text| text.contains(THEIRS));
        kept || self.serves_theirs()
    }

    fn serves_theirs(&self) -> bool {
        self.state().contains(THEIRS)
    }

    /// The program itself, killed while it stands before the gate.
    fn kill(&self, gate: &Gate, arguments: &[&str]) {
        let root = self.warroom.root();
        let mut child = Command::new(env!("CARGO_BIN_EXE_warroom"))
            .args(["sync", "--yes"])
            .args(arguments)
            .current_dir(root)
            .env_clear()
            .env("WARROOM_CONFIG", root.join(".config"))
            .env("WARROOM_SERVER", self.server.url())
            .env("WARROOM_TOKEN", self.server.token("alice"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let reached = gate.wait(Duration::from_mins(1));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(reached, "the request was never sent");
    }
}

/// Checks all cells of a kind.
pub fn check(name: &str) {
    let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
    let probe = Probe::new();
    let calm = Place::before(kind, &probe);
    let untouched = calm.state();
    let posts = calm.posts();
    calm.settle(kind.arguments);
    assert!(calm.met(kind), "{name}: nothing sends such a request");
    let wanted = calm.state();
    let ends = Ends {
        untouched,
        wanted,
        posts,
    };
    let Ends {
        untouched, wanted, ..
    } = &ends;
    assert_ne!(untouched, wanted, "{name}: the change changes nothing");
    let mut problems = Vec::new();
    for (trouble, what) in TROUBLES {
        if let Err(problem) = cell(kind, *what, &ends, &probe) {
            problems.push(format!("{name} × {trouble}: {problem}"));
        }
    }
    if let Err(problem) = meanwhile(kind, wanted, &probe) {
        problems.push(format!("{name} × an edit in the web app: {problem}"));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// How a place looks before the change and after it, without any fault.
struct Ends {
    untouched: String,
    wanted: String,
    posts: usize,
}

/// One fault, and one more sync.
fn cell(kind: &Kind, trouble: Trouble, ends: &Ends, probe: &Rc<Probe>) -> Result<(), String> {
    let mut place = Place::before(kind, probe);
    let mut first = None;
    match trouble {
        Trouble::Answer(action, count) => {
            place.fault(kind.request, action(), count);
            first = Some(place.sync(kind.arguments));
        }
        Trouble::TimeOut { done } => {
            let gate = Gate::closed();
            place.fault(kind.request, held(&gate, done), 1);
            let Place { warroom, .. } = place;
            let warroom = warroom.connection(connection(PATIENCE));
            place = Place { warroom, ..place };
            first = Some(place.sync(kind.arguments));
            let Place { warroom, .. } = place;
            let warroom = warroom.connection(connection(Duration::from_secs(30)));
            place = Place { warroom, ..place };
        }
        Trouble::Kill { done } => {
            let gate = Gate::closed();
            place.fault(kind.request, held(&gate, done), 1);
            place.kill(&gate, kind.arguments);
        }
    }
    place.server.clear_faults();
    if let Some(first) = first {
        truth(kind, &place, &first, ends)?;
    }
    let second = place.sync(kind.arguments);
    // What was released is not known any more.
    let gone = kind.arguments.contains(&"--release") && second.status == ExitStatus::Usage;
    if second.status != ExitStatus::Done && !gone {
        return Err(format!("the second sync: {}", second.transcript()));
    }
    let now = place.state();
    if now != ends.wanted {
        return Err(format!(
            "not as without the fault:\n{}",
            differences(&ends.wanted, &now)
        ));
    }
    match place.posts() - ends.posts {
        0 | 1 => Ok(()),
        // One for what each of two syncs did.
        2 if kind.name != "post" => Ok(()),
        more => Err(format!("{more} posts tell of it")),
    }
}

fn held(gate: &Gate, done: bool) -> FaultAction {
    if done {
        FaultAction::HoldAfter(gate.clone())
    } else {
        FaultAction::Hold(gate.clone())
    }
}

/// Whether the first run told what it did.
fn truth(kind: &Kind, place: &Place, ran: &Ran, ends: &Ends) -> Result<(), String> {
    let lie = |words: &str| Err(format!("{words}: {}", ran.transcript()));
    let Ok(report) = serde_json::from_str::<Value>(&ran.out) else {
        return lie("no report");
    };
    let Some(outcomes) = report["outcomes"].as_array() else {
        return lie("no outcomes");
    };
    let still_open = place.open(kind.arguments);
    let mut all_done = true;
    for outcome in outcomes {
        let key = outcome["key"].as_str().unwrap();
        let done = outcome["done"] == true;
        all_done &= done;
        let unsure = outcome["error"]
            .as_str()
            .is_some_and(|error| error.contains("may have been carried out"));
        if done && still_open.contains_key(key) {
            return lie(&format!("`{key}` is not done"));
        }
        if !done && !still_open.contains_key(key) && !unsure {
            return lie(&format!("`{key}` is done"));
        }
    }
    if all_done != (ran.status == ExitStatus::Done) {
        return lie("the exit status says something else");
    }
    let changed = place.state() != ends.untouched;
    let wrote = outcomes.iter().any(|outcome| outcome["wrote"] == true);
    if changed != wrote {
        return lie(if wrote {
            "it wrote nothing"
        } else {
            "it wrote something"
        });
    }
    let told = ran.err.contains("did not tell ~ops-changes");
    if kind.name == "post" && !told && place.posts() == ends.posts {
        return lie("nobody was told");
    }
    Ok(())
}

/// Somebody edits the playbook in the web app while it is synced.
fn meanwhile(kind: &Kind, wanted: &str, probe: &Rc<Probe>) -> Result<(), String> {
    let place = Place::before(kind, probe);
    let (title, when) = kind.edited;
    let gate = Gate::closed();
    match when {
        When::BeforeTheWrite => place.fault(kind.request, FaultAction::Hold(gate.clone()), 1),
        When::AfterTheWrite => {
            place.fault(kind.request, FaultAction::HoldAfter(gate.clone()), 1);
        }
        When::BeforeItLooks => {
            let id = place.id_of(title).expect(title);
            let path = format!("/playbooks/{id}");
            // To compare, it was read with its attributes and conditions.
            place.fault(("GET", &path), FaultAction::Delay(Duration::ZERO), 3);
            place.fault(("GET", &path), FaultAction::Hold(gate.clone()), 1);
        }
    }
    let warroom = &place.warroom;
    let first = std::thread::scope(|scope| {
        let line = ["sync", "--yes", "--format", "json"];
        let line = [&line, kind.arguments].concat();
        let run = scope.spawn(move || warroom.run(&line));
        if gate.wait(Duration::from_mins(1)) {
            place.edit(title);
        }
        gate.open();
        run.join().unwrap()
    });
    place.server.clear_faults();
    if !place.keeps_theirs() {
        return Err(format!("the edit was lost at once: {}", first.transcript()));
    }
    let second = place.sync(kind.arguments);
    // A creation that was cut short is finished, and what it writes over is kept.
    if !(place.serves_theirs() || kind.name == "create" && place.keeps_theirs()) {
        return Err(format!(
            "written over without being told to: {}\nthen {}",
            first.transcript(),
            second.transcript()
        ));
    }
    // What is archived or released keeps the edit.
    if matches!(kind.name, "archive" | "forget" | "release") {
        return Ok(());
    }
    let told = [kind.arguments, &["--on-drift", "overwrite"]].concat();
    let third = place.sync(&told);
    if third.status != ExitStatus::Done {
        return Err(format!("overwriting it: {}", third.transcript()));
    }
    if !place.keeps_theirs() {
        return Err(format!("the edit was not kept: {}", third.transcript()));
    }
    let now = place.state();
    if now == wanted {
        Ok(())
    } else {
        Err(format!(
            "not as without the edit:\n{}",
            differences(wanted, &now)
        ))
    }
}

/// Takes out what differs from run to run.
fn without_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(archived) = fields.get_mut("delete_at") {
                *archived = json!(*archived != 0);
            }
            fields.retain(|key, _| {
                let time = ["create_at", "update_at", "updated_at", "last_run_at"];
                !time.contains(&key.as_str())
            });
            fields.values_mut().for_each(without_times);
        }
        Value::Array(values) => values.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// Ids by the order in which they appear.
fn without_ids(text: &str) -> String {
    let id = regex::Regex::new(r"\b[a-z0-9]{26}\b").unwrap();
    let mut known: Vec<String> = Vec::new();
    let replaced = id.replace_all(text, |found: &regex::Captures<'_>| {
        let found = &found[0];
        let place = known.iter().position(|id| id == found);
        let place = place.unwrap_or_else(|| {
            known.push(found.to_owned());
            known.len() - 1
        });
        format!("id{place}")
    });
    replaced.into_owned()
}

/// The lines that only one of them has.
fn differences(wanted: &str, now: &str) -> String {
    let diff = similar::TextDiff::from_lines(wanted, now);
    diff.unified_diff().context_radius(2).to_string()
}
