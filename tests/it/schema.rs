//! The schemas: printed for editors, and understood by somebody else's validator.

use std::collections::BTreeSet;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use camino::{Utf8Path, Utf8PathBuf};
use insta::assert_snapshot;
use serde_json::Value;
use warroom::exit::ExitStatus;
use warroom::schema::Kind;

use crate::support::Warroom;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The schemas in a validator that shares nothing with ours.
struct Second {
    schemas: Schemas,
    indexes: Vec<(Kind, SchemaIndex)>,
}

impl Second {
    fn new() -> Self {
        let mut schemas = Schemas::new();
        let indexes = Kind::ALL.map(|kind| {
            let mut compiler = Compiler::new();
            compiler.set_default_draft(Draft::V2020_12);
            compiler.enable_format_assertions();
            let value = serde_json::from_str(kind.text()).unwrap();
            compiler.add_resource(kind.file_name(), value).unwrap();
            // Compiling also holds the schema against that of its draft.
            let index = compiler.compile(kind.file_name(), &mut schemas);
            let index = index.unwrap_or_else(|error| panic!("{kind:?}: {error:#}"));
            (kind, index)
        });
        Self {
            schemas,
            indexes: indexes.into(),
        }
    }

    /// What it says of a file, by its path; nothing of files that have no schema.
    fn refusal(&self, path: &str, text: &str) -> Option<String> {
        let kind = kind_of(path)?;
        let value: Value = serde_yaml::from_str(text).ok()?;
        let (_, index) = self.indexes.iter().find(|(known, _)| *known == kind)?;
        let refused = self.schemas.validate(&value, *index).err();
        refused.map(|error| error.to_string())
    }
}

fn kind_of(path: &str) -> Option<Kind> {
    match path {
        "warroom.yaml" => Some(Kind::Workspace),
        "permissions.yaml" => Some(Kind::Permissions),
        path if path.starts_with("playbooks/") => Some(Kind::Playbook),
        _ => None,
    }
}

/// The YAML files of a workspace in a folder.
fn files(folder: &Utf8Path) -> Vec<(String, String)> {
    let all = ignore::Walk::new(folder).map(|entry| entry.unwrap().into_path());
    let all = all.map(|path| Utf8PathBuf::from_path_buf(path).unwrap());
    let all = all.filter(|path| path.extension() == Some("yaml"));
    let all = all.map(|path| {
        let inside = path.strip_prefix(folder).unwrap().to_string();
        (inside, std::fs::read_to_string(path).unwrap())
    });
    all.filter(|(path, _)| kind_of(path).is_some()).collect()
}

#[test]
fn another_validator_takes_every_file_of_a_workspace_without_mistakes() {
    let second = Second::new();
    let written = Warroom::new();
    assert_eq!(written.run(&["init"]).status, ExitStatus::Done);
    let mut seen = 0;
    for folder in [
        written.root().to_owned(),
        format!("{ROOT}/tests/fixtures/example").into(),
        format!("{ROOT}/tests/fixtures/workspace").into(),
    ] {
        for (path, text) in files(&folder) {
            assert_eq!(second.refusal(&path, &text), None, "{folder}/{path}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} files were looked at");
}

#[test]
fn another_validator_refuses_what_ours_does() {
    /// What is left to us: forms of our own, keys that need each other, tags that other readers drop.
    const OURS: [&str; 5] = [
        "attribute-without-type",
        "hidden-export-folder",
        "tag",
        "template-outside",
        "too-long-duration",
    ];
    let second = Second::new();
    let (mut refused, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let folders = std::fs::read_dir(format!("{ROOT}/tests/fixtures/errors")).unwrap();
    for folder in folders {
        let folder = Utf8PathBuf::from_path_buf(folder.unwrap().path()).unwrap();
        let name = folder.file_name().unwrap().to_owned();
        let ran = Warroom::new()
            .copy(format!("{ROOT}/tests/fixtures/workspace"))
            .copy(&folder)
            .run(&["validate", "--format", "json"]);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let all: BTreeSet<&str> = findings
            .iter()
            .map(|finding| finding["file"].as_str().unwrap())
            .collect();
        let of_schema = |finding: &&Value| {
            let code = finding["code"].as_str().unwrap();
            ["Y-12", "Y-13", "Y-14", "Y-15", "P-09"].contains(&code)
        };
        let blamed: BTreeSet<&str> = findings
            .iter()
            .filter(of_schema)
            .map(|finding| finding["file"].as_str().unwrap())
            .collect();
        for (path, text) in files(&folder) {
            match second.refusal(&path, &text) {
                Some(why) => {
                    assert!(
                        all.contains(path.as_str()),
                        "only the other refuses {name}: {why}"
                    );
                    refused.insert(name.clone());
                }
                None if blamed.contains(path.as_str()) => {
                    taken.insert(name.clone());
                }
                None => {}
            }
        }
    }
    assert_eq!(taken, OURS.map(str::to_owned).into());
    assert!(refused.len() > 15, "only {refused:?} were refused");
}

#[test]
fn the_first_line_of_every_starter_file_leads_to_its_schema() {
    let warroom = Warroom::new();
    assert_eq!(warroom.run(&["init"]).status, ExitStatus::Done);
    let mut seen = 0;
    for (path, text) in files(warroom.root()) {
        let line = text.lines().next().unwrap();
        let schema = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        let folder = Utf8Path::new(&path).parent().unwrap();
        let schema = warroom.root().join(folder).join(schema);
        let found = std::fs::read_to_string(&schema).unwrap_or_else(|e| panic!("{schema}: {e}"));
        let kind = kind_of(&path).unwrap();
        let printed = warroom.run(&["schema", kind.name()]);
        assert_eq!(found, printed.out, "{path}");
        seen += 1;
    }
    assert!(seen > 4, "only {seen} files were looked at");
}

#[test]
fn schemas_are_listed_and_printed_without_a_workspace() {
    let warroom = Warroom::new();
    assert_snapshot!(warroom.run(&["schema"]).transcript(), @r"
    exit: 0
    --- stdout
    playbook     playbooks/**/*.yaml
    permissions  permissions.yaml
    workspace    warroom.yaml
    --- stderr
    `warroom schema KIND` prints one
    ");
    assert_snapshot!(warroom.run(&["schema", "--format", "json"]).out, @r#"
    {
      "version": 1,
      "schemas": [
        {
          "kind": "playbook",
          "files": "playbooks/**/*.yaml",
          "schema": "schema/playbook.schema.json",
          "description": "A file of `playbooks/`: how one kind of incident is handled."
        },
        {
          "kind": "permissions",
          "files": "permissions.yaml",
          "schema": "schema/permissions.schema.json",
          "description": "`permissions.yaml`: who may do what."
        },
        {
          "kind": "workspace",
          "files": "warroom.yaml",
          "schema": "schema/workspace.schema.json",
          "description": "`warroom.yaml`: what is true for every playbook of a workspace."
        }
      ]
    }
    "#);
    for format in ["human", "json"] {
        let ran = warroom.run(&["schema", "permissions", "--format", format]);
        assert_eq!(ran.out, Kind::Permissions.text());
        assert_eq!(ran.err, "");
    }
    assert_snapshot!(warroom.run(&["schema", "playbok"]).transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: there is no schema `playbok`
    help: did you mean `playbook`?
    ");
    assert_snapshot!(warroom.run(&["schema", "\u{1b}[2Jx"]).transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: there is no schema `?[2Jx`
    help: there are `playbook`, `permissions`, `workspace`
    ");
}
