//! A workspace: discovery, loading, and what its files say about each other.
//!
//! Owns which files belong to a workspace, reading them within limits and never
//! outside its folder, and the checks that need more than one file. The same
//! loading serves a folder and a git commit: both are [`Files`]. Must not talk to
//! a server and must not print: mistakes are findings, all of them in one run.

mod at_commit;
mod check;
mod directory;
mod document;
mod load;
mod memo;
mod overlay;
mod replace;
mod survey;
mod text;
mod told;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::diag::{Finding, Span};
use crate::model::{Permissions, Playbook, Settings, TemplatePath};
use crate::yaml::Part;

pub use at_commit::Committed;
pub use directory::Directory;
pub use document::{Document, Placed, Tree};
pub use load::{check, check_again, load};
pub use memo::{Change, ChangeKind, Memo};
pub use overlay::Overlay;
pub use replace::ReplaceError;
pub use survey::{Outline, Surroundings, Survey, TemplateText, Visited, belongs, survey};
pub use told::told;

/// The file that makes a folder a workspace.
pub const SETTINGS: &str = "warroom.yaml";
/// The file that says who may do what.
pub const PERMISSIONS: &str = "permissions.yaml";
/// The folder of playbooks.
pub const PLAYBOOKS: &str = "playbooks";
/// The folder of templates.
pub const TEMPLATES: &str = "templates";

/// The most bytes of a file that are of interest: one more than it may have.
pub const READ_LIMIT: u64 = crate::yaml::MOST_BYTES as u64 + 1;

/// Where the files of a workspace come from: a folder, or a commit.
///
/// Several threads read at once.
pub trait Files: Sync + std::fmt::Debug {
    /// The files there are.
    ///
    /// May hold more than a workspace needs: [`survey`] alone decides what belongs to it.
    ///
    /// # Errors
    /// When nothing can be listed.
    fn list(&self) -> Result<Listing, WorkspaceError>;

    /// The contents of a file, or none if there is no such file.
    ///
    /// Files over [`READ_LIMIT`] may be cut off there. Links are never followed
    /// out of the workspace.
    ///
    /// # Errors
    /// [`WorkspaceError::Outside`] for a path that leads out of the workspace,
    /// [`WorkspaceError::Read`] when the file cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError>;
}

/// The files of a folder or a commit, in no particular order.
#[derive(Debug, Default)]
pub struct Listing {
    /// Their paths, relative to the workspace, with `/` as separator.
    pub files: Vec<String>,
    /// What could not be listed, each as the error of its path.
    pub problems: Vec<WorkspaceError>,
}

/// A workspace without mistakes.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// `warroom.yaml`.
    pub settings: Settings,
    /// `permissions.yaml`; empty where there is none.
    pub permissions: Permissions,
    /// The playbooks, ordered by path.
    pub playbooks: Vec<LoadedPlaybook>,
    /// The text of every template that is named somewhere or lies in `templates/`.
    pub templates: BTreeMap<TemplatePath, String>,
    /// The text of every YAML file by its path, to find places in.
    pub documents: BTreeMap<String, Document>,
}

/// A playbook and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedPlaybook {
    /// Its file, relative to the workspace.
    pub path: String,
    /// What it says.
    pub playbook: Playbook,
}

/// What loading found.
#[derive(Debug)]
pub struct Loaded {
    /// The workspace; none when a finding is an error.
    pub workspace: Option<Workspace>,
    /// Everything that is wrong, sorted by file and place.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
}

/// What checking found.
#[derive(Debug)]
pub struct Checked {
    /// Everything that is wrong, sorted by file and place.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
}

/// Says why a workspace could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no `warroom.yaml` here or above.
    #[error("found no `warroom.yaml` in `{start}` or a folder above it")]
    NotFound {
        /// The folder where the search began.
        start: Utf8PathBuf,
    },
    /// A file cannot be read.
    #[error("could not read `{path}`: {reason}")]
    Read {
        /// The file, relative to the workspace.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A file lies outside the workspace, or is no regular file.
    #[error("did not read `{path}`: {reason}")]
    Outside {
        /// The file, relative to the workspace.
        path: String,
        /// Which of the two.
        reason: &'static str,
    },
}

impl Workspace {
    /// The playbook of that key.
    #[must_use]
    pub fn playbook(&self, key: &str) -> Option<&LoadedPlaybook> {
        let mut playbooks = self.playbooks.iter();
        playbooks.find(|loaded| loaded.playbook.key.as_str() == key)
    }

    /// The place of a JSON pointer in a YAML file of the workspace.
    #[must_use]
    pub fn place(&self, path: &str, pointer: &str, part: Part) -> Span {
        let document = self.documents.get(path);
        document.map_or_else(Span::default, |document| document.place(pointer, part))
    }
}

/// The folder of the workspace that holds `start`: the nearest one with a `warroom.yaml`.
///
/// # Errors
/// [`WorkspaceError::NotFound`] when there is none up to the root of the file system.
pub fn find_root(start: &Utf8Path) -> Result<Utf8PathBuf, WorkspaceError> {
    start
        .ancestors()
        .find(|folder| folder.join(SETTINGS).is_file())
        .map(Utf8Path::to_owned)
        .ok_or_else(|| WorkspaceError::NotFound {
            start: start.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::diag::Code;

    /// Files in memory, as a commit would give them.
    #[derive(Debug)]
    struct Memory(BTreeMap<String, Vec<u8>>);

    impl Memory {
        fn of(files: &[(&str, &str)]) -> Self {
            let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).into());
            Self(files.iter().map(owned).collect())
        }
    }

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

    const SETTINGS_TEXT: &str = "format: 1\nworkspace: acme\nteam: ops\n";
    const PERMISSIONS_TEXT: &str = "profiles: { all: {} }\n";

    fn playbook(key: &str) -> String {
        format!("key: {key}\ntitle: {key}\naccess: all\nchecklists: []\n")
    }

    #[test]
    fn only_the_files_of_a_workspace_are_read() {
        let outage = playbook("outage");
        let files = Memory::of(&[
            ("warroom.yaml", SETTINGS_TEXT),
            ("permissions.yaml", PERMISSIONS_TEXT),
            ("playbooks/outage.yaml", &outage),
            ("playbooks/README.md", "# not a playbook"),
            ("templates/x.md.j2", "x"),
            ("src/broken.yaml", "["),
            ("incidents/2026/warroom.yaml", "["),
        ]);
        let loaded = load(&files).unwrap();
        let workspace = loaded.workspace.unwrap();
        assert_eq!(loaded.files, 4);
        assert_eq!(workspace.playbooks[0].path, "playbooks/outage.yaml");
        assert_eq!(workspace.playbook("outage"), workspace.playbooks.first());
        assert_eq!(workspace.templates.len(), 1);
        let place = workspace.place("playbooks/outage.yaml", "/access", Part::Value);
        assert_eq!(&outage[place.range()], "all");
    }

    #[test]
    fn templates_elsewhere_are_read_when_a_file_names_them() {
        let settings = format!("{SETTINGS_TEXT}templates: {{ postmortem: docs/post.md.j2 }}\n");
        let files = Memory::of(&[
            ("warroom.yaml", &settings),
            ("docs/post.md.j2", "# {{ incident.name | md }}\n"),
            ("docs/other.md.j2", "{% broken"),
        ]);
        let workspace = load(&files).unwrap().workspace.unwrap();
        let paths: Vec<_> = workspace
            .templates
            .keys()
            .map(TemplatePath::as_str)
            .collect();
        assert_eq!(paths, ["docs/post.md.j2"]);
    }

    #[test]
    fn hidden_files_and_folders_are_no_part_of_a_workspace_whoever_lists_them() {
        let outage = playbook("outage");
        let update = outage.clone() + "updates: { template: templates/.x.md.j2, every: 1h }\n";
        let files = |outage: &str| {
            Memory::of(&[
                ("warroom.yaml", SETTINGS_TEXT),
                ("permissions.yaml", PERMISSIONS_TEXT),
                ("playbooks/outage.yaml", outage),
                ("playbooks/.broken.yaml", "["),
                ("playbooks/.git/broken.yaml", "["),
                ("templates/.x.md.j2", "{% broken"),
            ])
        };
        let loaded = load(&files(&outage)).unwrap();
        assert_eq!(loaded.files, 3);
        assert!(loaded.workspace.is_some(), "{:?}", loaded.findings);
        let named = load(&files(&update)).unwrap();
        let messages: Vec<_> = named.findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(
            messages,
            ["`templates/.x.md.j2` is hidden, and hidden files are not part of a workspace"]
        );
    }

    #[test]
    fn a_file_with_more_mistakes_than_people_read_says_how_many_more() {
        let mut outage = playbook("outage");
        for n in 0..300 {
            writeln!(outage, "key-{n}: x").unwrap();
        }
        let files = Memory::of(&[
            ("warroom.yaml", SETTINGS_TEXT),
            ("permissions.yaml", PERMISSIONS_TEXT),
            ("playbooks/outage.yaml", &outage),
            ("playbooks/x.yaml", "["),
        ]);
        let findings = load(&files).unwrap().findings;
        assert_eq!(findings.len(), 102);
        assert_eq!(findings[100].code, Code::MoreFindings);
        assert_eq!(
            findings[100].message,
            "there are 200 more findings in this file"
        );
    }

    #[test]
    fn without_settings_there_is_no_workspace() {
        let files = Memory::of(&[("permissions.yaml", PERMISSIONS_TEXT)]);
        assert!(matches!(load(&files), Err(WorkspaceError::NotFound { .. })));
    }

    #[test]
    fn broken_files_do_not_make_others_look_wrong() {
        let outage = playbook("outage").replace("all", "nobody-knows");
        let files = Memory::of(&[
            ("warroom.yaml", "[\n"),
            ("permissions.yaml", "[\n"),
            ("playbooks/outage.yaml", &outage),
        ]);
        let codes: Vec<_> = load(&files)
            .unwrap()
            .findings
            .iter()
            .map(|f| f.code)
            .collect();
        assert_eq!(codes, [Code::InvalidYaml, Code::InvalidYaml]);
    }

    #[test]
    fn a_thousand_mistakes_are_a_thousand_findings_in_order() {
        let mut texts = vec![
            ("warroom.yaml".to_owned(), SETTINGS_TEXT.to_owned()),
            ("permissions.yaml".to_owned(), PERMISSIONS_TEXT.to_owned()),
        ];
        for n in 0..1_000 {
            let text = playbook(&format!("p{n}")).replace("checklists", "checklist");
            texts.push((format!("playbooks/p{n}.yaml"), text));
        }
        let files: Vec<_> = texts
            .iter()
            .map(|(p, t)| (p.as_str(), t.as_str()))
            .collect();
        let loaded = load(&Memory::of(&files)).unwrap();
        assert!(loaded.workspace.is_none());
        assert_eq!(loaded.findings.len(), 1_000);
        let names = loaded.findings.iter().map(|finding| finding.source.name());
        assert!(names.is_sorted());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_loading_panic(bytes: Vec<u8>, path in "(playbooks|templates)/x\\.(yaml|md\\.j2)") {
            let mut files = Memory::of(&[("warroom.yaml", SETTINGS_TEXT)]);
            files.0.insert(path, bytes);
            let loaded = load(&files).unwrap();
            for finding in &loaded.findings {
                let text = finding.source.text();
                proptest::prop_assert!(text.get(finding.span.range()).is_some());
            }
        }
    }

    #[test]
    fn the_nearest_folder_with_settings_is_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs_err::create_dir_all(root.join("inner/deep")).unwrap();
        let inner = root.join("inner");
        assert!(find_root(&inner.join("deep")).is_err());
        fs_err::write(root.join(SETTINGS), SETTINGS_TEXT).unwrap();
        assert_eq!(find_root(&inner.join("deep")).unwrap(), root);
        fs_err::write(inner.join(SETTINGS), SETTINGS_TEXT).unwrap();
        assert_eq!(find_root(&inner.join("deep")).unwrap(), inner);
    }
}
