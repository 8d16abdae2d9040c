//! The recordings, with the names of this server.
//!
//! Owns what is not replayed on a server that others work with. How answers are
//! compared is that of `contract`.

use serde_json::Value;

use super::troupe::Troupe;
use crate::contract::pending::ACCEPTED;
use crate::contract::replay::{Player, Scenario};

/// Scenarios that are not for a server in use: name and reason.
pub(super) const SKIPPED: &[(&str, &str)] = &[
    (
        "core-bots-tokens",
        "it leaves a bot behind, and bots belong to no team",
    ),
    (
        "core-roles",
        "it changes what everybody on the server may do",
    ),
    (
        "core-system",
        "it expects the licence and the plugins of the recorded server",
    ),
    (
        "core-unlicensed",
        "with a licence it would make schemes and groups, and guests of people",
    ),
];

/// Differences that come from how the team was made: scenario, a part of the difference, and why.
const OURS: &[(&str, &str, &str)] = &[(
    "core-teams",
    "instead of ``",
    "a team that is made over REST has the address of whoever made it",
)];

/// Every scenario, as it was recorded.
pub(super) fn all() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/playbooks-2.11");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    paths.into_iter().map(read).collect()
}

/// Replays what is wanted, and tells every difference.
pub(super) fn replay(troupe: &Troupe<'_>, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let player = Player::new();
    let mut failures = Vec::new();
    let mut replayed = 0;
    for mut recording in all() {
        let name = recording["scenario"].as_str().unwrap().to_owned();
        if !wanted(&name) || SKIPPED.iter().any(|(skipped, _)| *skipped == name) {
            continue;
        }
        replayed += 1;
        rename(&mut recording, troupe);
        let scenario: Scenario = serde_json::from_value(recording).unwrap();
        let found = player.replay(&scenario, &troupe.target());
        let found = found.iter().map(ToString::to_string).filter(|difference| {
            let mut accepted = ACCEPTED.iter().chain(OURS);
            !accepted.any(|(scenario, part, _)| *scenario == name && difference.contains(part))
        });
        failures.extend(found.map(|difference| format!("{name} {difference}")));
    }
    assert!(replayed > 0, "there is no such scenario");
    failures
}

/// Puts the names of this server into requests and answers; who asks stays a placeholder.
fn rename(recording: &mut Value, troupe: &Troupe<'_>) {
    let names = troupe.names();
    for step in recording["steps"].as_array_mut().unwrap() {
        for (key, value) in step.as_object_mut().unwrap() {
            if !["as", "method", "note"].contains(&key.as_str()) {
                names.put_all(value);
            }
        }
    }
}
