//! `--watch`: the real program, real files, and what it prints after each change.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use warroom::exit::ExitStatus;

use crate::support::Warroom;

/// More than the slowest machine needs; nobody waits so long where all is well.
const LONG: Duration = Duration::from_mins(1);

fn playbook(key: &str) -> String {
    format!("key: {key}\ntitle: {key}\naccess: all\nchecklists: []\n")
}

fn faulty(key: &str) -> String {
    playbook(key).replace("access: all", "access: al")
}

fn workspace() -> Warroom {
    Warroom::new()
        .file("warroom.yaml", "format: 1\nworkspace: acme\nteam: ops\n")
        .file("permissions.yaml", "profiles: { all: {} }\n")
        .file("playbooks/outage.yaml", playbook("outage"))
        .file("playbooks/breach.yaml", playbook("breach"))
        .file("templates/update.md.j2", "Status\n")
}

/// A program that watches, and the lines it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    /// Starts a verb, and waits for the first round.
    fn start(workspace: &Warroom, arguments: &[&str]) -> (Self, Value) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_warroom"))
            .env_clear()
            .current_dir(workspace.root())
            .args(arguments)
            .args(["--watch", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let watching = Self { child, lines };
        let first = watching.round();
        assert_eq!(first["changes"], Value::Array(vec![]));
        (watching, first)
    }

    /// The next round.
    fn round(&self) -> Value {
        let line = self.lines.recv_timeout(LONG).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The round after which these are all findings, and how many it took; a change of
    /// several files may be seen halfway.
    fn until(&self, findings: &[&str]) -> (Value, usize) {
        for rounds in 1.. {
            let round = self.round();
            if found(&round) == findings {
                return (round, rounds);
            }
        }
        unreachable!("rounds do not end")
    }

    /// The status with which it ends by itself, and what it said.
    fn end(&mut self) -> (Option<i32>, String) {
        let err = self.child.stderr.take().unwrap();
        let (sender, ended) = channel();
        std::thread::spawn(move || {
            let text = std::io::read_to_string(err).unwrap();
            sender.send(text).unwrap();
        });
        let text = ended.recv_timeout(LONG).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Code and file of each finding.
fn found(round: &Value) -> Vec<String> {
    let findings = round["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| format!("{} {}", text(&finding["code"]), text(&finding["file"])))
        .collect()
}

/// What changed, as words.
fn changes(round: &Value) -> Vec<String> {
    let changes = round["changes"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    changes
        .map(|change| format!("{} {}", text(&change["change"]), text(&change["file"])))
        .collect()
}

const OUTAGE: &str = "Y-17 playbooks/outage.yaml";

#[test]
fn files_are_saved_in_place_or_by_renaming_come_and_go() {
    let here = workspace();
    let (watching, first) = Watching::start(&here, &["validate"]);
    assert_eq!(found(&first), [""; 0]);

    here.write("playbooks/outage.yaml", faulty("outage"));
    let (round, _) = watching.until(&[OUTAGE]);
    assert_eq!(changes(&round), ["changed playbooks/outage.yaml"]);

    // As editors do it, and with a file beside it that is none of the workspace.
    here.write("playbooks/.outage.yaml.swp", "x");
    here.write("playbooks/outage.yaml~", playbook("outage"));
    std::fs::rename(
        here.root().join("playbooks/outage.yaml~"),
        here.root().join("playbooks/outage.yaml"),
    )
    .unwrap();
    let (round, _) = watching.until(&[]);
    assert_eq!(changes(&round), ["changed playbooks/outage.yaml"]);

    here.write("README.md", "nobody asks for it");
    here.write("playbooks/new.yaml", faulty("new"));
    let (round, _) = watching.until(&["Y-17 playbooks/new.yaml"]);
    assert_eq!(changes(&round), ["new playbooks/new.yaml"]);

    std::fs::remove_file(here.root().join("playbooks/new.yaml")).unwrap();
    let (round, _) = watching.until(&[]);
    assert_eq!(changes(&round), ["gone playbooks/new.yaml"]);
}

#[test]
fn folders_come_move_and_go() {
    let here = workspace();
    let (watching, _) = Watching::start(&here, &["validate"]);
    here.write("playbooks/a/b/one.yaml", faulty("one"));
    watching.until(&["Y-17 playbooks/a/b/one.yaml"]);
    here.write("playbooks/a/b/two.yaml", faulty("two"));
    let both = ["Y-17 playbooks/a/b/one.yaml", "Y-17 playbooks/a/b/two.yaml"];
    watching.until(&both);

    let path = |path: &str| here.root().join(path);
    std::fs::rename(path("playbooks/a"), path("playbooks/z")).unwrap();
    let both = both.map(|path| path.replace("/a/", "/z/"));
    watching.until(&[&both[0], &both[1]]);
    here.write("playbooks/z/b/two.yaml", playbook("two"));
    watching.until(&[&both[0]]);

    // The same name again, and it is another folder.
    std::fs::rename(path("playbooks/z"), path("away")).unwrap();
    watching.until(&[]);
    here.write("playbooks/z/three.yaml", faulty("three"));
    watching.until(&["Y-17 playbooks/z/three.yaml"]);
    std::fs::remove_dir_all(path("playbooks")).unwrap();
    watching.until(&[]);
    here.write("playbooks/outage.yaml", faulty("outage"));
    watching.until(&[OUTAGE]);
}

#[test]
fn a_template_is_looked_for_wherever_a_playbook_names_it() {
    let here = workspace();
    let naming = playbook("outage") + "start: { overview: shared/parts/overview.md.j2 }\n";
    here.write("playbooks/outage.yaml", naming);
    let (watching, first) = Watching::start(&here, &["validate"]);
    assert_eq!(found(&first), [OUTAGE]);
    here.write("shared/parts/overview.md.j2", "{{ incident.nonsense }}\n");
    watching.until(&["T-02 shared/parts/overview.md.j2"]);
    here.write("shared/parts/overview.md.j2", "{{ incident.name }}\n");
    let (round, _) = watching.until(&[]);
    assert_eq!(changes(&round), ["changed shared/parts/overview.md.j2"]);
    std::fs::remove_dir_all(here.root().join("shared")).unwrap();
    watching.until(&[OUTAGE]);
}

#[test]
fn what_rests_on_a_file_is_looked_at_again_when_that_changes() {
    let here = workspace();
    let (watching, first) = Watching::start(&here, &["lint"]);
    let before = found(&first);
    assert!(!before.contains(&OUTAGE.to_owned()));
    here.write("permissions.yaml", "profiles: { some: {} }\n");
    let round = watching.round();
    assert!(found(&round).contains(&OUTAGE.to_owned()));
    here.write("permissions.yaml", "profiles: { all: {} }\n");
    assert_eq!(found(&watching.round()), before);
}

#[test]
fn hundreds_of_files_at_once_are_a_few_rounds() {
    let here = workspace();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
        let done = Command::new("git")
            .current_dir(here.root())
            .args(identity)
            .args(arguments)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    for n in 0..300 {
        let key = format!("p{n}");
        here.write(&format!("playbooks/{key}.yaml"), playbook(&key));
    }
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "sound"]);
    git(&["checkout", "-q", "-b", "faulty"]);
    let mut faults = Vec::new();
    for n in 0..300 {
        let key = format!("p{n}");
        here.write(&format!("playbooks/{key}.yaml"), faulty(&key));
        faults.push(format!("Y-17 playbooks/{key}.yaml"));
    }
    git(&["commit", "-q", "-a", "-m", "faulty"]);
    git(&["checkout", "-q", "main"]);
    faults.sort();
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();

    let (watching, first) = Watching::start(&here, &["validate"]);
    assert_eq!(found(&first), [""; 0]);
    git(&["checkout", "-q", "faulty"]);
    let (_, there) = watching.until(&faults);
    git(&["checkout", "-q", "main"]);
    let (_, back) = watching.until(&[]);
    assert!(there.max(back) < 30, "{there} and {back} rounds");
}

#[test]
fn a_writer_without_rest_starves_nobody() {
    let here = workspace();
    let (watching, _) = Watching::start(&here, &["validate"]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                here.write("playbooks/busy.log", "x");
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        here.write("playbooks/outage.yaml", faulty("outage"));
        let line = watching.lines.recv_timeout(LONG);
        done.store(true, Ordering::SeqCst);
        let round: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!(found(&round), [OUTAGE]);
    });
}

#[test]
fn where_the_system_tells_nothing_it_looks_by_itself() {
    let here = workspace();
    let (watching, _) = Watching::start(&here, &["validate", "--poll"]);
    here.write("playbooks/outage.yaml", faulty("outage"));
    watching.until(&[OUTAGE]);
    std::fs::remove_file(here.root().join("playbooks/outage.yaml")).unwrap();
    let (round, _) = watching.until(&[]);
    assert_eq!(changes(&round), ["gone playbooks/outage.yaml"]);
}

#[test]
fn settings_may_be_away_for_a_moment() {
    let here = workspace();
    let (watching, _) = Watching::start(&here, &["validate"]);
    let settings = here.root().join("warroom.yaml");
    std::fs::remove_file(&settings).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    here.write("warroom.yaml", "format: 1\nworkspace: acme\n");
    let (round, _) = watching.until(&["Y-13 playbooks/breach.yaml", "Y-13 playbooks/outage.yaml"]);
    assert_eq!(changes(&round), ["changed warroom.yaml"]);
}

#[test]
fn it_ends_when_the_workspace_is_gone() {
    let here = workspace();
    let (mut watching, _) = Watching::start(&here, &["validate"]);
    for file in ["playbooks", "templates"] {
        std::fs::remove_dir_all(here.root().join(file)).unwrap();
    }
    std::fs::remove_file(here.root().join("warroom.yaml")).unwrap();
    let (code, err) = watching.end();
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(err.replace(here.root().as_str(), "[ROOT]"), @r"
    watching for changes; ctrl-c ends it
    error: the workspace in `[ROOT]` is gone
    help: start again in the folder that holds `warroom.yaml` now
    ");
}

#[test]
fn it_ends_quietly_when_nobody_reads_it() {
    let here = workspace();
    let mut child = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .env_clear()
        .current_dir(here.root())
        .args(["validate", "--watch", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "5 files, no findings\n");
    drop(out);
    here.write("playbooks/outage.yaml", faulty("outage"));
    let (_sender, lines) = channel();
    let mut watching = Watching { child, lines };
    assert_eq!(watching.end(), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn it_ends_by_the_signal_when_it_is_interrupted() {
    use std::os::unix::process::ExitStatusExt;
    let here = workspace();
    let (mut watching, _) = Watching::start(&here, &["validate"]);
    let pid = watching.child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    assert_eq!(watching.child.wait().unwrap().signal(), Some(2));
}

#[test]
fn what_cannot_go_together_is_refused() {
    let here = workspace();
    for (arguments, words) in [
        (
            &["validate", "--watch", "--format", "sarif"][..],
            "`--watch` prints for people, or as JSON",
        ),
        (&["validate", "--poll"], "--watch"),
        (&["validate", "--watch", "--poll", "0"], "0"),
        (&["lint", "--watch", "--list"], "--list"),
        (&["lint", "--watch", "--fix"], "--fix"),
        (&["lint", "--watch", "--explain", "K-01"], "--explain"),
    ] {
        let ran = here.run(arguments);
        assert_eq!(ran.status, ExitStatus::Usage, "{arguments:?}");
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}
