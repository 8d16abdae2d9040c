//! The documentation tells the truth: generated parts are fresh, links lead
//! somewhere, and the commands of the README do what it says, in its order.

use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};
use warroom::clock::Clock;
use warroom::environment::VARIABLES;
use warroom::exit::ExitStatus;
use warroom::sandbox::{Options, Running, Seed, start};
use warroom::workspace::{Directory, load};

use crate::contract::pending::UNRECORDED;
use crate::support::Warroom;

fn root() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated part of a page with what the code says; `WARROOM_BLESS=1` writes it anew.
pub fn assert_generated(page: &str, name: &str, expected: &str) {
    static ONE_WRITER: Mutex<()> = Mutex::new(());
    let _guard = ONE_WRITER.lock();
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- begin:generated {name} -->\n");
    let end = format!("<!-- end:generated {name} -->");
    let (before, rest) = text.split_once(&begin).unwrap();
    let (found, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("WARROOM_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{expected}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, expected,
        "{page} is stale: WARROOM_BLESS=1 cargo test writes it anew"
    );
}

#[test]
fn the_exit_codes_of_the_documentation_are_those_of_the_code() {
    let rows = ExitStatus::ALL.map(|(_, code, meaning)| format!("| {code} | {meaning} |\n"));
    let table = format!("| code | meaning |\n|---|---|\n{}", rows.concat());
    assert_generated("docs/commands.md", "exit-codes", &table);
}

#[test]
fn the_variables_of_the_documentation_are_those_of_the_code() {
    let rows = VARIABLES.map(|(name, what)| format!("| `{name}` | {what} |\n"));
    let table = format!("| variable | is |\n|---|---|\n{}", rows.concat());
    assert_generated("docs/commands.md", "variables", &table);
}

#[test]
fn what_no_recording_shows_stands_in_the_documentation() {
    let list = UNRECORDED
        .map(|behaviour| format!("- {behaviour}\n"))
        .concat();
    assert_generated("docs/sandbox.md", "unrecorded", &list);
}

#[test]
fn every_link_between_pages_leads_to_a_file() {
    let mut pages: Vec<Utf8PathBuf> = root()
        .join("docs")
        .read_dir_utf8()
        .unwrap()
        .map(|e| e.unwrap().into_path())
        .collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|page| root().join(page)));
    let link = regex::Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    for page in pages.iter().filter(|page| page.extension() == Some("md")) {
        let text = std::fs::read_to_string(page).unwrap();
        for target in link.captures_iter(&text) {
            let target = page.parent().unwrap().join(&target[1]);
            assert!(
                target.exists(),
                "{page} links to {target}, which does not exist"
            );
        }
    }
}

#[test]
fn the_mistake_of_the_readme_looks_like_that() {
    let here = Warroom::new();
    here.run(&["init", "."]);
    let path = here.root().join("playbooks/service-outage.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replacen("assign: role:ops-lead", "assign: role:ops-led", 1),
    )
    .unwrap();
    let ran = here.run(&["validate"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    let block = format!("```console\n$ warroom validate\n{}```\n", ran.out);
    assert_generated("README.md", "mistake", &block);
}

/// The lines somebody types, in order, without the block that shows a mistake.
fn typed(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let (_, tour) = text.split_once("<!-- end:generated mistake -->").unwrap();
    let lines = tour.lines().filter_map(|line| line.strip_prefix("$ "));
    lines.map(str::to_owned).collect()
}

/// The words of a line as a shell splits it; double quotes only.
fn words(line: &str) -> Vec<String> {
    let word = regex::Regex::new(r#"(?:[^\s"]|"[^"]*")+"#).unwrap();
    word.find_iter(line)
        .map(|m| m.as_str().replace('"', ""))
        .collect()
}

/// Runs git as somebody whose machine knows nothing but a name.
fn git(folder: &Utf8Path, arguments: &[&str]) {
    let mut command = std::process::Command::new("git");
    let command = command.current_dir(folder).args(arguments);
    let status = command
        .env("GIT_CONFIG_GLOBAL", folder.join(".git/none"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
    if arguments[0] == "init" {
        let repository = git2::Repository::open(folder).unwrap();
        let mut config = repository.config().unwrap();
        config.set_str("user.name", "Reader").unwrap();
        config.set_str("user.email", "reader@example.com").unwrap();
    }
}

/// A sandbox with everybody whom the workspace in a folder names.
fn serve(folder: &Utf8Path, clock: Arc<dyn Clock>) -> Running {
    let loaded = load(&Directory::new(folder).unwrap()).unwrap();
    let workspace = loaded.workspace.unwrap();
    let playbooks = workspace.playbooks.iter().map(|loaded| &loaded.playbook);
    let seed =
        Seed::default().with_workspace(&workspace.settings, &workspace.permissions, playbooks);
    start(Options {
        seed,
        ..Options::local(clock)
    })
    .unwrap()
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    let here = Warroom::new();
    let mut folder = here.root().to_owned();
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut sandbox = None;
    let mut ran = 0;
    for line in typed("README.md") {
        let line = words(&line);
        let parts: Vec<&str> = line.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["cargo", ..] => assert!(
                ci.contains(&line.join(" ")),
                "CI does not run `{}`",
                line.join(" ")
            ),
            ["git", arguments @ ..] => git(&folder, arguments),
            ["cd", into] => folder.push(into),
            ["export", pairs @ ..] => {
                for pair in pairs {
                    let (name, value) = pair.split_once('=').unwrap();
                    let server: &Running = sandbox.as_ref().unwrap();
                    let value = value.replace("http://127.0.0.1:8065", &server.url());
                    variables.push((name.to_owned(), value));
                }
            }
            ["warroom", "sandbox", "--workspace", ".", "&"] => {
                sandbox = Some(serve(&folder, here.clock().clone()));
            }
            ["warroom", arguments @ ..] => {
                let mut arguments = arguments.to_vec();
                arguments.extend(["-C", folder.as_str()]);
                let variables: Vec<(&str, &str)> = variables
                    .iter()
                    .map(|(n, v)| (n.as_str(), v.as_str()))
                    .collect();
                let done = here.run_with(&variables, &arguments);
                let expected = match arguments[0] {
                    "plan" => ExitStatus::Findings,
                    _ => ExitStatus::Done,
                };
                assert_eq!(
                    done.status, expected,
                    "{arguments:?}\n{}{}",
                    done.out, done.err
                );
                ran += 1;
            }
            _ => panic!("the README types something unknown: {}", line.join(" ")),
        }
    }
    assert!(ran > 10, "the tour was followed");
}
