//! What checks playbooks in CI: the files of `init --ci`, the action, the pre-commit hook.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser;
use insta::assert_snapshot;
use serde_yaml::Value;
use warroom::exit::ExitStatus;
use warroom::starter::Ci;

use crate::readme::assert_generated;
use crate::support::Warroom;

fn of_this_repository(path: &str) -> String {
    std::fs::read_to_string(Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What a service runs on everybody's changes.
fn checks(ci: Ci) -> String {
    ci.files().swap_remove(0).1
}

/// Every file that a CI service reads, ours and those we write for others.
fn all() -> Vec<(String, String)> {
    let ours = ["action.yml", ".github/workflows/ci.yml"];
    let ours = ours.map(|path| (path.to_owned(), of_this_repository(path)));
    let written = Ci::ALL.into_iter().flat_map(Ci::files);
    let written = written.map(|(path, text)| (path.to_owned(), text));
    ours.into_iter().chain(written).collect()
}

/// Every value under a key of that name, at any depth.
fn under<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                if key.as_str() == Some(name) {
                    found.push(value);
                }
                under(value, name, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| under(item, name, found)),
        _ => {}
    }
}

/// The texts under a key of that name in a file.
fn texts(text: &str, name: &str) -> Vec<String> {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let mut found = Vec::new();
    under(&value, name, &mut found);
    let texts = found.iter().map(|value| value.as_str().unwrap().to_owned());
    texts.collect()
}

#[test]
fn a_new_workspace_comes_with_the_workflow_of_github() {
    let warroom = Warroom::new();
    let ran = warroom.run(&[
        "init",
        "acme",
        "--ci",
        "github",
        "--playbook",
        "service-outage",
    ]);
    assert_snapshot!(ran.transcript());
    for (path, text) in Ci::GitHub.files() {
        let written = std::fs::read_to_string(warroom.root().join("acme").join(path)).unwrap();
        assert_eq!(written, text);
    }
}

#[test]
fn a_workspace_that_exists_gets_the_file_of_gitlab_alone() {
    let warroom = Warroom::new();
    warroom.run(&["init", "acme"]);
    let ran = warroom.run(&["init", "acme", "--ci", "gitlab"]);
    assert_snapshot!(ran.transcript());
    let text = std::fs::read_to_string(warroom.root().join("acme/.gitlab-ci.yml")).unwrap();
    assert_eq!(text, checks(Ci::GitLab));
}

#[test]
fn a_file_of_ci_is_never_overwritten() {
    let warroom = Warroom::new().file(".gitlab-ci.yml", "mine");
    let new = warroom.run(&["init", "--ci", "gitlab"]);
    assert_eq!(new.status, ExitStatus::Refused);
    assert!(!warroom.root().join("warroom.yaml").exists());
    warroom.run(&["init", "acme"]);
    warroom.write("acme/.gitlab-ci.yml", "mine too");
    let alone = warroom.run(&["init", "acme", "--ci", "gitlab"]);
    assert_snapshot!(format!("{}\n{}", new.transcript(), alone.transcript()));
    for (path, text) in [
        (".gitlab-ci.yml", "mine"),
        ("acme/.gitlab-ci.yml", "mine too"),
    ] {
        let found = std::fs::read_to_string(warroom.root().join(path)).unwrap();
        assert_eq!(found, text);
    }
}

#[test]
fn a_folder_inside_a_repository_is_told_where_the_file_belongs() {
    let warroom = Warroom::new().file(".git/HEAD", "");
    let ran = warroom.run(&[
        "init",
        "ops/playbooks",
        "--ci",
        "github",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let steps: Vec<&str> = report["next"].as_array().unwrap()[5..]
        .iter()
        .map(|step| step.as_str().unwrap())
        .collect();
    let steps = steps.join("\n").replace(warroom.root().as_str(), "[ROOT]");
    assert_snapshot!(steps);
}

#[test]
fn every_file_of_ci_can_be_read_and_keeps_the_rules_for_strangers_changes() {
    let pin = regex::Regex::new(r"^[\w./-]+@[0-9a-f]{40}$").unwrap();
    let pinned_line = regex::Regex::new(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    for (path, text) in all() {
        assert!(!text.contains("pull_request_target"), "{path}");
        // What has secrets runs what was merged, and nothing else.
        if text.contains("secrets.") {
            assert!(!text.contains("pull_request:"), "{path}");
        }
        let commands = match path.as_str() {
            // GitLab has variables of the shell only.
            ".gitlab-ci.yml" => vec![text.clone()],
            _ => texts(&text, "run"),
        };
        assert!(!commands.is_empty(), "{path}");
        for command in commands {
            assert!(!command.contains("${{"), "{path}: {command}");
        }
        for uses in texts(&text, "uses") {
            assert!(pin.is_match(&uses), "{path}: {uses}");
        }
        for line in text.lines().filter(|line| line.contains("uses: ")) {
            assert!(pinned_line.is_match(line), "{path}: {line}");
        }
    }
}

#[test]
fn the_workflow_may_only_read_and_leaves_no_token() {
    let workflow: Value = serde_yaml::from_str(&checks(Ci::GitHub)).unwrap();
    assert_eq!(
        workflow["permissions"],
        Value::Mapping(serde_yaml::Mapping::new())
    );
    let job = &workflow["jobs"]["lint"];
    assert_eq!(
        serde_yaml::to_string(&job["permissions"]).unwrap(),
        "contents: read\n"
    );
    let steps = job["steps"].as_sequence().unwrap();
    let step = |part: &str| {
        let named = |step: &Value| serde_yaml::to_string(step).unwrap().contains(part);
        steps.iter().position(named).unwrap()
    };
    let checkout = step("actions/checkout@");
    assert_eq!(
        steps[checkout]["with"]["persist-credentials"],
        Value::Bool(false)
    );
    assert!(
        step("cargo install") < checkout,
        "no file of a change chooses what is built"
    );
}

#[test]
fn what_the_files_run_finds_what_it_should() {
    let line = regex::Regex::new(r#"warroom --directory "\$WORKSPACE" (lint[a-z -]*)"#).unwrap();
    let warroom = Warroom::new();
    warroom.run(&["init", "acme"]);
    let mut ran = 0;
    for expected in [ExitStatus::Done, ExitStatus::Findings] {
        for ci in Ci::ALL {
            let text = checks(ci);
            for words in line.captures_iter(&text) {
                let arguments = ["-C", "acme"]
                    .into_iter()
                    .chain(words[1].split_whitespace());
                let done = warroom.run(&arguments.collect::<Vec<_>>());
                assert_eq!(
                    done.status, expected,
                    "{}\n{}{}",
                    &words[1], done.out, done.err
                );
                ran += 1;
            }
        }
        warroom.write("acme/permissions.yaml", "profiles: 1\n");
    }
    assert_eq!(
        ran, 8,
        "one command for GitHub, three for GitLab, each with and without a mistake"
    );
}

#[test]
fn every_command_line_of_the_files_is_understood() {
    let line = regex::Regex::new(r#"warroom --directory "\$WORKSPACE" ([^>|\n]+)"#).unwrap();
    let mut verbs = std::collections::BTreeSet::new();
    for (path, text) in Ci::ALL.into_iter().flat_map(Ci::files) {
        for words in line.captures_iter(&text) {
            let words = words[1]
                .split_whitespace()
                .map(|word| word.trim_matches('"'));
            let line: Vec<&str> = ["warroom"].into_iter().chain(words).collect();
            let parsed = warroom::cli::Cli::try_parse_from(&line);
            assert!(parsed.is_ok(), "{path}: {line:?}: {}", parsed.unwrap_err());
            verbs.insert(line[1].to_owned());
        }
    }
    let verbs: Vec<String> = verbs.into_iter().collect();
    assert_eq!(verbs, ["drift", "import", "lint", "plan", "sync"]);
}

#[test]
fn the_documentation_shows_the_files_that_init_writes() {
    for (page, name, text) in [
        ("docs/ci.md", "github", &Ci::GitHub.files()[0].1),
        ("docs/ci.md", "gitlab", &Ci::GitLab.files()[0].1),
        ("docs/gitops.md", "github-sync", &Ci::GitHub.files()[1].1),
    ] {
        assert_generated(page, name, &format!("```yaml\n{text}```\n"));
    }
}

#[test]
fn every_example_of_the_documentation_can_be_read() {
    let page = of_this_repository("docs/ci.md");
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).collect();
    assert!(blocks.len() > Ci::ALL.len());
    for block in blocks {
        let (text, _) = block.split_once("```").unwrap();
        let value: Value = serde_yaml::from_str(text).unwrap();
        assert!(value.is_mapping() || value.is_sequence(), "{text}");
    }
}

#[test]
fn the_files_install_this_version_with_a_rust_that_can_build_it() {
    for ci in Ci::ALL {
        let line = format!("WARROOM_VERSION: {}\n", env!("CARGO_PKG_VERSION"));
        for (path, text) in ci.files() {
            assert!(text.contains(&line), "{path}");
        }
    }
    let line = format!("image: rust:{}\n", env!("CARGO_PKG_RUST_VERSION"));
    assert!(checks(Ci::GitLab).contains(&line));
}

#[test]
fn the_documentation_names_every_input_of_the_action() {
    let action: Value = serde_yaml::from_str(&of_this_repository("action.yml")).unwrap();
    let page = of_this_repository("docs/ci.md");
    let inputs = action["inputs"].as_mapping().unwrap();
    assert!(!inputs.is_empty());
    for (name, _) in inputs {
        let row = format!("| `{}` |", name.as_str().unwrap());
        assert!(page.contains(&row), "docs/ci.md lacks {row}");
    }
}

#[test]
fn the_hook_runs_for_the_files_of_a_workspace_and_for_no_others() {
    let hooks: Value = serde_yaml::from_str(&of_this_repository(".pre-commit-hooks.yaml")).unwrap();
    let hook = &hooks[0];
    assert_eq!(hook["id"].as_str(), Some("warroom-lint"));
    assert_eq!(hook["pass_filenames"], Value::Bool(false));
    let line = format!("files: {}\n", hook["files"].as_str().unwrap());
    let page = of_this_repository("docs/ci.md");
    assert!(
        page.contains(&line),
        "docs/ci.md shows the same hook for an installed warroom"
    );
    let files = regex::Regex::new(hook["files"].as_str().unwrap()).unwrap();
    for path in [
        "warroom.yaml",
        "ops/permissions.yaml",
        "playbooks/service-outage.yaml",
        "templates/customer/update.md.j2",
    ] {
        assert!(files.is_match(path), "{path}");
    }
    for path in [
        "README.md",
        "my-warroom.yaml",
        "warroom.yaml.orig",
        "old-playbooks/x.yaml",
    ] {
        assert!(!files.is_match(path), "{path}");
    }
}

#[cfg(unix)]
mod action {
    //! The scripts of the action, with programs that only write down how they were called.

    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Output};

    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    /// A runner of GitHub with programs of our own.
    struct Runner {
        folder: Warroom,
    }

    impl Runner {
        fn new() -> Self {
            let runner = Self {
                folder: Warroom::new().file("temp/empty", "").file("calls", ""),
            };
            runner.program("cargo", "");
            runner.program("curl", "exit 22");
            runner.program("git", "");
            runner
        }

        fn path(&self, path: &str) -> Utf8PathBuf {
            self.folder.root().join(path)
        }

        /// A program that writes down its arguments, and then does this.
        fn program(&self, path: &str, then: &str) {
            let path = if path.contains('/') {
                path.to_owned()
            } else {
                format!("bin/{path}")
            };
            let name = path.rsplit('/').next().unwrap();
            let calls = self.path("calls");
            let script = format!("#!/bin/sh\necho \"{name} $*\" >> '{calls}'\n{then}\n");
            self.folder.write(&path, script);
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(self.path(&path), mode).unwrap();
        }

        /// The release of a tag: `git` knows its commit, `curl` brings its binary.
        fn released(&self, commit: &str) {
            self.program("git", &format!("printf '{commit}\\trefs/tags/v\\n'"));
            self.program("archived/warroom", "");
            let archive = self.path("archive.tar.gz");
            let packed = Command::new("tar")
                .args([
                    "-czf",
                    archive.as_str(),
                    "-C",
                    self.path("archived").as_str(),
                    "warroom",
                ])
                .status();
            assert!(packed.unwrap().success());
            let copy =
                format!("while [ \"$1\" != --output ]; do shift; done; cp '{archive}' \"$2\"");
            self.program("curl", &copy);
        }

        fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
            let path = format!("{}:/usr/bin:/bin", self.path("bin"));
            Command::new("bash")
                .arg(
                    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
                        .join("action")
                        .join(script),
                )
                .env_clear()
                .env("PATH", path)
                .env("RUNNER_TEMP", self.path("temp"))
                .env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"))
                .env("GITHUB_SERVER_URL", "https://github.example")
                .env("GITHUB_OUTPUT", self.path("output"))
                .envs(variables.iter().copied())
                .output()
                .unwrap()
        }

        fn install(&self, repository: &str, at: &str, version: &str) -> Output {
            self.run(
                "install.sh",
                &[
                    ("ACTION_REPOSITORY", repository),
                    ("ACTION_REF", at),
                    ("INPUT_VERSION", version),
                ],
            )
        }

        fn lint(&self, strict: &str, sarif: &str) -> Output {
            self.run(
                "lint.sh",
                &[("DIRECTORY", "-x y"), ("STRICT", strict), ("SARIF", sarif)],
            )
        }

        /// How programs were called, without paths of this machine.
        fn calls(&self) -> String {
            let calls = std::fs::read_to_string(self.path("calls")).unwrap();
            calls
                .replace(env!("CARGO_MANIFEST_DIR"), "[ACTION]")
                .replace(self.folder.root().as_str(), "[ROOT]")
                .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
        }
    }

    #[test]
    fn a_release_of_the_pinned_commit_is_taken() {
        let runner = Runner::new();
        runner.released(COMMIT);
        let done = runner.install("someone/warroom", COMMIT, "");
        assert!(done.status.success(), "{done:?}");
        assert!(runner.path("temp/warroom/bin/warroom").exists());
        assert!(!runner.calls().contains("cargo"), "{}", runner.calls());
    }

    #[test]
    fn a_release_of_another_commit_is_not_even_fetched() {
        let runner = Runner::new();
        runner.released(COMMIT);
        let done = runner.install("someone/warroom", &COMMIT.replace('0', "f"), "");
        assert!(done.status.success(), "{done:?}");
        assert_snapshot!(runner.calls());
    }

    #[test]
    fn without_a_release_the_source_of_the_action_is_built() {
        // Of a repository without releases, of a folder, and where it was asked for.
        for (repository, at, version) in [
            ("someone/warroom", "main", ""),
            ("", "", ""),
            ("someone/warroom", COMMIT, "source"),
        ] {
            let runner = Runner::new();
            let done = runner.install(repository, at, version);
            assert!(done.status.success(), "{done:?}");
            let last =
                "cargo install --locked --force --root [ROOT]/temp/warroom --path [ACTION]\n";
            assert!(runner.calls().ends_with(last), "{}", runner.calls());
            assert!(!runner.calls().contains("curl"), "{}", runner.calls());
        }
    }

    #[test]
    fn a_version_is_taken_from_its_release_or_built_from_its_tag() {
        let runner = Runner::new();
        let done = runner.install("someone/warroom", COMMIT, "9.8.7");
        assert!(done.status.success(), "{done:?}");
        let calls = runner.calls();
        assert!(
            calls.contains("/releases/download/v9.8.7/warroom-v9.8.7-"),
            "{calls}"
        );
        let last = "--git https://github.example/someone/warroom --tag v9.8.7 warroom\n";
        assert!(calls.ends_with(last), "{calls}");
        runner.released(COMMIT);
        let done = runner.install("someone/warroom", COMMIT, "9.8.7");
        assert!(done.status.success(), "{done:?}");
        assert_eq!(runner.calls().matches("cargo").count(), 1);
    }

    #[test]
    fn what_is_no_version_never_reaches_a_program() {
        for version in [
            "latest",
            "1.2",
            "1.2.3 --config x",
            "../1.2.3",
            "1.2.3\n::x::",
        ] {
            let runner = Runner::new();
            let done = runner.install("someone/warroom", COMMIT, version);
            assert_eq!(done.status.code(), Some(1), "{version}");
            assert_eq!(runner.calls(), "", "{version}");
            let said = String::from_utf8(done.stdout).unwrap();
            assert_eq!(
                said,
                "::error title=warroom::the input version takes a version such as 0.1.0, or source\n"
            );
        }
    }

    #[test]
    fn the_action_ends_as_lint_ends() {
        for (code, sarif, written) in [
            (0, "false", false),
            (0, "true", true),
            (2, "false", false),
            (2, "true", true),
            (1, "true", false),
            (64, "true", false),
        ] {
            let runner = Runner::new();
            runner.program("temp/warroom/bin/warroom", &format!("exit {code}"));
            let done = runner.lint("true", sarif);
            assert_eq!(done.status.code(), Some(code), "{done:?}");
            assert_eq!(runner.path("output").exists(), written, "{code} {sarif}");
            let first = "warroom lint --directory=-x y --strict --format github\n";
            assert!(runner.calls().starts_with(first), "{}", runner.calls());
        }
    }

    #[test]
    fn what_is_neither_true_nor_false_is_refused() {
        for (strict, sarif) in [("yes", "false"), ("false", "1"), ("", "")] {
            let runner = Runner::new();
            runner.program("temp/warroom/bin/warroom", "");
            let done = runner.lint(strict, sarif);
            assert_eq!(done.status.code(), Some(1), "{done:?}");
            assert_eq!(runner.calls(), "");
        }
    }
}

#[cfg(unix)]
mod drift {
    //! The scripts of the job that makes a pull request of drift: with the real program, a server,
    //! a repository to push to, and a `gh` that only writes down how it was called.

    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;
    use std::sync::Arc;

    use serde_json::json;
    use warroom::clock::SystemClock;
    use warroom::sandbox::{Options, Running, start};

    use super::*;

    const PLAYBOOK: &str = "\
# Whoever is on call begins here.
key: outage
title: Outage
access: open
checklists:
  - key: triage
    title: Triage
    tasks:
      - { key: confirm, title: Confirm the outage } # with the dashboard
";

    struct Runner {
        folder: Warroom,
        server: Running,
    }

    impl Runner {
        /// A repository whose playbooks are in step, with a remote, as a checkout leaves it.
        fn new() -> Self {
            let server = start(Options::local(Arc::new(SystemClock))).unwrap();
            let folder = Warroom::new()
                .in_the_present()
                .file(
                    "repository/warroom.yaml",
                    "format: 1\nworkspace: acme\nteam: ops\n",
                )
                .file(
                    "repository/permissions.yaml",
                    "profiles:\n  open:\n    playbook: { visibility: public, edit: [alice, bob] }\n    incident: { channel: public }\n",
                )
                .file("repository/playbooks/outage.yaml", PLAYBOOK)
                .file("temp/empty", "")
                .file("calls", "")
                .variable("WARROOM_SERVER", &server.url())
                .variable("WARROOM_TOKEN", &server.token("alice"));
            let runner = Self { folder, server };
            let root = runner.folder.root();
            let gh = format!(
                "#!/bin/sh\necho \"gh $*\" >> '{root}/calls'\ntest \"$1 $2\" != 'pr edit' || test -f '{root}/open'\n"
            );
            runner.folder.write("bin/gh", gh);
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(root.join("bin/gh"), mode).unwrap();
            std::fs::create_dir_all(root.join("home/warroom/bin")).unwrap();
            std::os::unix::fs::symlink(
                env!("CARGO_BIN_EXE_warroom"),
                root.join("home/warroom/bin/warroom"),
            )
            .unwrap();
            runner.git(&["init", "--quiet", "--bare", "../remote"]);
            runner.git(&["init", "--quiet", "--initial-branch", "main"]);
            runner.git(&["remote", "add", "origin", "../remote"]);
            runner.commit("The first");
            let synced = runner.folder.run(&["-C", "repository", "sync", "--yes"]);
            assert_eq!(synced.status, ExitStatus::Done, "{}", synced.err);
            runner
        }

        fn git(&self, arguments: &[&str]) -> String {
            let done = Command::new("git")
                .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
                .args(arguments)
                .current_dir(self.folder.root().join("repository"))
                .env("HOME", self.folder.root().join("home"))
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .output()
                .unwrap();
            assert!(done.status.success(), "{arguments:?}: {done:?}");
            String::from_utf8(done.stdout).unwrap()
        }

        fn commit(&self, message: &str) {
            self.git(&["add", "--all"]);
            self.git(&["commit", "--quiet", "--message", message]);
        }

        /// Somebody edits the playbook in the web app.
        fn edit(&self, edit: impl FnOnce(&mut serde_json::Value)) {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let base = format!("{}/plugins/playbooks/api/v0/playbooks", self.server.url());
            let token = self.server.token("bob");
            runtime.block_on(async {
                let list = client.get(&base).bearer_auth(&token).send().await.unwrap();
                let list: serde_json::Value = list.json().await.unwrap();
                let one = format!("{base}/{}", list["items"][0]["id"].as_str().unwrap());
                let found = client.get(&one).bearer_auth(&token).send().await.unwrap();
                let mut found: serde_json::Value = found.json().await.unwrap();
                edit(&mut found);
                let put = client.put(&one).bearer_auth(&token).json(&found);
                assert!(put.send().await.unwrap().status().is_success());
            });
        }

        /// Runs the job's scripts in order, each if its `if` holds; what `gh` was asked.
        fn job(&self) -> String {
            let root = self.folder.root();
            let workflow = &Ci::GitHub.files()[1].1;
            let workflow: Value = serde_yaml::from_str(workflow).unwrap();
            let steps = workflow["jobs"]["drift"]["steps"].as_sequence().unwrap();
            let look = steps.iter().position(|step| step["id"] == "look").unwrap();
            self.folder.write("output", "");
            self.folder.write("calls", "");
            for step in &steps[look..] {
                let found = std::fs::read_to_string(root.join("output")).unwrap();
                let asked = step.get("if").map(|condition| condition.as_str().unwrap());
                if asked.is_some_and(|asked| {
                    assert_eq!(asked, "steps.look.outputs.status == '2'");
                    found != "status=2\n"
                }) {
                    continue;
                }
                let done = Command::new("bash")
                    .args(["-eo", "pipefail", "-c", step["run"].as_str().unwrap()])
                    .current_dir(root.join("repository"))
                    .env_clear()
                    .env("PATH", format!("{}:/usr/bin:/bin", root.join("bin")))
                    .env("HOME", root.join("home"))
                    .env("WORKSPACE", ".")
                    .env("BASE", "main")
                    .env("WARROOM_SERVER", self.server.url())
                    .env("WARROOM_TOKEN", self.server.token("alice"))
                    .env("RUNNER_TEMP", root.join("temp"))
                    .env("GITHUB_STEP_SUMMARY", root.join("summary"))
                    .env("GITHUB_OUTPUT", root.join("output"))
                    .output()
                    .unwrap();
                assert!(done.status.success(), "{:?}: {done:?}", step["name"]);
            }
            let calls = std::fs::read_to_string(root.join("calls")).unwrap();
            calls.replace(root.as_str(), "[ROOT]")
        }

        /// How the pushed branch differs from the main one.
        fn pushed(&self) -> String {
            self.git(&["diff", "--unified=0", "main", "origin/warroom/drift"])
        }
    }

    #[test]
    fn nothing_is_pushed_where_nothing_was_edited() {
        let runner = Runner::new();
        assert_eq!(runner.job(), "");
        assert_eq!(runner.git(&["branch", "--all"]), "* main\n");
    }

    #[test]
    fn an_edit_becomes_one_pull_request_that_later_edits_update() {
        let runner = Runner::new();
        runner.edit(|playbook| playbook["title"] = json!("Outage of a service"));
        let calls = runner.job();
        assert_snapshot!(format!("{calls}\n{}", runner.pushed()));

        // The next morning: the pull request is open, and somebody edited more.
        runner.git(&["switch", "--quiet", "main"]);
        runner.git(&["branch", "--quiet", "-D", "warroom/drift"]);
        runner.folder.write("open", "");
        runner.edit(|playbook| {
            playbook["checklists"][0]["items"][0]["title"] = json!("Confirm it twice");
        });
        let calls = runner.job();
        assert_snapshot!(format!("{calls}\n{}", runner.pushed()));
    }
}
