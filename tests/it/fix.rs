//! `warroom lint --fix` and `--diff`: what is written, what is said, and what is not touched.

use insta::assert_snapshot;
use warroom::exit::ExitStatus;

use crate::support::Warroom;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/workspace");

/// The text of the only playbook of the small workspace.
fn playbook() -> String {
    std::fs::read_to_string(format!("{WORKSPACE}/playbooks/outage.yaml")).unwrap()
}

/// The same with two keys that have one safe answer.
fn misspelt() -> String {
    playbook()
        .replace("tasks:", "items: # in this order")
        .replace("assign: commander", "asign: commander")
}

fn workspace() -> Warroom {
    Warroom::new().copy(WORKSPACE)
}

fn read(warroom: &Warroom, path: &str) -> String {
    std::fs::read_to_string(warroom.root().join(path)).unwrap()
}

#[test]
fn what_has_one_safe_answer_is_mended_and_told() {
    let warroom = workspace().file("playbooks/outage.yaml", misspelt());
    let ran = warroom.run(&["lint", "--fix"]);
    let told: Vec<&str> = ran.err.lines().take(4).collect();
    assert_snapshot!(told.join("\n"), @r"
    fixed playbooks/outage.yaml
      line 16: rename `items` to `tasks` (P-09)
      line 19: rename `asign` to `assign` (P-09)
    2 fixes in 1 file
    ");
    assert_eq!(
        read(&warroom, "playbooks/outage.yaml"),
        playbook().replace("tasks:", "tasks: # in this order")
    );
    let again = warroom.run(&["lint", "--fix"]);
    assert!(again.err.starts_with("nothing to fix\n"), "{}", again.err);
    assert_eq!((again.status, &again.out), (ran.status, &ran.out));
    let plain = warroom.run(&["lint"]);
    assert_eq!((plain.status, &plain.out), (ran.status, &ran.out));
}

#[test]
fn what_is_left_decides_how_it_ends() {
    let text = misspelt().replace("access: incident-response", "access: nobody-knows");
    let warroom = workspace().file("playbooks/outage.yaml", text);
    let ran = warroom.run(&["lint", "--fix"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(
        ran.out.contains("nobody-knows") && !ran.out.contains("asign"),
        "{}",
        ran.out
    );
}

#[test]
fn a_diff_shows_what_would_change_and_writes_nothing() {
    let warroom = workspace().file("playbooks/outage.yaml", misspelt());
    let ran = warroom.run(&["lint", "--diff"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 2
    --- stdout
    --- a/playbooks/outage.yaml
    +++ b/playbooks/outage.yaml
    @@ -13,10 +13,10 @@
     checklists:
       - key: triage
         title: Triage
    -    items: # in this order
    +    tasks: # in this order
           - key: confirm
             title: Confirm the outage
    -        asign: commander
    +        assign: commander
             due: 10m
           - key: status-page
             title: Publish on the status page
    --- stderr
    2 fixes in 1 file, and nothing was written
    ");
    assert_eq!(read(&warroom, "playbooks/outage.yaml"), misspelt());
    let json = warroom.run(&["lint", "--diff", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["version"], 1);
    let fix =
        serde_json::json!({ "line": 16, "code": "P-09", "title": "rename `items` to `tasks`" });
    assert_eq!(value["files"][0]["fixes"][0], fix);
    warroom.run(&["lint", "--fix"]);
    let clean = warroom.run(&["lint", "--diff"]);
    assert_eq!(
        clean.transcript(),
        "exit: 0\n--- stdout\n--- stderr\nnothing to fix\n"
    );
}

#[test]
fn a_diff_is_no_list_of_findings() {
    let warroom = workspace();
    for arguments in [
        &["lint", "--diff", "--format", "sarif"][..],
        &["lint", "--diff", "--fix"],
        &["lint", "--fix", "--list"],
    ] {
        assert_eq!(
            warroom.run(arguments).status,
            ExitStatus::Usage,
            "{arguments:?}"
        );
    }
}

#[test]
fn no_secret_is_shown_in_a_diff() {
    let text = misspelt().replace(
        "updates:",
        "updates:\n  webhooks: [https://x.example/s3cret]",
    );
    let text = text.replace("every: 30m", "every: 30m # https://u:s3cret@x.example");
    let text = text.replace("  broadcast", "  brodcast");
    let warroom = workspace().file("playbooks/outage.yaml", text);
    for format in ["human", "json"] {
        let ran = warroom.run(&["lint", "--diff", "--format", format]);
        assert!(
            ran.out.contains("brodcast") && ran.out.contains("webhooks: [***"),
            "{}",
            ran.out
        );
        assert!(!ran.transcript().contains("s3cret"), "{}", ran.out);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_keeps_no_other_back() {
    use std::os::unix::fs::PermissionsExt;

    let warroom = workspace().file("playbooks/outage.yaml", misspelt()).file(
        "playbooks/second.yaml",
        misspelt().replace("key: outage", "key: second"),
    );
    let file = warroom.root().join("playbooks/outage.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let ran = warroom.run(&["lint", "--fix"]);
    assert_eq!(ran.status, ExitStatus::PartlyApplied);
    assert_eq!(read(&warroom, "playbooks/outage.yaml"), misspelt());
    assert!(!read(&warroom, "playbooks/second.yaml").contains("items"));
    assert!(ran.out.contains("[playbooks/outage.yaml:16"), "{}", ran.out);
    let told: Vec<&str> = ran.err.lines().take(6).collect();
    assert_snapshot!(told.join("\n"), @r"
    fixed playbooks/second.yaml
      line 16: rename `items` to `tasks` (P-09)
      line 19: rename `asign` to `assign` (P-09)
    2 fixes in 1 file
    error: could not write `playbooks/outage.yaml`: it is read-only
    help: make it writable, and run the same again
    ");
    let alone = warroom.run(&["lint", "--fix"]);
    assert!(
        alone
            .err
            .starts_with("nothing to fix\nerror: could not write"),
        "{}",
        alone.err
    );
    assert_eq!(alone.status, ExitStatus::Findings);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links() {
    use std::os::unix::fs::symlink;

    let other = misspelt().replace("key: outage", "key: other");
    let warroom = workspace()
        .file("playbooks/outage.yaml", misspelt())
        .file("shared/other.yaml", &other);
    let playbooks = warroom.root().join("playbooks");
    symlink("outage.yaml", playbooks.join("again.yaml")).unwrap();
    symlink("../shared/other.yaml", playbooks.join("other.yaml")).unwrap();
    let ran = warroom.run(&["lint", "--fix"]);
    assert!(!read(&warroom, "playbooks/again.yaml").contains("items"));
    assert_eq!(read(&warroom, "shared/other.yaml"), other);
    for link in ["again.yaml", "other.yaml"] {
        let data = std::fs::symlink_metadata(playbooks.join(link)).unwrap();
        assert!(data.is_symlink(), "{link}");
    }
    let errors: Vec<&str> = ran
        .err
        .lines()
        .filter(|l| l.starts_with("error: "))
        .collect();
    assert_eq!(
        errors,
        [
            "error: could not write `playbooks/other.yaml`: it is a link to `shared/other.yaml`, and nothing is written through links"
        ]
    );
    assert!(
        ran.err.contains("fixed playbooks/outage.yaml\n"),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn where_nothing_can_be_mended_nothing_is_written() {
    use std::os::unix::fs::MetadataExt;

    let far_off = playbook() + "colour: blue\n";
    let warroom = workspace().file("playbooks/outage.yaml", far_off);
    let file = warroom.root().join("playbooks/outage.yaml");
    let before = std::fs::metadata(&file).unwrap();
    let ran = warroom.run(&["lint", "--fix"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    let after = std::fs::metadata(&file).unwrap();
    assert_eq!(before.ino(), after.ino());
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}
