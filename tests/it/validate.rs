//! `warroom validate`: the example is clean, and every mistake is shown where it is.

use std::fmt::Write;

use insta::assert_snapshot;
use warroom::exit::ExitStatus;

use crate::support::{Ran, Warroom};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// A small workspace without mistakes.
fn workspace() -> Warroom {
    Warroom::new().copy(format!("{FIXTURES}/workspace"))
}

/// The text of the only playbook of the small workspace.
fn playbook() -> String {
    std::fs::read_to_string(format!("{FIXTURES}/workspace/playbooks/outage.yaml")).unwrap()
}

fn with_playbook(bytes: impl AsRef<[u8]>) -> Ran {
    workspace()
        .file("playbooks/outage.yaml", bytes)
        .run(&["validate"])
}

#[test]
fn the_example_has_no_findings() {
    let ran = Warroom::new()
        .copy(format!("{FIXTURES}/example"))
        .run(&["validate"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    --- stderr
    9 files, no findings
    ");
}

#[test]
fn the_repository_itself_has_no_findings() {
    let root = env!("CARGO_MANIFEST_DIR");
    let ran = Warroom::new().run(&["validate", "--directory", root]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
    assert_eq!(ran.out, "");
}

#[test]
fn a_folder_without_a_workspace_says_how_to_begin_one() {
    let ran = Warroom::new().run(&["validate"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: found no `warroom.yaml` in `[ROOT]` or a folder above it
    help: go to the folder of a workspace, or write one with `warroom init`
    ");
}

#[test]
fn every_mistake_is_reported_where_it_stands() {
    let mut folders: Vec<_> = std::fs::read_dir(format!("{FIXTURES}/errors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() > 50, "fixtures went missing");
    for folder in folders {
        let folder = camino::Utf8PathBuf::from_path_buf(folder).unwrap();
        let ran = workspace().copy(&folder).run(&["validate"]);
        insta::with_settings!({
            snapshot_path => folder.as_std_path(),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            assert_snapshot!("report", ran.transcript());
        });
        assert_eq!(ran.status, ExitStatus::Findings, "{folder}");
        assert!(
            !format!("{ran:?}").contains("T0K3N"),
            "{folder} shows a secret"
        );
    }
}
