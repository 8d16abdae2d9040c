//! `warroom lint`, end to end: what fails, what is explained, and what changed since a commit.

use insta::assert_snapshot;
use serde_json::Value;
use warroom::exit::ExitStatus;

use crate::support::{Ran, Warroom};

const OUTAGE: &str = "playbooks/service-outage.yaml";

/// A workspace about which no rule has anything to say.
fn workspace() -> Warroom {
    let workspace = Warroom::new();
    let ran = workspace.run(&["init", "."]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.err);
    workspace
}

/// The same with a change in one file; what is replaced has to be there.
fn with(path: &str, from: &str, to: &str) -> Warroom {
    let workspace = workspace();
    change(&workspace, path, from, to);
    workspace
}

fn change(workspace: &Warroom, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(workspace.root().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`");
    workspace.write(path, text.replacen(from, to, 1));
}

/// A playbook whose day to look at it again has passed: a warning.
fn overdue() -> Warroom {
    with(OUTAGE, "by: 2027-05-21", "by: 2026-05-21")
}

fn codes(ran: &Ran) -> Vec<String> {
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect()
}

fn lint(workspace: &Warroom, arguments: &[&str]) -> Vec<String> {
    let all = [&["lint", "--format", "json"], arguments].concat();
    codes(&workspace.run(&all))
}

#[test]
fn a_new_workspace_has_no_findings_for_any_tier() {
    for tier in ["enterprise", "professional"] {
        let workspace = Warroom::new();
        workspace.run(&["init", ".", "--tier", tier]);
        let ran = workspace.run(&["lint", "--strict"]);
        assert_eq!(ran.status, ExitStatus::Done, "{tier}:\n{}", ran.out);
        assert_eq!(ran.out, "", "{tier}");
        assert!(ran.err.contains("no findings\n"), "{}", ran.err);
        assert!(ran.err.contains("not fully checked without a server: "));
        let compared = "not fully checked without `--base`: P-02, U-16\n";
        assert!(ran.err.ends_with(compared), "{}", ran.err);
    }
}

#[test]
fn programs_are_told_what_was_not_checked() {
    let here = workspace();
    let not_checked = |arguments: &[&str], needs: &str| -> Vec<String> {
        let ran = here.run(&[arguments, &["--format", "json"]].concat());
        let json: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(json["version"], 1);
        let rules = json["not_checked"].as_array().into_iter().flatten();
        let rules = rules.filter(|rule| rule["needs"] == needs);
        let names = rules.map(|rule| format!("{} {}", rule["code"], rule["name"]));
        names.map(|name| name.replace('"', "")).collect()
    };
    let compared = ["P-02 key-changed", "U-16 access-widened"];
    assert_eq!(not_checked(&["lint"], "base"), compared);
    // What people are told is the same.
    let ids = not_checked(&["lint"], "server").into_iter();
    let ids: Vec<String> = ids.map(|name| name[..4].to_owned()).collect();
    let told = here.run(&["lint"]).err;
    let line = format!("not fully checked without a server: {}\n", ids.join(", "));
    assert!(!ids.is_empty() && told.contains(&line), "{told}");
    assert_eq!(not_checked(&["validate"], "server"), [""; 0]);
}

#[test]
fn the_repository_itself_has_no_findings() {
    let root = env!("CARGO_MANIFEST_DIR");
    let ran = Warroom::new().run(&["lint", "--strict", "--directory", root]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
    assert_eq!(ran.out, "");
}

#[test]
fn warnings_fail_only_where_asked_for_and_errors_always() {
    let workspace = overdue();
    let ran = workspace.run(&["lint"]);
    assert_eq!(ran.status, ExitStatus::Done);
    assert!(ran.out.starts_with("warning[P-13] review-due: "));
    assert!(ran.err.starts_with("1 warning in 1 file\n"), "{}", ran.err);
    let strict = workspace.run(&["lint", "--strict"]);
    assert_eq!(strict.status, ExitStatus::Findings);
    assert_eq!(strict.out, ran.out);
    let error = with(OUTAGE, "assign: commander", "assign: user:mallory");
    let ran = error.run(&["lint"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(ran.out.starts_with("error[U-05] assignee-not-invited: "));
}

#[test]
fn what_validate_finds_lint_finds_too() {
    let workspace = with(OUTAGE, "title:", "tittle:");
    let validated = workspace.run(&["validate"]);
    let linted = workspace.run(&["lint"]);
    assert_eq!(validated.status, ExitStatus::Findings);
    assert_eq!(linted.status, ExitStatus::Findings);
    assert_eq!(linted.out, validated.out);
}

#[test]
fn a_level_and_an_excuse_make_a_finding_milder_or_worse() {
    let level = |level: &str| {
        let workspace = overdue();
        let set = format!("levels:\n    P-13: {level}");
        change(&workspace, "warroom.yaml", "levels:", &set);
        workspace.run(&["lint", "--strict"])
    };
    assert_eq!(level("info").status, ExitStatus::Done);
    assert_eq!(level("\"off\"").out, "");
    let worse = level("error");
    assert!(worse.out.starts_with("error[P-13]"), "{}", worse.out);
    let excused = overdue();
    change(
        &excused,
        OUTAGE,
        "by: 2026-05-21 }",
        "by: 2026-05-21 } # lint: allow(P-13) after the move",
    );
    assert_eq!(lint(&excused, &[]), Vec::<String>::new());
    let unused = with(
        OUTAGE,
        "by: 2027-05-21 }",
        "by: 2027-05-21 } # lint: allow(P-13) after the move",
    );
    assert_eq!(lint(&unused, &[]), ["Y-21"]);
}

#[test]
fn every_format_tells_what_lint_found() {
    for format in ["human", "json", "sarif", "github", "gitlab", "junit"] {
        let ran = overdue().run(&["lint", "--strict", "--format", format]);
        assert_eq!(ran.status, ExitStatus::Findings, "{format}");
        assert!(ran.out.contains("P-13"), "{format}: {}", ran.out);
    }
}

#[test]
fn a_rule_is_explained_by_id_and_by_name() {
    let here = Warroom::new();
    let by_id = here.run(&["lint", "--explain", "K-01"]);
    assert_eq!(by_id.status, ExitStatus::Done);
    assert!(
        by_id.out.starts_with("# K-01 `unowned-task`\n"),
        "{}",
        by_id.out
    );
    for name in ["k-01", "unowned-task"] {
        assert_eq!(
            here.run(&["lint", "--explain", name]).out,
            by_id.out,
            "{name}"
        );
    }
    let json = here.run(&["lint", "--explain", "K-01", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["rule"]["checked_by"], "lint");
    assert_eq!(
        json["rule"]["page"].as_str().unwrap().trim_end(),
        by_id.out.trim_end()
    );
    let unknown = here.run(&["lint", "--explain", "unowned-tsk"]);
    assert_snapshot!(unknown.transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: there is no rule `unowned-tsk`
    help: did you mean `unowned-task`? `warroom lint --list` shows all rules
    ");
}

#[test]
fn all_rules_are_listed() {
    let here = Warroom::new();
    let list = here.run(&["lint", "--list"]);
    assert_eq!(list.status, ExitStatus::Done);
    let json = here.run(&["lint", "--list", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let rules = json["rules"].as_array().unwrap();
    assert_eq!(list.out.lines().count(), rules.len());
    for (line, rule) in list.out.lines().zip(rules) {
        assert!(line.starts_with(rule["code"].as_str().unwrap()), "{line}");
        assert!(line.ends_with(rule["message"].as_str().unwrap()), "{line}");
    }
    for arguments in [&["--list"][..], &["--explain", "K-01"]] {
        let all = [&["lint", "--format", "sarif"], arguments].concat();
        let ran = here.run(&all);
        assert_eq!(ran.status, ExitStatus::Usage, "{all:?}");
        assert_eq!(ran.out, "", "{all:?}");
    }
}

/// Commits everything, and says which commit it is.
fn commit(workspace: &Warroom) -> String {
    let repository = git2::Repository::init(workspace.root()).unwrap();
    let mut index = repository.index().unwrap();
    index
        .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
        .unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("A", "a@example.com", &git2::Time::new(0, 0)).unwrap();
    let parent = repository
        .head()
        .ok()
        .map(|head| head.peel_to_commit().unwrap());
    let parents: Vec<_> = parent.iter().collect();
    let id = repository.commit(Some("HEAD"), &author, &author, "x", &tree, &parents);
    id.unwrap().to_string()
}

#[test]
fn a_change_that_lets_more_people_in_is_told() {
    let workspace = Warroom::new().file("notes.txt", "nothing yet\n");
    let empty = commit(&workspace);
    workspace.run(&["init", "."]);
    let base = commit(&workspace);
    assert_eq!(lint(&workspace, &["--base", &base]), Vec::<String>::new());
    change(
        &workspace,
        "permissions.yaml",
        "visibility: private\n",
        "visibility: public\n",
    );
    let ran = workspace.run(&["lint", "--base", "HEAD"]);
    assert_eq!(ran.status, ExitStatus::Done);
    assert!(!ran.err.contains("--base"), "{}", ran.err);
    assert_snapshot!(ran.out, @r"
    warning[U-16] access-widened: the whole team now sees the playbooks of the profile `service-
      │ outage`
        ╭─[permissions.yaml:19:19]
     18 │     playbook:
     19 │       visibility: public
        ·                   ───┬──
        ·                      ╰── ask somebody responsible for it to agree
     20 │       use: [group:responders, group:support]
        ╰────
      help: once that is done, end the line with `# lint: allow(U-16)`, who agreed and why
    ");
    assert_eq!(
        workspace
            .run(&["lint", "--strict", "--base", "HEAD"])
            .status,
        ExitStatus::Findings
    );
    // Before the first commit of a workspace there was nothing to widen.
    assert_eq!(lint(&workspace, &["--base", &empty]), Vec::<String>::new());
    let ran = workspace.run(&["lint", "--base", &empty]);
    assert!(ran.err.contains("nothing was compared"), "{}", ran.err);
    let excuse = "visibility: public # lint: allow(U-16) agreed with the team\n";
    change(
        &workspace,
        "permissions.yaml",
        "visibility: public\n",
        excuse,
    );
    assert_eq!(lint(&workspace, &["--base", "HEAD"]), Vec::<String>::new());
    assert_eq!(
        lint(&workspace, &[]),
        Vec::<String>::new(),
        "still no excuse in vain"
    );
    // What was agreed to once does not excuse the next change of the same line.
    let private = excuse.replace("public", "private");
    change(&workspace, "permissions.yaml", excuse, &private);
    let base = commit(&workspace);
    change(&workspace, "permissions.yaml", &private, excuse);
    assert_eq!(lint(&workspace, &["--base", &base]), ["U-16"]);
}

#[test]
fn a_renamed_key_is_told() {
    let workspace = workspace();
    commit(&workspace);
    let text = std::fs::read_to_string(workspace.root().join(OUTAGE)).unwrap();
    std::fs::remove_file(workspace.root().join(OUTAGE)).unwrap();
    let renamed = text.replacen("key: service-outage", "key: outage", 1);
    workspace.write("playbooks/outage.yaml", renamed);
    assert_eq!(lint(&workspace, &["--base", "HEAD"]), ["P-02"]);
    assert_eq!(lint(&workspace, &[]), Vec::<String>::new());
}

#[test]
fn a_base_that_is_not_here_is_a_failure_with_advice() {
    let workspace = workspace();
    let outside = workspace.run(&["lint", "--base", "main"]);
    assert_snapshot!(outside.transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: could not compare with `main`: `[ROOT]` is in no git repository
    help: leave out `--base`
    ");
    let head = commit(&workspace);
    assert_snapshot!(workspace.run(&["lint", "--base", "origin/main"]).transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: could not compare with `origin/main`: there is no such commit here
    help: name a branch, a tag or a commit; a branch of the server is called `origin/NAME`
    ");
    workspace.write(".git/shallow", format!("{head}\n"));
    assert_snapshot!(workspace.run(&["lint", "--base", "HEAD~1"]).transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: could not compare with `HEAD~1`: there is no such commit here
    help: this clone is shallow: fetch the commit first, as with `git fetch --depth=1 origin COMMIT`, or clone with the whole history (`fetch-depth: 0` in GitHub Actions, `GIT_DEPTH: 0` in GitLab)
    ");
}

#[test]
fn mistakes_of_long_ago_hide_only_themselves() {
    let workspace = workspace();
    change(&workspace, OUTAGE, "title:", "tittle:");
    let base = commit(&workspace);
    change(&workspace, OUTAGE, "tittle:", "title:");
    change(
        &workspace,
        "permissions.yaml",
        "only_editors_edit: true",
        "only_editors_edit: false",
    );
    let ran = workspace.run(&["lint", "--base", &base]);
    let note = format!("the workspace had mistakes at {}", &base[..7]);
    assert!(ran.err.contains(&note), "{}", ran.err);
    assert!(ran.out.starts_with("warning[U-16]"), "{}", ran.out);
}
