//! Nothing is written that was not asked for: every verb that reads, against a server
//! that tells of each request, in a workspace whose files are compared before and after.
//!
//! The list is complete: a verb of the command line that stands in none of the tables fails.

use std::collections::BTreeMap;

use clap::CommandFactory;
use warroom::exit::ExitStatus;

use super::{World, small};

/// What reads only, with each way to call it that may ask the server for something else.
pub(super) const READS: &[&[&str]] = &[
    &["doctor"],
    &["validate"],
    &["lint"],
    &["lint", "--strict"],
    &["lint", "--format", "json"],
    &["lint", "--diff"],
    &["lint", "--list"],
    &["lint", "--explain", "K-03"],
    &["render", "outage"],
    &["render", "update", "--for", "outage"],
    &["schema"],
    &["schema", "playbook"],
    &["plan"],
    &["plan", "outage"],
    &["plan", "--prune"],
    &["plan", "--on-drift", "overwrite"],
    &["plan", "--release", "second"],
    &["plan", "--format", "json"],
    &["plan", "--format", "markdown"],
    &["plan", "--base", "HEAD"],
    &[
        "plan", "--base", "HEAD^", "--head", "HEAD", "--format", "markdown",
    ],
    &["drift"],
    &["drift", "--format", "json"],
    &["drift", "--format", "markdown"],
    &["import", "--all", "--diff"],
    &[
        "import",
        "--playbook",
        "By hand",
        "--diff",
        "--format",
        "json",
    ],
    &["run", "list"],
    &["run", "list", "--all"],
    &["run", "list", "--format", "json"],
    &["run", "show"],
    &["run", "show", "--format", "json"],
    &["run", "commander"],
];

/// What writes when it is asked to; here it is not: nobody sits at the terminal.
const ASKS: &[&[&str]] = &[
    &["sync"],
    &["sync", "--prune"],
    &["sync", "--on-drift", "overwrite"],
    &["sync", "--permissions"],
    &["import", "--all"],
];

/// What writes because that is its name; other tests say what.
const WRITES: &[&str] = &[
    "init",
    "login",
    "demo",
    "sandbox",
    "run start",
    "run check",
    "run uncheck",
    "run skip",
    "run assign",
    "run role",
    "run severity",
    "run set",
    "run update",
    "run announce",
    "run end",
    "run restart",
    "run export",
];

/// A workspace and a server that differ in every way, and an incident that is under way.
fn busy() -> World {
    let world = World::settled();
    world
        .warroom
        .write("playbooks/second.yaml", small("second"));
    world.warroom.write("playbooks/third.yaml", small("third"));
    world.sync(&[]).ended(ExitStatus::Done);
    world.commit("The first");
    let start = ["start", "outage", "--name", "Checkout is down"];
    world.run("run", &start).ended(ExitStatus::Done);
    let by_hand = serde_json::json!({
        "title": "By hand", "team_id": world.server.team_id("ops"), "public": true,
        "reminder_timer_default_seconds": 60,
    });
    world.call("alice", "POST", super::PLAYBOOKS, &by_hand);
    world.edit("Outage", |playbook| playbook["title"] = "Edited".into());
    world
        .warroom
        .write("playbooks/outage.yaml", super::outage("Renamed"));
    world
        .warroom
        .write("playbooks/fourth.yaml", small("fourth"));
    std::fs::remove_file(world.warroom.root().join("playbooks/third.yaml")).unwrap();
    world.commit("The second");
    world
        .warroom
        .write("playbooks/outage.yaml", super::outage("Not committed"));
    world.server.clear_log();
    world
}

/// Every file and what is in it, but for what git keeps.
fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let walk = ignore::WalkBuilder::new(world.warroom.root())
        .standard_filters(false)
        .build();
    let files = walk.map(Result::unwrap);
    files
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(|entry| {
            let text = std::fs::read(entry.path()).unwrap();
            (entry.path().display().to_string(), text)
        })
        .collect()
}

#[test]
fn no_reading_verb_writes() {
    let world = busy();
    let before = files(&world);
    let mut talked = 0;
    for line in READS.iter().chain(ASKS) {
        world.server.clear_log();
        let ran = world.run(line[0], &line[1..]);
        assert_ne!(ran.status, ExitStatus::Usage, "{line:?}: {}", ran.err);
        assert_eq!(world.writes(), Vec::<String>::new(), "{line:?}");
        assert_eq!(files(&world), before, "{line:?} changed the workspace");
        talked += world.server.log().len();
    }
    assert!(talked > 50, "the verbs did ask the server: {talked}");
}

#[test]
fn whoever_says_no_gets_nothing_written() {
    let mut world = busy();
    world.warroom = world.warroom.typing("n\n");
    let before = files(&world);
    for line in ASKS {
        world.server.clear_log();
        let ran = world.run(line[0], &line[1..]);
        assert_ne!(ran.status, ExitStatus::Usage, "{line:?}: {}", ran.err);
        assert_eq!(world.writes(), Vec::<String>::new(), "{line:?}");
        assert_eq!(files(&world), before, "{line:?} changed the workspace");
    }
}

#[test]
fn every_verb_is_told_apart() {
    let known: Vec<String> = [READS, ASKS]
        .concat()
        .iter()
        .map(|line| line.join(" ") + " ")
        .chain(WRITES.iter().map(|verb| format!("{verb} ")))
        .collect();
    let command = warroom::cli::Cli::command();
    for verb in leaves("", &command) {
        let begins = format!("{verb} ");
        assert!(
            known.iter().any(|line| line.starts_with(&begins)),
            "`{verb}` is in no table: does it write?"
        );
    }
}

/// The verbs that have no verbs below them.
fn leaves(above: &str, command: &clap::Command) -> Vec<String> {
    let verbs = command
        .get_subcommands()
        .filter(|verb| verb.get_name() != "help");
    verbs
        .flat_map(|verb| {
            let name = format!("{above} {}", verb.get_name()).trim().to_owned();
            if verb.has_subcommands() {
                leaves(&name, verb)
            } else {
                vec![name]
            }
        })
        .collect()
}
