//! The sandbox against recordings of real servers.
//!
//! Owns which scenarios are replayed. How one is replayed stands in `replay`, and
//! works against any server; what counts as the same answer stands in `compare`.
//! Format and rules: `tests/contract/README.md`.
//!
//! To look at one scenario: `WARROOM_CONTRACT=run-create cargo test --test it contract::`.

mod compare;
pub mod pending;
pub mod replay;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use warroom::clock::ManualClock;
use warroom::sandbox::{Options, Running, start};

use pending::{ACCEPTED, PENDING, UNRECORDED};
use replay::{Difference, Player, Scenario, Target};

/// A fresh sandbox to replay a scenario against.
struct Stage {
    sandbox: Running,
    clock: Arc<ManualClock>,
}

impl Stage {
    fn new() -> Self {
        let noon = "2026-11-21T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(noon));
        let sandbox = start(Options::local(clock.clone())).unwrap();
        Self { sandbox, clock }
    }

    fn target(&self) -> Target<'_> {
        let sandbox = &self.sandbox;
        let people = ["admin", "alice", "bob", "carol", "dave", "eve"];
        let id = |name: &str| sandbox.user_id(name).unwrap();
        let mut known: BTreeMap<String, String> = people
            .iter()
            .map(|name| (format!("user_{name}"), id(name)))
            .collect();
        let channel = |name| sandbox.channel_id("ops", name).unwrap();
        for (name, value) in [
            ("user_playbooks_bot", id("playbooks")),
            ("team_ops", sandbox.team_id("ops").unwrap()),
            ("channel_town_square", channel("town-square")),
            ("channel_off_topic", channel("off-topic")),
            ("site", sandbox.url()),
            ("receiver", "http://127.0.0.1:9".to_owned()),
            ("unique", "qwerty".to_owned()),
        ] {
            known.insert(name.to_owned(), value);
        }
        Target {
            site: sandbox.url(),
            tokens: people
                .iter()
                .map(|name| ((*name).to_owned(), sandbox.token(name)))
                .collect(),
            known,
            pass: Box::new(|time| self.clock.advance(time + Duration::from_millis(7))),
        }
    }
}

/// The recorded scenarios of a folder.
pub fn scenarios(set: &str) -> Vec<Scenario> {
    let folder = format!("{}/tests/contract/{set}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    let read = |path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    paths.into_iter().map(read).collect()
}

/// Every difference that is not accepted.
fn differences(player: &Player, scenario: &Scenario) -> Vec<Difference> {
    let stage = Stage::new();
    let mut found = player.replay(scenario, &stage.target());
    found.retain(|difference| {
        let difference = difference.to_string();
        !ACCEPTED
            .iter()
            .any(|(name, what, _)| *name == scenario.name && difference.contains(what))
    });
    found
}

#[test]
fn the_sandbox_answers_as_the_real_server_did() {
    let only = std::env::var("WARROOM_CONTRACT").ok();
    let player = Player::new();
    let mut failures = Vec::new();
    let mut replayed = 0;
    for scenario in scenarios("playbooks-2.11") {
        let name = scenario.name.as_str();
        if only.as_deref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let is_pending = PENDING.iter().any(|(pending, _)| *pending == name);
        if only.is_none() && is_pending {
            continue;
        }
        replayed += 1;
        let differences = differences(&player, &scenario);
        if !differences.is_empty() {
            failures.push(format!("\n{name}: {}", scenario.what));
            let shown = differences.iter().take(12);
            failures.extend(shown.map(|difference| format!("  {difference}")));
            failures.push(format!("  {} in all", differences.len()));
        }
    }
    assert!(replayed > 0, "there is no such scenario");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
#[expect(clippy::print_stderr, reason = "the list is meant to be seen")]
fn what_is_pending_does_not_pass_yet() {
    let all = scenarios("playbooks-2.11");
    let player = Player::new();
    eprintln!("{} of {} scenarios are pending", PENDING.len(), all.len());
    let mut passing = Vec::new();
    for (name, why) in PENDING {
        eprintln!("  {name}: {why}");
        let scenario = all.iter().find(|scenario| scenario.name == *name);
        let scenario = scenario.unwrap_or_else(|| panic!("`{name}` is not a scenario"));
        if differences(&player, scenario).is_empty() {
            passing.push(name);
        }
    }
    eprintln!("no recording shows:");
    for behaviour in UNRECORDED {
        eprintln!("  {behaviour}");
    }
    assert!(passing.is_empty(), "no longer pending: {passing:?}");
}

#[test]
fn accepted_differences_still_differ() {
    let player = Player::new();
    for scenario in scenarios("playbooks-2.11") {
        let accepted = ACCEPTED.iter().filter(|(name, ..)| *name == scenario.name);
        for (_, what, _) in accepted {
            let stage = Stage::new();
            let found = player.replay(&scenario, &stage.target());
            let differs = found
                .iter()
                .any(|difference| difference.to_string().contains(what));
            assert!(differs, "{}: `{what}` no longer differs", scenario.name);
        }
    }
}
