//! Every rule: its examples do what its page says, and its page is fresh.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::civil::{Date, date};

use super::rule::{Check, Example};
use super::*;
use crate::diag::{Code, Finding, Level};
use crate::ui::{Style, report};
use crate::workspace::{Files, Listing, WorkspaceError};

/// The day on which the examples are checked.
const TODAY: Date = date(2026, 11, 21);

/// A workspace about which no rule has anything to say.
const BASE: Example = &[
    (
        "warroom.yaml",
        "\
format: 1
workspace: acme
team: ops
severities:
  - { key: sev1, title: SEV-1, means: Customers cannot pay, update_every: 30m }
  - { key: sev2, title: SEV-2, means: Customers wait, update_every: 1h }
roles:
  comms: { title: Communications, duty: Writes every update }
",
    ),
    (
        "permissions.yaml",
        "\
groups:
  sre: [alice, bob, carol]
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: public }
",
    ),
    (
        "playbooks/outage.yaml",
        "\
key: outage
title: Service outage
access: everybody
review: { owner: carol, by: 2027-03-31 }
start:
  invite: [group:sre]
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that customers are affected, assign: commander, due: 5m, required: true }
      - { key: update, title: Post the first status update, assign: role:comms, due: 15m, required: true }
  - key: close
    title: Close and learn
    tasks:
      - { key: repair, title: Collect the follow-up work, assign: commander, due: 4h }
      - { key: post-mortem, title: Schedule the post-mortem, assign: commander, due: 4h, required: true }
updates:
  every: 30m
  broadcast: [~incidents]
retrospective:
  remind_every: 1d
",
    ),
    // Uses the role, so that examples with other tasks do not leave it unused.
    (
        "templates/handover.md.j2",
        "Communications: {{ incident.roles.comms }}\n",
    ),
];

/// Files in memory.
#[derive(Debug, Default)]
pub(super) struct Memory(pub(super) BTreeMap<String, String>);

impl Files for Memory {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: self.0.keys().cloned().collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }
}

/// Lints the small workspace with these files laid over it: of YAML files that it has,
/// the top-level keys.
pub(super) fn lint(over: &[(&str, &str)]) -> Vec<Finding> {
    run(&laid_over(over), None, TODAY).unwrap().findings
}

/// The same, as a change of the small workspace.
fn lint_change(over: &[(&str, &str)]) -> Vec<Finding> {
    let before = Before::read(&laid_over(&[])).unwrap();
    run(&laid_over(over), Some(&before), TODAY)
        .unwrap()
        .findings
}

fn laid_over(over: &[(&str, &str)]) -> Memory {
    let mut files = Memory::default();
    for (path, text) in BASE {
        files.0.insert((*path).to_owned(), (*text).to_owned());
    }
    for (path, text) in over {
        let merged = match files.0.get(*path) {
            Some(base) => merge(base, text),
            None => (*text).to_owned(),
        };
        files.0.insert((*path).to_owned(), merged);
    }
    files
}

/// The findings of one rule, as `line: message`.
pub(super) fn messages(code: Code, over: &[(&str, &str)]) -> Vec<String> {
    told(code, lint(over))
}

/// The findings of one rule about a change of the small workspace, as `line: message`.
pub(super) fn changes(code: Code, over: &[(&str, &str)]) -> Vec<String> {
    told(code, lint_change(over))
}

fn told(code: Code, findings: Vec<Finding>) -> Vec<String> {
    let findings = findings.into_iter().filter(|f| f.code == code);
    findings
        .map(|f| format!("{}: {}", f.start().line, f.message))
        .collect()
}

/// The top-level keys of `over` take the place of those of `base`.
fn merge(base: &str, over: &str) -> String {
    let mut blocks = blocks(base);
    for (key, text) in self::blocks(over) {
        match blocks.iter_mut().find(|(k, _)| *k == key) {
            Some(block) => block.1 = text,
            None => blocks.push((key, text)),
        }
    }
    blocks.into_iter().map(|(_, text)| text).collect()
}

/// The top-level keys of a YAML text with their lines; comments belong to what follows.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut comments = String::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with('#') {
            comments.push_str(line);
        } else if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let key = line.split(':').next().unwrap_or_default();
            blocks.push((key.to_owned(), std::mem::take(&mut comments) + line));
        } else if let Some((_, block)) = blocks.last_mut() {
            block.push_str(&std::mem::take(&mut comments));
            block.push_str(line);
        }
    }
    if let Some((_, block)) = blocks.last_mut() {
        block.push_str(&comments);
    }
    blocks
}

/// Rules that can be tried on a workspace in memory.
fn tried() -> impl Iterator<Item = &'static Rule> {
    all().filter(|rule| rule.is_offline() && !rule.bad.is_empty())
}

#[test]
fn every_code_has_one_rule() {
    let codes: Vec<Code> = all().map(|rule| rule.code).collect();
    let distinct: BTreeSet<Code> = codes.iter().copied().collect();
    assert_eq!(codes.len(), distinct.len());
    assert_eq!(distinct, Code::ALL.iter().copied().collect());
}

#[test]
fn every_rule_explains_itself() {
    /// Rules about files that cannot be shown as a few lines of text.
    const WITHOUT_EXAMPLE: [Code; 6] = [
        Code::NotUtf8,
        Code::FileTooLarge,
        Code::OutsideWorkspace,
        Code::Unreadable,
        Code::MoreFindings,
        Code::SizeLimit,
    ];
    for rule in all() {
        let id = rule.code.id();
        assert_eq!(
            rule.bad.is_empty(),
            rule.good.is_empty(),
            "{id} has one example only"
        );
        assert!(!rule.checks.is_empty(), "{id} is checked by nobody");
        assert!(!rule.what.is_empty(), "{id} does not say what it finds");
        assert!(!rule.why.is_empty(), "{id} does not say why");
        for check in rule.checks {
            if let Check::Online(reason) | Check::Deferred(reason) = check {
                let plain = !reason.is_empty() && !reason.ends_with('.');
                assert!(plain, "{id}: {reason}");
            }
        }
        let shown = !rule.bad.is_empty() || !rule.is_offline();
        assert_ne!(
            shown,
            WITHOUT_EXAMPLE.contains(&rule.code),
            "{id} has no example"
        );
    }
}

#[test]
fn what_is_called_structure_is_found_by_validate() {
    for rule in tried().filter(|rule| rule.is_structure()) {
        let found = crate::workspace::check(&laid_over(rule.bad))
            .unwrap()
            .findings;
        let codes: Vec<Code> = found.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&rule.code), "{}: {codes:?}", rule.code.id());
    }
}

/// For each rule that `validate` and `lint` share, a playbook that `validate` speaks about.
const SHARED: [(Code, &str); 8] = [
    (
        Code::YamlHazard,
        "start: { invite: [group:sre], invite: [group:sre] }\n",
    ),
    (
        Code::DuplicateTask,
        "checklists: [{ key: a, title: A, tasks: [{ key: b, title: Call }, { key: b, title: Tell }] }]\n",
    ),
    (
        Code::DuplicateChecklist,
        "checklists: [{ key: a, title: A, tasks: [] }, { key: a, title: B, tasks: [] }]\n",
    ),
    (
        Code::RoleUndefined,
        "checklists: [{ key: a, title: A, tasks: [{ key: b, title: Call, assign: role:nobody }] }]\n",
    ),
    (
        Code::BadCommand,
        "checklists: [{ key: a, title: A, tasks: [{ key: b, title: Call, command: zoom }] }]\n",
    ),
    (
        Code::ReminderMissing,
        "updates: { broadcast: [~incidents] }\n",
    ),
    (
        Code::SeverityUndeclared,
        "attributes: [{ key: sev, name: Severity, type: select, from: severities }]\n\
         checklists: [{ key: a, title: A, tasks: [{ key: b, title: Call, when: { sev: [sev9] } }] }]\n",
    ),
    (
        Code::Secret,
        "start: { webhooks: [\"https://chat.example.com/hooks/abcdefghijklmnopqrstuvwxyz\"] }\n",
    ),
];

#[test]
fn what_validate_and_lint_share_is_found_by_validate_too() {
    let structure = |check: &Check| matches!(check, Check::Structure);
    let shared = tried().filter(|rule| !rule.is_structure() && rule.checks.iter().any(structure));
    let shared: BTreeSet<Code> = shared.map(|rule| rule.code).collect();
    assert_eq!(shared, SHARED.iter().map(|(code, _)| *code).collect());
    for (code, playbook) in SHARED {
        let files = laid_over(&[("playbooks/outage.yaml", playbook)]);
        let found = crate::workspace::check(&files).unwrap().findings;
        let codes: Vec<Code> = found.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&code), "{}: {codes:?}", code.id());
    }
}

#[test]
fn no_rule_speaks_about_the_small_workspace() {
    let findings = lint(&[]);
    assert!(
        findings.is_empty(),
        "{}",
        report::human(&findings, Style::PLAIN)
    );
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    for rule in tried() {
        let id = rule.code.id();
        let lint = if rule.is_about_changes() {
            lint_change
        } else {
            lint
        };
        let bad = lint(rule.bad);
        let good = lint(rule.good);
        let text = report::human(&bad, Style::PLAIN);
        assert!(
            bad.iter().any(|f| f.code == rule.code),
            "{id} is silent:\n{text}"
        );
        for finding in bad.iter().filter(|f| f.code == rule.code) {
            assert!(
                rule.code.levels().contains(&finding.level),
                "{id}: {:?}",
                finding.level
            );
            assert!(
                !finding.label.is_empty() || finding.help.is_some(),
                "{id} does not name the fix:\n{text}"
            );
        }
        let left = report::human(&good, Style::PLAIN);
        assert!(
            !good.iter().any(|f| f.code == rule.code),
            "{id} speaks:\n{left}"
        );
        assert!(
            !good.iter().any(|f| f.level == Level::Error),
            "{id}:\n{left}"
        );
        insta::with_settings!({
            snapshot_path => "../../tests/fixtures/rules",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{id}-{}", rule.code.name()), text);
        });
    }
}

#[test]
fn the_pages_of_the_rules_are_fresh() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules");
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Rules\n\nWhat `warroom validate` (structure) and `warroom lint` (structure and rules) find. Ids never change their meaning. \
         The pages are made from the code: `WARROOM_BLESS=1 cargo test --lib lint`.\n\n\
         | id | name | level | what it catches | checked by |\n|---|---|---|---|---|\n",
    );
    for rule in all() {
        let code = rule.code;
        let name = format!("{}.md", code.id());
        let levels: Vec<&str> = code.levels().iter().map(|level| level.as_str()).collect();
        let by = rule.checked_by();
        let (id, levels) = (code.id(), levels.join(", "));
        let row = format!(
            "[{id}]({name}) | `{}` | {levels} | {}",
            code.name(),
            code.meaning()
        );
        writeln!(index, "| {row} | {by} |").unwrap();
        pages.insert(name, page(rule));
    }
    pages.insert("README.md".to_owned(), index);
    if std::env::var_os("WARROOM_BLESS").is_some() {
        fs_err::remove_dir_all(folder).unwrap();
        fs_err::create_dir_all(folder).unwrap();
        for (name, text) in &pages {
            fs_err::write(format!("{folder}/{name}"), text).unwrap();
        }
    }
    let mut committed = BTreeMap::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        committed.insert(name, fs_err::read_to_string(entry.path()).unwrap());
    }
    assert!(
        committed == pages,
        "`docs/rules` is stale: run `WARROOM_BLESS=1 cargo test --lib lint`"
    );
}

#[test]
fn levels_of_the_workspace_hold_and_protected_rules_stay() {
    let bad = ("playbooks/outage.yaml", of_code(Code::UnownedTask).bad[0].1);
    let level = |level: &str| {
        let settings = format!("lint: {{ levels: {{ K-01: {level} }} }}\n");
        let findings = lint(&[bad, ("warroom.yaml", &settings)]);
        let mut ours = findings.iter().filter(|f| f.code == Code::UnownedTask);
        ours.next().map(|finding| finding.level)
    };
    assert_eq!(level("\"off\""), None);
    assert_eq!(level("info"), Some(Level::Info));
    assert_eq!(level("error"), Some(Level::Error));
    let settings = "lint: { levels: { V-02: \"off\", P-09: info, K-99: info } }\n";
    let refused = messages(Code::BadLevel, &[("warroom.yaml", settings)]);
    assert_eq!(
        refused,
        [
            "9: the level of V-02 `secret` cannot be changed to this",
            "9: the level of P-09 `unknown-key` cannot be changed to this",
            "9: there is no rule `K-99`",
        ]
    );
}

#[test]
fn an_allowance_excuses_its_line_and_is_reported_when_it_excuses_nothing() {
    let codes = |list: &str, task: &str| -> Vec<Code> {
        let text = format!(
            "\
checklists:
  - key: first
    title: First minutes {list}
    tasks:
      - key: a
        title: Freeze deploys {task}
        required: true
"
        );
        let findings = lint(&[("playbooks/outage.yaml", &text)]);
        let ours = [Code::UnownedTask, Code::UnusedAllowance, Code::BadAllowance];
        let codes = findings.iter().map(|finding| finding.code);
        codes.filter(|code| ours.contains(code)).collect()
    };
    let reason = "# lint: allow(K-01) whoever is free does it";
    assert_eq!(codes("", ""), [Code::UnownedTask]);
    assert_eq!(codes("", reason), []);
    assert_eq!(
        codes(reason, ""),
        [Code::UnusedAllowance, Code::UnownedTask]
    );
    assert_eq!(
        codes("", "# lint: allow(K-01)"),
        [Code::UnownedTask, Code::BadAllowance]
    );
}
