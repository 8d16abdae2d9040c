//! The documentation tells the truth: generated parts are fresh, links lead somewhere.

use camino::{Utf8Path, Utf8PathBuf};
use warroom::environment::VARIABLES;
use warroom::exit::ExitStatus;

fn root() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated part of a page with what the code says; `WARROOM_BLESS=1` writes it anew.
fn assert_generated(page: &str, name: &str, expected: &str) {
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
