//! `--format`, end to end: what each verb takes, and what CI systems are given.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::Value;
use warroom::exit::ExitStatus;

use crate::support::Warroom;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The formats that only findings have.
const OF_FINDINGS: [&str; 4] = ["sarif", "github", "gitlab", "junit"];

/// One workspace a mistake.
fn mistakes() -> Vec<(String, Warroom)> {
    let folders = std::fs::read_dir(format!("{FIXTURES}/errors")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let workspace = |name: String| {
        let workspace = Warroom::new().copy(format!("{FIXTURES}/workspace"));
        let workspace = workspace.copy(format!("{FIXTURES}/errors/{name}"));
        (name, workspace)
    };
    folders.map(workspace).collect()
}

fn validate(workspace: &Warroom, format: &str) -> String {
    workspace.run(&["validate", "--format", format]).out
}

fn fingerprints(workspace: &Warroom) -> Vec<String> {
    let json: Value = serde_json::from_str(&validate(workspace, "json")).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_format_tells_every_mistake_and_no_secret() {
    for (name, workspace) in mistakes() {
        let found = fingerprints(&workspace).len();
        assert!(found > 0, "{name}");
        let sarif: Value = serde_json::from_str(&validate(&workspace, "sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), found, "{name}");
        let gitlab: Vec<Value> = serde_json::from_str(&validate(&workspace, "gitlab")).unwrap();
        assert_eq!(gitlab.len(), found, "{name}");
        let junit = validate(&workspace, "junit");
        let junit = roxmltree::Document::parse(&junit).unwrap();
        let failures = junit
            .descendants()
            .filter(|node| node.has_tag_name("failure"));
        assert_eq!(failures.count(), found, "{name}");
        let github = validate(&workspace, "github");
        assert_eq!(github.lines().count(), found, "{name}");
        assert!(github.lines().all(|line| line.starts_with("::error file=")));
        for format in OF_FINDINGS {
            let ran = workspace.run(&["validate", "--format", format]);
            assert_eq!(ran.status, ExitStatus::Findings, "{name} {format}");
            assert!(!ran.out.contains("T0K3N"), "{name} {format}");
        }
    }
}

#[test]
fn lines_above_a_mistake_do_not_change_its_fingerprint() {
    // A file without any content has nothing that could move: its first line is meant.
    let mistakes = mistakes().into_iter();
    for (name, workspace) in mistakes.filter(|(name, _)| name != "empty-file") {
        let before = fingerprints(&workspace);
        let distinct: BTreeSet<&String> = before.iter().collect();
        assert_eq!(distinct.len(), before.len(), "{name}");
        for entry in ignore::Walk::new(workspace.root()) {
            let path = entry.unwrap().into_path();
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let mut text = b"# somebody explains something\n\n".to_vec();
                text.extend(std::fs::read(&path).unwrap());
                std::fs::write(&path, text).unwrap();
            }
        }
        assert_eq!(fingerprints(&workspace), before, "{name}");
    }
}

#[test]
fn ci_is_told_the_path_from_the_top_of_the_repository() {
    let mistake = std::fs::read_to_string(format!("{FIXTURES}/workspace/playbooks/outage.yaml"))
        .unwrap()
        .replacen("title:", "tittle:", 1);
    let workspace = Warroom::new().file("incidents/ops/playbooks/outage.yaml", &mistake);
    for file in ["warroom.yaml", "permissions.yaml", "templates/update.md.j2"] {
        let text = std::fs::read(format!("{FIXTURES}/workspace/{file}")).unwrap();
        workspace.write(&format!("incidents/ops/{file}"), text);
    }
    let told = |format| {
        let ran = workspace.run(&["-C", "incidents/ops", "validate", "--format", format]);
        assert_eq!(ran.status, ExitStatus::Findings, "{}", ran.err);
        ran.out
    };
    let outside = told("github");
    assert!(outside.contains("file=playbooks/outage.yaml,"), "{outside}");
    git2::Repository::init(workspace.root()).unwrap();
    for format in OF_FINDINGS {
        let text = told(format);
        assert!(
            text.contains("incidents/ops/playbooks/outage.yaml"),
            "{text}"
        );
    }
    assert!(!told("json").contains("incidents/ops"), "as it was");
    assert!(!told("human").contains("incidents/ops"), "as it was");
}

#[test]
fn only_findings_have_all_the_formats() {
    let workspace = Warroom::new().copy(format!("{FIXTURES}/workspace"));
    for verb in [
        &["plan"][..],
        &["sync"],
        &["doctor"],
        &["run", "list"],
        &["init", "new"],
    ] {
        for format in OF_FINDINGS {
            let arguments = [verb, &["--format", format]].concat();
            let ran = workspace.run(&arguments);
            assert_eq!(ran.status, ExitStatus::Usage, "{arguments:?}");
            assert_eq!(ran.out, "", "{arguments:?}");
        }
    }
    assert!(!workspace.root().join("new").exists(), "nothing was done");
    assert_snapshot!(workspace.run(&["plan", "--format", "sarif"]).transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: the result of this command cannot be printed as sarif
    help: it takes `--format human` or `--format json`; findings can be printed in more formats, as in `warroom validate --format sarif`
    ");
}

#[test]
fn a_failure_leaves_no_half_a_report() {
    for format in OF_FINDINGS {
        let ran = Warroom::new().run(&["validate", "--format", format]);
        assert_eq!(ran.status, ExitStatus::Failed, "{format}");
        assert_eq!(ran.out, "", "{format}");
        assert!(ran.err.starts_with("error: found no `warroom.yaml`"));
    }
    let json = Warroom::new().run(&["validate", "--format", "json"]);
    assert!(json.out.contains("\"error\""), "{}", json.out);
}
