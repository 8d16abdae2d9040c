//! `warroom validate`: the example is clean, and every mistake is shown where it is.

use insta::assert_snapshot;

use crate::support::Warroom;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

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
