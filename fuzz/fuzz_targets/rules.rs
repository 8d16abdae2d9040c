//! Any text as the files of a workspace: loaded, every rule run over it, and the report
//! written in every format.
#![no_main]

use std::collections::BTreeMap;

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use warroom::diag::Level;
use warroom::lint;
use warroom::ui::Style;
use warroom::ui::report::{self, Format};
use warroom::workspace::{self, Files, Listing, WorkspaceError};

/// What stands in a file that the input leaves empty: the input alone is a playbook.
const FILES: [(&str, &str); 4] = [
    (
        "playbooks/fuzz.yaml",
        "key: outage\ntitle: Outage\naccess: all\nchecklists: []\n",
    ),
    ("templates/fuzz.j2", "{{ incident.title | md }}\n"),
    ("permissions.yaml", "profiles: { all: {} }\n"),
    ("warroom.yaml", "format: 1\nworkspace: acme\nteam: ops\n"),
];

const FORMATS: [Format; 6] = [
    Format::Human,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
];

fuzz_target!(|bytes: &[u8]| {
    // No file needs a form feed: it ends one and begins the next.
    let mut texts = bytes.split(|byte| *byte == b'\x0c');
    let files = Memory(
        FILES
            .iter()
            .map(|(path, text)| {
                let given = texts.next().filter(|given| !given.is_empty());
                ((*path).to_owned(), given.unwrap_or(text.as_bytes()).to_vec())
            })
            .collect(),
    );
    let linted = lint::run(&files, None, date(2026, 11, 21)).expect("there is a `warroom.yaml`");
    for format in FORMATS {
        let _ = report::render(linted.findings.as_slice(), format, "", Style::PLAIN);
    }
    let _ = report::summary(&linted.findings, linted.files);
    // What lint finds nothing wrong with can be loaded.
    let is_error = |level| level == Level::Error;
    if !linted.findings.iter().any(|finding| is_error(finding.level)) {
        let loaded = workspace::load(&files).expect("there is a `warroom.yaml`");
        assert!(loaded.workspace.is_some(), "{:?}", loaded.findings);
    }
});

#[derive(Debug)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: self.0.keys().cloned().collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(self.0.get(path).cloned())
    }
}
